"""Run both servers of the demo in one process, until it is told to stop."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import NoReturn

import uvicorn

from onboarding.demo.endpoint import Endpoint
from onboarding.demo.mailbox import HOST, Mailbox
from onboarding.demo.sandboxes import SandboxService


class Servers:
    """The mail server and the HTTP server of one data directory, on the loopback interface."""

    def __init__(self, *, directory: Path, smtp_port: int, http_port: int) -> None:
        self.mailbox = Mailbox(directory=directory, port=smtp_port)
        endpoint = Endpoint(mailbox=self.mailbox, sandboxes=SandboxService(directory))
        config = uvicorn.Config(
            endpoint, host=HOST, port=http_port, lifespan="off", log_level="warning", ws="none"
        )
        self.http = uvicorn.Server(config)

    async def serve(self) -> None:
        """Serve until `http.should_exit`; mail is up or down as it was left.

        Raises PortTaken when the mail server shall be up and cannot; leaves the process, saying so
        on stderr, when the HTTP port is taken.
        """
        await self.mailbox.restore()
        try:
            await self.http.serve()
        finally:
            await self.mailbox.close()


def run_until_told(servers: Servers) -> None:
    """Serve; SIGTERM and Ctrl-C end it, and the process, with 0."""
    # uvicorn takes the signals while it serves and then raises them again for us.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    asyncio.run(servers.serve())


def _leave(_number: int, _frame: object) -> NoReturn:
    sys.exit(0)
