"""Reads `sequence`: the steps of a grammar, their number, and the dropouts between them."""

from dataclasses import replace

from nas.document import Node, describe
from nas.errors import Diagnostic
from nas.ops import Dropout
from nas.space.language.sequence import END, START, Dropouts, SequencePart, Step
from nas.space.language.tree import Part, join
from nas.space.reading.aliases import nearest
from nas.space.reading.place import LABEL, MAX_COPIES, Place, field_types
from nas.space.reading.reader import LayerReader

STEP_KEYS = ("layers", "after", "max", "when", "last")
DROPOUT_KEYS = ("p", "every", "after", "except", "beyond")


def read_sequence(reader: LayerReader, node: Node, value: dict[str, Node], place: Place) -> Part | None:
    """`sequence: {step: {layers: [...], ...}, ...}` with `depth`, and optionally `dropout`."""
    given = value["sequence"]
    if not isinstance(given.value, dict) or not given.value:
        reader.problem(given, place.path, "a sequence has no steps", "a mapping of names to steps", describe(given))
        return None
    before = len(reader.problems)
    names = tuple(given.value)
    for reserved in {START, END} & set(names):
        reader.problem(given.value[reserved], place.path, "this step name is reserved", "another name")
    for name, child in given.value.items():
        if not LABEL.fullmatch(name):
            mark = given.keys.get(name, child.mark)
            expected = "letters, digits, underscores and hyphens, with at least one letter"
            reader.problems.append(Diagnostic(mark, place.path, f"{name!r} is not a valid step name", expected))
    inside = place / "*"
    with reader.conditions.copies(inside.pattern):
        steps = [_step(reader, name, child, names, inside) for name, child in given.value.items()]
        least, most = _depth(reader, node, value, place, ends=any(step.last for step in steps))
        dropout = _dropouts(reader, value["dropout"], names, place / "dropout") if "dropout" in value else None
        reader.decides(inside.pattern, (*names, END))
        doubtful = len(reader.problems) > before
        steps = [
            replace(step, body=reader.inner(_layers_of(child), inside / name))
            for step, (name, child) in zip(steps, given.value.items(), strict=True)
        ]
    return None if doubtful else SequencePart(node.mark, tuple(steps), least, most, dropout, reader.forgets)


def _step(reader: LayerReader, name: str, node: Node, names: tuple[str, ...], place: Place) -> Step:
    """A step without its layers, since conditions are evaluated before the layers are decided."""
    path = (place / name).path
    if not isinstance(node.value, dict):
        reader.problem(node, path, "a step must be a mapping", "a mapping with 'layers'", describe(node))
        return Step(name, (), None, None, None, last=False)
    value = node.value
    reader.unknown_keys(node, STEP_KEYS, path)
    if "layers" not in value:
        reader.problem(node, path, "a step has no layers", "'layers: [...]'", describe(node))
    after = _names(reader, value["after"], (START, *names), f"{path}.after") if "after" in value else None
    most = reader.amount(value["max"], f"{path}.max") if "max" in value else None
    return Step(name, (), after, most, reader.condition(node, place), reader.flag(value, "last", path))


def _layers_of(step: Node) -> Node:
    """The layers of a step; empty if a problem has been reported."""
    none = Node([], step.mark)
    return step.value.get("layers", none) if isinstance(step.value, dict) else none


def _depth(reader: LayerReader, node: Node, value: dict[str, Node], place: Place, *, ends: bool) -> tuple[int, int]:
    """`depth: N` or `depth: {min: N, max: N}`: the minimum and maximum number of steps. `ends`: some are `last`."""
    least, most = 0 if ends else 1, 0
    if "depth" not in value:
        reader.problem(node, place.path, "the depth is missing", "'depth: N', the maximum number of steps")
        return least, most
    before, depth = len(reader.problems), value["depth"]
    path = join(place.path, "depth")
    if isinstance(depth.value, dict):
        reader.unknown_keys(depth, ("min", "max"), path)
        least = reader.amount(depth.value["min"], join(path, "min")) if "min" in depth.value else least
        if "max" in depth.value:
            most = reader.amount(depth.value["max"], join(path, "max"))
        else:
            reader.problem(depth, place.path, "the depth is missing", "'max'", describe(depth))
    else:
        most = reader.amount(depth, path)
    if not least <= most <= MAX_COPIES and len(reader.problems) == before:
        expected = f"0 to {MAX_COPIES} steps, and min not above max"
        reader.problem(depth, place.path, "the depth is out of range", expected, describe(depth))
    return least, most


def _names(reader: LayerReader, node: Node, known: tuple[str, ...], path: str) -> tuple[str, ...]:
    """A list of names of steps."""
    names = node.value if isinstance(node.value, list) else [node]
    for one in names:
        if one.value not in known:
            suggestion = nearest(str(one.value), list(known))
            message = "no such step"
            reader.problems.append(Diagnostic(one.mark, path, message, ", ".join(known), describe(one), suggestion))
    return tuple(str(one.value) for one in names)


def _dropouts(reader: LayerReader, node: Node, names: tuple[str, ...], place: Place) -> Dropouts | None:
    """`dropout: {p: 0.5, every: 2, after: [...], except: [...], beyond: true}`."""
    if not isinstance(node.value, dict) or "p" not in node.value:
        reader.problem(node, place.path, "the rate is missing", "a mapping with 'p'", describe(node))
        return None
    value = node.value
    reader.unknown_keys(node, DROPOUT_KEYS, place.path)
    p = reader.literal(value["p"], field_types(Dropout)["p"], place / "p")
    every = reader.amount(value["every"], join(place.path, "every")) if "every" in value else 0
    after = _names(reader, value["after"], names, f"{place.path}.after") if "after" in value else ()
    without = _names(reader, value["except"], names, f"{place.path}.except") if "except" in value else ()
    beyond = reader.flag(value, "beyond", place.path)
    return Dropouts(p, every, after, without, beyond) if isinstance(p, int | float) and p > 0 else None
