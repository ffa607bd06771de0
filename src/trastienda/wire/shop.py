"""The shop's page on the wire."""

from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trastienda.domain.barcode import LabelLayout
from trastienda.domain.errors import Invalid
from trastienda.domain.money import CashRounding
from trastienda.domain.shop import Shop
from trastienda.wire import bodies
from trastienda.wire.values import Quantity, percent_in, percent_out


class Redondeo(Struct, forbid_unknown_fields=True):
    """Cómo se redondea el efectivo: a este múltiplo; la mitad justa baja o sube."""

    multiplo: int
    mitad_abajo: bool = False


Contenido = Literal["peso", "precio"]


class Etiqueta(Struct, forbid_unknown_fields=True):
    """Cómo imprime la balanza sus etiquetas EAN-13: prefijo, código, peso en gramos o
    precio, verificador."""

    prefijo: str
    contiene: Contenido = "peso"
    digitos_codigo: int = 5


class Tienda(Struct, kw_only=True):
    """La tienda. ``redondeo_efectivo`` null es lo que diga la ley del país.

    De una devolución de ``devolucion_grande`` o más se avisa a los Administradores; 0, de
    ninguna.
    """

    nombre: str
    rut: str | None
    giro: str | None
    direccion: str | None
    pais: str
    moneda: str
    zona_horaria: str
    iva: Quantity
    redondeo_efectivo: Redondeo | None
    etiquetas: list[Etiqueta]
    devolucion_grande: int


class TiendaCambio(Struct, kw_only=True, forbid_unknown_fields=True):
    """Lo que cambia de la tienda."""

    nombre: str | UnsetType = UNSET
    rut: str | None | UnsetType = UNSET
    giro: str | None | UnsetType = UNSET
    direccion: str | None | UnsetType = UNSET
    pais: str | UnsetType = UNSET
    moneda: str | UnsetType = UNSET
    zona_horaria: str | UnsetType = UNSET
    iva: Quantity | UnsetType = UNSET
    redondeo_efectivo: Redondeo | None | UnsetType = UNSET
    etiquetas: list[Etiqueta] | UnsetType = UNSET
    devolucion_grande: int | UnsetType = UNSET


_CHANGE = msgspec.json.Decoder(TiendaCambio)


_HOLDS: dict[Contenido, str] = {"peso": "weight", "precio": "price"}
_CONTENIDOS: dict[str, Contenido] = {
    holds: contenido for contenido, holds in _HOLDS.items()
}


def changes_in(cambio: TiendaCambio) -> dict[str, object]:
    """Return the fields of the shop that change, with their new values."""
    labels: object = UNSET
    if cambio.etiquetas is not UNSET:
        layouts = []
        for index, etiqueta in enumerate(cambio.etiquetas):
            holds = _HOLDS[etiqueta.contiene]
            try:
                layout = LabelLayout(etiqueta.prefijo, holds, etiqueta.digitos_codigo)
            except Invalid as error:
                field = error.field.replace("labels", f"labels[{index}]")
                raise Invalid(field, error.reason, **error.data) from error
            layouts.append(layout)
        labels = tuple(layouts)

    cash_rounding: object = UNSET
    redondeo = cambio.redondeo_efectivo
    if isinstance(redondeo, Redondeo):
        cash_rounding = CashRounding(redondeo.multiplo, redondeo.mitad_abajo)
    elif redondeo is None:
        cash_rounding = None

    vat_bp: object = UNSET
    if cambio.iva is not UNSET:
        vat_bp = percent_in(cambio.iva, "vat", "vat_range")

    values = {
        "name": cambio.nombre,
        "rut": cambio.rut,
        "business": cambio.giro,
        "address": cambio.direccion,
        "country": cambio.pais,
        "currency": cambio.moneda,
        "timezone": cambio.zona_horaria,
        "vat_bp": vat_bp,
        "cash_rounding": cash_rounding,
        "labels": labels,
        "large_return_minor": cambio.devolucion_grande,
    }
    return {field: value for field, value in values.items() if value is not UNSET}


def decode_changes(body: bytes) -> dict[str, object]:
    """Decode a change of the shop's page, by field.

    Raises UnreadableError or Invalid.
    """
    cambio = bodies.decode(_CHANGE, body)
    return changes_in(cambio)


def shop_out(shop: Shop) -> Tienda:
    """Return the shop's page as the wire shows it."""
    redondeo = None
    rounding = shop.cash_rounding
    if rounding is not None:
        redondeo = Redondeo(rounding.step_minor, rounding.half_down)

    etiquetas = [
        Etiqueta(label.prefix, _CONTENIDOS[label.holds], label.code_digits)
        for label in shop.labels
    ]

    return Tienda(
        nombre=shop.name,
        rut=shop.rut,
        giro=shop.business,
        direccion=shop.address,
        pais=shop.country,
        moneda=shop.currency,
        zona_horaria=shop.timezone,
        iva=percent_out(shop.vat_bp),
        redondeo_efectivo=redondeo,
        etiquetas=etiquetas,
        devolucion_grande=shop.large_return_minor,
    )
