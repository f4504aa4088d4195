"""Many behind one address, and one with many: who is let in, who proves work first, and who is stopped."""

from collections.abc import Iterator

import pytest

from recovery_site.domain.people import Account, AddressProblem, AddressRefused, Phone, read_number
from recovery_site.flow.outcomes import Changed
from recovery_site.flow.proofs import ProofWanted, Visitor
from recovery_site.ports import Limit, LimitReached
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN, BINH, LOCKED, OLD_PASSWORD, PHONELESS, UNKNOWN, solution
from tests.flow.story import begin, get_code, submit

OFFICE = "203.0.113.7"
WALKER = "198.51.100.1"


def name(number: int) -> str:
    return f"can-bo-{number}@soctrang.gov.vn"


def officials(site: FakeSite, count: int) -> list[str]:
    """Give `count` officials an account with a telephone of their own each."""
    for number in range(count):
        phone = Phone(read_number(f"09{number:08}"))
        site.directory.accounts[name(number)] = Account(name(number), f"Cán bộ {number}", phones=(phone,))
        site.directory.passwords[name(number)] = OLD_PASSWORD
    return [name(number) for number in range(count)]


def look_up(site: FakeSite, typed: str, client: str = OFFICE, *, answer: str = "", ticket: str = "") -> None:
    site.door.look_up(typed, Visitor(client, "session", answer, ticket))


def proof_wanted(site: FakeSite, typed: str, client: str = OFFICE, **shown: str) -> ProofWanted:
    with pytest.raises(ProofWanted) as wanted:
        look_up(site, typed, client, **shown)
    return wanted.value


def enter(site: FakeSite, typed: str, client: str = OFFICE) -> bool:
    """Be let in as an official's browser is, and return whether that took work."""
    try:
        look_up(site, typed, client)
    except ProofWanted as wanted:
        look_up(site, typed, client, answer=solution(wanted.puzzle))
        return True
    return False


def finish(site: FakeSite, typed: str, client: str = OFFICE) -> None:
    browser = begin(site, typed)
    assert isinstance(submit(site, browser, get_code(site, browser, client)), Changed)


def typing(site: FakeSite, count: int, client: str = OFFICE) -> None:
    """Type so many different addresses, whatever comes of it."""
    for number in range(count):
        try:
            look_up(site, f"ai-do-{number}", client)
        except (ProofWanted, LimitReached):
            continue


# --- the office -------------------------------------------------------------------------------------------------------


def test_an_office_of_300_behind_one_address_recovers_on_monday_morning_without_a_refusal_or_any_work() -> None:
    site = make_fake_site()
    at_it: list[str] = []
    for typed in officials(site, 300):
        assert not enter(site, typed)
        at_it.append(typed)
        site.clock.pass_by(6)
        if len(at_it) > 12:  # each takes 78 seconds, from the address to the new password
            finish(site, at_it.pop(0))
    assert all(site.directory.passwords[name(number)] != OLD_PASSWORD for number in range(280))


def test_an_office_of_300_that_all_begin_before_one_has_finished_proves_work_and_is_refused_nothing() -> None:
    site = make_fake_site()
    everybody = officials(site, 300)
    assert [enter(site, typed) for typed in everybody] == [False] * 19 + [True] * 281
    for typed in everybody:
        finish(site, typed)
    assert not enter(site, name(0))


def test_officials_who_give_up_are_forgotten_after_ten_minutes() -> None:
    site = make_fake_site()
    typing(site, 60)
    site.clock.pass_by(minutes=10)
    assert not enter(site, AN)


def test_a_finished_recovery_gives_back_its_own_address_and_no_other() -> None:
    site = make_fake_site()
    typing(site, 18)
    for typed in officials(site, 5):
        look_up(site, typed)
        finish(site, typed)
    look_up(site, AN)
    proof_wanted(site, BINH)


# --- the walker -------------------------------------------------------------------------------------------------------


def walked(site: FakeSite, names: Iterator[str], clients: list[str], *, works: bool = False) -> tuple[int, int]:
    """Walk the address book from `clients` in turn; return how many were let in, and how many puzzles that took."""
    let_in = worked = 0
    for number, typed in enumerate(names):
        client = clients[number % len(clients)]
        try:
            if works:
                worked += enter(site, typed, client)
            else:
                look_up(site, typed, client)
        except (ProofWanted, LimitReached):
            continue
        let_in += 1
    return let_in, worked


def test_a_script_that_walks_the_address_book_from_one_address_is_let_in_nineteen_times() -> None:
    site = make_fake_site()
    assert walked(site, map(name, range(1000)), [WALKER]) == (19, 0)


def test_a_script_that_walks_it_from_fifty_addresses_is_let_in_as_often_as_the_site_has_room() -> None:
    site = make_fake_site()
    fifty = [f"198.51.100.{number}" for number in range(50)]
    assert walked(site, map(name, range(3000)), fifty) == (300, 0)


def test_a_script_that_works_pays_for_each_address_and_is_stopped_for_the_day() -> None:
    site = make_fake_site()
    assert walked(site, map(name, range(1000)), [WALKER], works=True) == (500, 481)
    with pytest.raises(LimitReached) as reached:
        enter(site, AN, WALKER)
    assert (reached.value.limit, reached.value.retry_after) == (Limit.ADDRESSES_PER_CLIENT_A_DAY, 24 * 3600)


def test_a_walk_holds_up_nobody_at_another_address() -> None:
    site = make_fake_site()
    typing(site, 200, WALKER)
    assert not enter(site, AN, OFFICE)


def test_a_walk_that_the_whole_site_feels_costs_an_official_some_work_and_no_refusal() -> None:
    site = make_fake_site()
    for number in range(300):
        look_up(site, f"ai-do-{number}", f"198.51.100.{number % 50}")
    assert enter(site, AN, OFFICE)


# --- what is counted --------------------------------------------------------------------------------------------------


def test_every_spelling_of_an_address_counts_as_one() -> None:
    site = make_fake_site(aliases={"old.gov.vn": "soctrang.gov.vn"})
    typing(site, 18)
    for typed in ("an.tran", " AN.Tran@soctrang.gov.vn ", "an.tran@old.gov.vn", "ａｎ.tran@soctrang.gov.vn."):
        look_up(site, typed)
    proof_wanted(site, BINH)


@pytest.mark.parametrize("typed", [AN, UNKNOWN, LOCKED, PHONELESS])
def test_what_counts_is_what_was_typed_and_not_whether_it_was_found(typed: str) -> None:
    site = make_fake_site()
    typing(site, 18)
    look_up(site, typed)
    proof_wanted(site, "mot-nguoi-nua")


def test_what_cannot_be_an_address_counts_nothing() -> None:
    site = make_fake_site()
    for number in range(60):
        with pytest.raises(AddressRefused) as refused:
            look_up(site, f"ai-do-{number}@gmail.com")
        assert refused.value.problem is AddressProblem.FOREIGN_DOMAIN
    assert not enter(site, AN)


def test_the_fiftieth_address_without_proof_is_a_refusal_that_says_when_it_ends() -> None:
    site = make_fake_site()
    typing(site, 30)
    site.clock.pass_by(120)
    for number in range(30, 49):
        assert proof_wanted(site, f"ai-do-{number}").retry_after == 0
    refused = proof_wanted(site, AN)
    assert (refused.retry_after, refused.ticket) == (480, "")
    site.clock.pass_by(480)
    assert proof_wanted(site, AN).retry_after == 0


def test_a_harder_puzzle_is_asked_for_where_waiting_opens_nothing_any_more() -> None:
    site = make_fake_site()
    typing(site, 20)
    easy = site.puzzles.made[solution(proof_wanted(site, AN).puzzle)][1]
    typing(site, 60)
    hard = site.puzzles.made[solution(proof_wanted(site, AN).puzzle)][1]
    assert 300 <= easy < 600 <= hard < 1200
