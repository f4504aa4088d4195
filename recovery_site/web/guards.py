"""What every request must be and what every answer carries. Nothing below runs for a request that is refused here.

Sources: OWASP ASVS 5.0 V3, 15.3.7; DESIGN section 8.
"""

import unicodedata
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import unquote_to_bytes, urlsplit

import structlog
from flask import Flask, Response, abort, g, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from recovery_site.bootstrap import Services
from recovery_site.domain.recovery import REFERENCE_ALPHABET
from recovery_site.ports.requester import comes_from

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_FORM = "application/x-www-form-urlencoded"
MACHINES = "reports"
"""The blueprint that no browser asks: gateways send what they like, and its view reads only what it knows."""

_DRAINED_BYTES = 2 * 1024 * 1024

R = TypeVar("R", bound=AnyResponse)

log = structlog.get_logger()


def security_headers(*, https: bool) -> dict[str, str]:
    """Return the headers of every answer, static files and errors included; the pages' CSP is made in `install`."""
    headers = {
        "Content-Security-Policy": _policy(""),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), otp-credentials=(self)",
    }
    if https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers


def clear_storage(response: R) -> R:
    """Let the browser forget, at the end of a visit, whatever scripts may have kept (ASVS 14.3.1; W3C Clear Site Data).

    Not "cookies": that empties the whole registrable domain, and with it the official's mail and every other site of
    the province; the site's own cookie is replaced by name. Not "cache": pages are never kept, and the next visitor of
    a shared computer would fetch the script again.
    """
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


def install(app: Flask, services: Services, headers: Mapping[str, str], style_hash: str) -> None:
    """Put the guards in front of every view, and the headers behind."""
    site = services.settings.site
    parts = urlsplit(site.base_url)
    origin = f"{parts.scheme}://{site.host}"
    page_policy = _policy(f"'{style_hash}'")

    @app.teardown_request
    def forget(_: BaseException | None) -> None:
        comes_from("")  # what this thread does next is no client's

    @app.before_request
    def guard() -> None:
        g.request_id = services.chance.letters(REFERENCE_ALPHABET, 8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=g.request_id)
        comes_from(request.remote_addr or "")
        if request.host.lower() != site.host:
            abort(400)
        if request.blueprint == MACHINES:
            return
        if request.method not in _SAFE_METHODS:
            _check_origin(origin)
            _check_body(app.config["MAX_CONTENT_LENGTH"])
        _check_text(request.query_string)
        _check_values(request.args)

    @app.after_request
    def dress(response: Response) -> Response:
        response.headers.update(headers)
        response.headers["Content-Security-Policy"] = page_policy
        response.headers.setdefault("Cache-Control", "no-store")  # `downloads` may be kept
        # the path of a page names nobody; query, form and headers are never logged
        log.info("request", method=request.method, endpoint=request.endpoint, status=response.status_code)
        return response


def _policy(style: str) -> str:
    styles = style or "'none'"
    return (
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; object-src 'none'; "
        f"style-src {styles}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _check_origin(origin: str) -> None:
    """Refuse a post that another site made (OWASP CSRF cheat sheet: Fetch Metadata, then Origin)."""
    foreign = request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")
    if foreign or request.headers.get("Origin", origin).lower() != origin:
        log.warning("malicious_csrf")
        abort(403)


def _check_body(limit: int) -> None:
    """Refuse what no form of the site sends: another type, too much, a field twice, bytes that are no text."""
    if (request.content_length or 0) > limit:
        # reading it first lets the answer arrive: a browser that is still sending sees only a broken line
        request.environ["wsgi.input"].read(min(request.content_length or 0, _DRAINED_BYTES))
        abort(413)
    if "Transfer-Encoding" in request.headers:
        abort(411)  # no browser sends a form so, and Werkzeug would cut a long one without a word
    if request.content_length and request.mimetype != _FORM:
        abort(415)
    _check_text(request.get_data())
    _check_values(request.form)


def _check_text(raw: bytes) -> None:
    """Refuse what is not UTF-8: Werkzeug would pass `%FF` on as those three characters, and a password would change."""
    try:
        unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        log.warning("input_validation_fail")
        abort(400)


def _is_no_typing(text: str) -> bool:
    """Return whether `text` has what no field can be typed into: control characters, or text that was broken before.

    U+FFFD stands for what a browser or a proxy could not read. White space at the ends is a paste.
    """
    return any(char == "\ufffd" or unicodedata.category(char) == "Cc" for char in text.strip())


def _check_values(values: MultiDict[str, str]) -> None:
    for name, given in values.lists():
        if len(given) > 1 or any(_is_no_typing(text) for text in (name, *given)):
            log.warning("input_validation_fail")
            abort(400)
