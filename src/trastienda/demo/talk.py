"""What the people of the sample shop said to each other in its last days."""

TALK = (
    (
        6,
        9,
        "ana",
        "general",
        "Buenos días. Hoy llega el pedido de abarrotes, después de las once.",
    ),
    (6, 12, "beto", "general", "Llegó completo, ya está en los estantes."),
    (4, 10, "beto", "bodega", "Queda poca harina, la anoto para el próximo pedido."),
    (4, 11, "ana", "bodega", "Gracias, la pido el lunes junto con el azúcar."),
    (
        3,
        18,
        "beto",
        "general",
        "Una vecina pregunta si le guardamos dos kilos de pan integral para mañana.",
    ),
    (3, 18, "ana", "general", "Sí, guárdalos."),
    (
        1,
        9,
        "ana",
        "general",
        "Hoy hay descuento en los yogures, revisen que el precio esté en el estante.",
    ),
    (1, 9, "beto", "general", "Listo, cambié los carteles."),
)
"""How many days ago, at which hour, who, in which room, what."""
