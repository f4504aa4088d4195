"""The record outside of the site: one line for each event, whatever stands in it."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_site.domain.audit import (
    MAX_ACTOR,
    MAX_ADDRESS,
    MAX_CLIENT,
    MAX_DETAIL,
    MAX_REFERENCE,
    MOST_OF_KIND,
    MOST_OF_SUBJECT,
    OF_STRANGERS,
    OWNER,
    SYSTEM,
    Event,
    EventKind,
    as_kept,
    overflow,
    said_of_overflow,
)
from recovery_site.domain.audit_words import WORDS, as_json, as_syslog, mask_address
from recovery_site.domain.local_time import VIETNAM
from recovery_site.ports.requester import coarse_network
from tests.fakes import AN, NOON

EVIL = [
    "a\nb", "a\r\nb", "\x1b[2J\x1b]0;x\x07", "\x9b31m", "\x7f", "\u2028", "\u202e", "\x00", "\ud800", '","actor":"root',
    "5 <13>1 - - - - - - x", "<13>1 2026-03-02T12:00:00Z host app - - - x", "]", '\\"', "%n%s",
]  # fmt: skip
anything = st.one_of(st.sampled_from(EVIL), st.text(max_size=30), st.text(st.characters(codec=None), max_size=10))
events = st.builds(Event, st.just(NOON), st.sampled_from(EventKind), *[anything] * 5)
SYSLOG = re.compile(
    r"<(\d{1,3})>1 2026-03-02T\d\d:\d\d:\d\d\.\d{6}Z ([!-~]+) recovery-site - ([a-z_]{1,32}) - (\{.*\})"
)


@given(events)
def test_an_event_is_one_line_of_printable_ascii_that_reads_back(event: Event) -> None:
    line = as_json(7, event, "~id", whole=True)
    assert re.fullmatch("[ -~]+", line)
    read = json.loads(line)
    assert (read["actor"], read["subject"], read["detail"]) == (event.actor, event.address, event.detail)
    assert read["position"] == 7


@given(events, anything)
def test_a_message_of_syslog_has_its_shape_whatever_stands_in_it(event: Event, host: str) -> None:
    message = as_syslog(7, event, "~id", host=host, whole=True)
    assert re.fullmatch("[ -~]+", message)
    found = SYSLOG.fullmatch(message)
    assert found
    assert int(found[1]) // 8 == 13
    assert found[3] == event.kind
    assert json.loads(found[4])["actor"] == event.actor


GRANTED_AT_NOON = Event(
    datetime(2026, 3, 2, 12, 0, tzinfo=VIETNAM), EventKind.GRANTED, AN, OWNER, "chị Hoa", "K7F3-QX2M", "203.0.113.0/24"
)


@pytest.fixture
def _clock_of_the_server_is_the_province_s(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "ICT-7")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_clock_of_the_server_is_the_province_s")
def test_a_line_of_json_has_these_fields_and_its_time_in_utc() -> None:
    assert json.loads(as_json(7, GRANTED_AT_NOON, "~id")) == {
        "datetime": "2026-03-02T05:00:00.000000+00:00",
        "appid": "recovery-site",
        "event": "user_created",
        "level": "WARN",
        "kind": "granted",
        "position": 7,
        "result": "success",
        "actor": OWNER,
        "subject": "a***n@soctrang.gov.vn",
        "subject_id": "~id",
        "client": "203.0.113.0/24",
        "reference": "K7F3-QX2M",
        "detail": "",
        "stranger": False,
    }


@pytest.mark.parametrize("kind", sorted(OF_STRANGERS))
def test_what_strangers_can_cause_is_marked(kind: EventKind) -> None:
    assert json.loads(as_json(7, replace(GRANTED_AT_NOON, kind=kind), ""))["stranger"] is True


@pytest.mark.usefixtures("_clock_of_the_server_is_the_province_s")
def test_a_message_of_syslog_has_its_time_in_utc_and_the_line_of_json() -> None:
    message = as_syslog(7, GRANTED_AT_NOON, "~id", host="mail-1.vn")
    line = as_json(7, GRANTED_AT_NOON, "~id")
    assert message == f"<108>1 2026-03-02T05:00:00.000000Z mail-1.vn recovery-site - granted - {line}"
    message = as_syslog(7, GRANTED_AT_NOON, "~id", host="mail-1.vn", whole=True)
    assert message.endswith(f" - {as_json(7, GRANTED_AT_NOON, '~id', whole=True)}")


@pytest.mark.parametrize(
    ("host", "sent"),
    [("", "-"), ("máy chủ", "mych"), ("!mail~\n", "!mail~"), ("h" * 255, "h" * 255), ("h" * 256, "h" * 255)],
)
def test_a_host_s_name_in_syslog_is_printable_ascii_of_at_most_255_signs(host: str, sent: str) -> None:
    assert as_syslog(1, GRANTED_AT_NOON, "", host=host).split(" ")[2] == sent


@given(events)
def test_what_is_kept_obeys_nobody_and_fits(event: Event) -> None:
    kept = as_kept(event)
    for text in (kept.address, kept.actor, kept.detail, kept.reference, kept.client):
        assert text.isprintable()
    assert as_kept(kept) == kept


def test_what_is_too_long_is_cut() -> None:
    kept = as_kept(Event(NOON, EventKind.GRANTED, AN, "a" * 999, "d" * 999))
    assert (len(kept.actor), len(kept.detail)) == (MAX_ACTOR, MAX_DETAIL)


def test_every_kind_has_a_name_of_the_vocabulary() -> None:
    assert set(WORDS) == set(EventKind)
    assert all(re.fullmatch("(authn|authz|user|session|sensitive|privilege|excess|sys)_[a-z_]+", one.name)
               for one in WORDS.values())  # fmt: skip


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (AN, "a***n@soctrang.gov.vn"), ("ab@x.vn", "a***@x.vn"), ("a@x.vn", "a***@x.vn"), ("", ""),
        ("~5f3a", "~5f3a"), ("no address", "***"), ("abc@x.vn", "a***c@x.vn"), ("a@b@x.vn", "a***b@x.vn"),
    ],
)  # fmt: skip
def test_a_subject_is_masked(address: str, shown: str) -> None:
    assert mask_address(address) == shown


@pytest.mark.parametrize("kind", [EventKind.GRANTED, EventKind.RENAMED])
def test_names_in_a_detail_leave_the_site_only_on_request(kind: EventKind) -> None:
    event = Event(NOON, kind, AN, OWNER, "chị Hoa")
    assert "Hoa" not in as_json(1, event, "")
    assert AN not in as_json(1, event, "")
    assert "Hoa" in as_json(1, event, "", whole=True)


@pytest.mark.parametrize(
    ("client", "kept"),
    [
        ("203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("unknown", ""), ("", ""), ("1.2.3.4\nx", ""),
    ],
)  # fmt: skip
def test_a_client_is_kept_as_its_network(client: str, kept: str) -> None:
    assert coarse_network(client) == kept


def test_every_field_is_cut_to_what_the_tables_hold() -> None:
    kept = as_kept(Event(NOON, EventKind.GRANTED, "a" * 999, "", "", "r" * 999, "c" * 999))
    assert (len(kept.address), len(kept.reference), len(kept.client)) == (MAX_ADDRESS, MAX_REFERENCE, MAX_CLIENT)


@pytest.mark.parametrize(
    ("of_subject", "of_kind", "too_many"),
    [
        (0, 0, False),
        (MOST_OF_SUBJECT - 1, MOST_OF_KIND - 1, False),
        (MOST_OF_SUBJECT, 0, True),
        (0, MOST_OF_KIND, True),
    ],
)
def test_strangers_fill_the_record_only_so_far_and_the_site_s_own_events_are_all_written(
    of_subject: int, of_kind: int, *, too_many: bool
) -> None:
    stranger = replace(GRANTED_AT_NOON, kind=sorted(OF_STRANGERS)[0])
    assert overflow(stranger, of_subject, of_kind) is too_many
    assert overflow(GRANTED_AT_NOON, of_subject, of_kind) is False


def test_the_last_event_of_a_kind_is_followed_by_one_that_says_so() -> None:
    stranger = replace(GRANTED_AT_NOON, kind=sorted(OF_STRANGERS)[0])
    said = Event(stranger.at, EventKind.NOT_ALL_WRITTEN, "", SYSTEM, stranger.kind)
    assert said_of_overflow(stranger, MOST_OF_KIND - 1) == said
    assert said_of_overflow(stranger, MOST_OF_KIND - 2) is None
    assert said_of_overflow(stranger, MOST_OF_KIND) is None
    assert said_of_overflow(GRANTED_AT_NOON, MOST_OF_KIND - 1) is None
