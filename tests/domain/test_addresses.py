"""Addresses: one spelling for each mailbox, and nothing that could mean two things to two programs."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recovery_site.domain.people import AddressProblem, AddressRefused, normalise_address

DOMAINS = ("soctrang.gov.vn", "ubnd.soctrang.gov.vn")
ALIASES = {"old.gov.vn": "soctrang.gov.vn"}


def normalise(typed: str) -> str:
    return normalise_address(typed, domains=DOMAINS, aliases=ALIASES)


def refusal(typed: str) -> AddressProblem:
    with pytest.raises(AddressRefused) as refused:
        normalise(typed)
    return refused.value.problem


@pytest.mark.parametrize(
    "typed",
    [
        "an.tran@soctrang.gov.vn",
        "  an.tran@soctrang.gov.vn\n",
        "An.Tran@SocTrang.GOV.VN",
        "ａｎ．ｔｒａｎ＠ｓｏｃｔｒａｎｇ．ｇｏｖ．ｖｎ",
        "an.tran@soctrang.gov.vn.",
        "an.tran@old.gov.vn",
        "AN.TRAN@OLD.GOV.VN.",
        "an.tran",
        "AN.TRAN ",
        "\u3000an.tran\u00a0",
    ],
)
def test_every_spelling_of_one_mailbox_is_the_same_address(typed: str) -> None:
    assert normalise(typed) == "an.tran@soctrang.gov.vn"


def test_a_bare_name_gets_the_first_domain() -> None:
    assert normalise("vnpt_testvpdt3") == "vnpt_testvpdt3@soctrang.gov.vn"


def test_the_second_domain_is_kept() -> None:
    assert normalise("an@ubnd.soctrang.gov.vn") == "an@ubnd.soctrang.gov.vn"


def test_a_name_has_up_to_64_letters() -> None:
    assert normalise("a" * 64 + "@soctrang.gov.vn") == "a" * 64 + "@soctrang.gov.vn"


def test_a_refusal_that_nobody_caught_names_its_problem() -> None:
    assert str(AddressRefused(AddressProblem.FOREIGN_DOMAIN)) == "FOREIGN_DOMAIN"


@pytest.mark.parametrize("typed", ["", "   ", "\n\t"])
def test_nothing_typed_is_named_so(typed: str) -> None:
    assert refusal(typed) is AddressProblem.EMPTY


@pytest.mark.parametrize("typed", ["an@gmail.com", "an@soctrang.gov.vn.evil.com", "an@evil-soctrang.gov.vn"])
def test_another_domain_is_foreign(typed: str) -> None:
    assert refusal(typed) is AddressProblem.FOREIGN_DOMAIN


@pytest.mark.parametrize(
    "typed",
    [
        "a@b",
        "a@",
        "@soctrang.gov.vn",
        "a@b@soctrang.gov.vn",
        "an@soctrang.gov.vn,binh@soctrang.gov.vn",
        "an@soctrang.gov.vn;binh@soctrang.gov.vn",
        "an@soctrang.gov.vn binh@soctrang.gov.vn",
        "an@soctrang.gov.vn\r\nBcc: binh@soctrang.gov.vn",
        "an\x00@soctrang.gov.vn",
        "an@soctrang.gov.vn\x00",
        "an\x7f@soctrang.gov.vn",
        "an\x1b[2J@soctrang.gov.vn",
        "an\u202e@soctrang.gov.vn",
        "an\u200b@soctrang.gov.vn",
        "an tran@soctrang.gov.vn",
        ".an@soctrang.gov.vn",
        "an.@soctrang.gov.vn",
        "an..tran@soctrang.gov.vn",
        '"an"@soctrang.gov.vn',
        "an'@soctrang.gov.vn",
        "an' OR '1'='1@soctrang.gov.vn",
        "an'--@soctrang.gov.vn",
        'an";DROP TABLE accounts@soctrang.gov.vn',
        "*@soctrang.gov.vn",
        "an)(uid=*@soctrang.gov.vn",
        "an\\2a@soctrang.gov.vn",
        "{{7*7}}@soctrang.gov.vn",
        "${7*7}@soctrang.gov.vn",
        "<b>an</b>@soctrang.gov.vn",
        "../../an@soctrang.gov.vn",
        "an%40x@soctrang.gov.vn",
        "trần.an@soctrang.gov.vn",
        "\u0430n@soctrang.gov.vn",  # the Cyrillic letter that looks like an "a"
        "an@soctrang.gov.vn:8080",
        "an@[127.0.0.1]",
        "mailto:an@soctrang.gov.vn",
        "a" * 65 + "@soctrang.gov.vn",
    ],
)
def test_what_is_not_one_plain_address_is_refused(typed: str) -> None:
    assert refusal(typed) is AddressProblem.MALFORMED


def test_254_characters_are_the_longest() -> None:
    assert refusal("a" * 60 + "@" + "b" * 193) is AddressProblem.MALFORMED
    assert refusal("a" * 60 + "@" + "b" * 194) is AddressProblem.TOO_LONG
    assert refusal("a" * 1_000_000) is AddressProblem.TOO_LONG


def test_letters_that_grow_when_they_are_narrowed_are_measured_after_it() -> None:
    assert refusal("\ufdfa" * 100) is AddressProblem.TOO_LONG  # one sign, eighteen letters


_ALMOST = st.from_regex(r"[ａ-ｚA-Za-z0-9 .@_+'-]{1,20}@?(soctrang|OLD|ubnd\.SocTrang)?(\.gov\.vn\.?)?", fullmatch=True)


@given(st.text(max_size=60) | _ALMOST)
@example("ﬁ.an")
@example("K")
def test_normalising_twice_is_normalising_once(typed: str) -> None:
    try:
        once = normalise(typed)
    except AddressRefused:
        return
    assert normalise(once) == once
    assert once.isascii()
    assert once == once.lower()
    assert once.count("@") == 1
    assert once.partition("@")[2] in DOMAINS
    assert len(once) <= 254
