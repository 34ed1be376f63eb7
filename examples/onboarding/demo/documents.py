"""Bring the demo's workflows in from their files, as one does from Git."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from workflows import yaml
from workflows.definition import digest_of
from workflows.models import Workflow, WorkflowVersion

DIRECTORY = Path(__file__).parents[1] / "workflows"


def bring_in() -> str:
    """Publish what has never been published, and return what the import says; empty for nothing.

    What somebody has made of a workflow since is left alone: a file that was published once is not
    published again, however the workflow stands by now. Raises CommandError.
    """
    said = StringIO()
    files = list(_new_files())
    if files:
        call_command("workflows", "import", *files, message="The demo's own", stdout=said)
    return said.getvalue()


def _new_files() -> Iterator[str]:
    for file in sorted(DIRECTORY.glob("*.yaml")):
        [document] = yaml.load(file.read_text(encoding="utf-8"))
        workflow = Workflow.objects.named(str(document["workflow"]))
        if workflow is None or not WorkflowVersion.objects.has_been(workflow, digest_of(document)):
            yield str(file)
