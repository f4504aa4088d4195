"""`kind = "http"`: a carrier's HTTP interface, described by templates."""

from typing import Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from recovery_site.settings.certificates import AuthorityFile
from recovery_site.settings.gateways.base import GatewayTable
from recovery_site.settings.gateways.http_answer import AnswerKind, Faults, Reports, Success
from recovery_site.settings.gateways.http_template import check_headers, check_placeholders, read_files
from recovery_site.settings.gateways.http_token import Token
from recovery_site.settings.http_url import check_http_url


class HttpGateway(GatewayTable):
    """A carrier's HTTP interface; docs/administration/sms.md says what each placeholder is."""

    PLACEHOLDERS: ClassVar = (
        "to", "to_local", "text", "text_base64", "message_id", "code", "minutes", "reference", "report_url", "token",
    )  # fmt: skip

    kind: Literal["http"]
    url: str = Field(repr=False)
    ca_file: AuthorityFile = ""
    method: Literal["GET", "POST", "PUT"] = "POST"
    headers: dict[str, str] = Field(default={}, repr=False)
    json_: dict[str, Any] | None = Field(default=None, alias="json", repr=False)
    form: dict[str, str] | None = Field(default=None, repr=False)
    query: dict[str, str] | None = Field(default=None, repr=False)
    xml: str | None = Field(default=None, repr=False)
    answer: AnswerKind = "json"
    success: Success = Success()
    faults: Faults = Faults()
    token: Token | None = None
    report: Reports | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_files_in_tables(cls, values: object) -> object:
        values = read_files(values, ("headers", "json", "form", "query"))
        if isinstance(values, dict) and isinstance(values.get("token"), dict):
            values["token"] = {"kind": "http", **values["token"]}
        return values

    @model_validator(mode="after")
    def _check(self) -> Self:
        self._check_request()
        used = check_placeholders([self.headers, self.json_, self.form, self.query, self.xml], self.PLACEHOLDERS)
        if ("token" in used) != (self.token is not None):
            raise ValueError("{token} and the table token belong together")
        self.success.check(self.answer)
        self.faults.check(self.answer, self.success, self.token.renew_on if self.token else [])
        if self.report:
            self._check_report(self.report, used)
        return self

    def _check_request(self) -> None:
        check_http_url(self.url)
        check_headers(self.headers)
        bodies = [body for body in (self.json_, self.form, self.xml) if body is not None]
        if len(bodies) > 1:
            raise ValueError("give one of json, form and xml")
        if not bodies and self.query is None:
            raise ValueError("give the message: one of json, form, query and xml")
        if self.method == "GET" and bodies:
            raise ValueError("GET carries its parameters in query")
        if self.query is not None and urlsplit(self.url).query:
            raise ValueError("the url has parameters already; move them into query")

    def _check_report(self, report: Reports, used: frozenset[str]) -> None:
        if report.message_id and "message_id" not in used:
            raise ValueError("report.message_id needs {message_id} in the request")
        if report.carrier_id and not self.success.id:
            raise ValueError("report.carrier_id needs success.id")
