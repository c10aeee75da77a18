"""The captions of ops in drawings, and the families that colour them."""

from dataclasses import fields

from nas.ops import Merge, Op, Shape
from nas.ops.op import Family, show_shape


def caption(op: Op | Merge, input: Shape) -> list[str]:
    """The caption of an op: its name with the kernel, its width, and the arguments that differ from their defaults."""
    given = {field.name: getattr(op, field.name) for field in fields(op)}
    name = op.name
    if "kernel" in given:
        name += " " + show_shape([given["kernel"]] * max(1, len(input) - 1))
    said = {key: value for key, value in op.arguments().items() if key not in ("kernel", "bias")}
    parts = [name]
    for key in ("width", "units", "p"):
        if key in given:
            parts.append(_number(given[key]))
            said.pop(key, None)
    for key, value in said.items():
        if isinstance(value, bool):
            parts.append(key.replace("_", " ") if value else f"no {key.replace('_', ' ')}")
        else:
            parts.append(f"{key.replace('_', ' ')} {_number(value)}")
    return parts


def _number(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def family(op: Op | Merge) -> Family:
    """The family that colours an op; a merge has none."""
    return op.family if isinstance(op, Op) else "plain"
