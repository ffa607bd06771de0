"""Why a shop cannot be opened or served."""


class StartError(Exception):
    """The shop cannot be opened or served; the text says why and what to do.

    It is in Spanish, for whoever started the command.
    """
