"""The documented recovery: address, number, code and new password, success."""

import structlog
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
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
from recovery_site.flow.proofs import ProofWanted
from recovery_site.ports import DirectoryUnavailable, LimitReached, PasswordRefused
from recovery_site.web import steps, wording
from recovery_site.web.browser import browser_id, client, renew_browser, services, visitor
from recovery_site.web.errors import limited
from recovery_site.web.forms import AddressForm, PhoneForm, ResetForm, add_error, errors_of
from recovery_site.web.guards import clear_storage

pages = Blueprint("recovery", __name__, url_prefix="/quen-mat-khau")

log = structlog.get_logger()


@pages.get("")
def start() -> Response:
    """Step 2 of the document. Always the form, with a line that leads back to a recovery under way."""
    return _address_page(AddressForm(), steps.current())


@pages.post("")
def begin() -> AnyResponse:
    """Take the address; one answer for unknown, locked and phoneless accounts."""
    form = AddressForm()
    typed = form.email.data or ""
    try:
        services().door.look_up(typed, visitor())
        renewed = services().recover.begin(typed, browser_id())
    except ProofWanted as wanted:
        return _proof_page(form, wanted)
    except LimitReached as reached:
        return limited(_address_page(steps.refused(form, wording.limit(reached)), None), reached.retry_after)
    except AddressRefused as refused:
        add_error(form.email, wording.address(refused.problem, services().settings.site.mail_domains))
    except NoUsableAccount:
        return _not_found(form)
    else:
        renew_browser(renewed)
        return steps.to_step()
    return _address_page(form, None)


@pages.get("/so-dien-thoai")
def phone() -> AnyResponse:
    """Step 3 of the document: the masked number. Step 4's "Quay lại" leads here too."""
    recovery = steps.current()
    if recovery is None or recovery.step is Step.DONE or services().recover.has_run_out(recovery):
        return steps.to_step()
    return _phone_page(PhoneForm(), recovery)


@pages.post("/so-dien-thoai")
def confirm() -> AnyResponse:
    """Send the code; a press too early leads on to the page with the countdown."""
    form = PhoneForm()
    try:
        services().door.send(visitor())
        services().recover.confirm(browser_id(), form.phone.data or "", client())
    except ProofWanted as wanted:
        return _phone_page(form, steps.live(), wanted=wanted)
    except TooEarly:
        return steps.to_step()
    except PhoneNotChosen:
        add_error(form.phone, str(wording.PHONE_NOT_CHOSEN))
    except CodeSpent:
        form.refuse(wording.code_gone(CodeState.SPENT, steps.minutes_left(steps.live())))
    except LimitReached as reached:
        return steps.limited(_phone_page, form, wording.limit(reached), reached.retry_after)
    else:
        return redirect(url_for("recovery.reset"), 303)
    return _phone_page(form, steps.live())


@pages.get("/dat-lai")
def reset() -> AnyResponse:
    """Step 4 of the document: code, new password, and the truth about the SMS."""
    recovery = _awaiting_code()
    return _reset_page(ResetForm(), recovery) if recovery else steps.to_step()


@pages.post("/dat-lai/gui-lai")
def resend() -> AnyResponse:
    """Send the code again, where the wait is over."""
    form = ResetForm(formdata=None)
    try:
        services().door.send(visitor())
        services().recover.resend(browser_id(), client())
    except ProofWanted as wanted:  # the page with the number has the button that sends again, and room to ask
        return _phone_page(PhoneForm(formdata=None), steps.live(), wanted=wanted)
    except PhoneNotChosen:
        return redirect(url_for("recovery.phone"), 303)
    except TooEarly as early:
        return steps.limited(_reset_page, form, wording.too_early(early.wait), early.wait)
    except CodeSpent:
        return _reset_page(form, steps.live())
    except LimitReached as reached:
        return steps.limited(_reset_page, form, wording.limit(reached), reached.retry_after)
    return redirect(url_for("recovery.reset"), 303)


@pages.get("/dat-lai/tin-nhan")
def delivery() -> AnyResponse:
    """Tell the page of step 4 what became of the SMS, where that is news to it; `biet` is what it shows now."""
    recovery = _awaiting_code()
    if recovery is None:
        return steps.to_step()
    if request.args.get("biet") == services().recover.status(recovery).delivery.stamp:
        return Response(status=204)  # nothing moves, nothing is said, and hardly a byte is spent
    return _reset_page(ResetForm(formdata=None), recovery)


@pages.post("/dat-lai/kiem-tra")
def check() -> AnyResponse:
    """Judge a password while it is typed: the whole page comes back, and the script takes the rules out of it."""
    verdict = services().reset.judge(browser_id(), ResetForm().password.data or "")
    return _reset_page(ResetForm(formdata=None), steps.live(), verdict=verdict)


@pages.get("/dat-lai/gui-lai")
@pages.get("/dat-lai/kiem-tra")
def back_to_step() -> AnyResponse:
    """Lead somebody who reloads the answer to a post back to the step."""
    return steps.to_step()


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
        return _reset_page(steps.refused(form, str(wording.DIRECTORY_DOWN)), steps.live(), status=503)
    except LimitReached as reached:
        return steps.limited(_reset_page, form, wording.limit(reached), reached.retry_after)
    except PasswordRefused as refused:
        add_error(form.password, wording.policy(refused.problem))
        return _reset_page(form, steps.live())
    return _answer(form, outcome)


@pages.get("/thanh-cong")
def done() -> AnyResponse:
    """Step 5 of the document. Shows nothing of the account."""
    recovery = steps.current()
    if recovery is None or recovery.step is not Step.DONE:
        return steps.to_step()
    return clear_storage(make_response(render_template("recovery/done.html", reference=recovery.reference)))


def _awaiting_code() -> Recovery | None:
    """Return this browser's recovery where it stands at step 4."""
    recovery = steps.current()
    if recovery is None or services().recover.has_run_out(recovery):
        return None
    return recovery if recovery.step is Step.AWAITING_CODE else None


def _answer(form: ResetForm, outcome: Outcome) -> AnyResponse:
    match outcome:
        case Changed(browser=renewed):
            if renewed:
                renew_browser(renewed)
            return redirect(url_for("recovery.done"), 303)
        case Refused() as refused:
            return _refusal(form, refused)
        case WrongCode(attempts_left=left):
            add_error(form.code, wording.wrong_code(left, steps.minutes_left(steps.live())))
        case CodeGone(state=state):
            add_error(form.code, wording.code_gone(state, steps.minutes_left(steps.live())))
        case BeingChanged():
            form.refuse(str(wording.BEING_CHANGED))
    return _reset_page(form, steps.live())


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
    return _reset_page(form, steps.live(), verdict=refused.verdict)


@pages.errorhandler(NoRecovery)
def _no_recovery(_gone: NoRecovery) -> AnyResponse:
    """Answer a verb that the browser's recovery does not have, or has no more."""
    log.info("step_refused", endpoint=request.endpoint)
    if steps.current() is None:
        return _address_page(steps.refused(AddressForm(formdata=None), str(wording.EXPIRED)), None)
    return steps.to_step()


@pages.errorhandler(NoUsableAccount)
def _no_usable_account(_gone: NoUsableAccount) -> AnyResponse:
    """Answer for an account that was locked, or lost its number, while its recovery was under way."""
    return _not_found(AddressForm(formdata=None))


def _not_found(form: AddressForm) -> Response:
    add_error(form.email, str(wording.NOT_FOUND))
    return _address_page(form, None, not_found=True)


def _address_page(
    form: AddressForm, recovery: Recovery | None, *, not_found: bool = False, wanted: ProofWanted | None = None
) -> Response:
    run_out = recovery is not None and services().recover.has_run_out(recovery)
    under_way = recovery is not None and not run_out and recovery.step is not Step.DONE
    page = render_template(
        "recovery/address.html",
        form=form,
        errors=errors_of(form),
        not_found=not_found,
        back_to=url_for(steps.page_of(recovery)) if under_way else "",
        notice=wording.EXPIRED if run_out else "",
        wanted=wanted,
    )
    return make_response(page)


def _phone_page(form: PhoneForm, recovery: Recovery, status: int = 200, wanted: ProofWanted | None = None) -> Response:
    choices = services().recover.choices(recovery)
    page = render_template(
        "recovery/phone.html",
        form=form,
        errors=errors_of(form),
        choices=choices,
        reference=recovery.reference,
        code_sent=recovery.step is Step.AWAITING_CODE,
        wanted=wanted,
    )
    return make_response(page, status)


def _reset_page(form: ResetForm, recovery: Recovery, *, status: int = 200, verdict: Verdict | None = None) -> Response:
    shown = services().recover.status(recovery)
    if shown.code in (CodeState.EXPIRED, CodeState.SPENT) and not errors_of(form):
        form.refuse(wording.code_gone(shown.code, steps.minutes_left(recovery)))
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


def _proof_page(form: AddressForm, wanted: ProofWanted) -> Response:
    """Return the form with a puzzle in it; where too many addresses were typed, it is a refusal to programs."""
    if wanted.retry_after:
        form.refuse(wording.proof_only(wanted.retry_after))
    page = _address_page(form, None, wanted=wanted)
    return limited(page, wanted.retry_after) if wanted.retry_after else page
