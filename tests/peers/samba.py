"""A real Samba on this machine as an Active Directory domain controller: its LDAP service alone."""

import os
import re
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ldap3 import MODIFY_REPLACE, NONE, Connection, Server, Tls

from tests.peers.absent import absent, need
from tests.peers.certificates import make_authority
from tests.peers.kannel import PATIENCE_SECONDS, until

PROGRAM, TOOL = "/usr/sbin/samba", "/usr/bin/samba-tool"
PACKAGES = "samba samba-ad-provision samba-dsdb-modules samba-vfs-modules"
PARTS = tuple(f"/usr/share/doc/{package}" for package in PACKAGES.split())
BASE = "DC=soctrang,DC=gov,DC=vn"
OFFICIALS = f"OU=Officials,{BASE}"
KEPT_HERE = f"OU=Kept-here,{BASE}"
"""Where the site may also lock and change numbers."""
ADMINISTRATOR = f"CN=Administrator,CN=Users,{BASE}"
ADMINISTRATOR_PASSWORD = "Admin-Pass-1"
SERVICE, SERVICE_PASSWORD = "svc-recovery", "Svc-Pass-123"
PAGE = Path(__file__).parents[2] / "docs" / "administration" / "active-directory.md"
LDAP, LDAPS = 389, 636
"""Samba has no other ports: each one here gets an address of its own instead."""

_CONFIGURATION = """
[global]
server role = active directory domain controller
netbios name = DC1
realm = SOCTRANG.GOV.VN
workgroup = SOCTRANG
server services = ldap
interfaces = {host}/8
bind interfaces only = yes
private dir = {folder}/private
state directory = {folder}/state
cache directory = {folder}/cache
lock directory = {folder}/lock
pid directory = {folder}/pid
ncalrpc dir = {folder}/ncalrpc
winbindd socket directory = {folder}/winbindd
ntp signd socket directory = {folder}/ntp
log file = {folder}/log
logging = file
tls enabled = yes
tls keyfile = {certificate}
tls certfile = {certificate}
tls cafile = {ca}
old password allowed period = 0
[sysvol]
path = {folder}/state/sysvol
[netlogon]
path = {folder}/state/sysvol/soctrang.gov.vn/scripts
"""

_POLICY = {"lockoutThreshold": 3, "minPwdLength": 8, "pwdHistoryLength": 3, "minPwdAge": 0}


@dataclass(frozen=True)
class Domain:
    """A running domain controller, set up as the administrators' page says."""

    host: str
    ca_file: Path
    administrator: Connection

    @property
    def url(self) -> str:
        return f"ldaps://{self.host}"

    def add(self, name: str, password: str, attributes: Mapping[str, object], *, under: str = OFFICIALS) -> str:
        """Add a user that may sign in, and return the DN."""
        dn = f"CN={name},{under}"
        known = {"sAMAccountName": name, "userPrincipalName": f"{name}@soctrang.gov.vn", "userAccountControl": 512}
        self._do(
            self.administrator.add(dn, ["top", "person", "organizationalPerson", "user"], {
                **known, "unicodePwd": quoted(password), **attributes,
            })
        )  # fmt: skip
        return dn

    def change(self, dn: str, **values: Sequence[object]) -> None:
        """Change an entry as the domain's administrator does."""
        self._do(self.administrator.modify(dn, {name: [(MODIFY_REPLACE, list(new))] for name, new in values.items()}))

    def read(self, dn: str, *names: str) -> dict[str, list[bytes]]:
        """Return an entry's values."""
        self._do(self.administrator.search(dn, "(objectClass=*)", "BASE", attributes=list(names)))
        [entry] = [one for one in self.administrator.response or () if one["type"] == "searchResEntry"]
        values: dict[str, list[bytes]] = entry["raw_attributes"]
        return values

    def signs_in(self, name: str, password: str) -> bool:
        """Return whether the domain takes this name@domain and password."""
        connection = _connection(self.host, self.ca_file, name, password)
        try:
            return bool(connection.bind())
        finally:
            connection.unbind()

    def _do(self, done: object) -> None:
        assert done, self.administrator.result


def quoted(password: str) -> bytes:
    """Return a password as `unicodePwd` wants it (MS-ADTS, section 3.1.1.3.1.5)."""
    return f'"{password}"'.encode("utf-16-le")


@contextmanager
def running() -> Iterator[Domain]:
    """Provision a domain in some seconds and start it; it is gone, with its files, at the end of the block."""
    need(PACKAGES, PROGRAM, TOOL, *PARTS)
    if os.geteuid() != 0:
        absent("the tests need root for Samba: it listens on ports 389 and 636")
    with tempfile.TemporaryDirectory(prefix="recovery-samba-") as name:
        folder, host = Path(name), _free_address()
        ca_file = _provision(folder, host)
        with (folder / "out").open("wb") as out:
            process = subprocess.Popen(
                [PROGRAM, "-s", folder / "smb.conf", "-F", "--no-process-group", "-M", "single"], stdout=out, stderr=out
            )
        try:
            until("Samba listens", lambda: _listens(process, folder, host))
            administrator = _connection(host, ca_file, "Administrator", ADMINISTRATOR_PASSWORD)
            assert administrator.bind(), administrator.result
            domain = Domain(host, ca_file, administrator)
            _set_up(domain, folder)
            yield domain
            administrator.unbind()
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def commands() -> tuple[str, str]:
    """Return what the page gives to be run on a Samba domain controller: what is needed, and what else may be."""
    needed, more = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return str(needed), str(more)


def _set_up(domain: Domain, folder: Path) -> None:
    """Make the service account and give it its rights, with the page's own commands."""
    domain.change(BASE, **{name: [value] for name, value in _POLICY.items()})
    for unit in (OFFICIALS, KEPT_HERE):
        assert domain.administrator.add(unit, "organizationalUnit")
    domain.add(SERVICE, SERVICE_PASSWORD, {}, under=f"CN=Users,{BASE}")
    here = f'samba-tool() {{ {TOOL} "$@" --configfile={folder}/smb.conf -H {folder}/private/sam.ldb; }}\n'
    needed, more = commands()
    assert OFFICIALS in needed, f"the page does not name {OFFICIALS}"
    _run("bash", "-euc", here + needed)
    _run("bash", "-euc", here + (needed + more).replace(OFFICIALS, KEPT_HERE))


def _provision(folder: Path, host: str) -> Path:
    for name in ("private", "state", "cache", "lock", "pid", "ncalrpc", "winbindd", "ntp"):
        (folder / name).mkdir()
    authority = make_authority(folder)
    certificate = authority.issue(host, "dc1.soctrang.gov.vn")
    configuration = folder / "smb.conf"
    configuration.write_text(
        _CONFIGURATION.format(folder=folder, host=host, certificate=certificate, ca=authority.file)
    )
    _run(
        TOOL, "domain", "provision", f"--configfile={configuration}", "--server-role=dc", "--realm=SOCTRANG.GOV.VN",
        "--domain=SOCTRANG", "--host-name=dc1", f"--host-ip={host}", f"--adminpass={ADMINISTRATOR_PASSWORD}",
        "--dns-backend=NONE",
    )  # fmt: skip
    return authority.file


def _run(*command: Any) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"{command[0]}: {done.stdout[-1000:]} {done.stderr[-2000:]}", pytrace=False)


def _connection(host: str, ca_file: Path, name: str, password: str) -> Connection:
    tls = _Checked(ca_file)
    server = Server(host, port=LDAPS, use_ssl=True, tls=tls, get_info=NONE, connect_timeout=PATIENCE_SECONDS)
    return Connection(server, f"{name}@soctrang.gov.vn", password, receive_timeout=PATIENCE_SECONDS)


class _Checked(Tls):
    """TLS by the standard library: ldap3's own check of names gives a warning, which ends a test."""

    def __init__(self, ca_file: Path) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context = ssl.create_default_context(cafile=ca_file)

    def wrap_socket(self, connection: Connection, do_handshake: bool = False) -> None:  # noqa: ARG002 -- ldap3's
        connection.socket = self._context.wrap_socket(connection.socket, server_hostname=connection.server.host)


def _free_address() -> str:
    """Return an address of this machine on which nobody has Samba's ports: other workers run one, too."""
    for turn in range(1000):
        number = (os.getpid() + turn * 7919) % (100 * 250 * 250)
        host = f"127.{64 + number // 62500}.{1 + number // 250 % 250}.{2 + number % 250}"
        if all(_is_free(host, port) for port in (LDAP, LDAPS)):
            return host
    raise AssertionError("no address of this machine is free")


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
    return True


def _listens(process: "subprocess.Popen[bytes]", folder: Path, host: str) -> bool:
    if process.poll() is not None:
        logs = [path.read_text(errors="replace")[-2000:] for path in folder.glob("log*") if path.is_file()]
        pytest.fail(f"Samba did not start: {(folder / 'out').read_text()} {logs}", pytrace=False)
    try:
        socket.create_connection((host, LDAPS), timeout=1).close()
    except OSError:
        return False
    return True
