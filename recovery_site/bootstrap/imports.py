"""What an import file goes into."""

from recovery_site.flow.fill_phones import FillPhones
from recovery_site.flow.import_accounts import ImportAccounts
from recovery_site.ports import AccountStore, Clock, Directory
from recovery_site.settings import Settings


def make_import(
    settings: Settings, directory: Directory, store: AccountStore | None, clock: Clock
) -> ImportAccounts | FillPhones:
    """Return the import of whole accounts into the site's own directory, or of numbers into another system's."""
    domains, aliases = settings.site.mail_domains, settings.site.domain_aliases
    if store:
        return ImportAccounts(store=store, clock=clock, domains=domains, aliases=aliases)
    return FillPhones(directory=directory, domains=domains, aliases=aliases)
