"""Leaked passwords in a file: SHA-1 hashes in ascending order, one a line, as Pwned Passwords are downloaded.

Nothing of the file is kept: each question opens it and halves it by seeking, so that 40 GB cost some 35 short reads,
and a newer list may be put in its place at any time. Sources: OWASP ASVS 5.0 6.2.12; NIST SP 800-63B-4 3.1.1.2.
"""

import hashlib
import os
import re
from pathlib import Path
from typing import BinaryIO

import structlog

from recovery_site.domain.secret import Secret

_LINE = re.compile(rb"([0-9A-Fa-f]{40})(?::[0-9]{1,19})?\r?\n?")
_LONGEST_LINE = 64
_SAMPLES = 2000

log = structlog.get_logger()


class LeakedFileProblem(Exception):
    """The file cannot be searched; the text says why, and what it should be."""


class LeakedFile:
    """The `LeakedPasswords` port over the file at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def has(self, password: Secret) -> bool:
        # SHA-1 is the format of the list, and guards nothing
        digest = hashlib.sha1(password.reveal().encode("utf-8", "replace"), usedforsecurity=False)
        try:
            with self._path.open("rb") as file:
                return _find(file, _size(file), digest.hexdigest().upper().encode())
        except (OSError, LeakedFileProblem) as problem:
            log.error("leaked_file_unusable", fault=_fault(problem))  # noqa: TRY400 -- a cause, not a fault to trace
            return False

    def check(self) -> None:
        """Look at lines from all over the file. Raises `LeakedFileProblem` where it cannot be searched."""
        try:
            with self._path.open("rb") as file:
                _sample(file, _size(file))
        except (OSError, LeakedFileProblem) as problem:
            raise LeakedFileProblem(f"{self._path}: {_fault(problem)}") from problem


def _find(file: BinaryIO, size: int, wanted: bytes) -> bool:
    """Return whether a line has the hash `wanted`; if one does, it begins at `low` or later, and before `high`."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        start, found, end = _line_from(file, middle)
        if start >= high:
            high = middle
        elif found == wanted:
            return True
        elif found < wanted:
            low = end
        else:
            high = middle
    return False


def _sample(file: BinaryIO, size: int) -> None:
    before, place = b"", -1
    # the first lines as they follow each other, too: a list that is ordered by count is known by them
    for offset in (*range(min(size, _SAMPLES)), *range(0, size, max(1, size // _SAMPLES))):
        start, found, _ = _line_from(file, offset)
        if start <= place or start >= size:
            continue
        if found < before:
            raise LeakedFileProblem(f"its hashes are not in ascending order at byte {start}; take the list by hash")
        before, place = found, start
    if place < 0:
        raise LeakedFileProblem("it is empty")


def _line_from(file: BinaryIO, offset: int) -> tuple[int, bytes, int]:
    """Return begin, hash in capitals and end of the first line that begins at `offset` or later; at the end b""."""
    file.seek(max(0, offset - 1))
    if offset:
        file.readline(_LONGEST_LINE)
    start = file.tell()
    line = file.readline(_LONGEST_LINE)
    if not line:
        return start, b"", start
    whole = _LINE.fullmatch(line)
    if whole is None:
        raise LeakedFileProblem(f"byte {start} does not begin a line with a SHA-1 hash and perhaps :count")
    return start, whole[1].upper(), start + len(line)


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def _fault(problem: Exception) -> str:
    return (problem.strerror or type(problem).__name__) if isinstance(problem, OSError) else str(problem)
