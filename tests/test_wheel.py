"""An installed wheel runs as the checkout does: templates, static files, translations and migrations are in it."""

import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parent.parent
START_SECONDS = 60


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout and unpacked as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


@contextmanager
def demo_from(installed: Path, folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RECOVERY_")}
    server = subprocess.Popen(
        [sys.executable, "-m", "recovery_site", "demo", "--port", str(port)],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(installed)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(START_SECONDS)


def wait_until_it_serves(url: str) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        with suppress(httpx.HTTPError):
            httpx.get(f"{url}/health").raise_for_status()
            return
        time.sleep(0.1)
    raise AssertionError("the demonstration did not start")


def test_the_wheel_runs_the_demonstration_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    with demo_from(installed, tmp_path) as url:
        wait_until_it_serves(url)
        page = httpx.get(f"{url}/quen-mat-khau")
        assert "HỆ THỐNG THƯ ĐIỆN TỬ CÔNG VỤ" in page.text
        script = page.text.split('<script src="')[1].split('"')[0]
        assert httpx.get(url + script).status_code == 200
        assert (installed / "recovery_site/cli/accounts/slips.html").exists()
        assert "Forgot" in httpx.get(f"{url}/quen-mat-khau?lang=en").text
        assert httpx.get(f"{url}/dang-ky/mau-don.docx").content.startswith(b"PK")
        assert httpx.get(f"{url}/dang-ky/mau-don.pdf").content.startswith(b"%PDF-")
    assert list(tmp_path.iterdir()) == [], "the demonstration leaves nothing behind"
