"""The printed slip: what an official reads on it, and that it holds nothing else. How it prints: `tests/e2e`."""

import os
import re
import stat
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import segno

from recovery_site.cli.accounts.slips import open_slips, qr_code
from recovery_site.domain.people import AccountKind, Phone, read_number
from tests.cli.slips import AN, CALLED, PASSWORD, SITE, granted, write


class _Text(HTMLParser):
    """Gathers what a reader sees, and every address that a browser would ask for."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.asked_for: list[str] = []

    def handle_data(self, data: str) -> None:
        self.seen.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 -- the parser's
        self.asked_for += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action", "data")]


def parsed(html: str) -> _Text:
    parser = _Text()
    parser.feed(html)
    return parser


def text(html: str) -> str:
    body = html.partition("<body>")[2]
    return " ".join(" ".join(parsed(body).seen).split())


def test_an_official_reads_whose_account_it_is_the_password_the_deadline_and_what_to_do(tmp_path: Path) -> None:
    seen = text(write(tmp_path / "a.html", granted()))
    for words in (
        "Hệ thống thư điện tử công vụ Tỉnh Cao Bằng",
        "Phiếu cấp tài khoản thư điện tử công vụ",
        "Địa chỉ thư an.tran@caobang.gov.vn",
        "Họ và tên Trần Văn An",
        "Đơn vị Văn phòng UBND tỉnh",
        "Căn cứ Văn bản số 125/CV-VP ngày 01/03/2026",
        f"Mật khẩu lần đầu {PASSWORD}",
        "Đổi mật khẩu trước 15:04 ngày 02/03/2026; quá hạn tài khoản sẽ bị khoá.",
        "https://quenmatkhau.caobang.gov.vn /dang-nhap",
        "Hỗ trợ: Trung tâm CNTT và Truyền thông, 0206 3852 999, 009 đường Hoàng Văn Thụ. Mã hỗ trợ: K7F3-QX2M",
    ):
        assert words in seen
    assert "0393070121" not in seen


def test_a_group_s_slip_names_its_members_and_a_telephone_request_who_asked(tmp_path: Path) -> None:
    phones = tuple(Phone(read_number(f"083311122{n}"), name) for n, name in enumerate(("Lê An", "Lý Bình")))
    group = replace(AN, display_name="Phòng Tiếp dân", kind=AccountKind.GROUP, phones=phones)
    seen = text(write(tmp_path / "a.html", granted(group, CALLED)))
    assert "Tên nhóm Phòng Tiếp dân Thành viên Lê An, Lý Bình Đơn vị" in seen
    assert "Căn cứ Đề nghị qua điện thoại của Lê Thị Bình lúc 09:04 ngày 02/03/2026" in seen


def test_names_are_text_and_never_markup(tmp_path: Path) -> None:
    evil = replace(AN, display_name='<img src="http://x/">', unit="{{ 7 * 7 }} <script>")
    html = write(tmp_path / "a.html", granted(evil))
    assert "<img" not in html
    assert "<script" not in html
    assert '<img src="http://x/">' in text(html)
    assert "{{ 7 * 7 }}" in text(html)


def test_a_slip_asks_no_other_machine_for_anything(tmp_path: Path) -> None:
    html = write(tmp_path / "a.html", granted())
    assert parsed(html).asked_for == []
    assert "url(" not in html
    assert "@import" not in html
    assert "default-src 'none'" in html


def test_the_qr_code_is_the_sign_in_page(tmp_path: Path) -> None:
    html = write(tmp_path / "a.html", granted())
    expected = segno.make("https://quenmatkhau.caobang.gov.vn/dang-nhap", error="q", micro=False)
    [drawn] = re.findall(r'<path[^>]* d="([^"]+)"', html)
    size = len(expected.matrix) + 8
    assert f'viewBox="0 0 {size} {size}"' in html
    assert _modules(drawn, size) == [[bool(module) for module in row] for row in expected.matrix_iter(border=4)]


def _modules(path: str, size: int) -> list[list[bool]]:
    """Draw the path, which goes along the rows: `M` to a place, `m` on by a step, `h` a line of dark modules."""
    drawn = [[False] * size for _ in range(size)]
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", path):
        values = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if command == "M":
            x, y = values
        elif command == "m":
            x, y = x + values[0], y + values[1]
        else:
            for place in range(int(x), int(x + values[0])):
                drawn[int(y)][place] = True
            x += values[0]
    return drawn


def test_another_text_is_another_qr_code() -> None:
    assert qr_code("https://a.gov.vn/dang-nhap") != qr_code("https://b.gov.vn/dang-nhap")


def test_the_file_is_its_owner_s_alone_whatever_the_umask_and_never_written_over(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write(tmp_path / "a.html", granted())
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.html").stat().st_mode) == 0o600
    kept = (tmp_path / "a.html").read_bytes()
    with pytest.raises(FileExistsError):
        write(tmp_path / "a.html", granted())
    assert (tmp_path / "a.html").read_bytes() == kept


def test_a_link_is_not_followed_to_somebody_s_file(tmp_path: Path) -> None:
    (tmp_path / "link.html").symlink_to(tmp_path / "elsewhere.html")
    with pytest.raises(FileExistsError):
        write(tmp_path / "link.html", granted())
    assert not (tmp_path / "elsewhere.html").exists()


def test_each_slip_is_in_the_file_before_the_next_account_is_handed_out(tmp_path: Path) -> None:
    with open_slips(str(tmp_path / "a.html"), SITE) as slips:
        for done in (1, 2):
            slips.add(granted())
            assert (tmp_path / "a.html").read_text("utf-8").count(PASSWORD) == done


def test_a_file_without_a_slip_is_taken_away_again(tmp_path: Path) -> None:
    with open_slips(str(tmp_path / "a.html"), SITE):
        assert (tmp_path / "a.html").exists()
    assert not (tmp_path / "a.html").exists()


def test_no_slip_tells_its_password_in_its_repr() -> None:
    assert PASSWORD not in repr(granted())
