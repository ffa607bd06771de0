"""What is said from a window: once, in its place, and shown at once."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from trastienda.clients.lines import RefusedError
from trastienda.clients.window.chat_view import ChatView
from trastienda.clients.window.refusals import sentence_of
from trastienda.clients.window.shop_line import ShopLine
from trastienda.clients.window.talks import Message, Talk, notice
from trastienda.domain.errors import NotFound
from trastienda.wire.lines.cleaning import clean
from trastienda.wire.refusals import TABLE as REFUSALS

NO_COMMAND = "No existe ese comando o esa persona. /ayuda muestra los comandos."
NOT_FOUND = REFUSALS[NotFound].code
AWAY = "{} no está. Lo leerá al volver."


class Speech:
    """Says things, corrects them, and takes them back."""

    def __init__(
        self,
        line: ShopLine,
        view: ChatView,
        *,
        refresh: Callable[[], None],
    ) -> None:
        self._line = line
        self._view = view
        self._refresh = refresh
        self.zone: tzinfo = datetime.now().astimezone().tzinfo or UTC
        """Where the shop is; until that is known, where this computer is."""

    def now(self) -> datetime:
        """Return this moment, as the clock of the shop shows it."""
        return datetime.now(self.zone)

    def say(
        self,
        talk: Talk,
        text: str,
    ) -> None:
        """Say something in a talk. It is seen at once, and marked until the shop has it."""
        message = Message(
            author=self._line.alias,
            text=clean(text),
            at=self.now(),
            is_own=True,
            is_waiting=True,
        )
        self._view.note_added(talk, talk.add(message))
        self._send(talk, message)

    def say_again(
        self,
        talk: Talk,
        message: Message,
    ) -> None:
        """Try once more to say what was refused."""
        message.refusal, message.is_waiting = "", True
        self._view.note_changed(talk, message)
        self._send(talk, message)

    def _send(
        self,
        talk: Talk,
        message: Message,
    ) -> None:
        def refused(error: Exception) -> None:
            message.is_waiting, message.refusal = False, sentence_of(error)
            self._view.note_changed(talk, message)

        if talk.is_private:
            self._line.begin(
                lambda client: client.whisper(talk.name, message.text),
                lambda is_there: self._take_whispered(talk, message, is_there=is_there),
                refused,
            )
        else:
            self._line.begin(
                lambda client: client.say(message.text, talk.name),
                lambda seq: self._take_said(talk, message, seq),
                refused,
            )

    def _take_said(
        self,
        talk: Talk,
        message: Message,
        seq: int | None,
    ) -> None:
        """Put in its place what the shop has: others may have spoken before."""
        message.seq, message.is_waiting = seq, False
        self._view.note_removed(talk, message)
        talk.remove(message)
        if seq is None or talk.find(seq) is None:
            self._view.note_added(talk, talk.add(message))

    def _take_whispered(
        self,
        talk: Talk,
        message: Message,
        *,
        is_there: bool,
    ) -> None:
        self._take_said(talk, message, None)
        if not is_there:
            self.note(talk, AWAY.format(talk.name))

    def note(
        self,
        talk: Talk,
        words: str,
        *,
        is_presence: bool = False,
    ) -> None:
        """Put a word of the program into a talk."""
        message = notice(words, self.now())
        message.is_presence = is_presence
        self._view.note_added(talk, talk.add(message))

    def discard(
        self,
        talk: Talk,
        message: Message,
    ) -> None:
        """Forget what could not be said."""
        self._view.note_removed(talk, message)
        talk.remove(message)

    def edit(
        self,
        talk: Talk,
        message: Message,
        text: str,
    ) -> None:
        """Say in the place of a message what was meant."""
        self._line.begin(
            lambda client: client.ask(
                "editar", sala=talk.name, seq=message.seq, texto=text
            ),
            lambda _: None,
            self.refused,
        )

    def delete(
        self,
        talk: Talk,
        message: Message,
    ) -> None:
        """Take a message back."""
        self._line.begin(
            lambda client: client.ask("borrar", sala=talk.name, seq=message.seq),
            lambda _: None,
            self.refused,
        )

    def do(
        self,
        talk: Talk,
        text: str,
    ) -> None:
        """Have the shop do what was typed, and put its answer into the talk."""

        def refused(error: Exception) -> None:
            self._view.give_back(text)
            is_unknown = isinstance(error, RefusedError) and error.code == NOT_FOUND
            self.note(talk, NO_COMMAND if is_unknown else sentence_of(error))

        self._command(text, lambda answer: self.note(talk, answer), refused)

    def _command(
        self,
        text: str,
        then: Callable[[str], None],
        refused: Callable[[Exception], None],
    ) -> None:
        """Have the shop do what was typed; rooms and people may be others then."""

        def take(answer: str) -> None:
            then(answer)
            self._refresh()

        self._line.type(text, take, refused)

    def moderate(self, command: str) -> None:
        """Have the shop do what keeps order, and say what came of it."""
        self._command(command, self._view.inform, self.refused)

    def rename(self, alias: str) -> None:
        """Take another alias."""
        self._line.begin(
            lambda client: client.rename(alias),
            lambda _: self._view.inform(f"Ahora eres {self._line.alias}."),
            self.refused,
        )

    def refused(self, error: Exception) -> None:
        """Say why something was not done."""
        self._view.inform(sentence_of(error))
