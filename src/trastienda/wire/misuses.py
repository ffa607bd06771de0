"""What no rule of the shop refuses, but HTTP: in the words of the refusals."""

from trastienda.wire.refusals import Problem

NO_SUCH_PATH = Problem(
    404, "no_encontrado", "No encontrado", "No hay nada en esta dirección."
)
NOT_ACCEPTABLE = Problem(
    406,
    "formato_no_disponible",
    "Formato no disponible",
    "No hay respuesta en un formato que «Accept» admita.",
)
UNREADABLE = Problem(
    400, "json_ilegible", "JSON ilegible", "El cuerpo no es JSON en UTF-8."
)
HOST_UNREADABLE = Problem(
    400,
    "host_ilegible",
    "Falta el nombre del equipo",
    "La solicitud debe llevar un solo «Host», con el nombre o la dirección de la tienda.",
)
UNREADABLE_REQUEST = Problem(
    400, "solicitud_ilegible", "Solicitud ilegible", "Esto no es HTTP/1.1 bien formado."
)
TOO_SLOW = Problem(
    408,
    "solicitud_lenta",
    "Solicitud lenta",
    "La solicitud no llegó entera a tiempo; nada de ella quedó hecho. Envíala de nuevo.",
)
HEAD_TOO_LARGE = Problem(
    431,
    "cabecera_grande",
    "Cabecera demasiado grande",
    "La línea y las cabeceras de la solicitud son demasiado grandes.",
)
TOO_LARGE = Problem(
    413, "demasiado_grande", "Demasiado grande", "El cuerpo es demasiado grande."
)
UNSUPPORTED_MEDIA = Problem(
    415,
    "tipo_no_admitido",
    "Tipo no admitido",
    "El cuerpo debe venir como «Content-Type: application/json», en UTF-8 y sin "
    "comprimir.",
)


def failed(number: str) -> Problem:
    """Return, in words, that something broke; the technical log has it by its number."""
    return Problem(
        500,
        "error_interno",
        "Error interno",
        "Algo falló y no se guardó nada. Prueba otra vez; si sigue, avisa con este "
        f"número: {number}.",
        {"numero": number},
    )


def method_not_allowed(allowed: str) -> Problem:
    """Return, in words, that a path does not take a method.

    ``allowed`` are the methods that it takes.
    """
    return Problem(
        405,
        "metodo_no_admitido",
        "Método no admitido",
        f"Aquí se admite {allowed}.",
    )


def host_unknown(name: str) -> Problem:
    """Return, in words, that the shop is not called so."""
    return Problem(
        421,
        "host_no_admitido",
        "La tienda no se llama así",
        f"Esta tienda no atiende como «{name}». Si ese nombre es tuyo, agrégalo a "
        "TRASTIENDA_HOSTS y vuelve a abrir la tienda.",
    )


def header_repeated(header: str) -> Problem:
    """Return, in words, that a header came twice of which there may be one."""
    return Problem(
        400,
        "solicitud_ilegible",
        "Solicitud ilegible",
        f"La cabecera «{header.title()}» viene más de una vez, y no se sabe cuál vale. "
        "Envía una sola.",
    )


def origin_unknown(origin: str) -> Problem:
    """Return, in words, that pages of a site may not call."""
    return Problem(
        403,
        "origen_no_admitido",
        "El sitio no puede llamar",
        f"TRASTIENDA_CORS_ORIGINS no nombra a {origin}: sus páginas no pueden llamar a "
        "esta tienda. Si el sitio es tuyo, agrégalo ahí y vuelve a abrir la tienda.",
    )
