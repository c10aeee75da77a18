"""Files checked as a whole: all that is wrong with a run file, with what it names, and with how these fit, at once."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from nas.comparison.study import is_study, load_study, prepare_study
from nas.config import TOP_KEYS, RunConfig, Setting, read_config
from nas.controllers import Controller
from nas.data import Dataset
from nas.document import Node, read_document
from nas.errors import ArchwrightError, Problem, SpecError, UsageError, nearest
from nas.ops import Op
from nas.space import Architecture, Space, load_space
from nas.space.cover import cover
from nas.space.load import TOP_KEYS as SPACE_KEYS
from nas.space.load import check_space
from nas.tabular.declared import is_declaration, read_declared

T = TypeVar("T")


class Prepared(NamedTuple):
    """What a search needs, made from a run file."""

    data: Dataset
    space: Space
    controller: Controller


def load_run(path: str | Path, overrides: Sequence[str] = ()) -> RunConfig:
    """What `load_config` gives; if the run file has problems, those of its data and its space are told with them.

    Raises:
        SpecError: the file has problems, or an override.
        UsageError: there is no such file.
    """
    draft = read_config(path, overrides)
    if draft.problems:
        prepare(draft.config, draft.problems, draft.wrong)
    return draft.config


def prepare(config: RunConfig, problems: Iterable[Problem] = (), wrong: Collection[str] = ()) -> Prepared:
    """The data set, the explored space and the controller of a run.

    Args:
        config: the run file.
        problems: those that it has already.
        wrong: the keys that have them; what these stand for is not made.

    Raises:
        SpecError: something is wrong, in the files or with how they fit together; all of it is told.
        StorageError, IntegrityError: the data cannot be read, and nothing else is wrong.
    """
    found = _Findings(problems)
    data = None if "data" in wrong else found.attempt(config.load_data, config.data, "data")
    space = controller = None
    if "space" not in wrong and data is None:
        found.attempt(lambda: check_space(config.space))
    elif "space" not in wrong:
        space = found.attempt(lambda: config.load_space(data))
    if space is not None:
        found.attempt(partial(_check_space, space, config))
        if "controller" not in wrong:
            controller = found.attempt(lambda: config.make_controller(space, data), config.controller, "controller")
    found.end()
    assert data is not None  # noqa: S101  or there was a problem
    assert space is not None  # noqa: S101
    assert controller is not None  # noqa: S101
    return Prepared(data, space, controller)


def _check_space(space: Space, config: RunConfig) -> None:
    """Explores the space, and looks at networks that show all its layers. Raises SpecError for what cannot be used."""
    import torch

    from nas.model import check_exportable
    from nas.training.device import pick_device
    from nas.training.precision import check_precision, pick_precision

    shown = tuple(cover(space))
    problems = []
    try:
        check_exportable(shown)
    except UsageError as error:
        problems.append(Problem(space.mark, "", str(error)))
    recipes = {f"evaluator.{config.evaluator.name}": config.recipe(), "final": config.final}
    for path, recipe in recipes.items():
        found = next(filter(None, map(_needs_batch, shown)), None) if recipe.batch_size == 1 else None
        if found is not None:
            mark = config.mark if path == "final" else config.evaluator.mark
            message = f"{found} of one value a sample has nothing to take statistics of in a batch of one"
            problems.append(Problem(mark, f"{path}.batch_size", message, "2 or more", "1"))
    if config.device != "cuda" or torch.cuda.is_available():  # a file may be written for another machine
        device = pick_device(config.device)
        try:
            for arch in shown:
                check_precision(arch, device, pick_precision(config.precision, device))
        except UsageError as error:
            problems.append(Problem(config.mark, "precision", str(error)))
    if problems:
        raise SpecError(problems)


def _needs_batch(arch: Architecture) -> str | None:
    """The name of a layer that cannot be trained with one sample."""
    shapes = [arch.input, *(layer.output for layer in arch.layers)]
    for op, inputs, _, _ in arch.layers:
        if isinstance(op, Op) and op.needs_batch(shapes[inputs[0]]):
            return op.name
    return None


class _Findings:
    """Problems, and errors of other kinds."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        self.errors: list[tuple[ArchwrightError, Problem]] = []

    def attempt(self, make: Callable[[], T], setting: Setting | None = None, key: str = "") -> T | None:
        """What `make` gives, or None; an error without a place is put where the setting stands."""
        try:
            return make()
        except SpecError as error:
            self.problems.extend(error.problems)
        except ArchwrightError as error:
            if setting is None:
                raise
            problem = Problem(setting.mark, f"{key}.{setting.name}", str(error))
            if isinstance(error, UsageError):
                self.problems.append(problem)
            else:
                self.errors.append((error, problem))
        return None

    def end(self) -> None:
        """Raises what was found."""
        if self.problems:
            raise SpecError(dict.fromkeys([*self.problems, *(problem for _, problem in self.errors)]))
        for error, _ in self.errors:
            raise error


@dataclass(frozen=True)
class Checked:
    """A file that was looked at.

    Attributes:
        file: its path.
        kind: `space`, `run`, `study` or `table`.
        name: what it calls itself; empty where it is not valid.
        valid: whether nothing is wrong with it.
        classes: of a run, names of the classes of its data, which are their labels where nobody named them.
    """

    file: str
    kind: str
    name: str
    valid: bool
    classes: Sequence[str] = ()


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
    """Checks space files, run files, studies and declarations of tables."""
    files: list[Checked] = []
    problems: dict[Problem, None] = {}
    errors: list[ArchwrightError] = []
    exit_code = 0
    for path in paths:
        checked = Checked(str(path), "", "", valid=False)
        try:
            checked = replace(checked, kind=kind_of(read_document(Path(path))))
            checked = _check(Path(path), checked)
        except SpecError as error:
            problems.update(dict.fromkeys(error.problems))
            exit_code = max(exit_code, error.exit_code)
        except ArchwrightError as error:
            errors.append(error)
            exit_code = max(exit_code, error.exit_code)
        files.append(checked)
    return Report(files, tuple(problems), errors, exit_code)


def _check(path: Path, file: Checked) -> Checked:
    """What there is to say of a file of a known kind. Raises what is wrong with it."""
    if file.kind == "study":
        study = load_study(path)
        prepare_study(study)
        return replace(file, name=study.name, valid=True)
    if file.kind == "table":
        return replace(file, name=read_declared(read_document(path), path).name, valid=True)
    if file.kind == "space":
        space = load_space(path)
        space.check()
        return replace(file, name=space.name, valid=True)
    config = load_run(path)
    return replace(file, name=config.name, valid=True, classes=prepare(config).data.classes)


def kind_of(node: Node) -> str:
    """`space`, `run`, `study` or `table`: the kind of file whose keys it has."""
    keys = list(node.value) if isinstance(node.value, dict) else []
    if is_declaration(node):
        return "table"
    if is_study(node):
        return "study"
    if "layers" in keys or "space" in keys:
        return "space" if "layers" in keys else "run"

    def meant(known: Sequence[str]) -> int:
        return sum(bool(nearest(key, set(known) - {"name"})) for key in keys)

    return "run" if meant(TOP_KEYS) > meant(SPACE_KEYS) else "space"
