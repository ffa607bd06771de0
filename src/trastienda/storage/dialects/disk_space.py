"""Room on a disk, found out by taking some."""

import errno
import os
import tempfile
from pathlib import Path

PROBE_BYTES = 64 * 1024
"""More than what a small sale adds to a database and its log."""

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def has_room(folder: Path) -> bool:
    """Tell whether a file of some size can be written in a folder.

    Writing tells more than the free space does: of quotas, too.
    """
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            written = file.write(bytes(PROBE_BYTES))
            os.fsync(file.fileno())
    except OSError as error:
        # Who may not write there learns nothing of the room.
        return error.errno not in _NO_ROOM
    return written == PROBE_BYTES
