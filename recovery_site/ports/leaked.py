"""Passwords that were leaked somewhere: a list that the operator brings, or none."""

from typing import Protocol

from recovery_site.domain.secret import Secret


class LeakedPasswords(Protocol):
    def has(self, password: Secret) -> bool:
        """Return whether the list has exactly this password.

        A list that cannot be read has none, and the log says so: the other rules hold without it, and a recovery that
        stops leaves an official without mail.
        """
        ...
