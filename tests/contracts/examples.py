"""The examples for carriers in the manual, loaded as the site does, and doubles of their carriers."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recovery_site.adapters.sms.http import HttpGateway
from recovery_site.settings import CONFIG_NAME, load
from recovery_site.settings.gateways import HttpGateway as HttpSettings
from tests.contracts.carrier import Carrier, Handler

MANUAL = Path(__file__).parents[2] / "docs/administration/carriers.md"
SITE = '[site]\nprovince = "Tỉnh Sóc Trăng"\nmail_domains = ["soctrang.gov.vn"]\n'
KEY = "canary-key-of-more-than-32-characters"
"""What every file of an example holds."""

REPORT_URL = "https://quenmatkhau.soctrang.gov.vn/bao-cao"

Answer = dict[str, Any] | str


def _sections() -> dict[str, str]:
    parts = re.split(r"^## ", MANUAL.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {block(part, "toml").split('gateways = ["')[1].split('"')[0]: part for part in parts}


def block(section: str, language: str) -> str:
    """Return the first block of a section that is written in this language."""
    return section.split(f"```{language}\n")[1].split("```")[0]


SECTIONS = _sections()
"""The manual's sections, each by the name of its gateway."""


def gateway(name: str, carrier: Carrier, folder: Path, monkeypatch: pytest.MonkeyPatch) -> HttpGateway:
    """Load an example as the site does, with its files in `folder`, and with the carrier on this machine."""
    section = SECTIONS[name]
    example = re.sub(r'"/(?:etc|var/lib)/recovery-site/', f'"{folder}/', block(section, "toml"))
    for path in re.findall(rf'"({folder}/[\w.]+)"', example):
        Path(path).write_text(block(section, "xml") if path.endswith(".xml") else f"{KEY}\n", "utf-8")
    example = re.sub(r'"https://[^/"]+/', f'"{carrier.url.removesuffix("send")}', example)
    config = folder / "recovery.toml"
    config.write_text(SITE + example, "utf-8")
    monkeypatch.setenv(CONFIG_NAME, str(config))
    settings = load().sms.gateway[name]
    assert isinstance(settings, HttpSettings)
    return HttpGateway(settings, REPORT_URL)


def answering(answer: Answer, status: int = 200) -> Callable[[Handler], None]:
    """Return the behaviour of a carrier that gives a token to whoever asks, and this answer to every message."""
    said = answer if isinstance(answer, str) else json.dumps(answer)

    def behave(handler: Handler) -> None:
        if handler.path.endswith("token"):
            handler.answer_json(access_token=KEY, refresh_token="next-refresh-token", expires_in="90000")
        else:
            handler.answer(status, said)

    return behave


def soap(message: str, result: int) -> str:
    return (
        '<?xml version="1.0" ?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>'
        '<ns2:wsCpMtResponse xmlns:ns2="http://impl.bulkSms.ws/"><return>'
        f"<message>{message}</message><result>{result}</result></return></ns2:wsCpMtResponse></S:Body></S:Envelope>"
    )
