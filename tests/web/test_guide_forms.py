"""The application form as DOCX and PDF, read back by other people's libraries."""

import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import docx
import pytest
from defusedxml.ElementTree import fromstring
from pypdf import PdfReader

from recovery_site.settings import Settings
from recovery_site.web.printed.application import ApplicationForm, application_form
from recovery_site.web.printed.docx import application_docx
from recovery_site.web.printed.pdf import application_pdf
from tests.conftest import MakeSettings
from tests.web.client import CheckingClient
from tests.web.conftest import MakeWebsite

PATHS = ["/dang-ky/mau-don.docx", "/dang-ky/mau-don.pdf"]
CONTACT = {
    "name": "Trung tâm Công nghệ thông tin và Truyền thông",
    "phone": "0909 834 888",
    "address": "số 009 đường Hoàng Văn Thụ, phường Hợp Giang",
}
CAO_BANG: dict[str, Any] = {
    "site__province": "Tỉnh Cao Bằng",
    "site__mail_domains": ["caobang.gov.vn"],
    "site__domain_aliases": {},
    "site__contact": CONTACT,
}
ALL_LETTERS = (
    "".join(chr(code) for code in range(0x1EA0, 0x1EFA)) + "ĂăÂâĐđÊêÔôƠơƯưÀÁÃàáãÈÉèéÌÍĨìíĩÒÓÕòóõÙÚŨùúũÝý₫№…–“”×"
)


def words_of_docx(content: bytes) -> str:
    """Return what a word processor shows, on one line."""
    document = docx.Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return " ".join(" ".join([*(one.text for one in document.paragraphs), *cells]).split())


def words_of_pdf(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


READERS = {"docx": (application_docx, words_of_docx), "pdf": (application_pdf, words_of_pdf)}


@pytest.fixture(params=READERS)
def written(request: pytest.FixtureRequest) -> Any:
    """Write a form in one of its kinds and read its words back."""
    write, read = READERS[request.param]
    return lambda form: read(write(form))


def sentences(form: ApplicationForm) -> list[str]:
    """Return every text of a form."""
    single = [form.office, form.nation, form.motto, form.title, form.recipient, form.where, form.choice, form.people]
    single += [form.number, form.place_and_date, form.note, form.promise]
    many = [*form.choices, *form.promises, *(question for line in form.questions for question in line)]
    many += [column.heading for column in form.columns]
    many += [text for signature in form.signatures for text in (signature.who, signature.how)]
    return [" ".join(text.split()) for text in (*single, *many) if text]


def test_every_word_of_the_form_stands_in_it(written: Any, make_settings: MakeSettings) -> None:
    form = application_form(make_settings(**CAO_BANG))
    text = written(form)
    missing = [one for one in sentences(form) if one not in text]
    assert not missing
    assert unicodedata.is_normalized("NFC", text)
    assert "khóa" not in text


def test_the_form_has_the_names_of_the_province(written: Any, make_settings: MakeSettings) -> None:
    text = written(application_form(make_settings(**CAO_BANG)))
    assert "Quản trị Hệ thống thư điện tử công vụ, Tỉnh Cao Bằng" in text
    assert "@caobang.gov.vn" in text
    for part in CONTACT.values():
        assert part in text


def test_the_form_is_that_of_an_official_document(written: Any, make_settings: MakeSettings) -> None:
    text = written(application_form(make_settings()))
    for part in (
        "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số: …………/…………",
        "ĐỀ NGHỊ CẤP TÀI KHOẢN THƯ ĐIỆN TỬ CÔNG VỤ",
        "sau 6 giờ kể từ khi kích hoạt, tài khoản chưa được đổi mật khẩu sẽ bị khoá",
    ):
        assert part in text


def test_there_is_a_row_for_each_of_five_people(make_settings: MakeSettings) -> None:
    form = application_form(make_settings())
    table = docx.Document(BytesIO(application_docx(form))).tables[1]
    assert [row.cells[0].text for row in table.rows] == ["TT", "1", "2", "3", "4", "5"]
    assert re.search(r"\b1 2 3 4 5\b", words_of_pdf(application_pdf(form)))


@pytest.mark.parametrize(("seconds", "words"), [(90 * 60, "sau 90 phút"), (8 * 3600, "sau 8 giờ")])
def test_the_promise_has_the_deadline_of_the_settings(
    written: Any, make_settings: MakeSettings, seconds: int, words: str
) -> None:
    assert words in written(application_form(make_settings(activation__lifetime_seconds=seconds)))


def test_every_vietnamese_letter_can_be_written(written: Any, make_settings: MakeSettings) -> None:
    text = written(application_form(make_settings(site__contact={"name": ALL_LETTERS})))
    assert ALL_LETTERS in text.replace(" ", "")


def test_names_in_decomposed_letters_are_composed(written: Any, make_settings: MakeSettings) -> None:
    decomposed = unicodedata.normalize("NFD", "Tỉnh Cao Bằng")
    assert "Tỉnh Cao Bằng" in written(application_form(make_settings(site__province=decomposed)))


def test_names_with_marks_of_xml_stay_text(written: Any, make_settings: MakeSettings) -> None:
    name = "<b>Phòng & Ban</b> \"1\" 'A' {{ 7 }}"
    assert name in written(application_form(make_settings(site__contact={"name": name})))


def test_a_system_that_is_named_after_its_province_names_it_once(make_settings: MakeSettings) -> None:
    settings = make_settings(site__province="Tỉnh Cao Bằng", site__system_name="Thư công vụ tỉnh Cao Bằng")
    assert application_form(settings).recipient == "Kính gửi: Quản trị Thư công vụ tỉnh Cao Bằng"


def test_without_a_contact_there_are_no_empty_brackets(written: Any, make_settings: MakeSettings) -> None:
    assert "()" not in written(application_form(make_settings()))


def _long(make_settings: MakeSettings) -> Settings:
    long = {"name": "Trung tâm " * 12, "address": "đường Hoàng Văn Thụ " * 8, "phone": "0909 834 888, 0206 3852 001"}
    return make_settings(site__system_name="Hệ thống thư điện tử công vụ " * 3, site__contact=long)


def test_the_pdf_is_one_page_of_a4_even_with_long_names(make_settings: MakeSettings) -> None:
    for settings in (make_settings(**CAO_BANG), _long(make_settings)):
        (page,) = PdfReader(BytesIO(application_pdf(application_form(settings)))).pages
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)


def test_the_pdf_brings_its_letters_and_says_its_language(make_settings: MakeSettings) -> None:
    reader = PdfReader(BytesIO(application_pdf(application_form(make_settings()))))
    fonts: list[Any] = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]  # type: ignore[index]  # pypdf gives any object
    ours = [font for font in fonts if "Tinos" in font["/BaseFont"]]
    assert len(ours) == 3
    assert all("/FontFile2" in font["/FontDescriptor"] and "/ToUnicode" in font for font in ours)
    assert reader.metadata
    assert reader.metadata.title == "ĐỀ NGHỊ CẤP TÀI KHOẢN THƯ ĐIỆN TỬ CÔNG VỤ"
    assert str(reader.root_object["/Lang"]) == "vi-VN"


def test_the_docx_is_a_whole_package_of_sound_xml(make_settings: MakeSettings) -> None:
    with ZipFile(BytesIO(application_docx(application_form(make_settings(**CAO_BANG))))) as package:
        assert package.testzip() is None
        assert package.namelist()[0] == "[Content_Types].xml"
        parts = {name: fromstring(package.read(name)) for name in package.namelist()}
    named = {one.get("PartName", "") for one in parts["[Content_Types].xml"]} - {""}
    assert named == {f"/{name}" for name in parts if name.endswith(".xml") and not name.startswith("[")}
    linked = {one.get("Target") for one in parts["_rels/.rels"]} | {
        f"word/{one.get('Target')}" for one in parts["word/_rels/document.xml.rels"]
    }
    assert linked == {name.removeprefix("/") for name in named}


@pytest.mark.parametrize("write", [application_docx, application_pdf])
def test_a_form_made_again_is_the_same_file(write: Any, make_settings: MakeSettings) -> None:
    """Several processes, and several nodes, give one ETag."""
    form, other = application_form(make_settings()), application_form(make_settings(**CAO_BANG))
    first = write(form)
    assert write(other) != first
    assert write(form) == first


def test_forms_that_are_asked_for_at_once_are_whole(make_settings: MakeSettings) -> None:
    forms = [application_form(make_settings(site__contact={"name": f"Phòng số {number}"})) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(application_pdf, forms))
    for number, content in enumerate(made):
        assert f"Phòng số {number}" in words_of_pdf(content)


# --- as they are served -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_a_browser_keeps_the_form_under_a_readable_name(browser: CheckingClient, path: str) -> None:
    answer = browser.send("GET", path)
    assert answer.status_code == 200
    ending = path.rpartition(".")[2]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="mau-don-cap-tai-khoan-thu-cong-vu.{ending}"'
    assert answer.data.startswith(b"PK" if ending == "docx" else b"%PDF-")
    assert int(answer.headers["Content-Length"]) == len(answer.data)


@pytest.mark.parametrize("path", PATHS)
def test_a_form_that_is_there_already_is_not_sent_again(browser: CheckingClient, path: str) -> None:
    first = browser.send("GET", path)
    again = browser.send("GET", path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = browser.send("GET", path, headers={"If-None-Match": '"another"'})
    assert (other.status_code, other.data) == (200, first.data)


def test_two_sites_in_one_process_do_not_share_their_forms(make_website: MakeWebsite) -> None:
    one, other = make_website(site__province="Tỉnh Sóc Trăng"), make_website(site__province="Tỉnh Cao Bằng")
    for path, read in zip(PATHS, (words_of_docx, words_of_pdf), strict=True):
        for website, name in ((one, "Tỉnh Sóc Trăng"), (other, "Tỉnh Cao Bằng"), (one, "Tỉnh Sóc Trăng")):
            assert name in read(CheckingClient(website).send("GET", path).data)
