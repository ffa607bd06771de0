"""What every sale and every look-up reads is found by its key, however large the shop."""

import pytest
from tests.harness.plans import plan_of

from trastienda.storage import (
    chat,
    dialects,
    journal,
    ledger,
    moderation,
    private_messages,
    products,
)
from trastienda.storage.transactions import Tx

SOME = ("after", "room_id", "before", "limit", "client_id", "sender", "recipient")
"""What a query takes of which the value does not matter here."""


@pytest.mark.parametrize(
    ("query", "values"),
    [
        (products._BY_KEYS, {"keys": dialects.array(["X", "Y"])}),
        (ledger._LAST, {"ids": dialects.array([1, 2])}),
        (chat._ROOMS_BY_NAME, {"names": dialects.array(["general"])}),
        (
            chat._BY_CLIENT_ID,
            {
                "client_ids": dialects.array(["m1", "m2"]),
                "senders": dialects.array(["u1", "gx"]),
            },
        ),
        (moderation._BY_TARGET, {"targets": dialects.array(["u1", "u2"])}),
        (chat._BEFORE, {}),
        (chat._BY_SEQS, {"seqs": dialects.array([1, 2])}),
        (private_messages._BY_CLIENT_ID, {}),
        (private_messages._WAITING, {}),
        (private_messages._MAILBOX, {"sender": "u1"}),
        (journal._OF_KINDS_AFTER, {"kinds": dialects.array(["sale"])}),
    ],
    ids=[
        "products of an order",
        "stock of an order",
        "rooms spoken in",
        "what was told before",
        "who is silenced",
        "what was said last",
        "what a search found",
        "what was whispered before",
        "what waits for somebody",
        "how much waits for somebody",
        "what another system is sent next",
    ],
)
def test_no_hot_query_reads_a_whole_table(
    transaction: Tx, query: dialects.Prepared, values: dict[str, str]
) -> None:
    transaction.connection.fetch(query, **dict.fromkeys(SOME, 1) | values)
    steps = plan_of(transaction.connection, query, **values)
    assert [
        step for step in steps if step.startswith("SCAN") and "json_each" not in step
    ] == []
