"""A client of the shop for programs in Python: ``Client``, and ``AsyncClient`` for
asyncio.

with Client("http://127.0.0.1:5000") as shop:
        shop.log_in("ana", "trastienda")
        sale = shop.sell([("7804567000014", 2)])

Methods have English names; what they return has the names of the wire. Money is an
integer in the currency's minor unit.
"""

from trastienda.clients.sdk.calls import Answer, Call, Listing
from trastienda.clients.sdk.client import AsyncClient, Client
from trastienda.clients.sdk.conversation import Retry
from trastienda.clients.sdk.errors import (
    AlreadyExists,
    ApiError,
    BadCredentials,
    Conflict,
    ConnectionLost,
    ExcessiveRefund,
    ExcessiveReturn,
    Faltante,
    Forbidden,
    Gap,
    HasHistory,
    InsufficientPayment,
    InsufficientStock,
    InvalidData,
    KeyReused,
    MustChangePassword,
    NotAuthenticated,
    NotFound,
    NothingOwed,
    PriceChanged,
    ProductRetired,
    SecondFactorRequired,
    ShopError,
    TooManyRequests,
    Unavailable,
    UnexpectedAnswer,
    VersionChanged,
)
from trastienda.clients.sdk.events import Event, SnapshotNeeded
from trastienda.clients.sdk.listening import AwaitedListening, Listening
from trastienda.clients.sdk.people import User
from trastienda.clients.sdk.products import ChangedProduct, Product
from trastienda.clients.sdk.shop import XLSX
from trastienda.wire.announced import (
    CodigoDeProducto,
    CopiaFallida,
    RutLiberado,
    StockBajo,
)
from trastienda.wire.api_keys import Llave, LlaveCreada
from trastienda.wire.audit import RegistroEscrito
from trastienda.wire.chat import Mensaje
from trastienda.wire.notifications import (
    Notificacion,
    NotificacionAnunciada,
    NotificacionVista,
)
from trastienda.wire.people import Persona, Sesion, Usuario
from trastienda.wire.printing import EnCola, Impresora
from trastienda.wire.products import (
    Descuento,
    Movimiento,
    Producto,
    ProductoFuera,
    Stock,
)
from trastienda.wire.purchases import Compra
from trastienda.wire.receipts.document import Boleta
from trastienda.wire.reports import Resumen
from trastienda.wire.returns import Devolucion
from trastienda.wire.sales import Pago, Venta
from trastienda.wire.second_factors import (
    CodigosDeRecuperacion,
    SegundoFactor,
    SegundoFactorNuevo,
)
from trastienda.wire.shop import Etiqueta, Redondeo, Tienda
from trastienda.wire.webhooks import Aviso, PruebaDeAviso, UltimoIntento

__all__ = [
    "XLSX",
    "AlreadyExists",
    "Answer",
    "ApiError",
    "AsyncClient",
    "Aviso",
    "AwaitedListening",
    "BadCredentials",
    "Boleta",
    "Call",
    "ChangedProduct",
    "Client",
    "CodigoDeProducto",
    "CodigosDeRecuperacion",
    "Compra",
    "Conflict",
    "ConnectionLost",
    "CopiaFallida",
    "Descuento",
    "Devolucion",
    "EnCola",
    "Etiqueta",
    "Event",
    "ExcessiveRefund",
    "ExcessiveReturn",
    "Faltante",
    "Forbidden",
    "Gap",
    "HasHistory",
    "Impresora",
    "InsufficientPayment",
    "InsufficientStock",
    "InvalidData",
    "KeyReused",
    "Listening",
    "Listing",
    "Llave",
    "LlaveCreada",
    "Mensaje",
    "Movimiento",
    "MustChangePassword",
    "NotAuthenticated",
    "NotFound",
    "NothingOwed",
    "Notificacion",
    "NotificacionAnunciada",
    "NotificacionVista",
    "Pago",
    "Persona",
    "PriceChanged",
    "Product",
    "ProductRetired",
    "Producto",
    "ProductoFuera",
    "PruebaDeAviso",
    "Redondeo",
    "RegistroEscrito",
    "Resumen",
    "Retry",
    "RutLiberado",
    "SecondFactorRequired",
    "SegundoFactor",
    "SegundoFactorNuevo",
    "Sesion",
    "ShopError",
    "SnapshotNeeded",
    "Stock",
    "StockBajo",
    "Tienda",
    "TooManyRequests",
    "UltimoIntento",
    "Unavailable",
    "UnexpectedAnswer",
    "User",
    "Usuario",
    "Venta",
    "VersionChanged",
]
