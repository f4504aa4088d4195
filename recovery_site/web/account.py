"""The account of somebody who is signed in: what happened to it, a new password, and the way out of every device."""

import structlog
from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from recovery_site.domain.passwords import Verdict
from recovery_site.domain.people import Account
from recovery_site.flow.change import NewPassword, NotChanged, NotSignedIn
from recovery_site.ports import DirectoryUnavailable, LimitReached, PasswordRefused, UnknownAccount
from recovery_site.web import event_words, wording
from recovery_site.web.browser import (
    News,
    announce,
    browser_id,
    client,
    forget_browser,
    is_remembered,
    news,
    renew_browser,
    services,
)
from recovery_site.web.forms import ChangeForm, add_error, errors_of
from recovery_site.web.guards import clear_storage

pages = Blueprint("account", __name__, url_prefix="/tai-khoan")

log = structlog.get_logger()


@pages.get("")
def show() -> AnyResponse:
    """Who signed in and what happened to the account; with a first password the only way on is the change page."""
    account = services().change.account(browser_id())
    if services().change.first_password(account):
        return redirect(url_for("account.change"), 303)
    told = news()
    page = render_template(
        "sign_in/account.html",
        account=account,
        overview=services().account_page.overview(account),
        sentence=event_words.sentence,
        notice=wording.NEWS[told] if told else "",
    )
    return make_response(page)


@pages.get("/doi-mat-khau")
def change() -> AnyResponse:
    return _change_page(ChangeForm(), services().change.account(browser_id()))


@pages.post("/doi-mat-khau/kiem-tra")
def check() -> AnyResponse:
    """Judge a password while it is typed: the whole page comes back, and the script takes the rules out of it."""
    account = services().change.account(browser_id())
    verdict = services().change.judge(browser_id(), ChangeForm().password.data or "")
    return _change_page(ChangeForm(formdata=None), account, verdict=verdict)


@pages.get("/doi-mat-khau/kiem-tra")
def back_to_change() -> AnyResponse:
    """Lead somebody who reloads the answer to a check back to the form."""
    services().change.account(browser_id())
    return redirect(url_for("account.change"), 303)


@pages.post("/doi-mat-khau")
def submit() -> AnyResponse:
    """Change the password where the present one is right; this browser stays signed in, all others do not."""
    account = services().change.account(browser_id())
    form = ChangeForm()
    typed = NewPassword(
        current=form.current.data or "",
        password=form.password.data or "",
        again=form.again.data or "",
        diacritics_seen=form.diacritics.data == "seen",
    )
    try:
        outcome = services().change.submit(browser_id(), typed, client())
    except DirectoryUnavailable:
        form.refuse(str(wording.CHANGE_DOWN))
        return _change_page(form, account, status=503)
    except LimitReached as reached:
        form.refuse(wording.limit(reached))
        response = _change_page(form, account, status=429)
        response.headers["Retry-After"] = str(reached.retry_after)
        return response
    except PasswordRefused as refused:
        add_error(form.password, wording.policy_of_change(refused.problem))
        return _change_page(form, account)
    if isinstance(outcome, NotChanged):
        return _refusal(form, account, outcome)
    renew_browser(outcome.browser, remember=is_remembered())
    announce(News.PASSWORD_CHANGED)
    return redirect(url_for("account.show"), 303)


@pages.post("/dang-xuat-moi-noi")
def sign_out_everywhere() -> AnyResponse:
    if not services().sign_in.sign_out_everywhere(browser_id()):
        raise NotSignedIn
    forget_browser()
    announce(News.SIGNED_OUT_EVERYWHERE)
    return clear_storage(redirect(url_for("sign_in.show"), 303))


@pages.errorhandler(NotSignedIn)
@pages.errorhandler(UnknownAccount)
def _not_signed_in(_gone: Exception) -> AnyResponse:
    """Answer whoever is signed in nowhere, or no more: the session is over, or the account was locked."""
    is_post = request.method == "POST"
    if is_post:
        log.info("step_refused", endpoint=request.endpoint)
    if services().sign_in.was_idle(browser_id()):
        announce(News.SESSION_IDLE)
    elif is_post:
        announce(News.SESSION_OVER)
    return redirect(url_for("sign_in.show"), 303)


def _refusal(form: ChangeForm, account: Account, refused: NotChanged) -> AnyResponse:
    if refused.no_current:
        add_error(form.current, str(wording.CURRENT_EMPTY))
    if refused.wrong_current:
        add_error(form.current, str(wording.CURRENT_WRONG))
    if refused.same and refused.verdict.length:
        add_error(form.password, str(wording.SAME))
    for sentence in wording.password(refused.verdict, services().policy):
        add_error(form.password, sentence)
    warned = refused.diacritics_unseen and refused.verdict.acceptable
    if warned:
        add_error(form.password, str(wording.CHANGE_DIACRITICS))
    if refused.mismatch:
        add_error(form.again, str(wording.MISMATCH))
    was_warned = form.diacritics.data == "seen" and refused.verdict.has_diacritics
    form.diacritics.data = "seen" if warned or was_warned else ""
    return _change_page(form, account, verdict=refused.verdict)


def _change_page(
    form: ChangeForm, account: Account, *, status: int = 200, verdict: Verdict | None = None
) -> AnyResponse:
    first = services().change.first_password(account)
    page = render_template(
        "sign_in/change.html",
        form=form,
        errors=errors_of(form),
        address=account.address,
        first_password=wording.first_password(first.ends_at, first.left(services().clock.now())) if first else "",
        policy=services().policy,
        verdict=verdict,
        strength=wording.strength(verdict) if verdict else "",
        reasons=wording.password(verdict, services().policy) if verdict else [],
    )
    return make_response(page, status)
