"""A value that must not reach a log, a page or an exception by accident."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """Text whose `repr` and `str` tell nothing; reading it is a deliberate, searchable act."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        """Return the text itself. Every caller of this method is worth a look in a review."""
        return self._text

    def __str__(self) -> str:
        return "Secret(***)"
