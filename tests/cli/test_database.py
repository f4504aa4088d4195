"""`db upgrade`: the key and the tables, made once and left alone afterwards."""

import stat
from pathlib import Path

from sqlalchemy import inspect, select

from recovery_site.adapters.database.engine import open_engine
from recovery_site.adapters.database.tables import metadata
from recovery_site.settings import Settings
from tests.cli.conftest import Run
from tests.conftest import MakeSettings


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_upgrade_makes_the_keys_and_the_tables_and_says_so(
    run: Run, make_settings: MakeSettings, database_url: str, tmp_path: Path
) -> None:
    keys = [tmp_path / "keys" / "new", tmp_path / "keys" / "old"]
    make_settings(database_url, site__secret_key_file=[str(key) for key in keys])
    result = run("db", "upgrade")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        *(f"{key}: made a new key, mode 600" for key in keys),
        "database: brought to the schema of this version",
    ]
    assert [mode_of(key) for key in keys] == [0o600, 0o600]
    engine = open_engine(database_url)
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_no_account_and_no_session_comes_with_the_site(run: Run, new_site: Settings) -> None:
    """OWASP ASVS 5.0 6.3.2."""
    assert run("db", "upgrade").exit_code == 0
    engine = open_engine(new_site.database.url)
    with engine.begin() as connection:
        rows = {name: connection.execute(select(table)).all() for name, table in metadata.tables.items()}
    engine.dispose()
    assert len(rows) > 5
    assert {name for name, found in rows.items() if found} == set()


def test_a_second_upgrade_keeps_the_key_and_changes_nothing(run: Run, new_site: Settings) -> None:
    key = new_site.site.key_files[0]
    run("db", "upgrade")
    before = key.read_bytes()
    result = run("db", "upgrade")
    assert result.stdout.splitlines() == [
        f"{key}: the key is there",
        "database: the schema is that of this version",
    ]
    assert key.read_bytes() == before


def test_the_files_of_sqlite_are_for_their_owner_alone(run: Run, make_settings: MakeSettings, tmp_path: Path) -> None:
    path = tmp_path / "data" / "recovery.db"
    make_settings(f"sqlite:///{path}")
    assert run("db", "upgrade").exit_code == 0
    assert (mode_of(path), mode_of(path.parent)) == (0o600, 0o700)


def test_a_database_of_a_newer_version_is_one_sentence(run: Run, new_site: Settings) -> None:
    run("db", "upgrade")
    engine = open_engine(new_site.database.url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    result = run("db", "upgrade")
    assert result.exit_code == 1
    assert result.stderr.startswith("database: has the schema of another version")


def test_a_folder_that_cannot_be_made_is_one_sentence(run: Run, make_settings: MakeSettings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    make_settings(f"sqlite:///{tmp_path}/recovery.db", site__secret_key_file=str(tmp_path / "file" / "key"))
    result = run("db", "upgrade")
    assert result.exit_code == 1
    assert result.stderr == f"{tmp_path}/file: File exists\n"
