"""Settings of the messages: texts, the daily budget, gateways, and the mail server."""

import json
from pathlib import Path

import pytest

from recovery_site.bootstrap.rules import limit_rules, wording
from recovery_site.domain.texts import Texts
from recovery_site.ports import Limit
from tests.test_settings import CANARY, config, loaded, problems

__all__ = ["config"]  # the fixture

HTTP = '[sms.gateway.main]\nkind = "http"\nurl = "https://sms.example.vn"\njson = { to = "{to}", text = "{text}" }\n'
HTTPS_SITE = 'base_url = "https://quenmatkhau.soctrang.gov.vn"\n'
MAIL = '[mail]\nhost = "mail.soctrang.gov.vn"\nsender = "thong-bao@soctrang.gov.vn"\n'
CODE = "Ma {code}, {minutes} phut, {reference}"
CHANGE = "Doi luc {time}, goi {contact}, {reference}"


def texts(**changed: str) -> str:
    return "[sms.texts]\n" + "".join(f"{name} = {json.dumps(text)}\n" for name, text in changed.items())


# --- gateways ---------------------------------------------------------------------------------------------------------


def test_the_console_prints_codes_and_is_refused_where_the_site_is_in_use(config: Path) -> None:
    told = "sms.gateway.main: console prints the codes; https needs a real gateway"
    assert problems(config, HTTPS_SITE) == [told]
    assert problems(config, f'{HTTPS_SITE}[sms.gateway.main]\nkind = "console"\n') == [told]


def test_the_console_may_serve_a_rehearsal_over_http(config: Path) -> None:
    assert loaded(config).sms.gateway["main"].kind == "console"


def test_a_console_that_no_message_goes_to_may_stand_beside_a_real_gateway(config: Path) -> None:
    spare = '[sms.gateway.spare]\nkind = "console"\n'
    assert loaded(config, f"{HTTPS_SITE}{HTTP}{spare}").sms.gateways == ["main"]
    both = f'{HTTPS_SITE}[sms]\ngateways = ["main", "spare"]\n{HTTP}{spare}'
    assert problems(config, both)[0].startswith("sms.gateway.spare: console")


def test_a_gateway_that_is_named_and_has_no_table_is_told(config: Path) -> None:
    told = problems(config, '[sms]\ngateways = ["main", "backup"]\n')
    assert told == ["sms: gateways names backup, which has no table [sms.gateway.backup]"]


@pytest.mark.parametrize("name", ["nhà mạng", "a/b", "a.b", "a,b", "a b", "%2F"])
def test_a_name_that_could_not_stand_in_an_address_is_refused(config: Path, name: str) -> None:
    told = problems(config, f'[sms]\ngateways = ["{name}"]\n[sms.gateway."{name}"]\nkind = "console"\n')
    assert any("the names of gateways may have letters, digits, - and _" in one for one in told)


@pytest.mark.parametrize(("seconds", "fits"), [((20, 25), True), ((20, 26), False), ((30,), True)])
def test_all_time_outs_together_stay_below_the_lease(config: Path, seconds: tuple[int, ...], fits: bool) -> None:
    names = [f"g{number}" for number in range(len(seconds))]
    tables = [
        HTTP.replace("main", name) + f"timeout_seconds = {one}\n" for name, one in zip(names, seconds, strict=True)
    ]
    more = f"[sms]\ngateways = {json.dumps(names)}\n" + "".join(tables)
    if fits:
        assert loaded(config, more).sms.gateways == names
    else:
        assert problems(config, more) == ["sms: the time-outs of all gateways together may not be above 45 seconds"]


# --- texts ------------------------------------------------------------------------------------------------------------


def test_without_a_table_the_texts_are_those_that_come_with_the_site(config: Path) -> None:
    assert wording(loaded(config)).texts == Texts()


def test_the_texts_of_the_settings_are_the_ones_that_are_sent(config: Path) -> None:
    settings = loaded(config, texts(code=CODE, password_changed=CHANGE))
    assert wording(settings).texts == Texts(CODE, CHANGE)


def test_one_text_may_be_changed_alone(config: Path) -> None:
    assert wording(loaded(config, texts(code=CODE))).texts == Texts(code=CODE)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (texts(code="Ma {code}"), "sms.texts.code: must hold {minutes}, {reference}"),
        (texts(code=f"{CODE} {{phone}}"), "sms.texts.code: no such placeholder: phone"),
        (texts(password_changed="Doi roi"), "sms.texts.password_changed: must hold {contact}, {reference}, {time}"),
        (texts(code=f"Mã {CODE}"), "sms.texts.code: write it without diacritics and special signs"),
        (texts(code=CODE + "x" * 140), "sms.texts.code: 178 characters with the longest values; an SMS has 160"),
        (texts(code=""), "sms.texts.code: must hold {code}, {minutes}, {reference}"),
    ],
)
def test_a_text_that_would_fail_later_fails_at_the_start(config: Path, more: str, told: str) -> None:
    [problem] = problems(config, more)
    assert problem.startswith(told)


def test_a_text_that_does_not_exist_is_refused(config: Path) -> None:
    assert problems(config, texts(welcome="Xin chao"))[0].startswith("sms.texts.welcome")


def test_an_origin_bound_host_that_makes_the_sms_two_segments_is_refused(config: Path) -> None:
    for length, fits in ((20, True), (60, False)):
        host = "a" * (length - 3) + ".vn"
        more = f'base_url = "https://{host}:8443"\n[sms]\norigin_bound = true\n{HTTP}'
        if fits:
            assert loaded(config, more).otp_host == host
        else:
            [problem] = problems(config, more)
            assert problem.startswith("sms.texts.code: ")
            assert "the origin-bound line" in problem
    assert loaded(config, f'base_url = "https://a.vn"\n{HTTP}').otp_host == ""


@pytest.mark.parametrize("phone", ["0299 382 1234 – phòng CNTT", "☎ 0299 382 1234", "0" * 80])
def test_a_contact_that_does_not_fit_an_sms_is_refused(config: Path, phone: str) -> None:
    [problem] = problems(config, f'[site.contact]\nphone = "{phone}"\n')
    assert problem.startswith("sms.texts.password_changed: ")
    assert "site.contact.phone" in problem


# --- money ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("budget", [1, 500, 1_000_000])
def test_the_daily_budget_is_a_limit_of_the_whole_site(config: Path, budget: int) -> None:
    settings = loaded(config, f"[sms]\ndaily_budget = {budget}\n")
    assert limit_rules(settings)[Limit.SENDS_OF_SITE] == f"{budget}/day"


@pytest.mark.parametrize("budget", ["0", "-1", "1000001", '"many"', "1.5"])
def test_a_budget_that_is_none_is_refused(config: Path, budget: str) -> None:
    assert problems(config, f"[sms]\ndaily_budget = {budget}\n")[0].startswith("sms.daily_budget")


def test_every_limit_has_its_rule(config: Path) -> None:
    assert set(limit_rules(loaded(config))) == set(Limit)


# --- the mail server --------------------------------------------------------------------------------------------------


def test_without_a_host_there_is_no_mail_server(config: Path) -> None:
    assert loaded(config).mail.host == ""


def test_a_host_and_a_sender_are_enough_and_the_line_is_encrypted(config: Path) -> None:
    mail = loaded(config, MAIL).mail
    assert (mail.port, mail.security, mail.username, mail.timeout_seconds) == (25, "starttls", "", 10)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('[mail]\nhost = "mail.vn"\n', "mail: sender must be a mail address"),
        (MAIL.replace("thong-bao@", ""), "mail: sender must be a mail address"),
        (MAIL.replace("thong-bao@", "x\\r\\nBcc: y@"), "mail: sender must be a mail address"),
        (MAIL.replace("thong-bao@", "Thư công vụ <x@"), "mail: sender must be a mail address"),
        (f'{MAIL}username = "u"\n', "mail: give username and password together"),
        (f'{MAIL}password = "{CANARY}"\n', "mail: give username and password together"),
        (f'{MAIL}security = "none"\nusername = "u"\npassword = "{CANARY}"\n', "mail: username needs security"),
        (f'{MAIL}security = "ssl"\n', "mail.security"),
        (f"{MAIL}port = 0\n", "mail.port"),
        (f"{MAIL}timeout_seconds = 31\n", "mail.timeout_seconds"),
        (f"{MAIL}timeout_seconds = 0\n", "mail.timeout_seconds"),
        (f"{MAIL}verify = false\n", "mail.verify"),
    ],
)
def test_a_mail_server_that_could_not_work_is_refused(config: Path, more: str, told: str) -> None:
    [problem] = problems(config, more)
    assert problem.startswith(told)


def test_the_mail_servers_password_can_come_from_a_file_and_shows_nowhere(config: Path, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{CANARY}\n")
    settings = loaded(config, f'{MAIL}username = "u"\npassword_file = "{tmp_path}/password"\n')
    assert settings.mail.password == CANARY
    assert CANARY not in f"{settings!r} {settings}"
