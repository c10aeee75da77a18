"""What options of a command say of the evaluation of architectures, in the words of run files."""

from pathlib import Path

from nas.document import Node, parse_document
from nas.errors import Mark
from nas.evaluate.evaluation import PARTS, Evaluation, make_data
from nas.evaluate.space_of import load_for
from nas.settings import read_file
from nas.space import Space, load_space
from nas.training.device import Device


def evaluation_of(space: Path | None, data: str, evaluator: str | None, device: Device) -> Evaluation:
    """The options as a file would say them.

    Args:
        space: a space file, a name or `auto`, as in a run file; None: the space is not used.
        data, evaluator: a name, or `{name: settings}`; without an evaluator, the default one.
        device: where networks are trained.

    Raises:
        SpecError: something that the options name cannot be used; the places are those in the options.
    """
    here = Path.cwd() / "options"
    nodes = {"data": parse_document(data, "--data"), "device": Node(device, Mark("--device"))}
    # A table has a space of its own; any existing file stands for it.
    nodes["space"] = Node(str(Path(__file__) if space is None else space), Mark("SPACE"))
    if evaluator is not None:
        nodes["evaluator"] = parse_document(evaluator, "--evaluator")
    return read_file(Evaluation, Node(nodes, Mark("options")), here, PARTS).whole()


def space_for(space: Path, data: str | None) -> Space:
    """A space, for a data set, both named as in a run file. Raises UsageError (SpecError)."""
    if data is None:
        return load_space(space)
    evaluation = evaluation_of(space, data, None, "cpu")
    return load_for(evaluation.space, make_data(evaluation))
