"""The demonstration's telephone. These pages exist only in `recovery-site demo`."""

from flask import Blueprint, render_template

from recovery_site.domain.people import mask_number
from recovery_site.web.browser import services

pages = Blueprint("demo", __name__)


@pages.get("/dien-thoai")
def phone() -> str:
    """A drawn telephone with the messages that the site sent, newest first."""
    inbox = services().inbox
    received = [
        {"to": mask_number(sms.to), "text": sms.text.reveal(), "at": sms.at}
        for sms in (inbox.messages() if inbox else ())
    ]
    return render_template("demo/phone.html", received=received)
