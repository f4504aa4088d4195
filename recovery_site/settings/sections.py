"""The tables of the settings, one class each, with their defaults and their bounds."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from recovery_site.domain.people import NotAMobileNumber, mask_shape, read_number
from recovery_site.settings.section import Section


def _domain(text: str) -> str:
    if not re.fullmatch(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", text):
        raise ValueError("is not a domain in lower case, like soctrang.gov.vn")
    return text


def _mask(text: str) -> str:
    mask_shape(text)
    return text


def _mobile(text: str) -> str:
    try:
        return read_number(text).e164 if text else ""
    except NotAMobileNumber:
        raise ValueError("is not a Vietnamese mobile number") from None


_BASE_URL = re.compile(r"https?://[a-z0-9.-]+(?::[1-9][0-9]{0,4})?/?")
_DATABASE_URL = re.compile(r"sqlite:///.+|postgresql(?:\+psycopg)?://.+")
_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}

Domain = Annotated[str, AfterValidator(_domain)]


class Contact(Section):
    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.email and not _MAIL_ADDRESS.fullmatch(self.email):
            raise ValueError("email must be empty or a mail address")
        return self


class Site(Section):
    base_url: str = "http://127.0.0.1:8000"
    system_name: str = "Hệ thống thư điện tử công vụ"
    province: str = Field(min_length=1)
    mail_domains: list[Domain] = Field(min_length=1)
    domain_aliases: dict[Domain, Domain] = {}
    login_url: str = ""
    secret_key_file: str | list[str] = "data/secret_key"
    trusted_proxies: int = Field(default=0, ge=0, le=10)
    contact: Contact = Contact()
    alarm_phone: Annotated[str, AfterValidator(_mobile)] = Field(default="", repr=False)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not _BASE_URL.fullmatch(self.base_url):
            raise ValueError("base_url must be http:// or https:// and a host in lower case, without a path")
        if self.login_url and urlsplit(self.login_url).scheme not in ("http", "https"):
            raise ValueError("login_url must be empty or start with http:// or https://")
        if not self.key_files:
            raise ValueError("secret_key_file names no file")
        strangers = sorted(set(self.domain_aliases.values()) - set(self.mail_domains))
        if strangers:
            raise ValueError("domain_aliases must point to domains that are in mail_domains")
        return self

    @property
    def host(self) -> str:
        """What a Host header must be: the host, with the port where it is not the scheme's own."""
        parts = urlsplit(self.base_url)
        return parts.netloc.removesuffix(_DEFAULT_PORTS[parts.scheme])

    @property
    def is_https(self) -> bool:
        """True where browsers reach the site over TLS."""
        return self.base_url.startswith("https://")

    @property
    def key_files(self) -> list[Path]:
        """The key files, newest first."""
        names = [self.secret_key_file] if isinstance(self.secret_key_file, str) else self.secret_key_file
        return [Path(name) for name in names]


class Database(Section):
    url: str = Field(default="sqlite:///data/recovery.db", repr=False)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not _DATABASE_URL.fullmatch(self.url):
            raise ValueError("url must be sqlite:///FILE or postgresql://…")
        return self


class Code(Section):
    digits: int = Field(default=6, ge=6, le=8)
    lifetime_seconds: int = Field(default=600, ge=1, le=600)
    resend_after_seconds: int = Field(default=60, ge=0, le=600)
    attempts: int = Field(default=5, ge=1, le=5)


class Password(Section):
    min_length: int = Field(default=8, ge=8, le=64)
    max_length: int = Field(default=128, ge=64, le=1024)
    min_score: int = Field(default=2, ge=0, le=4)
    context_words: list[str] = []
    leaked_file: str = ""


class Disclosure(Section):
    mode: Literal["documented", "private"] = "documented"
    mask: Annotated[str, AfterValidator(_mask)] = "4+3"

    @property
    def is_private(self) -> bool:
        """True where pages tell nobody whether an address has an account."""
        return self.mode == "private"


class Mail(Section):
    """The mail server that takes notices to mailboxes; without a host there are none."""

    host: str = ""
    port: int = Field(default=25, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str = ""
    password: str = Field(default="", repr=False)
    sender: str = ""
    timeout_seconds: float = Field(default=10, gt=0, le=30)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.host and not _MAIL_ADDRESS.fullmatch(self.sender):
            raise ValueError("sender must be a mail address where host is set")
        if self.username and self.security == "none":
            raise ValueError("username needs security: a password does not go over an open line")
        if bool(self.username) != bool(self.password):
            raise ValueError("give username and password together")
        return self


class Activation(Section):
    """The clock of first passwords: the document's six hours, and when before their end the receiver is reminded."""

    lifetime_seconds: int = Field(default=6 * 3600, ge=60, le=7 * 24 * 3600)
    reminder_seconds: int = Field(default=3600, ge=0, le=24 * 3600)


class Retention(Section):
    """How long finished rows are kept before `purge` erases them."""

    recoveries_days: int = Field(default=90, ge=1, le=3650)
    audit_days: int = Field(default=365, ge=1, le=3650)

    @property
    def recoveries(self) -> timedelta:
        """How long recoveries are kept, and messages."""
        return timedelta(days=self.recoveries_days)

    @property
    def audit(self) -> timedelta:
        """How long the record of what happened is kept, and what was handed out."""
        return timedelta(days=self.audit_days)
