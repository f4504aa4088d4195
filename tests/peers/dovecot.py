"""A real Dovecot on this machine, with the files of `deploy/dovecot` and the accounts of a test."""

import base64
import getpass
import grp
import imaplib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import make_url

from tests.peers.absent import need
from tests.peers.kannel import PATIENCE_SECONDS, free_ports, until

PROGRAM = "/usr/sbin/dovecot"
FILES = Path(__file__).parents[2] / "deploy" / "dovecot"
API_KEY = "the-key-of-doveadm"
READER = "dovecot_reader"
GROUP = "mail"
"""Stands in for the group `recovery-mail`: a test adds no group to the machine."""

_CONFIGURATION = """
{rootless}
base_dir = {folder}/base
state_dir = {folder}/state
log_path = {folder}/log
instance_name = recovery-test
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
auth_verbose = yes
mail_location = maildir:{folder}/mail/%u
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 0
first_valid_gid = 0
# else failures wait 2, 4, ... 15 seconds
auth_failure_delay = 0
service anvil {{
  {chroot}
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
!include {folder}/passdb.conf
!include {folder}/doveadm.conf
"""


@dataclass(frozen=True)
class Passdb:
    """Which of `deploy/dovecot`'s files tell Dovecot of the accounts, and what else than there stands in them here."""

    package: str
    module: str
    conf: str
    lookup: str
    changed: Mapping[str, str] = field(default_factory=dict)
    authority: Path | None = None
    """Whom an LDAP server's certificate is from."""


def over_sqlite(file: Path) -> Passdb:
    """Return what reads an embedded directory's SQLite file; as root, its folder is given to the group."""
    if os.geteuid() == 0:
        shutil.chown(file.parent, group=GROUP)
        file.parent.chmod(0o2770)
        for each in file.parent.glob(f"{file.name}*"):
            shutil.chown(each, group=GROUP)
            each.chmod(0o660)
    changed = {"/var/lib/recovery-mail/recovery.db": str(file)}
    return Passdb("dovecot-sqlite", "libdriver_sqlite.so", "90-recovery-sql.conf", "recovery-sqlite.conf.ext", changed)


def over_postgresql(url: str) -> Passdb:
    """Return what reads an embedded directory's PostgreSQL as `READER`, over a line of this machine."""
    parsed = make_url(url)
    changed = {
        "host=db.internal port=5432 dbname=recovery_site": (
            f"host={parsed.host} port={parsed.port} dbname={parsed.database}"
        ),
        "sslmode=verify-full sslrootcert=/etc/ssl/certs/ca-certificates.crt": "sslmode=disable",
    }
    return Passdb(
        "dovecot-pgsql", "libdriver_pgsql.so", "90-recovery-sql.conf", "recovery-postgresql.conf.ext", changed
    )


def over_ldap(authority: Path, changed: Mapping[str, str]) -> Passdb:
    """Return what asks an LDAP directory; `changed` replaces its names in the file."""
    lookup = "recovery-ldap.conf.ext"
    return Passdb("dovecot-ldap", "auth/libauthdb_ldap.so", "90-recovery-ldap.conf", lookup, changed, authority)


class Dovecot:
    """A running Dovecot."""

    def __init__(self, folder: Path, port: int, api: str) -> None:
        self.api = api
        self.folder = folder
        self._port = port

    def signs_in(self, user: str, password: str) -> bool:
        """Return whether IMAP lets `password` in; raises where Dovecot cannot tell."""
        try:
            session = self.session(user, password)
        except imaplib.IMAP4.error as error:
            if "AUTHENTICATIONFAILED" in str(error):
                return False
            raise AssertionError(f"{error}\n{self.written()}") from error
        session.logout()
        return True

    def session(self, user: str, password: str) -> imaplib.IMAP4:
        """Return an open IMAP session."""
        connection = imaplib.IMAP4("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
        try:
            # imaplib's login() knows ASCII alone
            connection.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        except imaplib.IMAP4.error:
            connection.logout()
            raise
        connection.select("INBOX")
        return connection

    def command(self, name: str, **parameters: object) -> list[Any]:
        """Return what doveadm's HTTP API answers to a command: its kind, what it says, and the tag."""
        key = base64.b64encode(API_KEY.encode()).decode()
        headers = {"Authorization": f"X-Dovecot-API {key}"}
        # one at a time: Dovecot 2.3 forgets the comma between two refusals
        commands = [[name, parameters, "tag"]]
        answer = httpx.post(f"{self.api}/doveadm/v1", json=commands, headers=headers, trust_env=False)
        [result] = answer.raise_for_status().json()
        return list(result)

    def written(self) -> str:
        """Return Dovecot's log."""
        return (self.folder / "log").read_text(errors="replace")


@contextmanager
def running(passdb: Passdb) -> Iterator[Dovecot]:
    """Start a Dovecot on free ports; it is gone, with its files, at the end of the block."""
    modules = "/usr/lib/dovecot/modules"
    need(f"dovecot-imapd {passdb.package}", PROGRAM, "/usr/lib/dovecot/imap", f"{modules}/{passdb.module}")
    imap, http = free_ports(2)
    # a short path that Dovecot's own users may enter: pytest's tmp_path is neither
    with tempfile.TemporaryDirectory(prefix="recovery-dovecot-") as name:
        folder = Path(name)
        _write_files(folder, passdb, imap, http)
        with (folder / "errors").open("wb") as errors:
            process = subprocess.Popen(
                [PROGRAM, "-F", "-c", folder / "dovecot.conf"], stderr=errors, start_new_session=True
            )
        try:
            until("Dovecot listens", lambda: _listens(process, folder, imap) and _listens(process, folder, http))
            yield Dovecot(folder, imap, f"http://127.0.0.1:{http}")
        finally:
            # with its children: asked to stop, Dovecot takes a second, and it has nothing to save here
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE_SECONDS)


def _write_files(folder: Path, passdb: Passdb, imap: int, http: int) -> None:
    folder.chmod(0o711)
    mail = folder / "mail"
    mail.mkdir()
    is_root = os.geteuid() == 0
    user = "mail" if is_root else getpass.getuser()
    group = "mail" if is_root else grp.getgrgid(os.getegid()).gr_name
    if is_root:
        shutil.chown(mail, user, group)
    (folder / "dovecot.conf").write_text(
        _CONFIGURATION.format(
            folder=folder,
            imap=imap,
            user=user,
            group=group,
            chroot="" if is_root else "chroot =",
            rootless="" if is_root else _rootless(user, group),
        )
    )
    authorities: dict[str, str] = {}
    if passdb.authority:
        # a copy that Dovecot's own user may read
        authorities = {"/etc/ssl/certs/ca-certificates.crt": str(folder / "ca.pem")}
        shutil.copy(passdb.authority, folder / "ca.pem")
        (folder / "ca.pem").chmod(0o644)
    _deployed(folder / "lookup.conf.ext", passdb.lookup, {**passdb.changed, **authorities})
    places = {"/etc/dovecot/recovery-ldap.conf.ext": str(folder / "lookup.conf.ext")}
    if passdb.conf.endswith("sql.conf"):
        places = {
            "/etc/dovecot/recovery-sql.conf.ext": str(folder / "lookup.conf.ext"),
            "extra_groups = recovery-mail": f"extra_groups = {GROUP}" if is_root else "extra_groups =",
        }
    _deployed(folder / "passdb.conf", passdb.conf, places)
    (folder / "api-key").write_text(API_KEY)
    _deployed(
        folder / "doveadm.conf",
        "91-recovery-doveadm.conf",
        {"port = 8081": f"port = {http}", "</etc/dovecot/recovery-api-key": f"<{folder}/api-key"},
    )


def _deployed(target: Path, name: str, changed: Mapping[str, str]) -> None:
    """Write one of `deploy/dovecot`'s files with some of its places changed, each of which must stand there once."""
    text = (FILES / name).read_text("utf-8")
    settings = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for old, new in changed.items():
        assert settings.count(old) == 1, f"{name} has {settings.count(old)} times: {old}"
        settings = settings.replace(old, new)
    target.write_text(f"{settings}\n", "utf-8")


def _rootless(user: str, group: str) -> str:
    return f"default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}\n"


def _listens(process: "subprocess.Popen[bytes]", folder: Path, port: int) -> bool:
    assert process.poll() is None, f"Dovecot did not start: {(folder / 'errors').read_text()}"
    return f"0100007F:{port:04X} 00000000:0000 0A" in Path("/proc/net/tcp").read_text()
