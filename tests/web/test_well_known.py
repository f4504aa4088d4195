"""What programs look for under `/.well-known/`: whom to tell of a weakness, and where a password is changed."""

from datetime import UTC, datetime, timedelta

import pytest

from recovery_site.settings import SettingsRefused
from tests.fakes import NOON
from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite
from tests.web.states import STATES

CONTACT = {"name": "Trung tâm CNTT", "phone": "0299 3821 001", "email": "attt@soctrang.gov.vn"}


def _security_txt(make_website: MakeWebsite, contact: dict[str, str], **changed: object) -> dict[str, list[str]]:
    """Return the fields of the file, each with its values."""
    answer = CheckingClient(make_website(site__contact=contact, **changed)).send("GET", "/.well-known/security.txt")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"  # RFC 9116 section 3
    assert "Set-Cookie" not in answer.headers
    fields: dict[str, list[str]] = {}
    for line in answer.text.splitlines():
        name, _, value = line.partition(": ")
        fields.setdefault(name, []).append(value)
    return fields


def test_security_txt_names_the_contact_of_the_settings(make_website: MakeWebsite) -> None:
    fields = _security_txt(make_website, CONTACT)
    assert fields["Contact"] == ["mailto:attt@soctrang.gov.vn", "tel:+842993821001"]
    assert fields["Preferred-Languages"] == ["vi, en"]
    assert fields["Canonical"] == ["https://quenmatkhau.soctrang.gov.vn/.well-known/security.txt"]


def test_security_txt_is_good_for_less_than_a_year_and_never_out_of_date(make_website: MakeWebsite) -> None:
    [ends] = _security_txt(make_website, CONTACT)["Expires"]
    left = datetime.strptime(ends, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) - NOON
    assert timedelta(days=30) < left < timedelta(days=365)


@pytest.mark.parametrize(
    ("phone", "address"),
    [
        ("+84 299 3821 001", "tel:+842993821001"),
        ("(0299) 3821.001, 0299 3821 002", "tel:+842993821001"),
        ("1900 1234", "tel:19001234;phone-context=+84"),
    ],
)
def test_a_telephone_is_an_address_that_programs_can_dial(make_website: MakeWebsite, phone: str, address: str) -> None:
    assert _security_txt(make_website, {"phone": phone})["Contact"] == [address]


def test_without_tls_there_is_no_canonical_address(make_website: MakeWebsite) -> None:
    assert "Canonical" not in _security_txt(make_website, CONTACT, site__base_url="http://127.0.0.1:8000")


def test_without_a_contact_there_is_no_file(make_website: MakeWebsite) -> None:
    """RFC 9116 section 2.5.3: a file without a contact is none."""
    browser = CheckingClient(make_website(site__contact={"name": "Trung tâm CNTT"}))
    assert browser.send("GET", "/.well-known/security.txt").status_code == 404


def test_an_address_in_the_settings_that_is_none_is_refused(make_website: MakeWebsite) -> None:
    with pytest.raises(SettingsRefused, match="email must be empty or a mail address"):
        make_website(site__contact={"email": "x\nContact: mailto:evil@example.org"})


@pytest.mark.parametrize("state", STATES)
def test_the_way_to_a_new_password_is_the_one_that_this_browser_has(browser: CheckingClient, state: str) -> None:
    STATES[state](browser)
    answer = browser.send("GET", "/.well-known/change-password")
    is_signed_in = state in ("signed in", "first password")
    expected = "/tai-khoan/doi-mat-khau" if is_signed_in else "/quen-mat-khau"
    assert (answer.status_code, answer.location) == (303, expected)


def test_what_is_not_there_is_not_there(browser: CheckingClient) -> None:
    """W3C: a password manager asks for this first, to tell sites that answer 200 to everything."""
    path = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200"
    assert browser.send("GET", path).status_code == 404
