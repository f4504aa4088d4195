"""What must not be seen, and the keys that everything hangs on."""

import pickle
from hashlib import sha256

import pytest

from recovery_site.domain.keys import KeyRing, Label, UnknownKey
from recovery_site.domain.messages import Sms
from recovery_site.domain.secret import Secret
from recovery_site.flow.outcomes import Submission

OLD, NEW = b"o" * 32, b"n" * 32


def test_a_secret_shows_itself_only_when_it_is_asked_by_name() -> None:
    secret = Secret("canary-123456")
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r}", repr([secret]), repr({"code": secret})):
        assert "canary" not in shown
    assert str(secret) == "Secret(***)"
    assert secret.reveal() == "canary-123456"


def test_an_exception_that_carries_a_secret_does_not_show_it() -> None:
    assert "canary" not in repr(ValueError(Secret("canary")))
    assert "canary" not in str(ValueError(Secret("canary")))


def test_two_secrets_with_one_text_are_equal() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")


def test_an_sms_and_a_submission_hide_what_they_carry() -> None:
    sms = Sms("id", Secret("ma: 123456"), code=Secret("123456"), minutes=10, reference="K7F3-QX2M")
    assert "123456" not in repr(sms)
    assert "canary" not in repr(Submission("canary", "canary", "canary"))


def test_every_label_has_its_own_subkey() -> None:
    ring = KeyRing((NEW,))
    assert len({ring.subkey(label) for label in Label}) == len(Label)
    assert all(len(ring.subkey(label)) == 32 for label in Label)
    assert NEW not in {ring.subkey(label) for label in Label}


def test_a_subkey_is_the_same_after_a_restart() -> None:
    assert KeyRing((NEW,)).subkey(Label.CODE) == KeyRing((NEW,)).subkey(Label.CODE)


def test_the_newest_key_makes_new_work_and_the_old_one_stays_within_reach() -> None:
    before, after = KeyRing((OLD,)), KeyRing((NEW, OLD))
    assert after.newest_id != before.newest_id
    assert after.subkey(Label.CODE) == KeyRing((NEW,)).subkey(Label.CODE)
    assert after.subkey(Label.CODE, before.newest_id) == before.subkey(Label.CODE)
    assert after.subkeys(Label.PHONE) == [KeyRing((NEW,)).subkey(Label.PHONE), before.subkey(Label.PHONE)]


def test_a_key_that_was_taken_out_is_unknown() -> None:
    with pytest.raises(UnknownKey) as unknown:
        KeyRing((NEW,)).subkey(Label.CODE, KeyRing((OLD,)).newest_id)
    assert str(unknown.value) == KeyRing((OLD,)).newest_id


def test_a_key_is_named_as_stored_rows_rely_on() -> None:
    assert KeyRing((NEW,)).newest_id == sha256(b"recovery-site/key-id" + NEW).hexdigest()[:12]


@pytest.mark.parametrize("keys", [(), (b"",), (b"short" * 6,), (NEW, b"x")])
def test_a_ring_without_long_keys_is_refused(keys: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        KeyRing(keys)


def test_a_ring_and_its_key_id_tell_nothing_about_the_key() -> None:
    ring = KeyRing((NEW, OLD))
    assert "nnnn" not in repr(ring)
    assert "oooo" not in str(ring)
    assert len(ring.newest_id) == 12
    assert ring.newest_id not in NEW.hex()


def test_a_secret_survives_a_copy() -> None:
    assert pickle.loads(pickle.dumps(Secret("a"))) == Secret("a")  # noqa: S301 -- our own bytes
