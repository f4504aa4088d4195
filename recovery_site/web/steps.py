"""Where a browser's recovery is, and the ways there."""

from collections.abc import Callable
from math import ceil
from typing import TypeVar

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from recovery_site.domain.recovery import Recovery, Step
from recovery_site.web import errors
from recovery_site.web.browser import browser_id, services
from recovery_site.web.forms import AddressForm, PhoneForm, ResetForm

F = TypeVar("F", AddressForm, PhoneForm, ResetForm)

_PAGE_OF_STEP = {
    Step.AWAITING_CONFIRMATION: "recovery.phone",
    Step.AWAITING_CODE: "recovery.reset",
    Step.DONE: "recovery.done",
}


def current() -> Recovery | None:
    """Return the recovery that this browser works on, ended ones included."""
    return services().under_way.current(browser_id())


def live() -> Recovery:
    """Return the recovery that this browser has under way; raises `NoRecovery`."""
    return services().under_way.live(browser_id())


def page_of(recovery: Recovery | None) -> str:
    """Return the endpoint of the step that a recovery is at."""
    if recovery is None or services().recover.has_run_out(recovery):
        return "recovery.start"
    return _PAGE_OF_STEP[recovery.step]


def to_step() -> AnyResponse:
    """Lead this browser to the page of the step that its recovery is at."""
    return redirect(url_for(page_of(current())), 303)


def minutes_left(recovery: Recovery) -> int:
    """Return the rest of a recovery's life in minutes, rounded up."""
    return max(1, ceil((recovery.expires_at - services().clock.now()).total_seconds() / 60))


def refused(form: F, sentence: str) -> F:
    """Return the form with a sentence that belongs to no field."""
    form.refuse(sentence)
    return form


def limited(page: Callable[..., Response], form: F, sentence: str, seconds: int) -> Response:
    """Return a page that says how long to wait, to people and to machines."""
    return errors.limited(page(refused(form, sentence), live()), seconds)
