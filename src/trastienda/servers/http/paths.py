"""What paths name: the parts in braces of a path, for routes of several nouns."""

from typing import Annotated

from msgspec import Struct, field

from trastienda.domain.errors import Invalid
from trastienda.domain.rut import normalise
from trastienda.servers.http.parameters import Parameter, row_id, text


def _rut_spelled_out(
    rut: str,
    name: str,
) -> str:
    """Return the RUT in its usual spelling.

    What is no RUT stays as it is, and is nobody's.
    """
    try:
        return normalise(rut)
    except Invalid:
        return rut


class ProductPath(Struct, frozen=True):
    """A product, by its code or the code on a label of the scale."""

    code: Annotated[str, text(example="7802800013210")] = field(name="codigo_barras")


class SalePath(Struct, frozen=True):
    """A sale."""

    sale_id: Annotated[int, row_id()] = field(name="id_venta")


class PurchasePath(Struct, frozen=True):
    """A purchase."""

    purchase_id: Annotated[int, row_id()] = field(name="id_compra")


class UserPath(Struct, frozen=True):
    """A user, by their RUT."""

    rut: Annotated[str, Parameter(_rut_spelled_out, {"type": "string"}, "1-9")]


class SessionPath(Struct, frozen=True):
    """A session, by its id."""

    session_id: Annotated[str, text(example="5f0c1de8a7b94a24")] = field(
        name="id_sesion"
    )


class KeyPath(Struct, frozen=True):
    """An API key, by its id, which is no secret."""

    key_id: Annotated[str, text(example="9c41d07e6b2f8a35")] = field(name="id_llave")


class WebhookPath(Struct, frozen=True):
    """An address of another system, by its id."""

    webhook_id: Annotated[str, text(example="1f6a0c93d2e84b57")] = field(
        name="id_aviso"
    )


class NotificationPath(Struct, frozen=True):
    """A notification, by its number."""

    notification_id: Annotated[int, row_id()] = field(name="id_notificacion")
