"""How heavy the site is on a telephone line: the whole flow, with an empty cache."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from playwright.sync_api import CDPSession

from tests.e2e.pages.reset import GOOD_PASSWORD, ResetPage
from tests.e2e.pages.sign_in import SignInPage
from tests.e2e.running_site import Mailbox, RunningSite
from tests.e2e.tab import Tab

MOST_REQUESTS = 12
MOST_BYTES = 45 * 1024


class Scales:
    """Weighs what comes over the line, headers included. A redirect is a request of its own."""

    def __init__(self, line: CDPSession) -> None:
        self._requests: list[tuple[str, str]] = []
        self._bytes: dict[str, float] = defaultdict(float)
        line.on("Network.requestWillBeSent", self._sent)
        line.on("Network.loadingFinished", self._finished)
        line.send("Network.enable")

    def _sent(self, event: dict[str, Any]) -> None:
        asked = event["request"]
        if asked["url"].startswith("data:"):
            return
        if "redirectResponse" in event:
            self._bytes[event["requestId"]] += event["redirectResponse"]["encodedDataLength"]
        self._requests.append((event["requestId"], f"{asked['method']} /{asked['url'].split('/', 3)[3]}"))

    def _finished(self, event: dict[str, Any]) -> None:
        self._bytes[event["requestId"]] += event["encodedDataLength"]

    def requests(self) -> list[str]:
        """Return the requests, but those that a page on a busy machine repeats until its SMS has gone."""
        return [name for number, name in self._requests if number not in self._polls()]

    def total(self) -> int:
        """Return the bytes of those requests."""
        return int(sum(size for number, size in self._bytes.items() if number not in self._polls()))

    def _polls(self) -> list[str]:
        return [number for number, name in self._requests if name == f"GET {ResetPage.path}"][1:]


def test_the_whole_flow_is_light(
    site: RunningSite, mailbox: Mailbox, tab: Tab, record_property: Callable[[str, object], None]
) -> None:
    # Given a browser that has never been here
    scales = Scales(tab.page.context.new_cdp_session(tab.page))

    # When the documented flow is walked
    reset = SignInPage(tab).open().forgot_password().enter(mailbox.name).ask_for_code()
    with tab.page.expect_response("**/kiem-tra"):
        reset.password.press_sequentially(GOOD_PASSWORD)  # its live check is weighed too
    reset.set_password(site.carrier.code_to(mailbox.number))

    # Then it has cost little
    tab.page.wait_for_load_state("networkidle")
    requests, total = scales.requests(), scales.total()
    record_property("weight", f"the whole flow: {len(requests)} requests, {total} bytes")
    assert len(requests) <= MOST_REQUESTS, requests
    assert total <= MOST_BYTES
