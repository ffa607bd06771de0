"""The code on a receipt that a till scans to find its sale.

It says ``TRASTIENDA.V.`` and the number of the sale: no address, since a shop has none that every phone reaches, and no
folio, since imported sales have none. It holds capitals, digits and full stops only: those come out right from a
scanner that types, whatever the language of the keyboard it believes in (a colon or a dash would not), and they fit a
QR code of 21 modules up to sale 999,999,999,999, which is narrow enough for 32 columns of text. No product is taken
for it by accident: a till asks for the sale where a scanned text begins so, and for a product otherwise.
"""

PREFIX = "TRASTIENDA.V."


def content(sale_id: int) -> str:
    """Return what the code of a sale says."""
    return f"{PREFIX}{sale_id}"
