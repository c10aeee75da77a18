"""The command `nas latency`."""

from pathlib import Path
from typing import Annotated

import typer

from nas.cli.app import DeviceName, Json, Quiet, app, device_of, print_json


@app.command()
def latency(
    space: Annotated[Path, typer.Argument(help="A space file, or a name from `nas list spaces`.", metavar="SPACE")],
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("latencies.json"),
    data: Annotated[
        str | None, typer.Option(help="The data set, as in a run file, for a space without input and outputs.")
    ] = None,
    networks: Annotated[int, typer.Option(help="Number of random networks whose layers are measured.", min=0)] = 200,
    held_out: Annotated[int, typer.Option(help="Number of networks that estimates are held against.", min=3)] = 20,
    threads: Annotated[int, typer.Option(help="Number of CPU threads.", min=1)] = 1,
    seed: Annotated[int, typer.Option(help="Seed of the random networks.", min=0)] = 0,
    device: DeviceName = "auto",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure the layers of a space on this machine; write a table that estimates latencies.

    A run file uses it as `hardware: {operators: latencies.json}`. The networks that are measured as a whole show how
    far its estimates are off.
    """
    from dataclasses import asdict

    from nas.evaluate.options import space_for
    from nas.hardware import Hardware
    from nas.hardware.measure_operators import measure_operators
    from nas.progress import make_display

    loaded = space_for(space, data)
    with make_display(quiet=quiet) as display:
        table = measure_operators(
            loaded,
            networks=networks,
            held_out=held_out,
            hardware=Hardware(threads=threads),
            device=device_of(device),
            seed=seed,
            on_event=display,
        )
    table.save(out)
    error = table.error
    if as_json:
        print_json(
            {"file": str(out), "layers": len(table.milliseconds), "machine": table.machine, "error": asdict(error)}
        )
        return
    print(f"{out}: {len(table.milliseconds):,} layers of {loaded.name} on {table.machine['device']}")
    print(
        f"On {error.networks} whole networks, estimates are off by {100 * error.relative:.0f} % on average, the median "
        f"of\nestimate / measured is {error.bias:.2f}, and the rank correlation is {error.spearman:.2f}."
    )
