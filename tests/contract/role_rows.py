"""Rows of the table of roles: a call, and what is answered to each of those who may come."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.contract.role_scene import SALES, Scene


class Row(NamedTuple):
    """A call, and what is answered to each of KNOWN, in their order; None where it would end the
    sessions of the scene. ``call`` makes the path and the body of one cell."""

    route: str
    call: Callable[[Scene], tuple[str, Any]]
    statuses: tuple[int | None, ...]


ALL, STAFF, ADMINISTRATOR = (200,) * 4, (403, 403, 200, 200), (403, 403, 403, 200)


def on(path: str, body: Any = None) -> Callable[[Scene], tuple[str, Any]]:
    return lambda scene: (path, body)


def by_sale(route: str, path: str) -> list[Row]:
    """A row for each sale: staff open any, a Cliente those in their list."""

    def call(name: str) -> Callable[[Scene], tuple[str, Any]]:
        return lambda scene: (path.format(scene.sales[name]), None)

    return [
        Row(route, call(name), (404, 200 if "Cliente" in listed else 404, 200, 200))
        for name, (_, _, _, listed) in SALES.items()
    ]


def by_person(
    route: str, body: Any, cells: dict[str, Any], behind: str = ""
) -> list[Row]:
    """A row for each person that the call is about; ``behind``: what follows them in the path."""

    def call(name: str) -> Callable[[Scene], tuple[str, Any]]:
        return lambda scene: (f"/users/{scene.ruts[name]}{behind}", body)

    return [Row(route, call(name), statuses) for name, statuses in cells.items()]


def notified(whose: str) -> Callable[[Scene], tuple[str, Any]]:
    return lambda scene: (f"/notificaciones/{scene.notification(whose)}/visto", None)
