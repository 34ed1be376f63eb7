"""The third-party browser code that is served from this repository, and the proof of what it is.

Floor: a tool of the site, run as `python -m actionsite.vendoring check|update`; nothing imports it.
`static/vendor/vendor.toml` names each package with its exact version, the integrity of its npm
tarball and the SHA-256 of every file taken from it. `check` works offline and fails on drift and on
files that the manifest does not list. `update` fetches each tarball with `npm pack`, refuses it if
its integrity is not the recorded one, and writes the files and their hashes.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
MANIFEST = "vendor.toml"
PACKAGE_FIELDS = ("name", "version", "licence", "integrity")
FILE_FIELDS = ("member", "path", "sha256")
HEADER = """\
# What is served from static/vendor, and where it came from.
# Checked by `python -m actionsite.vendoring check`; rewritten by its `update`.
"""


class VendorError(Exception):
    """A vendored file is not what the manifest says; the message names the file and the remedy."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VendoredFile:
    """One file: its path inside the tarball, its path below static/vendor, its hash."""

    member: str
    path: str
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """One npm package at one version, with the files that are taken from it."""

    name: str
    version: str
    licence: str
    integrity: str
    files: tuple[VendoredFile, ...]


def read_manifest(root: Path) -> list[Package]:
    """The packages that `vendor.toml` under `root` lists."""
    document = tomllib.loads((root / MANIFEST).read_text())
    return [
        Package(
            name=entry["name"],
            version=entry["version"],
            licence=entry["licence"],
            integrity=entry["integrity"],
            files=tuple(VendoredFile(**file) for file in entry["file"]),
        )
        for entry in document["package"]
    ]


def drift(root: Path) -> list[str]:
    """What is wrong with the files under `root`, one sentence each; empty when all is well."""
    listed = {file.path: file for package in read_manifest(root) for file in package.files}
    problems = [problem for file in listed.values() if (problem := _problem(root, file))]
    present = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    extra = sorted(present - set(listed) - {MANIFEST})
    problems += [
        f"{path} is not listed in {MANIFEST}; list it there or delete it." for path in extra
    ]
    return problems


def update(root: Path) -> None:
    """Fetch every listed package again, and write its files and their hashes under `root`."""
    packages = [_fetched(root, package) for package in read_manifest(root)]
    (root / MANIFEST).write_text(render_manifest(packages))


def render_manifest(packages: list[Package]) -> str:
    """The text of `vendor.toml` for `packages`."""
    blocks = [HEADER]
    for package in packages:
        blocks.append(_table("[[package]]", package, PACKAGE_FIELDS))
        blocks += [_table("[[package.file]]", file, FILE_FIELDS) for file in package.files]
    return "\n".join(blocks)


def main(arguments: list[str] | None = None) -> int:
    """The command line; 0 when nothing is wrong."""
    parser = argparse.ArgumentParser(description="The third-party browser code of this repository.")
    parser.add_argument("command", choices=["check", "update"])
    chosen = parser.parse_args(arguments)
    if chosen.command == "update":
        update(VENDOR)
    problems = drift(VENDOR)
    sys.stdout.write("\n".join(problems) + "\n" if problems else "static/vendor is as recorded.\n")
    return 1 if problems else 0


def _problem(root: Path, file: VendoredFile) -> str:
    path = root / file.path
    if not path.is_file():
        return f"{file.path} is missing; run `python -m actionsite.vendoring update`."
    if hashlib.sha256(path.read_bytes()).hexdigest() != file.sha256:
        return f"{file.path} differs from its recorded hash; restore it or run `update`."
    return ""


def _fetched(root: Path, package: Package) -> Package:
    with tempfile.TemporaryDirectory() as directory:
        tarball = _pack(package, Path(directory))
        _require_integrity(package, tarball)
        with tarfile.open(tarball) as archive:
            files = tuple(_extract(archive, root, file) for file in package.files)
    return replace(package, files=files)


def _pack(package: Package, directory: Path) -> Path:
    wanted = f"{package.name}@{package.version}"
    command = ["npm", "pack", wanted, "--silent", "--pack-destination", str(directory)]
    # The arguments come from the committed manifest, and no shell reads them.
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return next(directory.glob("*.tgz"))


def _require_integrity(package: Package, tarball: Path) -> None:
    digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != package.integrity:
        raise VendorError(
            f"The tarball of {package.name} {package.version} has integrity sha512-{digest}, "
            f"the manifest says {package.integrity}; find out why before you change the manifest."
        )


def _extract(archive: tarfile.TarFile, root: Path, file: VendoredFile) -> VendoredFile:
    source = archive.extractfile(file.member)
    if source is None:
        raise VendorError(f"{file.member} is not a file in the tarball; correct {MANIFEST}.")
    content = source.read()
    target = root / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return VendoredFile(member=file.member, path=file.path, sha256=digest)


def _table(heading: str, thing: object, names: tuple[str, ...]) -> str:
    return "\n".join([heading, *(f'{name} = "{getattr(thing, name)}"' for name in names), ""])


if __name__ == "__main__":
    sys.exit(main())
