"""Clause 4: what was announced can be told again, and to nobody who may not hear it."""

from collections.abc import Iterator

import msgspec
import sqlalchemy as sa

from trastienda.domain.events import SUBJECT_OF, Audience, Subject
from trastienda.domain.verification import TRAIL, Broken, Reason
from trastienda.domain.visibility import may_be_told_to
from trastienda.storage import schema
from trastienda.storage.verification.streams import Books, each_by_key

_JOURNAL = schema.journal.c
_ROWS = sa.select(_JOURNAL.n, _JOURNAL.kind, _JOURNAL.audience, _JOURNAL.subject)
_SUBJECTS: dict[str, msgspec.json.Decoder[Subject]] = {
    kind.value: msgspec.json.Decoder(subject) for kind, subject in SUBJECT_OF.items()
}
_MANY = 10_000
"""Audiences that are decoded once: there are a few for roles, and one for each customer."""


def broken_announcements(books: Books) -> Iterator[Broken]:
    """Yield announcements that make no sense, or that too many people would hear.

    Who heard less than they may now, by an earlier rule, is no damage.
    """
    audiences: dict[str, Audience] = {}
    for n, kind, audience_text, subject_text in each_by_key(books, _ROWS, _JOURNAL.n):
        decoder = _SUBJECTS.get(kind)
        if decoder is None:
            yield _unreadable(n, "kind")
            continue
        try:
            subject = decoder.decode(subject_text)
        except (msgspec.DecodeError, ValueError):
            yield _unreadable(n, "subject")
            continue

        audience = audiences.get(audience_text)
        if audience is None:
            try:
                audience = msgspec.json.decode(audience_text, type=Audience)
            except msgspec.DecodeError:
                yield _unreadable(n, "audience")
                continue
            if len(audiences) < _MANY:
                audiences[audience_text] = audience
        if not may_be_told_to(audience, subject):
            yield Broken(TRAIL, "journal", n, Reason.OVERHEARD)


def _unreadable(
    n: int,
    field: str,
) -> Broken:
    return Broken(TRAIL, "journal", n, Reason.UNREADABLE, {"field": field})
