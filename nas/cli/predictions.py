"""The command `nas predict`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nas.cli.app import DeviceName, app, device_of
from nas.output import announced, tell

if TYPE_CHECKING:
    from nas.prediction import Predictions

SHOWN, WIDTH, ANSWER = 20, 80, 30
"""The rows of the table in the terminal, its width, and the characters of a prediction."""


@app.command()
def predict(
    folder: Annotated[
        Path, typer.Argument(help="Folder of a run, or of a network that `nas export` copied.", metavar="RUN")
    ],
    inputs: Annotated[
        Path, typer.Argument(help="A file or a folder of samples like those of the training.", metavar="PATH")
    ],
    out: Annotated[Path | None, typer.Option(help="Write all predictions to this file.", metavar="FILE.csv")] = None,
    device: DeviceName = "auto",
    on_error: Annotated[str, typer.Option("--on-error", help="stop, or skip samples that cannot be read.")] = "stop",
) -> None:
    """Predict samples with the selected network of a run.

    Samples are prepared as those of the training were: images and sounds in a file or a folder; texts in a table, a
    folder of .txt files, or the lines of one; rows of a table with the same columns; arrays in a .npy or .npz file.
    """
    from typing import cast, get_args

    from nas.data.skipping import OnError
    from nas.errors import UsageError
    from nas.files import write_text
    from nas.prediction import predict

    if on_error not in get_args(OnError):
        raise UsageError(f"--on-error is {on_error!r}, expected {' or '.join(get_args(OnError))}")
    with announced("predicting"):
        found = predict(folder, inputs, device=device_of(device), on_error=cast(OnError, on_error))
    for note in found.notes:
        tell(note)
    if out is not None:
        write_text(out, found.to_csv())
        print(f"{out}: {len(found):,} prediction{'s' * (len(found) != 1)}")
        return
    for line in show_predictions(found):
        print(line)


def show_predictions(found: "Predictions") -> list[str]:
    """The first predictions as lines of a table, with the probability of a class that is predicted."""
    answers = [_cut(answer, ANSWER) for answer in found.answers[:SHOWN]]
    chances = []
    if found.probabilities is not None and found.labels is not None and found.labels.ndim == 1:
        chances = [f"{100 * float(row.max()):.1f} %" for row in found.probabilities[:SHOWN]]
    columns = {"prediction": answers, **({"probability": chances} if chances else {})}
    widths = {title: max(len(title), *map(len, cells)) for title, cells in columns.items()}
    room = WIDTH - sum(widths.values()) - 2 * len(widths)
    names = ["name", *(_cut(name, room) for name in found.names[:SHOWN])]
    size = max(map(len, names))
    lines = []
    for place, name in enumerate(names):
        cells = {title: [title, *column][place] for title, column in columns.items()}
        shown = [f"{cell:{'>' if title == 'probability' else '<'}{widths[title]}}" for title, cell in cells.items()]
        lines.append("  ".join([f"{name:<{size}}", *shown]).rstrip())
    if len(found) > SHOWN:
        lines.append(f"and {len(found) - SHOWN:,} more; --out FILE.csv writes all, with all probabilities")
    return lines


def _cut(text: str, width: int) -> str:
    """A text with its middle left out if it is longer."""
    if len(text) <= width:
        return text
    end = (width - 1) // 2
    return f"{text[: width - 1 - end]}…{text[len(text) - end :]}"
