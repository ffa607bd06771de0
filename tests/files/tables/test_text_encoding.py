"""Encodings found out from the bytes."""

from pathlib import Path

import pytest

from trastienda.files.tables.text_encoding import find_encoding


def found(folder: Path, content: bytes) -> tuple[str, str]:
    path = folder / "lista.csv"
    path.write_bytes(content)
    encoding = find_encoding(path)
    return encoding.name, " ".join(encoding.remarks)


WORDS = [
    "Piña en jabón ándo",
    "Código;Nombre",
    "Ají;Té;Maíz",
    "Ñandú",
    "PIÑA",
    "AZÚCAR MENÚ",
    "LÁPIZ CAFÉ",
    "época",
    "Pingüino",
    "Plátano Menú",
]


@pytest.mark.parametrize("text", WORDS)
@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "mac_roman"])
def test_the_letters_of_a_word_tell_the_encoding(
    tmp_path: Path, encoding: str, text: str
) -> None:
    assert found(tmp_path, text.encode(encoding))[0] == encoding


@pytest.mark.parametrize(
    "text",
    [
        "O’Higgins D’Onofrio",
        "Kellogg’s",
        "Talca – Curicó",
        "“pan” de 1 €",
        "N° 5, 2º piso",
        "¡Oferta! ¿Dónde?",
        "Curaçao azul",
        "pan\u00a0amasado",
        "½ kilo",
    ],
)
def test_signs_of_windows_are_not_taken_for_letters_of_others(
    tmp_path: Path, text: str
) -> None:
    assert found(tmp_path, text.encode("cp1252"))[0] == "cp1252"


def test_an_encoding_that_is_rare_or_uncertain_is_named(tmp_path: Path) -> None:
    assert "MS-DOS (cp850)" in found(tmp_path, "Piña".encode("cp850"))[1]
    assert "Mac Roman" in found(tmp_path, "Piña".encode("mac_roman"))[1]
    assert "Windows-1252" in found(tmp_path, "5 €".encode("cp1252"))[1]
    assert found(tmp_path, "Piña".encode("cp1252"))[1] == ""


def test_a_long_word_is_looked_at_once(tmp_path: Path) -> None:
    assert found(tmp_path, b"a" * 3_000_000 + b"\xe9")[0] == "cp1252"
