"""What every answer of the site must be, whatever it says. A rule that is broken is an `AssertionError`.

Sources: DESIGN sections 4 and 8; STYLE point 12; WCAG 2.2; OWASP ASVS 5.0 V3.
"""

import re
import unicodedata
import zlib
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Iterable
from hashlib import sha256

from werkzeug.test import TestResponse

from recovery_site.web.printed import docx, pdf
from tests.web.page import Element, Page

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

DOWNLOADS = frozenset((docx.MIMETYPE, pdf.MIMETYPE))
"""Files that are the same for everybody: a browser may keep them, and asks whether they still hold."""

ERROR_MARKS = {"vi": "Lỗi: ", "en": "Error: "}

_NOT_IN_P = frozenset("div p ul ol dl form fieldset h1 h2 h3 header footer main section table".split())
_CHILDREN = {"ul": {"li"}, "ol": {"li"}, "dl": {"dt", "dd", "div"}}
_POINTERS = ("for", "form", "aria-describedby", "aria-labelledby", "aria-controls")
_NAMESPACE = "http://www.w3.org/2000/svg"


# --- headers ----------------------------------------------------------------------------------------------------------


def check_headers(response: TestResponse, *, https: bool, is_static: bool = False) -> None:
    """Hold the headers of an answer to DESIGN section 8."""
    headers = response.headers
    for name, value in HEADERS.items():
        assert headers.getlist(name) == [value], f"{name} of a {response.status}: {headers.getlist(name)}"
    assert {"camera=()", "otp-credentials=(self)"} <= set(headers["Permissions-Policy"].split(", "))
    check_policy(headers["Content-Security-Policy"])
    assert ("Strict-Transport-Security" in headers) is https
    assert not re.search(r"\d", headers.get("Server", "")), "a version in Server"
    assert "X-Powered-By" not in headers
    assert "Access-Control-Allow-Origin" not in headers
    if is_static:
        assert "immutable" in headers["Cache-Control"]
        assert "Set-Cookie" not in headers
    elif response.mimetype in DOWNLOADS or response.status_code == 304:
        assert headers["Cache-Control"] == "no-cache"
        assert headers["ETag"]
        assert "Set-Cookie" not in headers
        assert "Cookie" not in headers.get("Vary", "")
    else:
        assert headers["Cache-Control"] == "no-store"
    for cookie in headers.getlist("Set-Cookie"):
        check_cookie(cookie, https=https)


def check_policy(policy: str) -> None:
    """Hold a Content-Security-Policy: nothing by default, no inline code, nobody may frame the page."""
    directives = {name: sources for name, *sources in (one.split() for one in policy.split(";"))}
    for name in ("default-src", "object-src", "base-uri", "frame-ancestors"):
        assert directives[name] == ["'none'"], f"{name} {directives[name]}"
    for name in ("script-src", "connect-src", "form-action"):
        assert directives[name] == ["'self'"], f"{name} {directives[name]}"
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "http" not in policy


def check_cookie(cookie: str, *, https: bool) -> None:
    """Hold a Set-Cookie header: `__Host-` and Secure over TLS, and never open to scripts or other sites."""
    name = cookie.partition("=")[0]
    attributes = [part.strip().lower() for part in cookie.split(";")[1:]]
    assert name.startswith("__Host-") is https
    assert ("secure" in attributes) is https
    assert "httponly" in attributes
    assert "path=/" in attributes
    assert {"samesite=lax", "samesite=strict"} & set(attributes)
    assert not [one for one in attributes if one.startswith("domain=")]


# --- secrets ----------------------------------------------------------------------------------------------------------


def check_silence(response: TestResponse, *, numbers: Iterable[str], secrets: Iterable[str]) -> None:
    """Look for numbers (nine national digits) and secrets in the body, the headers and the opened cookies."""
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers)
    cookies = "\n".join(opened(cookie) for cookie in response.headers.getlist("Set-Cookie"))
    everything = "\n".join((response.get_data(as_text=True), headers, cookies))
    for secret in secrets:
        assert secret not in everything, f"a secret on {response.request.path}: {secret}"
    digits = re.sub(r"(?<=\d)[ .\-](?=\d)", "", everything)
    for number in numbers:
        assert number not in digits, f"a whole number on {response.request.path}: {number}"


def opened(cookie: str) -> str:
    """Return everything that can be read in a cookie without its key."""
    value = cookie.partition(";")[0].partition("=")[2].strip('"')
    is_packed = value.startswith(".")  # itsdangerous: zlib where that is shorter, marked by a dot
    parts = [urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in value.removeprefix(".").split(".")]
    parts[0] = zlib.decompress(parts[0]) if is_packed else parts[0]
    return "\n".join([value, *(part.decode("utf-8", "replace") for part in parts)])


# --- pages ------------------------------------------------------------------------------------------------------------


def check_page(page: Page, response: TestResponse, *, base_url: str, lang: str = "vi") -> None:
    """Hold a whole page to the rules of the house."""
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert unicodedata.is_normalized("NFC", page.html)
    assert page.doctypes == ["doctype html"]
    assert [one.get("lang") for one in page.all("html")] == [lang]
    for tag in ("h1", "main", "title", "body", "header", "footer"):
        assert len(page.all(tag)) == 1, f"{len(page.all(tag))} <{tag}> on {page!r}"
    assert page.by_id("main"), "nothing that a script could take out"
    _check_title(page, lang)
    _check_nesting(page)
    _check_ids(page)
    _check_code(page, response)
    _check_addresses(page, base_url)
    for form in page.all("form"):
        _check_form(page, form)
    for one in page.all("input", "select", "textarea"):
        _check_input(page, one)
    for button in page.all("button"):
        assert button.text or button.get("aria-label"), "a button without a name"
        assert button.get("type") == "button" or page.form_of(button)


def _check_title(page: Page, lang: str) -> None:
    assert page.heading
    assert page.heading in page.title, f"title {page.title!r} does not name {page.heading!r}"
    is_faulty = bool(page.errors) or page.status >= 400
    assert page.title.startswith(ERROR_MARKS[lang]) is is_faulty, f"title {page.title!r}, errors {page.errors}"
    if is_faulty and page.errors:
        box = page.classed("errors")[0]
        assert box.get("role") == "alert"
        assert box.has("autofocus")


def _check_nesting(page: Page) -> None:
    for element in page.elements:
        around = [one.tag for one in element.above()]
        assert not (element.tag in _NOT_IN_P and "p" in around), f"<{element.tag}> in <p>"
        if element.tag in ("form", "label", "main"):
            assert element.tag not in around, f"<{element.tag}> in itself"
        if element.tag in ("a", "button", "input"):
            assert not {"a", "button"} & set(around), f"<{element.tag}> in a link or button"
        allowed = _CHILDREN.get(element.tag)
        if allowed:
            inside = {child.tag for child in element.children if isinstance(child, Element)}
            assert inside <= allowed, f"<{element.tag}> has {inside - allowed}"


def _check_ids(page: Page) -> None:
    ids = [element.get("id") for element in page.elements if element.has("id")]
    assert all(ids)
    assert len(ids) == len(set(ids)), f"an id twice: {sorted(ids)}"
    for element in page.elements:
        named = [one for name in _POINTERS for one in element.get(name).split()]
        named += [
            value[1:]
            for name, value in element.attributes.items()
            if name in ("href", "hx-target", "hx-select") and value.startswith("#")
        ]
        missing = set(named) - set(ids)
        assert not missing, f"<{element.tag}> points to {missing}, which is not there"


def _check_code(page: Page, response: TestResponse) -> None:
    for script in page.all("script"):
        assert script.get("src").startswith("/static/")
        assert not script.children, "an inline script"
    styles = ["".join(map(str, style.children)) for style in page.all("style")]
    assert len(styles) == 1
    digest = b64encode(sha256(styles[0].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in response.headers["Content-Security-Policy"]
    for element in page.elements:
        for name, value in element.attributes.items():
            assert name != "style", f"<{element.tag}> has an inline style"
            assert not name.startswith(("on", "hx-on")), f"<{element.tag}> has {name}"
            assert not value.strip().lower().startswith(("javascript:", "js:")), f"<{element.tag} {name}={value!r}>"


def _check_addresses(page: Page, base_url: str) -> None:
    """Nothing is fetched from, or sent to, another place; no address is absolute but the site's own."""
    absolute = set(re.findall(r"https?://[^\s\"'<>)]+", page.html)) - {_NAMESPACE}
    assert not [one for one in absolute if one != base_url and not one.startswith(f"{base_url}/")], absolute
    for element in page.elements:
        for name in ("href", "src", "action", "hx-get", "hx-post"):
            if element.has(name):
                value = element.get(name)
                assert re.match(r"/(?!/)|#|tel:|data:image/svg", value), f"<{element.tag} {name}={value!r}>"
                assert not re.search(r"@|%40", value), "an address in a URL"


def _check_form(page: Page, form: Element) -> None:
    assert form.get("method") in ("post", "get")
    assert form.get("action").startswith("/")
    if form.get("method") == "post":
        tokens = [one for one in page.inputs_of(form) if one.get("name") == "csrf_token"]
        assert [len(one.get("value")) > 20 for one in tokens] == [True], f"no token in {form.get('action')}"


def _check_input(page: Page, field: Element) -> None:
    kind = field.get("type")
    assert field.get("name"), "an input without a name"
    if kind == "hidden":
        return
    labels = [one for one in page.all("label") if field.has("id") and one.get("for") == field.get("id")]
    labels += [one for one in field.above() if one.tag == "label"]
    assert len(labels) == 1, f"{len(labels)} labels for {field.get('name')}"
    assert labels[0].text
    assert field.get("autocomplete") != "off"
    if kind == "password" or "one-time-code" in field.get("autocomplete"):
        assert not field.get("value"), "the server wrote a secret back"
        assert not field.has("maxlength"), "a secret would be cut"
    if field.has("aria-invalid"):
        assert field.get("aria-describedby"), f"{field.get('name')} is wrong and does not say why"
