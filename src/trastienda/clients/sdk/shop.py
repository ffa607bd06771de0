"""The shop's own page, its reports and its audit trail, and any route at all."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from msgspec import UNSET, UnsetType

from trastienda.clients.sdk.calls import (
    Answer,
    Call,
    Listing,
    Repeat,
    listing,
    shown_as,
)
from trastienda.clients.sdk.methods import endpoint, rows
from trastienda.clients.sdk.values import Day
from trastienda.wire.audit import RegistroEscrito, RegistroNuevo
from trastienda.wire.reports import Resumen
from trastienda.wire.shop import Etiqueta, Redondeo, Tienda, TiendaCambio
from trastienda.wire.values import Quantity

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""A spreadsheet."""
SummaryMedia = Literal[
    "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
]
SummaryTable = Literal["por_dia", "por_producto", "por_vendedor", "por_medio"]


def _days(desde: Day | None, hasta: Day | None) -> dict[str, str | int]:
    days = {"desde": desde, "hasta": hasta}
    return {name: str(day) for name, day in days.items() if day is not None}


def _content(answer: Answer) -> bytes:
    return answer.content


def _itself(answer: Answer) -> Answer:
    return answer


class ShopMethods:
    """What is asked about the shop."""

    @endpoint
    def details(self) -> Call[Tienda]:
        """Return the shop's page: name, RUT, address, currency, zone, IVA …"""
        return Call(method="GET", path="/tienda", read=shown_as(Tienda))

    @endpoint
    def change_details(
        self,
        *,
        nombre: str | UnsetType = UNSET,
        rut: str | None | UnsetType = UNSET,
        giro: str | None | UnsetType = UNSET,
        direccion: str | None | UnsetType = UNSET,
        pais: str | UnsetType = UNSET,
        moneda: str | UnsetType = UNSET,
        zona_horaria: str | UnsetType = UNSET,
        iva: Quantity | UnsetType = UNSET,
        redondeo_efectivo: Redondeo | None | UnsetType = UNSET,
        etiquetas: list[Etiqueta] | UnsetType = UNSET,
    ) -> Call[Tienda]:
        """Change what is given of the shop's page; the rest stays."""
        change = TiendaCambio(
            nombre=nombre,
            rut=rut,
            giro=giro,
            direccion=direccion,
            pais=pais,
            moneda=moneda,
            zona_horaria=zona_horaria,
            iva=iva,
            redondeo_efectivo=redondeo_efectivo,
            etiquetas=etiquetas,
        )
        return Call(method="PUT", path="/tienda", body=change, read=shown_as(Tienda))

    @endpoint
    def summary(
        self, desde: Day | None = None, hasta: Day | None = None
    ) -> Call[Resumen]:
        """Return what some days came to: sales, returns, taxes and margin, by day, product, seller and payment."""
        return Call(
            method="GET",
            path="/reportes/resumen",
            query=_days(desde, hasta),
            read=shown_as(Resumen),
        )

    @endpoint
    def summary_file(
        self,
        desde: Day | None = None,
        hasta: Day | None = None,
        *,
        media: SummaryMedia = XLSX,
        tabla: SummaryTable = "por_dia",
    ) -> Call[bytes]:
        """Return the summary as a file: a spreadsheet with all tables or, as ``text/csv``, the table ``tabla``."""
        query = {**_days(desde, hasta), "tabla": tabla}
        return Call(
            method="GET",
            path="/reportes/resumen",
            query=query,
            accept=media,
            read=_content,
        )

    @rows
    def audit_trail(
        self,
        *,
        desde: Day | None = None,
        hasta: Day | None = None,
        q: str | None = None,
        page_size: int = 100,
    ) -> Listing[RegistroEscrito]:
        """Go through the audit trail, newest first: who did what, when and from where."""
        return listing(
            RegistroEscrito, "/registros", page_size, desde=desde, hasta=hasta, q=q
        )

    @endpoint
    def write_note(self, accion: str, detalle: str) -> Call[RegistroEscrito]:
        """Add a row of one's own to the audit trail. Not repeated once it may have arrived."""
        return Call(
            method="POST",
            path="/registros",
            body=RegistroNuevo(accion, detalle),
            repeat=Repeat.UNSENT,
            read=shown_as(RegistroEscrito),
        )

    @endpoint
    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Any = None,
        key: str | None = None,
        if_match: str | None = None,
        accept: str = "application/json",
    ) -> Call[Answer]:
        """Call any route, with the token and the repeats of every other call, and return the answer as it came.

        For headers (``Trastienda-N``) and for routes that are newer than this program. Without a ``key`` only a GET
        is repeated once it may have arrived.
        """
        if not path.startswith(
            "/"
        ):  # it would become a part of the address, and the token go elsewhere
            raise ValueError(f"{path!r} is no path of the shop: it begins with /")
        return Call(
            method=method,
            path=path,
            query=query or {},
            body=body,
            key=key,
            if_match=if_match,
            accept=accept,
            repeat=Repeat.ALWAYS
            if method == "GET" or key is not None
            else Repeat.UNSENT,
            read=_itself,
        )
