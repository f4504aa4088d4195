"""A small attack of all kinds on real servers, and that the bench would see what it looks for."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import update

from recovery_site.adapters.database.tables import recoveries
from recovery_site.domain.secret import Secret
from scripts.attack import witness
from scripts.attack.book import Book
from scripts.attack.kinds import KINDS
from scripts.attack.run import attack
from scripts.attack.target import PASSWORD, Target, running
from scripts.attack.wire import Answer, answers
from tests import postgres

REQUESTS = 800


@pytest.fixture
def target(database_kind: str, request: pytest.FixtureRequest) -> Iterator[Target]:
    """A site under attack, on each of the databases."""
    if database_kind == "sqlite":
        with running(code={"resend_after_seconds": 1}) as started:
            yield started
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    name = server.create()
    with running(url=server.url(name), code={"resend_after_seconds": 1}) as started:
        yield started
    server.drop(name)


def test_hostile_requests_of_every_kind_break_no_promise_and_a_broken_one_would_be_seen(target: Target) -> None:
    book, found = attack(target, requests=REQUESTS, seed=1)
    assert book.broken == []
    assert set(book.asked) == set(KINDS)
    assert sum(book.asked.values()) == REQUESTS
    # an attack that never got as far as a code would prove nothing
    assert found["code"]
    assert found["a wrong code"]
    assert found["password"]

    now = target.services.clock.now()
    player = next(iter(found["code"]))
    with target.services.engine.begin() as connection:
        connection.execute(update(recoveries).where(recoveries.c.address == player).values(attempts_left=9))
    with target.services.transactions() as tx:
        [stolen, *_] = tx.recoveries.of_account(player)
        [sent, *_] = tx.messages.of_recovery(stolen.id)
        tx.messages.add(replace(sent, id="stolen", address="nan-nhan-0001@soctrang.gov.vn"))
    target.services.directory.set_password("nan-nhan-0001@soctrang.gov.vn", Secret("Xanh-la-9-muoi"), now)
    witness.judge(target, book)
    told = "\n".join(book.broken)
    for sentence in ("tries rose", "that nobody pressed for", "password: 1 for nan-nhan-0001"):
        assert sentence in told


@pytest.mark.parametrize(
    ("body", "head", "status", "fault"),
    [
        (b"", b"Location: http://home.example/\r\n", 303, "a way out: http://home.example/"),
        (b"<pre>Traceback (most recent call last)</pre>", b"", 200, "a stack trace"),
        (PASSWORD.encode(), b"", 200, "a password"),
        (b"0930000012", b"", 200, "a telephone number"),
        (b"ma 123456", b"", 200, "the code"),
        (b"a-key", b"", 200, "a secret of the machine"),
        (b"", b"", 500, "status 500"),
        (b"", b"Set-Cookie: x=1\r\n", 200, "a header that was typed"),
        (b"", b"Location: //evil.example\r\n", 303, "a way out: //evil.example"),
    ],
)
def test_the_book_sees_what_no_answer_may_show(body: bytes, head: bytes, status: int, fault: str) -> None:
    book = Book((b"a-key",), "http://home")
    policy = b"HTTP/1.1 200 OK\r\nContent-Security-Policy: frame-ancestors 'none'\r\n"
    book.note("kind", "kind 1.1", b"GET /", [Answer(status, policy + head, body)], b"123456")
    [sentence] = book.broken
    assert sentence.startswith(f"kind 1.1: {fault}")
    assert sentence.endswith(": b'GET /'")


def test_an_answer_without_the_policy_is_seen() -> None:
    book = Book((), "http://home")
    book.note(
        "kind", "kind 1.1", b"GET /", [Answer(200, b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n")]
    )
    assert len(book.broken) == 1


def test_two_answers_on_one_line_are_told_apart() -> None:
    one = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    assert [(answer.status, answer.body) for answer in answers(one + one.replace(b"200", b"404"))] == [
        (200, b"ok"),
        (404, b"ok"),
    ]
