"""Templates of requests: strings with placeholders, in tables whose values may come from files."""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from recovery_site.settings.section import with_files

_WORD_IN_BRACES = re.compile(r"{([a-z0-9_]+)}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""RFC 9110 section 5.6.2, a token."""


def read_files(values: object, tables: Collection[str]) -> object:
    """Return `values` with `<key>_file` read inside these tables, at every depth: carriers' keys stand anywhere.

    Raises `ValueError` where a key is given twice or a file cannot be read.
    """
    if not isinstance(values, dict):
        return values
    return {name: _with_files(value) if name in tables else value for name, value in values.items()}


def _with_files(value: object) -> object:
    if isinstance(value, list):
        return [_with_files(one) for one in value]
    if isinstance(value, dict):
        return {name: _with_files(one) for name, one in with_files(value).items()}
    return value


def check_placeholders(templates: Any, known: Collection[str]) -> frozenset[str]:
    """Return the placeholders that the templates use; raises `ValueError` where one is not `known`."""
    try:
        written = json.dumps(templates, allow_nan=False)
    except TypeError:
        raise ValueError("write dates and times as texts") from None
    used = frozenset(_WORD_IN_BRACES.findall(written))
    strangers = sorted(used - set(known))
    if strangers:
        raise ValueError(f"no such placeholder: {', '.join(strangers)}; there are {', '.join(known)}")
    return used


def check_headers(headers: Mapping[str, str]) -> None:
    """Raise `ValueError` where HTTP cannot carry a header; values are not told, they may be keys."""
    bad = [name for name, value in headers.items() if not _HEADER_NAME.fullmatch(name) or not _is_printable(value)]
    if bad:
        raise ValueError(f"headers: {', '.join(bad)}: names and values are printable ASCII, in one line")


def _is_printable(value: str) -> bool:
    return value.isascii() and value.isprintable()
