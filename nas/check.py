"""Files checked as a whole, whatever their kind: all that is wrong with them, at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from nas.comparison.config import is_comparison, load_comparison
from nas.comparison.prepare import prepare_comparison
from nas.document import Node, read_document
from nas.errors import ArchwrightError, Problem, SpecError, nearest
from nas.runs.config import RunConfig
from nas.runs.prepare import load_run, prepare
from nas.settings.signature import keys_of
from nas.space import load_space
from nas.space.reading.load import TOP_KEYS as SPACE_KEYS
from nas.tabular.declared import is_declaration, read_declared


class Valid(NamedTuple):
    """What a valid file says: its name; of a run, the task of its data and the names of its outputs."""

    name: str
    task: str = ""
    outputs: Sequence[str] = ()


@dataclass(frozen=True)
class Checked:
    """A file that was looked at.

    Attributes:
        file: its path.
        kind: one of `KINDS`.
        name: what it calls itself; empty where it is not valid.
        valid: whether nothing is wrong with it.
        task: of a run, that of its data.
        outputs: names of the classes, which are their labels where nobody named them, or of the targets.
    """

    file: str
    kind: str
    name: str
    valid: bool
    task: str = ""
    outputs: Sequence[str] = ()


@dataclass(frozen=True)
class Report:
    """What is wrong with some files.

    Attributes:
        files: the files, in order.
        problems: what is wrong in them, in order, each problem once.
        errors: what kept files from being checked.
        exit_code: 0, or the greatest code of the errors.
    """

    files: Sequence[Checked]
    problems: Sequence[Problem]
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


def _plain(problem: Problem) -> dict[str, Any]:
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
    problems: dict[Problem, None] = {}
    errors: list[ArchwrightError] = []
    exit_code = 0
    for path in paths:
        checked = Checked(str(path), "", "", valid=False)
        try:
            checked = replace(checked, kind=kind_of(read_document(Path(path))))
            found = KINDS[checked.kind](Path(path))
            checked = replace(checked, name=found.name, valid=True, task=found.task, outputs=found.outputs)
        except SpecError as error:
            problems.update(dict.fromkeys(error.problems))
            exit_code = max(exit_code, error.exit_code)
        except ArchwrightError as error:
            errors.append(error)
            exit_code = max(exit_code, error.exit_code)
        files.append(checked)
    return Report(files, tuple(problems), errors, exit_code)


def _check_space(path: Path) -> Valid:
    space = load_space(path)
    space.check()
    return Valid(space.name)


def _check_run(path: Path) -> Valid:
    config = load_run(path)
    data = prepare(config).data
    return Valid(config.name, data.task.name, data.outputs)


def _check_comparison(path: Path) -> Valid:
    config = load_comparison(path)
    prepare_comparison(config)
    return Valid(config.name)


def _check_table(path: Path) -> Valid:
    return Valid(read_declared(read_document(path), path).name)


KINDS: Mapping[str, Callable[[Path], Valid]] = MappingProxyType(
    {"space": _check_space, "run": _check_run, "comparison": _check_comparison, "table": _check_table}
)
"""The kinds of files that people write, and what checks one. Each raises what is wrong."""


def kind_of(node: Node) -> str:
    """The kind of file whose keys a document has: one of `KINDS`."""
    keys = list(node.value) if isinstance(node.value, dict) else []
    if is_declaration(node):
        return "table"
    if is_comparison(node):
        return "comparison"
    if "layers" in keys or "space" in keys:
        return "space" if "layers" in keys else "run"

    def meant(known: Sequence[str]) -> int:
        return sum(bool(nearest(key, set(known) - {"name"})) for key in keys)

    return "run" if meant(tuple(keys_of(RunConfig))) > meant(SPACE_KEYS) else "space"
