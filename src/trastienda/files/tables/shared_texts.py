"""The texts of a spreadsheet of Excel, each of which many cells may share."""

from collections.abc import Callable

from trastienda.files.tables.zipped_xml import (
    Archive,
    Attributes,
    local_name,
    new_parser,
)

_SHARED_TEXTS = "xl/sharedStrings.xml"
_END_OF_TEXT = b"</si>"


def blank_texts(archive: Archive) -> frozenset[str]:
    """Return the numbers, as texts, of the shared texts that are blank."""
    blanks = []

    def see(number: int, text: str) -> None:
        if not text.strip():
            blanks.append(str(number))

    _look_at_each(archive, see)
    return frozenset(blanks)


def text_lengths(archive: Archive) -> list[int]:
    """Return the characters of each shared text, by its number."""
    lengths: list[int] = []

    def see(number: int, text: str) -> None:
        lengths.append(len(text))

    _look_at_each(archive, see)
    return lengths


def longest_bytes(archive: Archive) -> int:
    """Return what no shared text is longer than, tags included.

    A look at plain bytes: to read them as XML costs twenty times as much.
    """
    longest = 0
    unfinished = 0
    if archive.has(_SHARED_TEXTS):
        for block in archive.blocks(_SHARED_TEXTS):
            lengths = list(map(len, block.split(_END_OF_TEXT)))
            lengths[0] += unfinished
            longest = max(longest, *lengths)
            unfinished = lengths[-1]
    return longest


def _look_at_each(
    archive: Archive,
    see: Callable[[int, str], None],
) -> None:
    count = 0
    texts: list[str] = []

    def start(tag: str, attributes: Attributes) -> None:
        if local_name(tag) == "si":
            texts.clear()

    def end(tag: str) -> None:
        nonlocal count
        if local_name(tag) == "si":
            see(count, "".join(texts))
            count += 1

    if archive.has(_SHARED_TEXTS):
        parser = new_parser(
            StartElementHandler=start,
            EndElementHandler=end,
            CharacterDataHandler=texts.append,
        )
        archive.parse(_SHARED_TEXTS, parser)
