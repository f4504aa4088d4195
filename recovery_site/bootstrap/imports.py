"""What an import file goes into."""

from recovery_site.bootstrap.rules import activation_rules
from recovery_site.bootstrap.services import Adapters
from recovery_site.flow.fill_phones import FillPhones
from recovery_site.flow.import_accounts import ImportAccounts
from recovery_site.flow.start_clocks import StartClocks
from recovery_site.settings import Settings


def make_import(settings: Settings, given: Adapters) -> ImportAccounts | FillPhones:
    """Return the import of whole accounts into the site's own directory, or of numbers into another system's."""
    domains, aliases = settings.site.mail_domains, settings.site.domain_aliases
    if given.accounts is None:
        return FillPhones(directory=given.directory, domains=domains, aliases=aliases)
    rules = activation_rules(settings.activation)
    clocks = StartClocks(given.transactions, given.clock, given.chance, given.keys, rules)
    return ImportAccounts(store=given.accounts, clocks=clocks, domains=domains, aliases=aliases)
