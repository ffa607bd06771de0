"""What was said before: read back page by page, and searched."""

from collections.abc import Callable, Sequence

from trastienda.clients.lines import LineClient
from trastienda.clients.lines.arriving import messages_in as messages_of
from trastienda.clients.window.chat_view import ChatView
from trastienda.clients.window.refusals import sentence_of
from trastienda.clients.window.shop_line import ShopLine
from trastienda.clients.window.talks import Message, Talk, message_in, messages_in
from trastienda.wire.chat import Mensaje
from trastienda.wire.lines.cleaning import clean

PAGE = 100
"""Messages that are asked for at once."""
Found = Sequence[tuple[str, Message]]
"""Messages, each with its room."""


class History:
    """Asks for what was said before."""

    def __init__(
        self,
        line: ShopLine,
        view: ChatView,
    ) -> None:
        self._line = line
        self._view = view
        self._is_reading = False

    def read_back(
        self,
        talk: Talk,
        then: Callable[[], None] | None = None,
    ) -> None:
        """Ask for what was said before the first message of a talk that is known."""
        first_seq = talk.first_seq
        if first_seq is None or self._is_reading:
            return
        self._is_reading = True

        async def ask(client: LineClient) -> tuple[list[Mensaje], bool]:
            page = await client.ask(
                "historial", sala=talk.name, antes=first_seq, limite=PAGE
            )
            return messages_of(page), bool(page["hay_mas"])

        def take(page: tuple[list[Mensaje], bool]) -> None:
            messages, talk.has_older = page
            self._is_reading = False
            count = len(talk.messages)
            talk.prepend(messages_in(messages, self._line.alias))
            self._view.note_older(talk, len(talk.messages) - count)
            if then is not None:
                then()

        def refused(error: Exception) -> None:
            self._is_reading = talk.has_older = False
            self._view.inform(sentence_of(error))

        self._line.begin(ask, take, refused)

    def search(
        self,
        words: str,
        then: Callable[[Found], None],
    ) -> None:
        """Search what was said, in all rooms; what matches comes newest first."""

        async def ask(client: LineClient) -> list[Mensaje]:
            return messages_of(await client.ask("buscar", q=words))

        def take(matches: list[Mensaje]) -> None:
            alias = self._line.alias
            then([(clean(str(said.sala)), message_in(said, alias)) for said in matches])

        self._line.begin(ask, take, lambda error: self._view.inform(sentence_of(error)))
