"""What a browser is asked to prove, and how it does it."""

import json

import altcha

from tests.web.client import CheckingClient
from tests.web.page import Element, Page

EASY = {"proof__cost": 2, "proof__turns": 40}
"""Settings for puzzles that a test solves at once."""


def hidden(page: Page, name: str) -> Element:
    [found] = [one for one in page.all("input") if one.get("name") == name]
    return found


def asks(page: Page) -> bool:
    return any(one.get("name") == "proof" for one in page.all("input"))


def solved(page: Page) -> str:
    """Return what the script of the page would fill in."""
    challenge = altcha.Challenge.from_dict(json.loads(hidden(page, "proof").get("data-puzzle")))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


def type_addresses(browser: CheckingClient, count: int, **headers: str) -> list[int]:
    """Type so many different addresses, without a proof; return the answers' statuses."""
    answers = []
    for number in range(count):
        fields = {"csrf_token": browser.token(), "email": f"ai-do-{number}"}
        answers.append(browser.post("/quen-mat-khau", fields, headers=headers).status_code)
    return answers
