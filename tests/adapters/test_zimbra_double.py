"""The double of Zimbra is as strict as the schema: a document that is not to the letter fails, and fails the test."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.peers.zimbra import ADMIN_PATH, Zimbra, running

WRONG_ORDER = (
    '<GetEffectiveRightsRequest xmlns="urn:zimbraAdmin"><grantee by="id">x</grantee>'
    '<target type="account" by="id">x</target></GetEffectiveRightsRequest>'
)
HEAD = '<context xmlns="urn:zimbra"><userAgent name="test"/>%s</context>'
ENVELOPE = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header>%s</s:Header><s:Body>%s</s:Body></s:Envelope>'
GET = '<GetAccountRequest xmlns="urn:zimbraAdmin" applyCos="0"><account by="name">an</account></GetAccountRequest>'


@pytest.fixture
def double(tmp_path: Path) -> Iterator[Zimbra]:
    with running(tmp_path) as started:
        yield started


def post(double: Zimbra, document: str, path: str = ADMIN_PATH, kind: str = "application/soap+xml") -> str:
    trusted = ssl.create_default_context(cafile=str(double.ca_file))
    with httpx.Client(verify=trusted, trust_env=False) as client:
        answer = client.post(double.url + path, content=document.encode(), headers={"Content-Type": kind})
    assert answer.status_code == 500
    return answer.text


def test_a_document_to_the_letter_gets_as_far_as_the_token(double: Zimbra) -> None:
    assert "service.AUTH_REQUIRED" in post(double, ENVELOPE % (HEAD % "", GET))
    assert double.violations == []


@pytest.mark.parametrize(
    "document",
    [
        "no XML",
        ENVELOPE.replace("2003/05/soap-envelope", "2001/12/soap-envelope") % (HEAD % "", GET),
        ENVELOPE % ("", GET),
        ENVELOPE % (HEAD % "<token>x</token>", GET),
        ENVELOPE % (HEAD % "", ""),
        ENVELOPE % (HEAD % "", GET + GET),
        ENVELOPE % (HEAD % "", GET.replace("urn:zimbraAdmin", "urn:zimbraAccount")),
        ENVELOPE % (HEAD % "", GET.replace("GetAccount", "GetAcount")),
        ENVELOPE % (HEAD % "", GET.replace('applyCos="0"', 'applyCos="no"')),
        ENVELOPE % (HEAD % "", GET.replace('applyCos="0"', 'applyCOS="0"')),
        ENVELOPE % (HEAD % "", GET.replace('by="name"', 'by="mail"')),
        ENVELOPE % (HEAD % "", GET.replace(' by="name"', "")),
        ENVELOPE % (HEAD % "", GET.replace(">an<", "><")),
        ENVELOPE % (HEAD % "", GET.replace("</account>", "</account>text")),
        ENVELOPE % (HEAD % "", GET.replace("<account ", '<account by="id">x</account><account ')),
        ENVELOPE % (HEAD % "", '<SetPasswordRequest xmlns="urn:zimbraAdmin" id="1" newPassword="x"/>'),
        ENVELOPE % (HEAD % "", '<SetPasswordRequest xmlns="urn:zimbraAdmin" newPassword="x"/>'),
        ENVELOPE % (HEAD % "", WRONG_ORDER),
    ],
)
def test_what_the_schema_refuses_is_a_fault_and_is_kept(double: Zimbra, document: str) -> None:
    assert "service.INVALID_REQUEST" in post(double, document)
    assert len(double.violations) == 1


def test_a_request_at_the_wrong_place_or_of_the_wrong_type_is_refused(double: Zimbra) -> None:
    document = ENVELOPE % (HEAD % "", GET)
    assert "service.INVALID_REQUEST" in post(double, document, "/service/soap/")
    assert "service.INVALID_REQUEST" in post(double, document, kind="text/xml")
    assert len(double.violations) == 2
