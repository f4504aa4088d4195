"""Real threads against real databases: what must happen once happens once."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.bootstrap import Services, start_dispatchers
from recovery_site.domain.messages import MessageState
from recovery_site.domain.people import Account, NewAccount, Phone, read_number
from recovery_site.domain.recovery import Recovery
from recovery_site.domain.secret import Secret
from recovery_site.flow.outcomes import (
    BeingChanged,
    Changed,
    CodeGone,
    NoRecovery,
    Outcome,
    Submission,
    TooEarly,
    WrongCode,
)
from recovery_site.ports import Directory, LimitReached
from tests.conftest import MakeSite, cheap_hasher
from tests.fakes import AN, GOOD_PASSWORD, FakeGateway
from tests.flow.story import CLIENT, wrong


class CountingDirectory:
    """The embedded directory, which remembers how often a password was really set."""

    def __init__(self, embedded: EmbeddedDirectory) -> None:
        self.embedded = embedded
        self.changes: list[str] = []
        self.find = embedded.find
        self.check_password = embedded.check_password
        self.check = embedded.check

    def set_password(self, address: str, password: Secret, now: object) -> None:
        self.changes.append(password.reveal())
        self.embedded.set_password(address, password, now)


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def counting() -> list[CountingDirectory]:
    return []


@pytest.fixture
def racing_site(make_site: MakeSite, gateway: FakeGateway, counting: list[CountingDirectory]) -> Services:
    def wrap(embedded: EmbeddedDirectory) -> Directory:
        counting.append(CountingDirectory(embedded))
        return counting[0]

    return make_site(directory=wrap, gateways={"main": gateway})


def at_once(count: int, act: Callable[[int], object]) -> list[object]:
    """Run `act(0)` … `act(count - 1)` in threads that start together; return what each returned or raised."""
    gate = threading.Barrier(count)

    def run(number: int) -> object:
        gate.wait()
        try:
            return act(number)
        except Exception as error:  # noqa: BLE001 -- the test looks at what each one raised
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def begin_with_code(site: Services, gateway: FakeGateway, typed: str = AN) -> tuple[str, str]:
    browser = site.recover.begin(typed, None)
    asked = len(gateway.accepted)
    send = threading.Thread(target=site.recover.confirm, args=(browser, "", CLIENT))
    send.start()
    while len(gateway.accepted) == asked:
        site.deliver.send_next()
    send.join()
    return browser, gateway.last_code()


def submit(site: Services, browser: str, code: str) -> Outcome:
    return site.reset.submit(browser, Submission(code, GOOD_PASSWORD, GOOD_PASSWORD))


def recovery_of(site: Services, browser: str) -> Recovery:
    found = site.under_way.current(browser)
    assert found is not None
    return found


def kinds(outcomes: list[object]) -> dict[str, int]:
    return dict(Counter(type(one).__name__ for one in outcomes))


def test_thirty_wrong_codes_at_once_are_counted_to_exactly_five(racing_site: Services, gateway: FakeGateway) -> None:
    browser, code = begin_with_code(racing_site, gateway)
    outcomes = at_once(30, lambda _: submit(racing_site, browser, wrong(code)))
    assert kinds(outcomes) == {WrongCode.__name__: 5, CodeGone.__name__: 25}
    assert sorted(one.attempts_left for one in outcomes if isinstance(one, WrongCode)) == [0, 1, 2, 3, 4]
    assert isinstance(submit(racing_site, browser, code), CodeGone)


def test_ten_right_codes_at_once_make_one_change_and_everybody_hears_of_it(
    racing_site: Services, gateway: FakeGateway, counting: list[CountingDirectory]
) -> None:
    browser, code = begin_with_code(racing_site, gateway)
    outcomes = at_once(10, lambda _: submit(racing_site, browser, code))
    # on a machine that is starved the change may outlast the wait of the others: they are told that it is under way
    assert set(kinds(outcomes)) <= {Changed.__name__, BeingChanged.__name__}
    assert counting[0].changes == [GOOD_PASSWORD]
    renewed = [one.browser for one in outcomes if isinstance(one, Changed) and one.browser]
    assert len(renewed) == 1
    assert racing_site.directory.check_password(AN, Secret(GOOD_PASSWORD))


def test_ten_right_and_twenty_wrong_codes_at_once_change_at_most_once(
    racing_site: Services, gateway: FakeGateway, counting: list[CountingDirectory]
) -> None:
    browser, code = begin_with_code(racing_site, gateway)
    outcomes = at_once(30, lambda n: submit(racing_site, browser, code if n % 3 == 0 else wrong(code)))
    assert not [one for one in outcomes if isinstance(one, Exception)]
    assert len(counting[0].changes) <= 1
    assert sum(isinstance(one, WrongCode) for one in outcomes) <= 5


def test_ten_sends_at_once_send_one_sms(racing_site: Services, gateway: FakeGateway) -> None:
    browser = racing_site.recover.begin(AN, None)
    stop = start_dispatchers(racing_site)
    try:
        outcomes = at_once(10, lambda _: racing_site.recover.confirm(browser, "", CLIENT))
    finally:
        stop()
    assert kinds(outcomes) == {"NoneType": 1, TooEarly.__name__: 9}
    assert len(gateway.accepted) == 1


def test_sends_from_ten_browsers_at_once_stay_within_the_account_s_limit(
    racing_site: Services, gateway: FakeGateway
) -> None:
    browsers = [racing_site.recover.begin(AN, None) for _ in range(10)]
    stop = start_dispatchers(racing_site)
    try:
        outcomes = at_once(10, lambda n: racing_site.recover.confirm(browsers[n], "", f"192.0.2.{n}"))
    finally:
        stop()
    assert kinds(outcomes) == {"NoneType": 3, LimitReached.__name__: 7}
    assert len(gateway.accepted) == 3


def test_two_recoveries_of_one_account_with_both_right_codes_at_once_change_once(
    racing_site: Services, gateway: FakeGateway, counting: list[CountingDirectory]
) -> None:
    both = [begin_with_code(racing_site, gateway) for _ in range(2)]
    outcomes = at_once(2, lambda n: submit(racing_site, *both[n]))
    assert sum(isinstance(one, Changed) for one in outcomes) == 1
    assert set(kinds(outcomes)) <= {Changed.__name__, NoRecovery.__name__, BeingChanged.__name__}
    assert counting[0].changes == [GOOD_PASSWORD]


def test_one_address_typed_in_one_browser_by_eight_tabs_at_once_leaves_one_to_go_on_with(
    racing_site: Services, gateway: FakeGateway
) -> None:
    browser, code = begin_with_code(racing_site, gateway)
    outcomes = at_once(8, lambda _: racing_site.recover.begin(AN, browser))
    assert kinds(outcomes) == {"str": 8}
    held = [found for one in outcomes if (found := racing_site.under_way.current(str(one)))]
    assert [one.sends for one in held].count(1) == 1
    [owner] = [str(one) for one in outcomes if recovery_of(racing_site, str(one)).sends == 1]
    assert isinstance(submit(racing_site, owner, code), Changed)


def test_eight_dispatchers_send_forty_messages_once_each(racing_site: Services, gateway: FakeGateway) -> None:
    addresses = [f"nguoi-{number:02}@soctrang.gov.vn" for number in range(40)]
    people = [
        NewAccount(Account(address, phones=(Phone(read_number(f"09123456{number:02}")),)))
        for number, address in enumerate(addresses)
    ]
    EmbeddedDirectory(racing_site.engine, cheap_hasher()).put(people, racing_site.clock.now())
    browsers = [racing_site.recover.begin(address, None) for address in addresses]
    # no dispatcher runs yet: eight of the pages wait their second, the others do not
    at_once(40, lambda n: racing_site.recover.confirm(browsers[n], "", CLIENT))

    def dispatch(_: int) -> int:
        sent = 0
        while racing_site.deliver.send_next():
            sent += 1
        return sent

    shares = at_once(8, dispatch)
    assert sum(share for share in shares if isinstance(share, int)) == 40
    assert len({sms.message_id for _, sms in gateway.asked}) == len(gateway.asked) == 40
    assert len({number for number, _ in gateway.accepted}) == 40
    states = {racing_site.recover.status(recovery_of(racing_site, browser)).delivery.state for browser in browsers}
    assert states == {MessageState.SENT}
