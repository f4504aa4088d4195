"""The tables of `docs/security` are those of the settings and the rules."""

from recovery_site.bootstrap.rules import limit_rules
from recovery_site.ports import Limit
from recovery_site.settings.limits import Limits
from scripts.limits_table import DOCUMENT, guessing, renewed
from tests.conftest import MakeSettings


def test_the_tables_of_limits_and_odds_are_what_the_settings_say() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert renewed(text) == text, "run: python -m scripts.limits_table"


def test_every_limit_of_the_settings_is_described_and_documented_for_administrators() -> None:
    manual = (DOCUMENT.parent.parent / "administration/settings.md").read_text("utf-8")
    limits = Limits()
    for name in Limits.model_fields:
        assert f"| `{name}` | `{getattr(limits, name)}`" in manual, name
    assert all(what for what, _, _ in limits.rows())


def test_every_limit_of_the_site_has_its_rule(make_settings: MakeSettings) -> None:
    assert set(limit_rules(make_settings())) == set(Limit)


def test_the_odds_are_those_of_the_defaults() -> None:
    assert (guessing().attempts, guessing().codes_per_account, guessing().wrong_per_account) == (5, 10, 15)
