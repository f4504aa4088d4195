"""The application for anybody's own WSGI server: `app`. Settings come from `RECOVERY_CONFIG` and the environment."""

from recovery_site.bootstrap import start
from recovery_site.settings import load
from recovery_site.web.app import create_app

app = create_app(start(load()))
