"""API keys: what programs show instead of a password."""

from collections.abc import Iterable

from msgspec import UNSET, UnsetType

from trastienda.clients.sdk.calls import Answer, Call, Repeat, read_as
from trastienda.clients.sdk.methods import endpoint
from trastienda.wire.api_keys import Llave, LlaveCreada, LlaveNueva, Llaves
from trastienda.wire.people import Tipo


def _read_rows(answer: Answer) -> list[Llave]:
    return read_as(Llaves)(answer).datos


class ApiKeyMethods:
    """Methods about API keys."""

    @endpoint
    def make_api_key(
        self,
        nombre: str,
        tipo: Tipo,
        clave_actual: str,
        *,
        codigo: str | UnsetType = UNSET,
        direcciones: Iterable[str] | UnsetType = UNSET,
        hasta: str | None = None,
    ) -> Call[LlaveCreada]:
        """Make a key for a program, which acts as the caller, as ``tipo`` at the most.

        Its ``llave`` is never told again. ``clave_actual`` is the caller's password; whoever
        has a second factor adds a ``codigo`` of it. The key is good from ``direcciones``
        (addresses and networks) until ``hasta``, a time of RFC 3339. Not repeated once it may
        have arrived. Raises AlreadyExists, Conflict (``demasiadas_llaves``), InvalidData.
        """
        draft = LlaveNueva(
            nombre=nombre,
            tipo=tipo,
            clave_actual=clave_actual,
            codigo=codigo,
            direcciones=direcciones if direcciones is UNSET else list(direcciones),
            hasta=hasta,
        )
        return Call(
            method="POST",
            path="/llaves",
            body=draft,
            repeat=Repeat.UNSENT,
            read=read_as(LlaveCreada),
        )

    @endpoint
    def api_keys(self) -> Call[list[Llave]]:
        """Return the keys of the shop, newest first."""
        return Call(method="GET", path="/llaves", read=_read_rows)

    @endpoint
    def withdraw_api_key(self, id_llave: str) -> Call[None]:
        """Withdraw a key at once. Raises NotFound for one that is not there."""
        return Call(
            method="DELETE",
            path="/llaves/{id_llave}",
            names={"id_llave": id_llave},
            read=lambda _: None,
        )
