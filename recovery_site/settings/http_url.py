"""Addresses in the settings."""

from urllib.parse import urlsplit


def check_http_url(url: str) -> None:
    """Raise `ValueError` where `url` is not one that HTTP can ask."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        raise ValueError("url must start with http:// or https:// and name a host")
