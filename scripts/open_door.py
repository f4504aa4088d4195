"""Limits that stop nobody at the door: benches visit as whole crowds from a few addresses, and guess all day."""

from typing import Any

OPEN_DOOR: dict[str, Any] = {
    "addresses_until_proof": 999_999,
    **dict.fromkeys(
        (
            "addresses_per_client",
            "addresses_per_client_a_day",
            "addresses_of_site",
            "waits_of_site",
            "wrong_codes_of_site",
        ),
        "1000000/day",
    ),
}
