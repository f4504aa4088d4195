"""Self-service password recovery for a Vietnamese province's official e-mail."""

__version__ = "0.1.0"
