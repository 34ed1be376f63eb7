"""`qcluster` with a broker that delivers badly: `python -m tests.faults.deliveries tripled`.

The queue of messages may double, mix up and lose them: what is to be done stands in the database.
"""

import os
import random
import sys

import django
from django.conf import settings

chance = random.Random(int(os.environ.get("DELIVERIES_SEED", "1")))  # noqa: S311 - no secret


def main(way: str) -> int:
    """Run the workers until SIGTERM."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "actionsite.settings"
    settings.Q_CLUSTER["broker_class"] = f"tests.faults.deliveries.{way.title()}Broker"
    settings.Q_CLUSTER["queue_limit"] = 50
    django.setup()
    from workflows.supervisor import run_cluster

    return run_cluster()


if __name__ != "__main__":
    from workflows.broker import DrainBroker

    class TripledBroker(DrainBroker):
        """Every message three times, mixed with those of others."""

        def dequeue(self) -> list[tuple[str, str]]:
            one, other = super().dequeue(), super().dequeue()
            mixed = [*one, *other] * 3
            chance.shuffle(mixed)
            return mixed

    class LossyBroker(DrainBroker):
        """Most messages never arrive."""

        def dequeue(self) -> list[tuple[str, str]]:
            return super().dequeue() if chance.random() < 0.2 else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
