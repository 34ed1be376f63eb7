"""Who may run PostgreSQL, and how that user reaches its files. Floor: the site.

PostgreSQL refuses to run as root. When we are root, a system user `pgserver` runs it, owns the
cluster's directory, and may pass through (not read) the directories above it.
"""

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

USER = "pgserver"
PASS_THROUGH = stat.S_IXGRP | stat.S_IXOTH
READ = stat.S_IRGRP | stat.S_IROTH


class Identity(TypedDict, total=False):
    """The arguments of subprocess that change who a child is."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """The user PostgreSQL runs as; both ids are None when it is the current user."""

    user_id: int | None = None
    group_id: int | None = None

    @property
    def identity(self) -> Identity:
        """What subprocess is told, so that the child runs as this user and in no other group."""
        if self.user_id is None or self.group_id is None:
            return {}
        return {"user": self.user_id, "group": self.group_id, "extra_groups": []}

    def may_use(self, directory: Path) -> None:
        """Give `directory` to the owner, and let it pass through what is above."""
        if self.user_id is None or self.group_id is None:
            return
        let_pass(directory.parent)
        os.chown(directory, self.user_id, self.group_id)

    def may_run(self, programs: Path) -> None:
        """Let the owner read and run the programs, also in an environment made with umask 077."""
        if self.user_id is None:
            return
        let_pass(programs.parent.parent)
        if (programs / "postgres").stat().st_mode & stat.S_IXOTH:
            return
        for path in [programs.parent, *programs.parent.rglob("*")]:
            mode = path.stat().st_mode
            is_runnable = path.is_dir() or mode & stat.S_IXUSR
            path.chmod(mode | READ | (PASS_THROUGH if is_runnable else 0))


def owner() -> Owner:
    """The current user, or `pgserver` (made if it is missing) when that is root."""
    if os.geteuid() != 0:
        return Owner()
    try:
        entry = pwd.getpwnam(USER)
    except KeyError:
        entry = _made()
    return Owner(user_id=entry.pw_uid, group_id=entry.pw_gid)


def let_pass(directory: Path) -> None:
    """Let every user pass through `directory` and all above it; reading stays as it was."""
    for place in (directory, *directory.parents):
        mode = place.stat().st_mode
        if not mode & stat.S_IXOTH:
            place.chmod(mode | PASS_THROUGH)


def _made() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", USER]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - fixed words
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", None) or error
        raise RuntimeError(
            f"PostgreSQL does not run as root, and the user {USER} could not be made ({reason}); "
            "run as another user, or set DATABASE_URL to a PostgreSQL of your own."
        ) from error
    return pwd.getpwnam(USER)
