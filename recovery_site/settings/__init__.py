"""Typed settings: the only reader of files and environment for configuration.

A TOML file named by `RECOVERY_CONFIG`; any key can be set by `RECOVERY_<SECTION>__<KEY>` (JSON for lists and tables);
any value can be read from the file that `<key>_file` names. Everything that is wrong is reported at once, by name, and
no value is ever printed: it may be a secret.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from recovery_site.domain.texts import TextRefused
from recovery_site.settings.directory import Directory
from recovery_site.settings.hooks import Dovecot, Webhook
from recovery_site.settings.limits import Limits, Proof
from recovery_site.settings.sections import (
    Activation,
    Code,
    Database,
    Disclosure,
    Mail,
    Password,
    Retention,
    Site,
)
from recovery_site.settings.sms import Sms

PREFIX = "RECOVERY_"
CONFIG_NAME = "RECOVERY_CONFIG"


class SettingsRefused(Exception):
    """The settings are wrong. `problems` names each key with what to do, and no value."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(BaseSettings):
    """All settings. Make one with `load`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    site: Site
    database: Database = Database()
    directory: Directory = Directory()
    sms: Sms = Sms()
    mail: Mail = Mail()
    dovecot: Dovecot = Dovecot()
    webhook: Webhook = Webhook()
    code: Code = Code()
    password: Password = Password()
    disclosure: Disclosure = Disclosure()
    activation: Activation = Activation()
    limits: Limits = Limits()
    proof: Proof = Proof()
    retention: Retention = Retention()

    @model_validator(mode="after")
    def _check(self) -> Self:
        consoles = [name for name in self.sms.gateways if self.sms.gateway[name].kind == "console"]
        if self.site.is_https and consoles:
            raise ValueError(f"sms.gateway.{consoles[0]}: console prints the codes; https needs a real gateway")
        contact = self.site.contact.phone
        try:
            self.sms.texts.texts.check(digits=self.code.digits, host=self.otp_host, contact=contact)
        except TextRefused as refused:
            raise ValueError(f"sms.texts.{refused} (site.contact.phone and the origin-bound line count, too)") from None
        return self

    @property
    def otp_host(self) -> str:
        """The host, without a port, of the origin-bound line; '' where that line is off."""
        return (urlsplit(self.site.base_url).hostname or "") if self.sms.origin_bound else ""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, and read nothing else."""
        return _Environment(settings_cls), init_settings


class _Environment(EnvSettingsSource):
    """The environment, where a value that is not JSON stays text: validation then names it along with all the rest."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


def load() -> Settings:
    """Return the settings of the file and the environment; raises `SettingsRefused` with everything that is wrong."""
    problems = _unknown_names(os.environ)
    values: dict[str, Any] = {}
    try:
        values = _read_toml(os.environ.get(CONFIG_NAME, ""))
    except SettingsRefused as refused:
        problems += refused.problems
    settings = None
    try:
        settings = Settings(**values)
    except ValidationError as error:
        problems += [_sentence(detail) for detail in error.errors(include_url=False, include_input=False)]
    if problems or settings is None:
        raise SettingsRefused(problems)
    return settings


def _unknown_names(environ: Mapping[str, str]) -> list[str]:
    sections = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    strangers = [
        name
        for name in environ
        if name.startswith(PREFIX) and name != CONFIG_NAME and name.partition("__")[0].upper() not in sections
    ]
    return [f"{name}: no such setting" for name in sorted(strangers)]


def _read_toml(name: str) -> dict[str, Any]:
    if not name:
        return {}
    try:
        return tomllib.loads(Path(name).read_text("utf-8"))
    except OSError as error:
        raise SettingsRefused([f"{CONFIG_NAME}: the file cannot be read ({error.strerror})"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        where = re.search(r"\(at [^)]*\)", str(error))
        raise SettingsRefused([f"{CONFIG_NAME}: the file is not valid TOML {where[0] if where else ''}"]) from error


def _sentence(detail: Any) -> str:
    # a section's own check has no key in its location; its message begins with the key
    path = [str(part) for part in detail["loc"]]
    if path[:2] == ["sms", "gateway"]:
        del path[3:4]  # the kind, by which pydantic chose the table's class
    where = ".".join(path)
    message = str(detail["msg"]).removeprefix("Value error, ")
    if detail["type"] == "union_tag_invalid":  # pydantic's own sentence quotes the value
        message = f"kind is not one of {detail['ctx']['expected_tags']}"
    return f"{where}: {message}" if where else message
