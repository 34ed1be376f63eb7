"""`manage.py workflows`, and the verb behind it: from files to what runs, and back."""

import pytest
from django.core.management import CommandError, call_command

from actions.errors import DefinitionInvalid, VersionChanged
from tests.fixtures.engine import TESTER
from workflows import definitions, yaml
from workflows.importing import bring_in
from workflows.models import Workflow, WorkflowVersion

OUTER = {"workflow": "outer", "steps": {"go": {"workflow": "inner"}}}
INNER = {"workflow": "inner", "steps": {"rest": {"wait": {"for": 1}}}}


@pytest.fixture
def file(tmp_path):
    """Write documents into a file."""

    def write(*documents):
        path = tmp_path / "workflows.yaml"
        path.write_text(yaml.dump(documents))
        return str(path)

    return write


def brought(*documents, **how):
    return [(one.what, one.name, one.number) for one in bring_in(documents, by=TESTER, **how)]


def test_what_is_called_comes_in_before_what_calls_it(db):
    assert brought(OUTER, INNER) == [("added", "inner", 1), ("added", "outer", 1)]
    assert Workflow.objects.named("outer").active.document == OUTER


def test_workflows_that_call_one_another_come_in_together(db):
    inner = INNER | {"steps": {"up": {"workflow": "outer", "when": "run.attempt > 9"}}}

    assert sorted(brought(OUTER, inner)) == [("added", "inner", 1), ("added", "outer", 1)]


def test_the_same_again_changes_nothing(db):
    brought(OUTER, INNER)

    assert brought(OUTER, INNER) == [("unchanged", "inner", 1), ("unchanged", "outer", 1)]
    assert WorkflowVersion.objects.count() == 2


def test_what_differs_becomes_a_version_and_is_told(db):
    brought(INNER)

    [one] = bring_in([INNER | {"timeout": 60}], by=TESTER)

    assert (one.what, one.number) == ("changed", 2)
    assert [change.sentence for change in one.changes] == ["The run: timeout was added: 60."]


def test_all_come_in_or_none(db):
    with pytest.raises(DefinitionInvalid):
        brought(INNER, {"workflow": "broken", "steps": {"go": {"action": "no-such"}}})

    assert not Workflow.objects.exists()


def test_a_trial_writes_nothing(db):
    assert brought(INNER, is_trial=True) == [("added", "inner", 1)]

    assert not Workflow.objects.exists()


def test_two_documents_of_one_name_are_refused(db):
    with pytest.raises(DefinitionInvalid, match="two documents of the workflow inner"):
        brought(INNER, INNER)


def test_a_draft_that_was_never_published_is_not_overwritten_by_the_way(db):
    brought(INNER)
    definitions.save_draft("inner", INNER | {"description": "Mine."}, by=TESTER, expected=1)

    with pytest.raises(VersionChanged, match="changes by tester"):
        brought(INNER | {"timeout": 60})
    assert brought(INNER | {"timeout": 60}, is_forced=True) == [("changed", "inner", 2)]


def test_an_active_version_that_was_rolled_back_is_brought_in_again(db):
    brought(INNER)
    brought(INNER | {"timeout": 60})
    definitions.activate("inner", 1, by=TESTER)

    assert brought(INNER | {"timeout": 60}) == [("changed", "inner", 2)]
    assert Workflow.objects.named("inner").active.number == 2


def test_an_export_is_what_an_import_takes(db, file, capsys):
    call_command("workflows", "import", file(OUTER, INNER), "--message", "From Git.")
    call_command("workflows", "export")

    out = capsys.readouterr().out

    assert "added inner, version 1" in out
    assert WorkflowVersion.objects.first().message == "From Git."
    assert yaml.load(out.split("version 1\n")[-1]) == [INNER, OUTER]


@pytest.mark.parametrize("number", [1.0, 1e16, 1e22, 1.7976931348623157e308, 10**25])
def test_numbers_are_as_they_were_after_an_export_and_an_import(db, file, capsys, tmp_path, number):
    call_command("workflows", "import", file(INNER | {"result": number}))
    capsys.readouterr()
    call_command("workflows", "export")
    exported = tmp_path / "exported.yaml"
    exported.write_text(capsys.readouterr().out)

    call_command("workflows", "import", str(exported))

    assert "unchanged inner, version 1" in capsys.readouterr().out
    kept = WorkflowVersion.objects.get().document["result"]
    assert (kept, type(kept)) == (number, type(number))


def test_an_import_shows_what_changes(db, file, capsys):
    call_command("workflows", "import", file(INNER))

    call_command("workflows", "import", file(INNER | {"timeout": 60}), "--dry-run")

    assert "  The run: timeout was added: 60." in capsys.readouterr().out
    assert WorkflowVersion.objects.count() == 1


def test_an_import_that_changes_only_how_it_is_written_says_so(db, file, capsys):
    call_command("workflows", "import", file(INNER))

    call_command("workflows", "import", file(INNER | {"on_failure": "stop"}))

    assert "only how it is written has changed." in capsys.readouterr().out


def test_validate_says_everything_and_fails(db, file, capsys):
    wrong = {"workflow": "wrong", "bogus": 1, "steps": {"go": {"action": "no-such"}}}

    with pytest.raises(CommandError, match="2 errors") as refusal:
        call_command("workflows", "validate", file(OUTER, INNER, wrong))

    out = capsys.readouterr().out
    assert refusal.value.returncode == 1
    assert "outer: fine" in out
    assert "error: /bogus: Is not known" in out
    assert "error: /steps/go/action: There is no action no-such" in out


@pytest.mark.parametrize("does", ["import", "validate"])
def test_a_file_that_cannot_be_read_is_told(db, tmp_path, does):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("workflows", does, str(tmp_path / "nowhere.yaml"))


def test_what_is_not_there_cannot_be_exported(db):
    with pytest.raises(CommandError, match="no workflow nobody"):
        call_command("workflows", "export", "nobody")
