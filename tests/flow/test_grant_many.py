"""Handing out the accounts of a file: all rows are judged first, and what stops half-way is gone on with."""

from dataclasses import replace

import pytest

from recovery_site.domain.account_rows import THE_RULE
from recovery_site.domain.people import Account, AccountStatus
from recovery_site.flow.grant_many import CANNOT_ADD, GrantMany, Judged, StoppedHandingOut
from recovery_site.flow.provision import Granted
from recovery_site.ports import DirectoryUnavailable
from tests.fake_site import FakeSite
from tests.fakes import AN, GROUP, OLD_PASSWORD, PHONELESS
from tests.flow.handing_out import OPERATOR, change, make_stumbling_site, sign_in, stumbling, unavailable
from tests.flow.importing import rows_of
from tests.flow.story import messages_of

ALIASES = {"old.gov.vn": "soctrang.gov.vn"}


@pytest.fixture
def site() -> FakeSite:
    return make_stumbling_site()


def row(name: str, number: str = "0981234567", **cells: str) -> dict[str, str]:
    asked = {} if "caller" in cells else {"document": "412/STTTT", "document_date": "27/02/2026"}
    return {"email": name, "display_name": f"Người {name}", "unit": "Sở", "phone": number, **asked, **cells}


def six() -> dict[str, str]:
    crowd = "; ".join(f"Người {n} <098123450{n}>" for n in range(6))
    return row("nhom", "", members=crowd)


def flow(site: FakeSite, *, may_add: bool = True) -> GrantMany:
    return GrantMany(
        site.provision, site.directory, site.clock, domains=["soctrang.gov.vn"], aliases=ALIASES, may_add=may_add
    )


def judge(site: FakeSite, *rows: dict[str, str]) -> Judged:
    return flow(site).judge(rows_of(*rows))


def bad(site: FakeSite, *rows: dict[str, str]) -> list[tuple[int, tuple[str, ...]]]:
    return [(one.line, one.reasons) for one in judge(site, *rows).bad]


def hand_out(site: FakeSite, *rows: dict[str, str], by_sms: bool = False) -> list[Granted]:
    handed: list[Granted] = []
    flow(site).hand_out(judge(site, *rows), OPERATOR, by_sms=by_sms, each=handed.append, progress=lambda _: None)
    return handed


def names(handed: list[Granted]) -> list[str]:
    return [one.account.address.partition("@")[0] for one in handed]


def test_every_account_of_the_file_gets_a_first_password_of_its_own(site: FakeSite) -> None:
    handed = hand_out(site, row("a"), row("b"))
    assert names(handed) == ["a", "b"]
    for one in handed:
        assert sign_in(site, one.account.address, one.password.reveal())
    assert handed[0].password != handed[1].password


def test_six_members_in_row_7_of_400_stop_the_file_before_its_first_row(site: FakeSite) -> None:
    rows = [row(f"nguoi{n}") for n in range(400)]
    rows[5] = six()
    judged = judge(site, *rows)
    assert [(one.line, one.reasons) for one in judged.bad] == [
        (7, (f"members: a group has 2 to 5, here are 6 ({THE_RULE})",))
    ]
    assert len(judged.grants) == 399
    assert site.transactions.rows.activations == {}
    assert site.directory.find("nguoi0@soctrang.gov.vn") is None


def test_the_same_person_twice_is_named_by_both_lines_whatever_the_domain(site: FakeSite) -> None:
    reason = ("email: the same address stands in lines 2, 4",)
    assert bad(site, row("a"), row("b"), row("A@old.gov.vn")) == [(2, reason), (4, reason)]


def test_who_was_handed_out_by_another_request_or_uses_the_account_is_named_with_the_reason(site: FakeSite) -> None:
    _, d = hand_out(site, row("a"), row("d"))
    change(site, sign_in(site, d.account.address, d.password.reveal()), d.password.reveal())
    site.directory.accounts[AN] = replace(site.directory.accounts[AN], password_changed_at=site.clock.now())
    site.directory.accounts[GROUP] = Account(GROUP, status=AccountStatus.AMBIGUOUS)
    other = {"document": "413/STTTT"}
    assert bad(site, row("a", **other), row("d", **other), row("an.tran"), row("phong-tiep-dan"), row("e")) == [
        (2, ("email: it was handed out already, and its first password still waits to be changed",)),
        (3, ("email: it is in use, with a password of its own",)),
        (4, ("email: it is in use, with a password of its own",)),
        (5, ("email: several entries of the directory claim this address; leave it to one of them there",)),
    ]


def test_who_let_the_time_run_out_is_told_apart_from_whose_clock_runs(site: FakeSite) -> None:
    hand_out(site, row("a"))
    site.clock.pass_by(hours=6)
    [(_, [reason])] = bad(site, row("a", document="413/STTTT"))
    assert reason == "email: it was handed out already, and is locked: its first password was not changed in time"


def test_a_document_that_is_used_again_is_allowed_and_told(site: FakeSite) -> None:
    hand_out(site, row("a"), row("b"), row("x", document="7/CV"))
    judged = judge(site, row("c"), row("d"), row("e", document="8/CV"), row("f", document="7/CV"))
    assert judged.bad == []
    assert judged.documents == {
        "412/STTTT": ["a@soctrang.gov.vn", "b@soctrang.gov.vn"],
        "7/CV": ["x@soctrang.gov.vn"],
    }
    assert judge(site, row("g", document="9/CV"), row("h", document="9/CV")).documents == {"9/CV": []}


def test_where_the_site_makes_no_accounts_an_unknown_one_is_named_before_anything_happens(site: FakeSite) -> None:
    judged = flow(site, may_add=False).judge(rows_of(row("khong-so"), row("khong-co")))
    assert [(one.line, one.reasons) for one in judged.bad] == [(3, (f"email: {CANNOT_ADD}",))]
    assert [one.account.address for one in judged.grants] == [PHONELESS]


def test_a_directory_that_fails_half_way_leaves_what_was_done_and_the_same_file_goes_on(site: FakeSite) -> None:
    rows = [row(name) for name in "abc"]
    handed: list[Granted] = []

    def fail_at_the_next(one: Granted) -> None:
        handed.append(one)
        stumbling(site).before_password = unavailable

    with pytest.raises(StoppedHandingOut) as stopped:
        flow(site).hand_out(judge(site, *rows), OPERATOR, by_sms=False, each=fail_at_the_next, progress=lambda _: None)
    assert (stopped.value.address, stopped.value.done, stopped.value.wanted) == ("b@soctrang.gov.vn", 1, 3)
    assert isinstance(stopped.value.fault, DirectoryUnavailable)
    assert names(handed) == ["a"]

    judged = judge(site, *rows)
    assert [(line, one.address) for line, one in judged.before] == [(2, "a@soctrang.gov.vn")]
    assert judged.bad == []
    assert names(hand_out(site, *rows)) == ["b", "c"]
    assert sign_in(site, handed[0].account.address, handed[0].password.reveal()), "its first password is still the one"


def test_who_has_changed_the_first_password_of_the_same_request_is_left_alone(site: FakeSite) -> None:
    [a] = hand_out(site, row("a"))
    change(site, sign_in(site, a.account.address, a.password.reveal()), a.password.reveal())
    judged = judge(site, row("a"), row("b"))
    assert ([line for line, _ in judged.before], judged.bad) == ([2], [])
    assert names(hand_out(site, row("a"), row("b"))) == ["b"]


def test_a_telephone_request_whose_moment_was_not_written_down_is_still_the_same_one(site: FakeSite) -> None:
    hand_out(site, row("a", caller="Bình"))
    site.clock.pass_by(minutes=5)
    assert len(judge(site, row("a", caller="Bình")).before) == 1
    assert len(judge(site, row("a", caller="Chi")).bad) == 1


def test_first_passwords_by_sms_go_to_the_contact_of_each(site: FakeSite) -> None:
    members = "Lê An <0981234501>; Lý Bình <0981234502>"
    hand_out(site, row("a", "0981234567"), row("nhom", "0981234502", members=members), by_sms=True)
    site.deliver_all()
    assert [number.local for number, _ in site.gateway.accepted] == ["0981234567", "0981234502"]
    assert len(messages_of(site)) == 2


def test_an_account_without_a_password_is_handed_out_with_the_number_of_the_row(site: FakeSite) -> None:
    [granted] = hand_out(site, row("khong-so", "0981234567"))
    assert granted.account.address == PHONELESS
    assert site.directory.passwords[PHONELESS] not in (OLD_PASSWORD, "")
    found = site.directory.find(PHONELESS)
    assert found is not None
    assert [phone.number.local for phone in found.phones] == ["0981234567"]
