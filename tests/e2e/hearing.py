"""What a screen reader says by itself: each change inside a live region that stood on the page before."""

from typing import cast

from tests.e2e.tab import Tab

_LISTEN = """() => {
  const regions = "[role=status], [role=alert], [aria-live]";
  window.heard = [];
  new MutationObserver((changes) => {
    const told = changes.map(({ target }) => (target.closest ? target : target.parentElement)?.closest(regions));
    new Set(told.filter(Boolean)).forEach((region) => window.heard.push(region.innerText));
  }).observe(document.body, { childList: true, characterData: true, subtree: true });
}"""


class ScreenReader:
    """Listens on one page from now on, and until it is left. A region that is swapped as a whole is not heard."""

    def __init__(self, tab: Tab) -> None:
        self._page = tab.page
        self._page.evaluate(_LISTEN)

    @property
    def heard(self) -> list[str]:
        """What was said, oldest first; also what was said twice, or in the same words."""
        return [" ".join(text.split()) for text in cast("list[str]", self._page.evaluate("window.heard"))]
