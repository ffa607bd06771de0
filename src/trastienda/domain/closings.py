"""Why the shop closes a connection."""

import enum


class ClosingReason(enum.StrEnum):
    """Why a connection is closed by the shop; each wire says it in words."""

    KICKED = "kicked"
    BANNED = "banned"
    SESSION_ENDED = "session_ended"
    ACCOUNT_DEACTIVATED = "account_deactivated"
    PROVISIONAL = "provisional"
    TOO_SLOW = "too_slow"
    LONG_LINES = "long_lines"
    UNREADABLE_LINES = "unreadable_lines"
    STOPPING = "stopping"
    MADE_WAY = "made_way"
