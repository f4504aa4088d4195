"""The record of an account in words, for the person whose account it is."""

from flask_babel import lazy_gettext as _l

from recovery_site.domain.audit import Event, EventKind

SENTENCES = {
    EventKind.GRANTED: _l("Tài khoản được cấp kèm mật khẩu lần đầu."),
    EventKind.GRANTED_AGAIN: _l("Tài khoản được cấp lại mật khẩu lần đầu."),
    EventKind.REMINDED: _l("Hệ thống gửi tin nhắn nhắc đổi mật khẩu lần đầu."),
    EventKind.LOCKED_OVERDUE: _l("Tài khoản bị khoá vì quá hạn đổi mật khẩu lần đầu."),
    EventKind.FIRST_PASSWORD_CHANGED: _l("Mật khẩu lần đầu đã được đổi."),
    EventKind.PASSWORD_CHANGED: _l("Mật khẩu được đổi sau khi đăng nhập."),
    EventKind.PASSWORD_RECOVERED: _l("Mật khẩu được đặt lại bằng mã gửi tới số %(detail)s."),
    EventKind.SIGNED_IN: _l("Đăng nhập vào trang này."),
    EventKind.SIGNED_OUT_EVERYWHERE: _l("Đăng xuất khỏi mọi thiết bị."),
    EventKind.MEMBER_ADDED: _l("Nhóm có thêm thành viên dùng số %(detail)s."),
    EventKind.MEMBER_REMOVED: _l("Thành viên dùng số %(detail)s được đưa ra khỏi nhóm."),
    EventKind.LOCKED: _l("Tài khoản bị quản trị khoá."),
    EventKind.UNLOCKED: _l("Tài khoản được quản trị mở khoá."),
    EventKind.RENAMED: _l("Địa chỉ thư được đổi, địa chỉ trước đây là %(detail)s."),
    EventKind.DATA_EXPORTED: _l("Dữ liệu lưu về tài khoản được trích xuất theo yêu cầu."),
}
"""One for each kind that the account's page shows.

The detail of a grant is not shown: a caller's name, as the operator typed it, may be anything.
"""


def sentence(event: Event) -> str:
    """Return what happened, without who did it."""
    return str(SENTENCES[event.kind]) % {"detail": event.detail or "…"}
