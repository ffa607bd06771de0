"""How announcements are called, and why nothing is sent to other systems."""

from trastienda.domain.events import Kind
from trastienda.domain.webhooks import Off
from trastienda.wire.chat import MESSAGE

GAP = "hueco"
"""To one client alone: what it knows may have holes, and it hears everything from here on."""

NAMES: dict[Kind, str] = {
    Kind.STOCK: "stock",
    Kind.LOW_STOCK: "stock_bajo",
    Kind.PRODUCT: "producto",
    Kind.PRODUCT_DELETED: "producto_eliminado",
    Kind.DISCOUNT_EXPIRED: "descuento_vencido",
    Kind.SALE: "venta",
    Kind.RETURN: "devolucion",
    Kind.PURCHASE: "compra",
    Kind.USER: "usuario",
    Kind.RIGHTS_CHANGED: GAP,
    Kind.RUT_RELEASED: "rut_liberado",
    Kind.COPY_FAILED: "copia_fallida",
    Kind.WEBHOOK_OFF: "aviso_apagado",
    Kind.SHOP: "tienda",
    Kind.MESSAGE: MESSAGE,
    Kind.PRIVATE_MESSAGE: MESSAGE,
    Kind.NOTIFICATION: "notificacion",
    Kind.NOTIFICATION_SEEN: "notificacion_vista",
}
"""What is announced, and how it is called; the other kinds concern the server alone."""

MOTIVOS: dict[Off, str] = {
    Off.ASKED: "pedido",
    Off.GONE: "rechazado",
    Off.FAILING: "fallas",
    Off.SECRET: "secreto",
}
"""Why nothing is sent to an address of another system."""
