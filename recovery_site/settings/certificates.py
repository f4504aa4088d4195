"""Files with certificate authorities in the settings."""

import ssl
from typing import Annotated

from pydantic import AfterValidator


def _authorities(path: str) -> str:
    try:
        ssl.create_default_context(cafile=path or None)
    except OSError:  # ssl.SSLError is one
        raise ValueError("is not a file with certificates (PEM) that can be read") from None
    return path


AuthorityFile = Annotated[str, AfterValidator(_authorities)]
"""A PEM file with the authorities that are trusted instead of the public ones; '' for the public ones."""
