"""One browser tab under watch: whatever the page complains of, or asks of another host, fails the test at its end."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, expect

from tests.e2e.running_site import RunningSite

PICTURES = Path(__file__).parents[2] / "build" / "screenshots"
PHONE = {"width": 360, "height": 640}
DESKTOP = {"width": 1280, "height": 800}
_HARMLESS = (
    # the summary's `autofocus`, which is for browsers without script, had nothing left to do
    re.compile("Autofocus processing was blocked"),
    # a live check that a busy machine sent after the form: its token ended with the recovery, and the page ignores it
    re.compile("status of 400 .*/kiem-tra$"),
    # the browser tells that it obeyed at the end of a visit
    re.compile('^console: info Clear-Site-Data header on .*: Cleared data types: "storage"'),
)


@dataclass
class Watch:
    """Collects console messages, page errors and requests to other origins of every tab of a context."""

    origin: str
    complaints: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> Self:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"error: {error.error}"))
        context.on("request", self._request)
        return self

    def allow(self, *named: str) -> None:
        """Expect what the test provokes, by a piece of its text: "429", "net::ERR_INTERNET_DISCONNECTED"."""
        self.allowed += named

    def check(self) -> None:
        """Fail where anything was complained of that the test did not provoke."""
        left = [
            text
            for text in self.complaints
            if not any(named in text for named in self.allowed) and not any(one.search(text) for one in _HARMLESS)
        ]
        assert not left, left

    def sent(self, method: str, path: str) -> list[Request]:
        """Return the requests of a method to a path, to be counted."""
        return [one for one in self.requests if one.method == method and one.url == self.origin + path]

    def _console(self, message: ConsoleMessage) -> None:
        self.complaints.append(f"console: {message.type} {message.text} {message.location['url']}")

    def _request(self, request: Request) -> None:
        self.requests.append(request)
        if not request.url.startswith((f"{self.origin}/", "data:")):
            self.complaints.append(f"another origin: {request.url}")


@dataclass
class Tab:
    """A tab, its site, and where its pictures go."""

    page: Page
    site: RunningSite
    watch: Watch
    name: str

    def open(self, path: str) -> None:
        self.page.goto(self.site.url + path)

    def second(self) -> "Tab":
        """Open another tab of the same browser: it has the same cookies."""
        return Tab(self.page.context.new_page(), self.site, self.watch, self.name)

    @property
    def has_script(self) -> bool:
        """Whether the page changes by itself; where it does not, people reload it."""
        return "without script" not in self.name

    @property
    def say(self) -> str:
        """What the status region tells now."""
        return self.page.locator("#say").inner_text()

    def hears(self, sentence: str) -> None:
        """Wait until the status region tells a sentence."""
        expect(self.page.locator("#say")).to_contain_text(sentence)

    def picture(self, step: str) -> None:
        """Keep what is seen now, light and dark."""
        folder = PICTURES / self.name
        for scheme in ("dark", "light"):
            self.page.emulate_media(color_scheme=scheme)
            # Playwright's own caret style would be refused by the pages' CSP
            self.page.screenshot(path=folder / f"{step} {scheme}.png", full_page=True, caret="initial")

    def has_address(self, path: str) -> None:
        expect(self.page).to_have_url(re.compile(re.escape(self.site.url + path) + r"(#.*)?$"))


OpenTab = Callable[..., Tab]
