"""The people of a group mailbox: up to five and never one, and what ends with one who leaves."""

import pytest

from recovery_site.domain.audit import EventKind
from recovery_site.domain.people import AccountKind, Phone, read_number
from recovery_site.domain.recovery import Step
from recovery_site.flow.members import AlreadyMember, GroupFull, GroupTooSmall, Members, NoSuchMember, NotAGroup
from recovery_site.flow.outcomes import Changed, NoRecovery
from recovery_site.ports import DirectoryUnavailable, UnknownAccount
from tests.fake_site import FakeSite, make_fake_site
from tests.fakes import AN, GROUP, UNKNOWN
from tests.flow.handing_out import OPERATOR, events
from tests.flow.story import CLIENT, begin, messages_of, recovery_of, submit

FIRST, SECOND = "Thành viên 1", "Thành viên 2"
NEWCOMER = Phone(read_number("0981234567"), "Phạm Chi")


@pytest.fixture
def site() -> FakeSite:
    return make_fake_site()


def members(site: FakeSite) -> Members:
    return Members(site.transactions, site.directory, site.under_way, site.clock, "4+3")


def of_three(site: FakeSite) -> FakeSite:
    members(site).add(GROUP, NEWCOMER, OPERATOR)
    return site


def names(site: FakeSite) -> list[str]:
    return [phone.holder for phone in members(site).list(GROUP).phones]


def code_to(site: FakeSite, place: int) -> tuple[str, str]:
    """Ask for a code to the member at this place, and read the telephone."""
    browser = begin(site, GROUP)
    site.recover.confirm(browser, site.recover.choices(recovery_of(site, browser))[place].phone, CLIENT)
    return browser, site.gateway.last_code()


def test_a_new_member_gets_codes_like_the_others_and_is_written_down_masked(site: FakeSite) -> None:
    of_three(site)
    assert names(site) == [FIRST, SECOND, "Phạm Chi"]
    browser, code = code_to(site, 2)
    assert site.gateway.accepted[-1][0] == NEWCOMER.number
    assert isinstance(submit(site, browser, code), Changed)
    event = events(site, GROUP)[0]
    assert (event.kind, event.actor, event.detail) == (EventKind.MEMBER_ADDED, OPERATOR, "0981XXX567")


def test_there_is_never_a_sixth(site: FakeSite) -> None:
    for n in range(3):
        members(site).add(GROUP, Phone(read_number(f"098123450{n}"), f"Người {n}"), OPERATOR)
    with pytest.raises(GroupFull):
        members(site).add(GROUP, NEWCOMER, OPERATOR)
    assert len(names(site)) == 5
    assert len(events(site, GROUP)) == 3


@pytest.mark.parametrize(("number", "name"), [("0833111222", "Ai đó"), ("0981234567", "thành  VIÊN 1")])
def test_nobody_is_a_member_twice(site: FakeSite, number: str, name: str) -> None:
    with pytest.raises(AlreadyMember):
        members(site).add(GROUP, Phone(read_number(number), name), OPERATOR)


@pytest.mark.parametrize("who", [SECOND, "thành viên 2", "0833111333", "0833 111 333", "0833XXX333"])
def test_a_member_leaves_by_name_number_or_masked_number(site: FakeSite, who: str) -> None:
    of_three(site)
    assert members(site).remove(GROUP, who, OPERATOR).number.local == "0833111333"
    assert names(site) == [FIRST, "Phạm Chi"]
    event = events(site, GROUP)[-1]
    assert (event.kind, event.actor, event.detail) == (EventKind.MEMBER_REMOVED, OPERATOR, "0833XXX333")


def test_two_stay_at_least(site: FakeSite) -> None:
    with pytest.raises(GroupTooSmall):
        members(site).remove(GROUP, FIRST, OPERATOR)
    assert names(site) == [FIRST, SECOND]


def test_who_is_meant_must_be_clear(site: FakeSite) -> None:
    members(site).add(GROUP, Phone(read_number("0833999222"), "Ai đó"), OPERATOR)
    site.directory.set_phones(GROUP, [*members(site).list(GROUP).phones, Phone(read_number("0981234567"), FIRST)])
    for who, found in ((FIRST, 2), ("Nobody", 0), ("", 0)):
        with pytest.raises(NoSuchMember) as error:
            members(site).remove(GROUP, who, OPERATOR)
        assert error.value.found == found


def test_only_groups_have_members(site: FakeSite) -> None:
    assert site.directory.accounts[AN].kind is AccountKind.PERSONAL
    with pytest.raises(NotAGroup):
        members(site).add(AN, NEWCOMER, OPERATOR)
    with pytest.raises(UnknownAccount):
        members(site).list(UNKNOWN)


def test_the_recovery_and_the_code_of_one_who_leaves_end_and_the_others_go_on(site: FakeSite) -> None:
    of_three(site)
    leaver, code = code_to(site, 1)
    stayer, other_code = code_to(site, 0)
    members(site).remove(GROUP, SECOND, OPERATOR)
    assert recovery_of(site, leaver).step is Step.ABANDONED
    with pytest.raises(NoRecovery):
        submit(site, leaver, code)
    assert isinstance(submit(site, stayer, other_code), Changed)


def test_an_sms_of_one_who_leaves_that_still_waits_is_taken_back(site: FakeSite) -> None:
    of_three(site)
    site.gateway.fault = "status 500"
    browser = begin(site, GROUP)
    site.recover.confirm(browser, site.recover.choices(recovery_of(site, browser))[1].phone, CLIENT)
    members(site).remove(GROUP, SECOND, OPERATOR)
    assert [message.state for message in messages_of(site)] == ["expired"]
    site.gateway.fault = ""
    site.clock.pass_by(minutes=5)
    site.deliver_all()
    assert site.gateway.accepted == []


def test_a_directory_that_does_not_answer_leaves_everything_as_it_was(site: FakeSite) -> None:
    of_three(site)
    browser, code = code_to(site, 1)
    site.directory.down = True
    with pytest.raises(DirectoryUnavailable):
        members(site).remove(GROUP, SECOND, OPERATOR)
    site.directory.down = False
    assert len(names(site)) == 3
    assert isinstance(submit(site, browser, code), Changed)
