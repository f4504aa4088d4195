"""The Flask application, put together from services."""

from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask, request, session
from flask_babel import Babel, format_datetime, get_locale
from flask_compress import Compress
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from recovery_site import __file__ as package
from recovery_site.bootstrap import Services
from recovery_site.domain.keys import Label
from recovery_site.domain.local_time import VIETNAM
from recovery_site.flow.sign_in import REMEMBERED_LIFETIME
from recovery_site.web import (
    account,
    demo,
    errors,
    guards,
    guide,
    operations,
    recovery,
    reports,
    sign_in,
    well_known,
    wording,
)
from recovery_site.web.assets import publish

MAX_BODY_BYTES = 16 * 1024
"""No form of the site comes near this."""

LANGUAGES = ("vi", "en")


def create_app(services: Services) -> Flask:
    """Return the WSGI application over `services`."""
    site = services.settings.site
    app = Flask("recovery_site", template_folder=str(packed("templates")), static_folder=None)
    app.config.update(_configuration(services))
    app.extensions["recovery_site"] = services
    app.url_map.strict_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if site.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's documented way to add middleware
            app.wsgi_app, x_for=site.trusted_proxies, x_proto=0, x_host=0, x_port=0, x_prefix=0
        )
    headers = guards.security_headers(https=site.is_https)
    assets = publish(app, packed("static"), headers, site.host)
    Babel(app, locale_selector=_language)
    Compress(app)
    guards.install(app, services, headers, assets.style_hash)
    CSRFProtect(app).exempt(reports.pages)  # machines come there, with a token of their own
    errors.install(app)
    for part in (recovery, sign_in, account, guide, reports, operations, well_known):
        app.register_blueprint(part.pages)
    if services.inbox is not None:
        app.register_blueprint(demo.pages)
    app.jinja_env.globals.update(
        site=site,
        get_locale=get_locale,
        assets=assets,
        has_demo_phone=services.inbox is not None,
        undelivered=wording.undelivered,
    )
    app.jinja_env.filters.update(_FILTERS)
    return app


def _configuration(services: Services) -> dict[str, Any]:
    """Return what Flask and its extensions are told."""
    is_https = services.settings.site.is_https
    keys = [key.hex() for key in services.keys.subkeys(Label.COOKIE)]
    return {
        "SECRET_KEY": keys[0],
        "SECRET_KEY_FALLBACKS": keys[1:],
        "SESSION_COOKIE_NAME": "__Host-recovery" if is_https else "recovery",
        "SESSION_COOKIE_SECURE": is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": REMEMBERED_LIFETIME,
        "MAX_CONTENT_LENGTH": MAX_BODY_BYTES,
        "MAX_FORM_MEMORY_SIZE": MAX_BODY_BYTES,
        "WTF_CSRF_TIME_LIMIT": None,  # a token lives as long as its session: an open page may wait for its owner
        "WTF_CSRF_SSL_STRICT": False,  # `guards` compares Origin with the settings, which also works behind a proxy
        "BABEL_DEFAULT_LOCALE": "vi",
        "BABEL_TRANSLATION_DIRECTORIES": str(Path(__file__).with_name("translations")),
        "COMPRESS_MIMETYPES": ["text/html"],
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_BR_LEVEL": 5,
        "COMPRESS_MIN_SIZE": 500,
    }


def packed(folder: str) -> Path:
    """Return `templates` or `static`: beside the package in a checkout, inside it in an installed wheel."""
    inside = Path(package).parent / folder
    return inside if inside.is_dir() else Path(package).parent.parent / folder


def _language() -> str:
    """Vietnamese, unless this browser asked for English: an English Windows must not change an official's page."""
    wanted = request.args.get("lang", "")
    if wanted in LANGUAGES:
        session["lang"] = wanted
    return str(session.get("lang", LANGUAGES[0]))


def _local_time(moment: datetime) -> str:
    return str(format_datetime(moment.astimezone(VIETNAM).replace(tzinfo=None), "HH:mm dd/MM/yyyy", rebase=False))


def _second_time(moment: datetime) -> str:
    return f"{moment.astimezone(VIETNAM):%H:%M:%S}"


def _clock_time(moment: datetime) -> str:
    return f"{moment.astimezone(VIETNAM):%H:%M}"


_FILTERS = {
    "local_time": _local_time,
    "clock_time": _clock_time,
    "second_time": _second_time,
    "waiting": wording.waiting,
}
