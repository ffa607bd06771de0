"""The columns of the tables that the shop itself writes, and knows when they come back."""

PRODUCT_HEADER = (
    "codigo_barras",
    "interno",
    "nombre",
    "precio",
    "costo",
    "stock",
    "stock_minimo",
    "categoria",
    "unidad",
    "exento",
    "estado",
    "descuento_porcentaje",
    "descuento_monto",
    "descuento_desde",
    "descuento_hasta",
)
REFUSAL_HEADER = ("linea_rechazada", "motivo_rechazo")
"""What stands beside refused rows: where each was, and what was wrong with it."""
