"""Why something could not be done, in a sentence for people."""

from trastienda.clients.lines import LineError
from trastienda.wire.lines.cleaning import clean

NO_LINE = "No hay conexión ahora mismo. Prueba otra vez cuando vuelva."


def sentence_of(error: Exception) -> str:
    """Return what whoever sits here can be told of an error."""
    if isinstance(error, LineError):
        return clean(str(error))
    return NO_LINE
