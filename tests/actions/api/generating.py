"""A client package as a public generator makes it of an OpenAPI document."""

import subprocess
import sys
from pathlib import Path

PACKAGE = "actionsite_client"


def generate(document: Path) -> Path:
    """The package, next to the document; fails unless the generator understood every part of it."""
    generator = Path(sys.executable).with_name("openapi-python-client")
    package = document.parent / PACKAGE
    made = subprocess.run(
        [generator, "generate", "--path", document, "--meta", "none", "--output-path", package],
        capture_output=True,
        text=True,
        check=False,
    )
    said = made.stdout + made.stderr
    assert made.returncode == 0, said
    assert "WARNING parsing" not in said, said
    assert "Unable to" not in said, said
    return package
