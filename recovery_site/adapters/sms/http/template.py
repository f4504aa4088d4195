"""Placeholders in the templates of requests."""

import re
from collections.abc import Callable, Mapping
from typing import Any

_IN_BRACES = re.compile(r"{([a-z0-9_]+)}")


def fill(template: Any, values: Mapping[str, str], quote: Callable[[str], str] = str) -> Any:
    """Fill every string of a template; what a value brings with it is never taken for a placeholder.

    Other words in braces stay as they are; the settings know the placeholders.
    """
    if isinstance(template, str):
        return _IN_BRACES.sub(lambda found: quote(values[found[1]]) if found[1] in values else found[0], template)
    if isinstance(template, dict):
        return {key: fill(value, values, quote) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, values, quote) for value in template]
    return template
