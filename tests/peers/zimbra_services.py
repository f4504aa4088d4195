"""The requests that the double of Zimbra answers, with the rights that each of them needs."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from xml.etree.ElementTree import Element, SubElement

from tests.peers.zimbra_accounts import KNOWN, NEW, USER_TOKEN_LIFETIME, Accounts, Admin, Fault, Mailbox
from tests.peers.zimbra_schema import ACCOUNT, ADMIN

NO_RIGHT = "service.PERM_DENIED"


class Services:
    """The admin service and the account service, behind the schema."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts
        self.admin_lifetime = timedelta(hours=12)
        self.admin_factor = False
        self.logins: list[str] = []
        self._handlers: Mapping[str, Callable[[Element, str], Element]] = {
            f"{{{ADMIN}}}AuthRequest": self._auth_admin,
            f"{{{ADMIN}}}NoOpRequest": self._no_op,
            f"{{{ADMIN}}}GetAccountRequest": self._get_account,
            f"{{{ADMIN}}}SetPasswordRequest": self._set_password,
            f"{{{ADMIN}}}ModifyAccountRequest": self._modify_account,
            f"{{{ADMIN}}}CreateAccountRequest": self._create_account,
            f"{{{ADMIN}}}SearchDirectoryRequest": self._search_directory,
            f"{{{ADMIN}}}GetEffectiveRightsRequest": self._effective_rights,
            f"{{{ACCOUNT}}}AuthRequest": self._auth_person,
            f"{{{ACCOUNT}}}EndSessionRequest": self._end_session,
        }

    def answer(self, request: Element, token: str) -> Element:
        """Return the response; raises `Fault`."""
        return self._handlers[request.tag](request, token)

    def _auth_admin(self, request: Element, _token: str) -> Element:
        name = request.get("name", "")
        self.logins.append(name)
        admin = self.accounts.admins.get(name)
        if admin is None:
            raise Fault(NO_RIGHT, "permission denied: Error in Authentication")
        if request.get("password") != admin.password:
            raise Fault("account.AUTH_FAILED", f"authentication failed for [{name}]")
        response = _response(request)
        _child(response, "lifetime", str(int(self.admin_lifetime.total_seconds() * 1000)))
        if self.admin_factor:
            _child(response, "twoFactorAuthRequired", "true")
        _child(response, "authToken", self.accounts.issue(name, admin=True, lifetime=self.admin_lifetime))
        return response

    def _no_op(self, request: Element, token: str) -> Element:
        self._admin(token)
        return _response(request)

    def _get_account(self, request: Element, token: str) -> Element:
        admin = self._admin(token)
        wanted = _wanted(request)
        selector = request[0]
        box = self._target(admin, selector.get("by", ""), selector.text or "", "getAccountInfo")
        response = _response(request)
        _encode(response, box, wanted, admin)
        return response

    def _set_password(self, request: Element, token: str) -> Element:
        admin = self._admin(token)
        box = self._target(admin, "id", request.get("id", ""), "setAccountPassword", "changeAccountPassword")
        enforced = not admin.has("setAccountPassword")
        message = self.accounts.set_password(box, request.get("newPassword", ""), enforced=enforced)
        response = _response(request)
        if message:
            _child(response, "message", message)
        return response

    def _modify_account(self, request: Element, token: str) -> Element:
        admin = self._admin(token)
        box = self._target(admin, "id", request.get("id", ""))
        changes: dict[str, list[str]] = {}
        for one in request:
            changes.setdefault(one.get("n", ""), []).append(one.text or "")
        for name in changes:
            if not admin.is_global and name not in admin.writable:
                raise Fault(NO_RIGHT, f"permission denied: need right to set attribute {name}")
        self.accounts.modify(box, changes)
        response = _response(request)
        _encode(response, box, None, admin)
        return response

    def _create_account(self, request: Element, token: str) -> Element:
        admin, name = self._admin(token), request.get("name", "")
        if not admin.is_global and not (admin.has("createAccount") and name.partition("@")[2] in admin.domains):
            raise Fault(NO_RIGHT, "permission denied: need adequate privileges to create account")
        values: dict[str, list[str]] = {}
        for one in request:
            values.setdefault(one.get("n", ""), []).append(one.text or "")
        if not admin.is_global and not set(values) <= admin.writable | NEW:
            raise Fault(NO_RIGHT, "permission denied: can not set these attributes")
        box = self.accounts.create(name, request.get("password", ""), values)
        response = _response(request)
        _encode(response, box, None, admin)
        return response

    def _search_directory(self, request: Element, token: str) -> Element:
        admin = self._admin(token)
        wanted = _wanted(request)
        if request.get("query") != "(!(zimbraIsSystemAccount=TRUE))" or request.get("types") != "accounts":
            raise Fault("service.INVALID_REQUEST", "this double knows one search")
        domain, offset, limit = request.get("domain"), int(request.get("offset", 0)), int(request.get("limit", 0))
        if domain not in {name.partition("@")[2] for name in self.accounts.mailboxes}:
            raise Fault("account.NO_SUCH_DOMAIN", f"no such domain: {domain}")
        may_list = admin.is_global or (admin.has("listAccount") and domain in admin.domains)
        found = [
            box for name, box in sorted(self.accounts.mailboxes.items())
            if may_list and name.endswith(f"@{domain}") and box.get("zimbraIsSystemAccount") != "TRUE"
            and box.get("zimbraAccountCalendarUserType") != "RESOURCE"
        ]  # fmt: skip
        if len(found) > (int(request.get("maxResults", 5000)) or len(found)):
            raise Fault("account.TOO_MANY_SEARCH_RESULTS", "number of results exceeds the limit")
        page = found[offset : offset + (limit or len(found))]
        response = _response(request)
        response.set("more", "1" if offset + len(page) < len(found) else "0")
        response.set("searchTotal", str(len(found)))
        for box in page:
            _encode(response, box, wanted, admin)
        return response

    def _effective_rights(self, request: Element, token: str) -> Element:
        admin = self._admin(token)
        box = self._target(admin, request[0].get("by", ""), request[0].text or "")
        response = _response(request)
        _element(response, "grantee", name=self.accounts.tokens[token].owner)
        target = _element(response, "target", type="account", id=box.id, name=box.name)
        every = {"listAccount", "getAccountInfo", "changeAccountPassword", "setAccountPassword", "deleteAccount"}
        for right in sorted(every if admin.is_global else admin.rights):
            _element(target, "right", n=right)
        for kind, names in (("setAttrs", admin.writable), ("getAttrs", admin.readable)):
            attributes = _element(target, kind, **({"all": "1"} if admin.is_global else {}))
            for name in () if admin.is_global else sorted(names):
                _element(attributes, "a", n=name)
        return response

    def _auth_person(self, request: Element, _token: str) -> Element:
        name = request.findtext(f"{{{ACCOUNT}}}account", "")
        box = self.accounts.sign_in(name, request.findtext(f"{{{ACCOUNT}}}password", ""))
        response = _response(request)
        if box.second_factor:
            _child(response, "twoFactorAuthRequired", "true")
        else:
            token = self.accounts.issue(box.name, admin=False, lifetime=USER_TOKEN_LIFETIME, validity=box.validity)
            _child(response, "authToken", token)
        _child(response, "lifetime", str(int(USER_TOKEN_LIFETIME.total_seconds() * 1000)))
        return response

    def _end_session(self, request: Element, token: str) -> Element:
        if not self.accounts.is_open(token):
            raise Fault("service.AUTH_REQUIRED", "no valid authtoken present")
        if request.get("logoff") in ("1", "true"):
            del self.accounts.tokens[token]
        return _response(request)

    def _admin(self, token: str) -> Admin:
        if not token:
            raise Fault("service.AUTH_REQUIRED", "no valid authtoken present")
        known = self.accounts.tokens.get(token)
        if known is None or not known.is_admin or self.accounts.now() >= known.until:
            raise Fault("service.AUTH_EXPIRED", "auth credentials have expired")
        return self.accounts.admins[known.owner]

    def _target(self, admin: Admin, by: str, key: str, *needed: str) -> Mailbox:
        """Return the account; raises `Fault` as AdminDocumentHandler.defendAgainstAccountHarvesting does.

        Who lacks the rights that are `needed` is not told whether the account exists, and gets at no global one.
        """
        box = self.accounts.look_up(by, key)
        missing = Fault("account.NO_SUCH_ACCOUNT", f"no such account: {key}")
        if admin.is_global:
            if box is None:
                raise missing
            return box
        domain = (box.name if box else key).partition("@")[2]
        if domain not in admin.domains or (needed and not any(map(admin.has, needed))):
            raise Fault(NO_RIGHT, f"permission denied: can not access account {key}")
        if box is None and by == "name" and self.accounts.tells_who_is_missing:
            raise missing
        if box is None or box.get("zimbraIsAdminAccount") == "TRUE":
            raise Fault(NO_RIGHT, f"permission denied: can not access account {key}")
        return box


def _wanted(request: Element) -> set[str] | None:
    """Raises `Fault` for a name that is no attribute of accounts, as AdminDocumentHandler.getReqAttrs does."""
    names = request.get("attrs")
    if names is None:
        return None
    wanted = set(names.split(","))
    if not wanted <= KNOWN:
        raise Fault("service.INVALID_REQUEST", f"invalid request: unknown attribute: {wanted - KNOWN}")
    return wanted


def _encode(parent: Element, box: Mailbox, wanted: set[str] | None, admin: Admin) -> None:
    account = _element(parent, "account", name=box.name, id=box.id)
    for name, values in box.values.items():
        if wanted is not None and name not in wanted:
            continue
        for value in values:
            if admin.is_global or name in admin.readable:
                _element(account, "a", n=name).text = value
            else:
                _element(account, "a", n=name, pd="1")


def _response(request: Element) -> Element:
    return Element(request.tag.removesuffix("Request") + "Response")


def _element(parent: Element, name: str, /, **attributes: str) -> Element:
    return SubElement(parent, f"{parent.tag.partition('}')[0]}}}{name}", attributes)


def _child(parent: Element, name: str, text: str) -> None:
    _element(parent, name).text = text
