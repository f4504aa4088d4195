"""The site with `limits.storage` in a real Redis: the same limits, and honest pages when it stops."""

import io
from collections.abc import Iterator

import pytest

from tests.fakes import AN, BINH, GOOD_PASSWORD, OLD_PASSWORD
from tests.peers import redis
from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite
from tests.web.website import Website

FAULT = "Hệ thống gặp lỗi"


@pytest.fixture
def counting() -> Iterator[redis.RunningRedis]:
    with redis.running() as server:
        yield server


@pytest.fixture
def website(make_website: MakeWebsite, counting: redis.RunningRedis) -> Website:
    return make_website(limits__storage=counting.url, limits__sends_per_account="2/10 minutes")


def test_the_limits_hold_and_no_table_of_the_database_counts(
    website: Website, browser: CheckingClient, counting: redis.RunningRedis
) -> None:
    browser.begin_with_code()
    for status in (200, 429):
        website.clock.pass_by(60)
        browser.submit("Gửi lại", status=status)
    assert website.codes_received() == 2
    assert counting.client.dbsize() > 0
    assert website.rows()["limit_counters"] == website.rows()["limit_members"] == []


def test_what_redis_keeps_names_nobody_and_ends_by_itself(
    website: Website, browser: CheckingClient, counting: redis.RunningRedis
) -> None:
    browser.recover()
    kept = counting.client
    for name in kept.scan_iter():
        kind = kept.type(name)
        content = kept.hgetall(name) if kind == b"hash" else kept.zrange(name, 0, -1) if kind == b"zset" else b""
        told = repr((name, content))
        assert not [word for word in (AN, *website.numbers) if word in told], told
        assert 0 < kept.ttl(name) <= 24 * 3600


def test_a_finished_recovery_gives_its_address_back(browser: CheckingClient, counting: redis.RunningRedis) -> None:
    browser.recover()
    assert not [name for name in counting.client.scan_iter() if counting.client.type(name) == b"zset"]


@pytest.mark.parametrize("typed", [AN, "khong-co", "bi-khoa"])
def test_without_redis_no_address_is_looked_up_and_nothing_is_sent(
    website: Website, browser: CheckingClient, counting: redis.RunningRedis, typed: str
) -> None:
    counting.end()
    page = browser.begin(typed, status=500)
    assert page.heading == FAULT
    assert website.sms_count() == 0


def test_a_press_without_redis_sends_nothing(
    website: Website, browser: CheckingClient, counting: redis.RunningRedis
) -> None:
    browser.begin()
    counting.end()
    assert browser.submit("Lấy mã xác nhận", status=500).heading == FAULT
    assert website.sms_count() == 0


def test_the_last_step_without_redis_changes_nothing_and_costs_no_try(
    website: Website, browser: CheckingClient, counting: redis.RunningRedis
) -> None:
    code = browser.begin_with_code()
    counting.end()
    assert browser.type_code(code, status=500).heading == FAULT
    assert website.opens(AN, OLD_PASSWORD)
    assert [row["attempts_left"] for row in website.rows()["recoveries"]] == [5]


def test_a_password_that_was_changed_is_told_though_redis_stops_at_that_moment(
    website: Website, browser: CheckingClient, counting: redis.RunningRedis, log: io.StringIO
) -> None:
    code = browser.begin_with_code()
    website.directory.before_change = counting.end
    assert browser.type_code(code).heading == "Thành công!"
    assert website.opens(AN, GOOD_PASSWORD)
    assert "password_not_changed" not in log.getvalue()
    assert "sms_not_counted" in log.getvalue()
    assert "limits_not_settled" in log.getvalue()


def test_two_nodes_count_together(
    make_website: MakeWebsite, counting: redis.RunningRedis, browser: CheckingClient
) -> None:
    other = make_website(limits__storage=counting.url, limits__sends_per_account="2/10 minutes")
    browser.begin_with_code(BINH)
    browser.website.clock.pass_by(60)
    browser.submit("Gửi lại")
    elsewhere = CheckingClient(other)
    elsewhere.begin(BINH)
    assert elsewhere.submit("Lấy mã xác nhận", status=429).errors
    assert other.codes_received() == 0
