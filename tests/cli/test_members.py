"""`accounts members`, `add-member`, `remove-member`, as an operator sees them."""

from pathlib import Path

import pytest

from recovery_site.domain.audit import EventKind
from recovery_site.settings import Settings
from tests.cli.conftest import Run
from tests.cli.granting import WRITTEN, events

TEAM = "tiep-dan@soctrang.gov.vn"


@pytest.fixture
def team(run: Run, ready_site: Settings, tmp_path: Path) -> str:
    """A group of two."""
    people = ("--member", "Lê An <0393070121>", "--member", "Lý Bình <0912345678>")
    words = ("--name", "Phòng Tiếp dân", "--unit", "Văn phòng", *people, *WRITTEN)
    assert run("accounts", "grant", TEAM, *words, "--slip", tmp_path / "team.html").exit_code == 0
    return TEAM


def test_members_are_listed_masked(run: Run, team: str) -> None:
    result = run("accounts", "members", "tiep-dan@old.soctrang.gov.vn")
    assert (result.exit_code, result.stdout) == (0, "0393XXX121 (Lê An)\n0912XXX678 (Lý Bình)\n")


def test_a_member_comes_and_another_goes_and_both_are_written_down(run: Run, team: str, ready_site: Settings) -> None:
    came = run("accounts", "add-member", team, "Hà Chi <0833 111 222>", "--by", "Nghị")
    assert came.stdout == f"{team}: 0833XXX222 (Hà Chi) is a member now.\n"
    gone = run("accounts", "remove-member", team, "lê an", "--by", "Nghị")
    assert gone.stdout.splitlines()[0] == f"{team}: 0393XXX121 (Lê An) is no member any more."
    assert "have it changed" in gone.stdout
    assert run("accounts", "members", team).stdout == "0912XXX678 (Lý Bình)\n0833XXX222 (Hà Chi)\n"
    assert [(one.kind, one.actor, one.detail) for one in events(ready_site, team)[1:]] == [
        (EventKind.MEMBER_ADDED, "Nghị", "0833XXX222"),
        (EventKind.MEMBER_REMOVED, "Nghị", "0393XXX121"),
    ]
    assert "0833111222" not in came.output + gone.output


def test_a_sixth_is_refused_by_the_document_s_rule(run: Run, team: str) -> None:
    for n in range(3):
        assert run("accounts", "add-member", team, f"Người {n} <083311122{n}>").exit_code == 0
    sixth = run("accounts", "add-member", team, "Người 6 <0833111226>")
    assert sixth.exit_code == 1
    assert sixth.stderr.startswith(f"{team}: has five members, and a sixth is refused by ")
    assert "nhóm đến 5 người" in sixth.stderr
    assert len(run("accounts", "members", team).stdout.splitlines()) == 5


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("remove-member", TEAM, "Lê An"), "has two members, and one person is no group; add another one first"),
        (("remove-member", TEAM, "Ai đó"), "nobody in it has this name"),
        (("add-member", TEAM, "lê an <0833111222>"), "somebody of the group has this number or this name"),
        (("add-member", TEAM, "Hà Chi <0912345678>"), "somebody of the group has this number or this name"),
    ],
)
def test_what_may_not_be_is_one_sentence(run: Run, team: str, words: tuple[str, ...], sentence: str) -> None:
    result = run("accounts", *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"{TEAM}: {sentence}\n"


@pytest.mark.parametrize(
    ("member", "sentence"),
    [
        ("Hà Chi 0833111222", "the member is not written as: Name <number>"),
        ("Hà Chi <0299 3821 999>", "the number of the member is not a Vietnamese mobile number"),
    ],
)
def test_a_member_is_written_with_name_and_number(run: Run, team: str, member: str, sentence: str) -> None:
    result = run("accounts", "add-member", team, member)
    assert (result.exit_code, result.stderr) == (1, f"{sentence}\n")


def test_only_a_group_has_members(run: Run, ready_site: Settings, tmp_path: Path) -> None:
    sheet = tmp_path / "officials.csv"
    sheet.write_text("email,phone\nan,0393070121\n")
    run("accounts", "import", sheet)
    assert run("accounts", "members", "an").stderr == "an@soctrang.gov.vn: is not a group mailbox\n"
    assert run("accounts", "members", "khong-co").stderr == "khong-co@soctrang.gov.vn: there is no such account\n"
