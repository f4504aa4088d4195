"""A refresh token that changes with each use: a lost one has to be asked for again by hand."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from recovery_site.domain.messages import FaultKind
from recovery_site.ports import GatewayFault

LONGEST_TOKEN = 16 * 1024
"""In ASCII characters."""


@dataclass(frozen=True)
class Turn:
    """One use of the refresh token, by one process at a time."""

    current: str = field(repr=False)
    _path: Path
    _new: Path
    _folder: int

    def keep(self, following: str) -> None:
        """Put the next refresh token in the place of this one: whole, on the disk, and for its owner alone."""
        with self._new.open("r+", encoding="ascii") as file:
            file.write(following + "\n")
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        self._new.replace(self._path)
        os.fsync(self._folder)


@contextmanager
def rotating(path: Path) -> Iterator[Turn]:
    """Give the refresh token in `path` for one use; raises `GatewayFault` before it is used if none could be kept."""
    new = path.with_name(path.name + ".new")
    try:
        # the folder is locked, not the file: a lock stays with the old file when a new one takes its name
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            new.unlink(missing_ok=True)
            _reserve(new)
            yield Turn(path.read_text("ascii").strip(), path, new, folder)
        finally:
            new.unlink(missing_ok=True)
            os.close(folder)
    except (OSError, UnicodeDecodeError):
        raise GatewayFault("token: the refresh token's file cannot be read or written", FaultKind.ACCESS) from None


def _reserve(path: Path) -> None:
    """Make the file with room for any token: a full disk shows before a refresh token is used up, not after."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.posix_fallocate(handle, 0, LONGEST_TOKEN)
    finally:
        os.close(handle)
