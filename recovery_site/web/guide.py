"""The guide behind "Hướng dẫn sử dụng": recovering, letters that still go to Gmail or Yahoo, how to get an account."""

from flask import Blueprint, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from recovery_site.web.browser import services
from recovery_site.web.downloads import download
from recovery_site.web.printed import docx, pdf
from recovery_site.web.printed.application import ApplicationForm, application_form

pages = Blueprint("guide", __name__)

FILE_NAME = "mau-don-cap-tai-khoan-thu-cong-vu"
"""What a browser calls the form when it keeps it, without its ending."""


@pages.get("/huong-dan")
def show() -> str:
    """The documented steps, as the official sees them."""
    return render_template("guide/guide.html", rules=services().rules, policy=services().policy)


@pages.get("/huong-dan/chuyen-tiep")
def forwarding() -> str:
    """How letters to an old address at Gmail or Yahoo come to the official mailbox."""
    return render_template("guide/forwarding.html", domain=services().settings.site.mail_domains[0])


@pages.get("/dang-ky")
def registration() -> str:
    """Who may ask for an account, how and where, and what happens then."""
    form, activation = _form(), services().settings.activation
    return render_template(
        "guide/registration.html",
        domain=services().settings.site.mail_domains[0],
        most=form.rows,
        lifetime=_exactly(activation.lifetime_seconds),
        reminder=_exactly(min(activation.reminder_seconds, activation.lifetime_seconds)),
        is_reminded=activation.reminder_seconds > 0,
        docx_kilobytes=_kilobytes(docx.application_docx(form)),
        pdf_kilobytes=_kilobytes(pdf.application_pdf(form)),
    )


@pages.get("/dang-ky/mau-don.docx")
def form_as_docx() -> AnyResponse:
    """The form, to be filled in with a word processor."""
    return download(docx.application_docx(_form()), docx.MIMETYPE, f"{FILE_NAME}.docx")


@pages.get("/dang-ky/mau-don.pdf")
def form_as_pdf() -> AnyResponse:
    """The form, to be printed and filled in by hand."""
    return download(pdf.application_pdf(_form()), pdf.MIMETYPE, f"{FILE_NAME}.pdf")


def _form() -> ApplicationForm:
    return application_form(services().settings)


def _kilobytes(document: bytes) -> int:
    return -(-len(document) // 1000)


def _exactly(seconds: int) -> str:
    """Return a time in whole hours or in minutes; never rounded up, somebody's account is locked after it."""
    hours, rest = divmod(seconds, 3600)
    return str(_("%(count)d phút", count=seconds // 60) if rest else _("%(count)d giờ", count=hours))
