"""What may change is named where it was changed behind the registros."""

import pytest
from tests.harness.books import PASSWORD_HASH, TestShop
from tests.harness.damage import Damaged, named

from trastienda.actions import people
from trastienda.actions.verification import verify
from trastienda.domain.verification import Broken, Reason
from trastienda.wire.verification import sentence


@pytest.mark.parametrize(
    ("old", "new"),
    [("m=65536", "m=4194304"), ("argon2id", "argon2d"), ("$v=19", "")],
)
def test_a_password_hash_that_would_take_too_much_is_named(
    damaged: Damaged, old: str, new: str
) -> None:
    broken = damaged.after(
        "UPDATE users SET password_hash = "
        f"replace(password_hash, '{old}', '{new}') WHERE id = 2"
    )
    assert broken == Broken(5, "users", 2, Reason.HASH)
    assert "trastienda user password" in sentence(broken)


@pytest.mark.parametrize(
    ("damage", "table", "field"),
    [
        ("users SET role = 'administrator' WHERE id = 2", "users", "role"),
        ("users SET verified = 1 - verified WHERE id = 2", "users", "verified"),
        ("users SET active = 0 WHERE id = 2", "users", "active"),
        ("users SET name = 'Otro' WHERE id = 2", "users", "name"),
        ("users SET username = 'otro' WHERE id = 2", "users", "username"),
        ("products SET price_minor = 1 WHERE id = 2", "products", "price_minor"),
        ("products SET cost_minor = 1 WHERE id = 1", "products", "cost_minor"),
        ("products SET name = 'Otra' WHERE id = 2", "products", "name"),
        (
            "products SET min_stock_milli = 7 WHERE id = 2",
            "products",
            "min_stock_milli",
        ),
        ("products SET exempt = 1 - exempt WHERE id = 2", "products", "exempt"),
        ("products SET active = 1 - active WHERE id = 2", "products", "active"),
        (
            "shop SET content = json_set(content, '$.vat_bp', 100)",
            "shop",
            "vat_bp",
        ),
    ],
)
def test_what_changed_behind_the_registros_is_named(
    damaged: Damaged, damage: str, table: str, field: str
) -> None:
    broken = damaged.after(f"UPDATE {damage}")
    assert named(broken) == (2, table, Reason.DIFFERS)
    assert broken is not None
    assert broken.data["field"] == field


@pytest.mark.parametrize(
    "damage",
    [
        "email = 'otra@ejemplo.cl'",
        "password_hash = (SELECT replace(password_hash, 'b2Y', 'b3Y'))",
    ],
)
def test_another_password_or_mail_does_not_match_its_seal(
    damaged: Damaged, damage: str
) -> None:
    broken = damaged.after(f"UPDATE users SET {damage} WHERE id = 2")
    assert named(broken) == (2, "users", Reason.FINGERPRINT)


def test_a_hash_renewed_when_somebody_logs_in_is_sealed_anew(books: TestShop) -> None:
    renewed = PASSWORD_HASH.replace("t=3", "t=4")
    user_id = books.beto.user_id
    assert user_id is not None
    books.do(
        lambda transaction: people.renew_hash(
            transaction, user_id, PASSWORD_HASH, renewed
        )
    )
    with books.database.connect() as connection:
        stored = connection.sql.exec_driver_sql(
            "SELECT count(*) FROM users WHERE password_hash LIKE '%t=4%'"
        ).scalar_one()
    assert stored == 1
    assert books.look(verify) is None


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("DELETE FROM api_keys", Reason.MISSING),
        ("UPDATE api_keys SET secret_hash = 'mine'", Reason.FINGERPRINT),
        ("UPDATE api_keys SET role = 'administrator'", Reason.DIFFERS),
        ("UPDATE api_keys SET networks = ''", Reason.DIFFERS),
        ("UPDATE api_keys SET until_ms = 9", Reason.DIFFERS),
        (
            (
                "INSERT INTO api_keys SELECT 'k9', 1, 'Mala', 'administrator', '', 'mine', "
                "NULL, 1, NULL"
            ),
            Reason.NOT_AUDITED,
        ),
        (
            "INSERT INTO api_keys SELECT 'k1', 1, 'Otra', 'cashier', '', 'mine', NULL, 1, NULL",
            Reason.NOT_AUDITED,
        ),
    ],
)
def test_a_key_made_or_changed_behind_the_registros_is_named(
    damaged: Damaged, damage: str, reason: Reason
) -> None:
    assert named(damaged.after(damage)) == (2, "api_keys", reason)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("DELETE FROM second_factors", Reason.MISSING),
        ("UPDATE second_factors SET confirmed_at_ms = NULL", Reason.MISSING),
        ("UPDATE second_factors SET secret = 'GEZDGNBV'", Reason.FINGERPRINT),
        (
            "INSERT INTO second_factors SELECT 1, secret, 1, 1 FROM second_factors",
            Reason.NOT_AUDITED,
        ),
    ],
)
def test_a_second_factor_added_or_taken_off_behind_the_registros_is_named(
    damaged: Damaged, damage: str, reason: Reason
) -> None:
    broken = damaged.after("DELETE FROM recovery_codes", damage)
    assert named(broken) == (2, "second_factors", reason)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (
            "UPDATE webhooks SET url = 'https://9.9.9.9/' WHERE id = 'w2'",
            Reason.FINGERPRINT,
        ),
        ("UPDATE webhooks SET secret = 'mine' WHERE id = 'w2'", Reason.FINGERPRINT),
        ("UPDATE webhooks SET kinds = 'message' WHERE id = 'w2'", Reason.DIFFERS),
        ("UPDATE webhooks SET off = NULL WHERE id = 'w1'", Reason.DIFFERS),
        ("DELETE FROM webhooks WHERE id = 'w2'", Reason.MISSING),
        (
            "INSERT INTO webhooks SELECT 'x', 1, 'x', NULL, NULL, '', NULL, NULL, 1, 1, ''",
            Reason.NOT_AUDITED,
        ),
    ],
)
def test_an_address_that_hears_behind_the_registros_is_named(
    damaged: Damaged, damage: str, reason: Reason
) -> None:
    assert named(damaged.after(damage)) == (2, "webhooks", reason)


def test_a_user_under_another_rut_has_no_registro(damaged: Damaged) -> None:
    broken = damaged.after("UPDATE users SET rut = '9-4' WHERE id = 2")
    assert named(broken) == (2, "users", Reason.NOT_AUDITED)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("kind = 'sale' WHERE kind = 'purchase'", Reason.UNREADABLE),
        ("subject = '{}' WHERE kind = 'sale'", Reason.UNREADABLE),
        ("audience = '[]' WHERE kind = 'stock'", Reason.UNREADABLE),
        (
            "audience = '{\"roles\":[\"customer\"]}' WHERE kind = 'sale'",
            Reason.OVERHEARD,
        ),
        (
            "audience = '{\"roles\":[\"cashier\"]}' WHERE kind = 'user'",
            Reason.OVERHEARD,
        ),
        ("audience = '{\"user_ids\":[3]}' WHERE kind = 'purchase'", Reason.OVERHEARD),
        ("audience = '{\"rut\":\"9-4\"}' WHERE kind = 'sale'", Reason.OVERHEARD),
    ],
)
def test_an_announcement_that_too_many_would_hear_is_named(
    damaged: Damaged, damage: str, reason: Reason
) -> None:
    assert named(damaged.after(f"UPDATE journal SET {damage}")) == (
        4,
        "journal",
        reason,
    )
