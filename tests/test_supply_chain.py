"""What others made: locked by hashes, listed, used, and looked up among known weaknesses without the network.

Sources: OWASP ASVS 5.0 15.1.2, 15.2.1; CycloneDX 1.6; OSV schema 1.6.
"""

import ast
import json
import re
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import distribution, packages_distributions
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scripts.supply import advisories, sbom
from scripts.supply.parts import KEPT, LOCK, ROOT, canonical, locked

FILES = sorted((ROOT / "recovery_site").rglob("*.py"))
OURS = {"static/site.js", "static/site.css", "static/proof.js"}
ASSETS = (".js", ".css", ".ttf", ".otf", ".woff", ".woff2", ".eot", ".png", ".jpg", ".gif", ".svg", ".ico", ".wasm")
NAMED_IN_SETTINGS = {"psycopg"}
"""SQLAlchemy imports it where an address begins with `postgresql+psycopg://`."""

BROUGHT_ALONG = {"markupsafe": "jinja2", "werkzeug": "flask", "wtforms": "flask-wtf"}
"""Imported by us, and part of what the named package offers: it brings the version that fits."""


def _imported() -> set[str]:
    """Return the first names of everything that the site imports."""
    found = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Import(names=names):
                    found |= {alias.name.split(".")[0] for alias in names}
                case ast.ImportFrom(module=str(module), level=0):
                    found.add(module.split(".")[0])
    return found


def _distributions() -> set[str]:
    by_import = packages_distributions()
    return {canonical(one) for name in _imported() for one in by_import.get(name, ())} - {"recovery-site"}


def _named() -> set[str]:
    return {name for name in sbom.direct() if name != "psycopg-binary"}


# --- dependencies -----------------------------------------------------------------------------------------------------


def test_every_package_that_is_asked_for_is_used() -> None:
    assert _named() - _distributions() == NAMED_IN_SETTINGS


def test_the_one_that_nothing_imports_is_named_where_it_is_used() -> None:
    assert "postgresql+psycopg" in (ROOT / "recovery_site/adapters/database/engine.py").read_text("utf-8")


def test_every_package_that_is_used_is_asked_for_or_comes_with_one_that_is() -> None:
    assert _distributions() - _named() == set(BROUGHT_ALONG)
    for name, bringer in BROUGHT_ALONG.items():
        brought = {canonical(re.split(r"[^\w.-]", one)[0]) for one in distribution(bringer).requires or ()}
        assert name in brought


def test_every_package_is_locked_to_one_version_and_its_hashes() -> None:
    packages = locked()
    assert _named() <= {one.name for one in packages}
    assert len(packages) == len({one.name for one in packages})
    entries = [line for line in LOCK.read_text("utf-8").splitlines() if line and not line.startswith((" ", "#", "-"))]
    assert len(packages) == len(entries), "an entry that is no pinned version with a hash"


def test_both_lock_files_agree() -> None:
    everything = {one.name: one for one in locked(ROOT / "requirements-dev.txt")}
    assert [everything.get(one.name) for one in locked()] == locked()


def test_a_package_without_a_hash_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("flask==3.1.3\n")
    with pytest.raises(ValueError, match="flask has no hash"):
        locked(lock)


# --- kept files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "digest"), [file for one in KEPT for file in one.files])
def test_what_is_kept_of_others_is_what_was_taken_over(path: str, digest: str) -> None:
    assert sha256((ROOT / path).read_bytes()).hexdigest() == digest


def test_no_asset_is_served_that_is_neither_ours_nor_held_by_its_hash() -> None:
    folders = (ROOT / "static", ROOT / "templates", ROOT / "recovery_site")
    found = {
        path for folder in folders for path in folder.rglob("*") if path.suffix in ASSETS or folder.name == "static"
    }
    assert {str(path.relative_to(ROOT)) for path in found} == OURS | {path for one in KEPT for path, _ in one.files}


# --- the parts list ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bill() -> Mapping[str, Any]:
    read: Mapping[str, Any] = json.loads(sbom.written(sbom.bill()))
    return read


def test_the_parts_list_names_every_package_with_its_version_and_hashes(bill: Mapping[str, Any]) -> None:
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    listed = {one["purl"]: {each["content"] for each in one.get("hashes", ())} for one in bill["components"]}
    for package in locked():
        assert listed[f"pkg:pypi/{package.name}@{package.version}"] == set(package.hashes)


def test_the_parts_list_has_htmx_and_the_fonts_which_no_lock_file_knows(bill: Mapping[str, Any]) -> None:
    listed = {one["name"]: one for one in bill["components"]}
    for kept in KEPT:
        files = {one["name"]: one["hashes"][0]["content"] for one in listed[kept.name]["components"]}
        assert files == dict(kept.files)
        assert listed[kept.name]["licenses"] == [{"license": {"id": kept.licence}}]


def test_the_parts_list_says_who_brought_what_along(bill: Mapping[str, Any]) -> None:
    needs = {one["ref"]: one.get("dependsOn", []) for one in bill["dependencies"]}
    reached, waiting = set(), ["recovery-site"]
    while waiting:
        ref = waiting.pop()
        waiting += [one for one in needs.get(ref, ()) if one not in reached]
        reached |= set(needs.get(ref, ()))
    assert {one["bom-ref"] for one in bill["components"]} == reached, "a package that nothing asks for"
    assert "pypi:werkzeug" in needs["pypi:flask"]


def test_the_command_writes_the_parts_list(tmp_path: Path) -> None:
    file = tmp_path / "build" / "sbom.json"
    done = CliRunner().invoke(sbom.main, [str(file)], catch_exceptions=False)
    assert done.exit_code == 0
    assert json.loads(file.read_text("utf-8"))["metadata"]["component"]["name"] == "recovery-site"


# --- known weaknesses -------------------------------------------------------------------------------------------------


def _record(name: str, *events: dict[str, str], ecosystem: str = "PyPI", **more: object) -> dict[str, object]:
    affected = {"package": {"ecosystem": ecosystem, "name": name}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    return {
        "id": f"TEST-{name}",
        "modified": "2026-01-02T00:00:00Z",
        "summary": "a hole",
        "affected": [affected],
        **more,
    }


FROM_THE_BEGINNING = ({"introduced": "0"}, {"fixed": "9999"})


def _asked(tmp_path: Path, content: object, lock: Path = LOCK) -> tuple[int, str]:
    file = tmp_path / "advisories.json"
    file.write_text(json.dumps(content), "utf-8")
    done = CliRunner().invoke(advisories.main, [str(file), "--lock", str(lock)], catch_exceptions=False)
    return done.exit_code, done.output


def test_a_package_with_a_known_weakness_is_named_with_the_version_that_mends_it(tmp_path: Path) -> None:
    code, said = _asked(tmp_path, [_record("Flask", *FROM_THE_BEGINNING)])
    assert code == 1
    assert re.search(r"^flask \S+: TEST-Flask a hole Mended in 9999\.$", said, re.MULTILINE)


def test_htmx_is_looked_up_too(tmp_path: Path) -> None:
    code, said = _asked(tmp_path, _record("htmx.org", *FROM_THE_BEGINNING, ecosystem="npm"))
    assert (code, "htmx.org 4.0.1: TEST-htmx.org" in said) == (1, True)


@pytest.mark.parametrize(
    ("version", "events", "is_affected"),
    [
        ("1.9", [{"introduced": "0"}, {"fixed": "1.10"}], True),
        ("1.10", [{"introduced": "0"}, {"fixed": "1.10"}], False),
        ("1.10rc1", [{"introduced": "0"}, {"fixed": "1.10"}], True),
        ("0.9", [{"introduced": "1.0"}], False),
        ("7.0", [{"introduced": "1.0"}], True),
        ("1.0", [{"introduced": "1.0"}, {"last_affected": "1.0"}], True),
        ("1.0.1", [{"introduced": "1.0"}, {"last_affected": "1.0"}], False),
        ("2.5", [{"fixed": "2.0"}, {"introduced": "0"}, {"introduced": "2.4"}, {"fixed": "2.6"}], True),
        ("2.2", [{"fixed": "2.0"}, {"introduced": "0"}, {"introduced": "2.4"}, {"fixed": "2.6"}], False),
        ("1.0", [{"introduced": "not a version"}], True),
    ],
)
def test_versions_are_compared_as_versions(version: str, events: list[dict[str, str]], is_affected: bool) -> None:
    affected = {"ranges": [{"type": "ECOSYSTEM", "events": events}]}
    assert advisories.is_affected(version, affected) is is_affected


def test_a_version_that_is_listed_is_affected_though_no_range_says_so() -> None:
    assert advisories.is_affected("1.0", {"versions": ["0.9", "1.0"]})
    assert not advisories.is_affected("1.1", {"versions": ["0.9", "1.0"], "ranges": [{"type": "GIT", "events": []}]})


def test_what_was_withdrawn_or_speaks_of_others_is_no_finding(tmp_path: Path) -> None:
    others = [
        _record("flask", *FROM_THE_BEGINNING, withdrawn="2026-01-03T00:00:00Z"),
        _record("flask", *FROM_THE_BEGINNING, ecosystem="npm"),
        _record("django", *FROM_THE_BEGINNING),
        {"id": "TEST-empty"},
    ]
    code, said = _asked(tmp_path, {"vulns": others})
    assert code == 0
    assert "4 advisories, the newest of 2026-01-02" in said


def test_an_archive_of_a_whole_ecosystem_is_read(tmp_path: Path) -> None:
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("A.json", json.dumps(_record("jinja2", *FROM_THE_BEGINNING)))
        file.writestr("B.json", json.dumps(_record("django", *FROM_THE_BEGINNING)))
    done = CliRunner().invoke(advisories.main, [str(archive)])
    assert (done.exit_code, "jinja2" in done.output) == (1, True)


@pytest.mark.parametrize("content", ["text", [1], {"advisories": []}, [{"name": "flask"}]])
def test_a_file_that_is_something_else_is_not_taken_for_good_news(tmp_path: Path, content: object) -> None:
    assert _asked(tmp_path, content)[0] == 2
