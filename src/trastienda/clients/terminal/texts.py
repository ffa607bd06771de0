"""What is shown in the terminal: pieces of text, each with the name of its style."""

from datetime import datetime

from trastienda.clients.names import colour_number, mentions
from trastienda.wire.chat import Mensaje, Presencia, presence_line
from trastienda.wire.lines.cleaning import clean

Pieces = list[tuple[str, str]]
"""A line or several, as (style, text); on no terminal the texts alone are printed."""

ME = "Tú: "
LOST = "Se cortó la conexión. Sigue escribiendo: se enviará al volver."
BACK = "De vuelta."
GAP = "Falta una parte de lo que se dijo mientras tanto: /historial muestra lo último."


def name_style(alias: str) -> str:
    """Return the style of a person's name."""
    return f"class:name{colour_number(alias)}"


def message(
    said: Mensaje,
    alias: str | None,
) -> Pieces:
    """Return a message, as ``10:15 pedro: hola``; ``alias`` is one's own."""
    author, text = clean(said.de), clean(said.texto)
    pieces: Pieces = [("class:time", f"{_time(said.fecha)} ")]
    if isinstance(said.para, str):
        other = clean(said.para) if author == alias else None
        label = f"A {other}" if other else author
        pieces += [
            (name_style(other or author), label),
            ("class:private", " (en privado)"),
        ]
    else:
        pieces.append((name_style(author), author))

    if said.borrado:
        return [*pieces, ("class:notice", f" borró su mensaje {said.seq}.")]
    if said.editado:
        pieces.append(("class:notice", f" corrigió su mensaje {said.seq}"))
    style = "class:mention" if mentions(text, alias) else ""
    return [*pieces, ("", ": "), (style, text)]


def past(said: Mensaje) -> Pieces:
    """Return a message of a history, with its number."""
    author = clean(said.de)
    heading: Pieces = [("class:time", f"[{said.seq} {_day_and_time(said.fecha)}] ")]
    if said.borrado:
        return [*heading, ("class:notice", f"(mensaje borrado de {author})")]
    edited = " (corregido)" if said.editado else ""
    return [
        *heading,
        (name_style(author), author),
        ("", f": {clean(said.texto)}"),
        ("class:notice", edited),
    ]


def presence(notice: Presencia) -> Pieces:
    """Return who comes, leaves, or is called otherwise."""
    return [("class:notice", clean(presence_line(notice)))]


def refusal(
    sentence: str,
    code: str,
) -> Pieces:
    """Return why something was not done."""
    return [("class:refusal", f"{clean(sentence)} ({clean(code)})")]


def answer(text: str) -> Pieces:
    """Return what the shop answered, of as many lines as it has."""
    return [("", "\n".join(clean_line(line) for line in text.splitlines()))]


def clean_line(line: str) -> str:
    """Return a line of an answer, safe to show, with the blanks that put it in columns."""
    indent = len(line) - len(line.lstrip(" "))
    return " " * indent + clean(line)


def notice(text: str) -> Pieces:
    """Return a word of the program itself."""
    return [("class:notice", text)]


def plain(pieces: Pieces) -> str:
    """Return what is printed where there are no colours."""
    return "".join(text for _, text in pieces)


def _time(moment: str) -> str:
    """Return the hour and the minute, as the shop wrote them."""
    try:
        return datetime.fromisoformat(moment).strftime("%H:%M")
    except ValueError:
        return "--:--"


def _day_and_time(moment: str) -> str:
    """Return the day as well, if it is not today's."""
    try:
        written = datetime.fromisoformat(moment)
    except ValueError:
        return _time(moment)
    is_today = written.date() == datetime.now(written.tzinfo).date()
    return written.strftime("%H:%M" if is_today else "%d-%m %H:%M")
