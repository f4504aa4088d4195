"""What machines ask the site."""

from flask import Blueprint, Response

from recovery_site.web.browser import services

pages = Blueprint("operations", __name__)


@pages.get("/health")
def health() -> Response:
    """Answer where the site and its database work; without detail (OWASP ASVS 5.0 13.4.5)."""
    with services().transactions():
        return Response("ok\n", mimetype="text/plain")


@pages.get("/robots.txt")
def robots() -> Response:
    return Response("User-agent: *\nDisallow: /\n", mimetype="text/plain")
