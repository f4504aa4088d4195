"""What Dovecot's SQL passdb sees of the clock: a first password whose time is over opens nothing, by the second."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, make_url, text

from recovery_site.adapters.database import schema
from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.database.transaction import transactions
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.bootstrap import Services
from recovery_site.domain.activation import Activation, ActivationRules, AskedBy, Asking
from recovery_site.domain.people import NewAccount
from recovery_site.domain.secret import Secret
from recovery_site.ports import Transactions
from tests import postgres
from tests.conftest import MakeSite, cheap_hasher
from tests.fakes import ACCOUNTS, AN, BINH, LOCKED, OLD_PASSWORD, FakeClock
from tests.limits import limits_of
from tests.sealing import sealing

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def begin(engine: Engine) -> Transactions:
    now = datetime.now(UTC)
    accounts = [NewAccount(ACCOUNTS[address], Secret(OLD_PASSWORD)) for address in (AN, BINH, LOCKED)]
    EmbeddedDirectory(engine, cheap_hasher()).put(accounts, now)
    return transactions(engine, FakeClock(now), limits_of(), sealing())


def handed_out(begin: Transactions, ends_in: timedelta, address: str = AN, **changed: object) -> None:
    """Write down a first password whose time is over in so much of the machine's own time."""
    rules = ActivationRules()
    made = Activation.begin(
        Asking(AskedBy.TELEPHONE, caller="Văn phòng"), rules, datetime.now(UTC) + ends_in - rules.lifetime,
        activation_id=f"ends-in-{ends_in.total_seconds()}", address=address, reference=f"{ends_in.total_seconds()}",
        key_id="k", actor="operator",
    )  # fmt: skip
    with begin() as tx:
        tx.activations.add(replace(made, **changed))  # type: ignore[arg-type]  # fields by name


def shown(engine: Engine) -> set[str]:
    with engine.begin() as connection:
        return set(connection.scalars(text("SELECT username FROM dovecot_passdb")))


def test_accounts_without_a_clock_are_shown(begin: Transactions, engine: Engine) -> None:
    assert begin
    assert shown(engine) == {AN, BINH}


@pytest.mark.parametrize("left", [MINUTE, 6 * 60 * MINUTE, 400 * DAY])
def test_an_account_whose_clock_runs_is_shown(begin: Transactions, engine: Engine, left: timedelta) -> None:
    handed_out(begin, left)
    assert shown(engine) == {AN, BINH}


@pytest.mark.parametrize("over", [timedelta(seconds=1), MINUTE, 23 * 60 * MINUTE, 400 * DAY])
def test_an_overdue_account_is_not_shown_though_nothing_has_run_since(
    begin: Transactions, engine: Engine, over: timedelta
) -> None:
    handed_out(begin, -over)
    assert shown(engine) == {BINH}


@pytest.mark.parametrize("ended", ["changed_at", "replaced_at"])
def test_a_clock_that_was_stopped_hides_nobody(begin: Transactions, engine: Engine, ended: str) -> None:
    handed_out(begin, -DAY, **{ended: datetime.now(UTC) - 2 * DAY})
    assert shown(engine) == {AN, BINH}


def test_an_old_clock_that_was_stopped_does_not_hide_a_new_one_s_end(begin: Transactions, engine: Engine) -> None:
    handed_out(begin, -DAY, replaced_at=datetime.now(UTC) - 2 * DAY)
    handed_out(begin, -MINUTE)
    assert shown(engine) == {BINH}


def test_a_new_clock_that_runs_shows_an_account_again(begin: Transactions, engine: Engine) -> None:
    handed_out(begin, -DAY, replaced_at=datetime.now(UTC))
    handed_out(begin, MINUTE)
    assert shown(engine) == {AN, BINH}


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "America/Los_Angeles"])
def test_a_reader_in_another_time_zone_sees_the_same(
    migrated_postgresql_url: str, zone: str, begin_on_postgresql: Transactions
) -> None:
    handed_out(begin_on_postgresql, -MINUTE)
    handed_out(begin_on_postgresql, MINUTE, BINH)
    reader = open_engine(migrated_postgresql_url)
    with reader.begin() as connection:
        connection.execute(text(f"SET TIME ZONE '{zone}'"))
        assert set(connection.scalars(text("SELECT username FROM dovecot_passdb"))) == {BINH}
    reader.dispose()


@pytest.fixture
def begin_on_postgresql(migrated_postgresql_url: str) -> Iterator[Transactions]:
    opened = open_engine(migrated_postgresql_url)
    now = datetime.now(UTC)
    accounts = [NewAccount(ACCOUNTS[address], Secret(OLD_PASSWORD)) for address in (AN, BINH)]
    EmbeddedDirectory(opened, cheap_hasher()).put(accounts, now)
    yield transactions(opened, FakeClock(now), limits_of(), sealing())
    opened.dispose()


# --- as the site writes it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ago", "is_shown"), [(timedelta(hours=6), False), (timedelta(hours=5, minutes=58), True)])
def test_what_the_site_hands_out_is_hidden_after_six_hours_of_the_machine_s_time(
    make_site: MakeSite, ago: timedelta, is_shown: bool
) -> None:
    site: Services = make_site(clock=FakeClock(datetime.now(UTC) - ago))
    site.provision.grant_again(AN, "operator", Asking(AskedBy.TELEPHONE, caller="Văn phòng"))
    assert (AN in shown(site.engine)) is is_shown
    assert BINH in shown(site.engine)


# --- upgraded ---------------------------------------------------------------------------------------------------------


def test_dovecot_keeps_its_right_to_read_when_the_view_is_made_anew(postgres_server: postgres.Server) -> None:
    name = postgres_server.create()
    owner = open_engine(postgres_server.url(name))
    schema.upgrade(owner, "0002")
    with owner.begin() as connection:
        connection.execute(text("CREATE ROLE upgraded_reader LOGIN; GRANT SELECT ON dovecot_passdb TO upgraded_reader"))
    schema.upgrade(owner)
    reader = open_engine(make_url(postgres_server.url(name)).set(username="upgraded_reader").render_as_string())
    try:
        assert shown(reader) == set()
    finally:
        reader.dispose()
        with owner.begin() as connection:
            connection.execute(text("DROP OWNED BY upgraded_reader; DROP ROLE upgraded_reader"))
        owner.dispose()
        postgres_server.drop(name)
