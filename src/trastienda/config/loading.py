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
        try:
            # Windows' editors begin a file of UTF-8 with a mark.
            layers[str(dotenv)] = dotenv_values(dotenv, encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                [f"{dotenv} no se puede leer: debe ser un archivo de texto en UTF-8"]
            ) from error
    raw_settings = _RawSettings(flags, layers)

    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    mistakes: list[str] = []
    for setting in SETTINGS:
        value, source = raw_settings.find(setting)
        if isinstance(value, str) and source != DEFAULT_SOURCE:
            try:
                value = setting.about.parse(value)
            except ValueError as error:
                name = setting.flag if source == FLAG_SOURCE else setting.variable
                value_text = "…" if setting.about.secret else value
                mistakes.append(f"{name}: {error} (vale «{value_text}»)")
        values[setting.name] = value
        sources[setting.name] = source

    if mistakes:
        raise ConfigError(mistakes)
    return Loaded(Settings(**values), sources, raw_settings.warnings())


class _RawSettings(Struct, frozen=True):
    """Settings before they are parsed: flags, and variables by where they come from."""

    flags: Mapping[str, Any]
    layers: Mapping[str, _Variables]

    def find(self, setting: Setting) -> tuple[Any, str]:
        """Return the value of a setting, not yet parsed, and its source."""
        flag_value = self.flags.get(setting.name)
        if flag_value is not None:
            return flag_value, FLAG_SOURCE

        variables = [setting.variable]
        for former_name, setting_name in FORMER_NAMES.items():
            if setting_name == setting.name:
                variables.append(former_name)

        for source, layer in self.layers.items():
            for variable in variables:
                value = layer.get(variable)
                if value:
                    return value, source
        return setting.default, DEFAULT_SOURCE

    def warnings(self) -> list[str]:
        """Name the variables that look like settings and are none."""
        known_variables = [setting.variable for setting in SETTINGS]
        warnings = []
        for layer in self.layers.values():
            for variable, value in layer.items():
                if variable in UNSUPPORTED_NAMES and value:
                    warnings.append(
                        f"{variable} no se usa: esta versión guarda la tienda en "
                        "SQLite, en la carpeta de datos"
                    )

                if variable.startswith(PREFIX) and variable not in known_variables:
                    warning = f"{variable} no es un ajuste"
                    similar = difflib.get_close_matches(variable, known_variables, n=1)
                    if similar:
                        warning += f"; ¿quisiste decir {similar[0]}?"
                    warnings.append(warning)
        return warnings
