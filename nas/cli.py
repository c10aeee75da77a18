"""The command `nas`."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from nas.errors import ArchwrightError, SpecError, StorageError, few
from nas.interrupt import Stopped, stoppable
from nas.output import prepare, settle, tell

app = typer.Typer(
    name="nas",
    help="Neural architecture search for PyTorch: a YAML space in, a trained network out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

table_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(table_app, name="table", help="Published results: list, show and convert them.")

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
AllowCode = Annotated[
    bool, typer.Option("--allow-code", help="Import code that a run names, though it was not written here.")
]
RunFolder = Annotated[Path, typer.Argument(help="Folder of a run, as in runs/digits.", metavar="RUN")]
TablePath = Annotated[Path | None, typer.Option(help="The published file to read it from.")]


FEWEST_FILES = 32
"""How many files must be allowed to be open; a search has up to 12."""


@app.command()
def search(
    config: Annotated[Path, typer.Argument(help="A run file, as in configs/digits.yaml.")],
    overrides: Annotated[
        list[str] | None, typer.Argument(help="Values to replace, as in evaluator.train.epochs=3.", metavar="KEY=VALUE")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Where all randomness comes from.")] = None,
    trials: Annotated[int | None, typer.Option(help="How many architectures to evaluate.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; runs/NAME if not given.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in the folder, if there is one.")
    ] = False,
    accept_changes: Annotated[
        bool, typer.Option("--accept-changes", help="Resume although the configuration or the data changed.")
    ] = False,
    allow_code: AllowCode = False,
    as_json: Json = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Search a space; leave a trained network and a report."""
    from nas.prepare import load_run
    from nas.progress import make_display
    from nas.report.handed_over import show_figures
    from nas.runs import run

    given = {"seed": seed, "budget.trials": trials, "device": device}
    flags = [f"{key}={value}" for key, value in given.items() if value is not None]
    with make_display(quiet=quiet) as display:
        checked = load_run(config, [*(overrides or []), *flags], allow_code=allow_code)
        result = run(checked, out=out, resume=resume, accept_changes=accept_changes, display=display)
    if as_json:
        _print_json(result.to_dict())
        return
    arch = result.final.chosen.architecture
    print(f"{arch.id}: {arch.params:,} params, {arch.macs:,} MACs")
    for line in show_figures(result.final.figures):
        print(f"  {line}")
    print(f"{result.trials} trials, {result.failed} failed; the network and the report are in {result.folder}")


@app.command()
def compare(
    study: Annotated[Path, typer.Argument(help="A comparison file, as in studies/nasbench201.yaml.")],
    seeds: Annotated[int | None, typer.Option(help="With how many seeds each controller is run.")] = None,
    jobs: Annotated[int | None, typer.Option(help="How many processes.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the comparison; comparisons/NAME if not given.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the comparison in the folder, if there is one.")
    ] = False,
    as_json: Json = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Compare controllers over seeds; leave every run, and verdicts that hold up."""
    from nas.comparison.compare import compare
    from nas.comparison.config import load_comparison
    from nas.comparison.summary import show_summary
    from nas.progress import make_display

    given = {"seeds": seeds, "jobs": jobs}
    checked = load_comparison(study, [f"{key}={value}" for key, value in given.items() if value is not None])
    with make_display(quiet=quiet) as display:
        found = compare(checked, out=out, resume=resume, display=display)
    if as_json:
        _print_json(found.to_dict())
        return
    show_summary(found.judged, found.rows, checked.delta)
    print(f"{len(found.results.runs):,} runs; the results and the report are in {found.folder}")


@app.command()
def describe(
    space: Annotated[Path, typer.Argument(help="A space file, as in search_spaces/digits_cnn.yaml.")],
    samples: Annotated[int, typer.Option(help="Architectures to sample for the histograms.", min=1)] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of the samples.", min=0)] = 0,
    arch: Annotated[
        Path | None, typer.Option(help="Show this member of the space: a file with its choices.", metavar="FILE")
    ] = None,
    drawing: Annotated[
        Path | None, typer.Option("--draw", help="Draw the architecture that is shown, as SVG.", metavar="FILE")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the size, choices and costs of a space, and one architecture; or, with --arch, the one in a file.

    The file is JSON or YAML: the `architecture.yaml` of a run, or decisions by name.
    """
    import numpy as np

    from nas.space import load_space
    from nas.space.load import load_architecture
    from nas.space.show import show_architecture, show_space

    loaded = load_space(space)
    shown = None if arch is None else load_architecture(loaded, arch)
    facts = loaded.describe(samples=samples, seed=seed) if shown is None else shown.to_dict()
    if drawing is not None:
        from nas.files import write_text
        from nas.space.draw import draw

        write_text(drawing, draw(shown or loaded.sample(np.random.default_rng(seed))))
    if as_json:
        _print_json(facts)
    elif shown is None:
        show_space(loaded, facts, seed=seed)
    else:
        show_architecture(loaded, shown)
    if drawing is not None and not as_json:
        print(f"\nThe drawing is in {drawing}.")


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="Space files, run files, studies and tables.", metavar="FILE...")],
    as_json: Json = False,
) -> None:
    """Check space files, run files, studies and declarations of tables."""
    from nas.check import check_files

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
                classes = f"; {len(file.classes):,} classes: {few(file.classes)}" if file.classes else ""
                print(f"{file.file}: a valid {file.kind} file ({file.name}){classes}")
    raise typer.Exit(found.exit_code)


@app.command()
def schema(kind: Annotated[str, typer.Argument(help="The kind of file, as in `nas validate`: run, say.")]) -> None:
    """Print a JSON schema, with which editors complete and check files."""
    from nas.schema import schema_of

    print(json.dumps(schema_of(kind), indent=1, ensure_ascii=False))


@app.command()
def report(folder: RunFolder, allow_code: AllowCode = False) -> None:
    """Write report.html and trials.csv of a run again."""
    from nas.run_folder import write_report

    print(write_report(folder, allow_code=allow_code))


@app.command()
def repair(
    folder: Annotated[Path, typer.Argument(help="Folder of a run or of a comparison.", metavar="FOLDER")],
    as_json: Json = False,
) -> None:
    """Set aside what is damaged in a folder, so that it can be made again.

    Nothing is trained, and nothing thrown away.
    """
    from nas.repairs import repair

    found = repair(folder)
    if as_json:
        _print_json(found.to_dict())
        return
    if not found.damaged:
        print(f"{folder}: nothing is damaged")
        return
    width = max(map(len, found.damaged))
    print(f"{folder}: damaged")
    for name, reason in found.damaged.items():
        print(f"  {name:<{width}}  {reason}")
    if found.aside is not None:
        print(f"What was there of that is in {found.aside} now.")
    if found.log:
        print(f"{found.log}.")
    print(f"To make the rest again:\n  {found.command}")
    if found.needs:
        print(f"where {found.needs} is the file that it was begun with.")


@app.command()
def explain(folder: RunFolder, allow_code: AllowCode = False, as_json: Json = False) -> None:
    """Show what a run has learned: its greedy network, how well it predicts, which decisions matter."""
    from nas.report.explained_terminal import show_explanation
    from nas.run_folder import explain, read_run

    if as_json:
        _print_json(explain(folder, allow_code=allow_code).to_dict())
    else:
        show_explanation(read_run(folder, explained=True, allow_code=allow_code))


@app.command()
def export(
    folder: RunFolder,
    to: Annotated[Path, typer.Option(help="Folder to copy the network to.")] = Path("network"),
) -> None:
    """Copy the network that a run found to a folder."""
    from nas.run_folder import copy_network

    print(copy_network(folder, to))


@table_app.command("list")
def list_tables(as_json: Json = False) -> None:
    """List the tables, and where their results are."""
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
    source: Annotated[str, typer.Argument(help="A name out of `nas table list`, or a file.", metavar="NAME|FILE")],
    path: TablePath = None,
    check: Annotated[bool, typer.Option("--check", help="Build the architecture of every row.")] = False,
    as_json: Json = False,
) -> None:
    """Show what a table holds."""
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
    source: Annotated[str, typer.Argument(help="A published file, a name or a declaration.", metavar="SOURCE")],
    to: Annotated[Path, typer.Argument(help="File to write, NAME.npz.", metavar="OUT")],
    name: Annotated[str | None, typer.Option(help="Which table, if the file holds several.")] = None,
) -> None:
    """Write a table in its compact form."""
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
        saved = "; what was finished is saved, --resume goes on" if stop.resumable else ""
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
    """Raises StorageError if fewer files may be open than a search needs."""
    try:
        import resource
    except ImportError:  # Windows knows no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= FEWEST_FILES or soft == resource.RLIM_INFINITY:
        return
    if hard != resource.RLIM_INFINITY and hard < FEWEST_FILES:
        raise StorageError(f"only {hard} files may be open (`ulimit -n`), and {FEWEST_FILES} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEWEST_FILES, hard))


if __name__ == "__main__":
    main()
