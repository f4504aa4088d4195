"""Pages for what went wrong, in Vietnamese, each with a way back."""

import structlog
from flask import Flask, Response, g, make_response, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from recovery_site.ports import DirectoryUnavailable, LimitReached
from recovery_site.web import wording

log = structlog.get_logger()

_PAGES = {
    400: (
        _l("Yêu cầu không hợp lệ"),
        _l("Trình duyệt đã gửi một yêu cầu mà hệ thống không hiểu. Hãy quay lại và thử lại."),
    ),
    403: (
        _l("Yêu cầu bị từ chối"),
        _l("Yêu cầu này đến từ một trang khác. Hãy mở trang khôi phục mật khẩu và làm lại từ đó."),
    ),
    404: (
        _l("Không tìm thấy trang"),
        _l("Địa chỉ này không có trên hệ thống. Hãy kiểm tra lại địa chỉ hoặc bắt đầu lại."),
    ),
    405: (
        _l("Thao tác không được hỗ trợ"),
        _l("Trang này không nhận thao tác vừa rồi. Hãy bắt đầu lại từ trang đầu."),
    ),
    413: (
        _l("Nội dung quá lớn"),
        _l("Nội dung gửi lên quá lớn. Hãy quay lại và nhập ngắn hơn."),
    ),
    415: (
        _l("Yêu cầu không hợp lệ"),
        _l("Hệ thống chỉ nhận biểu mẫu của chính trang này. Hãy quay lại và thử lại."),
    ),
    429: (
        _l("Quá nhiều yêu cầu"),
        _l("Bạn đã gửi quá nhiều yêu cầu. Vui lòng chờ rồi thử lại."),
    ),
    500: (
        _l("Hệ thống gặp lỗi"),
        _l("Chưa có gì thay đổi ngoài những bước đã báo thành công. Vui lòng thử lại sau ít phút."),
    ),
    503: (
        _l("Hệ thống đang gián đoạn"),
        _l("Hệ thống thư đang gián đoạn. Vui lòng thử lại sau ít phút."),
    ),
}


def install(app: Flask) -> None:
    """Answer every fault with a page."""
    app.register_error_handler(HTTPException, _http_fault)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(LimitReached, _limit)
    app.register_error_handler(DirectoryUnavailable, _directory)
    app.register_error_handler(Exception, _fault)


def _http_fault(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    title, text = _PAGES.get(status, _PAGES[400 if status < 500 else 500])
    return _page(status, str(title), str(text))


def _stale_form(error: CSRFError) -> Response:
    log.warning("malicious_csrf", reason=error.description)
    text = _("Trang này đã mở quá lâu hoặc trình duyệt không lưu cookie. Hãy bấm “Quên mật khẩu” để làm tiếp.")
    return _page(400, _("Trang đã hết hạn"), text)


def _limit(error: LimitReached) -> Response:
    return limited(_page(429, str(_PAGES[429][0]), wording.limit(error)), error.retry_after)


def limited(response: Response, seconds: int) -> Response:
    """Return an answer as a refusal that says to people and machines how long to wait."""
    response.status_code = 429
    response.headers["Retry-After"] = str(seconds)
    return response


def _directory(error: DirectoryUnavailable) -> Response:
    log.error("directory_unavailable", fault=str(error))
    return _page(503, str(_PAGES[503][0]), str(_PAGES[503][1]))


def _fault(error: Exception) -> Response:
    log.error("fault", exc_info=error)
    return _page(500, str(_PAGES[500][0]), str(_PAGES[500][1]), incident=g.get("request_id", ""))


def _page(status: int, title: str, text: str, incident: str = "") -> Response:
    return make_response(render_template("errors/error.html", heading=title, text=text, incident=incident), status)
