"""What the shop refuses, and why: one class a refusal, with the data of that refusal
and no words of any wire.
"""

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from trastienda.domain.shop import Shop


class Refusal(Exception):
    """Something that was asked and will not be done. Nothing of it has been kept."""

    shop: "Shop | None" = None
    """The shop that refuses, for the way that it writes amounts; known where an action
    refuses to write.
    """


class NotAuthenticated(Refusal):
    """Nobody is behind the call, or their token is no longer good."""


class BadCredentials(Refusal):
    """The user is unknown or the password wrong; which of the two is never told."""


class SecondFactorRequired(Refusal):
    """The password is right, and a code of the second factor has to come with it."""


class MustChangePassword(Refusal):
    """The caller's password is one that others have seen: it has to be changed first."""


class Forbidden(Refusal):
    """The caller's role may not do this."""


class RegistrationClosed(Refusal):
    """Only an administrator makes accounts in this shop."""


class IdentityConfirmed(Refusal):
    """The RUT is that of somebody whom the shop knows, so it is not given free."""


class IdentityUnconfirmed(Refusal):
    """Staff have to confirm first that the caller is who they say they are."""


class NotFound(Refusal):
    """The thing does not exist, or the caller may not know that it does."""


class Invalid(Refusal):
    """A value is not fit.

    ``field`` is its place in English terms (``lines[0].quantity``), ``reason`` a key of
    the wire's table of reasons, ``data`` what the sentence of that reason wants to
    show.
    """

    def __init__(self, field: str, reason: str, **data: Any) -> None:
        super().__init__(field, reason, data)
        self.field = field
        self.reason = reason
        self.data = data


class UnknownProducts(NotFound):
    """Some of the codes asked for name no product."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(codes)
        self.codes = codes


class ProductRetired(Refusal):
    """Products that are no longer sold: the codes asked for, and the names beside them."""

    def __init__(self, codes: list[str], names: list[str]) -> None:
        super().__init__(codes, names)
        self.codes = codes
        self.names = names


class Shortage(Struct, frozen=True):
    """More of a product than is left, in thousandths of its unit."""

    code: str
    name: str
    unit: str
    asked_milli: int
    left_milli: int


class InsufficientStock(Refusal):
    """Less is left than was asked for."""

    def __init__(self, shortages: list[Shortage]) -> None:
        super().__init__(shortages)
        self.shortages = shortages


class InsufficientPayment(Refusal):
    """What was given does not cover what is due, both in minor units."""

    def __init__(
        self,
        due_minor: int,
        given_minor: int,
    ) -> None:
        super().__init__(due_minor, given_minor)
        self.due_minor = due_minor
        self.given_minor = given_minor


class PriceChanged(Refusal):
    """The total is not the one that the buyer was shown."""

    def __init__(self, total_minor: int) -> None:
        super().__init__(total_minor)
        self.total_minor = total_minor


class NothingOwed(Refusal):
    """A payment for a sale on which nothing is owed any more."""


class ExcessiveReturn(Refusal):
    """More would come back than was bought and not yet returned."""

    def __init__(self, excesses: list[Shortage]) -> None:
        super().__init__(excesses)
        self.excesses = excesses


class PaidFor(ExcessiveReturn):
    """More would come back alone than is still owed: what was paid for goes back at the
    counter.
    """


class ExcessiveRefund(Refusal):
    """More would be given back by ``method`` than was paid by it and not yet given back."""

    def __init__(self, method: str, asked_minor: int, left_minor: int) -> None:
        super().__init__(method, asked_minor, left_minor)
        self.method = method
        self.asked_minor = asked_minor
        self.left_minor = left_minor


class NoPrinter(Refusal):
    """The shop has no receipt printer."""


class AlreadyExists(Refusal):
    """Another one has that ``field`` already."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class TooManyKeys(Refusal):
    """The shop has as many API keys as it may: one has to be withdrawn first."""


class TooManyWebhooks(Refusal):
    """The shop sends to as many addresses as it may: one has to be removed first."""


class HasHistory(Refusal):
    """A product was sold, bought or counted, so it can only be retired."""


class LastAdministrator(Refusal):
    """The shop would be left without an active administrator."""


class FixedByFirstSale(Refusal):
    """Country and currency cannot change once something has been sold."""


class VersionChanged(Refusal):
    """The thing has changed since the caller read it."""


class Gap(Refusal):
    """Not all that was announced after a number is known any more."""


class KeyReused(Refusal):
    """The same idempotency key came with another request."""


class TooManyRequests(Refusal):
    """Too many attempts; worth another try after ``retry_after_s``."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(retry_after_s)
        self.retry_after_s = retry_after_s


class Banned(Refusal):
    """The member, or the address they come from, is not let into the chat."""


class Muted(Refusal):
    """The member may listen and not speak, for so many seconds more (None: until
    somebody lifts it).
    """

    def __init__(self, left_s: int | None) -> None:
        super().__init__(left_s)
        self.left_s = left_s


class AliasReserved(Refusal):
    """The alias is the name of somebody with an account, who has to log in to bear it."""


class RoomArchived(Refusal):
    """The room is kept to be read; nothing more is said in it."""


class MailboxFull(Refusal):
    """Too much waits for somebody who is away."""


class NeedsTls(Refusal):
    """A password may not come over this connection: anybody between could read it."""


class Unavailable(Refusal):
    """The shop takes no new work just now: it is stopping, or too much is waiting."""


class DiskFull(Unavailable):
    """Nothing can be kept: the disk on which the shop is has no room left."""


class DatabaseHeld(Unavailable):
    """Nothing can be kept: another program has the database to itself, for too long."""


class DatabaseLost(Unavailable):
    """Nothing can be kept: the database file has been removed or replaced."""


class Crowded(Refusal):
    """There are as many connections as there may be, and none of them can make way."""


class CrowdedNetwork(Refusal):
    """There are as many connections from one network as there may be."""
