"""Proof of work: puzzles that a browser solves by computing, cheap to make and cheaper to check."""

from collections.abc import Mapping
from typing import Protocol

Facts = Mapping[str, str | int]
"""What a puzzle says about itself: whom it is for, and until when. Anybody can read it, nobody can change it."""


class Puzzles(Protocol):
    def make(self, facts: Facts, turns: int) -> str:
        """Return a new puzzle, as JSON for the browser, that is solved by exactly `turns` turns of its wheel."""
        ...

    def solved(self, answer: str) -> Facts | None:
        """Return the facts of a puzzle that was made here and is solved by `answer`; None for everything else.

        The fact `id` names the puzzle. Says nothing about its time, or whether it was used before.
        """
        ...
