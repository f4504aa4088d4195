"""What the manual quotes is what the pages say."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "recovery_site/web/translations/en/LC_MESSAGES/messages.po"
MANUAL = ROOT / "docs/administration/help-desk.md"
PROXY = ROOT / "deploy/nginx/recovery-site.conf"
VIETNAMESE = re.compile("[ăâđêôơưĂÂĐÊÔƠƯạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")


def shapes() -> list[re.Pattern[str]]:
    """Every text of the site, with its placeholders open."""
    with CATALOGUE.open("rb") as file:
        texts = [one.id if isinstance(one.id, str) else one.id[0] for one in read_po(file) if one.id]
    return [re.compile("[^|]+".join(re.escape(part) for part in re.split(r"%\(\w+\)[sd]", text))) for text in texts]


def quoted() -> list[str]:
    """The first cell of each row of the manual's tables that quotes a page."""
    rows = [line.split("|")[1].strip() for line in MANUAL.read_text("utf-8").splitlines() if line.startswith("|")]
    return [cell for cell in rows if VIETNAMESE.search(cell)]


@pytest.mark.parametrize("sentence", quoted())
def test_every_sentence_that_the_manual_quotes_is_one_of_the_pages(sentence: str) -> None:
    text = sentence.partition(" (Bước ")[0]
    of_the_site = any(shape.fullmatch(text) for shape in shapes())
    assert of_the_site or text in PROXY.read_text("utf-8"), f"not on any page: {sentence}"


def test_the_manual_quotes_the_pages_at_all() -> None:
    assert len(quoted()) > 40
