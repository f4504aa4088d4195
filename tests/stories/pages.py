"""The administrators' pages, and what stands in their blocks."""

import re
from pathlib import Path

_FOLDER = Path(__file__).parents[2] / "docs" / "administration"
DOVECOT = (_FOLDER / "dovecot.md").read_text("utf-8")


def blocks(page: str, language: str) -> list[str]:
    """Return a page's blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
