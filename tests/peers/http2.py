"""HTTP/2 by hand (RFC 9113, RFC 7541): no client library would send what an attacker sends."""

from collections.abc import Sequence

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RESET, _SETTINGS, _GO_AWAY = 0, 1, 3, 4, 7
_END_STREAM, _END_HEADERS = 0x1, 0x4


def one_request(headers: Sequence[tuple[bytes, bytes]], body: bytes | None = None) -> bytes:
    """Return a whole conversation: the preface and one request on stream 1. Nothing is checked."""
    block = b"".join(b"\x00" + _text(name) + _text(value) for name, value in headers)
    flags = _END_HEADERS | (_END_STREAM if body is None else 0)
    frames = _frame(_SETTINGS, 0, 0, b"") + _frame(_HEADERS, flags, 1, block)
    return PREFACE + frames + (b"" if body is None else _frame(_DATA, _END_STREAM, 1, body))


def has_ended(came: bytes) -> bool:
    """Return whether the answer on stream 1 is whole, or the server has given it up."""
    while len(came) >= 9:
        size, kind, flags = int.from_bytes(came[:3]), came[3], came[4]
        if kind in (_RESET, _GO_AWAY) or (kind in (_DATA, _HEADERS) and flags & _END_STREAM):
            return len(came) >= 9 + size
        came = came[9 + size :]
    return False


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3) + bytes((kind, flags)) + stream.to_bytes(4) + payload


def _text(raw: bytes) -> bytes:
    """Return a string literal as it is, its length as an integer with a prefix of seven bits."""
    if len(raw) < 127:
        return bytes((len(raw),)) + raw
    rest, length = len(raw) - 127, b"\x7f"
    while rest >= 128:
        length, rest = length + bytes((rest % 128 + 128,)), rest // 128
    return length + bytes((rest,)) + raw
