"""Numbers that belong to nobody's account, for the pages of addresses that cannot recover (ADR 0023).

Sources: the number plan of Vietnam's mobile networks; DESIGN section 7; STANDARDS part on numbers.
"""

import hmac
from hashlib import sha256

from recovery_site.domain.people import PhoneNumber

_VIETTEL = ("32", "33", "34", "35", "36", "37", "38", "39", "86", "96", "97", "98")
_VINAPHONE = ("81", "82", "83", "84", "85", "88", "91", "94")
_MOBIFONE = ("70", "76", "77", "78", "79", "89", "90", "93")
_VIETNAMOBILE = ("52", "56", "58", "92")

_NETWORKS = (_VIETTEL,) * 11 + (_VINAPHONE,) * 4 + (_MOBIFONE,) * 4 + (_VIETNAMOBILE,)
"""About as many of each network as its share of the country's numbers: a rare prefix would be a hint."""

_ENDINGS = 10**7


def decoy_number(key: bytes, address: str) -> PhoneNumber:
    """Return the one number that stands for `address`; without `key` it looks like any other mobile number."""
    drawn = int.from_bytes(hmac.new(key, address.encode(), sha256).digest())
    drawn, network = divmod(drawn, len(_NETWORKS))
    prefixes = _NETWORKS[network]
    drawn, prefix = divmod(drawn, len(prefixes))
    return PhoneNumber(f"+84{prefixes[prefix]}{drawn % _ENDINGS:07}")
