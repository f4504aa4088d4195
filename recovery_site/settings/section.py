"""The base of every table: unknown keys are refused, and any value can come from a file."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, model_validator


class Section(BaseModel):
    """One table of the settings: unknown keys are refused, and `<key>_file` gives `<key>` from a file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        return with_files(values, [field.alias or name for name, field in cls.model_fields.items()])


def with_files(values: dict[str, object], keys: Iterable[str] | None = None) -> dict[str, object]:
    """Return `values` with `<key>_file` replaced by `<key>` and the file's content, for `keys` or for every key.

    Raises `ValueError` where both are set or the file cannot be read.
    """
    known = None if keys is None else set(keys)
    given = dict(values)
    for name in [name for name in given if name.endswith("_file")]:
        key = name.removesuffix("_file")
        if known is not None and (name in known or key not in known):
            continue
        if key in given:
            raise ValueError(f"{key} and {name} are both set; keep one")
        given[key] = _file_text(name, given.pop(name))
    return given


def _file_text(name: str, path: object) -> str:
    try:
        return Path(str(path)).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"{name}: the file cannot be read") from None
