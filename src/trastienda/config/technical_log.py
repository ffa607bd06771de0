"""The technical log: what the process says on its standard error, as text or as JSON.

A record may carry ``fields``, a mapping of names to values: what happened, to whom, from
where. Nobody outside can write a line of their own into it: what controls a
terminal, ends a line or turns its direction is escaped.
"""

import json
import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any

JSON = "json"

QUIET = ("alembic", "uvicorn", "fontTools", "fpdf")
"""Libraries that log every step of theirs at INFO."""

_UNFIT = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)


def set_up(
    level: str,
    form: str,
    time_zone: Callable[[], tzinfo],
) -> None:
    """Log from this level up, in this form, with times of this zone."""
    for library in QUIET:
        logging.getLogger(library).setLevel(logging.WARNING)

    handler = logging.StreamHandler()
    formatter = _JsonFormatter() if form == JSON else _TextFormatter()
    formatter.time_zone = time_zone
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler])


def follow(time_zone: Callable[[], tzinfo]) -> None:
    """Give the times of this zone from now on: the shop's own, which may change."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, _Formatter):
            handler.formatter.time_zone = time_zone


class _Formatter(logging.Formatter):
    time_zone: Callable[[], tzinfo]

    def _time(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, self.time_zone())
        return moment.isoformat(timespec="milliseconds")

    def _trace(self, record: logging.LogRecord) -> str:
        return self.formatException(record.exc_info) if record.exc_info else ""


class _TextFormatter(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return a line, and under it where it failed."""
        message = _plain(record.getMessage())
        for name, value in _fields(record).items():
            message += f" {name}={_plain(str(value))}"

        line = f"{self._time(record)} {record.levelname} {record.name}: {message}"
        trace = self._trace(record)
        return f"{line}\n{trace}" if trace else line


class _JsonFormatter(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return one object, in one line."""
        entry = {
            "time": self._time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        trace = self._trace(record)
        if trace:
            entry["trace"] = trace
        return json.dumps(entry, default=str)  # ASCII: it escapes whatever is unfit


def _fields(record: logging.LogRecord) -> Mapping[str, Any]:
    fields: Mapping[str, Any] = getattr(record, "fields", {})
    return fields


def _plain(text: str) -> str:
    return _UNFIT.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
