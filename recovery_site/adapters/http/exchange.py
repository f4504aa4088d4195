"""One HTTP request and its answer: bounded in time and in size, without redirects and proxies."""

import logging
import ssl
from dataclasses import dataclass, field
from typing import Any

import httpx

from recovery_site.adapters.http.deadline import Deadline, too_slow
from recovery_site.domain.messages import FaultKind
from recovery_site.ports import GatewayFault

ANSWER_BYTES = 64 * 1024
"""More than this is no answer of an SMS interface."""

_CERTIFICATE_PROBLEMS = {
    10: "the certificate has expired",
    62: "the certificate is for another name",
    64: "the certificate is for another name",
}
"""By OpenSSL's codes (X509_V_ERR_CERT_HAS_EXPIRED, _HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH)."""

# at INFO it writes every address that is asked: with `query` the number and the code are in it
logging.getLogger("httpx").setLevel(logging.WARNING)
# at DEBUG it writes the headers of answers: where a carrier redirects to may hold the number
logging.getLogger("httpcore").setLevel(logging.WARNING)


@dataclass(frozen=True)
class Answer:
    """What the other side said."""

    status: int
    body: bytes = field(repr=False)


class Exchange:
    """Asks carriers and servers. Certificates are verified, with `ca_file` by the authorities in it and no others.

    Every request has a connection of its own, which its deadline can cut. An answer above `largest` bytes is a fault.
    """

    def __init__(self, seconds: float, *, ca_file: str = "", largest: int = ANSWER_BYTES) -> None:
        self._largest = largest
        self._client = httpx.Client(
            timeout=seconds,
            verify=ssl.create_default_context(cafile=ca_file) if ca_file else True,
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
            # a compressed answer has no bound: 64 KB of it can be 64 MB
            headers={"Accept-Encoding": "identity"},
        )

    def ask(self, deadline: Deadline, method: str, url: str, **parts: Any) -> Answer:
        """Return the answer; `parts` are those of `httpx.Client.build_request`.

        Raises `GatewayFault` without the words of httpx: they may quote a header, and with it a key.
        """
        try:
            request = self._client.build_request(method, url, **parts, extensions={"trace": deadline.trace})
            return self._read(self._client.send(request, stream=True))
        except (httpx.LocalProtocolError, UnicodeError):
            # settings and tokens are known to fit into a header, a text may not
            raise GatewayFault("the message does not fit into an HTTP request", FaultKind.TEXT) from None
        except (httpx.RemoteProtocolError, httpx.DecodingError) as error:
            raise GatewayFault(type(error).__name__, FaultKind.ANSWER) from None
        except httpx.TimeoutException:
            raise too_slow() from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise GatewayFault(_certificate_problem(error) or type(error).__name__, FaultKind.UNREACHABLE) from None

    def _read(self, response: httpx.Response) -> Answer:
        try:
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise GatewayFault("the answer is compressed", FaultKind.ANSWER)
            body = b""
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > self._largest:
                    raise GatewayFault("the answer is too long", FaultKind.ANSWER)
            return Answer(response.status_code, body)
        finally:
            response.close()


def _certificate_problem(error: BaseException | None) -> str:
    """Return what is wrong with the certificate that a connection failed for, '' where it failed for something else."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return _CERTIFICATE_PROBLEMS.get(error.verify_code, "the certificate is not trusted")
        error = error.__cause__ or error.__context__
    return ""
