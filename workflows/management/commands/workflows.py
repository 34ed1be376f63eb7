"""`manage.py workflows export|import|validate`: workflows as YAML, for review and for Git. Floor 5."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from actions.canonical import told
from actions.errors import Refusal
from actions.jsontypes import JSONObject
from actions.management.operator import operator
from workflows import definitions, importing, yaml
from workflows.importing import Brought
from workflows.models import Workflow
from workflows.validation import Problem, Report


class Command(BaseCommand):
    """Publish workflows from YAML files, write them as one, or say what is wrong with files."""

    help = "Import workflows from YAML, export them as YAML, or validate files."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        does = parser.add_subparsers(dest="does", required=True)
        importing_ = does.add_parser("import", help="publish and activate what differs")
        importing_.add_argument("files", nargs="+", type=Path)
        importing_.add_argument("--message", default="", help="why, for the record")
        importing_.add_argument("--dry-run", action="store_true", help="only show the differences")
        importing_.add_argument("--force", action="store_true", help="overwrite unpublished drafts")
        exporting = does.add_parser("export", help="write active versions to standard output")
        exporting.add_argument("names", nargs="*", help="all if left out")
        validating = does.add_parser("validate", help="say all that is wrong; exits with 1 then")
        validating.add_argument("files", nargs="+", type=Path)

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Import, export or validate."""
        if options["does"] == "export":
            return _exported(options["names"]).removesuffix("\n")
        documents = [one for file in options["files"] for one in _read(file)]
        if options["does"] == "validate":
            self._validate(documents)
        else:
            self._import(documents, options)
        return None

    def _import(self, documents: list[JSONObject], options: dict[str, Any]) -> None:
        try:
            brought = importing.bring_in(
                documents,
                by=operator(),
                message=options["message"],
                is_forced=options["force"],
                is_trial=options["dry_run"],
            )
        except Refusal as refused:
            raise _wrong("Nothing was imported", refused) from refused
        for one in brought:
            self._tell(one)

    def _tell(self, brought: Brought) -> None:
        self.stdout.write(f"{brought.what} {brought.name}, version {brought.number}")
        for change in brought.changes:
            self.stdout.write(f"  {change.sentence}")
        if brought.what == "changed" and not brought.changes:
            self.stdout.write("  It means the same as before; only how it is written has changed.")
        for problem in brought.report.warnings:
            self.stdout.write(_line(problem))

    def _validate(self, documents: list[JSONObject]) -> None:
        count = 0
        for document in documents:
            report = definitions.validate(document, beside=documents)
            count += len(report.errors) + report.more_errors
            self._tell_report(str(document.get("workflow"))[:100], report)
        if count:
            raise CommandError(f"There are {count:,} errors.", returncode=1)

    def _tell_report(self, name: str, report: Report) -> None:
        self.stdout.write(f"{name}: {'refused' if report.errors else 'fine'}")
        for problem in report.problems:
            self.stdout.write(_line(problem))
        more = report.more_errors + report.more_warnings
        if more:
            self.stdout.write(f"  and {more:,} more")


def _read(file: Path) -> list[JSONObject]:
    try:
        return yaml.load(file.read_text())
    except (OSError, UnicodeDecodeError) as unreadable:
        raise CommandError(f"{file} cannot be read: {unreadable}.") from unreadable
    except Refusal as refused:
        raise _wrong(str(file), refused) from refused


def _exported(names: list[str]) -> str:
    found = {
        workflow.name: workflow.active.document
        for workflow in Workflow.objects.catalogue()
        if workflow.active and (names or not workflow.is_archived)
    }
    missing = sorted(set(names) - found.keys())
    if missing:
        raise CommandError(f"There is no workflow {', '.join(missing)} with an active version.")
    return yaml.dump(found[name] for name in sorted(names or found))


def _line(problem: Problem) -> str:
    return f"  {problem.severity}: {problem.pointer or 'the document'}: {problem.detail}"


def _wrong(where: str, refused: Refusal) -> CommandError:
    lines = [f"{where}: {refused.detail}", *(f"  {told(one)}" for one in refused.errors)]
    return CommandError("\n".join(lines))
