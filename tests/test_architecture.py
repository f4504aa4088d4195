"""Rules of the house that no tool checks by itself."""

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

import recovery_site
from recovery_site import ports

PACKAGE = Path(recovery_site.__file__).parent
ROOT = PACKAGE.parent
FILES = sorted(PACKAGE.rglob("*.py"))
CLOCK_AND_CHANCE = PACKAGE / "adapters" / "system.py"
LONGEST_FILE = 300
LONGEST_FUNCTION = 50

_CLOCKS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
    ("time", "monotonic"), ("time", "perf_counter"), ("time", "time_ns"), ("time", "sleep"), ("os", "urandom"),
    ("uuid", "uuid4"), ("uuid", "uuid1"),
}  # fmt: skip
_CHANCES = {"secrets", "random"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def imported(node: ast.AST) -> set[str]:
    match node:
        case ast.Import(names=names):
            return {alias.name.split(".")[0] for alias in names}
        case ast.ImportFrom(module=str(module)):
            return {module.split(".")[0]}
        case _:
            return set()


def clocks_and_chances(path: Path) -> set[str]:
    """Return what of the machine's time and randomness a file reaches for."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        found |= imported(node) & _CHANCES
        match node:
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=attribute):
                found |= {f"{owner}.{attribute}"} if (owner, attribute) in _CLOCKS else set()
            case ast.ImportFrom(module="time" | "os" | "uuid" as module, names=names):
                found |= {f"{module}.{alias.name}" for alias in names if (module, alias.name) in _CLOCKS}
    return found


def test_the_layers_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_is_longer_than_a_reader_s_patience(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", [path for path in FILES if "migrations" not in path.parts], ids=name_of)
def test_no_function_is_longer_than_a_screen(path: Path) -> None:
    long = {one.name for one in functions(path) if _lines(one) > LONGEST_FUNCTION}
    assert long == set()


def _lines(function: Function) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", [path for path in FILES if path != CLOCK_AND_CHANCE], ids=name_of)
def test_time_and_chance_come_through_their_ports(path: Path) -> None:
    assert clocks_and_chances(path) == set()


def test_the_machine_s_time_and_chance_are_found_where_they_are_used() -> None:
    assert {"datetime.now", "secrets"} <= clocks_and_chances(CLOCK_AND_CHANCE)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_is_imported_inside_a_function(path: Path) -> None:
    inner = [node.lineno for one in functions(path) for node in ast.walk(one) if imported(node)]
    assert inner == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text))


def test_every_port_says_what_its_adapters_owe() -> None:
    found = [kind for _, kind in inspect.getmembers(ports, inspect.isclass) if Protocol in kind.__bases__]
    assert {port.__name__ for port in found} >= {"Clock", "Directory", "SmsGateway", "Transaction", "Limits"}
    for port in found:
        methods = [member for name, member in vars(port).items() if not name.startswith("_") and callable(member)]
        assert port.__doc__ or any(method.__doc__ for method in methods), port.__name__


def test_every_exception_of_a_port_says_what_it_means() -> None:
    kinds = [kind for _, kind in inspect.getmembers(ports, inspect.isclass) if issubclass(kind, Exception)]
    assert {kind.__name__ for kind in kinds} >= {"DirectoryUnavailable", "GatewayFault", "LimitReached"}
    for kind in kinds:
        assert kind.__doc__, kind.__name__


@pytest.mark.parametrize("name", ["utils.py", "helpers.py", "common.py", "manager.py", "misc.py"])
def test_no_file_has_a_name_that_says_nothing(name: str) -> None:
    assert not [path for path in FILES if path.name == name]
