"""The distillation of a network of a run: a student, its teacher, and the controls beside them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nas.arguments import NotNegativeFloat, Positive, checked
from nas.data import Dataset
from nas.distillation import Distill, Response
from nas.distillation.distill import View
from nas.distillation.kind import Kind
from nas.distillation.teacher import EXPECTED, Teacher
from nas.document import one_word
from nas.errors import UsageError
from nas.events import OnEvent, StageBegan, unread
from nas.final.export import network_files
from nas.final.finalist import final_seed
from nas.final.judging import judged
from nas.final.networks import stored_form
from nas.handover.handed import handed_of
from nas.handover.placing import InFolder, placed
from nas.model import Network
from nas.runs.config import CONFIG, RunConfig, load_config
from nas.settings import plain as plain_data
from nas.space import Architecture
from nas.students.findings import gains_of, notes_of
from nas.students.result import ALONE, DISTILLED, LONGER, TEACHER, Compared, Distilled
from nas.students.school import School
from nas.students.teachers import SELF, TEACHERS, RunNetworks, same_labels
from nas.training import Checkpoints, Recipe
from nas.training.device import threads
from nas.training.seeding import seeded
from nas.training.teaching import check_teaching
from nas.training.workbench import Workbench

RECORD = "distilled.json"
"""What came of the distillation, beside the files of the network."""


@checked
def distill(
    run: str | Path,
    teacher: Any = "ensemble",
    *,
    by: Iterable[Kind] = (Response(),),
    student: int | str | None = None,
    unlabelled: Any = None,
    task_weight: NotNegativeFloat = 1.0,
    view: View = "same",
    generations: Positive = 1,
    recipe: Recipe | None = None,
    seeds: Positive = 1,
    longer: bool = True,
    out: str | Path | None = None,
    allow_code: bool = False,
    on_event: OnEvent | None = None,
) -> Distilled:
    """Trains a network of a finished run with a teacher, and compares it with the same network trained alone.

    Equal seeds make pairs. Controls are trained with the recipe of the student: once as it is, and once with twice the
    epochs, so that a student that is not trained to convergence is not taken for one that learns from its teacher.

    Args:
        run: the folder of the run.
        teacher: a network of the run by name (`nas.students.teachers.TEACHERS`: `ensemble`, `largest` or `self`), by
            the number of its trial or by its id; the folder of another run or of an export; the file of a program
            `.pt2`; or a module in evaluation mode, that maps inputs `(N, *shape)` to outputs `(N, K)`. A network of the
            run that was not trained in full is trained first.
        by: the kinds of knowledge that are taken over.
        student: the number of its trial, or the beginning of its id; None: the selected network.
        unlabelled: inputs without targets, as for `nas.predict`; None: there are none.
        task_weight: of the loss of the task; 0: students learn from their teachers alone.
        view: what the teacher sees of augmented inputs, see `Distill`.
        generations: the number of students, each of which teaches the next (born-again networks, Furlanello et al.
            2018).
        recipe: of all trainings; None: that of the run's final stage.
        seeds: the number of trainings of each network, for an interval of the gain.
        longer: whether the student is also trained alone with twice the epochs.
        out: the folder to write, as for `nas.export_run`; None: nothing is written. Until then, finished trainings are
            kept beside it, so that a call after an interruption does not repeat them.
        allow_code: import the user's own source of data, if the run names one.
        on_event: called with each event (`nas.events`): `StageBegan`, then `EpochEnded` and `StudentEnded`.

    Raises:
        UsageError: the run is not finished or its data cannot be read; there is no such teacher or student; the teacher
            is for other inputs or targets; or the kinds do not suit.
        EvaluationFailed: a training failed.
        Damaged, IntegrityError, StorageError: a file is corrupt, or cannot be read or written.
    """
    place = None if out is None else InFolder(Path(out).resolve())
    if place is not None:
        place.check()
    handed = handed_of(run, allow_code=allow_code)
    data, summary = handed.data, handed.summary
    if summary is None or not isinstance(data, Dataset):
        raise UsageError(str(data))
    config = load_config(handed.folder / CONFIG, allow_code=allow_code)
    known = RunNetworks(handed, summary, data)
    arch, trial = known.student(student)
    plain = replace(recipe or config.final.recipe, distill=None)
    objective = next((one for one in summary.compared if one.metric[4:] in data.task.metrics), data.task.objective)
    metrics = [objective.metric.removeprefix("val_")]
    bench = Workbench(data, device=config.device, precision=config.precision, metrics=metrics)
    kept = None if place is None else Checkpoints(place.target.with_name(f".{place.target.name}.trainings"))
    post = on_event or unread
    school = School(bench, final_seed(config.seed, trial), seeds, kept, objective.metric, trial, post)
    lesson = Distill(None, tuple(by), task_weight=task_weight, view=view, unlabelled=unlabelled)
    with threads(config.threads or 1):
        named, same = _named(teacher, known, arch)
        _check(replace(lesson, teacher=_standing_for(named, bench)), bench, arch, plain)
        trainings = seeds * (1 + longer + generations) + (isinstance(named, Architecture) and named != arch)
        post(StageBegan("training", trainings, objectives=(objective,)))
        source, rows, network = _compared(school, arch, plain, named, lesson, longer=longer, generations=generations)
    *_, distilled = rows
    gains = {name: gains_of(rows[distilled], rows[name], objective) for name in (ALONE, LONGER) if name in rows}
    notes = tuple(notes_of(rows, objective, same=same and unlabelled is None, strange=not same))
    found = Distilled(stored_form(network), objective, rows, gains, notes, None if out is None else Path(out))
    if place is not None:
        _write(place, found, bench, config, replace(lesson, teacher=source))
    if kept is not None:
        kept.clear()
    return found


def _named(given: Any, known: RunNetworks, student: Architecture) -> tuple[Teacher | Architecture, bool]:
    """The teacher that is named, or the architecture that is yet to be trained for it, for `SELF` the student's; and
    whether it is known that it sees no other labels than the student."""
    if isinstance(given, str) and given == SELF:
        return student, True
    if isinstance(given, str) and given in TEACHERS:
        return known.teacher(given, student), True
    if isinstance(given, int) or (isinstance(given, str) and not Path(given).exists() and one_word(given)):
        wanted, _ = known.student(given, "teacher")
        row = next((row for row in known.rows if row.architecture.id == wanted.id), None)
        return wanted if row is None else Teacher(known.network(row)), True
    found = Distill(given).teacher
    if found is None:
        raise UsageError(f"teacher: expected {', '.join(TEACHERS)}, the id of a network, or {EXPECTED}")
    return found, same_labels(found.path, known.data)


def _standing_for(named: Teacher | Architecture, bench: Workbench) -> Teacher:
    """A teacher for checks: a network that is yet to be trained has its first weights."""
    if isinstance(named, Teacher):
        return named
    with seeded(0, bench.device):
        return Teacher(bench.build(named).eval())


def _check(lesson: Distill, bench: Workbench, arch: Architecture, recipe: Recipe) -> None:
    """Raises UsageError if the teacher or the kinds do not suit, before anything is trained."""
    lesson.check(bench.data, recipe.augment)
    check_teaching(bench, [arch], replace(recipe, distill=lesson))


def _compared(
    school: School,
    arch: Architecture,
    recipe: Recipe,
    named: Teacher | Architecture,
    lesson: Distill,
    *,
    longer: bool,
    generations: int,
) -> tuple[Teacher, Mapping[str, Compared], Network]:
    """Trains and measures all networks.

    Returns:
        The first teacher, what was measured by what each network is, and the last student of the first seed.
    """
    alone = school.trained(ALONE, arch, recipe)
    source = named
    if isinstance(source, Architecture):
        own = source == arch
        source = Teacher((alone if own else replace(school, seeds=1).trained(TEACHER, source, recipe)).networks[0])
    judge = source.network(school.bench.device)
    rows = {TEACHER: school.measured([judge], sum(one.numel() for one in judge.parameters())), ALONE: alone.compared}
    if longer:
        rows[LONGER] = school.trained(LONGER, arch, replace(recipe, epochs=2 * recipe.epochs)).compared
    taught, teacher = alone, source
    for generation in range(1, generations + 1):
        name = DISTILLED if generation == 1 else f"{DISTILLED} {generation}"
        taught = school.trained(name, arch, replace(recipe, distill=replace(lesson, teacher=teacher)))
        rows[name] = taught.compared
        teacher = Teacher(taught.networks[0])
    return source, rows, taught.networks[0]


def _write(place: InFolder, found: Distilled, bench: Workbench, config: RunConfig, lesson: Distill) -> None:
    """Writes the files of the network, and what came of the distillation."""
    network = found.network
    judgement = judged(bench, network, [network], metric=found.objective.metric, seed=config.seed)
    test = None if judgement.tested is None else judgement.tested.metrics
    task, intake = judgement.bench.task, bench.data.intake
    with placed(place) as manifest:
        manifest.write_all(network_files(network, task=task, intake=intake, name=config.name, test=test))
        manifest.write_record(RECORD, {**found.to_dict(), "distill": plain_data(lesson)})
