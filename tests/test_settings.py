"""Settings: everything that is wrong is told at once, by name, and no value is ever shown."""

from pathlib import Path

import pytest

from recovery_site.settings import CONFIG_NAME, Settings, SettingsRefused, load

MINIMUM = '[site]\nprovince = "Tỉnh Sóc Trăng"\nmail_domains = ["soctrang.gov.vn"]\n'
CANARY = "canary-value"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "recovery.toml"
    path.write_text(MINIMUM, "utf-8")
    monkeypatch.setenv(CONFIG_NAME, str(path))
    return path


def loaded(config: Path, more: str = "", base: str = MINIMUM) -> Settings:
    config.write_text(base + more, "utf-8")
    return load()


def problems(config: Path, more: str = "", base: str = MINIMUM) -> list[str]:
    with pytest.raises(SettingsRefused) as refused:
        loaded(config, more, base)
    told = f"{refused.value!s} {refused.value!r} {refused.value.__cause__!s}"
    assert CANARY not in told
    return refused.value.problems


def test_the_smallest_file_gives_the_documented_defaults(config: Path) -> None:
    settings = loaded(config)
    assert settings.database.url == "sqlite:///data/recovery.db"
    assert (settings.code.digits, settings.code.lifetime_seconds, settings.code.attempts) == (6, 600, 5)
    assert settings.code.resend_after_seconds == 60
    assert (settings.password.min_length, settings.password.max_length, settings.password.min_score) == (8, 128, 2)
    assert settings.disclosure.mask == "4+3"
    assert settings.limits.sends_per_account == "3/10 minutes"
    assert settings.site.key_files == [Path("data/secret_key")]


def test_without_any_settings_the_missing_section_is_named() -> None:
    with pytest.raises(SettingsRefused) as refused:
        load()
    assert any(problem.startswith("site") for problem in refused.value.problems)


def test_everything_that_is_wrong_is_told_at_once_by_name(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOVERY_SIET__PROVINCE", CANARY)
    monkeypatch.setenv("RECOVERY_CODE__DIGITS", CANARY)
    told = problems(
        config,
        f'''
        [code]
        lifetime_seconds = 601
        colour = "{CANARY}"
        [database]
        uri = "{CANARY}"
        [disclosure]
        mask = "{CANARY}"
        [limits]
        sends_per_phone = "{CANARY}"
        [smtp]
        host = "{CANARY}"
        [sms.gateway.main]
        kind = "http"
        url = "{CANARY}"
        json = {{ text = "{{text}}" }}
        ''',
    )
    for key in (
        "RECOVERY_SIET__PROVINCE", "code.digits", "code.lifetime_seconds", "code.colour", "database.uri",
        "disclosure.mask", "limits.sends_per_phone", "smtp", "sms.gateway.main",
    ):  # fmt: skip
        assert any(problem.startswith(key) for problem in told), f"{key} is not among {told}"
    assert len(told) == 9


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("[code]\nlifetime_seconds = 601", "code.lifetime_seconds"),
        ("[code]\nlifetime_seconds = 0", "code.lifetime_seconds"),
        ("[code]\ndigits = 5", "code.digits"),
        ("[code]\nattempts = 6", "code.attempts"),
        ("[code]\nattempts = 0", "code.attempts"),
        ("[code]\nresend_after_seconds = -1", "code.resend_after_seconds"),
        ("[password]\nmin_length = 7", "password.min_length"),
        ("[password]\nmin_length = 65", "password.min_length"),
        ("[password]\nmax_length = 63", "password.max_length"),
        ("[password]\nmin_score = 5", "password.min_score"),
        ('[disclosure]\nmask = "5+3"', "disclosure.mask"),
        ('[disclosure]\nmode = "secret"', "disclosure.mode"),
        ('[limits]\nsends_per_account = "often"', "limits.sends_per_account"),
        ('[limits]\nsends_per_account = "5/day; 1/minute"', "limits.sends_per_account"),
        ('[limits]\nsends_per_account = ""', "limits.sends_per_account"),
        ('[limits]\nstorage = "memcached://canary-value"', "limits.storage"),
        ('[limits]\nstorage = "redis://"', "limits.storage"),
        ("[sms]\ngateways = []", "sms.gateways"),
        ('[sms]\ngateways = ["second"]', "sms"),
        ('[sms]\ndispatcher = "canary-value"', "sms.dispatcher"),
        ('[sms.gateway.main]\nkind = "canary-value"', "sms.gateway.main"),
        ('[sms.gateway.main]\nkind = "http"\nurl = "ftp://x"\nxml = "x"', "sms.gateway.main"),
        ('[sms.gateway.main]\nkind = "http"\nurl = "http://x"', "sms.gateway.main"),
        ('[sms.gateway.main]\nkind = "http"\nurl = "http://x"\nxml = "x"\nform = { a = "b" }', "sms.gateway.main"),
        ('[sms.gateway.main]\nkind = "http"\nurl = "http://x"\nmethod = "GET"\nxml = "x"', "sms.gateway.main"),
        ('[sms.gateway.main]\nkind = "http"\nurl = "http://x"\nxml = "x"\ntimeout_seconds = 31', "sms.gateway.main"),
        ("[retention]\nrecoveries_days = 0", "retention.recoveries_days"),
        ("[retention]\naudit_days = 0", "retention.audit_days"),
        ('[directory]\nkind = "canary-value"', "directory.kind"),
    ],
)
def test_a_value_out_of_its_bounds_is_refused(config: Path, more: str, key: str) -> None:
    told = problems(config, more)
    assert len(told) == 1
    assert told[0].startswith(key)


@pytest.mark.parametrize(
    "line",
    [
        'base_url = "quenmatkhau.soctrang.gov.vn"',
        'base_url = "https://a.vn/path"',
        'base_url = "https://"',
        'base_url = "javascript:alert(1)"',
        'login_url = "javascript:alert(1)"',
        'login_url = "mail.soctrang.gov.vn"',
        'domain_aliases = { "old.gov.vn" = "elsewhere.gov.vn" }',
        'domain_aliases = { "OLD" = "soctrang.gov.vn" }',
        "trusted_proxies = -1",
        "secret_key_file = []",
    ],
)
def test_a_site_that_could_not_work_is_refused(config: Path, line: str) -> None:
    assert len(problems(config, line + "\n")) == 1


def test_short_times_are_allowed_for_rehearsals(config: Path) -> None:
    settings = loaded(config, "[code]\nlifetime_seconds = 3\nresend_after_seconds = 1\n")
    assert (settings.code.lifetime_seconds, settings.code.resend_after_seconds) == (3, 1)


# --- the environment --------------------------------------------------------------------------------------------------


def test_the_environment_wins_over_the_file_key_by_key(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOVERY_CODE__ATTEMPTS", "3")
    settings = loaded(config, "[code]\nattempts = 4\nresend_after_seconds = 30\n")
    assert (settings.code.attempts, settings.code.resend_after_seconds) == (3, 30)


def test_lists_and_tables_in_the_environment_are_json(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOVERY_SITE__MAIL_DOMAINS", '["a.gov.vn", "b.gov.vn"]')
    monkeypatch.setenv("RECOVERY_SITE__DOMAIN_ALIASES", '{"old.gov.vn": "a.gov.vn"}')
    settings = loaded(config)
    assert settings.site.mail_domains == ["a.gov.vn", "b.gov.vn"]
    assert settings.site.domain_aliases == {"old.gov.vn": "a.gov.vn"}


@pytest.mark.parametrize("text", [CANARY, '["a.gov.vn"', "{", ""])
def test_a_list_that_is_not_json_is_told_by_name(config: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("RECOVERY_SITE__MAIL_DOMAINS", text)
    monkeypatch.setenv("RECOVERY_CODE__DIGITS", CANARY)
    told = problems(config)
    assert {problem.split(":")[0] for problem in told} == {"site.mail_domains", "code.digits"}


@pytest.mark.parametrize("name", ["RECOVERY_SIET__PROVINCE", "RECOVERY_DEBUG", "RECOVERY_CODE_DIGITS", "RECOVERY_"])
def test_an_unknown_name_in_the_environment_is_refused(
    config: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, CANARY)
    assert problems(config) == [f"{name}: no such setting"]


def test_an_unknown_key_of_a_known_section_is_refused(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOVERY_CODE__COLOUR", CANARY)
    assert [problem.split(":")[0] for problem in problems(config)] == ["code.colour"]


def test_other_programs_names_are_left_alone(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH_RECOVERY_X", "1")
    monkeypatch.setenv("SITE", "x")
    assert loaded(config)


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_secret_can_come_from_a_file_named_in_the_file_or_the_environment(
    config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://x:secret@db/recovery\n")
    assert loaded(config, f'[database]\nurl_file = "{secret}"\n').database.url == "postgresql://x:secret@db/recovery"
    monkeypatch.setenv("RECOVERY_DATABASE__URL_FILE", str(secret))
    assert loaded(config).database.url == "postgresql://x:secret@db/recovery"


def test_a_header_can_come_from_a_file(config: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("Bearer abc\n")
    settings = loaded(
        config,
        f'[sms.gateway.main]\nkind = "http"\nurl = "https://x"\nxml = "x"\n'
        f'headers = {{ Authorization_file = "{tmp_path}/token", X-A = "b" }}\n',
    )
    gateway = settings.sms.gateway["main"]
    assert gateway.kind == "http"
    assert gateway.headers == {"Authorization": "Bearer abc", "X-A": "b"}
    assert "abc" not in repr(settings)


def test_a_value_and_its_file_together_are_refused(config: Path, tmp_path: Path) -> None:
    (tmp_path / "url").write_text(CANARY)
    told = problems(config, f'[database]\nurl = "{CANARY}"\nurl_file = "{tmp_path}/url"\n')
    assert told == ["database: url and url_file are both set; keep one"]


def test_a_file_that_is_not_there_is_told_by_its_key(config: Path, tmp_path: Path) -> None:
    assert problems(config, f'[database]\nurl_file = "{tmp_path}/none"\n') == [
        "database: url_file: the file cannot be read"
    ]


def test_a_configuration_that_is_not_there_or_not_toml_is_told(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert any("not valid TOML (at line 1" in problem for problem in problems(config, base=f"[site\n{CANARY}"))
    config.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsRefused, match="not valid TOML"):
        load()
    monkeypatch.setenv(CONFIG_NAME, str(tmp_path / "none.toml"))
    with pytest.raises(SettingsRefused, match=r"cannot be read \(No such file or directory\)"):
        load()


def test_no_secret_shows_in_the_repr_of_the_settings(config: Path) -> None:
    settings = loaded(
        config,
        f'[database]\nurl = "postgresql://x:{CANARY}@db/x"\n[sms.gateway.main]\nkind = "http"\nurl = "https://x/?k={CANARY}"\n'
        f'headers = {{ A = "{CANARY}" }}\njson = {{ k = "{CANARY}" }}\n',
    )
    assert CANARY not in repr(settings)
    assert CANARY not in str(settings)
