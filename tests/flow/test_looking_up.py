"""How long it takes to look an account up tells nothing about it."""

import contextlib
from datetime import timedelta

import pytest

from recovery_site.domain.people import Account
from recovery_site.flow.under_way import LOOK_UP, NoUsableAccount
from tests.fake_site import FakeSite
from tests.fakes import AN, LOCKED, PHONELESS, UNKNOWN


@pytest.mark.parametrize("milliseconds", [0.3, 7, 19.9, 20, 33])
@pytest.mark.parametrize("address", [AN, UNKNOWN, LOCKED, PHONELESS])
def test_it_takes_a_whole_number_of_the_same_time(
    site: FakeSite, monkeypatch: pytest.MonkeyPatch, address: str, milliseconds: float
) -> None:
    find = site.directory.find

    def slowly(wanted: str) -> Account | None:
        site.clock.pass_by(milliseconds / 1000)
        return find(wanted)

    monkeypatch.setattr(site.directory, "find", slowly)
    began = site.clock.now()
    with contextlib.suppress(NoUsableAccount):
        site.recover.begin(address, None)
    taken = site.clock.now() - began
    assert taken >= timedelta(milliseconds=milliseconds)
    assert taken % LOOK_UP == timedelta(0)
    assert taken - timedelta(milliseconds=milliseconds) < LOOK_UP
