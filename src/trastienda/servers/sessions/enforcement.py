"""What a committed event means for the sessions, done at once.

Sanctions are applied, and changes of accounts hold from now on.
"""

from msgspec.structs import replace

from trastienda.domain.chat import GENERAL, may_enter
from trastienda.domain.closings import ClosingReason
from trastienda.domain.events import SessionsEnded
from trastienda.domain.moderation import Sanction, SanctionKind
from trastienda.domain.people import User
from trastienda.live.deliveries import Delivery, Moved, Silence
from trastienda.servers.sessions.registry import Sessions
from trastienda.servers.sessions.session import Mode

_CLOSING = {
    SanctionKind.KICK: ClosingReason.KICKED,
    SanctionKind.BAN: ClosingReason.BANNED,
}
"""Sanctions that end the sessions of those they are put on."""


def apply_sanction(
    sessions: Sessions,
    sanction: Sanction,
) -> None:
    """Close the sessions of the kicked and banned; tell the muted that they are."""
    reason = _CLOSING.get(sanction.kind)
    if reason is not None:
        for session in list(sessions.all()):
            if session.is_meant_by(sanction):
                session.seat.close(reason)
        return

    hub = sessions.hub
    left_s = None
    if sanction.kind is SanctionKind.MUTE:
        now_ms = hub.desk.clock()
        left_s = sanction.seconds_left(now_ms) or 0
    silence = Silence(left_s)
    delivery = Delivery([silence], hub.desk.time_zone())
    for key in sanction.targets:
        for seat in hub.seats.of_member(key):
            seat.deliver(delivery)


def end_sessions(
    sessions: Sessions,
    ended: SessionsEnded,
) -> None:
    """Close all sessions of an account, as when its password has changed, or those that came
    with the tokens of one. A key outlives them, and has an end of its own."""
    for session in sessions.of_user(ended.user_id):
        is_every_login = ended.session_id is None and session.key is None
        if is_every_login or ended.session_id == session.login_id:
            session.seat.close(ClosingReason.SESSION_ENDED)


def update_account(
    sessions: Sessions,
    user: User,
) -> None:
    """Take what has changed of an account.

    Its names are reserved, and its role holds from now on. The sessions of one that was
    deactivated are closed, and of one whose password somebody else has seen.
    """
    hub = sessions.hub
    hub.names.reserved.learn(user)
    for session in sessions.of_user(user.id):
        if not user.active:
            session.seat.close(ClosingReason.ACCOUNT_DEACTIVATED)
            continue
        if user.must_change_password:
            session.seat.close(ClosingReason.PROVISIONAL)
            continue

        actor = session.actor_of(user)
        if session.arriving is not None and session.arriving.user_id == user.id:
            session.arriving = replace(session.arriving, actor=actor)

        member = session.member
        if member is None or member.user_id != user.id:
            continue

        member = replace(member, actor=actor)
        if session.mode is Mode.CHAT:
            hub.seats.update(member)
        else:
            session.seat.set_member(member)

        # Nobody stays in a room that is closed to them now.
        seat, member = session.seat, session.member
        if member is None or all(may_enter(member, room) for room in seat.rooms):
            continue
        seat.shown_seq = 0
        for room in list(seat.rooms):
            if not may_enter(member, room):
                hub.seats.leave(seat, room)
        if seat.rooms:
            continue
        hub.seats.enter(seat, GENERAL)
        moved = Moved(GENERAL, member.alias)
        delivery = Delivery([moved], session.desk.time_zone())
        seat.deliver(delivery)
