"""A Zimbra that is down, slow, broken or somebody else: one exception, a cause in words, and no secret in it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from recovery_site.adapters.directories.zimbra import ZimbraDirectory
from recovery_site.domain.secret import Secret
from recovery_site.ports import DirectoryUnavailable
from tests.adapters.zimbra_cases import DOMAIN, Case, reason, running_case
from tests.fakes import AN, GOOD_PASSWORD, NOON, OLD_PASSWORD
from tests.peers.certificates import make_authority
from tests.peers.zimbra import SERVICE_ACCOUNT, Handler, hang_up

NEW = Secret(GOOD_PASSWORD)
PATIENCE = 0.5
"""Seconds that a server gets which will not answer; the others get plenty, for the sake of busy machines."""


@pytest.fixture
def case() -> Iterator[Case]:
    with running_case() as running:
        yield running


def every_verb(directory: ZimbraDirectory) -> list[Callable[[], object]]:
    return [
        lambda: directory.find(AN),
        directory.all,
        lambda: directory.check_password(AN, Secret(OLD_PASSWORD)),
        lambda: directory.set_password(AN, NEW, NOON),
        lambda: directory.lock(AN),
        lambda: directory.unlock(AN),
        lambda: directory.set_phones(AN, []),
        directory.check,
    ]


# --- answers that are none --------------------------------------------------------------------------------------------

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "canary">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, (b"&a%d;" % (n - 1) if n else b"&a;") * 10) for n in range(10))
    + b"]><b>&a9;</b>"
)
ENVELOPE = b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>%s</s:Body></s:Envelope>'
PAGE = b"<html><body>canary</body></html>"
FOREIGN = "the answer is not Zimbra's"

ANSWERS: list[tuple[int, bytes, str]] = [
    (200, BOMB, FOREIGN),
    (200, b"<!DOCTYPE a>" + ENVELOPE % b"<s:Fault/>", FOREIGN),
    (200, b"<a><b></a>", FOREIGN),
    (200, b"", FOREIGN),
    (200, b"\xff\xfe\x00", FOREIGN),
    (200, b'<?xml version="1.0" encoding="x-unknown"?><a/>', FOREIGN),
    (200, PAGE, FOREIGN),
    (200, ENVELOPE % b"", FOREIGN),
    (200, ENVELOPE % b"<a/><b/>", FOREIGN),
    (200, ENVELOPE % b'<AuthResponse xmlns="urn:somebody"/>', FOREIGN),
    (500, ENVELOPE % b'<AuthResponse xmlns="urn:zimbraAdmin"/>', "status 500"),
    (500, PAGE, "status 500"),
    (502, PAGE, "status 502"),
    (503, b"", "status 503"),
    (404, PAGE, "status 404"),
    (401, b"", "status 401"),
    (500, ENVELOPE % b"<s:Fault/>", "a fault without a code"),
]


@pytest.mark.parametrize(("status", "body", "said"), ANSWERS)
def test_an_answer_that_is_not_zimbra_s_is_a_directory_that_is_not_there(
    case: Case, status: int, body: bytes, said: str
) -> None:
    case.double.behave = lambda handler: handler.answer(status, body)
    for act in every_verb(case.directory):
        assert said in reason(act)


def test_what_a_fault_calls_itself_is_repeated_only_where_it_is_a_code(case: Case) -> None:
    detail = b'<s:Fault><s:Detail><Error xmlns="urn:zimbra"><Code>canary %s</Code></Error></s:Detail></s:Fault>'
    case.double.behave = lambda handler: handler.answer(500, ENVELOPE % (detail % AN.encode()))
    assert "a fault without a code" in reason(case.directory.check)


def test_a_login_without_a_token_is_none(case: Case) -> None:
    for content in (b"", b"<authToken>canary</authToken>", b"<authToken>canary</authToken><lifetime>soon</lifetime>"):
        answer = ENVELOPE % (b'<AuthResponse xmlns="urn:zimbraAdmin">%s</AuthResponse>' % content)
        case.double.behave = lambda handler, answer=answer: handler.answer(200, answer)
        assert reason(case.directory.check) == "the answer to the service account's login has no token"


def test_redirects_are_not_followed(case: Case) -> None:
    elsewhere = {"Location": case.double.url + "/canary"}
    case.double.behave = lambda handler: handler.answer(307, b"", **elsewhere)
    assert reason(case.directory.check) == "status 307: redirects are not followed"
    assert "/canary" not in case.double.asked


def huge(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        while not handler.double.closing.is_set():
            handler.wfile.write(b"<canary/>" * 10_000)


def drip(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        while not handler.double.closing.wait(0.05):
            handler.wfile.write(b" ")


def silent(handler: Handler) -> None:
    handler.double.closing.wait(60)


def break_off(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"<canary")


@pytest.mark.parametrize(
    ("behave", "seconds", "said"),
    [
        (huge, 15, "the answer is too long"),
        (drip, PATIENCE, "the answer is too slow"),
        (silent, PATIENCE, "the answer is too slow"),
        (break_off, 15, "the answer is not HTTP, or it breaks off"),
        (hang_up, 15, "the answer is not HTTP, or it breaks off"),
    ],
)
def test_an_answer_without_an_end_is_cut_off(
    case: Case, behave: Callable[[Handler], None], seconds: float, said: str
) -> None:
    case.double.behave = behave
    assert reason(case.over(timeout_seconds=seconds).check) == said


def test_a_server_that_is_gone_is_said_to_be_gone() -> None:
    with running_case() as gone:
        pass
    for act in every_verb(gone.directory):
        assert reason(act) == "no connection"


@pytest.mark.parametrize("authority", ["another", "the public ones"])
def test_a_certificate_that_nobody_vouches_for_gets_no_password(case: Case, authority: str, tmp_path: Path) -> None:
    ca_file = str(make_authority(tmp_path).file) if authority == "another" else ""
    assert reason(case.over(ca_file=ca_file).check) == "the certificate is not trusted"
    assert case.double.bodies == []


def test_a_certificate_for_another_name_is_refused(case: Case) -> None:
    url = case.double.url.replace("127.0.0.1", "localhost")
    assert reason(case.over(url=url).check) == "the certificate is for another name"
    assert case.double.bodies == []


def test_the_settings_of_the_machine_about_proxies_do_not_lead_anywhere(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    case.over().check()


# --- fault codes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    ["service.FAILURE", "service.PROXY_ERROR", "account.SOMETHING_NEW", "mail.MAINTENANCE", "service.PARSE_ERROR"],
)
def test_a_fault_that_means_nothing_to_the_site_is_named_by_its_code_alone(case: Case, code: str) -> None:
    for request, act in (
        ("GetAccountRequest", lambda: case.directory.find(AN)),
        ("SearchDirectoryRequest", case.directory.all),
        ("NoOpRequest", case.directory.check),
        ("AuthRequest", lambda: case.directory.check_password(AN, NEW)),
        ("ModifyAccountRequest", lambda: case.directory.lock(AN)),
    ):
        case.double.refuse[request] = [code]
        assert reason(act) == code


# --- the token of the service account ---------------------------------------------------------------------------------


def test_one_login_serves_many_requests(case: Case) -> None:
    for _ in range(3):
        case.found(AN)
    assert case.double.services.logins == [SERVICE_ACCOUNT]


def test_many_threads_share_one_login(case: Case) -> None:
    start = threading.Barrier(8)

    def find() -> None:
        start.wait(30)
        case.found(AN)

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(find) for _ in range(8)]:
            done.result()
    assert case.double.services.logins == [SERVICE_ACCOUNT]


def test_the_token_is_renewed_before_its_lifetime_ends(case: Case) -> None:
    case.found(AN)
    case.clock.pass_by(hours=10.7)
    case.found(AN)
    assert len(case.double.services.logins) == 1
    case.clock.pass_by(hours=0.2)
    case.found(AN)
    assert len(case.double.services.logins) == 2
    assert case.double.asked == [
        "AuthRequest", "GetAccountRequest", "GetAccountRequest", "AuthRequest", "GetAccountRequest",
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["service.AUTH_EXPIRED", "service.AUTH_REQUIRED"])
def test_a_token_that_is_refused_is_renewed_once_and_the_request_repeated(case: Case, code: str) -> None:
    case.double.refuse["SetPasswordRequest"] = [code]
    case.directory.set_password(AN, NEW, NOON)
    assert case.double.accounts.mailboxes[AN].password == GOOD_PASSWORD
    assert len(case.double.services.logins) == 2


def test_a_server_that_was_restarted_knows_no_token_any_more(case: Case) -> None:
    case.found(AN)
    case.double.accounts.tokens.clear()
    case.found(AN)
    assert len(case.double.services.logins) == 2


def test_a_token_that_is_refused_twice_is_given_up(case: Case) -> None:
    code = "service.AUTH_EXPIRED"
    case.double.refuse["GetAccountRequest"] = [code, code, code]
    assert reason(lambda: case.directory.find(AN)) == code
    assert case.double.refuse["GetAccountRequest"] == [code]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"admin_password": "canary"}, "wrong name or password (account.AUTH_FAILED)"),
        ({"admin": "canary@soctrang.gov.vn"}, "not there, not active, or no administrator (service.PERM_DENIED)"),
    ],
)
def test_a_service_account_that_is_refused_is_said_to_be(case: Case, changed: dict[str, str], said: str) -> None:
    refused = case.over(**changed)
    for act in (lambda: refused.find(AN), refused.check, lambda: refused.set_password(AN, NEW, NOON)):
        assert reason(act) == f"the service account is refused: {said}"


def test_a_service_account_with_a_second_factor_is_of_no_use(case: Case) -> None:
    case.double.services.admin_factor = True
    assert reason(case.directory.check) == "the service account is refused: it wants a second factor"


def test_those_who_wait_for_a_login_do_not_wait_for_all_before_them(case: Case) -> None:
    case.double.behave = silent
    slow = case.over(timeout_seconds=PATIENCE)
    with ThreadPoolExecutor(12) as pool:
        said = {str(failed.exception()) for failed in [pool.submit(slow.check) for _ in range(12)]}
    assert "the service account's login is too slow" in said
    assert said <= {"the service account's login is too slow", "the answer is too slow"}


def test_neither_a_password_nor_a_token_stands_in_what_the_directory_calls_itself(case: Case) -> None:
    case.found(AN)
    [token] = case.double.accounts.tokens
    for secret in (token, case.double.settings().admin_password):
        assert secret not in repr(vars(case.directory)) + repr(case.double.settings())


def test_an_unavailable_directory_hides_what_it_was_asked_even_in_a_traceback(case: Case) -> None:
    case.double.behave = hang_up
    with pytest.raises(DirectoryUnavailable) as failed:
        case.directory.set_password(f"an.tran@{DOMAIN}", NEW, NOON)
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__
