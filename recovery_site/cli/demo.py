"""`demo`: the province of the document with accounts that show every case, and a telephone to look at."""

import os
import tempfile
from pathlib import Path

import click

from recovery_site.adapters import logs
from recovery_site.adapters.database.schema import upgrade
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.adapters.key_files import ensure_key_file
from recovery_site.adapters.system import SystemChance
from recovery_site.bootstrap import Services, bootstrap, start_dispatchers
from recovery_site.cli.demo_accounts import OLD_PASSWORD, demo_accounts, granted_account
from recovery_site.cli.serve import run_server
from recovery_site.flow.provision import Granted
from recovery_site.settings import Settings
from recovery_site.web.app import create_app


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on, and of the pages.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--threads", type=click.IntRange(1, 64), default=8, show_default=True)
def demo(host: str, port: int, threads: int) -> None:
    """Start a demonstration with sample accounts.

    Nothing is kept: the accounts, the key and every message end with it. No SMS leaves the machine; each one is shown
    on the page of a drawn telephone.
    """
    with tempfile.TemporaryDirectory(prefix="recovery-demo-") as folder:
        settings = demo_settings(Path(folder), f"http://{host}:{port}")
        click.echo(what_to_type(settings, prepare(settings)))
        # one process: the telephone's messages are kept in its memory
        run_server(lambda: create_app(_start(settings)), host=host, port=port, workers=1, threads=threads)


def demo_settings(folder: Path, base_url: str) -> Settings:
    """Return the settings of the province of the document, with everything it writes under `folder`."""
    for name in [name for name in os.environ if name.startswith("RECOVERY_")]:
        del os.environ[name]  # a demonstration never touches what the environment names
    return Settings.model_validate(
        {
            "site": {
                "base_url": base_url,
                "province": "Tỉnh Sóc Trăng",
                "mail_domains": ["soctrang.gov.vn"],
                "domain_aliases": {"mytu.soctrang.gov.vn": "soctrang.gov.vn"},
                "secret_key_file": str(folder / "secret_key"),
                "contact": {"name": "Phòng Văn hóa và Thông tin huyện Mỹ Tú", "phone": "0299 3871 234"},
            },
            "database": {"url": f"sqlite:///{folder}/recovery.db"},
        }
    )


def prepare(settings: Settings) -> Granted:
    """Make the key, the tables and the accounts; return the one that has just been handed out."""
    for path in settings.site.key_files:
        ensure_key_file(path, SystemChance())
    services = bootstrap(settings, demo=True)
    upgrade(services.engine)
    EmbeddedDirectory(services.engine).put([row.new_account for row in demo_accounts()], services.clock.now())
    granted = services.provision.grant(granted_account(), actor="demo")
    services.close()
    return granted


def what_to_type(settings: Settings, granted: Granted) -> str:
    """Return the table of the accounts and what each of them shows."""
    url = settings.site.base_url
    rows = [(row.typed, row.shows) for row in demo_accounts()]
    width = max(len(typed) for typed, _ in rows)
    lines = [f"  {typed.ljust(width)}  {shows}" for typed, shows in rows]
    return "\n".join(
        [
            "",
            f"  Trang đăng nhập       {url}/dang-nhap",
            f"  Quên mật khẩu         {url}/quen-mat-khau",
            f"  Điện thoại (tin nhắn) {url}/dien-thoai",
            "",
            "  Nhập vào ô “Email công vụ”:",
            *lines,
            "",
            f"  Tài khoản vừa được cấp: {granted.account.address}, mật khẩu lần đầu: {granted.password.reveal()}",
            f"  Mật khẩu hiện tại của các tài khoản: {OLD_PASSWORD.reveal()}",
            "  Dừng: Ctrl+C",
            "",
        ]
    )


def _start(settings: Settings) -> Services:
    logs.configure(as_json=False)
    services = bootstrap(settings, demo=True)
    start_dispatchers(services)
    return services
