"""`privacy export` and `privacy erase`: what a person may ask for, over a real database."""

import json

from recovery_site.bootstrap import Services
from recovery_site.domain.audit import EventKind
from recovery_site.domain.recovery import Step
from recovery_site.flow.sign_in import SignInRefused
from tests.cli.conftest import Run
from tests.cli.test_outbox import CLIENT, finished, rows
from tests.conftest import MakeSite
from tests.fakes import AN, BINH, GOOD_PASSWORD


def lived_in(make_site: MakeSite) -> Services:
    """A site on which An recovered the password, mistyped it, and signed in; Binh has a recovery under way."""
    site = make_site()
    finished(site)
    try:
        site.sign_in.sign_in(AN, "wrong", client=CLIENT, browser=None, remember=False)
    except SignInRefused:
        site.sign_in.sign_in(AN, GOOD_PASSWORD, client=CLIENT, browser=None, remember=False)
    site.recover.begin(BINH, None)
    while site.deliver.send_next():
        pass
    return site


def everything(site: Services) -> str:
    """Return what the tables of the site's own work hold, as text."""
    text = ""
    with site.engine.begin() as connection:
        for table in ("recoveries", "messages", "sessions", "activations", "audit", "limit_counters"):
            text += str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())  # noqa: S608 -- a table's name
    return text


def test_the_export_has_everything_of_the_person_and_nothing_of_others_and_no_secret(
    run: Run, make_site: MakeSite
) -> None:
    lived_in(make_site)
    result = run("privacy", "export", AN.upper(), "--by", "Nghị")
    exported = json.loads(result.stdout)
    kept = exported["kept"]
    assert exported["address"] == AN
    assert {name for name, found in kept.items() if found} == {
        "accounts", "phones", "recoveries", "messages", "sessions", "audit",
    }  # fmt: skip
    kinds = [one["kind"] for one in kept["audit"]]
    assert kinds == [
        "recovery_begun", "code_requested", "password_recovered", "sign_in_refused", "signed_in", "data_exported",
    ]  # fmt: skip
    assert BINH not in result.stdout
    for secret in ("password_hash", "argon2", "seal", "salt", "browser", "key_id"):
        assert secret not in result.stdout


def test_an_erasure_asks_first_and_a_no_changes_nothing(run: Run, make_site: MakeSite) -> None:
    site = lived_in(make_site)
    before = everything(site)
    assert run("privacy", "erase", AN, "--by", "Nghị").exit_code == 1
    assert everything(site) == before


def test_an_erasure_leaves_nothing_of_the_person_and_the_record_whole(run: Run, make_site: MakeSite) -> None:
    site = lived_in(make_site)
    result = run("privacy", "erase", AN, "--by", "Nghị", "--yes")
    assert result.stdout.startswith("Erased: 1 recoveries, 2 messages, 0 first passwords, 1 sessions; 5 events ")
    assert "What stays:\n  the account itself" in result.stdout
    left = everything(site)
    assert AN not in left
    assert "~" not in left
    assert "0393XXX121" not in left
    assert BINH in left
    assert rows(site, "recoveries") == 1
    assert "5 of them lost their personal data" in run("audit", "verify").stdout
    last = json.loads(run("audit", "export").stdout.splitlines()[-1])
    assert (last["kind"], last["actor"], last["subject"]) == (EventKind.DATA_ERASED, "Nghị", "")
    assert site.directory.find(AN) is not None


def test_what_is_under_way_is_left_to_end(run: Run, make_site: MakeSite) -> None:
    site = make_site()
    browser = site.recover.begin(BINH, None)
    site.recover.confirm(browser, "", CLIENT)
    assert run("privacy", "erase", BINH, "--by", "Nghị", "--yes").exit_code == 0
    recovery = site.under_way.current(browser)
    assert recovery is not None
    assert recovery.step is Step.AWAITING_CODE
    assert rows(site, "messages") == 1


def test_an_address_of_nobody_here_is_refused(run: Run, make_site: MakeSite) -> None:
    make_site()
    for command in ("export", "erase"):
        assert run("privacy", command, "x@gmail.com", "--by", "Nghị").exit_code == 1
