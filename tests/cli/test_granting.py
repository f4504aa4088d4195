"""`accounts grant` and `accounts grant-again`, as an operator sees them."""

import getpass
import stat
from pathlib import Path

import pytest

from recovery_site.domain.activation import AskedBy
from recovery_site.domain.audit import EventKind
from recovery_site.domain.people import AccountKind
from recovery_site.settings import Settings
from tests.cli.conftest import Run
from tests.cli.granting import AN, PERSON, WRITTEN, events, opened, opens, passwords

TEAM = ("tiep-dan", "--name", "Phòng Tiếp dân", "--unit", "Văn phòng UBND")
MEMBERS = ("--member", "Lê An <0393070122>", "--member", "Lý Bình <0912345678>")


def crowd(size: int) -> list[str]:
    return [word for n in range(size) for word in ("--member", f"Người {n} <083311122{n}>")]


def test_an_account_asked_for_in_writing_is_handed_out_with_a_slip(
    run: Run, ready_site: Settings, tmp_path: Path
) -> None:
    slip = tmp_path / "an.html"
    result = run("accounts", "grant", *PERSON, *WRITTEN, "--slip", slip)
    assert result.exit_code == 0
    first, second = result.stdout.splitlines()
    assert first.startswith(f"{AN}: handed out; its first password has to be changed before ")
    assert second == f"{slip}: print it, hand it over and delete it; the password is shown nowhere else."
    [password] = passwords(slip)
    assert opens(ready_site, AN, password)
    assert password not in result.output
    assert "0393070121" not in result.output
    assert stat.S_IMODE(slip.stat().st_mode) == 0o600
    with opened(ready_site) as services, services.transactions() as tx:
        [activation] = tx.activations.of_account(AN)
    assert (activation.asked_by, activation.document) == (AskedBy.DOCUMENT, "125/CV-VP")
    assert activation.reference in first


def test_an_account_asked_for_by_telephone_goes_by_sms_and_the_terminal_shows_a_masked_number(
    run: Run, ready_site: Settings
) -> None:
    result = run("accounts", "grant", *PERSON, "--caller", "Lê Thị Bình", "--called-at", "02/03/2026 08:05", "--sms")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1] == "The first password goes to 0393XXX121 by SMS."
    assert passwords(result.output) == []
    with opened(ready_site) as services:
        with services.transactions() as tx:
            [activation] = tx.activations.of_account(AN)
            message = tx.messages.claim(services.clock.now(), services.clock.now())
        assert message is not None
        assert (message.kind, message.activation_id) == ("first_password", activation.id)
        assert activation.caller == "Lê Thị Bình"


def test_a_group_of_five_is_handed_out_and_one_of_six_is_refused_by_the_document_s_rule(
    run: Run, ready_site: Settings, tmp_path: Path
) -> None:
    refused = run("accounts", "grant", *TEAM, *crowd(6), *WRITTEN, "--slip", tmp_path / "six.html")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "nhóm đến 5 người" in refused.stderr
    assert refused.stderr.startswith("--member: a group has 2 to 5, here are 6")
    assert not (tmp_path / "six.html").exists()
    done = run("accounts", "grant", *TEAM, *crowd(5), *WRITTEN, "--slip", tmp_path / "five.html")
    assert done.exit_code == 0
    with opened(ready_site) as services:
        account = services.directory.find("tiep-dan@soctrang.gov.vn")
    assert account is not None
    assert (account.kind, len(account.phones)) == (AccountKind.GROUP, 5)


def test_a_group_s_first_password_goes_to_the_member_who_is_its_contact(run: Run, ready_site: Settings) -> None:
    result = run("accounts", "grant", *TEAM, *MEMBERS, "--phone", "0912 345 678", *WRITTEN, "--sms")
    assert result.stdout.splitlines()[1] == "The first password goes to 0912XXX678 by SMS."
    stranger = run("accounts", "grant", *TEAM, *MEMBERS, "--phone", "0833111222", *WRITTEN, "--sms")
    assert stranger.stderr.startswith("--phone: is not the number of one of the members\n")


def test_everything_that_is_wrong_is_said_at_once_by_option(run: Run, ready_site: Settings, tmp_path: Path) -> None:
    slip = tmp_path / "b.html"
    result = run(
        "accounts", "grant", "binh", "--name", "Bình", "--phone", "0299 3821 999", "--document", "1",
        "--document-date", "31/02/2026", "--caller", "Chi", "--slip", slip,
    )  # fmt: skip
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "--phone: number 1 is not a Vietnamese mobile number",
        "--unit: is missing",
        "--document-date: is not a date like 02/03/2026",
        "--caller: give a document or who asked by telephone, not both",
    ]
    assert not slip.exists()


@pytest.mark.parametrize("words", [(), ("--sms", "--slip", "a.html")])
def test_how_the_password_is_handed_over_is_said_once(run: Run, ready_site: Settings, words: tuple[str, ...]) -> None:
    result = run("accounts", "grant", *PERSON, *WRITTEN, *words)
    assert result.exit_code == 2
    assert "Say how the first password is handed over: --slip FILE, or --sms." in result.stderr


def test_a_slip_is_never_written_over_and_nothing_is_handed_out_then(
    run: Run, ready_site: Settings, tmp_path: Path
) -> None:
    slip = tmp_path / "an.html"
    slip.write_text("somebody's only password")
    result = run("accounts", "grant", *PERSON, *WRITTEN, "--slip", slip)
    assert result.exit_code == 1
    assert result.stderr == f"{slip}: is there already, and may hold first passwords; give another name\n"
    assert slip.read_text() == "somebody's only password"
    assert events(ready_site, AN) == []


def test_a_slip_on_standard_output_stands_there_alone(run: Run, ready_site: Settings) -> None:
    result = run("accounts", "grant", *PERSON, *WRITTEN, "--slip", "-")
    assert result.exit_code == 0
    assert result.stdout.startswith("\n<!doctype html>") or result.stdout.startswith("<!doctype html>")
    assert result.stdout.rstrip().endswith("</html>")
    [password] = passwords(result.stdout)
    assert opens(ready_site, AN, password)
    assert f"{AN}: handed out" in result.stderr
    assert password not in result.stderr


def test_the_same_account_twice_is_refused(run: Run, ready_site: Settings, tmp_path: Path) -> None:
    run("accounts", "grant", *PERSON, *WRITTEN, "--slip", tmp_path / "1.html")
    for words in (WRITTEN, ("--caller", "Chi")):
        again = run("accounts", "grant", *PERSON, *words, "--slip", tmp_path / "2.html")
        assert again.exit_code == 1
        assert again.stderr == f"{AN}: it was handed out already, and its first password still waits to be changed\n"
    assert not (tmp_path / "2.html").exists()


def test_a_document_that_asks_for_a_second_account_is_a_warning(run: Run, ready_site: Settings, tmp_path: Path) -> None:
    run("accounts", "grant", *PERSON, *WRITTEN, "--slip", tmp_path / "1.html")
    result = run("accounts", "grant", *TEAM, *MEMBERS, *WRITTEN, "--slip", tmp_path / "2.html")
    assert result.exit_code == 0
    assert f"warning: document 125/CV-VP was used before, for: {AN}\n" in result.stderr


def test_the_record_names_the_operating_system_s_user_or_who_is_named(
    run: Run, ready_site: Settings, tmp_path: Path
) -> None:
    run("accounts", "grant", *PERSON, *WRITTEN, "--slip", tmp_path / "1.html")
    run("accounts", "grant-again", AN, "--slip", tmp_path / "2.html", "--by", "Nguyễn  Nghị")
    assert [(one.kind, one.actor) for one in events(ready_site, AN)] == [
        (EventKind.GRANTED, getpass.getuser()),
        (EventKind.GRANTED_AGAIN, "Nguyễn Nghị"),
    ]
    nobody = run("accounts", "grant-again", AN, "--sms", "--by", " ")
    assert nobody.stderr.startswith("nobody can be named for the record: give --by NAME")


def test_granting_again_gives_a_new_password_and_opens_a_locked_account(
    run: Run, ready_site: Settings, tmp_path: Path
) -> None:
    run("accounts", "grant", *PERSON, *WRITTEN, "--slip", tmp_path / "1.html")
    with opened(ready_site) as services:
        services.adapters.directory.lock(AN)
    result = run("accounts", "grant-again", "an.tran@old.soctrang.gov.vn", "--slip", tmp_path / "2.html")
    assert result.exit_code == 0
    [old], [new] = passwords(tmp_path / "1.html"), passwords(tmp_path / "2.html")
    assert not opens(ready_site, AN, old)
    assert opens(ready_site, AN, new)


def test_granting_again_may_be_asked_for_anew(run: Run, ready_site: Settings, tmp_path: Path) -> None:
    run("accounts", "grant", *PERSON, *WRITTEN, "--slip", tmp_path / "1.html")
    bad = run("accounts", "grant-again", AN, "--document", "9/CV", "--sms")
    assert (bad.exit_code, bad.stderr) == (1, "--document-date: is missing\n")
    assert run("accounts", "grant-again", AN, "--caller", "Trần Văn An", "--sms").exit_code == 0
    with opened(ready_site) as services, services.transactions() as tx:
        assert [one.caller for one in tx.activations.of_account(AN)] == ["Trần Văn An", ""]


def test_nobody_is_granted_again_of_whom_nothing_is_known(run: Run, ready_site: Settings, tmp_path: Path) -> None:
    nobody = run("accounts", "grant-again", "khong-co", "--sms")
    assert nobody.stderr == "khong-co@soctrang.gov.vn: there is no such account\n"
    sheet = tmp_path / "officials.csv"
    sheet.write_text("email,phone,password\nbinh,0912345678,Xuoi-dong-7-nhanh\n")
    run("accounts", "import", sheet)
    never = run("accounts", "grant-again", "binh", "--slip", tmp_path / "b.html")
    assert (never.exit_code, never.stderr) == (
        1,
        "binh@soctrang.gov.vn: nobody has asked for it yet: give --document with --document-date, or --caller\n",
    )
    assert not (tmp_path / "b.html").exists()
    in_use = run("accounts", "grant", "binh", *PERSON[1:], *WRITTEN, "--sms")
    assert in_use.stderr == "binh@soctrang.gov.vn: it is in use, with a password of its own\n"


def test_an_imported_account_without_a_password_gets_the_name_the_unit_and_the_people_of_the_request(
    run: Run, ready_site: Settings, tmp_path: Path
) -> None:
    sheet = tmp_path / "officials.csv"
    sheet.write_text("email,display_name\ntiep-dan,Cũ\n")
    run("accounts", "import", sheet)
    assert run("accounts", "grant", *TEAM, *MEMBERS, *WRITTEN, "--slip", tmp_path / "1.html").exit_code == 0
    with opened(ready_site) as services:
        account = services.directory.find("tiep-dan@soctrang.gov.vn")
    assert account is not None
    assert (account.display_name, account.unit) == ("Phòng Tiếp dân", "Văn phòng UBND")
    assert account.kind is AccountKind.GROUP
    assert [phone.holder for phone in account.phones] == ["Lê An", "Lý Bình"]


def test_the_help_teaches_with_examples(run: Run) -> None:
    told = run("accounts", "grant", "--help").stdout
    assert "recovery-site accounts grant an.tran" in told
    assert "printed" in told or "printer" in told
