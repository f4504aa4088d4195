"""What a recovery leaves behind: the record, the log, the browser's session, and what its page is told."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog
from structlog.testing import capture_logs
from structlog.typing import EventDict

from recovery_site.domain.audit import VISITOR, Event, EventKind
from recovery_site.domain.messages import MessageState
from recovery_site.ports import Limit, LimitReached
from tests.contracts.rows import message
from tests.fake_site import make_fake_site
from tests.fakes import AN, BINH, NOON, OLD_PASSWORD
from tests.flow.story import CLIENT, begin, begin_with_code, get_code, queue_code, recovery_of, the_message


@pytest.fixture(autouse=True)
def _plain_logs() -> Iterator[None]:
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()


def of(event: str, logs: list[EventDict]) -> list[EventDict]:
    return [line for line in logs if line["event"] == event]


# --- the record -------------------------------------------------------------------------------------------------------


def test_the_record_tells_of_a_begin_and_a_code_with_whom_when_and_the_reference() -> None:
    site = make_fake_site()
    browser = begin(site)
    site.clock.pass_by(5)
    get_code(site, browser)
    reference = recovery_of(site, browser).reference
    assert site.transactions.rows.audit == [
        Event(NOON, EventKind.RECOVERY_BEGUN, AN, VISITOR, reference=reference),
        Event(NOON + timedelta(seconds=5), EventKind.CODE_REQUESTED, AN, VISITOR, "0393XXX121", reference),
    ]


def test_the_record_names_the_limit_that_refused_a_code() -> None:
    site = make_fake_site(limits={Limit.SENDS_PER_PHONE: "1/day"})
    begin_with_code(site)
    browser = begin(site)
    with pytest.raises(LimitReached):
        site.recover.confirm(browser, "", CLIENT)
    reference = recovery_of(site, browser).reference
    refused = Event(site.clock.now(), EventKind.LIMIT_REACHED, AN, VISITOR, "sends_per_phone", reference)
    assert site.transactions.rows.audit[-1] == refused


def test_taking_up_again_is_no_second_begin_in_the_record() -> None:
    site = make_fake_site()
    begin(site, AN, begin(site))
    assert [event.kind for event in site.transactions.rows.audit] == [EventKind.RECOVERY_BEGUN]


def test_a_recovery_knows_when_it_began() -> None:
    site = make_fake_site()
    assert recovery_of(site, begin(site)).created_at == NOON


# --- the log ----------------------------------------------------------------------------------------------------------


def test_the_log_tells_of_a_begin_and_whether_it_took_up_an_older_one() -> None:
    site = make_fake_site()
    with capture_logs() as logs:
        browser = begin(site, AN, begin(site))
    line = {"event": "recovery_begun", "log_level": "info", "reference": recovery_of(site, browser).reference}
    assert of("recovery_begun", logs) == [{**line, "resumed": False}, {**line, "resumed": True}]


def test_the_log_tells_of_a_code_with_its_message_and_what_became_of_it() -> None:
    site = make_fake_site()
    browser = begin(site)
    with capture_logs() as logs:
        get_code(site, browser)
    assert of("code_requested", logs) == [
        {
            "event": "code_requested",
            "log_level": "info",
            "reference": recovery_of(site, browser).reference,
            "message": the_message(site).id,
            "ordinal": 1,
            "state": MessageState.SENT,
        }
    ]


# --- the browser ------------------------------------------------------------------------------------------------------


def test_whoever_begins_a_recovery_is_signed_out_of_this_browser_and_of_no_other() -> None:
    site = make_fake_site()
    mine, other = (
        site.sign_in.sign_in(BINH, OLD_PASSWORD, client=CLIENT, browser=None, remember=False) for _ in range(2)
    )
    renewed = begin(site, AN, mine.browser)
    assert site.sign_in.who(mine.browser) is None
    assert site.sign_in.who(renewed) is None
    assert site.sign_in.who(other.browser) is not None


# --- the page ---------------------------------------------------------------------------------------------------------


def test_a_page_shows_as_much_of_a_number_as_the_settings_say() -> None:
    site = make_fake_site(mask="3+2")
    browser = begin(site)
    [choice] = site.recover.choices(recovery_of(site, browser))
    get_code(site, browser)
    assert choice.mask == recovery_of(site, browser).masked_phone == "039XXXXX21"


def test_a_page_is_told_how_long_the_messages_before_its_own_will_take() -> None:
    site = make_fake_site()
    browser, mine = queue_code(site)
    rows = site.transactions.rows.messages
    for number in range(30):
        rows[f"before-{number}"] = message(f"before-{number}", created_at=mine.created_at - timedelta(seconds=10))
    for seconds in range(10):
        at = site.clock.now() - timedelta(seconds=seconds)
        rows[f"gone-{seconds}"] = message(f"gone-{seconds}", state=MessageState.SENT, accepted_at=at)
    assert site.recover.status(recovery_of(site, browser)).delivery.expected == 30  # ten went in nine seconds


def test_a_page_asks_on_while_a_report_of_its_message_may_come() -> None:
    site = make_fake_site()
    site.gateway.reports = True
    browser, _ = begin_with_code(site)
    assert site.recover.status(recovery_of(site, browser)).delivery.may_change
    site.clock.pass_by(minutes=3)
    assert not site.recover.status(recovery_of(site, browser)).delivery.may_change
