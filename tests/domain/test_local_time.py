"""The province's time, as operators read it."""

from datetime import UTC, datetime

from recovery_site.domain.local_time import written


def test_a_moment_is_written_to_the_second_in_the_province_s_time_and_says_so() -> None:
    late = datetime(2026, 12, 31, 17, 0, 5, tzinfo=UTC)
    assert written(late) == "2027-01-01 00:00:05 Asia/Ho_Chi_Minh"
