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
    body = request.get_json(silent=True) if request.is_json else None
    if isinstance(body, dict):
        fields |= {name: str(value) for name, value in body.items() if isinstance(value, str | int)}
    return fields
