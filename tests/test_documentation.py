"""What the manual quotes is what the pages say."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from recovery_site.cli.messages import FAULTS, NOBODY, STATES

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "recovery_site/web/translations/en/LC_MESSAGES/messages.po"
MANUAL = ROOT / "docs/administration/help-desk.md"
WORDING = ROOT / "recovery_site/web/wording.py"
PARTS = ROOT / "templates/recovery/_parts.html"
PROXY = ROOT / "deploy/nginx/recovery-site.conf"
VIETNAMESE = re.compile("[ăâđêôơưĂÂĐÊÔƠƯạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")


def shape(text: str) -> re.Pattern[str]:
    """A text of the site, with its placeholders open."""
    return re.compile("[^|]+".join(re.escape(part) for part in re.split(r"%\(\w+\)[sd]", text)))


def shapes() -> list[re.Pattern[str]]:
    """Every text of the site."""
    with CATALOGUE.open("rb") as file:
        texts = [one.id if isinstance(one.id, str) else one.id[0] for one in read_po(file) if one.id]
    return [shape(text) for text in texts]


def said_of_outcomes() -> list[str]:
    """Every whole sentence of `web/wording.py`: its words for password rules stand inside a sentence."""
    found = extract("python", BytesIO(WORDING.read_bytes()), keywords={"_": None, "_l": None})
    return [text for _, text, *_ in found if isinstance(text, str) and text.endswith((".", "!"))]


def said_of_deliveries() -> list[str]:
    """Every text of the page's part about the SMS."""
    part, end, _ = PARTS.read_bytes().partition(b"{% endmacro %}")
    found = extract("jinja2", BytesIO(part + end), keywords={"_": None})
    return [text for _, text, *_ in found if isinstance(text, str)]


def rows() -> list[list[str]]:
    """The rows of the manual's tables."""
    lines = [line for line in MANUAL.read_text("utf-8").splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def quoted() -> list[str]:
    """The first cell of each row of the manual's tables that quotes a page."""
    return [cell for cell, *_ in rows() if VIETNAMESE.search(cell)]


@pytest.mark.parametrize("sentence", quoted())
def test_every_sentence_that_the_manual_quotes_is_one_of_the_pages(sentence: str) -> None:
    text = sentence.partition(" (Bước ")[0]
    of_the_site = any(shape.fullmatch(text) for shape in shapes())
    assert of_the_site or text in PROXY.read_text("utf-8"), f"not on any page: {sentence}"


def test_the_manual_quotes_the_pages_at_all() -> None:
    assert len(quoted()) > 40


@pytest.mark.parametrize("sentence", [*said_of_outcomes(), *said_of_deliveries()])
def test_every_sentence_about_an_outcome_or_an_sms_is_explained_with_what_to_do(sentence: str) -> None:
    said = [row for row in rows() if shape(sentence).fullmatch(row[0])]
    assert said, f"not in the manual: {sentence}"
    assert all(said[0]), f"without its meaning or what to do: {sentence}"


@pytest.mark.parametrize("words", [*STATES.values(), *FAULTS.values(), NOBODY])
def test_the_commands_words_for_a_message_stand_in_vietnamese_with_what_to_do(words: str) -> None:
    [(vietnamese, to_do)] = [row[1:] for row in rows() if row[0] == words]
    assert VIETNAMESE.search(vietnamese)
    assert to_do


def test_no_two_of_the_commands_words_are_the_same_in_vietnamese() -> None:
    vietnamese = [row[1] for row in rows() if row[0] in {*STATES.values(), *FAULTS.values()}]
    assert len(set(vietnamese)) == len(STATES) + len(FAULTS)


def test_the_manual_explains_none_of_the_commands_words_that_it_does_not_say() -> None:
    headings = [row[0] for row in rows()].count("The command says")
    text = MANUAL.read_text("utf-8").partition("### What the IT centre reads out")[2].partition("\n## ")[0]
    assert sum(line.startswith("|") for line in text.splitlines()) == len(STATES) + len(FAULTS) + 2 * headings
