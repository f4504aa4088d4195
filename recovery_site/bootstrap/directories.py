"""From the tables `[directory.*]` to the directory."""

from sqlalchemy import Engine

from recovery_site.adapters.directories.embedded import EmbeddedDirectory
from recovery_site.adapters.directories.ldap import LdapDirectory
from recovery_site.adapters.directories.zimbra import ZimbraDirectory
from recovery_site.ports import Clock, Directory
from recovery_site.settings import Settings
from recovery_site.settings.directory import Directory as Table
from recovery_site.settings.directory import Zimbra
from recovery_site.settings.ldap import Ldap


def make_directory(settings: Settings, engine: Engine, clock: Clock) -> Directory:
    """Return the directory that the settings name; nothing is asked of it yet."""
    match settings.directory:
        case Table(kind="embedded"):
            return EmbeddedDirectory(engine)
        case Table(kind="ldap", ldap=Ldap() as ldap):
            return LdapDirectory(ldap, settings.site.mail_domains, clock)
        case Table(kind="zimbra", zimbra=Zimbra() as zimbra):
            return ZimbraDirectory(zimbra, settings.site.mail_domains, clock)
    raise AssertionError("the settings have been checked")
