"""The image and the composition name what exists and run as nobody special."""

import json
import re
import tomllib

from tests.house import source

DOCKERFILE = (source.ROOT / "Dockerfile").read_text()
NAMING = ("Dockerfile", "compose.yaml", "README.md", "docs/architecture.md", ".ci/run", "Makefile")
SETTING = re.compile(r"\bACTIONSITE_[A-Z_]+\b")
# Names that only shell examples use.
EXAMPLES = {"ACTIONSITE_API_KEY"}


def test_the_image_does_not_run_as_root():
    users = re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)

    assert users, "the Dockerfile names no USER"
    assert users[-1] not in ("root", "0")


def test_the_image_starts_without_a_shell():
    command = re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)[-1]

    assert json.loads(command)[0] == "uvicorn"


def test_the_image_and_the_makefile_pin_the_same_uv():
    makefile = (source.ROOT / "Makefile").read_text()
    pinned = re.search(r"^UV_VERSION := (.+)$", makefile, re.MULTILINE)

    assert pinned, "the Makefile pins no uv"
    assert f"uv=={pinned[1]}" in DOCKERFILE


def test_the_image_and_the_project_agree_on_python():
    project = tomllib.loads((source.ROOT / "pyproject.toml").read_text())["project"]

    images = set(re.findall(r"^FROM python:([0-9.]+)", DOCKERFILE, re.MULTILINE))

    assert {f">={version}" for version in images} == {project["requires-python"]}


def test_settings_that_are_named_exist():
    known = {name for path in source.files(".py") for name in SETTING.findall(path.read_text())}

    named = {
        f"{name}: {setting}"
        for name in NAMING
        for setting in SETTING.findall((source.ROOT / name).read_text())
        if setting not in known | EXAMPLES
    }

    assert named == set()
