"""Keeping order: who may, what it does, that it leaves registros and outlives a restart."""

from collections.abc import Callable

import msgspec
import pytest
from tests.harness.books import OPENING_DAY_MS, TestShop, ticking

from trastienda.actions import audit, moderation, verification
from trastienda.domain.audit import Action
from trastienda.domain.chat import (
    Member,
    address_key,
)
from trastienda.domain.errors import Forbidden, Invalid, NotAuthenticated, NotFound
from trastienda.domain.events import Kind
from trastienda.domain.lists import Window
from trastienda.domain.moderation import MAX_MUTE_MINUTES, Sanction, SanctionKind
from trastienda.domain.people import SHELL
from trastienda.storage import journal
from trastienda.storage.transactions import Tx

ADDRESS = "192.0.2.7"
GUEST = Member(alias="visita", guest_id="1f", address=ADDRESS)
KICK, MUTE, BAN, UNBAN = (
    SanctionKind.KICK,
    SanctionKind.MUTE,
    SanctionKind.BAN,
    SanctionKind.UNBAN,
)


@pytest.fixture
def ana(books: TestShop) -> Member:
    return books.member(books.ana)


def on(shop: TestShop, *keys: str) -> dict[str, SanctionKind]:
    return {
        key: one.kind
        for key, one in shop.look(
            lambda snapshot: moderation.in_force(snapshot, keys)
        ).items()
    }


def notes(shop: TestShop) -> list[tuple[str, dict[str, object]]]:
    """What moderation left, oldest first."""
    actions = {
        Action.MEMBER_KICKED,
        Action.MEMBER_MUTED,
        Action.MEMBER_BANNED,
        Action.MEMBER_UNBANNED,
    }
    rows = [
        row
        for row, _ in shop.look(
            lambda snapshot: audit.listed(snapshot, SHELL, Window(limit=200))
        ).items
    ]
    assert {row.user_id for row in rows if row.action in actions} <= {shop.ana.user_id}
    return [
        (row.action, msgspec.json.decode(row.detail))
        for row in reversed(rows)
        if row.action in actions
    ]


DEEDS: list[Callable[[Tx, Member], Sanction]] = [
    lambda transaction, who: moderation.kick(transaction, who, [GUEST.key], "visita"),
    lambda transaction, who: moderation.mute(
        transaction, who, [GUEST.key], "visita", 5
    ),
    lambda transaction, who: moderation.ban(transaction, who, [*GUEST.keys], "visita"),
    lambda transaction, who: moderation.lift(transaction, who, "visita"),
]


@pytest.mark.parametrize("deed", DEEDS)
def test_only_administrators_moderate(
    books: TestShop, deed: Callable[[Tx, Member], Sanction]
) -> None:
    for member in (books.member(books.beto), books.member(books.clara)):
        with pytest.raises(Forbidden):
            books.do(lambda transaction, m=member: deed(transaction, m))  # type: ignore[misc]
    with pytest.raises(NotAuthenticated):
        books.do(lambda transaction: deed(transaction, GUEST))
    assert notes(books) == []
    with pytest.raises(Forbidden):
        books.look(
            lambda snapshot: moderation.list_(snapshot, books.member(books.beto))
        )


def test_nobody_moderates_themselves(books: TestShop, ana: Member) -> None:
    with pytest.raises(Forbidden):
        books.do(
            lambda transaction: moderation.kick(transaction, ana, [ana.key], "Ana")
        )
    with pytest.raises(Forbidden):
        books.do(
            lambda transaction: moderation.mute(
                transaction, ana, ["u99", ana.key], "Ana", 1
            )
        )
    with pytest.raises(Forbidden):
        books.do(lambda transaction: moderation.ban(transaction, ana, [ana.key], "Ana"))
    assert notes(books) == []


def test_each_sanction_is_recorded_and_emitted_to_no_user(
    books: TestShop, ana: Member
) -> None:
    n = books.look(lambda snapshot: snapshot.n)
    made = [books.do(lambda transaction, d=deed: d(transaction, ana)) for deed in DEEDS]  # type: ignore[misc]
    until_ms = made[1].until_ms
    who: dict[str, object] = {"alias": "visita"}
    where = who | {"addresses": [ADDRESS]}
    assert notes(books) == [
        (Action.MEMBER_KICKED, who),
        (Action.MEMBER_MUTED, who | {"until_ms": until_ms}),
        (Action.MEMBER_BANNED, where),
        (Action.MEMBER_UNBANNED, where),
    ]
    events = books.look(lambda snapshot: journal.after(snapshot.connection, n, 10))
    assert [(event.kind, event.subject) for event in events] == [
        (Kind.SANCTION, one) for one in made
    ]
    assert all(
        not event.audience.roles and not event.audience.user_ids for event in events
    )
    assert books.look(verification.verify) is None


def test_a_kick_is_not_stored(books: TestShop, ana: Member) -> None:
    books.do(
        lambda transaction: moderation.kick(transaction, ana, [GUEST.key], "visita")
    )
    assert on(books, GUEST.key) == {}


def test_a_mute_ends_in_time_and_a_new_one_replaces_it(
    books: TestShop, ana: Member
) -> None:
    books.clock = ticking(OPENING_DAY_MS, 0)
    for minutes in (60, 1):
        books.do(
            lambda transaction, m=minutes: moderation.mute(
                transaction, ana, [GUEST.key], "visita", m
            )  # type: ignore[misc]
        )
    assert on(books, GUEST.key) == {GUEST.key: MUTE}
    books.clock = ticking(OPENING_DAY_MS + 59_999, 0)
    assert on(books, GUEST.key) == {GUEST.key: MUTE}
    assert [
        one.until_ms
        for one in books.look(lambda snapshot: moderation.list_(snapshot, ana))
    ] == [OPENING_DAY_MS + 60_000]
    books.clock = ticking(OPENING_DAY_MS + 60_000, 0)
    assert on(books, GUEST.key) == {}
    assert books.look(lambda snapshot: moderation.list_(snapshot, ana)) == []


@pytest.mark.parametrize("minutes", [0, -1, MAX_MUTE_MINUTES + 1, 10**30])
def test_a_mute_lasts_from_a_minute_to_a_month(
    books: TestShop, ana: Member, minutes: int
) -> None:
    with pytest.raises(Invalid):
        books.do(
            lambda transaction: moderation.mute(
                transaction, ana, [GUEST.key], "visita", minutes
            )
        )
    assert notes(books) == []


def test_a_ban_outweighs_a_mute_and_survives_a_restart(
    books: TestShop, ana: Member
) -> None:
    clara = books.member(books.clara).key
    books.do(
        lambda transaction: moderation.ban(
            transaction, ana, [*GUEST.keys, GUEST.key], "visita"
        )
    )
    books.do(
        lambda transaction: moderation.mute(
            transaction, ana, [GUEST.key, clara], "visita", 5
        )
    )
    bans = dict.fromkeys(GUEST.keys, BAN)
    assert on(books, *GUEST.keys, clara, "gotra") == {**bans, clara: MUTE}


@pytest.mark.parametrize(
    "label", ["visita", "VISITA", "Vísita", "vis\u0131ta", "v\u0456sita"]
)
def test_a_sanction_is_lifted_by_any_spelling_of_the_alias(
    books: TestShop, ana: Member, label: str
) -> None:
    books.do(
        lambda transaction: moderation.ban(transaction, ana, [*GUEST.keys], "Visita")
    )
    lifted = books.do(lambda transaction: moderation.lift(transaction, ana, label))
    assert (lifted.kind, sorted(lifted.targets), lifted.label) == (
        UNBAN,
        sorted(GUEST.keys),
        label,
    )
    assert on(books, *GUEST.keys) == {}


@pytest.mark.parametrize("address", [ADDRESS, "2001:db8::1"])
def test_a_sanction_is_lifted_by_its_address_or_its_member(
    books: TestShop, ana: Member, address: str
) -> None:
    clara = books.member(books.clara).key
    books.do(
        lambda transaction: moderation.ban(
            transaction, ana, [address_key(address)], address
        )
    )
    books.do(lambda transaction: moderation.ban(transaction, ana, [clara], "Clara"))
    books.do(
        lambda transaction: moderation.lift(
            transaction, ana, address, [address_key(address)]
        )
    )
    assert on(books, address_key(address), clara) == {clara: BAN}
    books.do(
        lambda transaction: moderation.lift(transaction, ana, "la de siempre", [clara])
    )
    assert on(books, clara) == {}


def test_lifting_what_was_not_imposed_is_not_found(
    books: TestShop, ana: Member
) -> None:
    books.do(
        lambda transaction: moderation.ban(transaction, ana, [*GUEST.keys], "visita")
    )
    with pytest.raises(NotFound):
        books.do(
            lambda transaction: moderation.lift(
                transaction, ana, "visitas", [address_key("192.0.2.70")]
            )
        )
    assert set(on(books, *GUEST.keys)) == set(GUEST.keys)
    assert [action for action, _ in notes(books)] == [Action.MEMBER_BANNED]
