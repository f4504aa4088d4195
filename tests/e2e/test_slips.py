"""Slips in a printer: one page of A6 each, with everything that an official needs on it, however long the names are."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.cli.slips import CALLED, LONGEST, granted, write

MILLIMETRE = 96 / 25.4
"""In pixels of CSS."""


def test_every_slip_is_one_page_of_a6(chromium: Browser, tmp_path: Path) -> None:
    write(tmp_path / "slips.html", granted(), granted(LONGEST, CALLED), granted())
    page = chromium.new_page()
    page.goto((tmp_path / "slips.html").as_uri())
    pdf = page.pdf(prefer_css_page_size=True)
    page.close()
    boxes = re.findall(rb"/MediaBox\s*\[([\d. ]+)\]", pdf)
    assert len(boxes) == 3
    for box in boxes:
        width, height = [float(number) * 25.4 / 72 for number in box.split()][2:]
        assert [width, height] == pytest.approx([105, 148], abs=1)


@pytest.mark.parametrize("longest", [False, True])
def test_nothing_that_is_needed_falls_off_the_page(chromium: Browser, tmp_path: Path, longest: bool) -> None:
    write(tmp_path / "slip.html", granted(LONGEST, CALLED) if longest else granted())
    page = chromium.new_page()
    page.emulate_media(media="print")
    page.goto((tmp_path / "slip.html").as_uri())
    whole = page.locator("article").bounding_box()
    assert whole is not None
    edges: list[float] = []
    for part in ("h1", "dd.whole", ".password", ".password b", ".deadline", ".way svg", "footer"):
        box = page.locator(part).bounding_box()
        assert box is not None
        assert box["y"] >= (edges[-1] if part == "footer" else whole["y"]), part
        assert box["y"] + box["height"] <= whole["y"] + whole["height"], part
        assert box["x"] + box["width"] <= whole["x"] + whole["width"], part
        edges.append(box["y"] + box["height"])
    code = page.locator(".way svg").bounding_box()
    assert code is not None
    assert code["width"] >= 25 * MILLIMETRE, "large enough for the camera of a cheap telephone"
    cut = page.evaluate("""() => document.querySelector('dd.whole').scrollHeight
        > document.querySelector('dd.whole').clientHeight + 1""")
    assert not cut or longest, "the address is whole"
    page.close()
