"""Private messages: said to one person, who may be away."""

from trastienda.actions import private_messages
from trastienda.actions.private_messages import Addressee
from trastienda.domain.chat_entries import EntryKind
from trastienda.domain.errors import NotFound
from trastienda.servers.sessions.session import Answer, Session
from trastienda.wire.lines import answers, sentences
from trastienda.wire.lines.cleaning import clean
from trastienda.wire.lines.shapes import MensajePrivado


async def whisper(session: Session, arguments: MensajePrivado) -> Answer:
    """Say something to one person alone."""
    session.meter.check()
    member = session.require_member()
    addressee = await _get_addressee(session, arguments.para)
    message = await session.desk.writer.run(
        private_messages.whisper,
        member,
        addressee,
        clean(arguments.texto),
        arguments.id_cliente,
        session.number,
    )
    session.log(EntryKind.PRIVATE, other=message.recipient_alias)
    return Answer(
        answers.sent(addressee.alias, delivered=addressee.present),
        sentences.sent(message, present=addressee.present),
    )


async def _get_addressee(session: Session, alias: str) -> Addressee:
    """Return whom an alias means: somebody here, or an account; raise NotFound for nobody."""
    hub = session.hub
    found = await hub.names.find(alias)
    if found is None:
        raise NotFound
    is_present = hub.seats.find_member(found.key) is not None
    return Addressee(found.key, found.alias, present=is_present)
