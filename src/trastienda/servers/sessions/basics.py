"""What every session may ask for: the help, the shop's page, whether it lives, goodbye."""

from collections.abc import Iterable

from trastienda.domain.people import STRANGER
from trastienda.servers.sessions import buying
from trastienda.servers.sessions.command import Command, Who, may_use, slash
from trastienda.servers.sessions.session import Answer, Session
from trastienda.wire.lines import answers, sentences
from trastienda.wire.lines.shapes import Nada


def help_on(
    session: Session,
    commands: Iterable[Command],
) -> Answer:
    """List the commands that one may use.

    Who has not logged in is shown how one buys, too, and what it takes.
    """
    buyers = session.hub.rules.buyers
    is_stranger = session.viewer is STRANGER
    may_buy = buying.may_buy(session)

    for_programs: list[tuple[str, str, str]] = []
    for_people: list[str] = []
    for command in commands:
        if session.mode not in command.modes:
            continue

        help_text = command.help
        if command.keyed and command.who is Who.USER:
            if is_stranger:
                help_text = f"{help_text} ({sentences.BUYING_TAKES[buyers]})"
            elif not may_buy:
                continue
        elif not may_use(command, session.member):
            continue

        for_programs.append((command.word, command.usage, help_text))
        if not command.for_programs:
            help_line = sentences.help_line(
                command.word,
                command.usage,
                command.aliases,
                help_text,
                slash(session.mode),
            )
            for_people.append(help_line)

    if not is_stranger and not may_buy:
        for_people.append(sentences.NO_BUYING[buyers])
    data = answers.commands(for_programs)
    return Answer(data, "\n".join(for_people))


async def say_goodbye(
    session: Session,
    arguments: Nada,
) -> Answer:
    """End the session, once what was said is stored."""
    await session.in_flight.wait()
    return Answer(text=sentences.GOODBYE, goodbye=True)


async def show_shop(
    session: Session,
    arguments: Nada,
) -> Answer:
    """Show what anybody may know of the shop: its name, and how it writes money and times."""
    return Answer(answers.shop(session.desk.shop()))


async def ping(
    session: Session,
    arguments: Nada,
) -> Answer:
    """Answer, so that a program knows that the connection is alive."""
    return Answer()
