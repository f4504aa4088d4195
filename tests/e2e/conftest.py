"""A site, a browser and fresh accounts for the end-to-end tests. Sites and browsers are shared by a worker's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.e2e.running_site import Mailbox, RunningSite, running
from tests.e2e.tab import DESKTOP, PHONE, OpenTab, Tab, Watch

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-gpu",
)
PATIENCE_MS = 30_000

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            # a starved machine makes a browser give up now and then; what is really wrong is wrong three times
            item.add_marker(pytest.mark.flaky(reruns=2))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was weighed; from here it is seen with pytest-xdist too."""
    for report in terminalreporter.getreports("passed"):
        for name, measured in report.user_properties:
            if name == "weight":
                terminalreporter.write_line(str(measured))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing: apt-get install chromium fonts-noto-core", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    with running(tmp_path_factory.mktemp("site")) as served:
        yield served


@pytest.fixture
def demonstration(tmp_path: Path) -> Iterator[RunningSite]:
    """A site whose SMS go to the drawn telephone; every test begins with an empty one."""
    with running(tmp_path, demo=True) as served:
        yield served


@pytest.fixture
def reporting(tmp_path: Path) -> Iterator[RunningSite]:
    """A site for one test, whose carrier reports what became of a message."""
    with running(tmp_path, reports=True) as served:
        yield served


@pytest.fixture
def mailbox(site: RunningSite) -> Mailbox:
    """An account with one number, used by this test alone."""
    return site.new_mailbox()


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def script(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs scripts: a test that asks for this runs both ways."""
    return bool(request.param)


@pytest.fixture(params=["phone", "desktop"])
def size(request: pytest.FixtureRequest) -> str:
    """The size of the window: a test that asks for this runs in both."""
    return str(request.param)


@pytest.fixture
def open_tab(chromium: Browser, site: RunningSite) -> Iterator[OpenTab]:
    """Open a browser of its own: `open_tab(script=False, size="desktop")`. Everything is checked for complaints."""
    opened: list[tuple[BrowserContext, Watch]] = []

    def open_one(*, script: bool = True, size: str = "phone", on: RunningSite | None = None, **options: object) -> Tab:
        served = on or site
        context = chromium.new_context(
            **{
                "viewport": PHONE if size == "phone" else DESKTOP,
                "java_script_enabled": script,
                "locale": "vi-VN",
                "color_scheme": "light",
                **options,
            }
        )
        context.set_default_timeout(PATIENCE_MS)
        watch = Watch(served.url).over(context)
        opened.append((context, watch))
        return Tab(context.new_page(), served, watch, f"{size}{'' if script else ' without script'}")

    yield open_one
    for context, _ in opened:
        context.close()
    for _, watch in opened:
        watch.check()


@pytest.fixture
def tab(open_tab: OpenTab) -> Tab:
    """A tab on a phone, with script."""
    return open_tab()
