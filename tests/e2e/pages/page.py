"""What all pages share."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Self

from playwright.sync_api import Locator, expect

from tests.e2e.tab import Tab


class Page:
    """One page of the site in a tab, found by what a person sees."""

    path: ClassVar[str]
    heading: ClassVar[str]

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.browser = tab.page

    def open(self) -> Self:
        self.tab.open(self.path)
        return self.shown()

    def shown(self) -> Self:
        """Wait until this page is there, and its address with it."""
        expect(self.browser.get_by_role("heading", level=1)).to_have_text(self.heading)
        self.tab.has_address(self.path)
        return self

    @contextmanager
    def answered(self) -> Iterator[None]:
        """Wait until what is done here is answered by another page: the words of the old one prove nothing."""
        self.browser.locator("#main").evaluate("main => { main.dataset.old = ''; }")
        yield
        expect(self.browser.locator("#main:not([data-old])")).to_be_attached()

    @property
    def main(self) -> Locator:
        return self.browser.get_by_role("main")

    @property
    def summary(self) -> Locator:
        """The list of everything that has to be put right."""
        return self.browser.get_by_role("alert")

    def says(self, sentence: str) -> None:
        expect(self.main).to_contain_text(sentence)

    def refuses(self, *sentences: str) -> None:
        """Wait until the error summary has exactly these sentences, in this order, and the title says so."""
        items = self.summary.get_by_role("listitem")
        expect(items).to_have_text([re.compile("^" + re.escape(one)) for one in sentences])
        expect(self.browser).to_have_title(re.compile("^Lỗi: "))

    def button(self, name: str) -> Locator:
        return self.browser.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        return self.browser.get_by_role("link", name=name, exact=True)

    def field(self, label: str) -> Locator:
        return self.browser.get_by_label(label, exact=True)
