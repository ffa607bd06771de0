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


class Etiqueta(Struct, forbid_unknown_fields=True):
    """Cómo imprime la balanza sus etiquetas EAN-13: prefijo, código, peso en gramos o
    precio, verificador."""

    prefijo: str
    contiene: Literal["peso", "precio"] = "peso"
    digitos_codigo: int = 5


class Tienda(Struct, kw_only=True):
    """La tienda. ``redondeo_efectivo`` null es lo que diga la ley del país."""

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


_CHANGE = msgspec.json.Decoder(TiendaCambio)


def _label_in(label: Etiqueta, index: int) -> LabelLayout:
    holds: Literal["weight", "price"] = (
        "weight" if label.contiene == "peso" else "price"
    )
    try:
        return LabelLayout(label.prefijo, holds, label.digitos_codigo)
    except Invalid as error:
        field = error.field.replace("labels", f"labels[{index}]")
        raise Invalid(field, error.reason, **error.data) from error


def changes_in(change: TiendaCambio) -> dict[str, object]:
    """Return the fields of the shop that change, with their new values."""
    labels: object = UNSET
    if change.etiquetas is not UNSET:
        labels = tuple(
            _label_in(label, index) for index, label in enumerate(change.etiquetas)
        )
    rounding: object = change.redondeo_efectivo
    if isinstance(rounding, Redondeo):
        rounding = CashRounding(rounding.multiplo, rounding.mitad_abajo)
    vat_bp: object = UNSET
    if change.iva is not UNSET:
        vat_bp = percent_in(change.iva, "vat", "vat_range")

    values = {
        "name": change.nombre,
        "rut": change.rut,
        "business": change.giro,
        "address": change.direccion,
        "country": change.pais,
        "currency": change.moneda,
        "timezone": change.zona_horaria,
        "vat_bp": vat_bp,
        "cash_rounding": rounding,
        "labels": labels,
    }
    return {name: value for name, value in values.items() if value is not UNSET}


def decode_changes(body: bytes) -> dict[str, object]:
    """Decode a change of the shop's page, by field; raise UnreadableError or Invalid."""
    return changes_in(bodies.decode(_CHANGE, body))


def _label_out(label: LabelLayout) -> Etiqueta:
    holds: Literal["peso", "precio"] = "peso" if label.holds == "weight" else "precio"
    return Etiqueta(label.prefix, holds, label.code_digits)


def shop_out(shop: Shop) -> Tienda:
    """Return the shop's page as the wire shows it."""
    rounding = None
    if shop.cash_rounding is not None:
        step, half_down = shop.cash_rounding.step_minor, shop.cash_rounding.half_down
        rounding = Redondeo(step, half_down)
    return Tienda(
        nombre=shop.name,
        rut=shop.rut,
        giro=shop.business,
        direccion=shop.address,
        pais=shop.country,
        moneda=shop.currency,
        zona_horaria=shop.timezone,
        iva=percent_out(shop.vat_bp),
        redondeo_efectivo=rounding,
        etiquetas=[_label_out(label) for label in shop.labels],
    )
