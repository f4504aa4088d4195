"""The acts that the stories of a recovery are told with."""

from recovery_site.domain.messages import Message
from recovery_site.domain.recovery import Recovery
from recovery_site.flow.outcomes import Outcome, Submission
from tests.fake_site import FakeSite
from tests.fakes import AN, GOOD_PASSWORD

CLIENT = "192.0.2.7"


def begin(site: FakeSite, typed: str = AN, browser: str | None = None) -> str:
    return site.recover.begin(typed, browser)


def get_code(site: FakeSite, browser: str, client: str = CLIENT) -> str:
    """Press "Lấy mã xác nhận" and read the telephone."""
    site.recover.confirm(browser, "", client)
    return site.gateway.last_code()


def begin_with_code(site: FakeSite, typed: str = AN, client: str = CLIENT) -> tuple[str, str]:
    browser = begin(site, typed)
    return browser, get_code(site, browser, client)


def submit(
    site: FakeSite,
    browser: str,
    code: str,
    password: str = GOOD_PASSWORD,
    again: str | None = None,
    *,
    diacritics_seen: bool = False,
) -> Outcome:
    again = password if again is None else again
    return site.reset.submit(browser, Submission(code, password, again, diacritics_seen=diacritics_seen))


def wrong(code: str) -> str:
    """Return another code than `code`."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


def recovery_of(site: FakeSite, browser: str) -> Recovery:
    found = site.under_way.current(browser)
    assert found is not None
    return found


def queue_code(site: FakeSite) -> tuple[str, Message]:
    """Ask for a code while no dispatcher runs."""
    site.clock.others = lambda: None
    browser = begin(site)
    site.recover.confirm(browser, "", CLIENT)
    return browser, the_message(site)


def the_message(site: FakeSite) -> Message:
    [message] = messages_of(site)
    return message


def messages_of(site: FakeSite) -> list[Message]:
    return list(site.transactions.rows.messages.values())
