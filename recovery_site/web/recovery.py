"""The documented recovery: address, number, code and new password, success."""

from math import ceil
from typing import TypeVar

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from recovery_site.domain.passwords import Verdict
from recovery_site.domain.people import AddressRefused
from recovery_site.domain.recovery import CodeState, Recovery, Step
from recovery_site.flow.outcomes import (
    BeingChanged,
    Changed,
    CodeGone,
    CodeSpent,
    NoRecovery,
    NoUsableAccount,
    Outcome,
    PhoneNotChosen,
    Refused,
    Submission,
    TooEarly,
    WrongCode,
)
from recovery_site.ports import DirectoryUnavailable, LimitReached, PasswordRefused
from recovery_site.web import wording
from recovery_site.web.browser import browser_id, client, renew_browser, services
from recovery_site.web.forms import AddressForm, PhoneForm, ResetForm, add_error, errors_of

F = TypeVar("F", AddressForm, PhoneForm, ResetForm)

pages = Blueprint("recovery", __name__, url_prefix="/quen-mat-khau")

_PAGE_OF_STEP = {
    Step.AWAITING_CONFIRMATION: "recovery.phone",
    Step.AWAITING_CODE: "recovery.reset",
    Step.DONE: "recovery.done",
}


@pages.get("")
def start() -> Response:
    """Step 2 of the document. Always the form, with a line that leads back to a recovery under way."""
    return _address_page(AddressForm(), _current())


@pages.post("")
def begin() -> AnyResponse:
    """Take the address; one answer for unknown, locked and phoneless accounts."""
    form = AddressForm()
    try:
        renewed = services().recover.begin(form.email.data or "", browser_id())
    except AddressRefused as refused:
        add_error(form.email, wording.address(refused.problem, services().settings.site.mail_domains))
    except NoUsableAccount:
        return _not_found(form)
    else:
        renew_browser(renewed)
        return _to_step()
    return _address_page(form, None)


@pages.get("/so-dien-thoai")
def phone() -> AnyResponse:
    """Step 3 of the document: the masked number. Step 4's "Quay lại" leads here too."""
    recovery = _current()
    if recovery is None or recovery.step is Step.DONE or services().recover.has_run_out(recovery):
        return _to_step()
    return _phone_page(PhoneForm(), recovery)


@pages.post("/so-dien-thoai")
def confirm() -> AnyResponse:
    """Send the code; a press too early leads on to the page with the countdown."""
    form = PhoneForm()
    try:
        services().recover.confirm(browser_id(), form.phone.data or "", client())
    except TooEarly:
        return _to_step()
    except PhoneNotChosen:
        add_error(form.phone, str(wording.PHONE_NOT_CHOSEN))
    except CodeSpent:
        form.refuse(wording.code_gone(CodeState.SPENT, _minutes_left(_live())))
    except LimitReached as reached:
        return _limited(_phone_page(_refused(form, wording.limit(reached)), _live(), 429), reached.retry_after)
    else:
        return redirect(url_for("recovery.reset"), 303)
    return _phone_page(form, _live())


@pages.get("/dat-lai")
def reset() -> AnyResponse:
    """Step 4 of the document: code, new password, and the truth about the SMS."""
    recovery = _current()
    if recovery is None or recovery.step is not Step.AWAITING_CODE or services().recover.has_run_out(recovery):
        return _to_step()
    return _reset_page(ResetForm(), recovery)


@pages.post("/dat-lai/gui-lai")
def resend() -> AnyResponse:
    """Send the code again, where the wait is over."""
    form = ResetForm(formdata=None)
    try:
        services().recover.resend(browser_id(), client())
    except PhoneNotChosen:
        return redirect(url_for("recovery.phone"), 303)
    except TooEarly as early:
        return _limited(_reset_page(_refused(form, wording.too_early(early.wait)), _live(), status=429), early.wait)
    except CodeSpent:
        return _reset_page(form, _live())
    except LimitReached as reached:
        page = _reset_page(_refused(form, wording.limit(reached)), _live(), status=429)
        return _limited(page, reached.retry_after)
    return redirect(url_for("recovery.reset"), 303)


@pages.post("/dat-lai/kiem-tra")
def check() -> AnyResponse:
    """Judge a password while it is typed: the whole page comes back, and the script takes the rules out of it."""
    verdict = services().reset.judge(browser_id(), ResetForm().password.data or "")
    return _reset_page(ResetForm(formdata=None), _live(), verdict=verdict)


@pages.get("/dat-lai/gui-lai")
@pages.get("/dat-lai/kiem-tra")
def back_to_step() -> AnyResponse:
    """Lead somebody who reloads the answer to a post back to the step."""
    return _to_step()


@pages.post("/dat-lai")
def submit() -> AnyResponse:
    """Change the password where the code is right."""
    form = ResetForm()
    submission = Submission(
        code=form.code.data or "",
        password=form.password.data or "",
        again=form.again.data or "",
        diacritics_seen=form.diacritics.data == "seen",
    )
    try:
        outcome = services().reset.submit(browser_id(), submission)
    except DirectoryUnavailable:
        return _reset_page(_refused(form, str(wording.DIRECTORY_DOWN)), _live(), status=503)
    except LimitReached as reached:
        page = _reset_page(_refused(form, wording.limit(reached)), _live(), status=429)
        return _limited(page, reached.retry_after)
    except PasswordRefused:
        add_error(form.password, str(wording.PASSWORD_REFUSED))
        return _reset_page(form, _live())
    return _answer(form, outcome)


@pages.get("/thanh-cong")
def done() -> AnyResponse:
    """Step 5 of the document. Shows nothing of the account."""
    recovery = _current()
    if recovery is None or recovery.step is not Step.DONE:
        return _to_step()
    return make_response(render_template("recovery/done.html", reference=recovery.reference))


def _answer(form: ResetForm, outcome: Outcome) -> AnyResponse:
    match outcome:
        case Changed(browser=renewed):
            if renewed:
                renew_browser(renewed)
            return redirect(url_for("recovery.done"), 303)
        case Refused() as refused:
            return _refusal(form, refused)
        case WrongCode(attempts_left=left):
            add_error(form.code, wording.wrong_code(left, _minutes_left(_live())))
        case CodeGone(state=state):
            add_error(form.code, wording.code_gone(state, _minutes_left(_live())))
        case BeingChanged():
            form.refuse(str(wording.BEING_CHANGED))
    return _reset_page(form, _live())


def _refusal(form: ResetForm, refused: Refused) -> Response:
    if refused.code:
        add_error(form.code, wording.malformed_code(refused.code, services().rules.digits))
    for sentence in wording.password(refused.verdict, services().policy):
        add_error(form.password, sentence)
    if refused.diacritics_unseen and refused.verdict.acceptable:
        add_error(form.password, str(wording.DIACRITICS))
    if refused.mismatch:
        add_error(form.again, str(wording.MISMATCH))
    form.diacritics.data = "seen" if refused.diacritics_unseen else ""
    return _reset_page(form, _live(), verdict=refused.verdict)


def _current() -> Recovery | None:
    return services().under_way.current(browser_id())


def _live() -> Recovery:
    return services().under_way.live(browser_id())


def _page_of(recovery: Recovery | None) -> str:
    if recovery is None or services().recover.has_run_out(recovery):
        return "recovery.start"
    return _PAGE_OF_STEP[recovery.step]


def _to_step() -> AnyResponse:
    """Lead this browser to the page of the step that its recovery is at."""
    return redirect(url_for(_page_of(_current())), 303)


def _minutes_left(recovery: Recovery) -> int:
    return max(1, ceil((recovery.expires_at - services().clock.now()).total_seconds() / 60))


@pages.errorhandler(NoRecovery)
def _no_recovery(_gone: NoRecovery) -> AnyResponse:
    """Answer a verb that the browser's recovery does not have, or has no more."""
    if _current() is None:
        return _address_page(_refused(AddressForm(formdata=None), str(wording.EXPIRED)), None)
    return _to_step()


@pages.errorhandler(NoUsableAccount)
def _no_usable_account(_gone: NoUsableAccount) -> AnyResponse:
    """Answer for an account that was locked, or lost its number, while its recovery was under way."""
    return _not_found(AddressForm(formdata=None))


def _not_found(form: AddressForm) -> Response:
    add_error(form.email, str(wording.NOT_FOUND))
    return _address_page(form, None, not_found=True)


def _address_page(form: AddressForm, recovery: Recovery | None, *, not_found: bool = False) -> Response:
    run_out = recovery is not None and services().recover.has_run_out(recovery)
    under_way = recovery is not None and not run_out and recovery.step is not Step.DONE
    page = render_template(
        "recovery/address.html",
        form=form,
        errors=errors_of(form),
        not_found=not_found,
        back_to=url_for(_page_of(recovery)) if under_way else "",
        notice=wording.EXPIRED if run_out else "",
    )
    return make_response(page)


def _phone_page(form: PhoneForm, recovery: Recovery, status: int = 200) -> Response:
    choices = services().recover.choices(recovery)
    page = render_template(
        "recovery/phone.html",
        form=form,
        errors=errors_of(form),
        choices=choices,
        reference=recovery.reference,
        code_sent=recovery.step is Step.AWAITING_CODE,
    )
    return make_response(page, status)


def _reset_page(form: ResetForm, recovery: Recovery, *, status: int = 200, verdict: Verdict | None = None) -> Response:
    shown = services().recover.status(recovery)
    if shown.code in (CodeState.EXPIRED, CodeState.SPENT) and not errors_of(form):
        form.refuse(wording.code_gone(shown.code, _minutes_left(recovery)))
    page = render_template(
        "recovery/reset.html",
        form=form,
        errors=errors_of(form),
        status=shown,
        rules=services().rules,
        policy=services().policy,
        verdict=verdict,
        strength=wording.strength(verdict) if verdict else "",
        reasons=wording.password(verdict, services().policy) if verdict else [],
        address=recovery.address,
        reference=recovery.reference,
    )
    return make_response(page, status)


def _refused(form: F, sentence: str) -> F:
    form.refuse(sentence)
    return form


def _limited(response: Response, seconds: int) -> Response:
    response.headers["Retry-After"] = str(seconds)
    return response
