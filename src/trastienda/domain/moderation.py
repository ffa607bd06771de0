"""Moderation of the chat: who may moderate, what a sanction is, and whom it keeps from speaking."""

import enum
from collections.abc import Mapping

from msgspec import Struct

from trastienda.domain.chat import Member, address_of
from trastienda.domain.errors import Banned, Forbidden, Invalid, Muted, NotAuthenticated
from trastienda.domain.networks import is_within
from trastienda.domain.people import Actor

MAX_MUTE_MINUTES = 30 * 24 * 60
"""A month: whoever is to be silent for longer is to be banned."""


class SanctionKind(enum.StrEnum):
    """What moderation does to somebody."""

    KICK = "kick"
    MUTE = "mute"
    BAN = "ban"
    UNBAN = "unban"


class Sanction(Struct, frozen=True):
    """What a moderator did to the members and addresses of ``targets``.

    ``label`` is the name under which the moderator meant them. ``until_ms`` None means for good.
    """

    kind: SanctionKind
    targets: tuple[str, ...]
    label: str
    until_ms: int | None = None

    def concerns(self, member: Member) -> bool:
        """Tell whether it is on a member, or on a network in which a guest is."""
        if not set(member.keys).isdisjoint(self.targets):
            return True
        if member.actor is not None:
            return False
        networks = [address_of(target) for target in self.targets]
        return any(
            network is not None and is_within(member.address, network)
            for network in networks
        )

    def holds(self, now_ms: int) -> bool:
        """Tell whether it has not run out."""
        return self.until_ms is None or self.until_ms > now_ms

    def seconds_left(self, now_ms: int) -> int | None:
        """Return how long it still holds, rounded up; None for one without an end."""
        if self.until_ms is None:
            return None
        return -((now_ms - self.until_ms) // 1000)


def check_mute(minutes: int) -> int:
    """Return for how long somebody is to be silent; raise Invalid for no time, or over a month."""
    if not 0 < minutes <= MAX_MUTE_MINUTES:
        raise Invalid("minutes", "minutes_range", limit=MAX_MUTE_MINUTES)
    return minutes


def require_moderator(member: Member) -> Actor:
    """Return the moderator; raise NotAuthenticated or Forbidden for a member who is none."""
    if member.actor is None:
        raise NotAuthenticated
    if not member.keeps_order:
        raise Forbidden
    return member.actor


def require_voice(
    sanctions: Mapping[str, Sanction],
    member: Member,
    now_ms: int,
) -> None:
    """Raise Banned or Muted where a sanction in force keeps the member from speaking.

    ``sanctions`` are those on the member's keys, each by the key that it was put on.
    """
    if not sanctions:
        return
    in_force: list[Sanction] = []
    for key in member.keys:
        sanction = sanctions.get(key)
        if sanction is not None and sanction.holds(now_ms):
            in_force.append(sanction)
    if any(sanction.kind is SanctionKind.BAN for sanction in in_force):
        raise Banned
    if in_force:
        raise Muted(in_force[0].seconds_left(now_ms))
