"""Opening the services for one command, and closing them whatever happens."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from recovery_site.adapters import logs
from recovery_site.adapters.database.schema import require_current
from recovery_site.bootstrap import Services, bootstrap
from recovery_site.settings import load


@contextmanager
def open_services() -> Iterator[Services]:
    """Yield the services of the settings, over a database that has the schema of this version.

    Raises `SettingsRefused`, `KeyFileProblem`, `SchemaOutdated` and what the database raises.
    """
    settings = load()
    logs.configure(as_json=not sys.stderr.isatty())
    services = bootstrap(settings)
    try:
        require_current(services.engine)
        yield services
    finally:
        services.close()
