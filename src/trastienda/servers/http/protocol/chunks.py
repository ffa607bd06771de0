"""A body whose length nobody knows yet: what is written goes out as its next chunk."""

from collections.abc import Sequence

from trastienda.servers.http.protocol.gathering import Gathering


class Chunks:
    """What an outbox is emptied into, behind the head of an answer (RFC 9112, 7.1)."""

    __slots__ = ("_gathering",)

    def __init__(self, gathering: Gathering) -> None:
        self._gathering = gathering

    def write(self, data: bytes) -> None:
        """Send bytes as a chunk; an empty one would be the end."""
        self.writelines([data])

    def writelines(self, parts: Sequence[bytes]) -> None:
        """Send several bytes as one chunk."""
        size = sum(map(len, parts))
        chunk = b"".join((b"%x\r\n" % size, *parts, b"\r\n"))
        self._gathering.write(chunk)

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait to be sent."""
        return self._gathering.unsent

    def is_closing(self) -> bool:
        """Tell whether nothing is sent any more."""
        return self._gathering.transport.is_closing()
