"""Parallel requests to one and to two real servers: the door counts exactly, and a proof opens it once."""

import html
import json
import random
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import altcha
import pytest

from recovery_site.adapters.database.tables import limit_members
from recovery_site.settings.limits import Limits
from scripts.attack.book import Book
from scripts.attack.bout import Bout, Visitor
from scripts.attack.target import DOMAIN, Target, running
from scripts.attack.wire import FORM, Answer, Fields, ask, encode, request
from scripts.open_door import OPEN_DOOR
from tests import postgres

TYPED = 40
FREE = Limits().addresses_until_proof - 1
PUZZLE = re.compile(rb'data-puzzle="([^"]+)"')
BEGIN = "/quen-mat-khau"


@pytest.fixture(
    params=[("sqlite", 1), ("sqlite", 2), ("postgresql", 1), ("postgresql", 2)], ids=lambda p: f"{p[0]}-{p[1]}"
)
def servers(request: pytest.FixtureRequest) -> Iterator[Target]:
    """So many server processes over one fresh database, with the door that the defaults make and easy puzzles."""
    kind, count = request.param
    server: postgres.Server | None = request.getfixturevalue("postgres_server") if kind == "postgresql" else None
    name = server.create() if server else ""
    closed = {"limits": {key: getattr(Limits(), key) for key in OPEN_DOOR}, "proof": {"cost": 1, "turns": 20}}
    with running(url=server.url(name) if server else "", servers=count, workers=1, **closed) as target:
        yield target
    if server:
        server.drop(name)


def visitor_of(servers: Target) -> Visitor:
    book = Book((), servers.services.settings.site.base_url)
    dice = random.Random(1)  # noqa: S311 -- it picks servers
    visitor = Bout("race", "0.0", dice, servers, book, left=10_000, accounts=0).visitor()
    visitor.get(BEGIN)
    return visitor


def at_once(visitor: Visitor, forms: list[Fields]) -> list[Answer]:
    """Post these forms at one moment, to one server after the other."""
    ports, gate = visitor.bout.target.ports, threading.Barrier(len(forms))
    headers = visitor.headers(("Content-Type", FORM))

    def post(number: int) -> Answer:
        sent = request("POST", BEGIN, headers, encode([("csrf_token", visitor.token), *forms[number]]))
        gate.wait()
        [answer] = ask(ports[number % len(ports)], sent)
        return answer

    with ThreadPoolExecutor(len(forms)) as pool:
        return list(pool.map(post, range(len(forms))))


def typed(number: int) -> tuple[str, str]:
    return "email", f"ai-do-{number}@{DOMAIN}"


def let_in(answers: list[Answer]) -> int:
    """Return how many were looked up: nobody is there, so they are told that, and not asked for a proof."""
    assert {answer.status for answer in answers} == {200}
    return sum(PUZZLE.search(answer.body) is None for answer in answers)


def test_addresses_that_are_typed_at_once_are_counted_exactly(servers: Target) -> None:
    answers = at_once(visitor_of(servers), [[typed(number)] for number in range(TYPED)])
    assert let_in(answers) == FREE
    with servers.services.engine.begin() as connection:
        rows = connection.execute(limit_members.select()).all()
    assert len(rows) == 3 * TYPED, "each for the client, for its day and for the site"


def test_one_address_that_is_typed_at_once_is_one(servers: Target) -> None:
    assert let_in(at_once(visitor_of(servers), [[typed(0)]] * TYPED)) == TYPED


def test_a_solution_that_is_posted_twenty_times_at_once_opens_once(servers: Target) -> None:
    visitor = visitor_of(servers)
    answers = at_once(visitor, [[typed(number)] for number in range(FREE + 1)])
    [asked] = [found for answer in answers if (found := PUZZLE.search(answer.body))]
    challenge = altcha.Challenge.from_dict(json.loads(html.unescape(asked[1].decode())))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    proof = altcha.Payload(challenge, solution).to_base64()
    assert let_in(at_once(visitor, [[typed(FREE), ("proof", proof)]] * 20)) == 1
