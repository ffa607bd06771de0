"""Settings: one typed struct, filled from flags, the environment and a ``.env`` file."""

from trastienda.config.loading import (
    DEFAULT_SOURCE,
    FLAG_SOURCE,
    ConfigError,
    Loaded,
    load,
)
from trastienda.config.parsers import CODE_PAGES
from trastienda.config.settings import (
    BY_NAME,
    PREFIX,
    SETTINGS,
    Section,
    Setting,
    Settings,
)

__all__ = [
    "BY_NAME",
    "CODE_PAGES",
    "DEFAULT_SOURCE",
    "FLAG_SOURCE",
    "PREFIX",
    "SETTINGS",
    "ConfigError",
    "Loaded",
    "Section",
    "Setting",
    "Settings",
    "load",
]
