"""What is sent to other systems, and how they know that it was the shop."""

import base64
import hmac
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from trastienda.domain.events import Event
from trastienda.wire.announcements import body
from trastienda.wire.event_names import GAP, NAMES
from trastienda.wire.lines import encoding

TEST = "prueba"


def announcement(
    event: Event,
    time_zone: ZoneInfo,
) -> bytes:
    """Return an event as it is sent: the object that an Administrador hears of."""
    subject = body(event, time_zone, staff=True)
    line = encoding.announcement(NAMES[event.kind], event.n, subject)
    return line.removesuffix(b"\n")


def gap(
    n: int,
    after_n: int,
) -> bytes:
    """Return what says that announcements between two numbers are lost."""
    return msgspec.json.encode({"evento": GAP, "n": n, "desde": after_n})


def test() -> bytes:
    """Return what is sent to try an address."""
    return msgspec.json.encode({"evento": TEST})


def signed_headers(
    message_id: str,
    at_s: int,
    content: bytes,
    secrets: Sequence[bytes],
) -> dict[str, str]:
    """Return the headers that tell a receiver who sends, by the convention of Standard Webhooks.

    There is a signature for each secret; the receiver is content with one that it can make.
    """
    signed = f"{message_id}.{at_s}.".encode() + content
    signatures = [
        "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
        for secret in secrets
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(signatures),
    }
