"""From the tables `[dovecot]` and `[webhook]` to hooks."""

from recovery_site.adapters.hooks.dovecot import DovecotHook
from recovery_site.adapters.hooks.webhook import Webhook
from recovery_site.domain.messages import Channel
from recovery_site.ports import Clock, Hook
from recovery_site.settings import Settings


def make_hooks(settings: Settings, clock: Clock) -> dict[Channel, Hook]:
    """Return the hooks that the settings name."""
    made: dict[Channel, Hook] = {}
    if settings.dovecot.urls:
        made[Channel.DOVECOT] = DovecotHook(settings.dovecot)
    if settings.webhook.url:
        made[Channel.WEBHOOK] = Webhook(settings.webhook, clock)
    return made
