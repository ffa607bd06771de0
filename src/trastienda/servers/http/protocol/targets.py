"""What the target of a request says of the host that is meant."""

import re

_HOST_OF_TARGET = re.compile(rb"[a-z][a-z0-9+.-]*://([^/?#]*)", re.IGNORECASE)


def put_host(
    target: bytes,
    headers: list[tuple[bytes, bytes]],
    version: str,
) -> None:
    """Let the host in a target such as ``http://shop/x`` stand for ``Host``.

    It is the one that counts (RFC 9112, 3.2.2).
    """
    match = _HOST_OF_TARGET.match(target)
    if match is None:
        return
    names = [name for name, _ in headers]
    if b"host" not in names and version == "1.0":
        headers.append((b"host", b""))
    for index, (name, _) in enumerate(headers):
        if name == b"host":
            headers[index] = name, match[1]
