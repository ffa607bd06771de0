"""Settings read from flags, the environment and a ``.env`` file."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from msgspec import Struct

from trastienda.config.settings import PREFIX, SETTINGS, Setting, Settings

FLAG_SOURCE = "opción"
ENVIRONMENT_SOURCE = "entorno"
DEFAULT_SOURCE = "por omisión"

FORMER_NAMES = {"SECRET_KEY": "secret_key"}
"""Variables that the program before this one used in its ``.env``, and the settings
that they are now."""
UNSUPPORTED_NAMES = {"DB_HOST", "DB_USER", "DB_PASSWORD", "DB_NAME"}
"""Others of its variables, for a database server."""

_Variables = Mapping[str, str | None]


class ConfigError(Exception):
    """Settings that cannot be taken, one sentence each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


class Loaded(Struct, frozen=True):
    """Settings, the source of each by name, and warnings about unknown variables."""

    settings: Settings
    sources: dict[str, str]
    warnings: list[str]


def load(
    flags: Mapping[str, Any], environ: Mapping[str, str], dotenv: Path | None
) -> Loaded:
    """Return the settings; flags win over the environment, and that over the file.

    A flag of None counts as not given, an empty variable as not set. Raises
    ConfigError with every mistake.
    """
    layers: dict[str, _Variables] = {ENVIRONMENT_SOURCE: environ}
    if dotenv is not None and dotenv.is_file():
        layers[str(dotenv)] = _read_dotenv(dotenv)

    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    mistakes: list[str] = []
    for setting in SETTINGS:
        value, source = _find(setting, flags, layers)
        if isinstance(value, str) and source != DEFAULT_SOURCE:
            try:
                value = setting.about.parse(value)
            except ValueError as error:
                name = setting.flag if source == FLAG_SOURCE else setting.variable
                shown = "…" if setting.about.secret else value
                mistakes.append(f"{name}: {error} (vale «{shown}»)")
        values[setting.name] = value
        sources[setting.name] = source

    if mistakes:
        raise ConfigError(mistakes)
    return Loaded(Settings(**values), sources, _warnings(layers))


def _read_dotenv(dotenv: Path) -> _Variables:
    try:
        return dotenv_values(dotenv, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            [f"{dotenv} no se puede leer: debe ser un archivo de texto en UTF-8"]
        ) from error


def _find(
    setting: Setting, flags: Mapping[str, Any], layers: Mapping[str, _Variables]
) -> tuple[Any, str]:
    """Return the value of a setting, not yet parsed, and its source."""
    if flags.get(setting.name) is not None:
        return flags[setting.name], FLAG_SOURCE

    names = [setting.variable]
    names += [old for old, new in FORMER_NAMES.items() if new == setting.name]
    for source, layer in layers.items():
        for name in names:
            if layer.get(name):
                return layer[name], source
    return setting.default, DEFAULT_SOURCE


def _warnings(layers: Mapping[str, _Variables]) -> list[str]:
    """Name the variables that look like settings and are none."""
    known = [setting.variable for setting in SETTINGS]
    warnings = []
    for layer in layers.values():
        for name, value in layer.items():
            if name in UNSUPPORTED_NAMES and value:
                warnings.append(
                    f"{name} no se usa: esta versión guarda la tienda en SQLite, "
                    "en la carpeta de datos"
                )
            if name.startswith(PREFIX) and name not in known:
                warning = f"{name} no es un ajuste"
                close = difflib.get_close_matches(name, known, 1)
                if close:
                    warning += f"; ¿quiso decir {close[0]}?"
                warnings.append(warning)
    return warnings
