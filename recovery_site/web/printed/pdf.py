"""The form as PDF, to be printed and filled in by hand: one page of A4."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from recovery_site.web.printed.application import ApplicationForm

MIMETYPE = "application/pdf"

_making = Lock()
"""ReportLab's fonts are the whole process': one document is made at a time."""

_FONTS = Path(__file__).with_name("fonts")
_FONT, _BOLD, _ITALIC = "Tinos", "Tinos-Bold", "Tinos-Italic"
_LEFT, _RIGHT, _EDGE = 30 * mm, 20 * mm, 18 * mm
_WIDTH = A4[0] - _LEFT - _RIGHT
_HALVES = [0.4 * _WIDTH, 0.6 * _WIDTH]
_Look = tuple[str, tuple[int, int], tuple[int, int], *tuple[Any, ...]]
"""One line of a table's style: what, from which cell, to which, and how."""

_NARROW: list[_Look] = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]
_GAP = 4
_DOTS = (0.5, 2)

_BODY = ParagraphStyle("body", fontName=_FONT, fontSize=12.5, leading=16, spaceBefore=5)
_JUST = ParagraphStyle("justified", _BODY, alignment=TA_JUSTIFY, spaceBefore=3)
_CENTRED = ParagraphStyle("centred", _BODY, alignment=TA_CENTER, spaceBefore=0)
_TITLE = ParagraphStyle("title", _CENTRED, fontName=_BOLD, fontSize=14, leading=18, spaceBefore=16, spaceAfter=6)
_SMALL = ParagraphStyle("small", _JUST, fontName=_ITALIC, fontSize=11.5, leading=14.5)


def application_pdf(form: ApplicationForm) -> bytes:
    """Return the form as PDF with its fonts in it: the same bytes for the same form, made once."""
    with _making:
        return _made(form)


@lru_cache(maxsize=1)
def _made(form: ApplicationForm) -> bytes:
    _register_fonts()
    made = BytesIO()
    document = SimpleDocTemplate(
        made,
        pagesize=A4,
        leftMargin=_LEFT - 6,  # the frame of the page has a padding of 6 points
        rightMargin=_RIGHT - 6,
        topMargin=_EDGE - 6,
        bottomMargin=_EDGE - 6,
        title=form.title,
        author=form.recipient.partition("Quản trị ")[2],
        lang="vi-VN",
        initialFontName=_FONT,
        invariant=1,
    )
    document.build([*_head(form), *_questions(form), *_people(form), *_promises(form), _signatures(form)])
    return made.getvalue()


@lru_cache(maxsize=1)
def _register_fonts() -> None:
    for name, file in ((_FONT, "Regular"), (_BOLD, "Bold"), (_ITALIC, "Italic")):
        registerFont(TTFont(name, _FONTS / f"Tinos-{file}.ttf"))
    registerFontFamily(_FONT, normal=_FONT, bold=_BOLD, italic=_ITALIC, boldItalic=_BOLD)


def _text(text: str, style: ParagraphStyle = _BODY, tag: str = "") -> Paragraph:
    """Return a paragraph; `tag` is one of the marks `b`, `i`, `u` for all of it."""
    words = escape(text)
    return Paragraph(f"<{tag}>{words}</{tag}>" if tag else words, style)


def _head(form: ApplicationForm) -> list[Flowable]:
    capitals = ParagraphStyle("capitals", _CENTRED, fontName=_BOLD, fontSize=11.5)
    bold = ParagraphStyle("bold", _CENTRED, fontName=_BOLD)
    motto = Paragraph(f'<u width="0.7" offset="-3.5">{escape(form.motto)}</u>', bold)
    rows = [
        [_text(form.office, capitals), _text(form.nation, capitals)],
        [_text(form.office_name, _CENTRED), motto],
        [_text(form.number, _CENTRED), _text(form.place_and_date, _CENTRED, "i")],
    ]
    below: list[_Look] = [("BOTTOMPADDING", (0, 0), (-1, 0), 0), ("TOPPADDING", (0, 2), (-1, 2), 6)]
    recipients = [_text(form.recipient, _CENTRED)]
    if form.where:
        recipients.append(_text(f"({form.where})", _CENTRED, "i"))
    return [Table(rows, _HALVES, style=[*_NARROW, *below]), _text(form.title, _TITLE), *recipients, Spacer(0, 6)]


def _questions(form: ApplicationForm) -> list[Flowable]:
    asked = [_asked(questions) for questions in form.questions]
    indented = ParagraphStyle("indented", _BODY, leftIndent=10 * mm, spaceBefore=2)
    return [*asked, _text(form.choice), *(_text(choice, indented) for choice in form.choices)]


def _asked(questions: tuple[str, ...]) -> Table:
    """Return a line of questions, each with dots to write on."""
    cells: list[str] = []
    widths: list[float] = []
    look: list[_Look] = [("FONT", (0, 0), (-1, -1), _FONT, _BODY.fontSize)]
    for question in questions:
        asked = stringWidth(question, _FONT, _BODY.fontSize) + _GAP
        dots = (len(cells) + 1, 0)
        look.append(("LINEBELOW", dots, dots, 0.7, "black", "round", _DOTS))
        cells += [question, "", ""]
        widths += [asked, (_WIDTH + _GAP) / len(questions) - asked - _GAP, _GAP]
    look.append(("BOTTOMPADDING", (0, 0), (-1, -1), 3))
    return Table([cells], widths, [9 * mm], style=[*_NARROW, *look], hAlign="LEFT")


def _people(form: ApplicationForm) -> list[Flowable]:
    heading = ParagraphStyle("heading", _CENTRED, fontName=_BOLD, fontSize=11.5, leading=14)
    rows: list[list[Paragraph | str]] = [[_text(column.heading, heading) for column in form.columns]]
    rows += [[str(number), *[""] * (len(form.columns) - 1)] for number in range(1, form.rows + 1)]
    look: list[_Look] = [
        ("GRID", (0, 0), (-1, -1), 0.6, "black"),
        ("FONT", (0, 1), (-1, -1), _FONT, _BODY.fontSize),
        ("ALIGN", (0, 0), (0, -1), "CENTER"),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ]
    widths = [column.width * _WIDTH for column in form.columns]
    table = Table(rows, widths, [None, *[10 * mm] * form.rows], style=look, repeatRows=1)
    return [_text(form.people), Spacer(0, 4), table, _text(form.note, _SMALL)]


def _promises(form: ApplicationForm) -> list[Flowable]:
    return [_text(form.promise), *(_text(f"- {promise}", _JUST) for promise in form.promises), Spacer(0, 8)]


def _signatures(form: ApplicationForm) -> Table:
    who = [_text(signature.who, _CENTRED, "b") for signature in form.signatures]
    how = [_text(signature.how, _CENTRED, "i") for signature in form.signatures]
    return Table([who, how], _HALVES, style=[*_NARROW, ("BOTTOMPADDING", (0, 0), (-1, 0), 0)])
