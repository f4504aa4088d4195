"""What Zimbra's published schema lets through (Zimbra/zm-mailbox, soap/src/java/com/zimbra/soap), and nothing else.

Only the requests that the site sends. A class with `propOrder = {}` is an `xs:all`: its children come in any order.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

SOAP = "http://www.w3.org/2003/05/soap-envelope"
ZIMBRA = "urn:zimbra"
ADMIN = "urn:zimbraAdmin"
ACCOUNT = "urn:zimbraAccount"

STRING = r"(?s).*"
SOME = r"(?s).+"
BOOL = "0|1|true|false"
NUMBER = r"-?\d{1,9}"
ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ACCOUNT_BY = "adminName|appAdminName|id|foreignPrincipal|name|krb5Principal"
TARGET_BY = "id|name"
TARGET = "account|calresource|cos|dl|group|domain|server|ucservice|xmppcomponent|zimlet|config|global"
TYPES = r"(accounts|distributionlists|aliases|resources|domains|coses)(,\w+)*"


class NotInTheSchema(Exception):
    """The document is one that the schema refuses."""


@dataclass(frozen=True)
class Shape:
    """An element: its attributes and its text as patterns, its children as shapes."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    children: Mapping[str, "Shape"] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()
    repeated: frozenset[str] = frozenset()
    in_order: bool = False
    text: str = ""


def _text(pattern: str = STRING, **attributes: str) -> Shape:
    return Shape(attributes, text=pattern)


_SELECTOR = Shape({"by": ACCOUNT_BY}, frozenset({"by"}), text=SOME)
_ATTRS = {"attrs": r"\w+(,\w+)*"}

REQUESTS: Mapping[str, Shape] = {
    f"{{{ADMIN}}}AuthRequest": Shape(
        {"persistAuthTokenCookie": BOOL, "csrfTokenSecured": BOOL, "name": SOME, "password": SOME},
        children={"authToken": _text(), "account": _SELECTOR, "virtualHost": _text(), "twoFactorCode": _text()},
    ),
    f"{{{ADMIN}}}GetAccountRequest": Shape(
        {**_ATTRS, "applyCos": BOOL, "effectiveQuota": BOOL},
        children={"account": _SELECTOR},
        needed=frozenset({"account"}),
    ),
    f"{{{ADMIN}}}SetPasswordRequest": Shape(
        {"id": ID, "newPassword": SOME}, frozenset({"id", "newPassword"}), {"dryRun": _text(BOOL)}
    ),
    f"{{{ADMIN}}}ModifyAccountRequest": Shape(
        {"id": ID},
        frozenset({"id"}),
        {"a": Shape({"n": r"\w+"}, frozenset({"n"}), text=STRING)},
        repeated=frozenset({"a"}),
    ),
    f"{{{ADMIN}}}CreateAccountRequest": Shape(
        {"name": SOME, "password": SOME},
        frozenset({"name"}),
        {"a": Shape({"n": r"\w+"}, frozenset({"n"}), text=STRING)},
        repeated=frozenset({"a"}),
    ),
    f"{{{ADMIN}}}SearchDirectoryRequest": Shape(
        {
            **_ATTRS, "query": SOME, "maxResults": NUMBER, "limit": NUMBER, "offset": NUMBER, "domain": SOME,
            "applyCos": BOOL, "applyConfig": BOOL, "sortBy": r"\w+", "types": TYPES, "sortAscending": BOOL,
            "countOnly": BOOL,
        }
    ),
    f"{{{ADMIN}}}GetEffectiveRightsRequest": Shape(
        {"expandAllAttrs": "(setAttrs|getAttrs)(,(setAttrs|getAttrs))?"},
        children={
            "target": Shape({"type": TARGET, "by": TARGET_BY}, frozenset({"type"}), text=SOME),
            "grantee": Shape({"type": "usr|email", "by": TARGET_BY}, text=SOME),
        },
        needed=frozenset({"target"}),
        in_order=True,
    ),
    f"{{{ADMIN}}}NoOpRequest": Shape(),
    f"{{{ACCOUNT}}}AuthRequest": Shape(
        {"persistAuthTokenCookie": BOOL, "csrfTokenSecured": BOOL, "deviceTrusted": BOOL, "tokenType": SOME},
        children={"account": _SELECTOR, "password": _text(SOME), "virtualHost": _text(), "twoFactorCode": _text()},
    ),
    f"{{{ACCOUNT}}}EndSessionRequest": Shape({"logoff": BOOL, "all": BOOL, "excludeCurrent": BOOL, "sessionId": SOME}),
}  # fmt: skip

CONTEXT = Shape(
    children={
        "userAgent": Shape({"name": SOME, "version": SOME}),
        "authToken": _text(SOME),
        "session": Shape({"id": NUMBER}),
        "format": Shape({"type": "xml|js"}),
    }
)


def open_envelope(envelope: Element) -> tuple[Element, str]:
    """Return the request and the token of a whole document; raises `NotInTheSchema`."""
    _require(envelope.tag == f"{{{SOAP}}}Envelope", f"{envelope.tag} is not a SOAP 1.2 envelope")
    _require([one.tag for one in envelope] == [f"{{{SOAP}}}Header", f"{{{SOAP}}}Body"], "not a header and a body")
    header, body = envelope
    _require([one.tag for one in header] == [f"{{{ZIMBRA}}}context"], "not one context in the header")
    check(header[0], CONTEXT)
    _require(len(body) == 1, "not one request in the body")
    _require(body[0].tag in REQUESTS, f"unknown document {body[0].tag}")
    check(body[0], REQUESTS[body[0].tag])
    return body[0], header[0].findtext(f"{{{ZIMBRA}}}authToken", "")


def check(element: Element, shape: Shape) -> None:
    """Raises `NotInTheSchema`; what the element holds is not repeated."""
    space, _, name = element.tag[1:].partition("}")
    for attribute, value in element.attrib.items():
        _require(attribute in shape.attributes, f"{name} has no attribute {attribute}")
        _require(bool(re.fullmatch(shape.attributes[attribute], value)), f"the type of {attribute} in {name}")
    _require(shape.required <= set(element.attrib), f"{name} lacks an attribute")
    names = [child.tag.removeprefix(f"{{{space}}}") for child in element]
    _require(set(names) <= set(shape.children), f"{name} has no such children as {names}")
    _require(shape.needed <= set(names), f"{name} lacks a child")
    once = [child for child in names if child not in shape.repeated]
    _require(len(once) == len(set(once)), f"a child of {name} comes twice")
    order = [list(shape.children).index(child) for child in names]
    _require(not shape.in_order or order == sorted(order), f"the children of {name} are in the wrong order")
    _require(bool(re.fullmatch(shape.text, element.text or "")), f"the text of {name}")
    for child in element:
        _require(not (child.tail or "").strip(), f"text between the children of {name}")
        check(child, shape.children[child.tag.removeprefix(f"{{{space}}}")])


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NotInTheSchema(otherwise)
