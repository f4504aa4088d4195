"""Where SMS gateways report what became of a message. No person comes here."""

from collections.abc import Mapping

from flask import Blueprint, Response, abort, request

from recovery_site.flow.reports import PATH, UnknownReporter
from recovery_site.web.browser import services

pages = Blueprint("reports", __name__, url_prefix=PATH)


@pages.route("/<gateway>/<token>", methods=["GET", "POST"])
def take(gateway: str, token: str) -> Response:
    """Take a report, in whichever way a gateway gives it: query, form or flat JSON."""
    if request.method == "HEAD":  # Flask answers it with what answers GET; a scanner must change nothing
        abort(405)
    try:
        known = services().reports.take(gateway, token, _fields())
    except UnknownReporter:
        abort(404)
    if not known:
        abort(404)  # perhaps too early: the carrier reports again
    return Response("ok\n", mimetype="text/plain")


def _fields() -> Mapping[str, str]:
    """Return the fields of the call as text; a field that is given twice counts with its first value."""
    fields = {**request.args.to_dict(), **request.form.to_dict()}
    body = _json() if request.is_json else None
    if isinstance(body, dict):
        fields |= {name: str(value) for name, value in body.items() if isinstance(value, str | int)}
    return {name: _storable(value) for name, value in fields.items()}


def _json() -> object:
    try:
        return request.get_json(silent=True)
    except RecursionError:  # a list in a list in a list …, which `silent` does not cover
        return None


def _storable(text: str) -> str:
    """Return what a database can look for: no half of a surrogate pair, and no NUL, which PostgreSQL refuses."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
