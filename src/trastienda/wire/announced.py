"""What announcements hold, by their names: the shapes of HTTP, and those that are theirs alone."""

from typing import Any

from msgspec import Struct

from trastienda.wire.chat import Mensaje
from trastienda.wire.notifications import NotificacionAnunciada, NotificacionVista
from trastienda.wire.people import Usuario
from trastienda.wire.products import Producto, ProductoFuera, Stock
from trastienda.wire.purchases import Compra
from trastienda.wire.returns import Devolucion
from trastienda.wire.sales import Venta
from trastienda.wire.shop import Tienda
from trastienda.wire.values import Quantity


class StockBajo(Struct):
    """Un producto que bajó de su mínimo."""

    codigo_barras: str
    stock: Quantity
    stock_minimo: Quantity


class CodigoDeProducto(Struct):
    """Un producto, por su código."""

    codigo_barras: str


class Hueco(Struct):
    """Quien lo oye ve otras cosas que antes: lo que sabe puede tener huecos."""


class RutLiberado(Struct):
    """Un RUT que ya no tiene cuenta."""

    rut: str


class CopiaFallida(Struct):
    """Por qué no se hizo la copia."""

    motivo: str


class AvisoApagado(Struct):
    """Una dirección a la que ya no se envían avisos, sin su ruta, y por qué."""

    id_aviso: str
    direccion: str
    motivo: str


SHAPES: dict[str, tuple[Any, ...]] = {
    "stock": (Stock,),
    "stock_bajo": (StockBajo,),
    "producto": (Producto, ProductoFuera),
    "producto_eliminado": (CodigoDeProducto,),
    "descuento_vencido": (CodigoDeProducto,),
    "venta": (Venta,),
    "devolucion": (Devolucion,),
    "compra": (Compra,),
    "usuario": (Usuario,),
    "hueco": (Hueco,),
    "rut_liberado": (RutLiberado,),
    "copia_fallida": (CopiaFallida,),
    "aviso_apagado": (AvisoApagado,),
    "tienda": (Tienda,),
    "mensaje": (Mensaje,),
    "notificacion": (NotificacionAnunciada,),
    "notificacion_vista": (NotificacionVista,),
}
"""The shapes that an announcement of this name may have, the fuller one first."""
