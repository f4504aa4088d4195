"""`[directory]`: where accounts and passwords are, and how they are reached there."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from recovery_site.settings.certificates import AuthorityFile
from recovery_site.settings.ldap import Ldap
from recovery_site.settings.section import Section


def _https_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or parts.username:
        raise ValueError("is not https:// and a host, without a user")
    return text


HttpsUrl = Annotated[str, AfterValidator(_https_url)]


class Zimbra(Section):
    """The admin SOAP interface of Zimbra; certificates are always verified."""

    url: HttpsUrl
    soap_url: HttpsUrl | Literal[""] = ""
    ca_file: AuthorityFile = ""
    admin: str = Field(min_length=1)
    admin_password: str = Field(min_length=1, repr=False)
    phones: list[str] = Field(default=["mobile"], min_length=1)
    unit: str = "ou"
    timeout_seconds: float = Field(default=5, gt=0, le=15)


class Directory(Section):
    kind: Literal["embedded", "ldap", "zimbra"] = "embedded"
    ldap: Ldap | None = None
    zimbra: Zimbra | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        for kind in ("ldap", "zimbra"):
            if self.kind == kind and getattr(self, kind) is None:
                raise ValueError(f"kind {kind} needs the table directory.{kind}")
        return self
