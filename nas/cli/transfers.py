"""The command `nas transfer`."""

from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from nas.cli.app import DeviceName, Json, PassphraseFile, app, device_of, print_json
from nas.output import announced


@app.command()
def transfer(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Folder of a run, or of a network that `nas export` wrote, or an encrypted export.", metavar="RUN"
        ),
    ],
    data: Annotated[
        str, typer.Option(help="The new data: a file, a folder, or a name such as digits.", metavar="DATA")
    ],
    settings: Annotated[
        list[str] | None, typer.Argument(help="Settings of the data, such as target=price.", metavar="KEY=VALUE")
    ] = None,
    method: Annotated[
        str, typer.Option(help="probe: a linear layer; knn: nearest neighbours; tune: fine-tuning.")
    ] = "probe",
    layer: Annotated[
        str | None, typer.Option(help="Layer read as features; else what the last linear layer reads.")
    ] = None,
    samples: Annotated[
        int | None, typer.Option(help="Labelled samples used, to train and to validate; else all.", min=3)
    ] = None,
    recipe: Annotated[
        str, typer.Option(help="Recipe of trainings: quick, standard or thorough, of 300 steps at least.")
    ] = "standard",
    trunk_rate: Annotated[
        float, typer.Option(help="Of tune: learning rate of the trunk, as a fraction of the recipe's.")
    ] = 0.1,
    no_scratch: Annotated[bool, typer.Option("--no-scratch", help="Train no network from scratch beside it.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of the samples and the trainings.", min=0)] = 0,
    out: Annotated[Path | None, typer.Option(help="Write the network to this folder.", metavar="FOLDER")] = None,
    device: DeviceName = "auto",
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Use the features of a network for other data, beside a training from scratch.

    The data are prepared as those of the network were; their targets may be others. The folder that is written is one
    for `nas predict` and `nas export`.

    \b
    nas transfer runs/mnist --data data/fashion_mnist --samples 200
    nas transfer runs/mnist --data letters.csv --method tune --out letters
    """
    from nas.cli.passphrases import passphrase_of
    from nas.errors import UsageError
    from nas.evaluate.options import data_of
    from nas.reuse.text import show_transferred
    from nas.reuse.transfer import transfer as transferred
    from nas.reuse.transferred import Method, place_for
    from nas.training import RECIPES

    if method not in get_args(Method):
        raise UsageError(f"--method is {method!r}, expected {', '.join(get_args(Method))}")
    if recipe not in RECIPES:
        raise UsageError(f"--recipe is {recipe!r}, expected {', '.join(RECIPES)}")
    if not 0 < trunk_rate <= 1:
        raise UsageError(f"--trunk-rate is {trunk_rate:g}, expected more than 0, and 1 at most")
    if out is not None:
        place_for(cast(Method, method), out)
    passphrase = passphrase_of(folder, passphrase_file)
    with announced("training"):
        found = transferred(
            folder,
            data_of(data, settings or []),
            method=cast(Method, method),
            layer=layer,
            samples=samples,
            recipe=RECIPES[recipe],
            trunk_rate=trunk_rate,
            scratch=not no_scratch,
            seed=seed,
            device=device_of(device),
            passphrase=passphrase,
        )
    if out is not None:
        found.save(out)
    if as_json:
        print_json(found.to_dict())
        return
    for line in show_transferred(found):
        print(line)
    if out is not None:
        print(f"\nThe network is in {out}.")
