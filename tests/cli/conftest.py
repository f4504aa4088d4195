"""Running commands as an operator does, and forgetting what they set for their own process."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result

from recovery_site.cli import main
from recovery_site.settings import Settings
from tests.conftest import MakeSettings

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _logs_of_the_command_end_with_it() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.fixture
def run() -> Run:
    """Run `recovery-site` with the words given; a traceback fails the test."""

    def run_with(*words: str | Path) -> Result:
        result = CliRunner().invoke(main, [str(word) for word in words])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run_with


@pytest.fixture
def new_site(make_settings: MakeSettings, database_url: str) -> Settings:
    """The settings of a site over an empty database; its key file is there."""
    return make_settings(database_url)


@pytest.fixture
def ready_site(make_settings: MakeSettings, migrated_url: str) -> Settings:
    """The settings of a site over a database that has its tables and nothing in them."""
    return make_settings(migrated_url)


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose name leaves room for a socket's, which is short."""
    folder = Path(tempfile.mkdtemp(prefix="audit-"))
    yield folder
    shutil.rmtree(folder)
