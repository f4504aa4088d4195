"""Proof of work by ALTCHA: the server knows the answer beforehand, so that to check costs one HMAC (ADR 0022)."""

import binascii
import json

import altcha

from recovery_site.ports.puzzles import Facts

ALGORITHM = "PBKDF2/SHA-256"


class AltchaPuzzles:
    """The `Puzzles` port. `cost` is in iterations of PBKDF2 for each turn."""

    def __init__(self, key: bytes, cost: int) -> None:
        self._key = key
        self._cost = cost

    def make(self, facts: Facts, turns: int) -> str:
        # `expires_at` is left out: the library would read the machine's clock. The facts hold the time
        made = altcha.create_challenge(
            ALGORITHM,
            self._cost,
            counter=turns,
            data=dict(facts),
            hmac_secret=self._key,
            hmac_key_secret=self._key,
        )
        return altcha_json(made)

    def solved(self, answer: str) -> Facts | None:
        try:
            payload = altcha.Payload.from_base64(answer)
            result = altcha.verify_solution(payload, self._key, hmac_key_secret=self._key)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
            return None  # what a stranger sends may be anything
        parameters = payload.challenge.parameters
        return {**(parameters.data or {}), "id": parameters.nonce} if result.verified else None


def altcha_json(challenge: altcha.Challenge) -> str:
    """Return a challenge as the browser's worker takes it."""
    return json.dumps(challenge.to_dict(), separators=(",", ":"))
