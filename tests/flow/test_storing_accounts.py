"""Storing imported accounts: all of them or none, again without a change, on both databases."""

from typing import Any

import pytest
from sqlalchemy import Engine, event

from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.domain.people import Account, Phone, PhoneNumber
from recovery_site.domain.secret import Secret
from recovery_site.flow.import_accounts import RowsRefused
from recovery_site.ports import DirectoryUnavailable
from tests.conftest import cheap_hasher
from tests.fakes import NOON
from tests.flow.importing import AN, MEMBERS, NUMBER, importing, numbers, rows_of

BROKEN = "the connection broke"
GOOD = {"email": "an", "display_name": "An", "phone": NUMBER, "password": "the old one"}
BAD = {"email": "binh", "phone": "113"}
GROUP = {"email": "nhom", "kind": "group", "members": MEMBERS}


@pytest.fixture
def directory(engine: Engine) -> EmbeddedDirectory:
    return EmbeddedDirectory(engine, cheap_hasher())


def test_one_bad_row_keeps_all_rows_out(directory: EmbeddedDirectory) -> None:
    flow = importing(directory)
    with pytest.raises(RowsRefused) as refused:
        flow.store(flow.judge(rows_of(GOOD, BAD)), skip_bad=False)
    assert [row.line for row in refused.value.bad] == [3]
    assert refused.value.read == 2
    assert directory.all() == []


def test_bad_rows_are_left_out_where_that_was_asked_for(directory: EmbeddedDirectory) -> None:
    flow = importing(directory)
    done = flow.store(flow.judge(rows_of(GOOD, BAD)), skip_bad=True)
    assert (done.read, done.changed, done.unchanged, len(done.skipped)) == (2, 1, 0, 1)
    assert [account.address for account in directory.all()] == [AN]


def test_importing_the_same_rows_twice_changes_nothing(directory: EmbeddedDirectory) -> None:
    flow = importing(directory)
    first = flow.store(flow.judge(rows_of(GOOD, GROUP)), skip_bad=False)
    before = directory.all()
    second = flow.store(flow.judge(rows_of(GOOD, GROUP)), skip_bad=False)
    assert (first.changed, second.changed, second.unchanged) == (2, 0, 2)
    assert directory.all() == before
    assert directory.check_password(AN, Secret("the old one"))


def test_a_second_file_changes_what_differs_and_only_that(directory: EmbeddedDirectory) -> None:
    flow = importing(directory)
    flow.store(flow.judge(rows_of(GOOD, GROUP)), skip_bad=False)
    done = flow.store(flow.judge(rows_of({"email": "an", "phone": "0912345678"}, GROUP)), skip_bad=False)
    account = directory.find(AN)
    assert (done.changed, done.unchanged) == (1, 1)
    assert account == Account(
        AN, "An", phones=(Phone(PhoneNumber("+84912345678")),), password_changed_at=account and NOON
    )
    assert directory.check_password(AN, Secret("the old one"))


def test_an_old_file_does_not_bring_back_a_password_that_was_changed_since(directory: EmbeddedDirectory) -> None:
    flow = importing(directory)
    flow.store(flow.judge(rows_of(GOOD)), skip_bad=False)
    directory.set_password(AN, Secret("the new one"), NOON)
    done = flow.store(flow.judge(rows_of(GOOD)), skip_bad=False)
    assert done.changed == 0
    assert directory.check_password(AN, Secret("the new one"))


def test_a_password_is_set_where_the_account_has_none_yet(directory: EmbeddedDirectory) -> None:
    flow = importing(directory)
    flow.store(flow.judge(rows_of({"email": "an"})), skip_bad=False)
    done = flow.store(flow.judge(rows_of({"email": "an", "password": "the first one"})), skip_bad=False)
    assert done.changed == 1
    assert directory.check_password(AN, Secret("the first one"))


def test_a_failure_half_way_leaves_nothing(directory: EmbeddedDirectory, engine: Engine) -> None:
    flow = importing(directory)
    flow.store(flow.judge(rows_of({"email": "an", "display_name": "An"})), skip_bad=False)
    before = directory.all()

    def break_down(*arguments: Any) -> None:
        if arguments[2].startswith("INSERT INTO phones"):
            raise RuntimeError(BROKEN)

    event.listen(engine, "before_cursor_execute", break_down)
    with pytest.raises(RuntimeError, match=BROKEN):
        flow.store(flow.judge(rows_of(GOOD, GROUP)), skip_bad=False)
    assert directory.all() == before


def test_a_password_that_its_owner_sets_while_the_file_is_hashed_stays(directory: EmbeddedDirectory) -> None:
    flow = importing(directory)
    flow.store(flow.judge(rows_of({**GOOD, "password": ""})), skip_bad=False)

    def owner_changes_it(_rows: int) -> None:
        directory.set_password(AN, Secret("the owner's own"), NOON)

    judged = flow.judge(rows_of(GOOD | {"password": "from the file"}))
    done = flow.store(judged, skip_bad=False, progress=owner_changes_it)
    assert done.changed == 0
    assert directory.check_password(AN, Secret("the owner's own"))


def test_progress_is_told_of_every_row(directory: EmbeddedDirectory) -> None:
    told: list[int] = []
    flow = importing(directory)
    flow.store(flow.judge(rows_of(GOOD, GROUP, {"email": "binh"})), skip_bad=False, progress=told.append)
    assert sum(told) == 3


def test_hundreds_of_accounts_are_stored_and_found_unchanged(directory: EmbeddedDirectory) -> None:
    flow = importing(directory)
    rows = rows_of(*({"email": f"nguoi{n}", "phone": f"0{393_000_000 + n}"} for n in range(1203)))
    assert flow.store(flow.judge(rows), skip_bad=False).changed == 1203
    assert flow.store(flow.judge(rows), skip_bad=False).unchanged == 1203
    last = directory.find("nguoi1202@soctrang.gov.vn")
    assert last is not None
    assert numbers(last) == ["0393001202"]


def test_a_database_without_tables_is_a_directory_that_does_not_answer(database_url: str) -> None:
    engine = open_engine(database_url)
    with pytest.raises(DirectoryUnavailable):
        importing(EmbeddedDirectory(engine, cheap_hasher())).judge(rows_of(GOOD))
    engine.dispose()
