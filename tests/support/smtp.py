"""A mail server on a free port, and what it received."""

import asyncio
import email
from collections.abc import Iterator
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller


class Mailbox:
    """A mail server's mailbox, and what it answers."""

    def __init__(self) -> None:
        self.received: list[email.message.EmailMessage] = []
        self.answers: list[str] = []
        self.recipients: dict[str, str] = {}

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802  # aiosmtpd's name
        if address in self.recipients:
            return self.recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.received.append(email.message_from_bytes(envelope.content, policy=default))
        return answer


class AnyPort(Controller):
    """Listens on a free port."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def mail_server(mailbox: Mailbox) -> Iterator[Controller]:
    controller = AnyPort(mailbox, hostname="127.0.0.1", port=0)
    controller.start()
    yield controller
    controller.stop()
