"""The embedded PostgreSQL as commands use it: attach to it, or start it and stop it. Floor: site.

Each process that uses the cluster holds a shared lock on `postgres.users`; who leaves last stops
the server. `up` is the exception: it owns the server and ends it with itself.
"""

import atexit
import os
from dataclasses import dataclass
from pathlib import Path

from actionsite import locks
from actionsite.embedded import Cluster, cluster_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """The lock files of one data directory."""

    data_dir: Path

    @property
    def starting(self) -> Path:
        """Held while somebody decides whether to start or to stop the server."""
        return self.data_dir / "postgres.starting"

    @property
    def users(self) -> Path:
        """Held, shared, by each process that uses the server."""
        return self.data_dir / "postgres.users"


def borrow(data_dir: Path) -> None:
    """Have the data directory's PostgreSQL running until this process ends."""
    places, cluster = Places(data_dir=data_dir), cluster_of(data_dir)
    with locks.held(places.starting):
        use = locks.hold(places.users, is_shared=True)
        if cluster.postmaster() is None:
            cluster.prepare()
            cluster.start(is_child=False)
        else:
            cluster.wait_until_ready()
    assert use is not None  # noqa: S101 - we waited for it
    atexit.register(_give_back, places, cluster, use)


def take_over(data_dir: Path) -> Cluster | None:
    """Make the cluster ready to be started by `up`; None while another process uses it.

    What a killed process left running is stopped. From here until this process ends the cluster
    counts as used, so that no command that leaves stops it.
    """
    places, cluster = Places(data_dir=data_dir), cluster_of(data_dir)
    with locks.held(places.starting):
        use = locks.hold(places.users, must_wait=False)
        if use is None:
            return None
        cluster.stop()
        cluster.prepare()
        locks.share(use)
    return cluster


def _give_back(places: Places, cluster: Cluster, use: int) -> None:
    if os.getpid() != _BORROWER:
        return
    with locks.held(places.starting):
        os.close(use)
        alone = locks.hold(places.users, must_wait=False)
        if alone is not None:
            cluster.stop()
            os.close(alone)


_BORROWER = os.getpid()
