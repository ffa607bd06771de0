"""Files of pages, served from memory.

Which there are, their types, and when a browser's copy is still good.
"""

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from msgspec import Struct

from trastienda.domain.errors import NotFound
from trastienda.servers.http.answers import Answer, Headers
from trastienda.servers.http.compression import pack

CONTENT_TYPES = {
    "css": b"text/css; charset=utf-8",
    "html": b"text/html; charset=utf-8",
    "js": b"text/javascript; charset=utf-8",
}


class Asset(Struct, frozen=True):
    """A file, its type, and the hash of its content as an ETag.

    The ETag is a weak one: packed or not, it is the same file.
    """

    content: bytes
    packed: bytes
    content_type: bytes
    etag: bytes

    @classmethod
    def of(
        cls,
        content: bytes,
        content_type: bytes,
    ) -> "Asset":
        """Return a file with this content; packing it takes a while."""
        digest = hashlib.sha256(content).hexdigest()
        etag = f'W/"{digest[:32]}"'
        return cls(content, pack(content), content_type, etag.encode())

    def answer(
        self,
        if_none_match: bytes | None,
        headers: Headers,
    ) -> Answer:
        """Return the file, or 304 where the browser has this very content."""
        headers = [(b"etag", self.etag), *headers]
        is_known = if_none_match is not None and self.etag in if_none_match
        if is_known:
            return Answer(304, headers=headers, content_type=self.content_type)
        return Answer(200, self.content, headers, self.content_type, self.packed)


class Assets:
    """The files of a folder that may be served.

    Each is read and packed once, when it is first asked for.
    """

    def __init__(
        self,
        folder: Traversable,
        names: frozenset[str],
    ) -> None:
        self._folder = folder
        self._names = names
        self._read = cache(self._read_file)

    def get(self, name: str) -> Asset:
        """Return the file of this name; raise NotFound where it is not to be served."""
        if name not in self._names:
            raise NotFound
        return self._read(name)

    def _read_file(self, name: str) -> Asset:
        content = self._folder.joinpath(name).read_bytes()
        _, _, ending = name.rpartition(".")
        return Asset.of(content, CONTENT_TYPES[ending])


_STATIC = files("trastienda.servers.http").joinpath("static")

PAGES = Assets(_STATIC, frozenset({"docs.html", "home.html"}))
"""Pages, each of which has a route of its own."""
DOCS_FILES = Assets(
    _STATIC, frozenset({"docs.js", "swagger-ui-bundle.js", "swagger-ui.css"})
)
"""What the page of documents needs."""
