"""Signing in and signing out."""

from flask import Blueprint, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from recovery_site.flow.sign_in import SignInRefused
from recovery_site.ports import LimitReached
from recovery_site.web import wording
from recovery_site.web.browser import browser_id, client, forget_browser, news, renew_browser, services
from recovery_site.web.forms import SignInForm, errors_of
from recovery_site.web.guards import clear_storage

pages = Blueprint("sign_in", __name__)


@pages.get("/")
def home() -> AnyResponse:
    return redirect(url_for("sign_in.show"), 303)


@pages.get("/dang-nhap")
def show() -> AnyResponse:
    """Step 1 of the document; the province's own sign-in page where the settings name one."""
    login_url = services().settings.site.login_url
    return redirect(login_url, 303) if login_url else _page(SignInForm())


@pages.post("/dang-nhap")
def sign_in() -> AnyResponse:
    """Check the password with the directory; unknown, locked and wrong get one answer."""
    form = SignInForm()
    remember = bool(form.remember.data)
    try:
        signed_in = services().sign_in.sign_in(
            form.email.data or "",
            form.password.data or "",
            client=client(),
            browser=browser_id(),
            remember=remember,
        )
    except SignInRefused:
        form.refuse(str(wording.SIGN_IN_REFUSED))
        return _page(form)
    except LimitReached as reached:
        form.refuse(wording.limit(reached))
        response = _page(form, 429)
        response.headers["Retry-After"] = str(reached.retry_after)
        return response
    renew_browser(signed_in.browser, remember=remember)
    return redirect(url_for("account.show"), 303)


@pages.post("/dang-xuat")
def sign_out() -> AnyResponse:
    services().sign_in.sign_out(browser_id())
    forget_browser()
    return clear_storage(redirect(url_for("sign_in.show"), 303))


def _page(form: SignInForm, status: int = 200) -> AnyResponse:
    told = news()
    page = render_template(
        "sign_in/sign_in.html", form=form, errors=errors_of(form), notice=wording.NEWS[told] if told else ""
    )
    return make_response(page, status)
