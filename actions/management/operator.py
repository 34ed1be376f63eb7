"""Who types a command. Floor 5."""

import os
import pwd

from actions.actors import Actor


def operator() -> Actor:
    """The operating system's user of this process, by name if the system has one."""
    user = os.getuid()
    try:
        name = pwd.getpwuid(user).pw_name
    except KeyError:
        name = f"uid {user}"
    return Actor(kind="system", id=str(user), label=name)
