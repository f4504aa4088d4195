"""`[dovecot]` and `[webhook]`: what else must learn that a password changed."""

import re
from base64 import b64decode
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from recovery_site.settings.certificates import AuthorityFile
from recovery_site.settings.section import Section

_LOOPBACK = re.compile(r"127(?:\.\d+){3}|localhost|::1")
_SECRET = re.compile(r"whsec_([A-Za-z0-9+/]+={0,2})")


class Dovecot(Section):
    """doveadm's HTTP API of each Dovecot that officials sign in to; without `urls` none is told."""

    urls: list[str] = []
    api_key: str = Field(default="", repr=False)
    username: str = "{address}"
    ca_file: AuthorityFile = ""
    timeout_seconds: float = Field(default=5, gt=0, le=15)

    @model_validator(mode="after")
    def _check(self) -> Self:
        for url in self.urls:
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
                raise ValueError("urls must be http:// or https:// and a host")
            if parts.scheme == "http" and not _LOOPBACK.fullmatch(parts.hostname):
                raise ValueError("urls must be https:// for another machine: the key does not go over an open line")
        if self.urls and not self.api_key:
            raise ValueError("api_key is needed where urls are given")
        if self.username not in ("{address}", "{local}"):
            raise ValueError("username must be {address} or {local}")
        return self


class Webhook(Section):
    """An address of the province's own that is told; without `url` none is."""

    url: str = Field(default="", repr=False)
    secret: str = Field(default="", repr=False)
    ca_file: AuthorityFile = ""
    timeout_seconds: float = Field(default=5, gt=0, le=15)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.url and not self.secret:
            return self
        parts = urlsplit(self.url)
        if parts.scheme != "https" or not parts.hostname or parts.username:
            raise ValueError("url must be https:// and a host")
        if not 24 <= len(self.key) <= 64:
            raise ValueError("secret must be whsec_ and the Base64 of 24 to 64 random bytes")
        return self

    @property
    def key(self) -> bytes:
        """The secret's bytes; none where it is malformed."""
        found = _SECRET.fullmatch(self.secret)
        try:
            return b64decode(found[1], validate=True) if found else b""
        except ValueError:
            return b""
