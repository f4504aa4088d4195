"""`recovery-site alarms`: is somebody guessing, walking through the address book, or spending the SMS?"""

import click

from recovery_site.cli.opening import open_services
from recovery_site.cli.problems import Refused
from recovery_site.flow.budget import ALARM_AT
from recovery_site.settings.limits import in_words


@click.command()
def alarms() -> None:
    """Show which alarms are on, for a monitor that runs it every minute. One line for each alarm ends in "off" or "ON".

    The exit code is 1 while one is on. Only what counts is asked, the database or Redis. docs/security/README.md tells
    what each means and what to do ("What to watch").

    \b
    Example:
      recovery-site alarms || logger -p auth.alert "recovery-site: an alarm is on"
    """
    with open_services() as services:
        limits, daily = services.settings.limits, services.settings.sms.daily_budget
        with services.transactions() as tx:
            codes, guessing = services.alarm.wrong_codes(tx), services.alarm.is_on(tx)
            walks = services.alarm.walks(tx)
            used, low = services.budget.used(tx), services.budget.is_low(tx)
    states = {
        f"wrong codes: {codes} (alarm above {in_words(limits.wrong_codes_of_site)})": guessing,
        f"clients that walk: {walks} (addresses above {in_words(limits.addresses_per_client_a_day)})": walks > 0,
        f"SMS: {used} of {daily} today (alarm at {ALARM_AT:.0%})": low,
    }
    for line, on in states.items():
        click.echo(f"{line}: {'ON' if on else 'off'}")
    if any(states.values()):
        raise Refused(f"{sum(states.values())} of {len(states)} alarms are on.")
