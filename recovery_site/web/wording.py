"""The one place that says what each outcome looks like in words. The words are DESIGN section 8's."""

from datetime import datetime, timedelta
from math import ceil

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from recovery_site.domain.codes import CodeProblem
from recovery_site.domain.local_time import VIETNAM
from recovery_site.domain.messages import FaultKind
from recovery_site.domain.passwords import CharacterClass, PasswordPolicy, Verdict, Weakness
from recovery_site.domain.people import AddressProblem
from recovery_site.domain.recovery import CodeState
from recovery_site.ports import Limit, LimitReached, PolicyProblem
from recovery_site.web.browser import News

NOT_FOUND = _l("Không tìm thấy Email hoặc Email bị khoá, vui lòng liên hệ quản trị!")
EXPIRED = _l("Phiên khôi phục đã hết hạn. Hãy nhập lại địa chỉ thư để bắt đầu lại.")
DIRECTORY_DOWN = _l(
    "Hệ thống thư đang gián đoạn. Mật khẩu chưa thay đổi, mã của bạn vẫn còn hiệu lực. Hãy thử lại sau ít phút."
)
BEING_CHANGED = _l("Mật khẩu đang được thay đổi. Hãy chờ vài giây rồi tải lại trang.")
PHONE_NOT_CHOSEN = _l("Hãy chọn số điện thoại nhận mã.")
MISMATCH = _l("Mật khẩu nhập lại không khớp. Hãy nhập lại cho giống mật khẩu ở trên.")
DIACRITICS = _l(
    "Mật khẩu có chữ có dấu. Hãy tắt bộ gõ tiếng Việt (Unikey) rồi nhập lại; "
    "nếu vẫn muốn dùng mật khẩu có dấu, hãy bấm “Khôi phục mật khẩu” lần nữa."
)
UNPRINTABLE = _l("Mật khẩu có ký tự không gõ được từ bàn phím. Hãy nhập lại bằng tay.")
CURRENT_EMPTY = _l("Hãy nhập mật khẩu hiện tại.")
CURRENT_WRONG = _l(
    "Mật khẩu hiện tại không đúng. Hãy nhập lại, hoặc đăng xuất rồi chọn “Quên mật khẩu?” để đặt mật khẩu mới."
)
SAME = _l("Mật khẩu mới giống mật khẩu hiện tại. Hãy chọn mật khẩu khác.")
CHANGE_DIACRITICS = _l(
    "Mật khẩu có chữ có dấu. Hãy tắt bộ gõ tiếng Việt (Unikey) rồi nhập lại; "
    "nếu vẫn muốn dùng mật khẩu có dấu, hãy bấm “Đổi mật khẩu” lần nữa."
)
CHANGE_DOWN = _l("Hệ thống thư đang gián đoạn. Mật khẩu chưa thay đổi. Hãy thử lại sau ít phút.")
SIGN_IN_REFUSED = _l(
    "Tên tài khoản hoặc mật khẩu không đúng. Hãy kiểm tra lại, hoặc chọn “Quên mật khẩu?” để đặt mật khẩu mới."
)

NEWS = {
    News.PASSWORD_CHANGED: _l("Thay đổi mật khẩu thành công!"),
    News.SIGNED_OUT_EVERYWHERE: _l("Bạn đã đăng xuất khỏi mọi thiết bị."),
    News.SESSION_OVER: _l(
        "Phiên đăng nhập đã kết thúc. Hãy đăng nhập lại; nếu vừa đổi mật khẩu, hãy dùng mật khẩu mới."
    ),
    News.SESSION_IDLE: _l("Phiên đăng nhập đã kết thúc vì lâu không sử dụng. Hãy đăng nhập lại."),
}

_ADDRESS = {
    AddressProblem.EMPTY: _l("Hãy nhập Email công vụ."),
    AddressProblem.TOO_LONG: _l("Email công vụ không được dài quá 254 ký tự. Hãy kiểm tra lại."),
    AddressProblem.MALFORMED: _l(
        "Email công vụ chưa đúng dạng. Hãy nhập một địa chỉ, chữ không dấu, không có khoảng trắng."
    ),
}

_CODE = {
    CodeProblem.EMPTY: _l("Hãy nhập mã xác nhận."),
    CodeProblem.NOT_DIGITS: _l("Mã xác nhận gồm %(digits)d chữ số. Hãy chỉ nhập chữ số."),
    CodeProblem.TOO_SHORT: _l("Mã xác nhận gồm %(digits)d chữ số. Bạn nhập thiếu chữ số."),
    CodeProblem.TOO_LONG: _l("Mã xác nhận gồm %(digits)d chữ số. Bạn nhập thừa chữ số."),
}

_CLASSES = {
    CharacterClass.UPPER: _l("chữ hoa"),
    CharacterClass.LOWER: _l("chữ thường"),
    CharacterClass.DIGIT: _l("chữ số"),
    CharacterClass.SPECIAL: _l("ký tự đặc biệt"),
}

_WEAKNESSES = {
    Weakness.HABIT: _l("là cách đặt mật khẩu quen thuộc mà nhiều người dùng"),
    Weakness.OWN_WORDS: _l("dựa trên tên, địa chỉ thư hoặc số điện thoại của bạn"),
    Weakness.PLACE: _l("dựa trên tên tỉnh, thành phố hoặc cơ quan"),
    Weakness.PERSON_NAME: _l("dựa trên tên người"),
    Weakness.KEYBOARD: _l("là dãy phím liền nhau trên bàn phím"),
    Weakness.REPEAT: _l("lặp lại ký tự"),
    Weakness.SEQUENCE: _l("có dãy ký tự liên tiếp như abc, 123"),
    Weakness.DATE: _l("dựa trên ngày tháng hoặc năm"),
    Weakness.COMMON: _l("giống những mật khẩu thường gặp"),
    Weakness.LEAKED: _l("đã nằm trong danh sách mật khẩu bị lộ"),
}

_POLICY = {
    PolicyProblem.TOO_SHORT: _l("Hệ thống thư không nhận mật khẩu ngắn như vậy. Hãy chọn mật khẩu dài hơn."),
    PolicyProblem.TOO_LONG: _l("Hệ thống thư không nhận mật khẩu dài như vậy. Hãy chọn mật khẩu ngắn hơn."),
    PolicyProblem.TOO_WEAK: _l("Hệ thống thư không nhận mật khẩu này vì quá đơn giản. Hãy chọn mật khẩu khác."),
    PolicyProblem.IN_HISTORY: _l("Bạn đã dùng mật khẩu này trước đây. Hãy chọn mật khẩu chưa từng dùng."),
    PolicyProblem.TOO_YOUNG: _l(
        "Mật khẩu vừa được thay đổi nên hệ thống thư chưa cho đổi tiếp. Hãy thử lại sau hoặc liên hệ quản trị."
    ),
    PolicyProblem.OTHER: _l("Hệ thống thư không nhận mật khẩu này. Hãy chọn mật khẩu khác."),
}

_STRENGTHS = (_l("Rất yếu"), _l("Yếu"), _l("Vừa"), _l("Tốt"), _l("Rất tốt"))


def address(problem: AddressProblem, domains: list[str]) -> str:
    """Return the sentence about an address that cannot be one; it says nothing about any account."""
    if problem is AddressProblem.FOREIGN_DOMAIN:
        endings = ", ".join(f"@{domain}" for domain in domains)
        return str(_("Email công vụ phải có đuôi %(endings)s. Hãy kiểm tra lại.", endings=endings))
    return str(_ADDRESS[problem])


def malformed_code(problem: CodeProblem, digits: int) -> str:
    """Return the sentence about what cannot be a code."""
    return str(_CODE[problem]) % {"digits": digits}


def wrong_code(attempts_left: int, minutes: int) -> str:
    """Return the sentence about a wrong code; the last one tells how long to wait."""
    if attempts_left <= 0:
        return code_gone(CodeState.SPENT, minutes)
    return str(
        _(
            "Mã xác nhận không đúng. Bạn còn %(left)d lần thử. Hãy xem lại tin nhắn mới nhất.",
            left=attempts_left,
        )
    )


def code_gone(state: CodeState, minutes: int) -> str:
    """Return the sentence about a code that may not be compared; `minutes` is the rest of the recovery's life."""
    if state is CodeState.SPENT:
        return str(
            _(
                "Bạn đã nhập sai mã quá số lần cho phép. "
                "Hãy bắt đầu lại sau %(minutes)d phút hoặc liên hệ quản trị để được hỗ trợ.",
                minutes=minutes,
            )
        )
    return str(_("Mã xác nhận đã hết hiệu lực. Hãy bấm “Gửi lại” để nhận mã mới."))


def too_early(wait: int) -> str:
    """Return the sentence about a resend that came too early."""
    return str(
        _("Vui lòng chờ %(wait)d giây để gửi lại. Tin nhắn có thể tới chậm, hãy kiểm tra điện thoại.", wait=wait)
    )


def proof_only(seconds: int) -> str:
    """Return the sentence for a network from which so many addresses were typed that waiting helps no more."""
    text = _(
        "Mạng của bạn đang gửi rất nhiều yêu cầu. Nếu trang không tự tiếp tục, hãy bật JavaScript trong trình duyệt, "
        "thử lại sau %(wait)s hoặc liên hệ quản trị để được hỗ trợ.",
        wait=waiting(seconds),
    )
    return str(text)


def limit(reached: LimitReached) -> str:
    """Return the sentence about a limit, with how long it holds."""
    wait = waiting(reached.retry_after)
    if reached.limit is Limit.WRONG_PASSWORDS:
        return str(_("Bạn đã nhập sai mật khẩu quá số lần cho phép. Hãy thử lại sau %(wait)s.", wait=wait))
    if reached.limit is Limit.PASSWORD_CHECKS:
        return str(_("Mật khẩu đã được kiểm tra quá nhiều lần. Hãy thử lại sau %(wait)s.", wait=wait))
    if reached.limit is Limit.WRONG_CODES_PER_ACCOUNT:
        text = _(
            "Bạn đã nhập sai mã quá số lần cho phép. Hãy thử lại sau %(wait)s hoặc liên hệ quản trị để được hỗ trợ.",
            wait=wait,
        )
        return str(text)
    if reached.limit in (Limit.ADDRESSES_PER_CLIENT_A_DAY, Limit.WAITS_OF_SITE):
        text = _(
            "Mạng của bạn đã tra cứu quá nhiều địa chỉ thư. Hãy thử lại sau %(wait)s, "
            "dùng mạng khác (như 3G, 4G) hoặc liên hệ quản trị để được hỗ trợ.",
            wait=wait,
        )
        return str(text)
    if reached.limit is Limit.CHECKS_IN_ALARM:
        return str(_("Mã đang được kiểm tra chậm hơn để bảo vệ các hộp thư. Hãy thử lại sau %(wait)s.", wait=wait))
    if reached.limit is Limit.SENDS_OF_SITE:
        text = _(
            "Hôm nay hệ thống đã gửi hết số tin nhắn cho phép. "
            "Hãy thử lại sau %(wait)s hoặc liên hệ quản trị để được hỗ trợ.",
            wait=wait,
        )
        return str(text)
    text = _(
        "Bạn đã yêu cầu mã quá số lần cho phép. Hãy thử lại sau %(wait)s hoặc liên hệ quản trị để được hỗ trợ.",
        wait=wait,
    )
    return str(text)


def undelivered(fault: FaultKind | None) -> str:
    """Return what to do about an SMS that did not go; what is wrong with the site's contract is not the public's."""
    if fault is FaultKind.NUMBER:
        return str(_("Nhà mạng không nhận tin nhắn tới số này. Hãy liên hệ quản trị để kiểm tra lại số điện thoại."))
    if fault is FaultKind.GONE:
        return str(_("Số điện thoại của tài khoản đã thay đổi. Hãy bấm “Quay lại” và lấy mã một lần nữa."))
    if fault in (None, FaultKind.NO_REPORT, FaultKind.REFUSED):  # without a reason: a telephone may be switched off
        return str(
            _(
                "Hãy kiểm tra điện thoại đang bật và có sóng, rồi bấm “Gửi lại”. "
                "Nếu vẫn không được, hãy liên hệ quản trị."
            )
        )
    return str(
        _(
            "Hệ thống tin nhắn đang gặp sự cố, không phải lỗi ở máy của bạn. "
            "Hãy bấm “Gửi lại” sau ít phút. Nếu vẫn không được, hãy liên hệ quản trị."
        )
    )


def waiting(seconds: int) -> str:
    """Return a duration in words, rounded up."""
    if seconds < 60:
        return str(_("%(count)d giây", count=seconds))
    if seconds < 3600:
        return str(_("%(count)d phút", count=ceil(seconds / 60)))
    return str(_("%(count)d giờ", count=ceil(seconds / 3600)))


def password(verdict: Verdict, policy: PasswordPolicy) -> list[str]:
    """Return a sentence for everything that refuses a password."""
    if verdict.length == 0:
        return [str(_("Hãy nhập mật khẩu mới."))]
    sentences = []
    if verdict.too_long:
        text = _("Mật khẩu không được dài quá %(most)d ký tự. Hãy chọn mật khẩu ngắn hơn.", most=policy.max_length)
        sentences.append(str(text))
    if verdict.too_short:
        sentences.append(str(_("Mật khẩu phải có ít nhất %(least)d ký tự.", least=policy.min_length)))
    if verdict.missing:
        missing = ", ".join(str(_CLASSES[kind]) for kind in verdict.missing)
        sentences.append(str(_("Mật khẩu còn thiếu: %(missing)s.", missing=missing)))
    if verdict.unprintable:
        sentences.append(str(UNPRINTABLE))
    if verdict.weakness:
        reason = str(_WEAKNESSES[verdict.weakness])
        text = _("Mật khẩu này quá dễ đoán vì %(reason)s. Hãy chọn mật khẩu khác.", reason=reason)
        sentences.append(str(text))
    return sentences


def policy(problem: PolicyProblem) -> str:
    """Return the sentence about a password that the mail system refused after a right code."""
    kept = _("Mật khẩu chưa thay đổi, mã của bạn vẫn còn hiệu lực.")
    return f"{_POLICY[problem]} {kept}"


def policy_of_change(problem: PolicyProblem) -> str:
    """Return the sentence about a password that the mail system refused to somebody who is signed in."""
    kept = _("Mật khẩu chưa thay đổi.")
    return f"{_POLICY[problem]} {kept}"


def first_password(ends_at: datetime, left: timedelta) -> str:
    """Return what somebody with a first password has to do, and until when; what is left is rounded down."""
    local = ends_at.astimezone(VIETNAM)
    text = _(
        "Bạn đang dùng mật khẩu lần đầu. Hãy đổi mật khẩu trước %(time)s ngày %(date)s (còn %(left)s). "
        "Quá hạn, tài khoản sẽ bị khoá.",
        time=f"{local:%H:%M}",
        date=f"{local:%d/%m/%Y}",
        left=_time_left(left),
    )
    return str(text)


def _time_left(left: timedelta) -> str:
    hours, minutes = divmod(int(left.total_seconds()) // 60, 60)
    if hours and minutes:
        return str(_("%(hours)d giờ %(minutes)d phút", hours=hours, minutes=minutes))
    if hours:
        return str(_("%(count)d giờ", count=hours))
    return str(_("%(count)d phút", count=minutes)) if minutes else str(_("chưa đến 1 phút"))


def strength(verdict: Verdict) -> str:
    """Return the strength in a word."""
    return str(_STRENGTHS[verdict.score])
