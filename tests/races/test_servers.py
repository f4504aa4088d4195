"""Parallel requests to one and to two real servers over one database: what must happen once happens once."""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from recovery_site.domain.secret import Secret
from scripts.attack import witness
from scripts.attack.book import NEW_PASSWORD, Book
from scripts.attack.bout import Bout, Visitor
from scripts.attack.target import DOMAIN, PASSWORD, PLAYER, Target, running
from scripts.attack.wire import FORM, Answer, Fields, ask, encode, request
from tests import postgres

GUESSER, OWNER, PRESSER = (f"{PLAYER}-{serial:04}@{DOMAIN}" for serial in range(3))
MUCH_TOO_LONG = 60
NEW = f"{NEW_PASSWORD}000001"


@pytest.fixture(
    scope="module",
    params=[("sqlite", 1), ("sqlite", 2), ("postgresql", 1), ("postgresql", 2)],
    ids=lambda p: f"{p[0]}-{p[1]}",
)
def servers(request: pytest.FixtureRequest) -> Iterator[Target]:
    """So many server processes over one database, with three accounts; everything that changes is seen."""
    kind, count = request.param
    server: postgres.Server | None = request.getfixturevalue("postgres_server") if kind == "postgresql" else None
    name = server.create() if server else ""
    with running(url=server.url(name) if server else "", servers=count, workers=1) as target:
        target.put(PLAYER, 3)
        witness.install(target.services.engine)
        yield target
    if server:
        server.drop(name)


def visitor_of(servers: Target, address: str) -> Visitor:
    """A visitor at the page with the number."""
    book = Book((), servers.services.settings.site.base_url)
    dice = random.Random(1)  # noqa: S311 -- it picks servers and addresses
    bout = Bout("race", "0.0", dice, servers, book, left=10_000, accounts=3)
    visitor = bout.visitor()
    visitor.begin(address)
    return visitor


def at_once(visitor: Visitor, count: int, path: str, fields: Fields = ()) -> list[Answer]:
    """Post the same form so many times at once, to one server after the other; return the answers."""
    ports, gate = visitor.bout.target.ports, threading.Barrier(count)
    body = encode([("csrf_token", visitor.token), *fields])
    sent = request("POST", path, visitor.headers(("Content-Type", FORM)), body)

    def post(number: int) -> Answer:
        gate.wait()
        [answer] = ask(ports[number % len(ports)], sent)
        return answer

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(post, range(count)))


def code_form(code: str) -> Fields:
    return [("code", code), ("password", NEW), ("again", NEW)]


def test_fifty_wrong_codes_at_once_spend_exactly_the_tries_that_there_are(servers: Target) -> None:
    visitor = visitor_of(servers, GUESSER)
    visitor.press()
    code = visitor.right_code()
    given = at_once(visitor, 50, "/quen-mat-khau/dat-lai", code_form(visitor.wrong_code()))
    assert {answer.status for answer in given} == {200}
    left = sorted(
        number for answer in given for number in range(1, 5) if f"Bạn còn {number} lần thử".encode() in answer.body
    )
    assert left == [1, 2, 3, 4], "each of the first four is told its own number"
    found = witness.seen(servers.services.engine)
    assert found["a wrong code"][GUESSER] == servers.services.rules.attempts
    assert not found["tries below zero"] + found["tries rose"]

    visitor.enter(code, NEW)
    assert servers.services.directory.check_password(GUESSER, Secret(PASSWORD))


def test_twenty_right_codes_at_once_change_the_password_once(servers: Target) -> None:
    visitor = visitor_of(servers, OWNER)
    visitor.press()
    given = at_once(visitor, 20, "/quen-mat-khau/dat-lai", code_form(visitor.right_code()))
    # on a machine that is starved the change may outlast the wait of the others: they are told that it is under way
    assert {answer.status for answer in given} <= {200, 303}
    assert {answer.header("Location") for answer in given if answer.status == 303} == {"/quen-mat-khau/thanh-cong"}
    found = witness.seen(servers.services.engine)
    assert (found["password"][OWNER], found["done"][OWNER], found["notice"][OWNER]) == (1, 1, 1)
    assert servers.services.directory.check_password(OWNER, Secret(NEW))


def test_twenty_presses_at_once_send_one_sms(servers: Target) -> None:
    visitor = visitor_of(servers, PRESSER)
    given = at_once(visitor, 20, "/quen-mat-khau/so-dien-thoai")
    assert {(answer.status, answer.header("Location")) for answer in given} == {(303, "/quen-mat-khau/dat-lai")}
    assert witness.seen(servers.services.engine)["code"][PRESSER] == 1
    account = servers.services.directory.find(PRESSER)
    assert account is not None
    [phone] = account.phones
    ends = time.monotonic() + MUCH_TOO_LONG
    while not (sent := _taken_for(servers, phone.number.international)):  # the page waits a second, then it goes on
        assert time.monotonic() < ends
        time.sleep(0.1)
    assert len(sent) == 1
    assert visitor.right_code() in sent[0]["text"]


def _taken_for(servers: Target, number: str) -> list[dict[str, str]]:
    return [one for one in servers.taken().values() if one["to"].removeprefix("+") == number]
