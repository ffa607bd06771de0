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
    ``limit``; ``search`` in texts.
    """

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    from_ms: int | None = None
    until_ms: int | None = None
    search: str | None = None


class Page(Struct, Generic[Item], frozen=True):
    """Some items, newest first, and the cursor of the next page, if there is one."""

    items: list[Item]
    following: str | None
