"""The command `nas proxies`."""

from pathlib import Path
from typing import Annotated, cast

import typer

from nas.cli.app import DeviceName, Json, Quiet, app, device_of, print_json


@app.command()
def proxies(
    space: Annotated[
        Path | None, typer.Argument(help="A space file, or a name from `nas list spaces`.", metavar="[SPACE]")
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="The data set, as in a run file: digits, or {npz: {path: mnist.npz}}.")
    ] = None,
    evaluator: Annotated[
        str | None, typer.Option(help="What measures the networks, as in a run file: {train: {epochs: 5}}.")
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(help="Take recorded accuracies: a name from `nas table list`, or a file.", metavar="NAME|FILE"),
    ] = None,
    path: Annotated[Path | None, typer.Option(help="The published file to read the table from.")] = None,
    trials: Annotated[int, typer.Option(help="Number of networks.", min=4)] = 100,
    study: Annotated[
        Path | None, typer.Option(help="Keep the networks in this database, and go on with those that it has.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of all random numbers.", min=0)] = 0,
    device: DeviceName = "auto",
    workers: Annotated[
        str, typer.Option(help="Number of worker processes, auto, or in_process.", metavar="COUNT")
    ] = "auto",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show how well zero-cost proxies rank the networks of a space, beside their number of parameters.

    A random sample of networks is trained, or looked up in a table, and correlated with each proxy.
    """
    from nas.correlation.command import asked, run_asked
    from nas.correlation.text import show_proxies
    from nas.driver.executors.resources import WorkerCount
    from nas.progress import make_display

    place = device_of(device)
    what = asked(space, data=data, evaluator=evaluator, table=table, path=path, device=place)
    with make_display(quiet=quiet) as display:
        found = run_asked(
            what,
            trials=trials,
            study=study,
            seed=seed,
            device=place,
            workers=cast("WorkerCount", int(workers) if workers.isdigit() else workers),
            on_event=display,
        )
    if as_json:
        print_json(found.to_dict())
    else:
        print(show_proxies(found))
