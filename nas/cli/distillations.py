"""The command `nas distill`."""

from pathlib import Path
from typing import Annotated

import typer

from nas.cli.app import AllowCode, Json, Quiet, app, print_json
from nas.output import tell


@app.command()
def distill(
    folder: Annotated[Path, typer.Argument(help="Folder of a run, such as runs/digits.", metavar="RUN")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(help="Values of the recipe to replace, such as epochs=100.", metavar="KEY=VALUE"),
    ] = None,
    teacher: Annotated[
        str,
        typer.Option(
            help="ensemble of the networks that were trained in full, largest of them, self, the id of a network, or "
            "the path of a run, an export or a program .pt2."
        ),
    ] = "ensemble",
    by: Annotated[
        str | None,
        typer.Option(help="What is taken over: response, or e.g. {hints: {weight: 2}}; nas list distillation."),
    ] = None,
    student: Annotated[
        str | None, typer.Option(help="Its trial or id; else the selected network.", metavar="TRIAL")
    ] = None,
    unlabelled: Annotated[
        str | None, typer.Option(help="Inputs without targets: a file or a folder.", metavar="PATH")
    ] = None,
    generations: Annotated[int, typer.Option(help="Students, each of which teaches the next.", min=1)] = 1,
    seeds: Annotated[int, typer.Option(help="Trainings of each network, for an interval.", min=1)] = 1,
    no_longer: Annotated[
        bool, typer.Option("--no-longer", help="Do not train the student alone for twice the epochs.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Folder to write; else RUN-distilled.", metavar="FOLDER")] = None,
    allow_code: AllowCode = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train a network of a run with a teacher, beside the same network alone.

    The folder that is written is one for `nas predict` and `nas export`.

    \b
    nas distill runs/digits
    nas distill runs/digits --teacher runs/large --unlabelled scans/ epochs=100
    """
    from nas.errors import UsageError
    from nas.progress import make_display
    from nas.runs.config import CONFIG, load_config
    from nas.runs.folder import LAYOUT
    from nas.settings import Override
    from nas.students.distilling import distill as distilled
    from nas.students.options import recipe_of

    if not LAYOUT.is_that_of(folder):
        raise UsageError(f"{folder} holds no run")
    given = {"distill.by": ("--by", by), "distill.unlabelled": ("--unlabelled", unlabelled)}
    options = [Override.of_option(option, key, value) for key, (option, value) in given.items() if value is not None]
    recipe, wanted = recipe_of(
        load_config(folder / CONFIG, allow_code=allow_code).final.recipe, overrides or [], options
    )
    whole = folder.resolve()
    named = folder if folder.name == whole.name else whole  # a path such as `.` does not end in a name
    target = out or named.with_name(f"{whole.name}-distilled")
    with make_display(quiet=quiet) as display:
        found = distilled(
            folder,
            teacher,
            by=wanted.by,
            student=student,
            unlabelled=wanted.unlabelled,
            task_weight=wanted.task_weight,
            view=wanted.view,
            generations=generations,
            recipe=recipe,
            seeds=seeds,
            longer=not no_longer,
            out=target,
            allow_code=allow_code,
            on_event=display,
        )
    if as_json:
        print_json(found.to_dict())
        return
    for line in found.lines:
        print(line)
    for note in found.notes:
        tell(note)
    print(f"The network is in {target}")
