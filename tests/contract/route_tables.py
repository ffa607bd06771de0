"""The parts of the pages that the table of routes and the shapes of the wire write."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.harness.sdk_calls import methods_by_route

from trastienda.servers.http import problems
from trastienda.servers.http.answers import Answer
from trastienda.servers.http.app import ROUTES
from trastienda.servers.http.exchange import Route
from trastienda.servers.http.openapi import document
from trastienda.servers.http.parameters import query_parameters
from trastienda.wire import refusals

PAGE = Path(__file__).resolve().parents[2] / "docs" / "http-api.md"
UNWRITTEN = "…"
WORDS_IN_CELL = 20
"""Words that a cell lists; all refusals have a table of their own."""

OPENAPI: dict[str, Any] = json.loads(document(ROUTES))
SHAPES: dict[str, dict[str, Any]] = {
    name: schema
    for name, schema in OPENAPI["components"]["schemas"].items()
    if not name.startswith("PaginaDe")
}
BY_NAME = {f"{route.method} {route.path}": route for route in ROUTES}

_ROUTE = re.compile(r"<!-- route: ([^>]+) -->\n(.*?)<!-- end -->", re.DOTALL)
_WHO = re.compile(r"\*\*for\*\* ([^·\n]+)")


def callers() -> dict[str, frozenset[str]]:
    """Who may call each route, as the page says it by hand.

    Nobody in particular where anyone may.
    """
    text = PAGE.read_text("utf-8")
    roles = {}
    for name, line in _ROUTE.findall(text):
        who = _who(line)
        roles[name] = frozenset() if who == "anyone" else frozenset(who.split(", "))
    return roles


def _who(line: str) -> str:
    match = _WHO.match(line)
    return UNWRITTEN if match is None else match[1].strip()


def _refusals() -> Iterator[tuple[str, ...]]:
    yield "`codigo`", "status", "title", "when*"
    titles = {
        (entry.status, entry.code): entry.title
        for entry in reversed(refusals.TABLE.values())
    }
    answers = [
        *vars(problems).values(),
        problems.method_answer(["GET"]),
        problems.failed_answer("7F3A"),
        problems.host_answer("tienda.cl"),
        problems.origin_answer("https://tienda.cl"),
    ]
    for answer in answers:
        if isinstance(answer, Answer):
            body = json.loads(answer.body)
            titles.setdefault((answer.status, body["codigo"]), body["title"])
    for (status, code), title in sorted(titles.items()):
        yield f"`{code}`", str(status), title, ""


def _filters() -> Iterator[tuple[str, ...]]:
    yield "parameter", "meaning*"
    names = {
        row.name
        for route in ROUTES
        for row in query_parameters(route.query, listed=route.listed)
    }
    for name in sorted(names):
        yield f"`{name}`", ""


def _fields() -> Iterator[tuple[str, ...]]:
    yield "field", "meaning*"
    names = {name for shape in SHAPES.values() for name in shape.get("properties", ())}
    for name in sorted(names):
        yield f"`{name}`", ""


TABLES: dict[str, Callable[[], Iterator[tuple[str, ...]]]] = {
    "refusals": _refusals,
    "filters": _filters,
    "fields": _fields,
}


def _link(schema: dict[str, Any]) -> str:
    """What a value may be, with links to the shapes."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if schema.get("type") == "array":
        return f"list of {_link(schema['items'])}"
    if "enum" in schema and len(schema["enum"]) < WORDS_IN_CELL:
        return " ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        kinds = dict.fromkeys(_link(kind) for kind in schema["anyOf"])
        return " or ".join(kinds).replace("integer or number", "number")
    kind = str(schema.get("type", "anything"))
    return {"string": "text", "boolean": "true or false"}.get(kind, kind)


def _link_to(shape: type) -> str:
    return _link({"$ref": "/" + shape.__name__})


def shape_table(name: str) -> str:
    """The fields of a shape."""
    shape = SHAPES[name]
    if "properties" not in shape:
        return f"{_link(shape)}\n"
    lines = ["| field | holds | needed |", "| --- | --- | --- |"]
    for field, schema in shape["properties"].items():
        needed = "yes" if field in shape["required"] else "no"
        if "default" in schema:
            needed = f"no: `{json.dumps(schema['default'])}`"
        lines.append(f"| `{field}` | {_link(schema)} | {needed} |")
    return "\n".join(lines) + "\n"


def route_line(name: str, before: str) -> str:
    """One line: who may call (written by hand), what goes in, what comes out, and what
    may be refused."""
    route = BY_NAME[name]
    operation = OPENAPI["paths"].get(route.path, {}).get(route.method.lower())
    parts = [f"**for** {_who(before)}"]
    if route.body is not None:
        parts.append(f"**body** {_link_to(route.body)}")
    if route.summary:
        parts.append(f"**answer** {route.status} {_answer(route)}".rstrip())
    if route.also:
        parts.append(f"**also as** {_quoted(route.also)}")
    if operation is not None:
        parts += _parameters(operation["parameters"])
    if headers := _headers(route):
        parts.append(f"**gives** {_quoted(headers)}")
    if operation is not None:
        statuses = [status for status in operation["responses"] if int(status) >= 400]
        parts.append(f"**refusals** {' '.join(statuses)}")
    if methods := [method for method in methods_by_route().get(name, []) if method]:
        parts.append(f"**SDK** {_quoted(methods)}")
    return " · ".join(parts) + "\n"


def _quoted(names: Any) -> str:
    return " ".join(f"`{name}`" for name in names)


def _answer(route: Route) -> str:
    if isinstance(route.answer, type) and route.answer is not dict:
        link = _link_to(route.answer)
        return f"page of {link}" if route.listed else link
    return f"`{route.media}`" if route.media and route.status != 204 else ""


def _parameters(parameters: list[dict[str, Any]]) -> Iterator[str]:
    for place, word in (("query", "filters"), ("header", "headers")):
        names = [row["name"] for row in parameters if row["in"] == place]
        if names:
            yield f"**{word}** {_quoted(names)}"


def _headers(route: Route) -> list[str]:
    headers = []
    if route.snapshot:
        headers.append("Trastienda-N")
    if route.idempotent:
        headers.append("Idempotency-Replayed")
    return headers
