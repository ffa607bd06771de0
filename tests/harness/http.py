"""Bare HTTP, for tests about statuses, headers and malformed calls; behaviour is tried with
the SDK."""

from typing import Any

import httpx
from tests.harness.server import ServerProcess

PROBLEM = "application/problem+json"


class Caller(httpx.Client):
    """Somebody who calls: a client that carries their token. Headers given to a call stand
    beside it."""

    def __init__(self, server: ServerProcess, token: str | None = None) -> None:
        super().__init__(base_url=server.url, timeout=60)
        self.token: str | None = None
        if token is not None:
            self.identify(token)

    def identify(self, token: str) -> None:
        """Call with this token from now on."""
        self.token = token
        self.headers["Authorization"] = f"Bearer {token}"

    def request(self, method: str, url: Any, **more: Any) -> httpx.Response:
        """Call; a body that is given as bytes says that it is JSON, unless told otherwise."""
        if more.get("content") is not None:
            headers = httpx.Headers({"Content-Type": "application/json"})
            headers.update(more.get("headers"))
            more["headers"] = headers
        return super().request(method, url, **more)

    def ok(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        **more: Any,
    ) -> Any:
        """Call, expect success, and return the JSON."""
        if key is not None:
            more["headers"] = {"Idempotency-Key": key} | dict(more.get("headers", {}))
        answer = self.request(method, path, json=body, **more)
        assert answer.is_success, answer.text
        return answer.json()

    def all(self, path: str, **query: Any) -> list[Any]:
        """Every item of a list, page after page."""
        rows: list[Any] = []
        while True:
            page = self.ok("GET", path, params=query)
            rows += page["datos"]
            if page["siguiente"] is None:
                return rows
            query["cursor"] = page["siguiente"]


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Expect a refusal, told as RFC 9457 wants it; return its body."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM), (
        answer.text
    )
    problem: dict[str, Any] = answer.json()
    assert problem["codigo"] == code, problem
    assert problem["status"] == status
    assert all(
        isinstance(problem[name], str) and problem[name]
        for name in ("type", "title", "detail")
    )
    assert ("www-authenticate" in answer.headers) == (status == 401)
    return problem


def unfit(answer: httpx.Response, *fields: str) -> dict[str, str]:
    """Expect 422 naming exactly these fields; return the reasons."""
    told: dict[str, str] = refused(answer, 422, "datos_invalidos")["campos"]
    assert set(told) == set(fields), told
    return told


def order(*lines: tuple[str, float | None], **more: Any) -> dict[str, Any]:
    """The body of a sale; a quantity None is left out."""
    return {
        "detalle": [
            {"codigo_barras": code}
            if quantity is None
            else {"codigo_barras": code, "cantidad": quantity}
            for code, quantity in lines
        ],
        **more,
    }
