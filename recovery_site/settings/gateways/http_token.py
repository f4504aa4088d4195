"""The table `token` of `kind = "http"`: what has to be fetched, or signed, before a message can be sent."""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from recovery_site.settings.gateways.http_template import check_headers, check_placeholders, read_files
from recovery_site.settings.http_url import check_http_url
from recovery_site.settings.section import Section

LONGEST_DAYS = 90


class TokenTable(Section):
    """A token is renewed before `lifetime_seconds` run out, and at once where `faults.field` is in `renew_on`."""

    lifetime_seconds: int = Field(default=3600, ge=10, le=LONGEST_DAYS * 86400)
    renew_on: list[str] = []


class Rotates(Section):
    """A refresh token that changes with each use: `field` of the answer is the next one, kept in `file`."""

    field: str = Field(default="refresh_token", min_length=1)
    file: Path

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            filled = self.file.read_text("ascii").strip() != ""
        except (OSError, UnicodeDecodeError):
            filled = False
        if not filled:
            raise ValueError("file: it cannot be read, or there is no refresh token in it")
        return self


class FetchedToken(TokenTable):
    """A token that a call of its own returns as JSON, at `field`."""

    PLACEHOLDERS: ClassVar = ("refresh_token",)

    kind: Literal["http"]
    url: str = Field(repr=False)
    method: Literal["GET", "POST"] = "POST"
    headers: dict[str, str] = Field(default={}, repr=False)
    json_: dict[str, Any] | None = Field(default=None, alias="json", repr=False)
    form: dict[str, str] | None = Field(default=None, repr=False)
    field: str = Field(default="access_token", min_length=1)
    rotates: Rotates | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_files_in_tables(cls, values: object) -> object:
        return read_files(values, ("headers", "json", "form"))

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_http_url(self.url)
        check_headers(self.headers)
        if self.json_ is not None and self.form is not None:
            raise ValueError("give one of json and form")
        if self.method == "GET" and (self.json_ is not None or self.form is not None):
            raise ValueError("GET has no body")
        used = check_placeholders([self.headers, self.json_, self.form], self.PLACEHOLDERS)
        if bool(used) != (self.rotates is not None):
            raise ValueError("{refresh_token} and the table rotates belong together")
        return self


class SignedToken(TokenTable):
    """A JSON Web Token (RFC 7519) that the site signs with HS256. `exp` is added; `{now}` is Unix time in seconds."""

    PLACEHOLDERS: ClassVar = ("now",)

    kind: Literal["jwt"]
    # RFC 7518 section 3.2: a key of the hash's size or larger
    secret: str = Field(min_length=32, repr=False)
    header: dict[str, str] = {}
    claims: dict[str, Any] = Field(default={}, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _read_files_in_tables(cls, values: object) -> object:
        return read_files(values, ("claims",))

    @model_validator(mode="after")
    def _check(self) -> Self:
        if "exp" in self.claims or "alg" in self.header:
            raise ValueError("exp and alg are set by the site")
        check_placeholders(self.claims, self.PLACEHOLDERS)
        return self


Token = Annotated[FetchedToken | SignedToken, Field(discriminator="kind")]
