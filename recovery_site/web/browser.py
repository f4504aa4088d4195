"""The browser's opaque id in the signed cookie: all that a browser ever holds."""

from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network

from flask import current_app, request, session

from recovery_site.bootstrap import Services
from recovery_site.flow.proofs import Visitor

_ID = "id"
_NEWS = "news"
_TOKEN = "csrf_token"
_WHOLE = "#main"
"""How the name ends of what the script puts a whole page into (htmx: `div#main`)."""


class News(StrEnum):
    """What a page tells once about what the one before it did."""

    PASSWORD_CHANGED = "password_changed"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    SESSION_OVER = "session_over"
    SESSION_IDLE = "session_idle"


def services() -> Services:
    """Return the services of the running application."""
    found: Services = current_app.extensions["recovery_site"]
    return found


def browser_id() -> str | None:
    """Return this browser's id, or None where it has none yet."""
    found = session.get(_ID)
    return found if isinstance(found, str) else None


def renew_browser(new_id: str, *, remember: bool = False) -> None:
    """Give this browser a new id and a new form token: an id that somebody planted or kept opens nothing any more."""
    language = session.get("lang")
    session.clear()
    session[_ID] = new_id
    session.permanent = remember
    if language:
        session["lang"] = language


def forget_browser() -> None:
    """Take this browser's id away."""
    session.clear()


def is_remembered() -> bool:
    """Return whether this browser keeps its cookie when it is closed."""
    return session.permanent


def announce(news: News) -> None:
    """Let the next page that tells news tell this, once."""
    session[_NEWS] = news.value


def news() -> News | None:
    """Return what was announced, and forget it; a page that the script only takes a piece out of tells none."""
    if not request.headers.get("HX-Target", _WHOLE).endswith(_WHOLE):
        return None
    found = session.pop(_NEWS, None)
    return News(found) if found in set(News) else None


def visitor() -> Visitor:
    """Return who stands at the door, with the proof or the ticket of the form; the session is named by its token."""
    return Visitor(
        client=client(),
        session=str(session.get(_TOKEN, "")),
        answer=request.form.get("proof", ""),
        ticket=request.form.get("ticket", ""),
    )


def client() -> str:
    """Return the client's network as the trusted proxies tell it: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else str(address)
