"""Files of any kind checked as a whole: all that is wrong with them, at once."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nas.document import read_document
from nas.errors import ArchwrightError, Diagnostic, SpecError
from nas.file_kinds import KINDS, kind_of


@dataclass(frozen=True)
class Checked:
    """A file that was checked.

    Attributes:
        file: its path.
        kind: one of `KINDS`.
        name: its own name; empty if it is not valid.
        valid: whether nothing is wrong with it.
        task: of a run, the task of its data.
        outputs: of a run, the names of the classes (their labels, if they have no names) or of the targets.
        notes: of a run, how its data are read, and the space that was chosen for them.
    """

    file: str
    kind: str
    name: str
    valid: bool
    task: str = ""
    outputs: Sequence[str] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Report:
    """What is wrong with some files.

    Attributes:
        files: the files, in order.
        problems: what is wrong in them, in order, each problem once.
        errors: why files could not be checked.
        exit_code: 0, or the greatest exit code of the errors.
    """

    files: Sequence[Checked]
    problems: Sequence[Diagnostic]
    errors: Sequence[ArchwrightError]
    exit_code: int

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data, for `--json`."""
        return {
            "valid": self.exit_code == 0,
            "files": [asdict(file) for file in self.files],
            "problems": [_plain(problem) for problem in self.problems],
            "errors": [str(error) for error in self.errors],
        }


def _plain(problem: Diagnostic) -> dict[str, Any]:
    mark = problem.mark
    return {
        "file": mark.file,
        "line": mark.line or None,
        "column": mark.column or None,
        "path": problem.path,
        "message": problem.message,
        "expected": problem.expected,
        "got": problem.got,
        "suggestion": problem.suggestion,
    }


def check_files(paths: Iterable[str | Path]) -> Report:
    """Checks space files, run files, comparison files and declarations of tables."""
    files: list[Checked] = []
    problems: dict[Diagnostic, None] = {}
    errors: list[ArchwrightError] = []
    exit_code = 0
    for path in paths:
        checked = Checked(str(path), "", "", valid=False)
        try:
            checked = replace(checked, kind=kind_of(read_document(Path(path))))
            found = KINDS[checked.kind].check(Path(path))
            checked = replace(checked, valid=True, **found._asdict())
        except SpecError as error:
            problems.update(dict.fromkeys(error.problems))
            exit_code = max(exit_code, error.exit_code)
        except ArchwrightError as error:
            errors.append(error)
            exit_code = max(exit_code, error.exit_code)
        files.append(checked)
    return Report(files, tuple(problems), errors, exit_code)
