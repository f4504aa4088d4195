"""Compare the lock file and the kept files with a file of known weaknesses, without the network.

    python -m scripts.supply.advisories advisories.json

The file holds records of the OSV format (https://ossf.github.io/osv-schema/): one, a list, what the interface of
osv.dev answers (`{"vulns": [...]}`), or the archive of an ecosystem (`all.zip`). Exit codes: 1 where a part has a known
weakness, 2 where the file is no such file.
"""

import json
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from packaging.version import InvalidVersion, Version

from scripts.supply.parts import KEPT, LOCK, canonical, locked

Record = Mapping[str, Any]
_ORDER = ("fixed", "introduced", "last_affected")
"""How events at one version follow each other."""

_ECOSYSTEMS = {"pypi": "PyPI", "npm": "npm"}


@dataclass(frozen=True)
class Part:
    """Something that advisories may speak of."""

    ecosystem: str
    name: str
    version: str


@dataclass(frozen=True)
class Finding:
    """A part with a known weakness, and the versions that mend it, where the advisory names some."""

    part: Part
    advisory: str
    summary: str
    mended_in: tuple[str, ...]


@click.command()
@click.argument("advisories", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--lock", type=click.Path(path_type=Path, dir_okay=False, exists=True), default=LOCK, show_default=True)
def main(advisories: Path, lock: Path) -> None:
    """Name every part that ADVISORIES, a file of OSV records, speaks of."""
    try:
        records = list(read(advisories))
    except (ValueError, zipfile.BadZipFile) as error:
        click.echo(f"{advisories} holds no OSV records: {error}", err=True)
        sys.exit(2)
    inventory = parts(lock)
    found = findings(inventory, records)
    for one in found:
        mended = f" Mended in {', '.join(one.mended_in)}." if one.mended_in else ""
        click.echo(f"{one.part.name} {one.part.version}: {one.advisory} {one.summary}{mended}", err=True)
    newest = max((str(one.get("modified", "")) for one in records), default="none")
    click.echo(f"{len(inventory)} parts, {len(records)} advisories, the newest of {newest}: {len(found)} findings.")
    sys.exit(1 if found else 0)


def parts(lock: Path) -> list[Part]:
    """Return what is looked up: the locked packages, and the kept works that come from a registry."""
    packages = [Part("PyPI", one.name, one.version) for one in locked(lock)]
    kept = [Part(_ECOSYSTEMS[one.ecosystem], one.name, one.version) for one in KEPT if one.ecosystem in _ECOSYSTEMS]
    return packages + kept


def read(path: Path) -> Iterator[Record]:
    """Yield the records of a file. Raises `ValueError` for what is none: unread must not look like unharmed."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield from _records(json.loads(archive.read(name)))
    else:
        yield from _records(json.loads(path.read_text("utf-8")))


def _records(content: Any) -> Iterable[Record]:
    if isinstance(content, dict) and "vulns" in content:
        content = content["vulns"]
    records = content if isinstance(content, list) else [content]
    for record in records:
        if not (isinstance(record, dict) and isinstance(record.get("id"), str)):
            raise ValueError("a record without an id")  # noqa: TRY004 -- it is the file's fault, not a caller's
    return records


def findings(inventory: Iterable[Part], records: Iterable[Record]) -> list[Finding]:
    """Return the weaknesses of these parts; withdrawn advisories do not count."""
    by_name = {(part.ecosystem, part.name): part for part in inventory}
    found = {}
    for record in records:
        if record.get("withdrawn"):
            continue
        for affected in record.get("affected", ()):
            package = affected.get("package", {})
            ecosystem = str(package.get("ecosystem", ""))
            name = str(package.get("name", ""))
            part = by_name.get((ecosystem, canonical(name) if ecosystem == "PyPI" else name))
            if part and is_affected(part.version, affected):
                finding = Finding(part, record["id"], str(record.get("summary", "")), _mended(affected))
                found[(part, record["id"])] = finding
    return list(found.values())


def is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    """Return whether a version is listed, or lies in a range (OSV schema, "Evaluation")."""
    if version in affected.get("versions", ()):
        return True
    ranges = [one for one in affected.get("ranges", ()) if one.get("type") in ("ECOSYSTEM", "SEMVER")]
    return any(_lies_in(Version(version), one.get("events", ())) for one in ranges)


def _lies_in(version: Version, events: Iterable[Mapping[str, str]]) -> bool:
    """Walk the events in the order of their versions; a version that cannot be read counts against us."""
    inside = False
    try:
        for kind, at in sorted(((kind, at) for event in events for kind, at in event.items()), key=_place):
            if kind == "introduced" and version >= Version(at):
                inside = True
            elif (kind == "fixed" and version >= Version(at)) or (kind == "last_affected" and version > Version(at)):
                inside = False
    except InvalidVersion:
        return True
    return inside


def _place(event: tuple[str, str]) -> tuple[Version, int]:
    kind, at = event
    return Version(at), _ORDER.index(kind) if kind in _ORDER else 0


def _mended(affected: Mapping[str, Any]) -> tuple[str, ...]:
    events = [event for one in affected.get("ranges", ()) for event in one.get("events", ())]
    return tuple(event["fixed"] for event in events if "fixed" in event)


if __name__ == "__main__":
    main()
