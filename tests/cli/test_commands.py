"""What all commands share: help without settings, exit codes, and sentences instead of tracebacks."""

from pathlib import Path

import pytest

from recovery_site import __version__
from tests.cli.conftest import Run
from tests.conftest import MakeSettings

NEEDS_SETTINGS = [
    ("accounts", "import", "a.csv"),
    ("accounts", "show", "an"),
    ("alarms",),
    ("db", "upgrade"),
    ("dispatch",),
    ("doctor",),
    ("purge",),
    ("serve",),
    ("sweep",),
]


@pytest.mark.parametrize("words", [(), *NEEDS_SETTINGS, ("demo",), ("accounts",), ("db",)])
def test_help_needs_no_settings(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")


def test_the_version_needs_no_settings(run: Run) -> None:
    assert run("--version").stdout == f"recovery-site, version {__version__}\n"


@pytest.mark.parametrize("words", [("fly",), ("accounts", "import"), ("sweep", "--fast"), ("accounts", "show")])
def test_wrong_usage_is_exit_code_two(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert "Usage: " in result.stderr


@pytest.mark.parametrize("words", [words for words in NEEDS_SETTINGS if words != ("doctor",)])
def test_wrong_settings_are_a_sentence_for_each_on_stderr(
    run: Run, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECOVERY_SIET__PROVINCE", "s3cret")
    monkeypatch.setenv("RECOVERY_SITE__PROVINCE", "Tỉnh Sóc Trăng")
    result = run(*words)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "RECOVERY_SIET__PROVINCE: no such setting",
        "site.mail_domains: Field required",
    ]


@pytest.mark.parametrize("words", [("accounts", "show", "an"), ("dispatch",), ("purge",), ("sweep",)])
def test_a_database_without_this_versions_tables_is_one_sentence(
    run: Run, words: tuple[str, ...], make_settings: MakeSettings, database_url: str
) -> None:
    make_settings(database_url)
    result = run(*words)
    assert result.exit_code == 1
    assert "run: recovery-site db upgrade" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_database_that_cannot_be_reached_is_one_sentence_without_its_password(
    run: Run, make_settings: MakeSettings
) -> None:
    make_settings("postgresql://site:s3cret@127.0.0.1:1/recovery")
    result = run("sweep")
    assert result.exit_code == 1
    assert result.stderr.startswith("database: connection failed")
    assert len(result.stderr.splitlines()) == 1
    assert "s3cret" not in result.stderr


def test_a_database_file_that_is_none_is_one_sentence(run: Run, make_settings: MakeSettings, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_text("not a database, however long it is" * 10)
    make_settings(f"sqlite:///{broken}")
    result = run("sweep")
    assert result.exit_code == 1
    assert result.stderr == "database: file is not a database\n"


def test_a_key_file_that_others_may_read_is_one_sentence(
    run: Run, make_settings: MakeSettings, migrated_url: str
) -> None:
    settings = make_settings(migrated_url)
    key = settings.site.key_files[0]
    key.chmod(0o644)
    result = run("sweep")
    assert result.exit_code == 1
    assert result.stderr == f"{key}: others may read it (mode 644); run: chmod 600 {key}\n"
