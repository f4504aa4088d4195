"""From the settings to the rules that the flows work by."""

from datetime import timedelta

from recovery_site.domain.activation import ActivationRules
from recovery_site.domain.passwords import PasswordPolicy
from recovery_site.domain.people import PhoneNumber
from recovery_site.domain.recovery import RecoveryRules
from recovery_site.flow.compose import Wording
from recovery_site.flow.door import DoorRules
from recovery_site.flow.proofs import ProofRules
from recovery_site.ports import Limit
from recovery_site.settings import Settings, sections
from recovery_site.settings.limits import Limits, Proof, amount


def wording(settings: Settings) -> Wording:
    """Return what the texts of the messages take from the settings."""
    site = settings.site
    return Wording(
        digits=settings.code.digits,
        host=settings.otp_host,
        contact_name=site.contact.name,
        contact_phone=site.contact.phone,
        system_name=site.system_name,
        alarm_phone=alarm_phone(site),
        texts=settings.sms.texts.texts,
    )


def alarm_phone(site: sections.Site) -> PhoneNumber | None:
    """Return the operator's number, where the settings give one."""
    return PhoneNumber(site.alarm_phone) if site.alarm_phone else None


def recovery_rules(code: sections.Code) -> RecoveryRules:
    """Return the numbers of the recovery's rules."""
    return RecoveryRules(
        code_lifetime=timedelta(seconds=code.lifetime_seconds),
        resend_after=timedelta(seconds=code.resend_after_seconds),
        attempts=code.attempts,
        digits=code.digits,
    )


def activation_rules(activation: sections.Activation) -> ActivationRules:
    """Return the numbers of the clock of first passwords."""
    return ActivationRules(
        lifetime=timedelta(seconds=activation.lifetime_seconds), reminder=timedelta(seconds=activation.reminder_seconds)
    )


def password_policy(settings: Settings) -> PasswordPolicy:
    """Return the password rule; the province's name and its domains are words that a password may not be built on."""
    site, password = settings.site, settings.password
    province = site.province.split(maxsplit=1)[-1]
    labels = [domain.split(".")[0] for domain in (*site.mail_domains, *site.domain_aliases)]
    return PasswordPolicy(
        min_length=password.min_length,
        max_length=password.max_length,
        min_score=password.min_score,
        context_words=(*password.context_words, site.province, province, *labels),
    )


def door_rules(limits: Limits) -> DoorRules:
    """Return how many different addresses may be typed before what."""
    return DoorRules(
        proof=limits.addresses_until_proof,
        refusal=amount(limits.addresses_per_client),
        day=amount(limits.addresses_per_client_a_day),
        site=amount(limits.addresses_of_site),
    )


def proof_rules(proof: Proof) -> ProofRules:
    """Return the numbers of the proofs."""
    return ProofRules(
        turns=proof.turns,
        life=timedelta(seconds=proof.lifetime_seconds),
        wait=timedelta(seconds=proof.wait_seconds),
    )


def limit_rules(settings: Settings) -> dict[Limit, str]:
    """Return the rule of each limit: the setting of the same name, the site's budget, and what is fixed."""
    rules: dict[Limit, str] = {
        Limit.SENDS_OF_SITE: f"{settings.sms.daily_budget}/day",
        Limit.GRANTS_UNDER_WAY: "1/minute",
        Limit.USES_OF_PROOF: "1/hour",  # longer than any proof lives
        Limit.ALARM: settings.limits.wrong_codes_of_site,
        Limit.ALARM_OF_WALK: settings.limits.addresses_per_client_a_day,
    }
    for limit in set(Limit) - set(rules):
        rules[limit] = getattr(settings.limits, limit.name.lower())
    return rules
