"""Commands on runs: search, report and explain."""

import json
from pathlib import Path
from typing import Annotated

import typer

from nas.cli.app import AllowCode, Json, Quiet, RunFolder, app, print_json


@app.command()
def search(
    config: Annotated[Path, typer.Argument(help="A run file, such as configs/digits.yaml.", metavar="RUN_FILE")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(help="Values to replace, such as evaluator.train.epochs=3.", metavar="KEY=VALUE"),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all random numbers.")] = None,
    trials: Annotated[int | None, typer.Option(help="Number of architectures to evaluate.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Time to search; trials in flight are finished.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; default: runs/NAME.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda.")] = None,
    workers: Annotated[
        str | None, typer.Option(help="Number of worker processes, auto, or in_process.", metavar="COUNT")
    ] = None,
    executor: Annotated[str | None, typer.Option(help="Where architectures are evaluated: local or ray.")] = None,
    address: Annotated[
        str | None, typer.Option(help="Address of the Ray cluster: HOST:PORT, auto or local.", metavar="ADDRESS")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Folder of results that searches share; none are computed twice.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Resume the run in the folder, if there is one.")] = False,
    accept_changes: Annotated[
        bool, typer.Option("--accept-changes", help="Resume even if the configuration or the data changed.")
    ] = False,
    allow_code: AllowCode = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Search a space; write a trained network and a report."""
    from nas.pages.run.choice import show_choice
    from nas.pages.run.final_network import beside, show_figures
    from nas.pages.run.promise import show_promise
    from nas.progress import make_display
    from nas.runs.prepare import load_run
    from nas.runs.run import run
    from nas.settings import Override

    given = {
        "seed": ("--seed", seed),
        "budget.trials": ("--trials", trials),
        "budget.minutes": ("--minutes", minutes),
        "cache": ("--cache", None if cache is None else json.dumps(str(cache.absolute()))),
        "device": ("--device", device),
        "workers": ("--workers", workers),
        "executor": ("--executor", executor),
        "executor.ray.address": ("--address", address),
    }
    options = [Override.of_option(option, key, value) for key, (option, value) in given.items() if value is not None]
    with make_display(quiet=quiet) as display:
        checked = load_run(config, [*(overrides or []), *options], allow_code=allow_code)
        result = run(checked, out=out, resume=resume, accept_changes=accept_changes, on_event=display)
    if as_json:
        print_json(result.to_dict())
        return
    final = result.final
    arch = final.chosen.architecture
    print(f"{arch.id}: {arch.params:,} parameters, {arch.macs:,} MACs")
    for line in (*show_figures(final.figures), *show_choice(final), *show_promise(final.chosen.privacy)):
        print(f"  {line}")
    for line in beside(final.figures, final.objectives, result.baselines):
        print(f"  {line}")
    print(f"{result.trials} trials, {result.failed} failed. The network and the report are in {result.folder}")


@app.command()
def report(folder: RunFolder, allow_code: AllowCode = False) -> None:
    """Rewrite report.html and trials.csv of a run."""
    from nas.runs.report import write_report

    print(write_report(folder, allow_code=allow_code))


@app.command()
def explain(folder: RunFolder, allow_code: AllowCode = False, as_json: Json = False) -> None:
    """Show what a controller has learned: its greedy network, its predictions, and which decisions matter."""
    from nas.pages.run.explained_terminal import show_explanation
    from nas.runs.summary import explain, read_run

    if as_json:
        print_json(explain(folder, allow_code=allow_code).to_dict())
    else:
        show_explanation(read_run(folder, explained=True, allow_code=allow_code))
