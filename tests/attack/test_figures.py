"""The two measurements, in their smallest: that they run and print what they promise. Nobody asserts their figures."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (
            ["timing", "--samples", "3"],
            ["address page, khong-co or khoa-lai: p = ", "sign-in, khong-co or nguoi-do: p = "],
        ),
        (["cost", "--samples", "1"], ["GET the address page", "POST the press", "POST a wrong code"]),
    ],
    ids=["timing", "cost"],
)
def test_a_measurement_prints_its_figures(words: list[str], lines: list[str]) -> None:
    command = [sys.executable, "-m", "scripts.attack", *words]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode in (0, 1), run.stderr
    assert not run.stderr
    for line in lines:
        assert line in run.stdout
