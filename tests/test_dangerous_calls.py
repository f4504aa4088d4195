"""Calls that would open a door, wherever they stood: looked for in the whole package, with the way round that we take.

Sources: OWASP ASVS 5.0 1.2.5, 1.3.7, 3.2.2, 11.4.1, 12.3.2, 14.3.3, 15.3.2.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import recovery_site

ROOT = Path(recovery_site.__file__).parent.parent
FILES = sorted((ROOT / "recovery_site").rglob("*.py"))

FORBIDDEN = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "subprocess.run", "subprocess.Popen",
    "subprocess.call", "subprocess.check_output", "pickle.loads", "pickle.load", "marshal.loads", "yaml.load",
    "render_template_string", "hashlib.md5", "hashlib.sha1", "md5", "sha1", "ssl._create_unverified_context",
}  # fmt: skip
FORBIDDEN_ARGUMENTS = {("verify", False), ("shell", True), ("follow_redirects", True), ("check_hostname", False)}
IN_THE_BROWSER = re.compile(
    r"localStorage|sessionStorage|indexedDB|document\.cookie|innerHTML|outerHTML\s*=|insertAdjacentHTML|document\.write"
    r"|\beval\(|new Function|https?://"
)


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return f"{owner}.{name}"
        case _:
            return ""


def _guards_nothing(node: ast.Call) -> bool:
    """Return whether this is a broken hash that says of itself that it guards nothing: a format's, and no choice."""
    words = {one.arg: one.value.value for one in node.keywords if isinstance(one.value, ast.Constant)}
    return _name(node.func).startswith("hashlib.") and words.get("usedforsecurity") is False


def dangers(source: str) -> Iterator[str]:
    """Yield what of the forbidden a module calls, or says of its connections."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            if _name(node.func) in FORBIDDEN and not _guards_nothing(node):
                yield _name(node.func)
            for argument in node.keywords:
                value = argument.value.value if isinstance(argument.value, ast.Constant) else None
                if isinstance(value, bool) and (argument.arg, value) in FORBIDDEN_ARGUMENTS:
                    yield f"{argument.arg}={value}"
        if isinstance(node, ast.Attribute) and _name(node) in ("ssl.CERT_NONE", "ssl.CERT_OPTIONAL"):
            yield _name(node)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_site_calls_nothing_that_opens_a_door(path: Path) -> None:
    assert list(dangers(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    ["eval(x)", "hashlib.sha1(x, usedforsecurity=True)", "eval(x, usedforsecurity=False)",
     "os.system(x)", "hashlib.md5(x)", "httpx.get(u, verify=False)", "c.verify_mode = ssl.CERT_NONE",
     "run(x, shell=True)", "render_template_string(x)", "Client(follow_redirects=True)"],
)  # fmt: skip
def test_such_a_call_would_be_found(source: str) -> None:
    assert list(dangers(source))


def test_our_script_keeps_nothing_in_the_browser_and_writes_no_markup() -> None:
    assert IN_THE_BROWSER.findall((ROOT / "static/site.js").read_text("utf-8")) == []
