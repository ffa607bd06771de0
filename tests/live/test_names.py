"""Names: which alias belongs to whom, and which are reserved for accounts."""

import asyncio

import pytest
from msgspec.structs import replace
from tests.live.people import account, guest, user

from trastienda.domain.chat import Member
from trastienda.domain.errors import AliasReserved, AlreadyExists, Invalid
from trastienda.live.names import Claim, Found, Names, Renamed
from trastienda.live.reserved_names import ReservedNames


class Door:
    """Names as they are claimed by members who come in, one after the other."""

    def __init__(self) -> None:
        users = [user(1, "ana"), user(2, "beto", "Alberto Rojas")]
        self.names = Names(ReservedNames(users, lambda: "La Esquina"))

    def learn(self, number: int, username: str, name: str = "") -> None:
        self.names.reserved.learn(user(number, username, name))

    def claim(self, member: Member) -> Claim:
        return asyncio.run(self.names.claim(member))

    def rename(self, member: Member, alias: str) -> None:
        asyncio.run(self.names.rename(member, alias))

    def release(self, member: Member) -> None:
        asyncio.run(self.names.release(member.key))

    def find(self, alias: str) -> Found | None:
        return asyncio.run(self.names.find(alias))


@pytest.fixture
def door() -> Door:
    return Door()


def test_an_alias_is_taken_with_all_that_look_like_it_until_it_is_released(
    door: Door,
) -> None:
    door.claim(guest("Pedro"))
    for alias in ("pedro", "PEDR0", "p\u00e9dro"):
        with pytest.raises(AlreadyExists):
            door.claim(guest(alias))
    door.release(guest("Pedro"))
    assert door.claim(guest("pedro")) == Claim("pedro")


@pytest.mark.parametrize(
    "alias", ["ana", "\u00c1na", "BETO", "AlbertoRojas", "4na", "b3to", "8eto"]
)
def test_names_of_users_are_reserved_for_them(door: Door, alias: str) -> None:
    with pytest.raises(AliasReserved):
        door.claim(guest(alias))


@pytest.mark.parametrize("alias", ["caja", "admin1", "LaEsquina", "la-esquina-2"])
def test_an_office_or_the_shop_is_nobodys_alias(door: Door, alias: str) -> None:
    with pytest.raises(Invalid) as refusal:
        door.claim(guest(alias))
    assert refusal.value.reason == "reserved_name"


def test_who_only_says_that_they_are_called_so_takes_no_alias_from_others(
    door: Door,
) -> None:
    stranger = replace(user(3, "zorro", "Pedro"), verified=False)
    door.names.reserved.learn(stranger)
    assert door.claim(guest("pedro")) == Claim("pedro")
    with pytest.raises(AliasReserved):
        door.claim(guest("zorro"))
    door.release(guest("pedro"))

    door.names.reserved.learn(replace(stranger, verified=True))
    with pytest.raises(AliasReserved):
        door.claim(guest("pedro"))


@pytest.mark.parametrize("alias", ["1-9", "19", "11111111-1", "22.222.222-2", "1-9."])
def test_a_rut_is_nobodys_alias_but_its_users(door: Door, alias: str) -> None:
    with pytest.raises(Invalid) as refusal:
        door.claim(guest(alias))
    assert refusal.value.reason == "alias_is_rut"

    ana = account(1, "ana")
    door.claim(ana)
    with pytest.raises(Invalid):
        door.rename(ana, alias)
    door.learn(1, alias)
    door.rename(ana, "anita")
    door.rename(ana, alias)


def test_what_is_no_rut_may_be_a_number(door: Door) -> None:
    for alias in ("4", "37", "1-8"):
        assert door.claim(guest(alias)) == Claim(alias)


def test_a_badly_shaped_alias_is_refused(door: Door) -> None:
    with pytest.raises(Invalid):
        door.claim(guest("a b"))


def test_a_changed_user_name_frees_the_old_one_and_reserves_the_new_one(
    door: Door,
) -> None:
    door.learn(1, "anita")
    door.claim(guest("ana"))
    with pytest.raises(AliasReserved):
        door.claim(guest("anita"))
    assert door.find("ANITA") == Found("u1", "anita")


def test_an_account_keeps_its_alias_until_its_last_claim_is_released(
    door: Door,
) -> None:
    ana = account(1, "ana")
    assert door.claim(ana) == door.claim(ana) == Claim("ana")
    door.rename(ana, "anita")
    door.release(ana)
    assert door.find("anita") == Found("u1", "anita")
    assert door.claim(ana) == Claim("anita")
    door.release(ana)
    door.release(ana)
    assert door.find("anita") is None
    assert door.find("ana") == Found("u1", "ana")


def test_releasing_what_was_not_claimed_changes_nothing(door: Door) -> None:
    door.claim(guest("pedro"))
    door.release(guest("pablo"))
    assert door.find("pedro") is not None


def test_an_account_under_another_alias_is_found_by_both_names(door: Door) -> None:
    ana = account(1, "ana")
    door.claim(ana)
    door.rename(ana, "anita")
    assert door.find("ANITA") == Found("u1", "anita")
    assert door.find("ana") == Found("u1", "anita")


def test_a_rename_to_a_taken_alias_changes_nothing(door: Door) -> None:
    pedro, pablo = guest("pedro"), guest("pablo")
    door.claim(pedro)
    door.claim(pablo)
    refusals = {"PABLO": AlreadyExists, "ana": AliasReserved, "-": Invalid}
    for alias, refusal in refusals.items():
        with pytest.raises(refusal):
            door.rename(pedro, alias)
    assert door.find("pedro") == Found(pedro.key, "pedro")
    door.rename(pedro, "Pedro")  # one's own alias, spelled otherwise
    assert door.find("pedro") == Found(pedro.key, "Pedro")


def test_a_guest_gives_way_to_the_user_whose_name_they_have(door: Door) -> None:
    door.claim(guest("nuevo-2"))
    door.claim(guest("nuevo"))
    door.learn(3, "nuevo")
    renamed = Renamed(guest("nuevo").key, "nuevo-3")
    assert door.claim(account(3, "nuevo")) == Claim("nuevo", (renamed,))
    assert door.find("nuevo") == Found("u3", "nuevo")
    assert door.find("nuevo-3") == Found(guest("nuevo").key, "nuevo-3")


def test_an_account_that_looks_like_an_older_one_gets_a_number(door: Door) -> None:
    door.learn(9, "bet0")
    assert door.claim(account(9, "bet0")) == Claim("bet0-2")
    assert door.find("beto") == Found("u2", "beto"), "not whoever looks like beto"
    assert door.claim(account(2, "beto")) == Claim("beto")
    assert door.find("beto") == Found("u2", "beto")


def test_an_own_name_takes_no_user_name_from_another_account(door: Door) -> None:
    door.names.reserved.learn(replace(user(9, "cliente9"), name="Beto"))
    assert door.find("beto") == Found("u2", "beto")
    assert door.claim(account(2, "beto")) == Claim("beto")
    namesake = account(9, "cliente9")
    door.claim(namesake)
    with pytest.raises(AliasReserved):
        door.rename(namesake, "beto")


def test_an_account_called_like_the_shop_gets_a_number(door: Door) -> None:
    door.learn(9, "trastienda")
    assert door.claim(account(9, "trastienda")) == Claim("trastienda-2")


def test_an_alias_that_is_too_long_to_be_one_is_not_looked_up(door: Door) -> None:
    door.claim(guest("x"))
    assert door.find("x" + "\u0301" * 200) is None
