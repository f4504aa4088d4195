import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from recovery_site.domain.decoys import decoy_number
from recovery_site.domain.people import read_number

KEY = b"k" * 32
OTHER_KEY = b"o" * 32
REAL = re.compile(r"0(3[2-9]|5[268]|7[06-9]|8[1-6]|8[89]|9[0-4]|9[678])\d{7}")

ADDRESSES = st.from_regex(r"[a-z]{1,20}@[a-z]{2,10}\.gov\.vn", fullmatch=True)


@given(ADDRESSES)
def test_a_decoy_is_a_mobile_number_with_a_prefix_that_a_network_has(address: str) -> None:
    number = decoy_number(KEY, address)
    assert read_number(number.local) == number
    assert REAL.fullmatch(number.local)


@given(ADDRESSES)
def test_an_address_has_one_decoy_as_long_as_the_key_is_the_same(address: str) -> None:
    assert decoy_number(KEY, address) == decoy_number(KEY, address)
    assert decoy_number(KEY, address) != decoy_number(OTHER_KEY, address)


def test_decoys_are_spread_over_the_networks_as_numbers_are() -> None:
    decoys = [decoy_number(KEY, f"a{number}@soctrang.gov.vn").local for number in range(4000)]
    assert len(set(decoys)) == len(decoys)
    prefixes = Counter(decoy[:3] for decoy in decoys)
    assert len(prefixes) == 32
    viettel = sum(
        count for prefix, count in prefixes.items() if prefix[:2] == "03" or prefix in ("086", "096", "097", "098")
    )
    assert 0.5 < viettel / len(decoys) < 0.6
    endings = Counter(decoy[-3:] for decoy in decoys)
    assert len(endings) > 950
    assert max(endings.values()) < 20
