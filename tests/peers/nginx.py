"""A real nginx on this machine, with the site's own `deploy/nginx` in front of whatever listens on a port."""

import re
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scripts.attack.wire import Answer, answers
from tests.peers.absent import need
from tests.peers.certificates import Authority, make_authority
from tests.peers.kannel import free_ports, until

PROGRAM, DEBIANS = "/usr/sbin/nginx", "/etc/nginx/nginx.conf"
SITE = Path(__file__).parents[2] / "deploy/nginx/recovery-site.conf"
NAME = "quenmatkhau.soctrang.gov.vn"
"""The name that stands in the file, and the site's `base_url` with it."""

PATIENCE_SECONDS = 2
"""How long a client waits that hears nothing: no answer is looked for that takes longer."""

_HERE = """
log_format forwarded '$request_method $uri $upstream_status';
access_log {folder}/forwarded.log forwarded;
client_body_temp_path {folder}/body;
proxy_temp_path {folder}/proxy;
fastcgi_temp_path {folder}/fastcgi;
uwsgi_temp_path {folder}/uwsgi;
scgi_temp_path {folder}/scgi;
"""
"""What this machine needs and the tests read: which requests nginx handed on, each once."""


class Nginx:
    """nginx in a folder of its own, in front of `site`, a port of this machine."""

    def __init__(self, folder: Path, site: int) -> None:
        self.folder, self.site = folder, site
        self.authority: Authority = make_authority(folder)
        self.port, self.clear_port = free_ports(2)
        certificate = self.authority.issue(NAME)
        (folder / "here.conf").write_text(_HERE.format(folder=folder))
        (folder / "site.conf").write_text(
            _moved(SITE.read_text("utf-8"), self.port, self.clear_port, site, certificate)
        )
        (folder / "nginx.conf").write_text(_at_home(Path(DEBIANS).read_text("utf-8"), folder))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        configuration = ["-e", f"{self.folder}/error.log", "-c", f"{self.folder}/nginx.conf"]
        self._process = subprocess.Popen([PROGRAM, *configuration, "-g", "daemon off;"])
        until("nginx answers", self._answers)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    def forwarded(self) -> list[tuple[str, str]]:
        """Return method and path of every request that the site was asked, in nginx's own view."""
        path = self.folder / "forwarded.log"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        found = (one.rsplit(" ", 2) for one in lines)
        return [(method, path) for method, path, status in found if status != "-"]

    def written(self) -> str:
        """Return the access log as an operator has it."""
        return (self.folder / "access.log").read_text("utf-8")

    @contextmanager
    def line(self, name: str = NAME, protocol: str = "http/1.1", source: str = "127.0.0.1") -> Iterator["Line"]:
        """Yield a line to the https port, by this name and from this address of the machine."""
        context = ssl.create_default_context(cafile=str(self.authority.file))
        context.set_alpn_protocols([protocol])
        raw = socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS, (source, 0))
        with raw, context.wrap_socket(raw, server_hostname=name) as inside:
            yield Line(inside)

    @contextmanager
    def clear_line(self) -> Iterator["Line"]:
        """Yield a line to the port without TLS."""
        with socket.create_connection(("127.0.0.1", self.clear_port), PATIENCE_SECONDS) as raw:
            yield Line(raw)

    def ask(self, *parts: bytes, source: str = "127.0.0.1") -> list[Answer]:
        """Send the parts over one new line, and return every answer until nginx hangs up or says no more."""
        with self.line(source=source) as line:
            line.send(*parts)
            return line.rest()

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "error.log").read_text("utf-8")
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


class Line:
    """One connection; nothing that is sent is looked at."""

    def __init__(self, inside: socket.socket) -> None:
        self._inside = inside

    def send(self, *parts: bytes) -> None:
        with suppress(OSError):  # nginx has seen enough; perhaps it said why
            for part in parts:
                self._inside.sendall(part)

    def rest(self) -> list[Answer]:
        """Return what comes until the other side hangs up, or says nothing more."""
        return answers(self.bytes().replace(b"HTTP/1.1 100 Continue\r\n\r\n", b""))

    def bytes(self, is_whole: Callable[[bytes], bool] = lambda _: False) -> bytes:
        came = bytearray()
        with suppress(OSError):
            while not is_whole(came) and (piece := self._inside.recv(65536)):
                came += piece
        return bytes(came)


@contextmanager
def running(site: int) -> Iterator[Nginx]:
    """Run nginx in front of the port `site`."""
    need("nginx", PROGRAM, DEBIANS)
    folder = Path(tempfile.mkdtemp(prefix="nginx-"))
    folder.chmod(0o755)  # started by root, its worker is www-data
    try:
        server = Nginx(folder, site)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _moved(text: str, port: int, clear_port: int, site: int, certificate: Path) -> str:
    """Return the site's file with other ports and another certificate; CI may have no IPv6."""
    for pattern, instead, times in (
        (r"    listen \[::\]:.*\n", "", 4),
        (r"listen 443\b", f"listen 127.0.0.1:{port}", 2),
        (r"listen 80\b", f"listen 127.0.0.1:{clear_port}", 2),
        (r"server 127\.0\.0\.1:8000;", f"server 127.0.0.1:{site};", 1),
        (r"/etc/ssl/recovery-site/(fullchain|privkey)\.pem", str(certificate), 2),
    ):
        text, count = re.subn(pattern, instead, text)
        assert count == times, f"deploy/nginx: {pattern} stands there {count} times"
    return text


def _at_home(text: str, folder: Path) -> str:
    """Return Debian's `nginx.conf` with its files in `folder` and one worker, so that all share one pool of lines."""
    for pattern, instead in (
        (r"worker_processes auto;", "worker_processes 1;"),
        (r"/run/nginx\.pid", f"{folder}/nginx.pid"),
        (r"/var/log/nginx/", f"{folder}/"),
        (r"include /etc/nginx/conf\.d/\*\.conf;", f"include {folder}/here.conf;"),
        (r"include /etc/nginx/sites-enabled/\*;", f"include {folder}/site.conf;"),
    ):
        text, count = re.subn(pattern, instead, text)
        assert count, f"{DEBIANS}: {pattern} is not there"
    return text
