"""Click's own words in Spanish.

Click asks ``gettext`` for its words, which answers by the language of the machine and
from compiled files. The shop speaks Spanish whatever the machine is set to, so what
Click asks is answered from the table below.
"""

import sys

import click

WORDS = {
    # help
    "Usage:": "Uso:",
    "Options": "Opciones",
    "Positional arguments": "Argumentos",
    "Commands": "Comandos",
    "Show this message and exit.": "Muestra esta ayuda y termina.",
    "Show the version and exit.": "Muestra la versión y termina.",
    "default: {default}": "si no se dice: {default}",
    "env var: {var}": "variable: {var}",
    # mistakes
    "Error: {message}": "trastienda: {message}",
    "Try '{command} {option}' for help.": "Con '{command} {option}' se ve la ayuda.",
    "Aborted!": "Interrumpido.",
    "Missing command.": "falta el comando.",
    "Missing argument": "falta",
    "Missing option": "falta la opción",
    "Missing parameter": "falta",
    "Missing parameter: {param_name}": "falta {param_name}",
    "Missing {param_type}": "falta {param_type}",
    "No such option {name!r}.": "no existe la opción '{name}'.",
    "No such command {name!r}.": "no existe el comando '{name}'.",
    "Did you mean {possibility}?": "¿Quisiste decir {possibility}?",
    "(Did you mean one of: {possibilities}?)": (
        "¿Quisiste decir una de estas: {possibilities}?"
    ),
    "Option {name!r} does not take a value.": "la opción '{name}' no lleva valor.",
    "Option {name!r} requires an argument.": "la opción '{name}' necesita un valor.",
    "Option {name!r} requires {nargs} arguments.": (
        "la opción '{name}' necesita {nargs} valores."
    ),
    "Argument {name!r} takes {nargs} values.": "'{name}' lleva {nargs} valores.",
    "Invalid start character for option ({option})": (
        "una opción no puede comenzar así: {option}"
    ),
    "Got unexpected extra argument ({args})": (
        "sobra '{args}'. Un valor con espacios va entre comillas."
    ),
    "Got unexpected extra arguments ({args})": (
        "sobran estas palabras: {args}. Un valor con espacios va entre comillas."
    ),
    "Invalid value: {message}": "valor inválido: {message}",
    "Invalid value for {param_hint}: {message}": "{param_hint}: {message}",
    "Choose from:\n\t{choices}": "Puede ser:\n\t{choices}",
    "{value!r} is not {choice}.": "'{value}' no es {choice}.",
    "{value!r} is not one of {choices}.": (
        "'{value}' no es una de las opciones: {choices}."
    ),
    "{value!r} is not a valid {number_type}.": "'{value}' no es un número.",
    "{value} is not in the range {range}.": (
        "{value} no está entre los permitidos: {range}."
    ),
    "{value!r} is not a valid boolean. Recognized values: {states}": (
        "'{value}' no se entiende; puede ser: {states}"
    ),
    "{name} {filename!r} does not exist.": "'{filename}' no existe.",
    "{name} {filename!r} is a file.": "'{filename}' es un archivo, no una carpeta.",
    "{name} {filename!r} is a directory.": (
        "'{filename}' es una carpeta, no un archivo."
    ),
    "{name} {filename!r} is not readable.": "'{filename}' no se puede leer.",
    "{name} {filename!r} is not writable.": "en '{filename}' no se puede escribir.",
    "Could not open file {filename!r}: {message}": (
        "no se puede abrir '{filename}': {message}"
    ),
    "unknown error": "no se sabe por qué",
    # questions
    "Do you want to continue?": "¿Continuar?",
    "Repeat for confirmation": "Otra vez",
    "Error: The two entered values do not match.": (
        "No son iguales; escríbelas de nuevo."
    ),
    "Error: invalid input": "No se entiende.",
    "Press any key to continue...": "Pulsa una tecla para continuar…",
    # completion
    "Shell completion is not supported for Bash versions older than 4.4.": (
        "Bash completa desde la versión 4.4."
    ),
    "Couldn't detect Bash version, shell completion is not supported.": (
        "No se encontró Bash 4.4 o más nuevo."
    ),
}
"""What Click says and what the shop says instead."""


def _spanish(message: str) -> str:
    return WORDS.get(message, message)


def speak() -> None:
    """Give Click the words above, in each of its modules that asks for any."""

    def plural_in_spanish(
        singular: str,
        plural: str,
        count: int,
    ) -> str:
        if count == 1:
            return _spanish(singular)
        return _spanish(plural)

    # The names under which Click's modules import the functions of ``gettext``.
    translators = {"_": _spanish, "ngettext": plural_in_spanish}
    for module_name, module in list(sys.modules.items()):
        if module_name != "click" and not module_name.startswith("click."):
            continue

        for function_name, translator in translators.items():
            if callable(getattr(module, function_name, None)):
                setattr(module, function_name, translator)


def lay_out(command: click.Command) -> click.Command:
    """Say in Spanish what follows the command in the first line of its help.

    Returns the command.
    """
    command.options_metavar = "[OPCIONES]"
    if isinstance(command, click.Group):
        command.subcommand_metavar = "COMANDO …"
        for subcommand in command.commands.values():
            lay_out(subcommand)
    return command
