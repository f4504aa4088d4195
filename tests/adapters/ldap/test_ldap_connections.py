"""The line to a directory: encrypted and verified, and what happens when it is slow, cut or dead."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from recovery_site.adapters.directories.ldap import LdapDirectory
from recovery_site.domain.secret import Secret
from recovery_site.ports import DirectoryUnavailable
from tests.adapters.ldap.conftest import open_directory
from tests.fakes import ACCOUNTS, AN, NOON, OLD_PASSWORD, FakeClock
from tests.peers import slapd
from tests.peers.certificates import make_authority, self_signed
from tests.peers.tcp_proxy import proxy

NEW = Secret("Ben-pha-9-vang")


@pytest.fixture(params=["url", "tls_url"])
def url(request: pytest.FixtureRequest, server: slapd.Slapd) -> str:
    """The server by StartTLS and by TLS from the first byte."""
    return str(getattr(server, request.param))


def test_both_ways_of_encrypting_lead_to_the_accounts(server: slapd.Slapd, url: str) -> None:
    directory = open_directory(server, url=url)
    directory.check()
    assert directory.find(AN)


def test_the_hosts_name_may_be_a_name_or_an_address(server: slapd.Slapd) -> None:
    open_directory(server, url=f"ldaps://localhost:{server.tls_port}").check()


def test_an_authority_that_is_not_the_named_one_is_refused(server: slapd.Slapd, url: str, tmp_path: Path) -> None:
    stranger = make_authority(tmp_path, "stranger")
    with pytest.raises(DirectoryUnavailable, match="certificate that is refused"):
        open_directory(server, url=url, ca_file=str(stranger.file)).check()


def test_without_a_named_authority_the_public_ones_count(server: slapd.Slapd, url: str) -> None:
    with pytest.raises(DirectoryUnavailable, match="certificate that is refused"):
        open_directory(server, url=url, ca_file="").check()


def test_a_certificate_for_another_host_is_refused(server: slapd.Slapd, url: str) -> None:
    server.again(certificate=str(server.authority.issue("ldap.elsewhere.example")))
    with pytest.raises(DirectoryUnavailable, match="certificate that is refused: IP address mismatch"):
        open_directory(server, url=url).check()


def test_a_certificate_that_signed_itself_is_refused(server: slapd.Slapd, url: str) -> None:
    server.again(certificate=str(self_signed(server.folder)))
    with pytest.raises(DirectoryUnavailable, match="certificate that is refused"):
        open_directory(server, url=url).check()


def test_a_server_that_cannot_encrypt_is_told_no_password(server: slapd.Slapd) -> None:
    heard: list[bytes] = []

    def answer_nonsense(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            heard.append(connection.recv(4096))
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            with suppress(OSError):
                heard.append(connection.recv(4096))

    for scheme in ("ldap", "ldaps"):
        with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as aside:
            nonsense = aside.submit(answer_nonsense, listener)
            with pytest.raises(DirectoryUnavailable):
                open_directory(
                    server, url=f"{scheme}://127.0.0.1:{listener.getsockname()[1]}", timeout_seconds=0.3
                ).check()
            nonsense.result()
    assert slapd.SERVICE_PASSWORD.encode() not in b"".join(heard)
    assert len(heard) >= 2


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_a_server_that_takes_the_connection_and_says_nothing_is_given_up(server: slapd.Slapd, scheme: str) -> None:
    with proxy(server.port) as line:
        line.silent = True
        with pytest.raises(DirectoryUnavailable, match="does not answer within"):
            open_directory(server, url=f"{scheme}://127.0.0.1:{line.port}", timeout_seconds=0.3).find(AN)


def test_a_server_that_grows_slow_is_given_up_and_asked_again_later(server: slapd.Slapd) -> None:
    with proxy(server.tls_port) as line:
        directory = open_directory(server, url=f"ldaps://127.0.0.1:{line.port}", timeout_seconds=0.5)
        assert directory.find(AN)
        line.delay = 3
        with pytest.raises(DirectoryUnavailable, match="does not answer within"):
            directory.find(AN)
        with pytest.raises(DirectoryUnavailable, match="does not answer within"):
            directory.set_password(AN, NEW, NOON)
        line.delay = 0
        assert directory.find(AN)


def test_a_connection_serves_many_questions(server: slapd.Slapd) -> None:
    with proxy(server.tls_port) as line:
        directory = open_directory(server, url=f"ldaps://127.0.0.1:{line.port}")
        for address in ACCOUNTS:
            assert directory.find(address)
        assert line.connections == 1


def test_a_connection_that_lay_idle_for_long_is_not_used_again(server: slapd.Slapd) -> None:
    clock = FakeClock()
    with proxy(server.tls_port) as line:
        directory = open_directory(server, clock, url=f"ldaps://127.0.0.1:{line.port}")
        assert directory.find(AN)
        clock.pass_by(31)
        assert directory.find(AN)
        assert line.connections == 2


def test_a_directory_that_was_started_again_is_not_noticed(server: slapd.Slapd, directory: LdapDirectory) -> None:
    assert directory.find(AN)
    server.again()
    assert directory.find(AN)
    server.again()
    directory.set_password(AN, NEW, NOON)
    assert directory.check_password(AN, NEW)


def test_a_directory_that_is_gone_is_named_with_what_ails_it(server: slapd.Slapd, directory: LdapDirectory) -> None:
    assert directory.find(AN)
    server.stop()
    with pytest.raises(DirectoryUnavailable, match=f"127.0.0.1:{server.tls_port} refuses the connection"):
        directory.find(AN)
    server.start()
    assert directory.find(AN)


def test_a_host_without_an_address_is_said_to_have_none(server: slapd.Slapd) -> None:
    with pytest.raises(DirectoryUnavailable, match="cannot be resolved"):
        open_directory(server, url="ldaps://directory.invalid").check()


def test_many_threads_share_few_connections(server: slapd.Slapd) -> None:
    with proxy(server.tls_port) as line:
        directory = open_directory(server, url=f"ldaps://127.0.0.1:{line.port}", connections=2)
        together = threading.Barrier(8)

        def ask(turn: int) -> bool:
            together.wait()
            wanted = list(ACCOUNTS)[turn % len(ACCOUNTS)]
            found = [directory.find(wanted) for _ in range(10)]
            return all(account is not None and account.address == wanted for account in found)

        with ThreadPoolExecutor(8) as threads:
            assert all(threads.map(ask, range(8)))
        assert line.connections <= 2


def test_a_service_account_that_is_refused_is_not_tried_until_it_is_locked(server: slapd.Slapd) -> None:
    clock = FakeClock()
    directory = open_directory(server, clock, bind_password="wrong")
    for _ in range(5):
        with pytest.raises(DirectoryUnavailable, match="service account"):
            directory.find(AN)
    assert len(server.read(slapd.SERVICE, "pwdFailureTime")) == 1
    clock.pass_by(minutes=6)
    with pytest.raises(DirectoryUnavailable, match="service account"):
        directory.find(AN)
    assert len(server.read(slapd.SERVICE, "pwdFailureTime")) == 2


def test_a_service_account_that_is_locked_is_said_to_be(server: slapd.Slapd) -> None:
    server.change(slapd.SERVICE, pwdAccountLockedTime="000001010000Z")
    with pytest.raises(DirectoryUnavailable, match="has locked the service account"):
        open_directory(server).check()


def test_reads_go_to_the_replica_and_writes_to_the_master(server: slapd.Slapd) -> None:
    with slapd.running() as replica:
        directory = open_directory(
            replica, url=server.tls_url, read_urls=[replica.tls_url], ca_file=_both(server, replica)
        )
        replica.change(slapd.dn_of(AN), displayName="As the replica has it")
        found = directory.find(AN)
        assert found is not None
        assert found.display_name == "As the replica has it"
        directory.set_password(AN, NEW, NOON)
        assert server.read(slapd.dn_of(AN), "pwdChangedTime")
        assert not replica.read(slapd.dn_of(AN), "pwdChangedTime")
        # the replica does not have the new password yet
        assert directory.check_password(AN, NEW)
        replica.stop()
        found = directory.find(AN)
        assert found is not None
        assert found.display_name == ACCOUNTS[AN].display_name


def test_without_its_master_a_directory_is_still_read_and_lets_people_in(server: slapd.Slapd) -> None:
    directory = open_directory(server, url="ldaps://127.0.0.1:9", read_urls=[server.tls_url])
    assert directory.find(AN)
    assert directory.check_password(AN, Secret(OLD_PASSWORD))
    with pytest.raises(DirectoryUnavailable, match=r"127\.0\.0\.1:9"):
        directory.set_password(AN, NEW, NOON)
    with pytest.raises(DirectoryUnavailable, match=r"127\.0\.0\.1:9"):
        directory.check()


def test_a_replica_that_failed_is_asked_after_the_others_for_a_while(server: slapd.Slapd) -> None:
    clock = FakeClock()
    with proxy(server.tls_port) as line:
        line.silent = True
        directory = open_directory(server, clock, read_urls=[f"ldaps://127.0.0.1:{line.port}"], timeout_seconds=0.3)
        assert directory.find(AN)
        assert directory.find(AN)
        assert line.connections == 1
        line.silent = False
        clock.pass_by(11)
        assert directory.find(AN)
        assert line.connections == 2


def test_a_referral_is_no_answer_and_is_not_followed(server: slapd.Slapd) -> None:
    with proxy(server.port) as elsewhere:
        server.again(global_lines=f"referral ldap://127.0.0.1:{elsewhere.port}")
        with pytest.raises(DirectoryUnavailable, match="answers with a referral"):
            open_directory(server, base_dn="dc=elsewhere,dc=example").find(AN)
        assert elsewhere.connections == 0


def _both(one: slapd.Slapd, other: slapd.Slapd) -> str:
    path = one.folder / "both.pem"
    path.write_bytes(one.authority.file.read_bytes() + other.authority.file.read_bytes())
    return str(path)
