"""The contract of `LeakedPasswords`: a list has what is in it, and nothing else; the file's own forms and faults."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from recovery_site.adapters.leaked_file import LeakedFile, LeakedFileProblem
from recovery_site.domain.secret import Secret
from recovery_site.ports import LeakedPasswords
from tests.fakes import FakeLeaked

MakeList = Callable[[Sequence[str]], LeakedPasswords]


def sha1(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def listed(passwords: Sequence[str], *, count: str = ":7", end: str = "\r\n", last_end: bool = True) -> bytes:
    """Return the list as it is downloaded; the options are what other tools make of it."""
    text = end.join(sorted(f"{sha1(one)}{count}" for one in passwords)) + (end if last_end else "")
    return text.encode()


@pytest.fixture(params=["fake", "file"])
def make_list(request: pytest.FixtureRequest, tmp_path: Path) -> MakeList:
    def in_a_file(passwords: Sequence[str]) -> LeakedPasswords:
        (tmp_path / "leaked.txt").write_bytes(listed(passwords))
        return LeakedFile(tmp_path / "leaked.txt")

    return in_a_file if request.param == "file" else lambda passwords: FakeLeaked(*passwords)


def test_a_list_has_exactly_what_is_in_it(make_list: MakeList) -> None:
    leaked = make_list(["Matkhau@123", "Ruc-ro-7-sao-bang", "mật khẩu"])
    assert all(leaked.has(Secret(one)) for one in ("Matkhau@123", "Ruc-ro-7-sao-bang", "mật khẩu"))
    assert not any(leaked.has(Secret(one)) for one in ("matkhau@123", "Ruc-ro-7-sao-bang ", "mat khau", ""))


# --- the file ---------------------------------------------------------------------------------------------------------


@given(
    passwords=st.lists(st.text(st.characters(codec="utf-8"), max_size=6), min_size=1, max_size=60, unique=True),
    strangers=st.lists(st.text(st.characters(codec="utf-8"), min_size=7, max_size=9), max_size=20),
    count=st.sampled_from(["", ":1", ":52372427"]),
    end=st.sampled_from(["\n", "\r\n"]),
    last_end=st.booleans(),
    lower=st.booleans(),
)
def test_every_line_of_any_file_is_found_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory,
    passwords: list[str],
    strangers: list[str],
    count: str,
    end: str,
    last_end: bool,
    lower: bool,
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.txt"
    content = listed(passwords, count=count, end=end, last_end=last_end)
    path.write_bytes(content.lower() if lower else content)
    leaked = LeakedFile(path)
    leaked.check()
    with capture_logs() as logs:
        assert [one for one in passwords if not leaked.has(Secret(one))] == []
        assert [one for one in strangers if leaked.has(Secret(one))] == []
    assert logs == []


def test_a_file_is_never_read_whole(tmp_path: Path) -> None:
    """A hole in the middle of the file stands for what a search does not touch: read, it would be no line."""
    content = listed([str(number) for number in range(20_000)])
    lines = content.splitlines(keepends=True)
    path = tmp_path / "leaked.txt"
    path.write_bytes(b"".join(lines[:5100]) + bytes(len(b"".join(lines[5100:9900]))) + b"".join(lines[9900:]))
    first, last = lines[0].split(b":")[0].decode(), lines[-1].split(b":")[0].decode()
    known = {sha1(str(number)): str(number) for number in range(20_000)}
    assert all(LeakedFile(path).has(Secret(known[one])) for one in (first, last))


def test_a_newer_list_in_its_place_is_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "leaked.txt"
    path.write_bytes(listed(["old"]))
    leaked = LeakedFile(path)
    assert not leaked.has(Secret("new"))
    newer = tmp_path / "newer.txt"
    newer.write_bytes(listed(["new"]))
    newer.rename(path)
    assert leaked.has(Secret("new"))


@pytest.mark.parametrize("content", [None, b"no list at all\n" * 99, b"x" * 9999, listed(["a"]).replace(b":", b";")])
def test_a_file_that_cannot_be_used_stops_nothing_and_is_logged_without_the_password(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "leaked.txt"
    if content is not None:
        path.write_bytes(content)
    with capture_logs() as logs:
        assert not LeakedFile(path).has(Secret("Ruc-ro-7-sao-bang"))
    [line] = logs
    assert (line["event"], line["log_level"]) == ("leaked_file_unusable", "error")
    assert "Ruc-ro" not in str(line)
    assert sha1("Ruc-ro-7-sao-bang") not in str(line)


def test_a_check_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    path = tmp_path / "leaked.txt"
    in_order = listed([str(number) for number in range(9999)]).splitlines(keepends=True)
    wrong = {
        "No such file": None,
        "is empty": b"",
        "byte 0 does not begin a line with a SHA-1 hash": b"123456\npassword\n",
        "not in ascending order": b"".join(reversed(in_order)),
        "not in ascending order at byte": b"".join([*in_order[5000:], *in_order[:5000]]),
        "take the list by hash": b"".join(f"{sha1(str(one))}:{9 - one}\n".encode() for one in range(9)),
    }
    for problem, content in wrong.items():
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(LeakedFileProblem, match=problem) as raised:
            LeakedFile(path).check()
        assert str(raised.value).startswith(f"{path}: ")
