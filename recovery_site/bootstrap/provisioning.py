"""The flows of whole accounts: handed out by the file, moved to another domain, and the people of groups."""

from recovery_site.bootstrap.services import Adapters
from recovery_site.flow.grant_many import GrantMany
from recovery_site.flow.members import Members
from recovery_site.flow.provision import Provision
from recovery_site.flow.rename_domain import RenameDomain
from recovery_site.flow.under_way import UnderWay
from recovery_site.settings import Settings


def make_grant_many(settings: Settings, given: Adapters, provision: Provision) -> GrantMany:
    """Return the flow of handing the accounts of a file out."""
    return GrantMany(
        provision,
        given.directory,
        given.clock,
        domains=settings.site.mail_domains,
        aliases=settings.site.domain_aliases,
        may_add=may_add(settings),
    )


def may_add(settings: Settings) -> bool:
    """Return whether the site makes the accounts that the directory does not have."""
    ldap = settings.directory.ldap
    return settings.directory.kind == "embedded" or bool(
        settings.directory.kind == "ldap" and ldap is not None and ldap.new_entries.dn
    )


def make_members(settings: Settings, given: Adapters, under_way: UnderWay) -> Members:
    """Return the flow of the people of groups."""
    return Members(given.transactions, given.directory, under_way, given.clock, settings.disclosure.mask)


def make_rename(settings: Settings, given: Adapters) -> RenameDomain | None:
    """Return the flow of a domain that changed; None where the accounts are another system's."""
    if given.accounts is None:
        return None
    return RenameDomain(given.transactions, given.accounts, given.clock, settings.site.mail_domains)
