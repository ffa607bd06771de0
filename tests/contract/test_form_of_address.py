"""The shop calls people *tú*: no text of it, and no Spanish page, says *usted* or *vos*,
begs, or raises its voice.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.test_words import GOLDEN

import trastienda

SOURCE = Path(trastienda.__file__).parent
ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.es.md",
    ROOT / "docs" / "antes-y-ahora.md",
    *sorted((ROOT / "docs" / "es").glob("*.md")),
]

COMMANDS = (
    "abra acepte acorte active agregue anada anote apague apunte avise baje borre busque "
    "cambie complete compruebe conecte confirme conserve consulte copie corrija cree "
    "defina deje descargue detenga devuelva diga divida ejecute elija elimine empiece "
    "encienda entregue envie escanee escriba espere exporte guarde haga imprima indique "
    "ingrese inicie instale intente lea llame mande marque mire mueva muestre pague pegue "
    "pida ponga presione pruebe pulse quite reduzca reemplace reinicie repita reponga "
    "restaure retire revise salga seleccione separe suba use vaya vea venda verifique "
    "vuelva"
).split()
"""What *usted* would be told to do, without accents."""
_VOWELS = str.maketrans(
    {
        vowel: f"[{vowel}{accented}]"
        for vowel, accented in zip("aeiou", "áéíóú", strict=True)
    }
)
_STEMS = "|".join(command[:-1].translate(_VOWELS) + command[-1] for command in COMMANDS)
_COMMAND = re.compile(
    rf"(?:^|[.:;,…«»(¿]|\b[yo] )\s*(?:no )?((?:{_STEMS})(?:me|se|le|nos|lo|la|los|las)*)\b"
)
"""An order: at the beginning of a sentence or of a part of it. Elsewhere the same forms
are not orders: «cuando vuelva», «que Tab complete». An accent can stand on any vowel but
the last, which would be «yo cambié».
"""
_OTHERS = re.compile(
    r"\b(?:usted(?:es)?|por favor|oops|entre (?:con|por|al?)|su terminal|"
    r"quiso decir|quisiera|su clave provisional)\b"
    r"|(?:^|[.:] )su (?:sesión|cuenta|tipo de usuario|compra)\b"
)
_VOSEO = re.compile(
    r"\b(?:vos|tenés|podés|querés|sabés|"
    r"(?:escrib|ingres|prob|pon|hac|eleg|revis|guard|esper|us|mir|dej|agreg)[áéí])\b"
)
_LOUD = re.compile(r"¡[a-záéíóú]|[a-záéíóú]!(?=\W|$)")


def faults(text: str) -> list[str]:
    """Return what in a text is not said to a *tú*."""
    lower = text.lower()
    return [
        fault
        for form in (_COMMAND, _OTHERS, _VOSEO, _LOUD)
        for fault in form.findall(lower)
    ]


def literals(file: Path) -> Iterator[tuple[int, str]]:
    """Each text in a module that is no docstring, with its line."""
    tree = ast.parse(file.read_text("utf-8"))
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
        ):
            yield node.lineno, node.value


@pytest.mark.parametrize(
    "text",
    [
        "Falta una identificación vigente; inicie sesión.",
        "Para detener: Ctrl-C, o escriba salir.",
        "No se puede leer; repóngalo y pruebe otra vez.",
        "Demasiado grande: guárdela como CSV.",
        "Usted ahorró $900",
        "Para usarlo entre con /entrar USUARIO CLAVE.",
        "¡Gracias por tu compra!",
        "Ingresá un alias, por favor.",
        "Su sesión terminó.",
        "No es un ajuste; ¿quiso decir TRASTIENDA_PORT?",
        "Si quisiera verlo, entra antes.",
        "Su clave provisional, que se muestra solo ahora: x",
    ],
)
def test_another_form_of_address_is_found(text: str) -> None:
    assert faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "Falta una identificación vigente. Inicia sesión.",
        "Hace que la tecla Tab complete los comandos",
        "Desactiva a una persona; para que vuelva, un Administrador la pone Activo.",
        "El nombre; si tiene espacios, entre comillas.",
        "La tienda y su stock, guárdala como CSV; escríbela de nuevo.",
    ],
)
def test_what_is_said_to_a_tu_passes(text: str) -> None:
    assert not faults(text)


def test_no_text_in_the_source_says_usted() -> None:
    found = [
        f"{file.relative_to(SOURCE)}:{line}: {text!r}"
        for file in sorted(SOURCE.rglob("*.py"))
        for line, text in literals(file)
        if " " in text and faults(text)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "file",
    [*sorted(GOLDEN.glob("*.txt")), *PAGES],
    ids=lambda file: file.name,
)
def test_no_page_says_usted(file: Path) -> None:
    found = [
        f"{number}: {line}"
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
        if faults(line)
    ]
    assert not found, "\n".join(found)
