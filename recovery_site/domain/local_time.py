"""The province's time."""

from datetime import datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))
"""Asia/Ho_Chi_Minh; there has been no summer time since 1975."""


def written(moment: datetime) -> str:
    """Return a moment as operators read it, to the second."""
    return f"{moment.astimezone(VIETNAM):%Y-%m-%d %H:%M:%S} Asia/Ho_Chi_Minh"
