"""What an operator reads when a command cannot go on: one sentence per problem on stderr, and exit code 1."""

from typing import IO, Any

import click
from alembic.util import CommandError
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError, SQLAlchemyError

from recovery_site.adapters.database.schema import SchemaOutdated
from recovery_site.adapters.key_files import KeyFileProblem
from recovery_site.adapters.leaked_file import LeakedFileProblem
from recovery_site.adapters.spreadsheets import SpreadsheetRefused
from recovery_site.ports import DirectoryUnavailable, LimitsUnavailable
from recovery_site.settings import SettingsRefused

KNOWN = (
    SettingsRefused,
    KeyFileProblem,
    LeakedFileProblem,
    SchemaOutdated,
    SpreadsheetRefused,
    DirectoryUnavailable,
    LimitsUnavailable,
    SQLAlchemyError,
    CommandError,
    OSError,
)
"""What may stop any command, and is no fault of the program."""


class Refused(click.ClickException):
    """A command that cannot do what it was asked; each of `problems` is a sentence of its own."""

    exit_code = 1

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=True)


class Commands(click.Group):
    """A group whose commands end in sentences, never in a traceback, where something known goes wrong."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KNOWN as error:
            raise Refused(*sentences(error)) from error


def sentences(error: Exception) -> list[str]:
    """Return the sentences for one of `KNOWN`, each led by what it is about; no secret is in any."""
    match error:
        case SettingsRefused():
            return error.problems
        case KeyFileProblem() | LeakedFileProblem() | SchemaOutdated() | SpreadsheetRefused():
            return [str(error)]
        case DirectoryUnavailable():
            return [f"directory: does not answer ({error})"]
        case LimitsUnavailable():
            return [f"limits.storage: {error}"]
        case CommandError():
            return ["database: has the schema of another version; install that version or restore a copy"]
        case SQLAlchemyError():
            return [f"database: {_database_fault(error)}"]
        case OSError():
            return [f"{error.filename or 'system'}: {error.strerror or type(error).__name__}"]
        case _:
            raise TypeError(type(error).__name__)


def _database_fault(error: SQLAlchemyError) -> str:
    if not isinstance(error, DBAPIError):
        return "database.url is not the address of an SQLite file or of a PostgreSQL database"
    if type(error) in (OperationalError, DatabaseError):  # the server, the file or the network: never about a row
        return str(error.orig).strip().partition("\n")[0]
    return f"cannot do it ({type(error.orig).__name__})"
