"""Every refusal in words, in one table that all wires read.

Each has its status, code, title, sentence and data.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from trastienda.domain import errors
from trastienda.domain.api_keys import MAX_KEYS
from trastienda.domain.errors import Refusal
from trastienda.domain.payments import Method
from trastienda.domain.webhooks import MAX_WEBHOOKS
from trastienda.wire import shortages
from trastienda.wire.names import path
from trastienda.wire.reasons import reason
from trastienda.wire.sales import MEDIOS, METHOD_NAMES
from trastienda.wire.written import money, span, waiting


class Problem(Struct, frozen=True):
    """A refusal in words: HTTP status, stable code, title, sentence and data."""

    status: int
    code: str
    title: str
    detail: str
    data: dict[str, Any] = {}
    retry_after_s: int | None = None


UNAVAILABLE_RETRY_S = 1
"""When to try again while the shop stops or too much waits: a restart takes so long."""
CROWDED_RETRY_S = 5
"""When to try again where there are too many connections: silent ones are let go."""


class _Entry(Struct, frozen=True):
    status: int
    code: str
    title: str
    detail: Callable[[Any], str] | str
    data: Callable[[Any], dict[str, Any]] = lambda refusal: {}


NAMED = 5
"""Things that a sentence names. The data of the refusal hold all of them."""


def _several(
    things: list[str],
    between: str = ", ",
) -> str:
    more = " …" if len(things) > NAMED else ""
    return between.join(things[:NAMED]) + more


def _retired(refusal: errors.ProductRetired) -> str:
    names = _several(refusal.names)
    if len(refusal.names) == 1:
        return f"{names} ya no se vende. Quítalo para cobrar."
    return f"Ya no se venden: {names}. Quítalos para cobrar."


def _stock(refusal: errors.InsufficientStock) -> str:
    several = len(refusal.shortages) > 1
    advice = "Baja las cantidades" if several else "Baja la cantidad"
    sentences = [shortages.short(item) for item in refusal.shortages]
    return f"{_several(sentences, ' ')} {advice} o corrige el stock."


_FIELD_TAKEN = {
    "rut": "Ya hay alguien con ese RUT. Búscalo en la lista de personas.",
    "username": "Ya hay alguien con ese usuario. Elige otro.",
    "code": "Ya hay un producto con ese código de barras. Búscalo, o usa otro código.",
    "alias": "Ya hay alguien con ese alias. Elige otro.",
    "name": "Ya hay una llave con ese nombre. Retírala primero, o elige otro.",
    "second_factor": "Ya tienes un segundo factor, y sigue activo. Para cambiarlo, quítalo antes.",
    "url": "Ya se avisa a esa dirección. Cambia ese aviso, o usa otra dirección.",
    "document": "Ya hay una compra con ese documento del mismo proveedor. Revísala antes "
    "de repetirla.",
}

TABLE: dict[type[Refusal], _Entry] = {
    errors.NotAuthenticated: _Entry(
        401,
        "no_autenticado",
        "Hay que identificarse",
        "Falta una identificación vigente. Inicia sesión.",
    ),
    errors.BadCredentials: _Entry(
        401,
        "credenciales_invalidas",
        "Credenciales inválidas",
        "El usuario o la clave no calzan. Revisa las mayúsculas y prueba otra vez.",
    ),
    errors.SecondFactorRequired: _Entry(
        401,
        "segundo_factor",
        "Falta el segundo factor",
        "La clave está bien, y falta el código de seis dígitos que muestra tu teléfono. Si no lo "
        "tienes, usa uno de tus códigos de recuperación.",
    ),
    errors.Forbidden: _Entry(
        403, "sin_permiso", "Sin permiso", "Tu tipo de usuario no permite hacer esto."
    ),
    errors.RegistrationClosed: _Entry(
        403,
        "sin_permiso",
        "Registro cerrado",
        "En esta tienda las cuentas las crea un Administrador; pídele la tuya.",
    ),
    errors.IdentityUnconfirmed: _Entry(
        403,
        "sin_permiso",
        "Falta confirmar quién eres",
        "Para comprar o devolver aquí, alguien del personal tiene que confirmar antes "
        "quién eres; muestra tu carné en la caja.",
    ),
    errors.MustChangePassword: _Entry(
        403,
        "cambiar_clave",
        "Cambia tu clave",
        "Tu clave es provisional: la han visto otros. Antes de seguir, cámbiala por una tuya: "
        "con «trastienda user password TU-RUT» en el computador de la tienda, o por HTTP con "
        "PUT /users/TU-RUT, «clave» y «clave_actual».",
    ),
    errors.NotFound: _Entry(
        404, "no_encontrado", "No encontrado", "No existe lo que pides."
    ),
    errors.UnknownProducts: _Entry(
        404,
        "no_encontrado",
        "Producto desconocido",
        lambda refusal: (
            f"No hay producto con código {_several(refusal.codes)}. "
            "Revisa el código, o búscalo por su nombre."
        ),
        lambda refusal: {"codigos": refusal.codes},
    ),
    errors.InsufficientStock: _Entry(
        409,
        "stock_insuficiente",
        "Stock insuficiente",
        _stock,
        lambda refusal: {"faltantes": shortages.out(refusal.shortages)},
    ),
    errors.ProductRetired: _Entry(
        409,
        "producto_retirado",
        "Producto retirado",
        _retired,
        lambda refusal: {"codigos": refusal.codes},
    ),
    errors.InsufficientPayment: _Entry(
        409,
        "pago_insuficiente",
        "Pago insuficiente",
        lambda refusal: (
            f"Faltan {money(refusal.due_minor - refusal.given_minor, refusal.shop)}. "
            "Agrega otro pago o deja el resto fiado."
        ),
        lambda refusal: {
            "a_pagar": refusal.due_minor,
            "entregado": refusal.given_minor,
        },
    ),
    errors.PriceChanged: _Entry(
        409,
        "precio_cambiado",
        "El precio cambió",
        lambda refusal: (
            "Cambió algún precio. "
            f"El total ahora es {money(refusal.total_minor, refusal.shop)}."
        ),
        lambda refusal: {"total": refusal.total_minor},
    ),
    errors.NothingOwed: _Entry(
        409,
        "sin_deuda",
        "Nada pendiente",
        "En esta venta no queda nada pendiente de pago.",
    ),
    errors.ExcessiveReturn: _Entry(
        409,
        "devolucion_excesiva",
        "Devolución excesiva",
        lambda refusal: _several(
            [shortages.excess(item) for item in refusal.excesses], " "
        ),
        lambda refusal: {"excesos": shortages.out(refusal.excesses)},
    ),
    errors.PaidFor: _Entry(
        409,
        "devolucion_excesiva",
        "Ya está pagado",
        lambda refusal: (
            f"De {_several([item.name for item in refusal.excesses])} vuelve por aquí solo "
            "lo que todavía debes; lo que ya pagaste se devuelve en la caja."
        ),
        lambda refusal: {"excesos": shortages.out(refusal.excesses)},
    ),
    errors.ExcessiveRefund: _Entry(
        409,
        "reembolso_excesivo",
        "Reembolso excesivo",
        lambda refusal: (
            f"Por {METHOD_NAMES[Method(refusal.method)].lower()} se puede devolver a lo "
            f"más {money(refusal.left_minor, refusal.shop)}, que es lo pagado así. "
            "Devuelve el resto en efectivo."
        ),
        lambda refusal: {
            "medio": MEDIOS[refusal.method],
            "pedido": refusal.asked_minor,
            "disponible": refusal.left_minor,
        },
    ),
    errors.NoPrinter: _Entry(
        409,
        "sin_impresora",
        "Sin impresora",
        "No hay impresora configurada. Imprime desde el navegador, o agrégala en los "
        "ajustes (TRASTIENDA_PRINTER).",
    ),
    errors.AlreadyExists: _Entry(
        409,
        "ya_existe",
        "Ya existe",
        lambda refusal: _FIELD_TAKEN[refusal.field],
        lambda refusal: {"campo": path(refusal.field)},
    ),
    errors.TooManyKeys: _Entry(
        409,
        "demasiadas_llaves",
        "Demasiadas llaves",
        f"La tienda ya tiene {MAX_KEYS} llaves. Retira primero una que ya no se use.",
    ),
    errors.TooManyWebhooks: _Entry(
        409,
        "demasiados_avisos",
        "Demasiados avisos",
        f"La tienda ya avisa a {MAX_WEBHOOKS} direcciones. Retira primero una que ya no se use.",
    ),
    errors.HasHistory: _Entry(
        409,
        "tiene_historia",
        "Tiene historia",
        "El producto ya se vendió, se compró o se contó. Retíralo: su historia queda.",
    ),
    errors.IdentityConfirmed: _Entry(
        409,
        "rut_confirmado",
        "RUT confirmado",
        "Ese RUT es de alguien del personal o de un cliente ya confirmado. "
        "Si se confirmó por error, el personal quita primero la confirmación y entonces "
        "se puede liberar.",
    ),
    errors.LastAdministrator: _Entry(
        409,
        "ultimo_administrador",
        "Último administrador",
        "La tienda quedaría sin un Administrador activo. Nombra antes a otro.",
    ),
    errors.FixedByFirstSale: _Entry(
        409,
        "ya_hay_ventas",
        "Ya hay ventas",
        "El país y la moneda quedan fijos desde la primera venta.",
    ),
    errors.Gap: _Entry(
        410,
        "hueco",
        "Falta una parte",
        "Ya no se guarda todo lo que cambió desde ese número. Lee la lista entera y sigue "
        "desde su Trastienda-N.",
    ),
    errors.VersionChanged: _Entry(
        412,
        "version_cambiada",
        "La versión cambió",
        "Alguien lo cambió hace un momento. Mira su cambio y elige cuál queda.",
    ),
    errors.Invalid: _Entry(
        422,
        "datos_invalidos",
        "Datos inválidos",
        lambda refusal: f"«{path(refusal.field)}» {reason(refusal)}.",
        lambda refusal: {"campos": {path(refusal.field): reason(refusal)}},
    ),
    errors.KeyReused: _Entry(
        422,
        "clave_reutilizada",
        "Clave reutilizada",
        "Esa clave de repetición (Idempotency-Key) ya se usó con otra solicitud. Usa otra.",
    ),
    errors.TooManyRequests: _Entry(
        429,
        "demasiadas_solicitudes",
        "Demasiadas solicitudes",
        lambda refusal: f"Muchos intentos. Espera {waiting(refusal.retry_after_s)}.",
    ),
    errors.CrowdedNetwork: _Entry(
        429,
        "demasiadas_solicitudes",
        "Demasiadas conexiones",
        "Desde tu red hay demasiadas conexiones abiertas a la vez; cierra alguna y "
        "prueba de nuevo.",
    ),
    errors.Banned: _Entry(
        403, "bloqueado", "Bloqueado", "No puedes entrar al chat: estás bloqueado."
    ),
    errors.Muted: _Entry(
        403,
        "silenciado",
        "Silenciado",
        lambda refusal: (
            f"No puedes hablar: estás en silencio por {span(refusal.left_s)} más."
            if refusal.left_s
            else "No puedes hablar: estás en silencio."
        ),
        lambda refusal: {} if refusal.left_s is None else {"segundos": refusal.left_s},
    ),
    errors.AliasReserved: _Entry(
        409,
        "alias_reservado",
        "Alias reservado",
        "Ese alias es de alguien con cuenta; para usarlo entra con /entrar USUARIO CLAVE.",
    ),
    errors.RoomArchived: _Entry(
        409,
        "sala_archivada",
        "Sala archivada",
        "Esa sala está archivada: se puede leer, no escribir en ella.",
    ),
    errors.MailboxFull: _Entry(
        409,
        "buzon_lleno",
        "Buzón lleno",
        "Ya hay demasiados mensajes que esperan a esa persona; prueba cuando vuelva.",
    ),
    errors.NeedsTls: _Entry(
        403,
        "requiere_tls",
        "Requiere TLS",
        "Por esta conexión cualquiera podría leer la clave; "
        "entra por TLS o desde el mismo computador.",
    ),
    errors.Unavailable: _Entry(
        503,
        "no_disponible",
        "No disponible",
        "La tienda se está deteniendo o tiene demasiado en espera. Prueba otra vez en un "
        "momento.",
    ),
    errors.DiskFull: _Entry(
        503,
        "disco_lleno",
        "Disco lleno",
        "El disco donde está la tienda está lleno: esto no se guardó. Lo que ya estaba "
        "guardado está a salvo. Libera espacio; la tienda sigue por sí sola.",
    ),
    errors.DatabaseHeld: _Entry(
        503,
        "base_ocupada",
        "Base de datos ocupada",
        "Otro programa tiene tomada la base de datos de la tienda: esto no se guardó. "
        "Inténtalo de nuevo, y si sigue así, cierra ese programa.",
    ),
    errors.DatabaseLost: _Entry(
        503,
        "base_perdida",
        "Base de datos perdida",
        "El archivo de datos de la tienda ya no está en su lugar, o hay otro en vez de él: "
        "esto no se guardó. Lo que ya estaba guardado está en ese archivo y en las copias. "
        "Detén la tienda y devuelve el archivo, o restaura una copia.",
    ),
    errors.Crowded: _Entry(
        503,
        "no_disponible",
        "Sin lugar",
        "Hay demasiadas conexiones abiertas a la vez; prueba de nuevo en un momento.",
    ),
}


def refusal_out(refusal: Refusal) -> Problem:
    """Return a refusal in words."""
    entry = TABLE[type(refusal)]
    if isinstance(entry.detail, str):
        detail = entry.detail
    else:
        detail = entry.detail(refusal)

    retry_after_s = None
    if isinstance(refusal, errors.TooManyRequests):
        retry_after_s = refusal.retry_after_s
    elif isinstance(refusal, errors.Unavailable):
        retry_after_s = UNAVAILABLE_RETRY_S
    elif isinstance(refusal, errors.Crowded | errors.CrowdedNetwork):
        retry_after_s = CROWDED_RETRY_S

    return Problem(
        status=entry.status,
        code=entry.code,
        title=entry.title,
        detail=detail,
        data=entry.data(refusal),
        retry_after_s=retry_after_s,
    )


def refusal_fields(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal as an answer tells it that has no status and no headers."""
    words = refusal_out(refusal)
    fields: dict[str, Any] = {
        "codigo": words.code,
        "detail": words.detail,
        **words.data,
    }
    if words.retry_after_s is not None:
        fields["reintentar_en"] = words.retry_after_s
    return fields
