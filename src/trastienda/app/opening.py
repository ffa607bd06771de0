"""A shop opened as the settings say."""

from trastienda.config import Settings
from trastienda.domain.shop import Shop
from trastienda.operations import opening
from trastienda.operations.founding import Founding
from trastienda.operations.shop import OpenShop
from trastienda.operations.shop_folder import Location


def location_of(settings: Settings) -> Location:
    """Return where the shop is."""
    return Location(settings.data, settings.database_url)


def open_shop(
    settings: Settings,
    *,
    durable: bool = True,
    migrates: bool = False,
) -> OpenShop:
    """Open the shop, and found it on its first day. Raises StartError.

    One of an earlier version is opened only where it ``migrates``. Without ``durable`` a
    power cut may lose what was written.
    """
    page = Shop(
        name=settings.shop_name,
        rut=settings.shop_rut,
        business=settings.shop_giro,
        address=settings.shop_address,
        country=settings.country,
        currency=settings.currency,
        timezone=settings.timezone,
        vat_bp=int(settings.iva * 100),  # of a percentage with two decimals
    )
    founding = Founding(
        page=page,
        admin_rut=settings.admin_rut,
        admin_username=settings.admin_user,
        admin_password=settings.admin_password,
    )
    return opening.open_shop(
        location_of(settings), founding, durable=durable, migrates=migrates
    )
