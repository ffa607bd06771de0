"""What both clients do with httpx: how it is set up, and what its answers and errors mean."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from trastienda import __version__
from trastienda.clients.sdk.calls import Answer, Request
from trastienda.clients.sdk.conversation import Failure
from trastienda.clients.sdk.events import EVENT_STREAM

KEEP_ALIVE_S = 3.0
"""Less than the five seconds after which the shop closes an idle connection, so that no
call is sent on one that is just being closed."""
SILENCE_S = 60.0
"""How long a stream may be silent before its line is taken for broken. The shop gives a sign
of life every 20 seconds."""
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
)


def address_of(base_url: str) -> str:
    """Return the address of a shop; raise ValueError for what is none."""
    if httpx.URL(base_url).scheme not in {"http", "https"}:
        raise ValueError(
            f"{base_url!r} is no address of a shop, as http://127.0.0.1:5000 is"
        )
    return base_url.rstrip("/")


def http_settings(
    timeout_s: float,
    verify: bool | str | Path | ssl.SSLContext,
) -> dict[str, Any]:
    """Return the arguments of a client of httpx."""
    if isinstance(verify, str | Path):
        verify = ssl.create_default_context(cafile=verify)
    return {
        "timeout": timeout_s,
        "verify": verify,
        "headers": {"User-Agent": f"trastienda-sdk/{__version__}"},
        "limits": httpx.Limits(keepalive_expiry=KEEP_ALIVE_S),
    }


def stream_request(
    http: httpx.Client | httpx.AsyncClient,
    address: str,
    request: Request,
) -> httpx.Request:
    """Return a request whose answer goes on without an end."""
    usual = http.timeout
    read_s = max(SILENCE_S, usual.read or SILENCE_S)
    return http.build_request(
        request.method,
        address + request.path,
        headers=dict(request.headers),
        timeout=httpx.Timeout(usual.connect, read=read_s),
    )


def failure(error: httpx.RequestError) -> Failure:
    """Return what an error of the connection means; raise ValueError for an invalid
    request."""
    if isinstance(error, httpx.LocalProtocolError):  # such as a key with a line break
        raise ValueError(str(error)) from error
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    is_untrusted = cause is not None
    return Failure(
        error, arrived=not isinstance(error, _NEVER_SENT), hopeless=is_untrusted
    )


def is_stream(response: httpx.Response) -> bool:
    """Tell whether an answer goes on without an end."""
    media = response.headers.get("content-type", "").partition(";")[0]
    return response.is_success and media.strip() == EVENT_STREAM


def answer(response: httpx.Response) -> Answer:
    """Return an answer that was read; of one that goes on, its head."""
    headers: Mapping[str, str] = dict(response.headers)
    content = b"" if is_stream(response) else response.content
    return Answer(response.status_code, headers, content)
