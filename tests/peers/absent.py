"""A server that this machine does not have: listed as not run, and a failure where CI must leave nothing out."""

import os
from pathlib import Path
from typing import NoReturn

import pytest


def need(packages: str, *programs: str) -> None:
    """Go on where all of these files are there; else end the test."""
    missing = [program for program in programs if not Path(program).exists()]
    if missing:
        absent(f"the tests need {' and '.join(missing)}: apt-get install {packages}")


def absent(reason: str) -> NoReturn:
    """End the test: with CI=true as failed, else as skipped."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
