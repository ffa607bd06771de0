"""People: roles and what each may do, user names, passwords, mail."""

import pytest
from msgspec.structs import replace

from trastienda.domain.emails import check_email
from trastienda.domain.errors import (
    Forbidden,
    Invalid,
    NotAuthenticated,
    RegistrationClosed,
)
from trastienda.domain.people import (
    SHELL,
    STRANGER,
    Actor,
    Permission,
    Role,
    User,
    UserChange,
    UserDraft,
    check_draft,
    check_may_change,
    check_may_register,
    check_user,
    may,
    new_user,
    require,
    roles_with,
    with_new_password,
)
from trastienda.domain.usernames import check_username, username_key

RUT = "12345678-5"


def actor(role: Role) -> Actor:
    return Actor(user_id=1, rut=RUT, name="Alguien", role=role)


def permissions_of(role: Role) -> set[Permission]:
    return {permission for permission in Permission if may(actor(role), permission)}


def test_an_administrator_has_every_permission() -> None:
    assert all(
        may(actor(Role.ADMINISTRATOR), permission) and may(SHELL, permission)
        for permission in Permission
    )


def test_a_cashier_sells_and_a_customer_looks_and_buys() -> None:
    assert permissions_of(Role.CASHIER) == {
        Permission.LOOK,
        Permission.KEEP_ACCOUNT,
        Permission.BUY,
        Permission.SELL,
        Permission.CONFIRM_IDENTITY,
        Permission.SEE_LEDGER,
        Permission.WRITE_NOTE,
        Permission.ADD_SECOND_FACTOR,
        Permission.PRINT,
    }
    assert permissions_of(Role.CUSTOMER) == {
        Permission.LOOK,
        Permission.KEEP_ACCOUNT,
        Permission.BUY,
    }


@pytest.mark.parametrize("role", Role)
def test_a_program_may_what_its_role_may_but_to_make_itself_at_home(role: Role) -> None:
    program = replace(actor(role), key_id="9c41d07e6b2f8a35")
    allowed = {one for one in Permission if may(program, one)}
    assert permissions_of(role) - allowed == permissions_of(role) & {
        Permission.KEEP_ACCOUNT,
        Permission.ADD_SECOND_FACTOR,
        Permission.CONFIRM_IDENTITY,
        Permission.MANAGE_PEOPLE,
        Permission.MANAGE_KEYS,
        Permission.MANAGE_WEBHOOKS,
    }


@pytest.mark.parametrize("permission", Permission)
def test_a_permission_needs_a_known_actor_and_a_role_that_has_it(
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
def test_a_user_name_with_other_characters_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_username(name, RUT)
    assert refusal.value.reason == "username_shape"


def test_a_user_name_may_be_the_own_rut_and_no_other() -> None:
    assert check_username("12.345.678-5", RUT) == "12.345.678-5"
    for other in ("11111111-1", "111111111", "11.111.111-1"):
        with pytest.raises(Invalid) as refusal:
            check_username(other, RUT)
        assert refusal.value.reason == "username_is_rut"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ana", "ANA"),
        ("ana", " ana "),
        ("\uff41\uff4e\uff41", "ana"),
        ("STRASSE", "straße"),
    ],
)
def test_spellings_of_one_user_name_share_their_key(first: str, second: str) -> None:
    assert username_key(first) == username_key(second)


@pytest.mark.parametrize("mail", ["a@b", "ana.rosa+x@tienda.cl", "ñ@ñ.cl", " a@b.cl "])
def test_a_mail_address_has_text_on_both_sides_of_its_at_sign(mail: str) -> None:
    assert check_email(mail) == mail.strip()


@pytest.mark.parametrize(
    "mail",
    ["", "@", "a@", "@b", "a", "a b@c", "a@b@c", "a\x00@b", "a@b\nc", "a@" + "b" * 253],
)
def test_a_text_that_cannot_be_a_mail_address_is_refused(mail: str) -> None:
    with pytest.raises(Invalid):
        check_email(mail)


def draft(role: Role = Role.CUSTOMER) -> UserDraft:
    return UserDraft(
        rut="12.345.678-5",
        name=" Elena ",
        username=" elena ",
        password="una-clave-larga",
        email=" elena@ejemplo.cl ",
        role=role,
    )


def user(role: Role, user_id: int = 2) -> User:
    return new_user(draft(role), SHELL, user_id, now_ms=0)


def test_a_checked_draft_is_tidy() -> None:
    tidy = check_draft(draft(), "La Esquina")
    assert (tidy.rut, tidy.name, tidy.username, tidy.email) == (
        RUT,
        "Elena",
        "elena",
        "elena@ejemplo.cl",
    )


def test_a_checked_change_is_tidy_and_an_empty_mail_is_none() -> None:
    changed = check_user(replace(user(Role.CUSTOMER), rut=RUT, email="", name=" E "))
    assert (changed.name, changed.username, changed.email) == ("E", "elena", None)


def test_strangers_register_customers_and_administrators_anybody() -> None:
    for role in Role:
        check_may_register(actor(Role.ADMINISTRATOR), role, is_open=True)
    for other in (STRANGER, actor(Role.CASHIER), actor(Role.CUSTOMER)):
        check_may_register(other, Role.CUSTOMER, is_open=True)
        for role in (Role.CASHIER, Role.ADMINISTRATOR):
            with pytest.raises(Forbidden):
                check_may_register(other, role, is_open=True)


def test_a_shop_that_is_not_open_has_its_accounts_made_by_administrators() -> None:
    for role in Role:
        check_may_register(actor(Role.ADMINISTRATOR), role, is_open=False)
    for other in (STRANGER, actor(Role.CASHIER), actor(Role.CUSTOMER)):
        with pytest.raises(RegistrationClosed):
            check_may_register(other, Role.CUSTOMER, is_open=False)


def test_only_an_administrator_confirms_the_rut_of_a_new_user() -> None:
    assert new_user(draft(), actor(Role.ADMINISTRATOR), 2, now_ms=5).verified
    for other in (STRANGER, actor(Role.CASHIER), actor(Role.CUSTOMER)):
        assert not new_user(draft(), other, 2, now_ms=5).verified


def test_a_change_names_its_fields_and_keeps_the_password_apart() -> None:
    change = UserChange(email=None, active=False, password="x")
    assert change.fields == ["email", "active", "password"]
    assert change.values == {"email": None, "active": False}


def test_a_new_password_is_the_last_one_unless_the_change_says_otherwise() -> None:
    assert with_new_password(UserChange(password="x")).must_change_password is False
    told = UserChange(password="x", must_change_password=True)
    assert with_new_password(told).must_change_password is True


ALL_FIELDS = list(UserChange.__struct_fields__)
OWN_FIELDS = {"name", "email", "password"}


def may_change(somebody: Actor, target: User, field: str) -> bool:
    try:
        check_may_change(somebody, target, [field])
    except Forbidden:
        return False
    return True


@pytest.mark.parametrize("field", ALL_FIELDS)
def test_who_may_change_which_field_of_whom(field: str) -> None:
    for role in Role:
        assert may_change(actor(Role.ADMINISTRATOR), user(role), field)
        assert not may_change(actor(Role.CUSTOMER), user(role), field)

    for role in (Role.CASHIER, Role.CUSTOMER):
        itself = user(role, user_id=1)
        assert may_change(actor(role), itself, field) == (field in OWN_FIELDS)

    cashier = actor(Role.CASHIER)
    assert may_change(cashier, user(Role.CUSTOMER), field) == (field == "verified")
    assert not may_change(cashier, user(Role.CASHIER), field)


def test_a_change_of_several_fields_needs_the_right_to_each() -> None:
    with pytest.raises(Forbidden):
        check_may_change(
            actor(Role.CUSTOMER), user(Role.CUSTOMER, user_id=1), ["name", "role"]
        )


def test_only_an_active_administrator_can_run_the_shop() -> None:
    assert user(Role.ADMINISTRATOR).is_active_administrator
    assert not user(Role.CASHIER).is_active_administrator
    assert not replace(user(Role.ADMINISTRATOR), active=False).is_active_administrator
