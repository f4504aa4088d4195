"""The general HTTP gateway: a carrier's interface, described in the settings."""

from recovery_site.adapters.sms.http.gateway import HttpGateway

__all__ = ["HttpGateway"]
