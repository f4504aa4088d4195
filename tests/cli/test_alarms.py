"""`recovery-site alarms`: what an operator's monitor sees of the alarms."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from recovery_site.bootstrap import Services
from recovery_site.flow.outcomes import Submission
from recovery_site.flow.proofs import ProofWanted, Visitor
from recovery_site.ports import LimitReached
from tests.cli.conftest import Run
from tests.conftest import MakeSite
from tests.fakes import AN, GOOD_PASSWORD, FakeClock, FakeGateway
from tests.flow.story import wrong

CLIENT = "192.0.2.7"
QUIET = [
    "wrong codes: 0 (alarm above 2 in 10 minutes): off",
    "clients that walk: 0 (addresses above 3 a day): off",
    "SMS: 0 of 5 today (alarm at 80%): off",
]


def site_of(make_site: MakeSite, ago: timedelta = timedelta()) -> Services:
    """A site that is soon alarmed, whose clock is that of the command, or of some time `ago`."""
    return make_site(
        clock=FakeClock(datetime.now(UTC) - ago),
        limits__wrong_codes_of_site="2/10 minutes",
        limits__addresses_per_client_a_day="3/day",
        sms__daily_budget=5,
    )


def guess(site: Services, codes: int) -> None:
    browser = site.recover.begin(AN, None)
    site.recover.confirm(browser, "", CLIENT)
    while site.deliver.send_next():
        pass
    gateway = site.gateways["main"]
    assert isinstance(gateway, FakeGateway)
    code = wrong(gateway.last_code())
    for _ in range(codes):
        site.reset.submit(browser, Submission(code, GOOD_PASSWORD, GOOD_PASSWORD))


def test_a_quiet_site_has_every_alarm_off_and_exit_code_zero(run: Run, make_site: MakeSite) -> None:
    site_of(make_site)
    result = run("alarms")
    assert (result.stdout.splitlines(), result.exit_code) == (QUIET, 0)


def test_as_many_wrong_codes_as_there_may_be_are_shown_and_no_alarm(run: Run, make_site: MakeSite) -> None:
    guess(site_of(make_site), 2)
    result = run("alarms")
    assert result.stdout.splitlines()[0] == "wrong codes: 2 (alarm above 2 in 10 minutes): off"
    assert result.exit_code == 0


def test_while_somebody_guesses_the_exit_code_is_one_and_the_line_says_on(run: Run, make_site: MakeSite) -> None:
    guess(site_of(make_site), 3)
    result = run("alarms")
    assert result.stdout.splitlines()[0] == "wrong codes: 3 (alarm above 2 in 10 minutes): ON"
    assert (result.exit_code, result.stderr) == (1, "1 of 3 alarms are on.\n")


def test_it_is_off_again_when_it_is_calm(run: Run, make_site: MakeSite) -> None:
    guess(site_of(make_site, timedelta(minutes=11)), 3)
    result = run("alarms")
    assert result.stdout.splitlines()[:2] == QUIET[:2]
    assert result.exit_code == 0


def test_a_client_that_walks_through_the_address_book_is_counted(run: Run, make_site: MakeSite) -> None:
    site = site_of(make_site)
    for client, addresses in (("198.51.100.1", 5), ("198.51.100.2", 4), ("198.51.100.3", 3)):
        for number in range(addresses):
            with suppress(ProofWanted, LimitReached):
                site.door.look_up(f"ai-do-{number}", Visitor(client, "session"))
    result = run("alarms")
    assert result.stdout.splitlines()[1] == "clients that walk: 2 (addresses above 3 a day): ON"
    assert result.exit_code == 1


def test_four_fifths_of_the_day_s_sms_are_an_alarm(run: Run, make_site: MakeSite) -> None:
    site = site_of(make_site)
    for used in (3, 4):
        with site.transactions() as tx:
            while site.budget.used(tx) < used:
                site.budget.count(tx)
        result = run("alarms")
        assert result.stdout.splitlines()[2] == f"SMS: {used} of 5 today (alarm at 80%): {'ON' if used == 4 else 'off'}"
        assert result.exit_code == (used == 4)


def test_it_names_nobody(run: Run, make_site: MakeSite) -> None:
    guess(site_of(make_site), 3)
    result = run("alarms")
    assert "@" not in result.output
    assert CLIENT not in result.output
