"""Scanning: what a phone reads comes to the till it is linked with, or to one's other screens."""

from typing import Any

from trastienda.actions import products
from trastienda.domain.chat import account_key
from trastienda.domain.errors import NotFound, TooManyRequests, UnknownProducts
from trastienda.domain.people import Actor
from trastienda.live.pairings import CODE_S, Pairing, Scan
from trastienda.servers.incidents import Incident
from trastienda.servers.sessions.session import Answer, Session
from trastienda.servers.socketio.seat import SocketSeat
from trastienda.wire import products as wire
from trastienda.wire.announcements import LINK, SCAN
from trastienda.wire.live_shapes import Escaneo, Vinculo
from trastienda.wire.values import time_out


async def scan(
    session: Session,
    arguments: Escaneo,
) -> Answer:
    """Look a code up, and let the other end hear it.

    What is unknown is heard there as well: it is there that somebody decides what to do.
    """
    scanned = Scan(arguments.codigo_barras, arguments.numero)
    pairing = session.hub.pairings.of(session.seat)
    if pairing is None:
        seats = session.hub.seats.of_member(_key_of(session))
        others = [seat for seat in seats if seat is not session.seat]
        await _push_scan(session, others, scanned)
    elif pairing.takes(scanned.number):
        pairing.recent.append(scanned)
        if pairing.till is None:
            pairing.held.append(scanned)
        else:
            await _push_scan(session, [pairing.till], scanned)

    shape = await _find(session, scanned.code, session.seat)
    if shape is None:
        raise UnknownProducts([scanned.code])
    return Answer({"producto": shape})


async def link(
    session: Session,
    arguments: Vinculo,
) -> Answer:
    """Give a till a code, or let a phone, or whoever comes back, in with one."""
    pairings = session.hub.pairings
    actor = session.require_actor()
    user_id = actor.user_id or 0
    if arguments.codigo is None:
        leave(session)
        pairing = pairings.begin(session.seat, user_id)
        expires_at_ms = session.desk.clock() + CODE_S * 1000
        expira = time_out(expires_at_ms, session.desk.time_zone())
        return Answer({"codigo": pairing.code, "expira": expira})

    is_till = arguments.numero is not None
    pairing = _find_pairing(session, actor, arguments.codigo, is_till=is_till)
    if pairings.of(session.seat) is not pairing:
        leave(session)
    before = pairings.join(session.seat, user_id, pairing, is_till=is_till)
    if isinstance(before, SocketSeat) and session.member is not None:
        before.push(LINK, {"estado": "sale", "de": session.member.alias})
    if arguments.numero is not None:
        pairing.hold_again(arguments.numero)
    _push_state(session, pairing, "entra")
    if pairing.till is session.seat:
        while pairing.held:
            await _push_scan(session, [session.seat], pairing.held.popleft())
    is_there = pairing.other(session.seat) is not None
    return Answer(
        {
            "codigo": pairing.code,
            "presente": is_there,
            "numero": pairing.last_number,
        }
    )


def _find_pairing(
    session: Session,
    actor: Actor,
    code: str,
    *,
    is_till: bool,
) -> Pairing:
    """Return the pairing that a code lets them into.

    Raises NotFound for a wrong one, and TooManyRequests after many wrong ones of theirs.
    """
    user_id = actor.user_id or 0
    wrong_codes = session.hub.wrong_codes
    if wait_s := wrong_codes.wait_s(user_id):
        incidents = session.desk.auth.incidents
        incidents.log(Incident.THROTTLED, session.address, rut=actor.rut)
        raise TooManyRequests(wait_s)
    try:
        return session.hub.pairings.find(session.seat, user_id, code, is_till=is_till)
    except NotFound:
        wrong_codes.take(user_id)
        raise


def leave(session: Session) -> None:
    """Let the other end know that this one has gone."""
    pairings = session.hub.pairings
    pairing = pairings.of(session.seat)
    if pairing is not None:
        _push_state(session, pairing, "sale")
        pairings.leave(session.seat)


def _key_of(session: Session) -> str:
    """Return the key of the account as a member, whether or not it is in the chat here."""
    return account_key(session.require_actor().user_id or 0)


def _push_state(
    session: Session,
    pairing: Pairing,
    state: str,
) -> None:
    other = pairing.other(session.seat)
    member = session.member
    if isinstance(other, SocketSeat) and member is not None:
        other.push(LINK, {"estado": state, "de": member.alias})


async def _push_scan(
    session: Session,
    seats: list[Any],
    scanned: Scan,
) -> None:
    """Let seats hear of a scan, each as its own role may see the product."""
    for seat in seats:
        if isinstance(seat, SocketSeat):
            shape = await _find(session, scanned.code, seat)
            body = {
                "codigo_barras": scanned.code,
                "numero": scanned.number,
                "producto": shape,
            }
            seat.push(SCAN, body)


async def _find(
    session: Session,
    code: str,
    seat: Any,
) -> Any:
    """Return what a code names, as whoever sits in a seat may see it; None for nothing."""
    member = seat.member
    actor = None if member is None else member.actor
    if actor is None:
        return None
    desk = session.desk
    try:
        reading = await desk.reader.read(products.look_up, actor, code)
    except UnknownProducts:
        return None
    return wire.pick_out(
        reading.value,
        reading.now_ms,
        desk.time_zone(),
        staff=actor.is_staff,
    )
