"""What the defences cost: the CPU of a request with the guards, the form token and the limits, and without."""

import contextlib
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import click
import structlog
from flask import Flask
from flask.testing import FlaskClient

from recovery_site.adapters.limits import DatabaseLimits
from recovery_site.bootstrap import Services, bootstrap
from recovery_site.cli.demo import demo_settings, prepare
from recovery_site.domain.codes import derive_code
from recovery_site.domain.keys import Label
from recovery_site.web import guards
from recovery_site.web.app import create_app
from scripts.attack.bout import TOKEN, browser_id
from scripts.open_door import OPEN_DOOR

MOST_MILLISECONDS = 3.0
BASE = "http://127.0.0.1:8000"
ACCOUNT = "nguyenthihoa@soctrang.gov.vn"


@click.command()
@click.option("--samples", default=150, show_default=True, help="Requests of each page, with and without the defences.")
def cost(samples: int) -> None:
    """Measure the CPU of requests with and without the defences, in turn; exit code 1 above 3 ms for any of them."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="recovery-attack-") as folder:
        # nothing is refused, so that every sample goes the whole way
        settings = demo_settings(Path(folder), BASE)
        unlimited = dict.fromkeys(type(settings.limits).model_fields, "1000000/day") | OPEN_DOOR
        generous = settings.limits.model_copy(update=unlimited)
        sms = settings.sms.model_copy(update={"daily_budget": 1_000_000})
        settings = settings.model_copy(update={"limits": generous, "sms": sms})
        prepare(settings)
        services = bootstrap(settings, demo=True)
        shown = [_print(name, _measure(services, action, samples)) for name, action in _REQUESTS.items()]
        services.close()
    raise SystemExit(0 if max(shown) <= MOST_MILLISECONDS else 1)


def unguarded(app: Flask) -> Flask:
    """Take the guards, the headers and the form token's check away from an application."""
    every: tuple[dict[Any, list[Any]], ...] = (app.before_request_funcs, app.after_request_funcs)
    for hooks in every:
        hooks[None] = [one for one in hooks.get(None, []) if one.__module__ not in (guards.__name__, "flask_wtf.csrf")]
    return app


@contextlib.contextmanager
def without_limits() -> Iterator[None]:
    """Let every limit count nothing."""
    with patch.object(DatabaseLimits, "_ask", lambda *_: None):
        yield


def _measure(services: Services, action: Callable[[Services, FlaskClient], float], samples: int) -> tuple[float, float]:
    """Return the middle CPU time in milliseconds with the defences, and without."""
    guarded, bare = create_app(services), unguarded(create_app(services))
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(samples + 10):
        with_them = action(services, guarded.test_client())
        with without_limits():
            without = action(services, bare.test_client())
        if number >= 10:
            times[0].append(with_them)
            times[1].append(without)
    for app in (guarded, bare):
        app.extensions["static_folder"].cleanup()
    return median(times[0]) * 1000, median(times[1]) * 1000


def _print(name: str, measured: tuple[float, float]) -> float:
    guarded, bare = measured
    click.echo(f"{name:32}{guarded:7.2f} ms with, {bare:7.2f} ms without: {guarded - bare:5.2f} ms")
    return guarded - bare


def _cpu(act: Callable[[], object]) -> float:
    started = time.process_time()
    act()
    return time.process_time() - started


def _token(client: FlaskClient, path: str) -> str:
    found = TOKEN.search(client.get(path, base_url=BASE).data)
    return found[1].decode() if found else ""


def _get(_services: Services, client: FlaskClient) -> float:
    return _cpu(lambda: client.get("/quen-mat-khau", base_url=BASE))


def _begin(_services: Services, client: FlaskClient) -> float:
    form = {"csrf_token": _token(client, "/quen-mat-khau"), "email": ACCOUNT}
    return _cpu(lambda: client.post("/quen-mat-khau", data=form, base_url=BASE))


def _press(services: Services, client: FlaskClient) -> float:
    _begin(services, client)
    form = {"csrf_token": _token(client, "/quen-mat-khau/so-dien-thoai")}
    with patch.object(type(services.tracking), "wait_for", lambda *_: None):  # for the carrier, which costs no CPU here
        return _cpu(lambda: client.post("/quen-mat-khau/so-dien-thoai", data=form, base_url=BASE))


def _wrong_code(services: Services, client: FlaskClient) -> float:
    _press(services, client)
    cookie = client.get_cookie("recovery", "127.0.0.1")
    recovery = services.under_way.current(browser_id(cookie.value if cookie else ""))
    if recovery is None or recovery.key_id is None:
        raise click.ClickException("no code was sent")
    key, digits = services.keys.subkey(Label.CODE, recovery.key_id), services.rules.digits
    right = derive_code(key, recovery_id=recovery.id, generation=recovery.generation, digits=digits).reveal()
    wrong = f"{(int(right) + 1) % 10**digits:0{digits}}"
    form = {"csrf_token": _token(client, "/quen-mat-khau/dat-lai"), "code": wrong}
    form |= {"password": "Ben-pha-9-vang-khach", "again": "Ben-pha-9-vang-khach"}
    return _cpu(lambda: client.post("/quen-mat-khau/dat-lai", data=form, base_url=BASE))


_REQUESTS = {
    "GET the address page": _get,
    "POST the address": _begin,
    "POST the press": _press,
    "POST a wrong code": _wrong_code,
}
