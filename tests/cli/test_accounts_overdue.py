"""What the help desk reads of an account whose first password was not changed in time."""

from datetime import timedelta

import pytest

from recovery_site.adapters.system import SystemClock
from recovery_site.domain.activation import AskedBy, Asking
from recovery_site.domain.people import Account, Phone, read_number
from recovery_site.flow.provision import Grant
from tests.cli.conftest import Run
from tests.conftest import MakeSite
from tests.fakes import FakeClock

NEW = "ban-giao@soctrang.gov.vn"


@pytest.mark.parametrize("swept", [False, True], ids=["not swept", "swept"])
def test_the_true_reason_is_shown_though_nothing_has_locked_the_account_yet(
    run: Run, make_site: MakeSite, swept: bool
) -> None:
    clock = FakeClock(SystemClock().now() - timedelta(hours=7))
    site = make_site(clock=clock)
    account = Account(NEW, "Thạch Thị Ngọc", phones=(Phone(read_number("0369258147")),))
    site.provision.grant(Grant(account, Asking(AskedBy.TELEPHONE, caller="Sở Tư pháp")), "quan.tri")
    if swept:
        clock.pass_by(hours=7)
        site.upkeep.sweep()
    shown = run("accounts", "show", NEW).stdout
    assert "its first password was not changed in time" in shown
    assert ("the account is locked" in shown) is False
    assert "0369258147" not in shown
