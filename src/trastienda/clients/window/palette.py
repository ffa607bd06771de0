"""The shop's colours, light and dark, by the names that its screens share."""

from msgspec import Struct


class Palette(Struct, frozen=True, kw_only=True):
    """Every colour of the window, as ``#rrggbb``."""

    canvas: str
    """Behind everything; then the surfaces, from the back to the front."""
    surface: str
    surface_2: str
    surface_3: str
    line: str
    """Divides; what is pressed or typed into has ``line_strong``."""
    line_strong: str

    ink: str
    ink_2: str
    ink_3: str
    """The faintest in which anything is written."""

    accent: str
    accent_hover: str
    accent_press: str
    on_accent: str
    accent_ink: str
    accent_soft: str

    warn_ink: str
    warn_soft: str
    danger: str
    danger_hover: str
    on_danger: str
    danger_ink: str
    danger_soft: str

    focus: str
    """Where the keyboard is, and nothing else."""
    select: str

    people: tuple[str, ...]
    """Of those who speak, each at least 4.5 to 1 on ``surface`` and on ``surface_2``."""


LIGHT = Palette(
    canvas="#f5f4f0",
    surface="#ffffff",
    surface_2="#faf9f6",
    surface_3="#edebe5",
    line="#e2dfd8",
    line_strong="#8a857a",
    ink="#1b1a17",
    ink_2="#524e46",
    ink_3="#6a655b",
    accent="#0e6848",
    accent_hover="#0b573c",
    accent_press="#094731",
    on_accent="#ffffff",
    accent_ink="#0b5b3f",
    accent_soft="#e4f1ea",
    warn_ink="#74480a",
    warn_soft="#fbf1dc",
    danger="#b3261e",
    danger_hover="#96190f",
    on_danger="#ffffff",
    danger_ink="#9a1c14",
    danger_soft="#fcecea",
    focus="#1f5fd6",
    select="#eef3fd",
    people=("#0b5b3f", "#8a3b12", "#5b3a8e", "#1d5a7a", "#8a2457", "#5d5a12"),
)

DARK = Palette(
    canvas="#121311",
    surface="#1a1b19",
    surface_2="#20211e",
    surface_3="#2a2b27",
    line="#30312d",
    line_strong="#7e7c73",
    ink="#eeece6",
    ink_2="#bab6ac",
    ink_3="#9b978d",
    accent="#55c394",
    accent_hover="#6fd0a7",
    accent_press="#86dab8",
    on_accent="#06170f",
    accent_ink="#74d4ab",
    accent_soft="#163025",
    warn_ink="#efc878",
    warn_soft="#2f2612",
    danger="#f08a80",
    danger_hover="#f5a199",
    on_danger="#230705",
    danger_ink="#f6a39b",
    danger_soft="#361c19",
    focus="#8fb8ff",
    select="#1b2536",
    people=("#74d4ab", "#f0a97a", "#c3a6f2", "#86c7e8", "#f29ac0", "#d3cf74"),
)
