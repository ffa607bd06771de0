"""The key that signs tokens."""

import hashlib
import secrets
from pathlib import Path

from trastienda.operations import atomic_files
from trastienda.operations.errors import StartError
from trastienda.operations.shop_folder import SECRET_FILE

KEY_BYTES = 32


def signing_key(data: Path, configured: str | None) -> bytes:
    """Return the key that signs tokens.

    It comes from the configured text, or from a file of the shop, made at first use.
    Raises StartError where that file is damaged.
    """
    if configured:
        return hashlib.sha256(configured.encode()).digest()

    path = data / SECRET_FILE
    try:
        stored = path.read_bytes()
    except FileNotFoundError:
        key = secrets.token_bytes(KEY_BYTES)
        atomic_files.write(path, key)
        return key

    if len(stored) < KEY_BYTES:
        raise StartError(
            f"{path} está dañado; bórralo: al partir se hace otro, y las sesiones siguen"
        )
    return stored
