"""The server's key on disk: made once, readable by its owner alone, never in the database."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from recovery_site.domain.keys import MINIMUM_KEY_BYTES, KeyRing
from recovery_site.ports import Chance


class KeyFileProblem(Exception):
    """A key file is missing, unreadable, too short or open to others; the message says which and what to do."""


def ensure_key_file(path: Path, chance: Chance) -> bool:
    """Make a new key where there is none, mode 600; return whether one was made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(chance.letters("0123456789abcdef", 2 * MINIMUM_KEY_BYTES) + "\n")
    return True


def read_key_ring(paths: Sequence[Path]) -> KeyRing:
    """Return the keys of all files, newest first; raises `KeyFileProblem`."""
    return KeyRing(tuple(_read_key(path) for path in paths))


def _read_key(path: Path) -> bytes:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileProblem(f"{path}: cannot be read; `recovery-site db upgrade` makes a missing key") from error
    if mode & 0o077:
        raise KeyFileProblem(f"{path}: others may read it (mode {mode:o}); run: chmod 600 {path}")
    if len(text) < 2 * MINIMUM_KEY_BYTES:
        raise KeyFileProblem(f"{path}: holds less than {2 * MINIMUM_KEY_BYTES} characters")
    return text.encode()
