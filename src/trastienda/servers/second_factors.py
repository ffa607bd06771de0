"""The second factor at the door: asked for once the password has been found right."""

from trastienda.actions import second_factors
from trastienda.domain.errors import (
    BadCredentials,
    SecondFactorRequired,
    TooManyRequests,
)
from trastienda.domain.people import User
from trastienda.domain.second_factors import is_of_telephone
from trastienda.reader import Reader
from trastienda.servers.incidents import Incident, Incidents
from trastienda.servers.throttle import Throttle
from trastienda.writer import Writer

WRONG_CODES = (10, 600.0)
"""Wrong codes of one account, at once, and the seconds until one more.

Whoever tries them knows the password, and of a million codes three are good: at this rate one
is met in six years. The user is not shut out by them, since recovery codes are not counted."""


class SecondFactors:
    """Asks for codes, and counts the wrong ones. Call it from the event loop only."""

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        incidents: Incidents,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._incidents = incidents
        self._guessing = Throttle(*WRONG_CODES)

    async def check(
        self,
        user: User,
        code: str | None,
        address: str,
    ) -> None:
        """Use up the code that a user gave with a right password, if they have to give one.

        Raises SecondFactorRequired without one, BadCredentials for a wrong one and
        TooManyRequests after too many.
        """
        reading = await self._reader.read(second_factors.is_asked_of, user.id)
        if not reading.value:
            return
        if code is None:
            raise SecondFactorRequired

        is_counted = is_of_telephone(code)
        try:
            if is_counted:
                self._guessing.take(user.id)
            is_recovery = await self._writer.run(second_factors.use, user.id, code)
        except BadCredentials:
            self._incidents.log(Incident.WRONG_CODE, address, rut=user.rut)
            raise
        except TooManyRequests:
            self._incidents.log(Incident.THROTTLED, address, rut=user.rut)
            raise

        if is_counted:
            self._guessing.give_back(user.id)
        if is_recovery:
            self._incidents.log(Incident.RECOVERY_CODE, address, rut=user.rut)
