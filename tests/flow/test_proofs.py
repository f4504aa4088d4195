"""Proofs: each opens one door, once, for the one who was asked for it, and not for long."""

import pytest

from recovery_site.domain.keys import KeyRing
from recovery_site.flow.proofs import ProofWanted, Visitor
from recovery_site.ports import Limit, LimitReached
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN, BINH, solution
from tests.flow.test_door import OFFICE, WALKER, look_up, proof_wanted, typing


@pytest.fixture
def site() -> FakeSite:
    """A site where the next address from the office needs a proof."""
    made = make_fake_site()
    typing(made, 19)
    typing(made, 19, WALKER)
    return made


def test_an_answer_opens_the_door_once(site: FakeSite) -> None:
    answer = solution(proof_wanted(site, AN).puzzle)
    look_up(site, AN, answer=answer)
    proof_wanted(site, AN, answer=answer)
    proof_wanted(site, BINH, answer=answer)


def test_an_answer_is_of_no_use_at_another_address_or_in_another_session(site: FakeSite) -> None:
    answer = solution(proof_wanted(site, AN).puzzle)
    proof_wanted(site, AN, WALKER, answer=answer)
    with pytest.raises(ProofWanted):
        site.door.look_up(AN, Visitor(OFFICE, "another session", answer))
    look_up(site, AN, answer=answer)


def test_an_answer_is_good_for_five_minutes(site: FakeSite) -> None:
    in_time, too_late = (solution(proof_wanted(site, AN).puzzle) for _ in range(2))
    site.clock.pass_by(299)
    look_up(site, AN, answer=in_time)
    site.clock.pass_by(1)
    proof_wanted(site, AN, answer=too_late)


@pytest.mark.parametrize("answer", ["", "puzzle 0", "elzzup", "a" * 10_000])
def test_what_is_no_answer_is_asked_again(site: FakeSite, answer: str) -> None:
    proof_wanted(site, AN, answer=answer)


def test_a_ticket_opens_the_door_after_thirty_seconds_once(site: FakeSite) -> None:
    wanted = proof_wanted(site, AN)
    assert (wanted.wait, wanted.early) == (30, False)
    site.clock.pass_by(29)
    early = proof_wanted(site, AN, ticket=wanted.ticket)
    assert (early.wait, early.early, early.ticket) == (1, True, wanted.ticket)
    site.clock.pass_by(1)
    look_up(site, AN, ticket=wanted.ticket)
    again = proof_wanted(site, AN, ticket=wanted.ticket)
    assert (again.wait, again.early) == (30, False)


def test_a_ticket_is_of_no_use_to_anybody_else_nor_forged_nor_after_its_time(site: FakeSite) -> None:
    ticket = proof_wanted(site, AN).ticket
    name, opens_at, ends_at, signature = ticket.split(".")
    sooner = f"{name}.{int(opens_at) - 30}.{ends_at}.{signature}"
    for forged in (sooner, f"x{ticket}", ticket[:-1], "...", "....", ".é", "a.b.c.d"):
        assert proof_wanted(site, AN, ticket=forged).wait == 30
    site.clock.pass_by(30)
    proof_wanted(site, AN, WALKER, ticket=ticket)
    site.clock.pass_by(300)
    proof_wanted(site, AN, ticket=ticket)


def test_a_ticket_of_another_key_is_none(site: FakeSite) -> None:
    ticket = proof_wanted(site, AN).ticket
    other = make_fake_site(keys=KeyRing((b"another key, of at least 32 bytes",)), over=site)
    site.clock.pass_by(30)
    proof_wanted(other, AN, ticket=ticket)


def test_sixty_waits_in_ten_minutes_are_all_that_the_site_grants() -> None:
    site = make_fake_site(limits={Limit.WAITS_OF_SITE: "1/10 minutes"})
    typing(site, 19)
    first, second = (proof_wanted(site, typed).ticket for typed in (AN, BINH))
    site.clock.pass_by(30)
    look_up(site, AN, ticket=first)
    with pytest.raises(LimitReached) as reached:
        look_up(site, BINH, ticket=second)
    assert (reached.value.limit, reached.value.retry_after) == (Limit.WAITS_OF_SITE, 600)


def test_a_proof_that_is_not_needed_is_kept(site: FakeSite) -> None:
    answer = solution(proof_wanted(site, AN).puzzle)
    look_up(site, AN, "192.0.2.200", answer=answer)
    look_up(site, AN, answer=answer)
