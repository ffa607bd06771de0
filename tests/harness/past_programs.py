"""The programs of a past: with keys, and told what happens."""

from functools import partial

from tests.harness.books import TestShop

from trastienda.actions import api_keys, webhooks
from trastienda.domain.api_keys import ApiKeyDraft
from trastienda.domain.events import Kind
from trastienda.domain.people import Role
from trastienda.domain.webhooks import Off, Progress, WebhookChange, WebhookDraft


def grant(one: TestShop) -> None:
    """Two programs have got keys of Ana's; one of them has lost it again."""
    for number in (1, 2):
        draft = ApiKeyDraft(
            name=f"Sitio {number}", role=Role.CASHIER, networks=("192.0.2.0/24",)
        )
        one.do(
            partial(
                api_keys.make,
                actor=one.ana,
                draft=draft,
                key_id=f"k{number}",
                secret_hash=f"{number}" * 64,
            )
        )
    one.do(lambda transaction: api_keys.withdraw(transaction, one.ana, "k1"))


def connect(one: TestShop) -> None:
    """Two systems are told what happens; one of them wants nothing any more."""
    for number in (1, 2):
        draft = WebhookDraft(url=f"https://8.8.8.8/{number}", kinds=(Kind.SALE,))
        one.do(
            partial(
                webhooks.make,
                actor=one.ana,
                draft=draft,
                webhook_id=f"w{number}",
                secret="sealed",
            )
        )
    progress = Progress(n=1)
    one.do(lambda transaction: webhooks.stop(transaction, "w1", 1, progress, Off.GONE))
    change = WebhookChange(kinds=None, secret="sealed anew")
    one.do(lambda transaction: webhooks.change(transaction, one.ana, "w2", change))
