"""What the record is written with in the tests."""

from recovery_site.adapters.database.audit_chain import Sealing
from recovery_site.domain.keys import KeyRing
from tests.fakes import KEY, FakeChance


def sealing(*keys: bytes) -> Sealing:
    """Return the seals of the keys, newest first; of the tests' one key where none is given."""
    return Sealing.of(KeyRing(keys or (KEY,)), FakeChance())
