"""The sums of days that are over are those of their rows."""

from collections.abc import Iterator

import msgspec

from trastienda.domain.verification import DOCUMENTS, Broken, Reason
from trastienda.storage import reports
from trastienda.storage.verification.documents import unreadable
from trastienda.storage.verification.streams import Books


def broken_summaries(books: Books) -> Iterator[Broken]:
    """Yield the days whose sums are not what the rows come to.

    Nor may a day be summed that the head does not count as summed.
    """
    last_ms = 0
    for day in reports.kept(books.connection, 0, 2**62):
        place = f"{day.from_ms}/{day.until_ms}"
        try:
            stored_sums = day.sums
        except msgspec.DecodeError:
            yield unreadable("day_summaries", place, "content")
            continue

        sums = reports.summed(books.connection, day.from_ms, day.until_ms)
        if stored_sums != sums:
            yield Broken(DOCUMENTS, "day_summaries", place, Reason.SUMS)
        last_ms = max(last_ms, day.until_ms)

    counted_ms = books.head["summed_until_ms"]
    if last_ms > counted_ms:
        data = {"field": "summed_until_ms", "expected": last_ms, "found": counted_ms}
        yield Broken(DOCUMENTS, "head", 1, Reason.DIFFERS, data)
