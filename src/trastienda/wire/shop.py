"""The shop's page on the wire."""

from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trastienda.domain.barcode import LabelLayout
from trastienda.domain.errors import Invalid
from trastienda.domain.money import CashRounding
from trastienda.domain.shop import Shop
from trastienda.wire.values import Quantity, percent_in, percent_out


class Redondeo(Struct, forbid_unknown_fields=True):
    """Cómo se redondea el efectivo: a este múltiplo; la mitad justa baja o sube."""

    multiplo: int
    mitad_abajo: bool = False


class Etiqueta(Struct, forbid_unknown_fields=True):
    """Cómo imprime la balanza sus etiquetas EAN-13: prefijo, código, peso en gramos o precio, verificador."""

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


decode_change = msgspec.json.Decoder(TiendaCambio)


def _label_in(given: Etiqueta, place: int) -> LabelLayout:
    try:
        return LabelLayout(
            given.prefijo,
            "weight" if given.contiene == "peso" else "price",
            given.digitos_codigo,
        )
    except Invalid as error:
        field = error.field.replace("labels", f"labels[{place}]")
        raise Invalid(field, error.reason, **error.data) from error


def changes_in(given: TiendaCambio) -> dict[str, object]:
    """Return the fields of the shop that are to change."""
    labels: object = UNSET
    if given.etiquetas is not UNSET:
        labels = tuple(
            _label_in(one, place) for place, one in enumerate(given.etiquetas)
        )
    rounding: object = given.redondeo_efectivo
    if isinstance(rounding, Redondeo):
        rounding = CashRounding(rounding.multiplo, rounding.mitad_abajo)
    changes = {
        "name": given.nombre,
        "rut": given.rut,
        "business": given.giro,
        "address": given.direccion,
        "country": given.pais,
        "currency": given.moneda,
        "timezone": given.zona_horaria,
        "vat_bp": UNSET
        if given.iva is UNSET
        else percent_in(given.iva, "vat", "vat_range"),
        "cash_rounding": rounding,
        "labels": labels,
    }
    return {name: value for name, value in changes.items() if value is not UNSET}


def shop_out(shop: Shop) -> Tienda:
    """Return the shop's page as it is shown."""
    rounding = shop.cash_rounding
    return Tienda(
        nombre=shop.name,
        rut=shop.rut,
        giro=shop.business,
        direccion=shop.address,
        pais=shop.country,
        moneda=shop.currency,
        zona_horaria=shop.timezone,
        iva=percent_out(shop.vat_bp),
        redondeo_efectivo=None
        if rounding is None
        else Redondeo(rounding.step_minor, rounding.half_down),
        etiquetas=[
            Etiqueta(
                one.prefix,
                "peso" if one.holds == "weight" else "precio",
                one.code_digits,
            )
            for one in shop.labels
        ],
    )
