"""The commands of `recovery-site`. Exit codes: 0 done, 1 refused or failed with a sentence on stderr, 2 wrong usage."""

import click

from recovery_site import __version__
from recovery_site.cli.accounts import accounts
from recovery_site.cli.alarms import alarms
from recovery_site.cli.audit import audit
from recovery_site.cli.database import db
from recovery_site.cli.demo import demo
from recovery_site.cli.doctor import doctor
from recovery_site.cli.messages import messages
from recovery_site.cli.outbox import dispatch, purge, sweep
from recovery_site.cli.privacy import privacy
from recovery_site.cli.problems import Commands
from recovery_site.cli.serve import serve


@click.group(cls=Commands)
@click.version_option(__version__, prog_name="recovery-site")
def main() -> None:
    """Self-service password recovery for a province's official e-mail.

    The settings are read from the TOML file that RECOVERY_CONFIG names; RECOVERY_<SECTION>__<KEY> in the environment
    sets one key. Only `demo` needs none.

    \b
    A first start:
      export RECOVERY_CONFIG=/etc/recovery-site.toml
      recovery-site db upgrade
      recovery-site accounts import officials.xlsx
      recovery-site doctor
      recovery-site serve
    """


for command in (accounts, alarms, audit, db, demo, dispatch, doctor, messages, privacy, purge, serve, sweep):
    main.add_command(command)
