"""The English catalogue says what the Vietnamese texts say: all of them, no others, and as it was compiled."""

import re
import unicodedata
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from tests.web.client import CheckingClient

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "recovery_site/web/translations/en/LC_MESSAGES/messages.po"
PAGE = "/quen-mat-khau"

_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?.")
_QUOTED = re.compile("“(.+?)”")


@cache
def sources() -> dict[str, str]:
    """Return every Vietnamese text of the code and the templates, with one place where it stands."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    keywords = DEFAULT_KEYWORDS | parse_keywords(["_l"])
    found = extract_from_dir(str(ROOT), methods, options, keywords=keywords)
    return {text(message): f"{path}:{line}" for path, line, message, _, _ in found}


@cache
def english() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def messages(catalogue: Catalog) -> list[Message]:
    """Return the messages without the catalogue's header."""
    return [message for message in catalogue if message.id]


def text(found: str | tuple[str, ...] | list[str]) -> str:
    """Return a message as it is looked up; Vietnamese has no plural, so both forms are one text."""
    return found if isinstance(found, str) else found[0]


def words(message: Message) -> list[str]:
    """Return the English of a message: one text, or one for each plural form."""
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_every_text_is_in_the_catalogue() -> None:
    known = {text(message.id) for message in messages(english())}
    missing = [f"{place}: {one}" for one, place in sources().items() if one not in known]
    assert not missing, "not in the catalogue; `make texts`, then translate:\n" + "\n".join(missing)


def test_the_catalogue_has_nothing_that_no_page_says() -> None:
    left = [message.id for message in messages(english()) if text(message.id) not in sources()]
    assert not left, "no longer said; `make texts` takes them out"


def test_every_text_is_translated() -> None:
    assert messages(english())
    untranslated = [one.id for one in messages(english()) if one.fuzzy or not words(one) or not all(words(one))]
    assert not untranslated


def test_placeholders_stay_as_they_are() -> None:
    for message in messages(english()):
        wanted = sorted(_PLACEHOLDER.findall(text(message.id)))
        for said in words(message):
            assert sorted(_PLACEHOLDER.findall(said)) == wanted, f"{said!r} for {message.id!r}"


def test_a_name_in_quotes_is_the_name_on_the_page() -> None:
    names = {text(message.id).rstrip(":"): words(message)[0].rstrip(":.") for message in messages(english())}
    for message in messages(english()):
        wanted = [names.get(name, "no text of a page") for name in _QUOTED.findall(text(message.id))]
        for said in words(message):
            assert [name.rstrip(".") for name in _QUOTED.findall(said)] == wanted, f"{said!r} for {message.id!r}"


def test_the_compiled_catalogue_is_the_same() -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    as_compiled = {text(message.id): words(message) for message in messages(compiled)}
    as_written = {text(message.id): words(message) for message in messages(english())}
    assert as_compiled == as_written, "compiled from something else; `make texts`"


def test_the_vietnamese_is_spelled_as_in_the_document() -> None:
    for one, place in sources().items():
        assert unicodedata.is_normalized("NFC", one), f"{place}: not NFC: {one!a}"
        assert "khóa" not in one.lower(), f"{place}: “khoá” is spelled so in the document: {one}"


def test_english_is_there_for_whoever_asks(browser: CheckingClient) -> None:
    browser.lang = "en"
    assert browser.open(f"{PAGE}?lang=en").heading == "Forgotten password"
    assert browser.open("/huong-dan").heading == "User guide"
    browser.lang = "vi"
    assert browser.open(f"{PAGE}?lang=vi").heading == "Quên mật khẩu"


@pytest.mark.parametrize("languages", ["en-US", "en-US,en;q=0.9,vi;q=0.1"])
def test_an_english_windows_changes_nothing(browser: CheckingClient, languages: str) -> None:
    page = browser.read(browser.send("GET", PAGE, headers={"Accept-Language": languages}))
    assert page.heading == "Quên mật khẩu"
