"""What the defences cost: the CPU of a request with guards, form token, limits and proofs of work, and without.

Each page is measured on a calm site; those that a proof of work stands before, on a wary one, too: there every visitor
proves work, and the alarm is on.
"""

import contextlib
import html
import json
import logging
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import altcha
import click
import structlog
from flask import Flask
from flask.testing import FlaskClient

from recovery_site.adapters.limits.counted import CountedLimits
from recovery_site.bootstrap import Services, bootstrap
from recovery_site.cli.demo import demo_settings, prepare
from recovery_site.domain.codes import derive_code
from recovery_site.domain.keys import Label
from recovery_site.flow.tracking import Tracking
from recovery_site.ports import Limit
from recovery_site.settings import Settings
from recovery_site.web import guards
from recovery_site.web.app import create_app
from scripts.attack.bout import TOKEN, browser_id
from scripts.open_door import OPEN_DOOR

MOST_MILLISECONDS = 3.0
BASE = "http://127.0.0.1:8000"
ADDRESS, PHONE, CODE = "/quen-mat-khau", "/quen-mat-khau/so-dien-thoai", "/quen-mat-khau/dat-lai"
ACCOUNT = "nguyenthihoa@soctrang.gov.vn"
_PUZZLE = re.compile(rb'data-puzzle="([^"]+)"')

Action = Callable[[Services, FlaskClient], float]
Measured = tuple[float, float]
"""The CPU time in milliseconds with the defences, and without."""


@click.command()
@click.option("--samples", default=150, show_default=True, help="Requests of each page, with and without the defences.")
def cost(samples: int) -> None:
    """Measure the CPU of requests with and without the defences, in turn; exit code 1 above 3 ms for any of them."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="recovery-attack-") as folder:
        calm = _settings(Path(folder) / "calm")
        easy = {"limits": calm.limits.model_copy(update={"addresses_until_proof": 1})}
        wary = _settings(Path(folder) / "wary").model_copy(
            update=easy | {"proof": calm.proof.model_copy(update={"turns": 2})}
        )
        shown = [
            *(_print(name, one) for name, one in _measured(calm, _ON_A_CALM_SITE, samples)),
            *(_print(name, one) for name, one in _measured(wary, _ON_A_WARY_SITE, samples)),
        ]
    raise SystemExit(0 if max(shown) <= MOST_MILLISECONDS else 1)


def _settings(folder: Path) -> Settings:
    """Return settings under which nothing is refused, so that every sample goes the whole way."""
    settings = demo_settings(folder, BASE)
    unlimited = dict.fromkeys(type(settings.limits).model_fields, "1000000/day") | OPEN_DOOR | {"storage": "database"}
    generous = settings.limits.model_copy(update=unlimited)
    return settings.model_copy(
        update={"limits": generous, "sms": settings.sms.model_copy(update={"daily_budget": 1_000_000})}
    )


def unguarded(app: Flask) -> Flask:
    """Take the guards, the headers and the form token's check away from an application."""
    every: tuple[dict[Any, list[Any]], ...] = (app.before_request_funcs, app.after_request_funcs)
    for hooks in every:
        hooks[None] = [one for one in hooks.get(None, []) if one.__module__ not in (guards.__name__, "flask_wtf.csrf")]
    return app


@contextlib.contextmanager
def without_limits() -> Iterator[None]:
    """Let every limit count nothing."""
    with (
        patch.object(CountedLimits, "_ask", lambda *_: None),
        patch.object(CountedLimits, "add", lambda *_: 0),
        patch.object(CountedLimits, "members", lambda *_: 0),
    ):
        yield


def _measured(settings: Settings, actions: Mapping[str, Action], samples: int) -> Iterator[tuple[str, Measured]]:
    prepare(settings)
    services = bootstrap(settings, demo=True)
    if actions is _ON_A_WARY_SITE:
        with services.transactions() as tx:
            tx.limits.add(Limit.ALARM, "wrong codes")
    for name, action in actions.items():
        yield name, _measure(services, action, samples)
    services.close()


def _measure(services: Services, action: Action, samples: int) -> Measured:
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


def _print(name: str, measured: Measured) -> float:
    guarded, bare = measured
    click.echo(f"{name:36}{guarded:7.2f} ms with, {bare:7.2f} ms without: {guarded - bare:5.2f} ms")
    return guarded - bare


def _cpu(act: Callable[[], object]) -> float:
    started = time.process_time()
    act()
    return time.process_time() - started


def _token(client: FlaskClient, path: str) -> str:
    found = TOKEN.search(client.get(path, base_url=BASE).data)
    return found[1].decode() if found else ""


def _send(client: FlaskClient, path: str, **fields: str) -> tuple[float, bytes]:
    """Return the CPU seconds of sending a page's form, and the answer."""
    form = {"csrf_token": _token(client, path)} | fields
    answers: list[bytes] = []
    with patch.object(Tracking, "wait_for", lambda *_: None):  # for the carrier, which costs no CPU here
        seconds = _cpu(lambda: answers.append(client.post(path, data=form, base_url=BASE).data))
    return seconds, answers[0]


def _send_with_work(client: FlaskClient, path: str, **fields: str) -> float:
    """Return the CPU seconds of sending a form with the work that is asked for; without it where none is asked."""
    seconds, answer = _send(client, path, **fields)
    if puzzle := _PUZZLE.search(answer):
        challenge = altcha.Challenge.from_dict(json.loads(html.unescape(puzzle[1].decode())))
        solution = altcha.solve_challenge(challenge)
        if solution is None:
            raise click.ClickException("the puzzle has no solution")
        seconds, _ = _send(client, path, proof=altcha.Payload(challenge, solution).to_base64(), **fields)
    return seconds


def _get(_services: Services, client: FlaskClient) -> float:
    return _cpu(lambda: client.get(ADDRESS, base_url=BASE))


def _begin(_services: Services, client: FlaskClient) -> float:
    return _send(client, ADDRESS, email=ACCOUNT)[0]


def _begin_with_work(_services: Services, client: FlaskClient) -> float:
    return _send_with_work(client, ADDRESS, email=ACCOUNT)


def _press(services: Services, client: FlaskClient) -> float:
    _begin(services, client)
    return _send(client, PHONE)[0]


def _press_in_alarm(services: Services, client: FlaskClient) -> float:
    _begin_with_work(services, client)
    return _send(client, PHONE)[0]


def _press_with_work(services: Services, client: FlaskClient) -> float:
    _begin_with_work(services, client)
    return _send_with_work(client, PHONE)


def _wrong_code(services: Services, client: FlaskClient) -> float:
    _press_with_work(services, client)
    cookie = client.get_cookie("recovery", "127.0.0.1")
    recovery = services.under_way.current(browser_id(cookie.value if cookie else ""))
    if recovery is None or recovery.key_id is None:
        raise click.ClickException("no code was sent")
    key, digits = services.keys.subkey(Label.CODE, recovery.key_id), services.rules.digits
    right = derive_code(key, recovery_id=recovery.id, generation=recovery.generation, digits=digits).reveal()
    wrong = f"{(int(right) + 1) % 10**digits:0{digits}}"
    password = "Ben-pha-9-vang-khach"
    return _send(client, CODE, code=wrong, password=password, again=password)[0]


_ON_A_CALM_SITE: Mapping[str, Action] = {
    "GET the address page": _get,
    "POST the address": _begin,
    "POST the press": _press,
    "POST a wrong code": _wrong_code,
}
_ON_A_WARY_SITE: Mapping[str, Action] = {
    "POST the address, work is asked for": _begin,
    "POST the address with the work": _begin_with_work,
    "POST the press, work is asked for": _press_in_alarm,
    "POST the press with the work": _press_with_work,
    "POST a wrong code in the alarm": _wrong_code,
}
