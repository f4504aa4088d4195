"""The forms: fields, labels and errors. The rules are the flows'; nothing is validated twice."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, RadioField, StringField


class _Form(FlaskForm):
    class Meta:
        csrf = False  # CSRFProtect has checked the token of every post before a view runs

    def refuse(self, *sentences: str) -> None:
        """Add sentences that belong to no single field."""
        self.form_errors.extend(sentences)


class AddressForm(_Form):
    email = StringField(_l("Email công vụ"))


class PhoneForm(_Form):
    phone = RadioField(_l("Số điện thoại nhận mã"), choices=[], validate_choice=False)


class ResetForm(_Form):
    code = StringField(_l("Mã xác nhận"))
    password = PasswordField(_l("Mật khẩu"))
    again = PasswordField(_l("Nhập lại mật khẩu"))
    diacritics = HiddenField()


class SignInForm(_Form):
    email = StringField(_l("Tên tài khoản"))
    password = PasswordField(_l("Mật khẩu"))
    remember = BooleanField(_l("Nhớ mật khẩu"))


class ChangeForm(_Form):
    current = PasswordField(_l("Mật khẩu hiện tại"))
    password = PasswordField(_l("Mật khẩu mới"))
    again = PasswordField(_l("Nhập lại mật khẩu mới"))
    diacritics = HiddenField()


def errors_of(form: _Form) -> list[tuple[str, str]]:
    """Return every error with the id of its field ('' where it has none), in the order of the page."""
    listed = [("", sentence) for sentence in form.form_errors]
    return listed + [(field.id, sentence) for field in form for sentence in field.errors]


def add_error(field: StringField | RadioField, sentence: str) -> None:
    """Add a sentence to a field of a form that was not validated by WTForms."""
    field.errors = [*field.errors, sentence]
