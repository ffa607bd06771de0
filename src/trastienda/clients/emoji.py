"""Emoji by their names, in Spanish or in English: ``:corazón_rojo:``, ``:+1:``."""


def with_emoji(text: str) -> str:
    """Return a text with the emoji that it names."""
    if text.count(":") < 2:
        return text

    import emoji  # a large table, and few texts name one

    return emoji.emojize(emoji.emojize(text, language="es"), language="alias")
