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

from recovery_site.domain.messages import SEGMENT_LENGTH, NotGsm7, code_text, password_changed_text, segments
from recovery_site.domain.secret import Secret
from recovery_site.settings.gateways import Sms
from recovery_site.settings.sections import Code, Database, Directory, Disclosure, Limits, Password, Retention, Site

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
    code: Code = Code()
    password: Password = Password()
    disclosure: Disclosure = Disclosure()
    limits: Limits = Limits()
    retention: Retention = Retention()

    @model_validator(mode="after")
    def _texts_fit_one_segment(self) -> Self:
        """Refuse a host or a contact that would make an SMS cost two: the longest text of each kind is measured."""
        host = self.otp_host
        longest = code_text(
            code=Secret("0" * self.code.digits), minutes=10, reference="MMMM-MMMM", ordinal=10, host=host
        )
        changed = password_changed_text(reference="MMMM-MMMM", contact_phone=self.site.contact.phone)
        if segments(longest.reveal()) > 1:
            raise ValueError(f"sms.origin_bound: the host is too long for an SMS of {SEGMENT_LENGTH} characters")
        try:
            too_long = segments(changed.reveal()) > 1
        except NotGsm7:
            raise ValueError("site.contact.phone: use digits, spaces and + only") from None
        if too_long:
            raise ValueError(f"site.contact.phone: too long for an SMS of {SEGMENT_LENGTH} characters")
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
