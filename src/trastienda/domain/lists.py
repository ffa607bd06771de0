"""Lists: what may be asked of one, and a page of it."""

from typing import Generic, TypeVar

from msgspec import Struct

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
"""Rows in a page; a hundred kilobytes of JSON at most, so that a long list never holds
the others back.
"""

Item = TypeVar("Item")


class Window(Struct, frozen=True, kw_only=True):
    """Which part of a list: ``from_ms <= at < until_ms``, after ``cursor``, at most
    ``limit``; ``search`` in texts. ``counted``: with how many there are in all.
    """

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    from_ms: int | None = None
    until_ms: int | None = None
    search: str | None = None
    counted: bool = False


class Page(Struct, Generic[Item], frozen=True):
    """Some items in order, newest first unless another was asked for.

    With the cursor of the next page, if there is one, and how many items there are in
    all, if that was asked for.
    """

    items: list[Item]
    following: str | None
    total: int | None = None
