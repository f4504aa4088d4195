"""One HTTP request and its answer: bounded in time and in size, without redirects and proxies."""

import logging
from dataclasses import dataclass, field
from typing import Any

import httpx

from recovery_site.adapters.sms.http.deadline import Deadline, too_slow
from recovery_site.domain.messages import FaultKind
from recovery_site.ports import GatewayFault

ANSWER_BYTES = 64 * 1024
"""More than this is no answer of an SMS interface."""

# at INFO it writes every address that is asked: with `query` the number and the code are in it
logging.getLogger("httpx").setLevel(logging.WARNING)
# at DEBUG it writes the headers of answers: where a carrier redirects to may hold the number
logging.getLogger("httpcore").setLevel(logging.WARNING)


@dataclass(frozen=True)
class Answer:
    """What a carrier said."""

    status: int
    body: bytes = field(repr=False)


class Exchange:
    """Asks carriers. Certificates are verified.

    Every request has a connection of its own, which its deadline can cut.
    """

    def __init__(self, seconds: float) -> None:
        self._client = httpx.Client(
            timeout=seconds,
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
            raise GatewayFault(type(error).__name__, FaultKind.UNREACHABLE) from None

    def _read(self, response: httpx.Response) -> Answer:
        try:
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise GatewayFault("the answer is compressed", FaultKind.ANSWER)
            body = b""
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > ANSWER_BYTES:
                    raise GatewayFault("the answer is too long", FaultKind.ANSWER)
            return Answer(response.status_code, body)
        finally:
            response.close()
