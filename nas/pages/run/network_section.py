"""The selected network, layer by layer."""

from collections.abc import Mapping
from typing import Any

from nas.formatting import (
    show_count,
    show_value,
)
from nas.ops.op import show_shape
from nas.pages.run.final_network import found
from nas.pages.run.run_summary import RunSummary
from nas.space.drawing.draw import draw


def network_section(run: RunSummary) -> Mapping[str, Any] | None:
    """The chosen network, or the best so far: its drawing, and layer by layer."""
    arch = run.network
    if arch is None:
        return None
    values = ("input", *arch.names)
    layers = [
        {
            "name": name,
            "op": layer.op.name,
            "arguments": ", ".join(f"{key} {show_value(value)}" for key, value in layer.op.arguments().items()),
            "reads": "" if layer.inputs == (index,) else ", ".join(values[read] for read in layer.inputs),
            "output": show_shape(layer.output),
            "params": show_count(layer.cost.params) if layer.cost.params else "",
            "macs": show_count(layer.cost.macs) if layer.cost.macs else "",
        }
        for index, (name, layer) in enumerate(zip(arch.names, arch.layers, strict=True))
    ]
    return {
        "title": "The selected network" if run.chosen else f"The best network {found(run)}",
        "id": arch.id,
        "input": show_shape(arch.input),
        "drawing": draw(arch),
        "layers": layers,
        "params": show_count(arch.params),
        "macs": show_count(arch.macs),
        "choices": [(name, show_value(value)) for name, value in arch.choices],
    }
