"""People: roles and what each may do, user names, passwords, mail."""

import pytest

from trastienda.domain.errors import Forbidden, Invalid, NotAuthenticated
from trastienda.domain.people import (
    SHELL,
    Actor,
    Permission,
    Role,
    check_email,
    check_password,
    check_username,
    may,
    require,
    roles_with,
    username_key,
)

RUT = "12345678-5"


def actor(role: Role) -> Actor:
    return Actor(user_id=1, rut=RUT, name="Alguien", role=role)


def test_an_administrator_may_everything() -> None:
    assert all(
        may(actor(Role.ADMINISTRATOR), permission) and may(SHELL, permission)
        for permission in Permission
    )


def test_a_cashier_sells_and_a_customer_looks_and_buys() -> None:
    assert {one for one in Permission if may(actor(Role.CASHIER), one)} == {
        Permission.LOOK,
        Permission.BUY,
        Permission.SELL,
        Permission.SEE_LEDGER,
        Permission.WRITE_NOTE,
        Permission.PRINT,
    }
    assert {one for one in Permission if may(actor(Role.CUSTOMER), one)} == {
        Permission.LOOK,
        Permission.BUY,
    }


@pytest.mark.parametrize("permission", Permission)
def test_whoever_is_not_known_is_told_so_before_what_they_may(
    permission: Permission,
) -> None:
    with pytest.raises(NotAuthenticated):
        require(None, permission)
    for role in Role:
        if role in roles_with(permission):
            assert require(actor(role), permission).role is role
        else:
            with pytest.raises(Forbidden):
                require(actor(role), permission)


@pytest.mark.parametrize(
    "name",
    [
        "ana",
        "Ana.Rosa",
        "ana_rosa-2",
        "ana@tienda.cl",
        "ñandú",
        "安娜",
        "x" * 64,
        "+56",
        "12345",
    ],
)
def test_a_user_name_is_letters_numbers_and_a_few_signs(name: str) -> None:
    assert check_username(f" {name} ", RUT) == name


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b", "a/b", "x" * 65, "a\x00", "a\nb", "a:b", "<a>", "🥖", "\u200b"],
)
def test_anything_else_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_username(name, RUT)
    assert refusal.value.reason == "username_shape"


def test_a_user_name_that_is_a_rut_is_ones_own() -> None:
    assert check_username("12.345.678-5", RUT) == "12.345.678-5"
    for other in ("11111111-1", "111111111", "11.111.111-1"):
        with pytest.raises(Invalid) as refusal:
            check_username(other, RUT)
        assert refusal.value.reason == "username_is_rut"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana", "ANA"),
        ("ana", " ana "),
        ("\uff41\uff4e\uff41", "ana"),
        ("STRASSE", "straße"),
    ],
)
def test_two_spellings_of_one_user_name_are_one(one: str, other: str) -> None:
    assert username_key(one) == username_key(other)


@pytest.mark.parametrize("password", ["12345678", "x" * 256, "ñandú-密码", "        "])
def test_a_password_has_at_least_eight_characters(password: str) -> None:
    check_password(password)


@pytest.mark.parametrize("password", ["", "1234567", "x" * 257])
def test_one_that_is_shorter_or_absurdly_long_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        check_password(password)


@pytest.mark.parametrize("mail", ["a@b", "ana.rosa+x@tienda.cl", "ñ@ñ.cl", " a@b.cl "])
def test_a_mail_has_something_on_both_sides(mail: str) -> None:
    assert check_email(mail) == mail.strip()


@pytest.mark.parametrize(
    "mail",
    ["", "@", "a@", "@b", "a", "a b@c", "a@b@c", "a\x00@b", "a@b\nc", "a@" + "b" * 253],
)
def test_what_can_be_no_mail_is_refused(mail: str) -> None:
    with pytest.raises(Invalid):
        check_email(mail)
