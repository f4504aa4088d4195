"""The directory over LDAP: OpenLDAP, 389 Directory Server, FreeIPA and Active Directory."""

from recovery_site.adapters.directories.ldap.directory import LdapDirectory

__all__ = ["LdapDirectory"]
