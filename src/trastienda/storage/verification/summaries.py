"""The sums of days that are over are those of their rows."""

from collections.abc import Iterator

import msgspec

from trastienda.domain.verification import DOCUMENTS, Broken, Reason
from trastienda.storage import reports
from trastienda.storage.verification.streams import Books


def broken_summaries(books: Books) -> Iterator[Broken]:
    """Yield the days whose sums are not what the rows come to, or not counted as sums by the head."""
    last_ms = 0
    for day in reports.kept(books.connection, 0, 2**62):
        row = f"{day.from_ms}/{day.until_ms}"
        try:
            found = day.sums
        except msgspec.DecodeError:
            yield Broken(
                DOCUMENTS, "day_summaries", row, Reason.UNREADABLE, {"field": "content"}
            )
            continue
        if found != reports.summed(books.connection, day.from_ms, day.until_ms):
            yield Broken(DOCUMENTS, "day_summaries", row, Reason.SUMS)
        last_ms = max(last_ms, day.until_ms)
    found_ms = books.head["summed_until_ms"]
    if last_ms > found_ms:
        data = {"field": "summed_until_ms", "expected": last_ms, "found": found_ms}
        yield Broken(DOCUMENTS, "head", 1, Reason.DIFFERS, data)
