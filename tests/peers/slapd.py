"""A real OpenLDAP on this machine: the sample accounts, a password policy, and a service account that may do no more
than it must.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ldap3 import MODIFY_REPLACE, NONE, Connection, Server

from recovery_site.settings.ldap import Ldap, LdapAttributes
from tests.peers.absent import need
from tests.peers.certificates import make_authority
from tests.peers.kannel import free_ports, until
from tests.peers.slapd_tree import (
    ADMINISTRATOR,
    PEOPLE,
    SERVICE,
    SERVICE_PASSWORD,
    SUFFIX,
    YOUNG,
    Values,
    dn_of,
    hashed,
    ldif_of,
    person,
    sample_entries,
    several,
)

__all__ = [
    "ADMINISTRATOR",
    "PAGE",
    "PEOPLE",
    "ROOT",
    "ROOT_PASSWORD",
    "SERVICE",
    "SERVICE_PASSWORD",
    "SUFFIX",
    "YOUNG",
    "Slapd",
    "dn_of",
    "hashed",
    "person",
    "running",
]

PROGRAM = "/usr/sbin/slapd"
LOADER, DUMPER = "/usr/sbin/slapadd", "/usr/sbin/slapcat"

PAGE = Path(__file__).parents[2] / "docs" / "administration" / "openldap.md"
"""The manual: the service account has the rights that it says."""

ROOT, ROOT_PASSWORD = f"cn=root,{SUFFIX}", "root-password"

_RELAX = ("1.3.6.1.4.1.4203.666.5.12", True, None)
"""Lets the rootdn write what only the server itself writes."""

_CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
moduleload argon2
pidfile {folder}/slapd.pid
TLSCACertificateFile {authority}
TLSCertificateFile {certificate}
TLSCertificateKeyFile {certificate}
password-hash {{ARGON2}}
security simple_bind=64
{global_lines}

database mdb
suffix "{suffix}"
rootdn "{root}"
rootpw {root_password}
directory {folder}/db
maxsize 16777216
dbnosync
index objectClass,uid,mail eq
overlay ppolicy
ppolicy_default "cn=default,ou=policies,{suffix}"
ppolicy_use_lockout

{database_lines}
{rules}
access to attrs=userPassword
  by self =xw
  by anonymous auth
  by * none
access to *
  by users read
  by * none
"""

_RIGHTS = {
    "password_right": ("userPassword", "=xw"),
    "attributes_right": ("pwdAccountLockedTime", "write"),
    "history_right": ("pwdHistory", "none"),
}
"""What a test may change of the manual's rules: for which attributes, and what stands there."""


class Slapd:
    """A slapd in a folder of its own; `start` and `stop` as often as a test likes, `fresh` brings the samples back."""

    def __init__(self, folder: Path, entries: Mapping[str, Mapping[str, Values]], lines: Mapping[str, str]) -> None:
        self.folder = folder
        self.authority = make_authority(folder, folder.name)
        self.port, self.tls_port = free_ports(2)
        self._process: subprocess.Popen[bytes] | None = None
        self._lines = lines
        self._write(lines)
        ldif = "\n".join(ldif_of(dn, attributes) for dn, attributes in entries.items())
        subprocess.run([LOADER, "-q", "-f", self._configuration], input=ldif.encode(), check=True, capture_output=True)
        shutil.copytree(folder / "db", folder / "template")

    @property
    def url(self) -> str:
        """Where StartTLS is spoken."""
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        return f"ldaps://127.0.0.1:{self.tls_port}"

    def table(self, **changed: object) -> Ldap:
        """Return the settings of a site that uses this directory."""
        given: dict[str, object] = {
            "url": self.tls_url,
            "ca_file": str(self.authority.file),
            "bind_dn": SERVICE,
            "bind_password": SERVICE_PASSWORD,
            "base_dn": PEOPLE,
            "attributes": LdapAttributes(name="displayName", phones=["mobile", "telephoneNumber"]),
            "administrators": [ADMINISTRATOR],
            "new_entries": {"dn": "uid={local}," + PEOPLE},
            "timeout_seconds": 2,
        }
        return Ldap.model_validate({**given, **changed})

    def start(self) -> None:
        self._process = subprocess.Popen(
            [PROGRAM, "-d", "0", "-f", self._configuration, "-h", f"{self.url} {self.tls_url}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until("slapd answers", self._answers)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def fresh(self) -> None:
        """Start with the entries of the beginning."""
        self.stop()
        shutil.rmtree(self.folder / "db")
        shutil.copytree(self.folder / "template", self.folder / "db")
        self._write(self._lines)
        self.start()

    def again(self, **lines: str) -> None:
        """Start again, with other lines in the configuration."""
        self.stop()
        self._write({**self._lines, **lines})
        self.start()

    def change(self, dn: str, **attributes: Values) -> None:
        """Change an entry as the directory's own administrator, whom no policy holds."""
        with self._as_root() as connection:
            changes = {name: [(MODIFY_REPLACE, several(values))] for name, values in attributes.items()}
            assert connection.modify(dn, changes, controls=[_RELAX]), connection.result

    def add(self, dn: str, **attributes: Values) -> None:
        with self._as_root() as connection:
            given = {name: several(values) for name, values in attributes.items()}
            assert connection.add(dn, attributes=given), connection.result

    def read(self, dn: str, attribute: str) -> list[bytes]:
        """Return what stands in an entry, whoever may see it."""
        with self._as_root() as connection:
            connection.search(dn, "(objectClass=*)", "BASE", attributes=[attribute])
            assert connection.response, connection.result
            return list(connection.response[0]["raw_attributes"].get(attribute, []))

    def everything(self) -> str:
        """Return all entries as slapcat writes them."""
        return subprocess.run([DUMPER, "-f", self._configuration], check=True, capture_output=True, text=True).stdout

    @property
    def _configuration(self) -> str:
        return str(self.folder / "slapd.conf")

    def _write(self, lines: Mapping[str, str]) -> None:
        (self.folder / "db").mkdir(exist_ok=True)
        given = dict(lines)
        rules = _rules({right: given.pop(right) for right in _RIGHTS if right in given})
        filled = {
            "certificate": str(self.authority.issue("127.0.0.1", "localhost")),
            "global_lines": "",
            "database_lines": "",
            **given,
        }
        Path(self._configuration).write_text(
            _CONFIGURATION.format(
                folder=self.folder,
                authority=self.authority.file,
                suffix=SUFFIX,
                root=ROOT,
                root_password=ROOT_PASSWORD,
                rules=rules,
                **filled,
            )
        )

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "slapd has ended"
        with suppress(Exception), self._as_root():
            return True
        return False

    @contextmanager
    def _as_root(self) -> Iterator[Connection]:
        # the certificate is not looked at here: the tests of the adapter do
        server = Server("127.0.0.1", self.tls_port, use_ssl=True, get_info=NONE, connect_timeout=5)
        connection = Connection(server, ROOT, ROOT_PASSWORD, check_names=False, receive_timeout=5)
        try:
            assert connection.bind(read_server_info=False)
            yield connection
        finally:
            with suppress(Exception):
                connection.unbind()
            if connection.socket is not None:
                connection.socket.close()


@contextmanager
def running(more: Mapping[str, Mapping[str, Values]] | None = None, **lines: str) -> Iterator[Slapd]:
    """Run a slapd with the sample accounts and `more` entries."""
    need("slapd", PROGRAM, LOADER)
    folder = Path(tempfile.mkdtemp(prefix="slapd-"))
    try:
        server = Slapd(folder, {**sample_entries(), **(more or {})}, lines)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _rules(changed: Mapping[str, str]) -> str:
    """Return the rules of the manual as `slapd.conf` has them, with other rights for the service account."""
    block = PAGE.read_text("utf-8").split("add: olcAccess\n")[1].split("\n```")[0]
    rules, limits = block.split("\n-\nadd: olcLimits\n")
    for name, right in changed.items():
        attributes, present = _RIGHTS[name]
        rules, count = re.subn(
            rf'(ou=people,{SUFFIX}" attrs={attributes}.*\n  by \S+) {present}\n', rf"\1 {right}\n", rules
        )
        assert count == 1, f"the manual has no rule for {attributes}"
    return (
        re.sub(r"^olcAccess: \{\d\}", "access ", rules, flags=re.MULTILINE)
        + "\n"
        + limits.replace("olcLimits:", "limits")
    )
