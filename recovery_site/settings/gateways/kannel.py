"""`kind = "kannel"`: a Kannel of the province's own, which binds to carriers over SMPP."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from recovery_site.settings.certificates import AuthorityFile
from recovery_site.settings.gateways.base import GatewayTable
from recovery_site.settings.http_url import check_http_url


def _check_header_value(value: str) -> str:
    """Return the value; raises `ValueError` where a header would not carry it unchanged (RFC 9110 section 5.5)."""
    if not (value.isascii() and value.isprintable()) or value != value.strip():
        raise ValueError("may have printable ASCII characters only, and no blank at its ends")
    return value


HeaderValue = Annotated[str, AfterValidator(_check_header_value)]


class KannelGateway(GatewayTable):
    """`url` is smsbox's sendsms; `smsc` picks a carrier's bind; without `reports` Kannel's word is the last one."""

    kind: Literal["kannel"]
    url: str = Field(repr=False)
    ca_file: AuthorityFile = ""
    username: HeaderValue = Field(min_length=1)
    password: HeaderValue = Field(min_length=1, repr=False)
    sender: HeaderValue = ""
    smsc: HeaderValue = ""
    reports: bool = True

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_http_url(self.url)
        parts = urlsplit(self.url)
        if parts.query or parts.fragment or "@" in parts.netloc:
            # a name or a password in it would stand in the logs of every proxy
            raise ValueError("url has a host, a port and a path; username and password have keys of their own")
        return self
