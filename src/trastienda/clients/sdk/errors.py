"""What may go wrong, by class; the sentences are the shop's own, in Spanish."""

from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from trastienda.clients.sdk.calls import Answer
from trastienda.wire.values import Quantity

T = TypeVar("T")

SHOWN_BYTES = 200
"""Of a body that is not from a shop, in the text of the error: enough to recognise the
page."""


class ShopError(Exception):
    """Anything that goes wrong between this program and the shop."""

    key: str | None = None
    """The Idempotency-Key of the call: give it as ``key=`` to repeat the same call."""
    maybe_done: bool = False
    """Whether the shop may have done it: an answer was lost, so it is not known."""


class ConnectionLost(ShopError):
    """No answer came, even after all the repeats that were safe.

    If ``maybe_done`` is False, the shop has certainly done nothing.
    """

    def __str__(self) -> str:
        if self.maybe_done:
            sentence = (
                "Se perdió la respuesta de la tienda: no se sabe si hizo lo pedido"
            )
        else:
            sentence = "No hay conexión con la tienda"
        cause = str(self.__cause__ or "")
        return f"{sentence} ({cause})." if cause else f"{sentence}."


class UnexpectedAnswer(ShopError):
    """The answer is not one of a shop, or not of this version of it.

    It may come from a proxy, or be the login page of a network.
    """

    def __init__(
        self,
        answer: Answer,
        because: str,
    ) -> None:
        self.answer = answer
        self.because = because

    def __str__(self) -> str:
        answer = self.answer
        start = answer.content[:SHOWN_BYTES].decode("utf-8", errors="replace")
        kind = f"{answer.status} {answer.media}"
        return f"No respondió una tienda: {self.because} ({kind}): {start}"


class Problem(Struct, frozen=True):
    """The body of a refusal: RFC 9457, and ``codigo``."""

    status: int
    codigo: str
    title: str
    detail: str
    data: dict[str, Any]
    """Its other members: ``faltantes``, ``campos``, ``total`` …"""
    retry_after_s: float | None = None


class ApiError(ShopError):
    """The shop refused the call; ``str()`` is the shop's sentence, which people can be
    shown."""

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

    def _member(
        self,
        name: str,
        kind: type[T],
    ) -> T:
        """Return a member of the data; empty if the refusal does not have it."""
        value = self.data.get(name, kind())
        return msgspec.convert(value, kind)


class NotAuthenticated(ApiError):
    """401: not logged in, or not any more."""


class BadCredentials(NotAuthenticated):
    """401 ``credenciales_invalidas``: wrong user name or password."""


class SecondFactorRequired(NotAuthenticated):
    """401 ``segundo_factor``: the password is right; log in with it and a ``codigo``."""


class Forbidden(ApiError):
    """403: this user's role may not do it."""


class MustChangePassword(Forbidden):
    """403 ``cambiar_clave``: the password is provisional; change it with ``change_user``."""


class NotFound(ApiError):
    """404: it does not exist, or this user may not see it."""

    @property
    def codigos(self) -> list[str]:
        """The codes that no product has, if the call named several."""
        return self._member("codigos", list[str])


class Conflict(ApiError):
    """409: it contradicts the state of the shop."""


class Faltante(Struct, frozen=True):
    """How much was asked for, and how much there is."""

    codigo_barras: str
    pedido: Quantity
    disponible: Quantity


class InsufficientStock(Conflict):
    """409 ``stock_insuficiente``: nothing was sold, since something is short."""

    @property
    def faltantes(self) -> list[Faltante]:
        """The products that are short."""
        return self._member("faltantes", list[Faltante])


class ExcessiveReturn(Conflict):
    """409 ``devolucion_excesiva``: more than was sold and not returned yet."""

    @property
    def excesos(self) -> list[Faltante]:
        """The products of which it is too much."""
        return self._member("excesos", list[Faltante])


class ExcessiveRefund(Conflict):
    """409 ``reembolso_excesivo``: more than was paid by that means and not given back."""

    @property
    def medio(self) -> str:
        """The means of payment."""
        return self._member("medio", str)

    @property
    def disponible(self) -> int:
        """What may still be given back by it."""
        return self._member("disponible", int)


class ProductRetired(Conflict):
    """409 ``producto_retirado``: the product is no longer sold."""

    @property
    def codigos(self) -> list[str]:
        """The codes of those products."""
        return self._member("codigos", list[str])


class InsufficientPayment(Conflict):
    """409 ``pago_insuficiente``: the payments do not cover what is due."""

    @property
    def a_pagar(self) -> int:
        """The amount due, in the minor unit."""
        return self._member("a_pagar", int)

    @property
    def entregado(self) -> int:
        """The amount given, in the minor unit."""
        return self._member("entregado", int)


class PriceChanged(Conflict):
    """409 ``precio_cambiado``: the total is not the ``total_esperado``."""

    @property
    def total(self) -> int:
        """The total now."""
        return self._member("total", int)


class NothingOwed(Conflict):
    """409 ``sin_deuda``: the sale has no debt any more."""


class AlreadyExists(Conflict):
    """409 ``ya_existe``: another one has that value."""

    @property
    def campo(self) -> str:
        """The name of that field."""
        return self._member("campo", str)


class HasHistory(Conflict):
    """409 ``tiene_historia``: a product that was sold or moved can only be retired."""


class Gap(ApiError):
    """410: not all that was asked for is known any more."""


class VersionChanged(ApiError):
    """412: it was changed since the revision given as ``if_match``. Read it again."""


class InvalidData(ApiError):
    """422: a value is invalid."""

    @property
    def campos(self) -> dict[str, str]:
        """The reasons by the paths of their fields, as ``detalle[0].cantidad``."""
        return self._member("campos", dict[str, str])


class KeyReused(ApiError):
    """422 ``clave_reutilizada``: the ``key`` was used before, for another call."""


class TooManyRequests(ApiError):
    """429, and waiting for ``retry_after_s`` would exceed the time for repeats."""


class Unavailable(ApiError):
    """503: the shop is stopping, or overloaded."""


BY_CODE: dict[str, type[ApiError]] = {
    "cambiar_clave": MustChangePassword,
    "clave_reutilizada": KeyReused,
    "credenciales_invalidas": BadCredentials,
    "devolucion_excesiva": ExcessiveReturn,
    "pago_insuficiente": InsufficientPayment,
    "precio_cambiado": PriceChanged,
    "producto_retirado": ProductRetired,
    "reembolso_excesivo": ExcessiveRefund,
    "segundo_factor": SecondFactorRequired,
    "sin_deuda": NothingOwed,
    "stock_insuficiente": InsufficientStock,
    "tiene_historia": HasHistory,
    "ya_existe": AlreadyExists,
}
BY_STATUS: dict[int, type[ApiError]] = {
    401: NotAuthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gap,
    412: VersionChanged,
    422: InvalidData,
    429: TooManyRequests,
    503: Unavailable,
}
"""For all other codes, those that are newer than this program among them."""

_MEMBERS = {"type", "title", "status", "detail", "codigo"}


def refusal(
    answer: Answer,
    retry_after_s: float | None,
) -> ApiError | UnexpectedAnswer:
    """Return the error that an unsuccessful answer stands for."""
    try:
        body = answer.json()
        data = {name: value for name, value in body.items() if name not in _MEMBERS}
        problem = Problem(
            status=answer.status,
            codigo=body["codigo"],
            title=body["title"],
            detail=body["detail"],
            data=data,
            retry_after_s=retry_after_s,
        )
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        return UnexpectedAnswer(answer, "no es una negativa conocida")
    kind = BY_CODE.get(problem.codigo) or BY_STATUS.get(problem.status, ApiError)
    return kind(problem)
