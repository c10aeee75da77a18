"""The command `nas compare`."""

from pathlib import Path
from typing import Annotated

import typer

from nas.cli.app import Json, Quiet, app, print_json


@app.command()
def compare(
    comparison: Annotated[
        Path, typer.Argument(help="A comparison file, such as configs/comparisons/nasbench201.yaml.", metavar="FILE")
    ],
    seeds: Annotated[int | None, typer.Option(help="Number of seeds for each controller.")] = None,
    jobs: Annotated[int | None, typer.Option(help="Number of processes.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the comparison; default: comparisons/NAME.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Resume the comparison in the folder, if there is one.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
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
        print_json(found.to_dict())
        return
    show_summary(found.judged, found.rows, checked.delta)
    print(f"{len(found.results.runs):,} runs. The results and the report are in {found.folder}")
