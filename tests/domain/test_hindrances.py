"""What keeps an account from being recovered, and what is worth a look although it does not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_site.domain.hindrances import Hindrance, find_hindrances, owners_of_numbers
from recovery_site.domain.people import Account, AccountStatus, Phone, PhoneNumber

PHONES = tuple(Phone(PhoneNumber(f"+8439307012{n}")) for n in range(3))
WELL = Account("an@soctrang.gov.vn", phones=PHONES[:1])

accounts = st.builds(
    replace,
    st.just(WELL),
    status=st.sampled_from(AccountStatus),
    phones=st.sampled_from([(), PHONES[:1], PHONES]),
    unread_numbers=st.integers(0, 2),
)


def named(address: str, *phones: Phone) -> Account:
    return Account(f"{address}@soctrang.gov.vn", phones=phones)


@pytest.mark.parametrize(
    ("account", "wanted"),
    [
        (WELL, ()),
        (replace(WELL, status=AccountStatus.LOCKED), (Hindrance.LOCKED,)),
        (replace(WELL, phones=()), (Hindrance.NO_PHONE,)),
        (replace(WELL, phones=(), unread_numbers=1), (Hindrance.NO_MOBILE,)),
        (replace(WELL, unread_numbers=2), (Hindrance.SOME_NOT_MOBILE,)),
        (replace(WELL, status=AccountStatus.LOCKED, phones=()), (Hindrance.LOCKED, Hindrance.NO_PHONE)),
        (replace(WELL, status=AccountStatus.LOCKED, unread_numbers=1), (Hindrance.LOCKED, Hindrance.SOME_NOT_MOBILE)),
        (replace(WELL, status=AccountStatus.AMBIGUOUS), (Hindrance.AMBIGUOUS,)),
    ],
)
def test_each_hindrance_is_told_the_gravest_first(account: Account, wanted: tuple[Hindrance, ...]) -> None:
    found = find_hindrances(account)
    assert (found.hindrances, found.sharers, found.shared_with) == (wanted, 0, ())


def test_of_numbers_that_are_perhaps_another_entry_s_nothing_is_said() -> None:
    ambiguous = replace(WELL, status=AccountStatus.AMBIGUOUS, unread_numbers=1)
    assert find_hindrances(ambiguous).hindrances == (Hindrance.AMBIGUOUS,)
    assert find_hindrances(replace(ambiguous, phones=())).hindrances == (Hindrance.AMBIGUOUS,)


@given(accounts)
def test_an_account_has_a_hindrance_that_stops_it_exactly_where_it_cannot_recover(account: Account) -> None:
    found = find_hindrances(account, owners_of_numbers([account, replace(account, address="other@soctrang.gov.vn")]))
    assert any(one.stops for one in found.hindrances) is not account.can_recover
    order = [one.value for one in found.hindrances]
    assert order == sorted(order)


def test_a_number_on_two_accounts_is_told_of_both_and_stops_neither() -> None:
    one, other = named("an", PHONES[0]), named("binh", PHONES[1], PHONES[0])
    owners = owners_of_numbers([one, other, named("chi", PHONES[2])])
    told = [find_hindrances(account, owners) for account in (one, other)]
    assert [(finding.hindrances, finding.sharers, finding.shared_with) for finding in told] == [
        ((Hindrance.SHARED_NUMBER,), 1, (other.address,)),
        ((Hindrance.SHARED_NUMBER,), 1, (one.address,)),
    ]
    assert not Hindrance.SHARED_NUMBER.stops


def test_a_number_of_two_people_of_one_group_is_not_shared_with_anybody() -> None:
    group = named("nhom", PHONES[0], replace(PHONES[0], holder="Lê An"))
    assert find_hindrances(group, owners_of_numbers([group])).hindrances == ()


def test_of_several_shared_numbers_the_one_that_most_accounts_have_is_told() -> None:
    group = named("nhom", PHONES[0], PHONES[1])
    owners = owners_of_numbers([group, named("an", PHONES[0]), named("b", PHONES[1]), named("c", PHONES[1])])
    found = find_hindrances(group, owners)
    assert (found.sharers, found.shared_with) == (2, ("b@soctrang.gov.vn", "c@soctrang.gov.vn"))


def test_a_number_on_very_many_accounts_names_a_few_of_them_and_counts_all() -> None:
    everyone = [named(f"nguoi{n}", PHONES[0]) for n in range(1000)]
    found = find_hindrances(everyone[1], owners_of_numbers(everyone))
    assert found.sharers == 999
    assert found.shared_with == tuple(f"nguoi{n}@soctrang.gov.vn" for n in (0, 2, 3))
