"""The contract of `Puzzles`: only what was made here, and is solved, says anything."""

import base64
import json

import altcha
import pytest

from recovery_site.adapters.puzzles import AltchaPuzzles
from recovery_site.ports import Facts, Puzzles
from tests.fakes import FakePuzzles
from tests.fakes import solution as turned_round

KEY = b"p" * 32
FACTS: Facts = {"for": "somebody", "until": 1_800_000_000}


def solve(puzzles: Puzzles, puzzle: str) -> str:
    if isinstance(puzzles, FakePuzzles):
        return turned_round(puzzle)
    challenge = altcha.Challenge.from_dict(json.loads(puzzle))
    found = altcha.solve_challenge(challenge)
    assert found is not None
    return altcha.Payload(challenge, found).to_base64()


@pytest.fixture(params=["fake", "altcha"])
def puzzles(request: pytest.FixtureRequest) -> Puzzles:
    return FakePuzzles() if request.param == "fake" else AltchaPuzzles(KEY, cost=2)


def test_a_solved_puzzle_tells_its_facts_and_its_name(puzzles: Puzzles) -> None:
    names = set()
    for _ in range(2):
        facts = puzzles.solved(solve(puzzles, puzzles.make(FACTS, 7)))
        assert facts is not None
        assert FACTS.items() <= facts.items()
        names.add(facts["id"])
    assert len(names) == 2


@pytest.mark.parametrize("answer", ["", "x", "é", "[]", "e30=", "W10=", "bnVsbA==", "MQ==", "=" * 100, "A" * 16_000])
def test_what_is_no_answer_tells_nothing(puzzles: Puzzles, answer: str) -> None:
    assert puzzles.solved(answer) is None


def test_a_puzzle_takes_exactly_its_turns() -> None:
    puzzle = AltchaPuzzles(KEY, cost=2).make(FACTS, 321)
    answer = json.loads(base64.b64decode(solve(AltchaPuzzles(KEY, cost=2), puzzle)))
    assert answer["solution"]["counter"] == 321


def tampered(answer: str, **changes: object) -> str:
    payload = json.loads(base64.b64decode(answer))
    for path, value in changes.items():
        *way, last = path.split("__")
        table = payload
        for step in way:
            table = table[step]
        table[last] = value
    return base64.b64encode(json.dumps(payload).encode()).decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"challenge__parameters__data": {"for": "somebody else", "until": 1_800_000_000}},
        {"challenge__parameters__data": [[[1]]]},
        {"challenge__parameters__cost": 1},
        {"challenge__parameters__nonce": "00" * 16},
        {"challenge__parameters__keySignature": None},
        {"challenge__parameters__algorithm": "SHA-1"},
        {"challenge__signature": None},
        {"challenge__signature": "é"},
        {"challenge": "text"},
        {"solution": None},
        {"solution__derivedKey": "00" * 32},
        {"solution__derivedKey": 5},
    ],
)
def test_a_puzzle_that_was_changed_tells_nothing(changes: dict[str, object]) -> None:
    puzzles = AltchaPuzzles(KEY, cost=2)
    answer = solve(puzzles, puzzles.make(FACTS, 3))
    assert puzzles.solved(tampered(answer, **changes)) is None
    assert puzzles.solved(answer) is not None


def test_a_puzzle_of_another_site_tells_nothing() -> None:
    strangers = AltchaPuzzles(b"q" * 32, cost=2)
    assert AltchaPuzzles(KEY, cost=2).solved(solve(strangers, strangers.make(FACTS, 3))) is None
