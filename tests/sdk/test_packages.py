"""What is handed out: a wheel and an npm tarball, whose READMEs' examples run."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures import installation
from tests.fixtures.node import NODE

SDK = installation.ROOT / "sdk"
DECLARED = re.compile(r"^export declare (?:class|function|const) (\w+)", re.MULTILINE)
LIST_EXPORTS = "console.log(JSON.stringify(Object.keys(await import('@do-sdk/core'))))"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with both packages, built and installed as pip and npm lay them out."""
    folder = tmp_path_factory.mktemp("packages")
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


@pytest.fixture
def run(place, service) -> Run:
    """Run a program beside the packages, as a user would; it has to end well."""

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        ended = subprocess.run(
            command,
            cwd=place,
            env={
                "PYTHONPATH": str(place / "site"),
                "MYPYPATH": str(place / "site"),
                "DO_API_URL": service.url,
                "DO_API_KEY": service.key,
            },
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended

    return run


def blocks(readme: Path, language: str) -> list[str]:
    """The examples of a README in that language."""
    return re.findall(rf"^```{language}\n(.*?)^```", readme.read_text(), re.MULTILINE | re.DOTALL)


def test_the_examples_of_the_python_readme_run(run, place):
    program = place / "readme.py"
    program.write_text("\n".join(blocks(SDK / "python" / "README.md", "python")))

    said, again = (run(sys.executable, str(program)).stdout for _ in range(2))

    # Whoever tries the examples tries them twice.
    assert "usr_" in said
    assert said.splitlines()[0] == again.splitlines()[0]
    assert "email_taken" not in said + again
    assert "422 params-invalid" in said
    assert "approve: succeeded" in said
    assert "succeeded" in said
    assert "The message is not of the last 300 s" in said


def test_the_examples_of_the_javascript_readme_run(run, place):
    said = ""
    for number, block in enumerate(blocks(SDK / "js" / "README.md", "js") * 2):
        program = place / f"readme-{number}.mjs"
        program.write_text(block)
        said += run(NODE, str(program)).stdout

    assert "usr_" in said
    assert "email_taken" not in said
    assert "422 params-invalid" in said
    assert "approve: succeeded" in said
    assert "succeeded" in said
    assert "The message is not of the last 300 s" in said


@pytest.mark.parametrize("readme", [SDK / "python" / "README.md", SDK / "js" / "README.md"])
def test_a_readme_leads_to_nothing_that_is_not_in_its_package(readme):
    assert re.findall(r"\]\((?!https?://)", readme.read_text()) == []


@pytest.mark.long
def test_the_examples_of_the_python_readme_have_the_types_they_say(run, place):
    program = place / "typed.py"
    program.write_text("\n".join(blocks(SDK / "python" / "README.md", "python")))

    checked = run(
        sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, str(program)
    )

    assert "Success: no issues found in 1 source file" in checked.stdout


def test_the_wheel_has_types_and_one_dependency(place):
    [metadata] = (place / "site").glob("*.dist-info/METADATA")

    needs = re.findall(r"^Requires-Dist: (.+)$", metadata.read_text(), re.MULTILINE)
    assert needs == ["httpx2<3,>=2.16"]
    assert (place / "site" / "do_sdk" / "py.typed").exists()


def test_the_javascript_package_needs_nothing_and_declares_all_that_it_exports(run, place):
    core = place / "node_modules" / "@do-sdk" / "core"
    package = json.loads((core / "package.json").read_text())

    exported = json.loads(run(NODE, "--input-type=module", "-e", LIST_EXPORTS).stdout)

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
