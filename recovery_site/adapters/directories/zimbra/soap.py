"""SOAP 1.2 as Zimbra speaks it: one request in the body, a token in the header, faults that come with status 500.

Source: Zimbra/zm-mailbox, store/docs/soap.txt.
"""

import re
import unicodedata
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml.ElementTree import fromstring

from recovery_site.adapters.http.deadline import Deadline
from recovery_site.adapters.http.exchange import Answer, Exchange
from recovery_site.ports import DirectoryUnavailable, GatewayFault

ADMIN = "urn:zimbraAdmin"
ACCOUNT = "urn:zimbraAccount"

_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_ZIMBRA = "urn:zimbra"

_LARGEST_ANSWER = 4 * 1024 * 1024
"""In bytes: a page of the listing has some 500 of them for each account."""

_CODE = re.compile(r"[a-zA-Z]{1,20}\.[A-Z_]{1,60}")

_IN_WORDS = {
    "ConnectError": "no connection",
    "ReadError": "the connection was cut",
    "WriteError": "the connection was cut",
    "RemoteProtocolError": "the answer is not HTTP, or it breaks off",
}
"""For what the HTTP client only has a name of its own for."""


class SoapFault(Exception):
    """Zimbra refuses, with a code; of its words only the names of the policy's attributes are kept."""

    def __init__(self, code: str, attributes: frozenset[str] = frozenset()) -> None:
        super().__init__(code)
        self.code = code
        self.attributes = attributes


class Soap:
    """One of Zimbra's SOAP addresses. Certificates are verified; redirects are not followed."""

    def __init__(self, url: str, seconds: float, ca_file: str) -> None:
        self._url = url
        self._seconds = seconds
        self._exchange = Exchange(seconds, ca_file=ca_file, largest=_LARGEST_ANSWER)

    def ask(self, request: Element, token: str = "") -> Element:
        """Return the answer to the request. Raises `SoapFault`, and `DirectoryUnavailable` where none can be read."""
        document = tostring(_envelope(request, token), encoding="utf-8", xml_declaration=True)
        deadline = Deadline(self._seconds)
        try:
            answer = deadline.run(
                lambda: self._exchange.ask(
                    deadline, "POST", self._url,
                    headers={"Content-Type": "application/soap+xml; charset=utf-8"}, content=document,
                )
            )  # fmt: skip
        except GatewayFault as fault:
            raise DirectoryUnavailable(_IN_WORDS.get(str(fault), str(fault))) from None
        return _content(answer, _answer_to(request))


def request_of(space: str, name: str, /, **attributes: str) -> Element:
    """Return a request without children."""
    return Element(f"{{{space}}}{name}", attributes)


def add(parent: Element, name: str, text: str, /, **attributes: str) -> None:
    """Give a request a child in its own namespace."""
    space = parent.tag.partition("}")[0]
    SubElement(parent, f"{space}}}{name}", attributes).text = text


def child_text(answer: Element, space: str, name: str) -> str:
    """Return the text of a child, '' where there is none."""
    return answer.findtext(f"{{{space}}}{name}") or ""


def fits_into_xml(text: str) -> bool:
    """Return whether a document carries `text` unchanged: without control characters and halves of pairs."""
    return not any(unicodedata.category(sign) in ("Cc", "Cs") or sign in "\ufffe\uffff" for sign in text)


def _envelope(request: Element, token: str) -> Element:
    envelope = Element(f"{{{_SOAP}}}Envelope")
    context = SubElement(SubElement(envelope, f"{{{_SOAP}}}Header"), f"{{{_ZIMBRA}}}context")
    # without <session> the server keeps none, which nobody would end
    SubElement(context, f"{{{_ZIMBRA}}}userAgent", {"name": "recovery-site"})
    if token:
        SubElement(context, f"{{{_ZIMBRA}}}authToken").text = token
    SubElement(envelope, f"{{{_SOAP}}}Body").append(request)
    return envelope


def _answer_to(request: Element) -> str:
    return request.tag.removesuffix("Request") + "Response"


def _content(answer: Answer, expected: str) -> Element:
    if 300 <= answer.status < 400:
        raise DirectoryUnavailable(f"status {answer.status}: redirects are not followed")
    if answer.status not in (200, 500):
        raise DirectoryUnavailable(f"status {answer.status}")
    try:
        envelope = fromstring(answer.body, forbid_dtd=True)
    except (SyntaxError, ValueError, LookupError):
        raise _no_soap(answer) from None
    body = envelope.find(f"{{{_SOAP}}}Body")
    if envelope.tag != f"{{{_SOAP}}}Envelope" or body is None or len(body) != 1:
        raise _no_soap(answer)
    content: Element = body[0]
    if content.tag == f"{{{_SOAP}}}Fault":
        raise _fault(content)
    if answer.status != 200 or content.tag != expected:
        raise _no_soap(answer)
    return content


def _no_soap(answer: Answer) -> DirectoryUnavailable:
    return DirectoryUnavailable("the answer is not Zimbra's" if answer.status == 200 else f"status {answer.status}")


def _fault(fault: Element) -> SoapFault:
    error = f"{{{_SOAP}}}Detail/{{{_ZIMBRA}}}Error"
    code = fault.findtext(f"{error}/{{{_ZIMBRA}}}Code") or ""
    named = frozenset(one.get("n", "") for one in fault.iterfind(f"{error}/{{{_ZIMBRA}}}a"))
    return SoapFault(code if _CODE.fullmatch(code) else "a fault without a code", named)
