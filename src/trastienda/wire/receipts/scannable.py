"""The code on a receipt that a till scans to find its sale.

It says ``TRASTIENDA.V.`` and the id of the sale. It holds no address, since a shop has
none that every phone reaches, and no folio, since imported sales have none.

Capitals, digits and full stops come out right from a scanner that types, whatever
keyboard layout it assumes; a colon or a dash would not. They also fit a QR code of 21
modules up to sale 999,999,999,999, which is narrow enough for 32 columns of text.

A till looks for a sale if a scanned text begins like this, and for a product otherwise.
"""

PREFIX = "TRASTIENDA.V."


def content(sale_id: int) -> str:
    """Return the content of the code of a sale."""
    return f"{PREFIX}{sale_id}"
