"""What the people of the sample shop said to each other in its last days."""

from msgspec import Struct


class Remark(Struct, frozen=True):
    """Something that somebody said in a room of the chat."""

    days_ago: int
    hour: int
    alias: str
    room: str
    text: str


TALK = (
    Remark(
        6,
        9,
        "ana",
        "general",
        "Buenos días. Hoy llega el pedido de abarrotes, después de las once.",
    ),
    Remark(6, 12, "beto", "general", "Llegó completo, ya está en los estantes."),
    Remark(
        4, 10, "beto", "bodega", "Queda poca harina, la anoto para el próximo pedido."
    ),
    Remark(4, 11, "ana", "bodega", "Gracias, la pido el lunes junto con el azúcar."),
    Remark(
        3,
        18,
        "beto",
        "general",
        "Una vecina pregunta si le guardamos dos kilos de pan integral para mañana.",
    ),
    Remark(3, 18, "ana", "general", "Sí, guárdalos."),
    Remark(
        1,
        9,
        "ana",
        "general",
        "Hoy hay descuento en los yogures, revisen que el precio esté en el estante.",
    ),
    Remark(1, 9, "beto", "general", "Listo, cambié los carteles."),
)
