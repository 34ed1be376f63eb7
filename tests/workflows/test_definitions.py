"""The verbs: drafts, publishing, activating and rolling back, archiving."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from actions.errors import DefinitionInvalid, VersionChanged
from actions.models import AuditEvent
from tests.fixtures.engine import TESTER
from workflows import definitions
from workflows.errors import (
    WorkflowArchived,
    WorkflowExists,
    WorkflowNotFound,
    WorkflowVersionNotFound,
)
from workflows.models import Workflow, WorkflowVersion


def document(**more):
    return {"workflow": "story", "steps": {"rest": {"wait": {"for": 1}}}, **more}


def published(**more):
    draft = Workflow.objects.named("story").draft
    definitions.save_draft("story", document(**more), by=TESTER, expected=draft.number)
    return definitions.publish("story", by=TESTER, message="Because.")


@pytest.fixture
def story(db):
    return definitions.create(document(), by=TESTER)


def deeds():
    return list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))


def test_a_new_workflow_has_a_draft_and_no_version(story):
    found = Workflow.objects.named("story")

    assert (found.active, found.draft.number, found.draft.document) == (None, 1, document())
    assert found.draft.edited_by == "tester"
    assert deeds() == ["workflow.created"]


def test_a_name_is_taken_once(story):
    with pytest.raises(WorkflowExists, match="story"):
        definitions.create(document(), by=TESTER)


@pytest.mark.parametrize("name", [None, 7, "", "Not A Name", "a" * 101, "story\n"])
def test_a_document_without_a_possible_name_makes_nothing(db, name):
    with pytest.raises(DefinitionInvalid, match="Must be the name of the workflow"):
        definitions.create(document(workflow=name), by=TESTER)

    assert not Workflow.objects.exists()


def test_a_draft_is_changed_only_by_who_has_seen_it(story):
    definitions.save_draft("story", document(description="New."), by=TESTER, expected=1)

    with pytest.raises(VersionChanged, match="number 2, not 1; tester has changed it"):
        definitions.save_draft("story", document(), by=TESTER, expected=1)
    assert Workflow.objects.named("story").draft.document["description"] == "New."


def test_the_same_draft_again_stays_as_it_was(story):
    assert definitions.save_draft("story", document(), by=TESTER, expected=1).number == 1


@pytest.mark.parametrize(("before", "after"), [(1, True), (True, 1), (0, False), (1, "1")])
def test_a_draft_is_what_was_sent_also_where_python_sees_no_difference(db, before, after):
    steps = {"go": {"action": "any", "params": {"v": before}}}
    definitions.create({"workflow": "story", "steps": steps}, by=TESTER)
    steps["go"]["params"]["v"] = after
    sent = {"workflow": "story", "steps": steps}

    draft = definitions.save_draft("story", sent, by=TESTER, expected=1)

    kept = Workflow.objects.named("story").draft.document["steps"]["go"]["params"]["v"]
    assert (draft.number, kept, type(kept)) == (2, after, type(after))


def test_a_draft_may_be_invalid_and_is_not_published_then(story):
    definitions.save_draft("story", document(steps={}), by=TESTER, expected=1)

    with pytest.raises(DefinitionInvalid) as refusal:
        definitions.publish("story", by=TESTER)

    assert [error.pointer for error in refusal.value.errors] == ["/steps"]
    assert not WorkflowVersion.objects.exists()


@pytest.mark.parametrize("wrong", [{"workflow": "other"}, {"description": "\x00"}])
def test_what_cannot_be_stored_is_refused(story, wrong):
    with pytest.raises(DefinitionInvalid):
        definitions.save_draft("story", document(**wrong), by=TESTER, expected=1)


def test_publishing_makes_a_version_and_activates_it(story):
    found = published()

    assert (found.version.number, found.version.message, found.is_new) == (1, "Because.", True)
    assert found.version.published_by == "tester"
    assert Workflow.objects.named("story").active == found.version
    assert deeds() == ["workflow.created", "workflow.published", "workflow.activated"]


def test_publishing_the_same_again_makes_no_version(story):
    published()

    again = published()

    assert (again.is_new, again.version.number) == (False, 1)
    assert deeds().count("workflow.published") == 1


def test_a_version_may_be_published_and_activated_later(story):
    published()
    definitions.save_draft("story", document(description="2"), by=TESTER, expected=1)

    found = definitions.publish("story", by=TESTER, is_activating=False)

    assert (found.version.number, Workflow.objects.named("story").active.number) == (2, 1)


def test_rolling_back_activates_an_older_version(story):
    published()
    published(description="2")

    definitions.activate("story", 1, by=TESTER)
    definitions.activate("story", 1, by=TESTER)

    assert Workflow.objects.named("story").active.number == 1
    assert deeds()[-1] == "workflow.rolled_back"
    assert AuditEvent.objects.last().data == {"version": 1, "before": 2}
    assert deeds().count("workflow.rolled_back") == 1


def test_what_is_not_there_cannot_be_activated(story):
    with pytest.raises(WorkflowVersionNotFound, match="no version 7"):
        definitions.activate("story", 7, by=TESTER)
    with pytest.raises(WorkflowNotFound):
        definitions.activate("nobody", 1, by=TESTER)


def test_an_archived_workflow_takes_no_versions_until_it_is_taken_out(story):
    definitions.archive("story", by=TESTER, note="Old.")
    definitions.archive("story", by=TESTER)

    with pytest.raises(WorkflowArchived):
        published(description="2")
    definitions.unarchive("story", by=TESTER)
    assert published(description="3").version.number == 1
    assert deeds()[1:3] == ["workflow.archived", "workflow.unarchived"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE workflows_workflowversion SET message = 'x'",
        "DELETE FROM workflows_workflowversion",
        "TRUNCATE workflows_workflowversion CASCADE",
    ],
)
def test_a_version_is_never_changed(story, statement):
    published()

    refused = pytest.raises(DatabaseError, match="never changed")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)

    assert WorkflowVersion.objects.get().message == "Because."


def test_an_action_outside_the_callers_patterns_counts_as_not_there(engine):
    steps = {"one": {"action": "probe-echo"}}
    calls = {"workflow": "story", "steps": steps}

    assert definitions.validate(calls).errors == ()
    [problem] = definitions.validate(calls, patterns=("charge-*",)).errors
    assert problem.code == "unknown-action"


def test_of_two_who_save_what_they_have_both_seen_one_is_refused(cloned_database):
    definitions.create(document(), by=TESTER)
    outcomes = []

    def save(text):
        try:
            definitions.save_draft("story", document(description=text), by=TESTER, expected=1)
            outcomes.append("saved")
        except VersionChanged:
            outcomes.append("refused")
        connection.close()

    threads = [threading.Thread(target=save, args=[str(number)]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["refused", "refused", "refused", "saved"]
    assert Workflow.objects.named("story").draft.number == 2


def test_of_two_who_publish_at_once_each_gets_a_version_of_what_was_there(cloned_database):
    definitions.create(document(), by=TESTER)
    found = []

    def publish():
        found.append(definitions.publish("story", by=TESTER).version.number)
        connection.close()

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [1, 1, 1, 1]
    assert WorkflowVersion.objects.count() == 1


def test_whom_a_question_names_is_looked_up(story, django_user_model):
    django_user_model.objects.create_user(username="ada")
    django_user_model.objects.create_user(username="gone", is_active=False)
    ask = {"message": "?", "roles": ["operator"], "users": ["ada", "gone"]}

    report = published(steps={"ask": {"approval": ask}}).report

    assert [one.pointer for one in report.warnings] == ["/steps/ask/approval/users/1"]
