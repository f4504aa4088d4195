"""Zimbra's admin SOAP interface as the directory."""

from recovery_site.adapters.directories.zimbra.directory import ZimbraDirectory

__all__ = ["ZimbraDirectory"]
