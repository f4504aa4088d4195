"""What a carrier's call to the site's report address says."""

from collections.abc import Mapping

from recovery_site.adapters.sms.http.answer import clean_id
from recovery_site.domain.messages import MessageState, Report
from recovery_site.settings.gateways.http_answer import Reports


def read_report(fields: Mapping[str, str], settings: Reports) -> Report | None:
    """Return the report in these fields; None where it names no message or says nothing of its fate."""
    message_id = clean_id(fields.get(settings.message_id, "")) if settings.message_id else ""
    carrier_id = clean_id(fields.get(settings.carrier_id, "")) if settings.carrier_id else ""
    if not message_id and not carrier_id:
        return None
    tables = {
        MessageState.DELIVERED: settings.delivered,
        MessageState.FAILED: settings.failed,
        MessageState.SENT: settings.taken,
    }
    for state, table in tables.items():
        if table and all(fields.get(name) in values for name, values in table.items()):
            # the values are the settings' own: a fate that is known by others is no report
            reason = ", ".join(f"{name} is {fields[name]}" for name in table)
            return Report(state, message_id, carrier_id, reason=reason)
    return None
