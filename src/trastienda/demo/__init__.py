"""The sample shop of ``trastienda demo``: products, people, and four weeks of work."""

import secrets

from trastienda.demo.story import LOGINS, PASSWORD, fill

SETTINGS = {
    "admin_user": "ana",
    "admin_password": secrets.token_urlsafe(),  # until the story gives everybody theirs
    "admin_rut": "1-9",
    "shop_name": "Almacén La Esquina",
    "shop_rut": "76000000-0",
    "shop_giro": "Almacén de barrio",
    "shop_address": "Los Aromos 123, Valparaíso",
    "country": "CL",
    "currency": "CLP",
    "timezone": "America/Santiago",
    "iva": "19",
    "database_url": "",
    "secret_key": "",
    "backup_every_h": 0,
}
"""What the sample shop is, whatever the settings of a real one beside it say."""

__all__ = ["LOGINS", "PASSWORD", "SETTINGS", "fill"]
