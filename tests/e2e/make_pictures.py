"""Draws `docs/pages.png` for the README from the real pages: `.venv/bin/python -m tests.e2e.make_pictures`.

Needs ImageMagick's `montage`. The account is the one of the document, number 0393XXX121.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.cli.demo_accounts import demo_accounts
from tests.e2e.conftest import CHROMIUM, QUIET
from tests.e2e.pages.reset import GOOD_PASSWORD
from tests.e2e.pages.sign_in import SignInPage
from tests.e2e.running_site import RunningSite, running
from tests.e2e.tab import PHONE, Tab, Watch

PICTURE = Path(__file__).parents[2] / "docs" / "pages.png"
MOST_BYTES = 250_000


def main() -> None:
    """Walk the documented flow on a telephone, keep a picture of every page, and put them side by side."""
    if not shutil.which("montage"):
        sys.exit("montage is missing: apt-get install imagemagick")
    with tempfile.TemporaryDirectory() as name, running(Path(name)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        context = browser.new_context(viewport=PHONE, device_scale_factor=2, locale="vi-VN")
        folder = Path(name)
        taken = _walk(Tab(context.new_page(), site, Watch(site.url), ""), site, folder)
        browser.close()
        _join(taken)
    if PICTURE.stat().st_size > MOST_BYTES:
        sys.exit(f"{PICTURE} is too large: {PICTURE.stat().st_size} bytes")


def _walk(tab: Tab, site: RunningSite, folder: Path) -> list[Path]:
    row = demo_accounts()[0]
    EmbeddedDirectory(site.services.engine).put([row.new_account], site.clock.now())
    number = row.account.phones[0].number.local
    taken: list[Path] = []

    def take() -> None:
        taken.append(folder / f"{len(taken)}.png")
        tab.page.screenshot(path=taken[-1], full_page=True, caret="initial")

    sign_in = SignInPage(tab).open()
    take()
    address = sign_in.forgot_password()
    address.email.fill(row.typed)
    take()
    step = address.enter(row.typed)
    take()
    reset = step.ask_for_code()
    reset.fill(site.carrier.code_to(number), GOOD_PASSWORD)
    expect(tab.page.locator("#password-rules .met")).to_have_count(5)
    expect(reset.delivery).to_contain_text("đã được gửi")
    take()
    reset.set_password(site.carrier.code_to(number))
    take()
    return taken


def _join(pictures: list[Path]) -> None:
    """Put pictures side by side, about 1400 px wide, in few colours."""
    joined = pictures[0].with_name("joined.miff")
    look = "-tile x1 -geometry 264x+8+8 -gravity north -background #d9d6cf".split()
    few = "-depth 8 +dither -colors 200 -strip".split()
    subprocess.run(["montage", *pictures, *look, joined], check=True)  # noqa: S607 -- wherever ImageMagick is
    subprocess.run(["convert", joined, *few, f"PNG8:{PICTURE}"], check=True)  # noqa: S607 -- the same


if __name__ == "__main__":
    main()
