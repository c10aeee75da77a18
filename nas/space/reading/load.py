"""Loads a space from YAML, and reports all problems of its file at once.

A file has `layers` (a list), and optionally `name`, `input` (shape of one sample), `outputs`, `limits` and `define`.
`reader.py` reads the layers; docs/spaces.md is the reference.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from nas.arguments import checked
from nas.document import MAX_NAME, Node, describe, from_object, parse_document, read_document
from nas.errors import Diagnostic, Mark, SpecError, UsageError
from nas.ops import OPS, Cost, Op, Shape
from nas.space.architecture import Architecture
from nas.space.language.tree import UNKNOWN, Block, Point, Unclear, new_agenda, push_block
from nas.space.reading.keywords import KEYWORDS
from nas.space.reading.place import OUTPUTS, Scope
from nas.space.reading.reader import LayerReader
from nas.space.space import Space
from nas.space.walks.limits import Bound, Limits
from nas.space.walks.misfits import as_problems, find_misfits

ANY: Shape = (UNKNOWN,) * 3
"""The shape of unknown samples."""

TOP_KEYS = ("name", "input", "outputs", "limits", "define", "layers")


class DataLike(Protocol):
    """What a space needs of a data set: the shape of one sample and the names of the outputs."""

    @property
    def shape(self) -> Shape: ...
    @property
    def outputs(self) -> tuple[str, ...]: ...


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
        source: path of a file, or its content as a mapping.
        data: data set that gives the input shape and the number of outputs.
        input: shape of one sample without the batch dimension; overrides `data`, which overrides the file.
        outputs: number of outputs, likewise.
        ops: the table of ops; pass another one to add your own ops.

    Raises:
        SpecError: the file has problems; all of them are listed.
        UsageError: there is no such file.
        StorageError: the file cannot be read.
    """
    node = from_object(source) if isinstance(source, Mapping) else read_document(Path(source))
    stem = "space" if isinstance(source, Mapping) else Path(source).stem
    if data is not None:
        input, outputs = input or tuple(data.shape), outputs or len(data.outputs)
    return _read_space(node, stem, ops, input, outputs)


@checked
def parse_space(text: str, *, file: str = "<text>", input: Shape | None = None, outputs: int | None = None) -> Space:
    """Loads the space described by YAML text; `file` is its name in errors. Raises SpecError."""
    return _read_space(parse_document(text, file), "space", OPS, input, outputs)


def check_space(path: Path) -> None:
    """Checks a space file for problems that do not depend on the data set.

    Raises:
        SpecError: the file has problems; all of them are listed.
        UsageError: there is no such file.
        StorageError: the file cannot be read.
    """
    space = _read_space(read_document(path), path.stem, OPS, ANY, UNKNOWN)
    if misfits := _misfits(space.block, ANY, None, space.references, space.mark):
        raise SpecError(misfits)


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


def _read_space(node: Node, stem: str, ops: Mapping[str, type[Op]], input: Shape | None, outputs: int | None) -> Space:
    value = node.value
    if not isinstance(value, dict):
        message, expected = "a space must be a mapping", "a mapping with 'layers'"
        raise SpecError([Diagnostic(node.mark, "", message, expected, describe(node))])
    reader = LayerReader(ops, KEYWORDS)
    reader.unknown_keys(node, TOP_KEYS, "")
    name = reader.typed(value["name"], "name", str, "a name") if "name" in value else stem
    if name is not None and len(name.encode()) > MAX_NAME:
        reader.problem(value.get("name", node), "name", "a name is too long", f"at most {MAX_NAME} bytes")
    if "input" in value and input is None:
        sizes = reader.typed(value["input"], "input", list[int], "a list of 1 to 3 positive sizes, channels first")
        if sizes is not None and not (1 <= len(sizes) <= 3 and min(sizes) > 0):
            reader.problem(value["input"], "input", "the shape is invalid", "1 to 3 positive sizes, channels first")
            sizes = None
        input = ANY if sizes is None else tuple(sizes)
    if "outputs" in value and outputs is None:
        outputs = reader.typed(value["outputs"], "outputs", int, "a positive number of outputs")
        if outputs is not None and outputs < 1:
            reader.problem(value["outputs"], "outputs", "the number of outputs is not positive", "1 or more")
        if outputs is None or outputs < 1:
            outputs = UNKNOWN
    if input is None:
        reader.problem(node, "input", "the input shape is unknown", "`input:` here, or a data set")
    limits = _limits(reader, value["limits"]) if "limits" in value else Limits({})
    scope: Scope = {} if outputs is None else {OUTPUTS: (outputs,)}
    block = reader.space(value.get("define"), value.get("layers"), scope)
    if "layers" not in value:
        reader.problem(node, "", "the network is missing", "'layers'", describe(node))
    output = None if outputs in (None, UNKNOWN) else (outputs,)
    if reader.problems:
        misfits: Sequence[Diagnostic] = ()
        if "layers" in value and not reader.too_many:
            # Read once more, without conditions that never hold, to report problems of shapes as well.
            again = LayerReader(ops, KEYWORDS, reader.conditions.never)
            block = again.space(value.get("define"), value["layers"], scope)
            references = frozenset(again.conditions.references)
            misfits = _misfits(block, input or ANY, output, references, value["layers"].mark)
        raise SpecError([*reader.problems, *misfits])
    return Space(
        name=name or stem,
        input=input or (),
        output=output,
        block=block,
        limits=limits,
        source={key: child.plain() for key, child in value.items() if key not in ("input", "outputs")},
        references=frozenset(reader.conditions.references),
        mark=value["layers"].mark,
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
