"""The command `nas data`: data as they are read, before a search."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nas.cli.app import Json, app, print_json

if TYPE_CHECKING:
    from nas.data import Augment, Dataset


@app.command("data")
def show_data(
    file: Annotated[str, typer.Argument(help="A file or a folder of data, or a run file.", metavar="DATA")],
    settings: Annotated[
        list[str] | None,
        typer.Argument(help="Settings, such as target=price; of a run file, values to replace.", metavar="KEY=VALUE"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write summary.json and pictures of samples to this folder.", metavar="FOLDER")
    ] = None,
    no_suspects: Annotated[
        bool,
        typer.Option("--no-suspects", help="Look for no targets that may be wrong, which takes up to half a minute."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what data are: classes, columns, duplicates, doubtful targets, samples."""
    from nas.data_summary import summarize_data
    from nas.data_summary.samples import choose_samples, draw_samples, is_drawn, write_samples
    from nas.data_summary.samples.drawn import COPIES, COUNTS
    from nas.data_summary.samples.written import COUNT
    from nas.data_summary.terminal import lines_of
    from nas.files import make_folder, write_bytes, write_text
    from nas.output import announced

    with announced("reading the data, and looking for targets that may be wrong"):
        data, augment = _read(file, settings or [])
        summary = summarize_data(data, suspects=not no_suspects)
    if as_json:
        print_json(summary.to_dict())
    else:
        for line in lines_of(summary):
            print(line)
    if is_drawn(data):
        if out is not None:
            count = COUNTS[data.input.modality]
            chosen = choose_samples(data, count, augment, copies=COPIES if data.input.modality == "image" else 1)
            make_folder(out)
            write_bytes(out / "samples.png", draw_samples(data, chosen))
    elif not as_json:
        print("\nSamples of the training part")
        for line in write_samples(data, choose_samples(data, COUNT, augment)):
            print(f"  {line}")
    if out is not None:
        make_folder(out)
        write_text(out / "summary.json", json.dumps(summary.to_dict(), indent=1, ensure_ascii=False) + "\n")
        if not as_json:
            print(f"\nThe summary {'and the samples are' if is_drawn(data) else 'is'} in {out}.")


def _read(file: str, settings: list[str]) -> "tuple[Dataset, Augment | None]":
    """The data, and the augmentation of a run file. Raises UsageError, StorageError or IntegrityError."""
    from nas.data import Augment

    path = Path(file)
    if path.suffix.lower() in (".yaml", ".yml"):
        from nas.evaluate.evaluation import make_data
        from nas.runs.config import load_config

        config = load_config(path, settings)
        searched = config.evaluator.full.get("augment")
        return make_data(config), searched if isinstance(searched, Augment) else config.final.recipe.augment
    from nas.evaluate.options import data_of

    return data_of(file, settings), None
