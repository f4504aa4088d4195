"""The tables `[sms]` and `[sms.gateway.*]`."""

import json
import re
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from recovery_site.settings.section import Section, with_files

_TABLES = ("headers", "json", "form", "query")
_WORD_IN_BRACES = re.compile(r"{([a-z_]+)}")

SLOWEST_SECONDS = 45
"""All gateways' time-outs together: a message is leased to one dispatcher for 60 seconds."""


class ConsoleGateway(Section):
    kind: Literal["console"]


class Success(Section):
    """What an accepted message looks like: a status, and optionally fields of the JSON answer and the carrier's id."""

    status: list[int] = [200, 201, 202]
    json_: dict[str, str] = Field(default={}, alias="json")
    id: str = ""


class HttpGateway(Section):
    """A carrier's HTTP interface, described by templates; placeholders are listed in `adapters/sms/http.py`."""

    PLACEHOLDERS: ClassVar = ("to", "to_local", "text", "message_id", "code", "minutes", "reference")

    kind: Literal["http"]
    url: str = Field(repr=False)
    method: Literal["GET", "POST", "PUT"] = "POST"
    headers: dict[str, str] = Field(default={}, repr=False)
    json_: dict[str, Any] | None = Field(default=None, alias="json", repr=False)
    form: dict[str, str] | None = Field(default=None, repr=False)
    query: dict[str, str] | None = Field(default=None, repr=False)
    xml: str | None = Field(default=None, repr=False)
    timeout_seconds: float = Field(default=5, gt=0, le=30)
    success: Success = Success()

    @model_validator(mode="before")
    @classmethod
    def _read_files_in_tables(cls, values: object) -> object:
        """Read `<key>_file` inside the tables too: a carrier's keys stand in headers and bodies."""
        if not isinstance(values, dict):
            return values
        tables = {name: values[name] for name in _TABLES if isinstance(values.get(name), dict)}
        return {**values, **{name: with_files(table) for name, table in tables.items()}}

    @model_validator(mode="after")
    def _check(self) -> Self:
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError("url must start with http:// or https://")
        bodies = [body for body in (self.json_, self.form, self.xml) if body is not None]
        if len(bodies) > 1:
            raise ValueError("give one of json, form and xml")
        if not bodies and self.query is None:
            raise ValueError("give the message: one of json, form, query and xml")
        templates = json.dumps([self.headers, self.json_, self.form, self.query, self.xml])
        strangers = sorted(set(_WORD_IN_BRACES.findall(templates)) - set(self.PLACEHOLDERS))
        if strangers:
            raise ValueError(f"no such placeholder: {', '.join(strangers)}; there are {', '.join(self.PLACEHOLDERS)}")
        if self.method == "GET" and bodies:
            raise ValueError("GET carries its parameters in query")
        return self


Gateway = Annotated[ConsoleGateway | HttpGateway, Field(discriminator="kind")]


class Sms(Section):
    gateways: list[str] = Field(default=["main"], min_length=1)
    dispatcher: Literal["thread", "separate"] = "thread"
    origin_bound: bool = False
    gateway: dict[str, Gateway] = {"main": ConsoleGateway(kind="console")}

    @model_validator(mode="after")
    def _check(self) -> Self:
        missing = [name for name in self.gateways if name not in self.gateway]
        if missing:
            raise ValueError(f"gateways names {', '.join(missing)}, which has no table [sms.gateway.{missing[0]}]")
        used = [self.gateway[name] for name in self.gateways]
        if sum(one.timeout_seconds for one in used if isinstance(one, HttpGateway)) > SLOWEST_SECONDS:
            raise ValueError(f"the time-outs of all gateways together may not be above {SLOWEST_SECONDS} seconds")
        return self
