"""The last step in one database: password, end of the recovery and notices are stored together or not at all."""

import pytest
from sqlalchemy.exc import OperationalError

from recovery_site.adapters.database.messages import DatabaseMessages
from recovery_site.bootstrap import Services
from recovery_site.domain.messages import Message, MessageKind
from recovery_site.domain.recovery import Step
from recovery_site.domain.secret import Secret
from recovery_site.flow.outcomes import Changed, Submission
from recovery_site.ports import DirectoryUnavailable
from tests.fakes import AN, GOOD_PASSWORD, OLD_PASSWORD

CLIENT = "192.0.2.1"


def test_a_database_that_fails_at_the_last_step_leaves_the_old_password_and_the_code(
    site: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = site.recover.begin(AN, None)
    site.recover.confirm(browser, "", CLIENT)
    site.deliver.send_next()
    [(_, sms)] = site.gateways["main"].accepted  # a FakeGateway
    submission = Submission(sms.code.reveal(), GOOD_PASSWORD, GOOD_PASSWORD)
    store = DatabaseMessages.add

    def break_down(messages: DatabaseMessages, message: Message) -> None:
        if message.kind is MessageKind.PASSWORD_CHANGED:
            raise OperationalError("INSERT INTO messages", {}, Exception("disk full"))
        store(messages, message)

    with monkeypatch.context() as broken:
        broken.setattr(DatabaseMessages, "add", break_down)
        with pytest.raises(DirectoryUnavailable):
            site.reset.submit(browser, submission)
    assert site.directory.check_password(AN, Secret(OLD_PASSWORD))
    recovery = site.under_way.current(browser)
    assert recovery is not None
    assert (recovery.step, recovery.attempts_left) == (Step.AWAITING_CODE, 5)

    assert isinstance(site.reset.submit(browser, submission), Changed)
    assert site.directory.check_password(AN, Secret(GOOD_PASSWORD))
