"""The rules of the house: every route is listed, every form is protected, every sentence can be translated.

The catalogue itself is held in `test_translations.py`.
"""

import re
from collections.abc import Iterator

import pytest
from flask_wtf.csrf import CSRFProtect
from jinja2 import Environment, nodes

from recovery_site.web.app import create_app, packed
from tests.conftest import MakeSite
from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite
from tests.web.states import STATES
from tests.web.website import Website

PUBLIC = {
    "sign_in.home", "sign_in.show", "sign_in.sign_in", "sign_in.sign_out", "recovery.start", "recovery.begin",
    "guide.show", "guide.forwarding", "guide.registration", "operations.health", "operations.robots",
    "well_known.security_txt", "well_known.change_password",
}  # fmt: skip
DOWNLOADS = {"guide.form_as_docx", "guide.form_as_pdf"}
"""Open to everybody; no pages, and in Vietnamese whatever language the pages are in."""

NEEDS_RECOVERY = {
    "recovery.phone", "recovery.confirm", "recovery.reset", "recovery.resend", "recovery.check", "recovery.submit",
    "recovery.back_to_step", "recovery.delivery", "recovery.done",
}  # fmt: skip
NEEDS_SESSION = {
    "account.show", "account.change", "account.check", "account.back_to_change", "account.submit",
    "account.sign_out_everywhere",
}  # fmt: skip
NEEDS_TOKEN_IN_ADDRESS = {"reports.take"}
"""For gateways: neither a cookie nor a form, but an address that cannot be guessed; `test_delivery_reports.py`."""

FOR_MACHINES = ("operations.", "reports.", "well_known.")
"""Plain words, and ways to pages."""

DEMONSTRATION = {"demo.phone"}
"""Open to everybody, and therefore only there in `recovery-site demo`."""

TEMPLATES = packed("templates")
CODE_OR_SIGN = re.compile(r"&#?\w+;|\d+/\d+")


def _endpoints(website: Website) -> set[str]:
    return {rule.endpoint for rule in website.app.url_map.iter_rules()}


# --- routes -----------------------------------------------------------------------------------------------------------


def test_every_route_is_listed_with_who_may_use_it(website: Website) -> None:
    listed = [PUBLIC, DOWNLOADS, NEEDS_RECOVERY, NEEDS_SESSION, NEEDS_TOKEN_IN_ADDRESS]
    assert _endpoints(website) == set().union(*listed)
    assert sum(map(len, listed)) == len(set().union(*listed)), "each route once"


def test_the_demonstrations_telephone_is_nowhere_else(website: Website, make_site: MakeSite) -> None:
    app = create_app(make_site(demo=True))
    assert {rule.endpoint for rule in app.url_map.iter_rules()} - _endpoints(website) == DEMONSTRATION
    app.extensions["static_folder"].cleanup()


def test_a_route_that_needs_a_recovery_or_a_session_leads_away_without_one(browser: CheckingClient) -> None:
    for rule in browser.website.app.url_map.iter_rules():
        if rule.endpoint in NEEDS_RECOVERY and "GET" in (rule.methods or ()):
            assert browser.open(rule.rule).path == "/quen-mat-khau"
        if rule.endpoint in NEEDS_SESSION and "GET" in (rule.methods or ()):
            assert browser.open(rule.rule).path == "/dang-nhap"


def test_every_form_is_protected_by_its_token(browser: CheckingClient) -> None:
    protect = browser.website.app.extensions["csrf"]
    assert isinstance(protect, CSRFProtect)
    assert not protect._exempt_views  # noqa: SLF001 -- Flask-WTF tells it nowhere else
    exempt = {one.name for one in protect._exempt_blueprints}  # noqa: SLF001 -- the same
    assert {f"{name}.take" for name in exempt} == NEEDS_TOKEN_IN_ADDRESS
    for rule in browser.website.app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.endpoint not in NEEDS_TOKEN_IN_ADDRESS:
            assert browser.post(rule.rule, {"email": "an.tran"}).status_code == 400, rule.rule


# --- templates --------------------------------------------------------------------------------------------------------


def _templates() -> list[str]:
    return sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))


def _written_text(tree: nodes.Template) -> Iterator[str]:
    """Return the text that a template writes itself, without tags, attributes and scripts."""
    source = "\ufffc".join(data.data for data in tree.find_all(nodes.TemplateData))
    source = re.sub(r"<(style|script|svg)\b.*?</\1>", "", source, flags=re.DOTALL)
    # an expression may stand inside a tag: what is left of a tag before or after it is cut as well
    source = re.sub(r"<[^<>]*>", "\ufffc", source)
    yield from (piece.strip() for piece in source.split("\ufffc"))


def _visible_attributes(tree: nodes.Template) -> Iterator[str]:
    source = "".join(data.data for data in tree.find_all(nodes.TemplateData))
    yield from re.findall(
        r'(?:alt|title|placeholder|aria-label|data-(?:show|hide|busy|ready|offline|broken))="([^"]+)"', source
    )


@pytest.mark.parametrize("name", _templates())
def test_a_template_writes_no_sentence_that_cannot_be_translated(name: str) -> None:
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse((TEMPLATES / name).read_text("utf-8"))
    found = [text for text in (*_written_text(tree), *_visible_attributes(tree)) if _is_a_sentence(text)]
    assert not found, f"outside _(): {found}"


def _is_a_sentence(text: str) -> bool:
    # a piece of a tag that an expression cut in two has =, quotes or brackets, or goes on after a semicolon
    plain = CODE_OR_SIGN.sub("", text)
    return any(char.isalpha() for char in plain) and not re.search(r'[=<>"{}]|^;', plain)


@pytest.mark.parametrize("text", ["Tiếp tục", "Lỗi:", "Email", "Cần trợ giúp? Liên hệ"])
def test_a_bare_sentence_would_be_found(text: str) -> None:
    tree = Environment(autoescape=True).parse(f'<p class="{{{{ x }}}}">{text} <b>{{{{ name }}}}</b></p>')
    assert text in [one for one in _written_text(tree) if _is_a_sentence(one)]


VIETNAMESE = re.compile("[ăâđêôơưĂÂĐÊÔƠƯạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")
"""Letters that no English sentence has."""


@pytest.mark.parametrize("state", STATES)
def test_every_page_is_whole_in_english_too(make_website: MakeWebsite, state: str) -> None:
    website = make_website(
        site__system_name="Official mail",
        site__province="Soc Trang",
        site__contact={"name": "IT centre", "phone": "0299 3821 001"},
    )
    browser = CheckingClient(website)
    STATES[state](browser)
    browser.lang = "en"
    browser.open("/huong-dan?lang=en")
    for rule in website.app.url_map.iter_rules():
        is_page = not rule.endpoint.startswith(FOR_MACHINES) and rule.endpoint not in DOWNLOADS
        if is_page and "GET" in (rule.methods or ()):
            shown = browser.open(rule.rule)
            if shown.path != "/tai-khoan":  # a person's name and unit are not the site's words
                assert not VIETNAMESE.search(shown.text), f"{rule.rule}: {VIETNAMESE.search(shown.text)}\n{shown.text}"
