"""What may go wrong, by class; the words are the shop's own, in Spanish."""

from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from trastienda.clients.sdk.calls import Answer
from trastienda.wire.values import Quantity

T = TypeVar("T")

SHOWN_OF_A_STRANGER = 200
"""Bytes of a body that no shop wrote, shown in the error: enough to tell whose page it is."""


class ShopError(Exception):
    """Whatever goes wrong between this program and the shop."""

    key: str | None = None
    """The Idempotency-Key that the call carried: give it again as ``key=`` to repeat the very same call."""
    maybe_done: bool = False
    """Whether the shop may have done what was asked, though nobody can tell: an answer was lost on its way."""


class ConnectionLost(ShopError):
    """No answer came, after all the repeats that were safe.

    With ``maybe_done`` False the shop has certainly done nothing.
    """

    def __str__(self) -> str:
        told = (
            "Se perdió la respuesta de la tienda: no se sabe si hizo lo pedido"
            if self.maybe_done
            else "No hay conexión con la tienda"
        )
        return (
            f"{told} ({self.__cause__})." if str(self.__cause__ or "") else f"{told}."
        )


class UnexpectedAnswer(ShopError):
    """What answered is no shop, or a shop of another age: a proxy, a login page of a hotel's network."""

    def __init__(self, answer: Answer, because: str) -> None:
        self.answer = answer
        self.because = because

    def __str__(self) -> str:
        start = self.answer.content[:SHOWN_OF_A_STRANGER].decode(
            "utf-8", errors="replace"
        )
        return f"No respondió una tienda: {self.because} ({self.answer.status} {self.answer.media}): {start}"


class Problem(Struct, frozen=True):
    """A refusal as it came: RFC 9457, and ``codigo``."""

    status: int
    codigo: str
    title: str
    detail: str
    data: dict[str, Any]
    """What this refusal tells beside its words: ``faltantes``, ``campos``, ``total`` …"""
    retry_after_s: float | None = None


class ApiError(ShopError):
    """The shop has refused. ``str()`` of it is the shop's sentence, fit to be shown to a person."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.status = problem.status
        self.codigo = problem.codigo
        self.title = problem.title
        self.detail = problem.detail
        self.data = problem.data
        self.retry_after_s = problem.retry_after_s

    def __str__(self) -> str:
        return self.detail

    def _told(self, name: str, kind: type[T]) -> T:
        return msgspec.convert(self.data.get(name, kind()), kind)


class NotAuthenticated(ApiError):
    """401: nobody is logged in, or no longer."""


class BadCredentials(NotAuthenticated):
    """401 ``credenciales_invalidas``: user name and password do not belong together."""


class Forbidden(ApiError):
    """403: this user's role may not do it."""


class NotFound(ApiError):
    """404: it is not there, or this user may not know that it is."""

    @property
    def codigos(self) -> list[str]:
        """The codes that name no product, where several were asked for."""
        return self._told("codigos", list[str])


class Conflict(ApiError):
    """409: it does not go together with what is there."""


class Faltante(Struct, frozen=True):
    """So much was asked for, so much is left."""

    codigo_barras: str
    pedido: Quantity
    disponible: Quantity


class InsufficientStock(Conflict):
    """409 ``stock_insuficiente``: nothing was sold, since not everything is there."""

    @property
    def faltantes(self) -> list[Faltante]:
        """What is short."""
        return self._told("faltantes", list[Faltante])


class ExcessiveReturn(Conflict):
    """409 ``devolucion_excesiva``: more would come back than was sold and not yet returned."""

    @property
    def excesos(self) -> list[Faltante]:
        """What is too much."""
        return self._told("excesos", list[Faltante])


class ProductRetired(Conflict):
    """409 ``producto_retirado``: it is no longer sold."""

    @property
    def codigos(self) -> list[str]:
        """Which ones."""
        return self._told("codigos", list[str])


class InsufficientPayment(Conflict):
    """409 ``pago_insuficiente``: the payments do not cover what is due."""

    @property
    def a_pagar(self) -> int:
        """What is due, in the minor unit."""
        return self._told("a_pagar", int)

    @property
    def entregado(self) -> int:
        """What was given."""
        return self._told("entregado", int)


class PriceChanged(Conflict):
    """409 ``precio_cambiado``: the total is not the ``total_esperado``."""

    @property
    def total(self) -> int:
        """What it comes to now."""
        return self._told("total", int)


class NothingOwed(Conflict):
    """409 ``sin_deuda``: nothing is owed on that sale any more."""


class AlreadyExists(Conflict):
    """409 ``ya_existe``: another one has that value."""

    @property
    def campo(self) -> str:
        """Which field it is."""
        return self._told("campo", str)


class VersionChanged(ApiError):
    """412: somebody changed it since the revision given as ``if_match``. Read it again."""


class InvalidData(ApiError):
    """422: a value is not fit."""

    @property
    def campos(self) -> dict[str, str]:
        """The reason by the field's path, as in ``detalle[0].cantidad``."""
        return self._told("campos", dict[str, str])


class KeyReused(ApiError):
    """422 ``clave_reutilizada``: the ``key`` came before, with another call."""


class TooManyRequests(ApiError):
    """429, and waiting as long as ``retry_after_s`` says would take more time than there is."""


class Unavailable(ApiError):
    """503: the shop is stopping, or too much waits in it."""


BY_CODE: dict[str, type[ApiError]] = {
    "clave_reutilizada": KeyReused,
    "credenciales_invalidas": BadCredentials,
    "devolucion_excesiva": ExcessiveReturn,
    "pago_insuficiente": InsufficientPayment,
    "precio_cambiado": PriceChanged,
    "producto_retirado": ProductRetired,
    "sin_deuda": NothingOwed,
    "stock_insuficiente": InsufficientStock,
    "ya_existe": AlreadyExists,
}
BY_STATUS: dict[int, type[ApiError]] = {
    401: NotAuthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: VersionChanged,
    422: InvalidData,
    429: TooManyRequests,
    503: Unavailable,
}
"""For a code that is newer than this program, too."""

_MEMBERS = {"type", "title", "status", "detail", "codigo"}


def refusal(answer: Answer, retry_after_s: float | None) -> ApiError | UnexpectedAnswer:
    """Return the error that an answer without success stands for."""
    try:
        told = answer.json()
        problem = Problem(
            status=answer.status,
            codigo=told["codigo"],
            title=told["title"],
            detail=told["detail"],
            data={name: value for name, value in told.items() if name not in _MEMBERS},
            retry_after_s=retry_after_s,
        )
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        return UnexpectedAnswer(answer, "no es una negativa conocida")
    kind = BY_CODE.get(problem.codigo) or BY_STATUS.get(problem.status, ApiError)
    return kind(problem)
