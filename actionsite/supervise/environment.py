"""The environment that `up` gives itself and its children. Floor: the site, before Django."""

import os
import socket
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

from actionsite import keys, locks
from actionsite.embedded import cluster_of
from actionsite.env import WrongSetting, fill
from actionsite.supervise.options import Options

EMBEDDED_MARK = "ACTIONSITE_EMBEDDED"
DEMO_PORTS = {"ACTIONSITE_DEMO_SMTP_PORT": 8025, "ACTIONSITE_DEMO_HTTP_PORT": 8026}


def complete(variables: MutableMapping[str, str], *, options: Options, data_dir: Path) -> None:
    """Fill in what is unset: keys, addresses, the embedded database and the demo."""
    variables["ACTIONSITE_DATA_DIR"] = str(data_dir)
    with locks.held(data_dir / "keys.lock"):
        keys.ensure(variables, data_dir)
    assume_address(variables, host=options.host, port=options.port)
    if not variables.get("DATABASE_URL"):
        variables["DATABASE_URL"] = cluster_of(data_dir).url()
        variables[EMBEDDED_MARK] = "1"
    if options.workers is not None:
        variables["ACTIONSITE_WORKERS"] = str(options.workers)
    if options.no_demo:
        variables["ACTIONSITE_DEMO"] = "0"
    fill(variables, "ACTIONSITE_DEMO", "1")
    if variables["ACTIONSITE_DEMO"] == "1":
        fill(variables, "ACTIONSITE_ENVIRONMENT", "development")
    for name, port in DEMO_PORTS.items():
        if not variables.get(name):
            variables[name] = str(port if claim(port) else free_port())


def assume_address(variables: MutableMapping[str, str], *, host: str, port: int) -> None:
    """The base URL of a service that only this machine reaches, where none is given."""
    if variables.get("ACTIONSITE_BASE_URL"):
        return
    if not Options(host=host).is_loopback:
        raise WrongSetting(
            f"--host {host} lets others call; set ACTIONSITE_BASE_URL to the address they use."
        )
    shown = f"[{host}]" if ":" in host else host
    variables["ACTIONSITE_BASE_URL"] = f"http://{shown}:{port}"
    fill(variables, "ACTIONSITE_ALLOW_HTTP", "1")
    fill(variables, "ACTIONSITE_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")


def search_path(root: Path) -> str:
    """PYTHONPATH of the children: ours, then where `up` was started, then what was there."""
    given = os.environ.get("PYTHONPATH", "")
    return os.pathsep.join(dict.fromkeys([str(root), str(Path.cwd()), *given.split(os.pathsep)]))


def claim(port: int) -> bool:
    """Take a port for the time of this process; false if it is taken, or another `up` is to use it.

    Between a look and the moment at which a child listens, a second `up` would see it free as well.
    """
    claims = Path(tempfile.gettempdir()) / f"actionsite-{os.getuid()}"
    try:
        return is_free(port) and locks.hold(claims / f"port-{port}", must_wait=False) is not None
    except OSError:
        return False  # where others can write, there may be anything


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Could we listen there now?"""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port
