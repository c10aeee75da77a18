"""Commands on files that people write: describe, validate and schema."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from nas.cli.app import Json, app, print_json
from nas.output import announced


@app.command()
def describe(
    space: Annotated[Path, typer.Argument(help="A space file, or a name from `nas list spaces`.", metavar="SPACE")],
    data: Annotated[
        str | None, typer.Option(help="The data set, as in a run file, that the space is explored for.")
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(help="Architectures to sample. By default 1,000, or fewer if each takes many decisions.", min=1),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the samples.", min=0)] = 0,
    arch: Annotated[
        Path | None, typer.Option(help="Show this member of the space: a file with its decisions.", metavar="FILE")
    ] = None,
    drawing: Annotated[
        Path | None, typer.Option("--draw", help="Write an SVG drawing of the architecture.", metavar="FILE")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the size, the choices and the costs of a space, and one architecture.

    With --arch, show the architecture in a JSON or YAML file instead: the `architecture.yaml` of a run, or decisions
    by name.
    """
    from nas.evaluate.options import space_for
    from nas.space.drawing.show import show_architecture, show_space
    from nas.space.reading.load import load_architecture
    from nas.space.walks.survey import Survey

    loaded = space_for(space, data)
    with announced(f"{space}: exploring the space; a large space with limits takes some seconds"):
        found = loaded.survey(samples=samples, seed=seed) if arch is None else load_architecture(loaded, arch)
    if drawing is not None:
        from nas.files import write_text
        from nas.space.drawing.draw import draw

        write_text(drawing, draw(found.example if isinstance(found, Survey) else found))
    if as_json:
        print_json(found.to_dict())
    elif isinstance(found, Survey):
        show_space(found)
    else:
        show_architecture(loaded, found)
    if drawing is not None and not as_json:
        print(f"\nThe drawing is in {drawing}.")


@app.command()
def validate(
    files: Annotated[
        list[Path], typer.Argument(help="Space files, run files, comparison files and tables.", metavar="FILE")
    ],
    as_json: Json = False,
) -> None:
    """Validate space files, run files, comparison files and declarations of tables."""
    from nas.check import check_files
    from nas.tasks import TASKS, named_outputs

    with announced("checking; a large space with limits takes some seconds"):
        found = check_files(files)
    if as_json:
        print_json(found.to_dict())
    else:
        for problem in found.problems:
            print(problem, file=sys.stderr)
        for error in found.errors:
            print(f"nas: {error}", file=sys.stderr)
        for file in found.files:
            if file.valid:
                about = f"; {file.task}, {named_outputs(TASKS[file.task], file.outputs)}" if file.task else ""
                print(f"{file.file}: a valid {file.kind} file ({file.name}){about}")
                for note in file.notes:
                    print(f"  {note}")
    raise typer.Exit(found.exit_code)


@app.command()
def schema(
    kind: Annotated[str, typer.Argument(help="The kind of file: space, run or comparison.", metavar="KIND")],
) -> None:
    """Print the JSON schema with which editors complete and check files of a kind."""
    from nas.file_kinds import schema_of

    print(json.dumps(schema_of(kind), indent=1, ensure_ascii=False))
