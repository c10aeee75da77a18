"""What options of a command say of the evaluation of architectures, in the words of run files."""

from collections.abc import Sequence
from pathlib import Path

from nas.data import Dataset
from nas.document import Node, parse_document
from nas.errors import Mark
from nas.evaluate.evaluation import PARTS, Evaluation, make_data
from nas.evaluate.space_of import load_for
from nas.settings import Override, read_file
from nas.settings.overrides import override
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


def data_of(data: str, settings: Sequence[str]) -> Dataset:
    """The data set that an argument names, with settings as further arguments.

    Args:
        data: the path of a file or a folder, relative to the working folder, or the name of a source.
        settings: `key=value` of the source, and `task=NAME`.

    Raises:
        SpecError: there are no such data or settings.
        UsageError, StorageError, IntegrityError: they cannot be read.
    """
    given = [Override.parsed(text) for text in settings]
    mark = Mark("DATA")
    of_source = override(Node({}, mark), [one for one in given if one.path != ("task",)])
    about = override(Node({}, mark), [one for one in given if one.path == ("task",)])
    nodes = {
        "space": Node(str(Path(__file__)), mark),
        "data": Node({data: of_source}, mark),
        **(about.value if isinstance(about.value, dict) else {}),
    }
    return make_data(read_file(Evaluation, Node(nodes, mark), Path.cwd() / "options", PARTS).whole())
