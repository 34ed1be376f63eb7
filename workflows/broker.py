"""The broker that django-q2 asks for work: it hands out `drain`, and nothing else. Floor 5.

A bounded queue in front of an endless supply: a worker that dies and is replaced takes the next
message, and no worker ever waits in the queue that the processes share.
"""

import uuid

from django.utils import timezone
from django_q.brokers import Broker
from django_q.signing import SignedPackage

DRAIN = "workflows.worker.drain"


class DrainBroker(Broker):  # type: ignore[misc]  # django-q2 has no types
    """django-q2's documented extension point; its messages need no receipt."""

    def dequeue(self) -> list[tuple[str, str]]:
        """Return one message that tells a worker to drain the executions table."""
        identity = uuid.uuid4().hex
        message = {
            "id": identity,
            "name": "drain",
            "func": DRAIN,
            "args": (),
            "kwargs": {},
            "started": timezone.now(),
        }
        return [(identity, SignedPackage.dumps(message))]

    def ping(self) -> bool:
        """Always there."""
        return True

    def info(self) -> str:
        """What django-q2 prints about its broker."""
        return "Actionsite drain"

    def queue_size(self) -> int:
        """Nothing is queued here; the queue is the executions table."""
        return 0

    def lock_size(self) -> int:
        """Nothing awaits a receipt."""
        return 0
