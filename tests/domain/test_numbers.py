"""Telephone numbers: every way in which they are written, and what of them may be seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_site.domain.people import NotAMobileNumber, PhoneNumber, mask_number, mask_shape, read_number

OLD_AND_NEW = {
    "0162": "032", "0163": "033", "0164": "034", "0165": "035", "0166": "036", "0167": "037", "0168": "038",
    "0169": "039", "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078", "0123": "083",
    "0124": "084", "0125": "085", "0127": "081", "0129": "082", "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip

mobile = st.from_regex(r"[35789][0-9]{8}", fullmatch=True)


def local(written: str) -> str:
    return read_number(written).local


@pytest.mark.parametrize(
    "written",
    [
        "0393070121", "84393070121", "+84393070121", "+84 393 070 121", "0393.070.121", "0393 070 121", "039-307-0121",
        "(039) 307 0121", "(+84) 393 070 121", " 0393070121\n", "０３９３０７０１２１", "393070121", "+840393070121",
        "01693070121", "841693070121", "+84 169 307 0121",
    ],
)  # fmt: skip
def test_one_number_is_read_in_every_form(written: str) -> None:
    assert local(written) == "0393070121"


def test_the_number_plan_of_2018_has_21_prefixes() -> None:
    assert len(OLD_AND_NEW) == 21


@pytest.mark.parametrize(("old", "new"), OLD_AND_NEW.items())
def test_eleven_digits_from_before_2018_are_converted(old: str, new: str) -> None:
    for written in (f"{old}1234567", f"84{old[1:]}1234567", f"+84{old[1:]}1234567", f"{old}.123.4567"):
        assert local(written) == f"{new}1234567"


@pytest.mark.parametrize("prefix", ["032", "056", "070", "081", "084", "086", "087", "089", "090", "099", "055", "059"])
def test_today_s_mobile_prefixes_are_known(prefix: str) -> None:
    assert local(f"{prefix}1234567") == f"{prefix}1234567"


def test_a_number_of_any_mobile_range_is_read_with_the_country_s_code_and_no_plus() -> None:
    ranges = [f"{first}{rest:02}" for first in "35789" for rest in range(100)]
    assert [local(f"84{one}123456") for one in ranges] == [f"0{one}123456" for one in ranges]


@pytest.mark.parametrize(
    "written",
    [
        "02993821234",  # Sóc Trăng, landline
        "02438212345",  # Hà Nội, landline
        "0213070121",
        "0693070121",
        "+12025550123",
        "+85512345678",
        "+8613812345678",
        "1900545454",
        "18001091",
        "113",
        "",
        "   ",
        "039307012",
        "03930701211",
        "0393070121 x12",
        "không có",
        "0393XXX121",
        "0393070121;0912345678",
        "0393070121, 0912345678",
        "01113070121",
        "+84",
        "0" * 24,
        "9" * 1000,
    ],
)
def test_a_landline_a_foreign_number_and_anything_else_are_refused(written: str) -> None:
    with pytest.raises(NotAMobileNumber):
        read_number(written)


@given(mobile, st.sampled_from(["0", "84", "+84", "+84 ", "(0)", "84."]), st.data())
def test_every_mobile_number_survives_every_way_of_writing_it(digits: str, start: str, data: st.DataObject) -> None:
    places = data.draw(st.sets(st.integers(1, 8), max_size=3))
    mark = data.draw(st.sampled_from([" ", ".", "-"]))
    written = start + "".join(mark * (place in places) + digit for place, digit in enumerate(digits))
    number = read_number(written)
    assert number.e164 == f"+84{digits}"
    assert read_number(number.e164) == read_number(number.local) == read_number(number.international) == number


@given(st.text(alphabet="0123456789+-. ()", max_size=26) | st.text(max_size=20))
def test_whatever_is_written_is_a_mobile_number_or_refused(written: str) -> None:
    try:
        number = read_number(written)
    except NotAMobileNumber:
        return
    assert number.e164.startswith("+84")
    assert number.local.isascii()
    assert len(number.local) == 10
    assert number.local[1] in "35789"


@pytest.mark.parametrize(
    ("shape", "seen"),
    [("4+3", "0393XXX121"), ("3+2", "039XXXXX21"), ("0+3", "XXXXXXX121"), ("0+0", "XXXXXXXXXX"), ("4+0", "0393XXXXXX")],
)
def test_a_mask_shows_what_its_shape_says(shape: str, seen: str) -> None:
    assert mask_number(PhoneNumber("+84393070121"), shape) == seen


@pytest.mark.parametrize("shape", ["5+3", "9+9", "4", "4+", "-1+3", "4+3+1", "", "a+b", "10+0"])
def test_a_mask_that_shows_too_much_or_makes_no_sense_is_refused(shape: str) -> None:
    with pytest.raises(ValueError, match=r"^a mask is LEADING\+TRAILING and hides at least 3 of the 10 digits$"):
        mask_shape(shape)


def test_a_mask_without_a_shape_shows_four_digits_and_three() -> None:
    assert mask_number(PhoneNumber("+84393070121")) == "0393XXX121"


@given(mobile, st.integers(0, 7), st.integers(0, 7))
def test_a_mask_hides_at_least_three_digits_and_keeps_the_length(digits: str, leading: int, trailing: int) -> None:
    if leading + trailing > 7:
        return
    number = PhoneNumber(f"+84{digits}")
    mask = mask_number(number, f"{leading}+{trailing}")
    assert len(mask) == 10
    assert mask.count("X") == 10 - leading - trailing
    assert number.local.startswith(mask[:leading])
    assert number.local.endswith(mask[10 - trailing :] if trailing else "")


def test_a_number_does_not_show_in_its_own_repr() -> None:
    number = read_number("0393070121")
    for text in (repr(number), str(number), f"{number}", repr([number])):
        assert "070121" not in text
