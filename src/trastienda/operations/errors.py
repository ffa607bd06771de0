"""Why a shop cannot be opened or served, and why the system refused a file."""

import errno

_REASONS = {
    errno.EACCES: "no hay permiso para escribir ahí",
    errno.EDQUOT: "se acabó el espacio que este usuario puede ocupar",
    errno.EFBIG: "ahí no cabe un archivo tan grande",
    errno.EIO: "el disco no responde bien",
    errno.ENOENT: "no existe esa carpeta o ese archivo",
    errno.ENOSPC: "no queda espacio en el disco",
    errno.ENOTDIR: "no existe esa carpeta",
    errno.EPERM: "no hay permiso para escribir ahí",
    errno.EROFS: "ese disco es de solo lectura",
}


class StartError(Exception):
    """The shop cannot be opened or served; the text says why and what to do.

    It is in Spanish, for whoever started the command.
    """


def reason(error: OSError) -> str:
    """Return why the system refused, in Spanish for what happens in practice."""
    known_reason = _REASONS.get(error.errno or 0)
    return known_reason or error.strerror or str(error)
