"""What programs look for at addresses that are the same on every site (RFC 8615)."""

import re
from datetime import timedelta
from urllib.parse import quote

from flask import Blueprint, Response, abort, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from recovery_site.flow.change import NotSignedIn
from recovery_site.settings import Settings
from recovery_site.web.browser import browser_id, services

pages = Blueprint("well_known", __name__, url_prefix="/.well-known")

_GOOD_FOR = timedelta(days=90)
"""RFC 9116 section 2.5.5 asks for less than a year; the settings are read anew with every answer."""


@pages.get("/security.txt")
def security_txt() -> Response:
    """Whom to tell of a weakness (RFC 9116); 404 where the settings name nobody, for a file without one is no file."""
    ways = _ways_to_reach(services().settings)
    if not ways:
        abort(404)
    ends = (services().clock.now() + _GOOD_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    site = services().settings.site
    lines = [f"Contact: {way}" for way in ways]
    lines += [f"Expires: {ends:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: vi, en"]
    if site.is_https:  # the RFC knows no other addresses
        lines.append(f"Canonical: https://{site.host}{url_for('well_known.security_txt')}")
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@pages.get("/change-password")
def change_password() -> AnyResponse:
    """Lead password managers to the form that helps this browser (W3C, A Well-Known URL for Changing Passwords)."""
    try:
        services().change.account(browser_id())
    except NotSignedIn:
        return redirect(url_for("recovery.start"), 303)
    return redirect(url_for("account.change"), 303)


def _ways_to_reach(settings: Settings) -> list[str]:
    contact = settings.site.contact
    mail = f"mailto:{quote(contact.email, safe='@+')}" if contact.email else ""
    return [way for way in (mail, _telephone(contact.phone)) if way]


def _telephone(written: str) -> str:
    """Return a telephone number as an address (RFC 3966), '' where nothing is written that could be dialled."""
    first = re.split("[,;/]", written)[0]
    digits = re.sub("[^0-9+]", "", first)
    if digits.startswith("0"):
        return f"tel:+84{digits[1:]}"
    if digits.startswith("+") or not digits:
        return f"tel:{digits}" if digits else ""
    return f"tel:{digits};phone-context=+84"  # a service number such as 1900…, which is dialled within the country only
