"""What a shop does by itself, as the settings say."""

from functools import partial

from trastienda.actions.tidying import Retention
from trastienda.config import Settings
from trastienda.domain.condition import Condition
from trastienda.operations.backup_schedule import ScheduledCopies
from trastienda.operations.chat_log import forget_old_files
from trastienda.operations.scheduler import Task, tidy
from trastienda.operations.shop import OpenShop
from trastienda.writer import Writer

LOG_FOLDER = "logs"
"""The folder of the chat's logs, in the data folder."""


def tasks_of(
    shop: OpenShop,
    writer: Writer,
    settings: Settings,
    condition: Condition,
) -> tuple[Task, ...]:
    """Return what the shop has to look after now and then."""
    retention = Retention(
        journal_days=settings.journal_days,
        message_days=settings.message_days,
        address_days=settings.address_days,
    )
    copies = ScheduledCopies(
        shop,
        writer,
        condition,
        settings.backup_dir,
        settings.backup_every_h,
        settings.backup_keep,
    )
    return (
        partial(tidy, writer, retention),
        partial(forget_old_files, shop.data / LOG_FOLDER, settings.message_days),
        copies.keep_up,
    )
