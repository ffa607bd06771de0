"""What messages of the chat say in words."""

from trastienda.domain.chat import HOUSE_KEY, Message, MessageKind
from trastienda.wire.chat import text_of


def test_a_copy_that_was_not_made_is_said_with_its_reason() -> None:
    message = Message(
        room="alertas",
        seq=1,
        at_ms=0,
        sender=HOUSE_KEY,
        alias="",
        text="en /disco: no existe",
        kind=MessageKind.COPY_FAILED,
    )
    assert text_of(message) == "No se hizo la copia programada: en /disco: no existe."
    assert message.searched == message.text
