"""Judging a password: the rules, and then the list of leaked ones, where the operator has brought one."""

from dataclasses import replace

from recovery_site.domain.passwords import OwnWords, PasswordPolicy, Verdict, Weakness, judge
from recovery_site.domain.secret import Secret
from recovery_site.ports import LeakedPasswords


class JudgePassword:
    """What is said of a password while it is typed, and of the same one when it is sent."""

    def __init__(self, policy: PasswordPolicy, leaked: LeakedPasswords | None = None) -> None:
        self._policy = policy
        self._leaked = leaked

    def __call__(self, password: Secret, own: OwnWords) -> Verdict:
        """Return everything that is wrong; the list is asked about passwords that the rules accept."""
        verdict = self.by_rules(password, own)
        if verdict.acceptable and self._leaked is not None and self._leaked.has(password):
            return replace(
                verdict, weakness=Weakness.LEAKED, score=max(0, min(verdict.score, self._policy.min_score - 1))
            )
        return verdict

    def by_rules(self, password: Secret, own: OwnWords) -> Verdict:
        """Return what the rules alone say: no file is read."""
        return judge(password, self._policy, own)
