"""`serve`: the production server."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from recovery_site.adapters.database.schema import require_current
from recovery_site.bootstrap import bootstrap, start
from recovery_site.settings import load
from recovery_site.web.app import create_app

GRACE_SECONDS = 30
"""How long a request under way may take after the server was told to stop."""


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn is published without types
    """Gunicorn with threads, configured in code: one server for `serve` and `demo`."""

    def __init__(self, make_app: Callable[[], Flask], options: Mapping[str, object]) -> None:
        self._make_app = make_app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._make_app()


def run_server(make_app: Callable[[], Flask], *, host: str, port: int, workers: int, threads: int) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are finished first."""
    options = {
        "bind": f"{host}:{port}",
        "workers": workers,
        "threads": threads,
        "worker_class": "gthread",
        "graceful_timeout": GRACE_SECONDS,
        "keepalive": 5,
        "loglevel": "warning",
        "limit_request_line": 2048,
        "limit_request_fields": 60,
        "forwarded_allow_ips": "",  # only the application counts proxies, by site.trusted_proxies
        "forwarder_headers": "",
        "control_socket_disable": True,  # nothing but the site listens
    }
    Server(make_app, options).run()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.  [default: the one of site.base_url]")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
@click.option("--threads", type=click.IntRange(1, 64), default=8, show_default=True, help="Threads in each process.")
def serve(host: str, port: int | None, workers: int, threads: int) -> None:
    """Serve the site until SIGTERM or SIGINT.

    Requests under way are finished first. Put a reverse proxy with TLS in front and set site.trusted_proxies = 1.
    """
    settings = load()
    # a wrong key or an old schema is one sentence here, not a worker that will not boot
    checked = bootstrap(settings)
    require_current(checked.engine)
    checked.close()
    run_server(
        lambda: create_app(start(settings)),
        host=host,
        port=port or urlsplit(settings.site.base_url).port or 8000,
        workers=workers,
        threads=threads,
    )
