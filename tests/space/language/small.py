"""Small spaces, and what they hold in a few words."""

from typing import Any

from nas.space import Architecture, Space, parse_space


def space_of(layers: str, input: str = "[4]", **top: str) -> Space:
    head = "".join(f"{key}: {value}\n" for key, value in top.items())
    return parse_space(f"input: {input}\n{head}layers: {layers}")


def texts_of(arch: Architecture) -> list[str]:
    return [layer.op.text for layer in arch.layers]


def wires_of(arch: Architecture) -> list[tuple[str, tuple[int, ...]]]:
    return [(layer.op.name, layer.inputs) for layer in arch.layers]


def decided_in(space: Space) -> list[tuple[Any, ...]]:
    return [tuple(dict(arch.choices).values()) for arch in space]
