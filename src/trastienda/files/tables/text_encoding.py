"""The encoding of a text file, found out from its bytes."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from trastienda.files.tables.table import FileRefused

_BLOCK_BYTES = 1 << 20
_SURROGATES = re.compile("[\udc80-\udcff]")

_NAMES = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252",
    "cp850": "MS-DOS (cp850)",
    "mac_roman": "Mac Roman",
}
"""The encodings that are found, as people know them."""
_ONE_BYTE_ENCODINGS = ("cp1252", "cp850", "mac_roman")
"""Of files without UTF-8. Where two fit alike, the first one does."""

_SPANISH = re.compile(
    "(?:(?<=[A-Za-z])(?<![A-Z]{2})|(?=[áéíóúñü][a-z]))[áéíóúñü](?![A-Z])"
    "|(?<![a-z])[ÁÉÍÓÚÑÜ](?=[A-Za-z])"
    "|(?<=[A-Z])[ÁÉÍÓÚÑÜ](?![a-z])"
    "|(?<=[A-Za-z])’(?=[A-Z]|[sS](?![A-Za-z]))"
    "|[¡¿](?=[A-Za-z])|(?<=[0-9A-Za-z])[°º]|(?<=[0-9])ª"
    "|(?<=[0-9A-Za-z])\u00a0(?=[0-9A-Za-z])"
)
"""Letters and signs where Spanish has them: a small accented letter not among capitals,
a capital not behind a small letter."""
_ODD_WORD = re.compile(rb"(?<![0-9A-Za-z])[0-9A-Za-z]*(?:[\x80-\xff]+[0-9A-Za-z]*)+")


class FoundEncoding(Struct, frozen=True):
    """The encoding of a file, and what is odd about it, in Spanish."""

    name: str
    remarks: list[str]


def find_encoding(path: Path) -> FoundEncoding:
    """Return the encoding of a text file, found by reading it through.

    Raises FileRefused for a file that is no text.
    """
    utf8_letters = other_letters = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with path.open("rb") as raw:
        start = raw.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return FoundEncoding("utf-16", [])

        raw.seek(0)
        while block := raw.read(_BLOCK_BYTES):
            if b"\0" in block:
                raise FileRefused(
                    "No es un archivo de texto; guárdalo como «CSV UTF-8»."
                )
            text = decoder.decode(block)
            if text.isascii():
                continue

            undecoded_letters = len(_SURROGATES.findall(text))
            # Without a loop in Python: a file may have a hundred million letters.
            code_points = map(ord, text)
            letters_beyond_ascii = sum(map((127).__lt__, code_points))
            other_letters += undecoded_letters
            utf8_letters += letters_beyond_ascii - undecoded_letters
    # What is left is a letter that the end of the file cuts off.
    unfinished_letter = decoder.decode(b"", final=True)
    other_letters += len(unfinished_letter)

    has_mark = start.startswith(codecs.BOM_UTF8)
    # One damaged letter does not make it a file of another encoding: its row will be
    # refused.
    if has_mark or utf8_letters >= other_letters:
        remarks = []
        if utf8_letters and other_letters:
            remarks.append(_mixed("utf-8", other_letters, "Windows-1252"))
        return FoundEncoding("utf-8-sig" if has_mark else "utf-8", remarks)

    encoding, is_proven = _one_byte_encoding(path)
    remarks = []
    if utf8_letters:
        remarks.append(_mixed(encoding, utf8_letters, "UTF-8"))
    elif encoding != "cp1252" or not is_proven:
        remarks.append(
            f"El archivo se leyó como {_NAMES[encoding]}, por sus letras; "
            "si las tildes salen mal, guárdalo como «CSV UTF-8»."
        )
    return FoundEncoding(encoding, remarks)


def _mixed(
    encoding: str,
    odd_letters: int,
    other_name: str,
) -> str:
    """Return the remark on a file with letters of two encodings."""
    letters = "1 letra parece" if odd_letters == 1 else f"{odd_letters} letras parecen"
    return (
        f"El archivo mezcla codificaciones: se leyó como {_NAMES[encoding]}, "
        f"y {letters} de {other_name}."
    )


def _one_byte_encoding(path: Path) -> tuple[str, bool]:
    """Return under which encoding most letters are Spanish, and whether under no other
    as many are."""
    letters = dict.fromkeys(_ONE_BYTE_ENCODINGS, 0)
    for words in _odd_words(path):
        for encoding in _ONE_BYTE_ENCODINGS:
            text = words.decode(encoding, "replace")
            letters[encoding] += len(_SPANISH.findall(text))

    best = max(_ONE_BYTE_ENCODINGS, key=lambda encoding: letters[encoding])
    runner_up = sorted(letters.values())[-2]
    return best, letters[best] > runner_up


def _odd_words(path: Path) -> Iterator[bytes]:
    """Yield the words with letters beyond ASCII, those of each block together."""
    with path.open("rb") as raw:
        while block := raw.read(_BLOCK_BYTES):
            yield b"\n".join(_ODD_WORD.findall(block))
