"""What is handed out: a wheel and an npm tarball."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.fixtures import installation
from tests.fixtures.node import NODE
from tests.sdk.packages import installed_in

SDK = installation.ROOT / "sdk"
DECLARED = re.compile(r"^export declare (?:class|function|const) (\w+)", re.MULTILINE)
LIST_EXPORTS = "console.log(JSON.stringify(Object.keys(await import('@do-sdk/core'))))"


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with both packages."""
    return installed_in(tmp_path_factory.mktemp("packages"))


@pytest.mark.parametrize("readme", [SDK / "python" / "README.md", SDK / "js" / "README.md"])
def test_a_readme_leads_to_nothing_that_is_not_in_its_package(readme):
    assert re.findall(r"\]\((?!https?://)", readme.read_text()) == []


def test_the_wheel_has_types_and_one_dependency(place):
    [metadata] = (place / "site").glob("*.dist-info/METADATA")

    needs = re.findall(r"^Requires-Dist: (.+)$", metadata.read_text(), re.MULTILINE)
    assert needs == ["httpx2<3,>=2.16"]
    assert (place / "site" / "do_sdk" / "py.typed").exists()


def test_the_javascript_package_needs_nothing_and_declares_all_that_it_exports(place):
    core = place / "node_modules" / "@do-sdk" / "core"
    package = json.loads((core / "package.json").read_text())

    listed = subprocess.check_output([NODE, "--input-type=module", "-e", LIST_EXPORTS], cwd=place)
    exported = json.loads(listed)

    assert not {"dependencies", "peerDependencies"} & set(package)
    assert package["engines"] == {"node": ">=18"}
    assert set(DECLARED.findall((core / "src" / "index.d.ts").read_text())) == set(exported)


def test_everything_has_the_version_of_the_api():
    def project(folder: Path) -> str:
        return tomllib.loads((folder / "pyproject.toml").read_text())["project"]["version"]

    package = json.loads((SDK / "js" / "package.json").read_text())
    told = {
        "python": re.search(r'VERSION = "(.+)"', (SDK / "python/do_sdk/settings.py").read_text()),
        "js": re.search(r'VERSION = "(.+)"', (SDK / "js/src/settings.js").read_text()),
    }
    versions = {
        project(installation.ROOT),
        project(SDK / "python"),
        package["version"],
        *(found[1] for found in told.values() if found),
    }

    assert all(told.values())
    assert len(versions) == 1
