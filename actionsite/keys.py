"""The keys of a local installation, made once and kept in <data dir>/keys.env. Floor: site."""

import os
import secrets
from collections.abc import MutableMapping
from pathlib import Path

KEY_NAMES = ("ACTIONSITE_SECRET_KEY", "ACTIONSITE_FINGERPRINT_KEY", "ACTIONSITE_VAULT_KEY")


def load(variables: MutableMapping[str, str], data_dir: Path) -> None:
    """Fill in the keys that are unset from the data directory's file, where there is one."""
    for name, value in _kept(data_dir).items():
        if name in KEY_NAMES and not variables.get(name):
            variables[name] = value


def ensure(variables: MutableMapping[str, str], data_dir: Path) -> None:
    """Like `load`, and makes and keeps the keys that are in neither place."""
    load(variables, data_dir)
    missing = [name for name in KEY_NAMES if not variables.get(name)]
    if not missing:
        return
    kept = _kept(data_dir)
    for name in missing:
        variables[name] = kept[name] = secrets.token_urlsafe(48)
    _keep(data_dir, kept)


def stand_in(variables: MutableMapping[str, str]) -> None:
    """Keys for a command that keeps nothing, such as `check`: random, gone with the process."""
    for name in KEY_NAMES:
        if not variables.get(name):
            variables[name] = secrets.token_urlsafe(48)


def write_private(path: Path, text: str) -> None:
    """Replace `path` whole, readable by its owner only from the first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _keep(data_dir: Path, kept: dict[str, str]) -> None:
    lines = [f"{name}={value}\n" for name, value in kept.items()]
    write_private(data_dir / "keys.env", "".join(lines))


def _kept(data_dir: Path) -> dict[str, str]:
    try:
        lines = (data_dir / "keys.env").read_text().splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}
