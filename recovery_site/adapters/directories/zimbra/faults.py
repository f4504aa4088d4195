"""What each of Zimbra's fault codes means.

Source: Zimbra/zm-mailbox, AccountServiceException.java and ServiceException.java.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from recovery_site.adapters.directories.zimbra.soap import SoapFault
from recovery_site.ports import DirectoryUnavailable, PasswordRefused, PolicyProblem, UnknownAccount

NO_SUCH_ACCOUNT = "account.NO_SUCH_ACCOUNT"
MULTIPLE_ACCOUNTS = "account.MULTIPLE_ACCOUNTS_MATCHED"
PERM_DENIED = "service.PERM_DENIED"

NOT_THERE = {NO_SUCH_ACCOUNT, PERM_DENIED}
"""The second one is for those who may not look at the account: it is another domain's, or a global administrator's."""

NOT_TO_BE_MADE = {"account.ACCOUNT_EXISTS", PERM_DENIED}
"""An account of that name is there, or the service account has no right to make any."""

TOKEN_REFUSED = {"service.AUTH_REQUIRED", "service.AUTH_EXPIRED"}

UNDECIDED = {"service.FAILURE", "service.PROXY_ERROR", "service.TEMPORARILY_UNAVAILABLE"}
"""The server broke down over a request, or lost the server that it handed it to: it may have been done."""

SIGN_IN_REFUSED = {
    "account.AUTH_FAILED",
    "account.ACCOUNT_INACTIVE",
    "account.MAINTENANCE_MODE",
    NO_SUCH_ACCOUNT,
    PERM_DENIED,
}
"""A person's password does not open the account."""

PASSWORD_WAS_RIGHT = {"account.CHANGE_PASSWORD", "account.TWO_FACTOR_SETUP_REQUIRED"}
"""Said after the password was found right: it has to be changed now, or a second factor to be set up."""

_POLICY = {
    "account.PASSWORD_RECENTLY_USED": PolicyProblem.IN_HISTORY,
    "account.PASSWORD_CHANGE_TOO_SOON": PolicyProblem.TOO_YOUNG,
    "account.PASSWORD_LOCKED": PolicyProblem.OTHER,
}

_RULES = {
    "zimbraPasswordMinLength": PolicyProblem.TOO_SHORT,
    "zimbraPasswordMaxLength": PolicyProblem.TOO_LONG,
    "zimbraPasswordMinUpperCaseChars": PolicyProblem.TOO_WEAK,
    "zimbraPasswordMinLowerCaseChars": PolicyProblem.TOO_WEAK,
    "zimbraPasswordMinPunctuationChars": PolicyProblem.TOO_WEAK,
    "zimbraPasswordMinNumericChars": PolicyProblem.TOO_WEAK,
    "zimbraPasswordMinAlphaChars": PolicyProblem.TOO_WEAK,
    "zimbraPasswordMinDigitsOrPuncs": PolicyProblem.TOO_WEAK,
    "zimbraPasswordBlockCommonEnabled": PolicyProblem.TOO_WEAK,
}
"""The argument of account.INVALID_PASSWORD names the rule; one that is not here is `OTHER`."""

_LOGIN = {
    "account.AUTH_FAILED": "wrong name or password",
    PERM_DENIED: "not there, not active, or no administrator",
    "account.CHANGE_PASSWORD": "its password has to be changed",
    "account.MAINTENANCE_MODE": "it is in maintenance",
    "account.TWO_FACTOR_SETUP_REQUIRED": "it wants a second factor",
}

_WORDS = {
    PERM_DENIED: "the service account may not do this",
    "service.INVALID_REQUEST": "the request was not understood; an attribute of the settings may be unknown",
    "account.NO_SUCH_DOMAIN": "Zimbra does not know a domain of site.mail_domains",
    "account.TOO_MANY_SEARCH_RESULTS": "too many accounts for one search",
}


def refusal_of_login(code: str) -> DirectoryUnavailable:
    """Return why the service account cannot sign in."""
    return LoginRefused(f"the service account is refused: {_LOGIN.get(code, 'another reason')} ({code})")


class LoginRefused(DirectoryUnavailable):
    """The server answers, but does not let the service account in."""


def outcome(fault: SoapFault) -> Exception:
    """Return what a fault means to the site: one exception of the port for each code."""
    code = fault.code
    if code == NO_SUCH_ACCOUNT:
        return UnknownAccount()
    if code == "account.INVALID_PASSWORD":
        rules = {_RULES[name] for name in fault.attributes if name in _RULES}
        return PasswordRefused(min(rules, key=lambda rule: rule.value, default=PolicyProblem.OTHER))
    if code in _POLICY:
        return PasswordRefused(_POLICY[code])
    return DirectoryUnavailable(f"{_WORDS[code]} ({code})" if code in _WORDS else code)


@contextmanager
def understood() -> Iterator[None]:
    """Turn the faults of the block into exceptions of the port."""
    try:
        yield
    except SoapFault as fault:
        raise outcome(fault) from None
