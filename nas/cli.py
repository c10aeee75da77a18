"""The command `nas`."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from nas.errors import ArchwrightError, SpecError, StorageError
from nas.interrupt import Stopped, stoppable
from nas.output import announced, prepare, settle, tell

app = typer.Typer(
    name="nas",
    help="Neural architecture search for PyTorch: from a search space in YAML to a trained network.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

table_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(table_app, name="table", help="List, show and convert tables of published results.")

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
AllowCode = Annotated[bool, typer.Option("--allow-code", help="Import the code that a stored run names.")]
RunFolder = Annotated[Path, typer.Argument(help="Folder of a run, such as runs/digits.", metavar="RUN")]
TablePath = Annotated[Path | None, typer.Option(help="The published file to read the table from.")]


FEWEST_FILES = 32
"""Open files that the process must be allowed; a search has at most 12."""


@app.command()
def search(
    config: Annotated[Path, typer.Argument(help="A run file, such as configs/digits.yaml.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(help="Values to replace, such as evaluator.train.epochs=3.", metavar="KEY=VALUE"),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all random numbers.")] = None,
    trials: Annotated[int | None, typer.Option(help="Number of architectures to evaluate.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; default: runs/NAME.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Resume the run in the folder, if there is one.")] = False,
    accept_changes: Annotated[
        bool, typer.Option("--accept-changes", help="Resume even if the configuration or the data changed.")
    ] = False,
    allow_code: AllowCode = False,
    as_json: Json = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Search a space; write a trained network and a report."""
    from nas.pages.run.final_network import show_figures
    from nas.progress import make_display
    from nas.runs.prepare import load_run
    from nas.runs.run import run
    from nas.settings import Override

    given = {"seed": ("--seed", seed), "budget.trials": ("--trials", trials), "device": ("--device", device)}
    options = [Override.of_option(option, key, value) for key, (option, value) in given.items() if value is not None]
    with make_display(quiet=quiet) as display:
        checked = load_run(config, [*(overrides or []), *options], allow_code=allow_code)
        result = run(checked, out=out, resume=resume, accept_changes=accept_changes, on_event=display)
    if as_json:
        _print_json(result.to_dict())
        return
    arch = result.final.chosen.architecture
    print(f"{arch.id}: {arch.params:,} params, {arch.macs:,} MACs")
    for line in show_figures(result.final.figures):
        print(f"  {line}")
    print(f"{result.trials} trials, {result.failed} failed. The network and the report are in {result.folder}")


@app.command()
def compare(
    comparison: Annotated[
        Path, typer.Argument(help="A comparison file, such as configs/comparisons/nasbench201.yaml.")
    ],
    seeds: Annotated[int | None, typer.Option(help="Number of seeds for each controller.")] = None,
    jobs: Annotated[int | None, typer.Option(help="Number of processes.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the comparison; default: comparisons/NAME.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Resume the comparison in the folder, if there is one.")
    ] = False,
    as_json: Json = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Compare controllers over seeds; write all runs, statistical tests and a report."""
    from nas.analysis.summary import show_summary
    from nas.comparison.compare import compare
    from nas.comparison.config import load_comparison
    from nas.progress import make_display
    from nas.settings import Override

    given = {"seeds": seeds, "jobs": jobs}
    options = [Override.of_option(f"--{key}", key, value) for key, value in given.items() if value is not None]
    checked = load_comparison(comparison, options)
    with make_display(quiet=quiet) as display:
        found = compare(checked, out=out, resume=resume, on_event=display)
    if as_json:
        _print_json(found.to_dict())
        return
    show_summary(found.judged, found.rows, checked.delta)
    print(f"{len(found.results.runs):,} runs. The results and the report are in {found.folder}")


@app.command()
def describe(
    space: Annotated[Path, typer.Argument(help="A space file, such as search_spaces/digits_cnn.yaml.")],
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
    from nas.space import load_space
    from nas.space.drawing.show import show_architecture, show_space
    from nas.space.reading.load import load_architecture
    from nas.space.walks.survey import Survey

    loaded = load_space(space)
    with announced(f"{space}: exploring the space; a large space with limits takes some seconds"):
        found = loaded.survey(samples=samples, seed=seed) if arch is None else load_architecture(loaded, arch)
    if drawing is not None:
        from nas.files import write_text
        from nas.space.drawing.draw import draw

        write_text(drawing, draw(found.example if isinstance(found, Survey) else found))
    if as_json:
        _print_json(found.to_dict())
    elif isinstance(found, Survey):
        show_space(found)
    else:
        show_architecture(loaded, found)
    if drawing is not None and not as_json:
        print(f"\nThe drawing is in {drawing}.")


@app.command()
def validate(
    files: Annotated[
        list[Path], typer.Argument(help="Space files, run files, comparison files and tables.", metavar="FILE...")
    ],
    as_json: Json = False,
) -> None:
    """Validate space files, run files, comparison files and declarations of tables."""
    from nas.check import check_files
    from nas.tasks import TASKS, counted

    with announced("checking; a large space with limits takes some seconds"):
        found = check_files(files)
    if as_json:
        _print_json(found.to_dict())
    else:
        for problem in found.problems:
            print(problem, file=sys.stderr)
        for error in found.errors:
            print(f"nas: {error}", file=sys.stderr)
        for file in found.files:
            if file.valid:
                about = f"; {file.task}, {counted(TASKS[file.task], file.outputs)}" if file.task else ""
                print(f"{file.file}: a valid {file.kind} file ({file.name}){about}")
    raise typer.Exit(found.exit_code)


@app.command()
def schema(kind: Annotated[str, typer.Argument(help="Kind of file, as in `nas validate`, such as run.")]) -> None:
    """Print the JSON schema with which editors complete and check files of a kind."""
    from nas.schema import schema_of

    print(json.dumps(schema_of(kind), indent=1, ensure_ascii=False))


@app.command()
def report(folder: RunFolder, allow_code: AllowCode = False) -> None:
    """Rewrite report.html and trials.csv of a run."""
    from nas.runs.report import write_report

    print(write_report(folder, allow_code=allow_code))


@app.command()
def repair(
    folder: Annotated[Path, typer.Argument(help="Folder of a run or of a comparison.", metavar="FOLDER")],
    as_json: Json = False,
) -> None:
    """Move damaged files of a folder aside, so that they can be recreated.

    Nothing is trained, and nothing is deleted.
    """
    from nas.repairs import repair

    found = repair(folder)
    if as_json:
        _print_json(found.to_dict())
        return
    if not found.damaged:
        print(f"{folder}: no damaged files")
        return
    width = max(map(len, found.damaged))
    print(f"{folder}: damaged files")
    for name, reason in found.damaged.items():
        print(f"  {name:<{width}}  {reason}")
    if found.aside is not None:
        print(f"Those that exist were moved to {found.aside}.")
    if found.log:
        print(f"{found.log}.")
    print(f"To recreate the rest:\n  {found.command}")
    if found.needs:
        print(f"where {found.needs} is the original file.")


@app.command()
def explain(folder: RunFolder, allow_code: AllowCode = False, as_json: Json = False) -> None:
    """Show what a controller has learned: its greedy network, its predictions, and which decisions matter."""
    from nas.pages.run.explained_terminal import show_explanation
    from nas.runs.summary import explain, read_run

    if as_json:
        _print_json(explain(folder, allow_code=allow_code).to_dict())
    else:
        show_explanation(read_run(folder, explained=True, allow_code=allow_code))


@app.command()
def export(
    folder: RunFolder,
    to: Annotated[Path, typer.Option(help="Folder to copy the network to.")] = Path("network"),
) -> None:
    """Verify the selected network of a run and copy it to a folder."""
    from nas.runs.network import copy_network

    print(copy_network(folder, to))


@table_app.command("list")
def list_tables(as_json: Json = False) -> None:
    """List the tables, and where their results come from."""
    from nas.tabular import TABLES
    from nas.tabular.show import list_tables

    found = list_tables(TABLES)
    if as_json:
        print(json.dumps(found, indent=2))
        return
    width = max(map(len, TABLES))
    for one in found:
        text = one.get("error") or f"{one['rows']:,} rows, best {100 * one['best']:.2f} %; {one['source']}"
        print(f"{one['name']:<{width}}  {text}")


@table_app.command("show")
def show_table(
    source: Annotated[str, typer.Argument(help="A name from `nas table list`, or a file.", metavar="NAME|FILE")],
    path: TablePath = None,
    check: Annotated[bool, typer.Option("--check", help="Build the architecture of every row.")] = False,
    as_json: Json = False,
) -> None:
    """Show the contents of a table."""
    from nas.tabular import load_table
    from nas.tabular.show import facts, show_table

    table = load_table(source, path=path)
    if check:
        table.check_members()
    if as_json:
        _print_json(facts(table))
    else:
        print(show_table(facts(table)))


@table_app.command("convert")
def convert_table(
    source: Annotated[
        str, typer.Argument(help="A published file, a name from `nas table list`, or a declaration.", metavar="SOURCE")
    ],
    to: Annotated[Path, typer.Argument(help="File to write, NAME.npz.", metavar="OUT")],
    name: Annotated[str | None, typer.Option(help="Name of the table, if the file contains several.")] = None,
) -> None:
    """Write a table in the compact form."""
    from nas.tabular import load_table, write_table

    table = load_table(source) if name is None else load_table(name, path=source)
    print(f"{write_table(table, to)}: {table.name}, {len(table):,} rows")


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, indent=2))


def main() -> None:
    """Runs the command and ends the process with the exit code of `nas.errors`.

    Output that cannot be written stops no search (`nas.output`); a result that cannot be printed is exit code 3, or 1
    without a word where whoever read it has gone.
    """
    code: str | int | None = 0
    prepare()
    try:
        with stoppable():
            _allow_files()
            try:
                app()
            finally:  # typer ends with SystemExit
                if sys.stdout is not None:
                    sys.stdout.flush()
    except SystemExit as end:
        code = end.code
    except ArchwrightError as error:
        code = error.exit_code
        text = "\n".join([str(error), *getattr(error, "__notes__", ())])
        tell(text if isinstance(error, SpecError) or "\n" in str(error) else f"nas: {text}")
    except Stopped as stop:
        code = stop.exit_code
        saved = "; finished trials are saved, --resume continues" if stop.resumable else ""
        tell(f"nas: stopped by {stop}{saved}")
    except BrokenPipeError:  # whoever read our output has gone
        code = 1
    except OSError as error:
        # Files raise StorageError, so without a name this is our output: its disk is full, for instance.
        code = StorageError.exit_code
        what = "the output cannot be written" if error.filename is None else str(error.filename)
        tell(f"nas: {what}: {error.strerror or error}")
    settle()
    sys.exit(code)


def _allow_files() -> None:
    """Raises StorageError if the limit on open files is below what a search needs."""
    try:
        import resource
    except ImportError:  # Windows knows no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= FEWEST_FILES or soft == resource.RLIM_INFINITY:
        return
    if hard != resource.RLIM_INFINITY and hard < FEWEST_FILES:
        raise StorageError(f"the limit on open files (`ulimit -n`) is {hard}; at least {FEWEST_FILES} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEWEST_FILES, hard))


if __name__ == "__main__":
    main()
