"""Loads a space from YAML, and reports all problems of its file at once.

A file has `layers` (a list), and optionally `name`, `about` and `for` (what it is), `input`, `outputs`, `tokens`,
`categories` and `rate` (what a data set overrides), `limits` and `define`. `reader.py` reads the layers; docs/spaces.md
is the reference.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nas.arguments import checked
from nas.document import MAX_NAME, Node, describe, from_object, parse_document, read_document
from nas.errors import Diagnostic, Mark, SpecError, UsageError
from nas.ops import OPS, Cost, Op, Shape
from nas.space.architecture import Architecture
from nas.space.language.tree import Block, Point, Unclear, new_agenda, push_block
from nas.space.reading.keywords import KEYWORDS
from nas.space.reading.purpose import read_purpose
from nas.space.reading.reader import LayerReader
from nas.space.reading.samples import ANY, FROM_DATA, KEYS, DataLike, Sampled, known_of, read_samples, words_in
from nas.space.reading.suited import misfit
from nas.space.shipped import found_space
from nas.space.space import Space
from nas.space.walks.limits import Bound, Limits
from nas.space.walks.misfits import as_problems, find_misfits

TOP_KEYS = ("name", "about", "for", *KEYS, "limits", "define", "layers")
NOT_IN_SOURCE = ("about", "for", *KEYS)
"""Keys that do not belong to the content of a space (`Space.source`): those that data override, and those about it."""


@checked
def load_space(
    source: str | Path | Mapping[str, Any],
    *,
    data: DataLike | None = None,
    input: Shape | None = None,
    outputs: int | None = None,
    ops: Mapping[str, type[Op]] = OPS,
) -> Space:
    """Loads the space described by a YAML file, or by a mapping with the same content.

    Loading does not explore the space: whether it contains any architecture is known after the first walk, or after
    `Space.check`.

    Args:
        source: path of a file, the name of a space of Archwright (`nas list spaces`), or the content of a file as a
            mapping.
        data: data set that gives the input shape, the number of outputs and the other words of the data.
        input: shape of one sample without the batch dimension; overrides `data`, which overrides the file.
        outputs: number of outputs, likewise.
        ops: the table of ops; pass another one to add your own ops.

    Raises:
        SpecError: the file has problems; all of them are listed.
        UsageError: there is no such file, or the space is not for the data.
        StorageError: the file cannot be read.
    """
    file = None if isinstance(source, Mapping) else found_space(Path(source))
    node = from_object(source) if file is None else read_document(file)
    stem = "space" if file is None else file.stem
    space = _read_space(node, stem, ops, known_of(data, input, outputs))
    if data is not None and (problem := misfit(space.name, read_purpose(node), data)):
        raise UsageError(problem)
    return space


@checked
def parse_space(text: str, *, file: str = "<text>", input: Shape | None = None, outputs: int | None = None) -> Space:
    """Loads the space described by YAML text; `file` is its name in errors. Raises SpecError."""
    return _read_space(parse_document(text, file), "space", OPS, known_of(None, input, outputs))


def needs_data(node: Node) -> bool:
    """Whether a space file leaves its input to the data."""
    return isinstance(node.value, dict) and "input" in node.value and node.value["input"].value == FROM_DATA


def check_space(path: Path) -> Space:
    """Checks a space file for problems that do not depend on the data set; returns the space, for unknown samples.

    Raises:
        SpecError: the file has problems; all of them are listed.
        UsageError: there is no such file.
        StorageError: the file cannot be read.
    """
    file = found_space(path)
    space = _read_space(read_document(file), file.stem, OPS, known_of(None, ANY, None), alone=True)
    if misfits := _misfits(space.block, ANY, None, space.references, space.mark):
        raise SpecError(misfits)
    return space


def load_architecture(space: Space, path: str | Path) -> Architecture:
    """Loads a member of a space from a YAML or JSON file: the `architecture.yaml` of an export, or decisions by name.

    Raises:
        SpecError: the file has no decisions, or they are not those of a member.
        UsageError: there is no such file.
        StorageError: the file cannot be read.
    """
    node = read_document(Path(path))
    whole = node.value if isinstance(node.value, dict) else {}
    choices = whole.get("choices", node)
    if not isinstance(choices.value, dict) or any(isinstance(one.value, dict | list) for one in choices.value.values()):
        message = "not the decisions of an architecture"
        raise SpecError([Diagnostic(choices.mark, "", message, "decisions by name", describe(choices))])
    try:
        arch = space.rebuild(choices.plain())
    except UsageError as error:
        raise SpecError([Diagnostic(Mark(str(path)), "", f"not in the space {space.name}: {error}")]) from error
    if choices is not node and "id" in whole and whole["id"].value != arch.id:
        raise SpecError(
            [
                Diagnostic(
                    whole["id"].mark,
                    "id",
                    f"the id differs from that in the space {space.name}",
                    arch.id,
                    describe(whole["id"]),
                )
            ]
        )
    return arch


def _read_space(node: Node, stem: str, ops: Mapping[str, type[Op]], known: Sampled, *, alone: bool = False) -> Space:
    value = node.value
    if not isinstance(value, dict):
        message, expected = "a space must be a mapping", "a mapping with 'layers'"
        raise SpecError([Diagnostic(node.mark, "", message, expected, describe(node))])
    reader = LayerReader(ops, KEYWORDS)
    reader.unknown_keys(node, TOP_KEYS, "")
    name = reader.typed(value["name"], "name", str, "a name") if "name" in value else stem
    if name is not None and len(name.encode()) > MAX_NAME:
        reader.problem(value.get("name", node), "name", "a name is too long", f"at most {MAX_NAME} bytes")
    samples = read_samples(reader, node, known, alone=alone)
    if samples.input is None:
        place, expected = (value["input"], "a data set") if needs_data(node) else (node, "`input:` here, or a data set")
        reader.problem(place, "input", "the input shape is unknown", expected)
    read_purpose(node, reader)
    limits = _limits(reader, value["limits"]) if "limits" in value else Limits({})
    block = reader.space(value.get("define"), value.get("layers"), samples.words)
    if "layers" not in value:
        reader.problem(node, "", "the network is missing", "'layers'", describe(node))
    output = None if samples.outputs is None else (samples.outputs,)
    if reader.problems:
        misfits: Sequence[Diagnostic] = ()
        if "layers" in value and not reader.too_many:
            # Read once more, without conditions that never hold, to report problems of shapes as well.
            again = LayerReader(ops, KEYWORDS, reader.conditions.never)
            block = again.space(value.get("define"), value["layers"], samples.words)
            references = frozenset(again.conditions.references)
            misfits = _misfits(block, samples.input or ANY, output, references, value["layers"].mark)
        raise SpecError([*reader.problems, *misfits])
    return Space(
        name=name or stem,
        input=samples.input or (),
        output=output,
        block=block,
        limits=limits,
        source={key: child.plain() for key, child in value.items() if key not in NOT_IN_SOURCE},
        references=frozenset(reader.conditions.references),
        mark=value["layers"].mark,
        words=words_in(node, samples.words),
    )


def _misfits(
    block: Block, input: Shape, output: Shape | None, references: frozenset[str], mark: Mark
) -> list[Diagnostic]:
    """Problems of shapes, as far as the layers could be read."""
    if input == ANY:
        block = (("", Unclear(mark)), *block)
    start = Point(push_block(new_agenda, block, "", None, ()), input)
    return as_problems(find_misfits(start, output, references), mark)


def _limits(reader: LayerReader, node: Node) -> Limits:
    """`limits: {params: 50000, macs: {min: ..., max: ...}}`; a single number is the maximum."""
    bounds: dict[str, Bound] = {}
    if not isinstance(node.value, dict):
        reader.problem(node, "limits", "limits must be a mapping", "a mapping such as {params: 50000}", describe(node))
        return Limits({})
    reader.unknown_keys(node, Cost._fields, "limits")
    for name, child in node.value.items():
        path = f"limits.{name}"
        if not isinstance(child.value, dict):
            bounds[name] = Bound(0, reader.amount(child, path))
            continue
        reader.unknown_keys(child, ("min", "max"), path)
        ends = {key: reader.amount(end, f"{path}.{key}") for key, end in child.value.items()}
        least, greatest = ends.get("min") or 0, ends.get("max")
        if greatest is not None and least > greatest:
            reader.problem(child, path, "the minimum is above the maximum", f"at most {greatest:,}", f"{least:,}")
        bounds[name] = Bound(least, greatest)
    return Limits({name: bound for name, bound in bounds.items() if name in Cost._fields})
