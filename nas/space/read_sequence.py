"""Reads `sequence`: the steps of a grammar, how many there may be, and the dropouts between them."""

from typing import TYPE_CHECKING

from nas.document import Node, describe
from nas.errors import Problem
from nas.ops import Dropout
from nas.space.aliases import nearest
from nas.space.condition import Condition
from nas.space.read_values import LABEL, MAX_COPIES, Place, field_types
from nas.space.sequence import END, START, Dropouts, SequencePart, Step
from nas.space.tree import Part, join

if TYPE_CHECKING:
    from nas.space.read import LayerReader

STEP_KEYS = ("layers", "after", "max", "when", "last")
DROPOUT_KEYS = ("p", "every", "after", "except", "beyond")


def read_sequence(reader: "LayerReader", node: Node, value: dict[str, Node], place: Place) -> Part | None:
    """`sequence: {step: {layers: [...], ...}, ...}` with `depth` and perhaps `dropout`."""
    given = value["sequence"]
    if not isinstance(given.value, dict) or not given.value:
        reader.problem(given, place.path, "a sequence has no steps", "a mapping of names to steps", describe(given))
        return None
    before = len(reader.problems)
    names = tuple(given.value)
    for reserved in {START, END} & set(names):
        reader.problem(given.value[reserved], place.path, "this step's name has a meaning already", "another name")
    for name, child in given.value.items():
        if not LABEL.fullmatch(name):
            mark, expected = (
                given.keys.get(name, child.mark),
                "letters, digits, underscores, hyphens; one letter at least",
            )
            reader.problems.append(Problem(mark, place.path, f"{name!r} is no name of a step", expected))
    inside = place / "*"
    with reader.conditions.copies(inside.pattern):
        conditions = {name: reader.condition(child, inside) for name, child in given.value.items()}
        reader.decides(inside.pattern, (*names, END))
        steps = [_step(reader, name, child, names, inside, conditions[name]) for name, child in given.value.items()]
    ends = any(step.last for step in steps if step is not None)
    least, most = 0 if ends else 1, 0
    if "depth" not in value:
        reader.problem(node, place.path, "the depth is missing", "'depth: N', the most steps there may be")
    elif isinstance(value["depth"].value, dict):
        depth = value["depth"].value
        reader.unknown_keys(value["depth"], ("min", "max"), join(place.path, "depth"))
        least = reader.amount(depth["min"], join(place.path, "depth.min")) if "min" in depth else least
        if "max" not in depth:
            reader.problem(value["depth"], place.path, "the depth is missing", "'max'", describe(value["depth"]))
        else:
            most = reader.amount(depth["max"], join(place.path, "depth.max"))
    else:
        most = reader.amount(value["depth"], join(place.path, "depth"))
    if not least <= most <= MAX_COPIES and len(reader.problems) == before:
        expected = f"0 to {MAX_COPIES} steps, and min not above max"
        reader.problem(value["depth"], place.path, "no such depth", expected, describe(value["depth"]))
    dropout = _dropouts(reader, value["dropout"], names, place / "dropout") if "dropout" in value else None
    if len(reader.problems) > before:
        return None
    known = tuple(step for step in steps if step is not None)
    return SequencePart(node.mark, known, least, most, dropout, reader.forgets)


def _step(
    reader: "LayerReader", name: str, node: Node, names: tuple[str, ...], place: Place, when: Condition | None
) -> Step | None:
    path = (place / name).path
    if not isinstance(node.value, dict):
        reader.problem(node, path, "a step is a mapping", "a mapping with 'layers'", describe(node))
        return None
    value = node.value
    reader.unknown_keys(node, STEP_KEYS, path)
    body = reader.inner(value["layers"], place / name) if "layers" in value else None
    if "layers" not in value:
        reader.problem(node, path, "a step has no layers", "'layers: [...]'", describe(node))
    after = _names(reader, value["after"], (START, *names), f"{path}.after") if "after" in value else None
    most = reader.amount(value["max"], f"{path}.max") if "max" in value else None
    return Step(name, body or (), after, most, when, reader.flag(value, "last", path))


def _names(reader: "LayerReader", node: Node, known: tuple[str, ...], path: str) -> tuple[str, ...]:
    """A list of names of steps."""
    names = node.value if isinstance(node.value, list) else [node]
    for one in names:
        if one.value not in known:
            suggestion = nearest(str(one.value), list(known))
            message = "no such step"
            reader.problems.append(Problem(one.mark, path, message, ", ".join(known), describe(one), suggestion))
    return tuple(str(one.value) for one in names)


def _dropouts(reader: "LayerReader", node: Node, names: tuple[str, ...], place: Place) -> Dropouts | None:
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
