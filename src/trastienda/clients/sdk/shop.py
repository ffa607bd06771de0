"""The shop's details, its reports and its audit trail, and a method for any route."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from msgspec import UNSET, UnsetType

from trastienda.clients.sdk.calls import (
    Answer,
    Call,
    Listing,
    Repeat,
    listing,
    read_as,
    read_content,
)
from trastienda.clients.sdk.methods import endpoint, paged
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
SummaryPeriod = Literal["hoy", "semana", "mes"]
SummaryTable = Literal["por_dia", "por_producto", "por_vendedor", "por_medio"]


def _days(
    desde: Day | None,
    hasta: Day | None,
    periodo: SummaryPeriod | None,
) -> dict[str, str | int]:
    query: dict[str, str | int] = {}
    if desde is not None:
        query["desde"] = str(desde)
    if hasta is not None:
        query["hasta"] = str(hasta)
    if periodo is not None:
        query["periodo"] = periodo
    return query


class ShopMethods:
    """Methods about the shop."""

    @endpoint
    def details(self) -> Call[Tienda]:
        """Return the shop's details: name, RUT, address, currency, zone, IVA …"""
        return Call(
            method="GET",
            path="/tienda",
            read=read_as(Tienda),
        )

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
        devolucion_grande: int | UnsetType = UNSET,
    ) -> Call[Tienda]:
        """Change the given details of the shop; the others stay."""
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
            devolucion_grande=devolucion_grande,
        )
        return Call(
            method="PUT",
            path="/tienda",
            body=change,
            read=read_as(Tienda),
        )

    @endpoint
    def summary(
        self,
        desde: Day | None = None,
        hasta: Day | None = None,
        *,
        periodo: SummaryPeriod | None = None,
    ) -> Call[Resumen]:
        """Return the sales, returns, taxes and margin of some days.

        They are summed by day, product, seller and method of payment. ``periodo``, until
        today, takes the place of both days; without any of them it is today's.
        """
        return Call(
            method="GET",
            path="/reportes/resumen",
            query=_days(desde, hasta, periodo),
            read=read_as(Resumen),
        )

    @endpoint
    def summary_file(
        self,
        desde: Day | None = None,
        hasta: Day | None = None,
        *,
        periodo: SummaryPeriod | None = None,
        media: SummaryMedia = XLSX,
        tabla: SummaryTable = "por_dia",
    ) -> Call[bytes]:
        """Return the summary as a file.

        It is a spreadsheet with all tables or, as ``text/csv``, the table ``tabla``.
        """
        query = {**_days(desde, hasta, periodo), "tabla": tabla}
        return Call(
            method="GET",
            path="/reportes/resumen",
            query=query,
            accept=media,
            read=read_content,
        )

    @paged
    def audit_trail(
        self,
        *,
        desde: Day | None = None,
        hasta: Day | None = None,
        q: str | None = None,
        page_size: int = 100,
    ) -> Listing[RegistroEscrito]:
        """Iterate over the audit trail, newest first: who did what, when and from
        where."""
        return listing(
            RegistroEscrito,
            "/registros",
            page_size,
            desde=desde,
            hasta=hasta,
            q=q,
        )

    @endpoint
    def write_note(
        self,
        accion: str,
        detalle: str,
    ) -> Call[RegistroEscrito]:
        """Add a note to the audit trail. Not repeated once it may have arrived."""
        return Call(
            method="POST",
            path="/registros",
            body=RegistroNuevo(accion, detalle),
            repeat=Repeat.UNSENT,
            read=read_as(RegistroEscrito),
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
        """Call any route, with token and repeats like every other call, and return the
        answer.

        For headers (``Trastienda-N``) and for routes that are newer than this program.
        Without a ``key`` only a GET is repeated once it may have arrived.
        """
        # Without the slash it would become part of the address, and the token go
        # elsewhere.
        if not path.startswith("/"):
            raise ValueError(f"{path!r} is no path of the shop: it begins with /")
        is_repeatable = method == "GET" or key is not None
        return Call(
            method=method,
            path=path,
            query=query or {},
            body=body,
            key=key,
            if_match=if_match,
            accept=accept,
            repeat=Repeat.ALWAYS if is_repeatable else Repeat.UNSENT,
            read=lambda answer: answer,
        )
