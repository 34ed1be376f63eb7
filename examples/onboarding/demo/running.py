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


def run(*, directory: Path, smtp_port: int, http_port: int) -> None:
    """Serve mail and sandboxes on the loopback interface; SIGTERM and Ctrl-C end it with 0.

    Raises PortTaken when the mail server shall be up and cannot; exits with 1, saying so on
    stderr, when the HTTP port is taken.
    """
    # uvicorn takes the signals while it serves and then raises them again for us.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    asyncio.run(_serve(Mailbox(directory=directory, port=smtp_port), directory, http_port))


async def _serve(mailbox: Mailbox, directory: Path, http_port: int) -> None:
    endpoint = Endpoint(mailbox=mailbox, sandboxes=SandboxService(directory))
    config = uvicorn.Config(
        endpoint, host=HOST, port=http_port, lifespan="off", log_level="warning", ws="none"
    )
    await mailbox.restore()
    try:
        await uvicorn.Server(config).serve()
    finally:
        await mailbox.close()


def _leave(_number: int, _frame: object) -> NoReturn:
    sys.exit(0)
