"""Both clients as they are handed out."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.fixtures import installation


def installed_in(folder: Path) -> Path:
    """Build both packages, and lay them out there as pip and npm do; returns the folder."""
    subprocess.run(
        [installation.ROOT / "scripts" / "packages", folder / "dist"],
        env={**os.environ, "BIN": str(Path(sys.executable).parent), "HOME": str(folder)},
        capture_output=True,
        check=True,
    )
    [wheel] = (folder / "dist").glob("*.whl")
    shutil.unpack_archive(wheel, folder / "site", "zip")
    [tarball] = (folder / "dist").glob("*.tgz")
    # Ours, just packed: no name in it leads elsewhere.
    shutil.unpack_archive(tarball, folder / "unpacked")
    (folder / "node_modules" / "@do-sdk").mkdir(parents=True)
    (folder / "unpacked" / "package").rename(folder / "node_modules" / "@do-sdk" / "core")
    return folder
