"""Second factors: set up, confirmed and taken off."""

from msgspec import UNSET, UnsetType

from trastienda.clients.sdk.calls import Call, Repeat, read_as
from trastienda.clients.sdk.methods import endpoint
from trastienda.wire.second_factors import (
    CodigosDeRecuperacion,
    SegundoFactor,
    SegundoFactorConfirmado,
    SegundoFactorFin,
    SegundoFactorNuevo,
    SegundoFactorPedido,
)

_PATH = "/users/{rut}/segundo-factor"


class SecondFactorMethods:
    """Methods about second factors."""

    @endpoint
    def second_factor(self, rut: str) -> Call[SegundoFactor]:
        """Return whether somebody has one: oneself, or anybody for an Administrador."""
        return Call(
            method="GET",
            path=_PATH,
            names={"rut": rut},
            read=read_as(SegundoFactor),
        )

    @endpoint
    def set_up_second_factor(
        self,
        rut: str,
        clave_actual: str,
    ) -> Call[SegundoFactorNuevo]:
        """Return a new secret for the own telephone; it counts once it is confirmed.

        Raises AlreadyExists, InvalidData, Forbidden.
        """
        return Call(
            method="POST",
            path=_PATH,
            names={"rut": rut},
            body=SegundoFactorPedido(clave_actual),
            read=read_as(SegundoFactorNuevo),
        )

    @endpoint
    def confirm_second_factor(
        self,
        rut: str,
        codigo: str,
    ) -> Call[CodigosDeRecuperacion]:
        """Confirm it with a code of the telephone; return the recovery codes, once.

        Not repeated once it may have arrived: if its answer was lost, so are the recovery
        codes, and the second factor is best removed and set up anew. Raises InvalidData,
        NotFound, AlreadyExists.
        """
        return Call(
            method="PUT",
            path=_PATH,
            names={"rut": rut},
            body=SegundoFactorConfirmado(codigo),
            repeat=Repeat.UNSENT,
            read=read_as(CodigosDeRecuperacion),
        )

    @endpoint
    def remove_second_factor(
        self,
        rut: str,
        *,
        clave_actual: str | UnsetType = UNSET,
        codigo: str | UnsetType = UNSET,
    ) -> Call[None]:
        """Take one off: the own one with password and code, an Administrador anybody
        else's. Raises NotFound, InvalidData, Forbidden.
        """
        return Call(
            method="DELETE",
            path=_PATH,
            names={"rut": rut},
            body=SegundoFactorFin(clave_actual, codigo),
            repeat=Repeat.UNSENT,
            read=lambda _: None,  # its success is all that matters
        )
