"""Private messages: said to one person, who may be away."""

from trastienda.actions import private_messages
from trastienda.actions.private_messages import Addressee
from trastienda.domain.chat_entries import EntryKind
from trastienda.domain.errors import NotFound
from trastienda.servers.sessions.session import Answer, Session
from trastienda.wire.lines import answers, sentences
from trastienda.wire.lines.cleaning import clean
from trastienda.wire.lines.shapes import MensajePrivado


async def whisper(
    session: Session,
    arguments: MensajePrivado,
) -> Answer:
    """Say something to one person alone."""
    session.meter.check()
    member = session.require_member()
    person = await session.hub.names.find(arguments.para)
    if person is None:
        raise NotFound

    member_here = session.hub.seats.find_member(person.key)
    is_present = member_here is not None
    addressee = Addressee(person.key, person.alias, present=is_present)

    message = await session.desk.writer.run(
        private_messages.whisper,
        member,
        addressee,
        clean(arguments.texto),
        arguments.id_cliente,
        session.number,
    )
    session.log(EntryKind.PRIVATE, other=message.recipient_alias)

    data = answers.sent(addressee.alias, delivered=is_present)
    text = sentences.sent(message, present=is_present)
    return Answer(data, text)
