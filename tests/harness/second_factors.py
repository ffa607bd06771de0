"""Second factors: a telephone that makes codes, and somebody who has one."""

import time
from typing import Any

from msgspec import Struct
from tests.harness.cast import PASSWORD
from tests.harness.http import Caller

from trastienda.domain.second_factors import code_of, step_at


class Phone(Struct):
    """Somebody's telephone: it shows codes of now, and those of around."""

    secret: str

    def code(self, later: int = 0) -> str:
        """The code of the step that is so much later than now.

        A test that needs another one takes that of the next step, and does not wait for it.
        """
        return code_of(self.secret, step_at(time.time_ns() // 10**6) + later)


def begin(caller: Caller, rut: str) -> Phone:
    """Set a second factor up without confirming it."""
    body = {"clave_actual": PASSWORD}
    made: dict[str, Any] = caller.ok("POST", f"/users/{rut}/segundo-factor", body)
    return Phone(made["secreto"])


def set_up(caller: Caller, rut: str) -> tuple[Phone, list[str]]:
    """Set a second factor up; return the telephone, and the recovery codes.

    It is confirmed by the code of the step before, so that the one of now is unused.
    """
    phone = begin(caller, rut)
    body = {"codigo": phone.code(-1)}
    codes: list[str] = caller.ok("PUT", f"/users/{rut}/segundo-factor", body)["codigos"]
    return phone, codes
