"""The tables of `docs/security` name tests; each of them is there, and nothing is claimed without one."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SECURITY = ROOT / "docs/security"
TABLES = ("asvs.md", "failures.md")
WITHOUT_A_TEST = ("not yet: ", "deviation: ", "the operator's: ", "by design: ")
"""How a proof begins that is no test; `by design` and `the operator's` name the document that says so."""

ASVS_VERSION_5 = re.compile(r"\d{1,2}\.\d{1,2}\.\d{1,2}")


def rows(name: str) -> list[list[str]]:
    """Return the cells of each row, without headings."""
    lines = [line for line in (SECURITY / name).read_text("utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if not set(row[0]) <= {"-", " "} and row[0] not in ("Nr.", "ASVS")]


def proofs(name: str) -> Iterator[tuple[str, str]]:
    """Yield the number and one claim of each row; a row may make several, on lines of their own."""
    for row in rows(name):
        for claim in row[-1].split("<br>"):
            yield row[0], claim.strip()


@lru_cache
def names_in(path: Path) -> frozenset[str]:
    """Return the names of the tests in a file as pytest writes them after the path."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.add(node.targets[0].id)  # a state machine of Hypothesis is a test case by assignment
    return frozenset(one for one in found if one.rpartition("::")[2].startswith(("test_", "Test")))


@pytest.mark.parametrize("name", TABLES)
def test_every_claim_names_a_test_that_exists_or_says_plainly_that_there_is_none(name: str) -> None:
    for number, claim in proofs(name):
        nodes = re.findall(r"`(tests/[\w/]+\.py)::([\w:]+)`", claim)
        for path, test in nodes:
            assert (ROOT / path).is_file(), f"{number}: {path} is not there"
            assert test in names_in(ROOT / path), f"{number}: {path} has no {test}"
        assert nodes or claim.startswith(WITHOUT_A_TEST), f"{number}: {claim!r} names no test"


@pytest.mark.parametrize("name", TABLES)
def test_every_document_that_is_named_is_there(name: str) -> None:
    for number, claim in proofs(name):
        for path in re.findall(r"`((?:docs|deploy|recovery_site|static|templates)/[\w./-]+|pyproject\.toml)`", claim):
            assert (ROOT / path).exists(), f"{number}: {path} is not there"


@pytest.mark.parametrize("name", TABLES)
def test_no_row_stands_twice_and_each_is_whole(name: str) -> None:
    found = rows(name)
    assert len(found) > 50
    assert len({row[0] for row in found}) == len(found)
    assert len({len(row) for row in found}) == 1
    assert all(all(row) for row in found)


def test_the_requirements_are_numbered_as_in_version_5() -> None:
    for number, level, *_ in rows("asvs.md"):
        assert ASVS_VERSION_5.fullmatch(number), number
        assert level in ("1", "2", "3")


def test_every_deviation_is_recorded_with_its_reason() -> None:
    recorded = (SECURITY / "README.md").read_text("utf-8").partition("## Recorded deviations")[2].partition("\n## ")[0]
    for number, claim in proofs("asvs.md"):
        if claim.startswith("deviation: "):
            assert number in recorded, f"{number} deviates and is not recorded"


@pytest.mark.parametrize(
    "claim",
    [
        "`tests/web/test_headers.py::test_that_nobody_wrote`",
        "`tests/web/test_nothing.py::test_x`",
        "surely",
    ],
)
def test_a_claim_that_is_false_would_be_found(claim: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "asvs.md").write_text(f"| ASVS | Level | Proof |\n| --- | --- | --- |\n| 1.2.1 | 1 | {claim} |\n")
    monkeypatch.setattr("tests.test_security_documentation.SECURITY", tmp_path)
    with pytest.raises(AssertionError):
        test_every_claim_names_a_test_that_exists_or_says_plainly_that_there_is_none("asvs.md")
