"""The guide behind "Hướng dẫn sử dụng"."""

from flask import Blueprint, render_template

from recovery_site.web.browser import services

pages = Blueprint("guide", __name__)


@pages.get("/huong-dan")
def show() -> str:
    """The documented steps, as the official sees them."""
    return render_template("guide/guide.html", rules=services().rules, policy=services().policy)
