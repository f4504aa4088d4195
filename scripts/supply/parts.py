"""The parts that others made: the packages of the lock file, and the files that are kept in this repository."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.txt"

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Package:
    """A package of the lock file with the SHA-256 of each of its files, of which one is installed."""

    name: str
    version: str
    hashes: tuple[str, ...]


@dataclass(frozen=True)
class Kept:
    """A work of somebody else that is kept here: its name where it was published, and the files with their SHA-256."""

    ecosystem: str
    name: str
    version: str
    licence: str
    files: tuple[tuple[str, str], ...]


_FONTS = "recovery_site/web/printed/fonts"

KEPT = (
    Kept(
        "npm",
        "htmx.org",
        "4.0.1",
        "0BSD",
        # as published on npm
        (("static/htmx.min.js", "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"),),
    ),
    Kept(
        "npm",
        "altcha",
        "3.2.2",
        "MIT",
        # dist/workers/pbkdf2.js as published on npm
        (
            ("static/altcha-pbkdf2.js", "7862add9c9d3d847ded3da928edcf406b46478754b9883351111414825b9c86f"),
            ("static/altcha-LICENSE.txt", "bee1fb9d9c97d42c12c22332c5250f2fb1ef5c2321f6f82beb23e3b77be50a29"),
        ),
    ),
    Kept(
        "generic",
        "tinos",
        "1.33",
        "OFL-1.1",
        (
            (
                f"{_FONTS}/Tinos-Bold.ttf",
                "290d70ad791c0c88fe6de00de285b68e5aa7ec04e4113ccc2554ce899e629822",
            ),
            (
                f"{_FONTS}/Tinos-Italic.ttf",
                "638c43ef3c40f8d0165d2aaf4986d15dc7e16c8356e8af7598f4868875b501fd",
            ),
            (
                f"{_FONTS}/Tinos-Regular.ttf",
                "5c019863bd89d492861f492d1743d372496aa5daaed1eb1f3a2cc274551eaa27",
            ),
        ),
    ),
)
"""Held by a test: a file that changes, or comes without a line here, is found."""


def locked(lock: Path = LOCK) -> list[Package]:
    """Return the packages of a lock file that pip would install; raises `ValueError` for one without a hash."""
    entries = lock.read_text("utf-8").replace("\\\n", " ").splitlines()
    packages = []
    for entry in entries:
        pin = _PIN.match(entry)
        if pin is None:
            continue
        hashes = tuple(_HASH.findall(entry))
        if not hashes:
            raise ValueError(f"{pin[1]} has no hash in {lock.name}")
        packages.append(Package(canonical(pin[1]), pin[2], hashes))
    return packages


def canonical(name: str) -> str:
    """Return a package's name as PyPI compares names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
