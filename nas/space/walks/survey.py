"""The record that describes a space."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nas.ops import Cost, Shape
from nas.space.architecture import Architecture
from nas.space.choice import Outline, Value

QUANTILES: Mapping[str, float] = {"min": 0, "q25": 0.25, "median": 0.5, "q75": 0.75, "max": 1}


@dataclass(frozen=True)
class Survey:
    """The size and the options of a space, and the costs of a uniform sample.

    Attributes:
        name: name of the space.
        input: shape of one sample.
        output: required output shape; None: any.
        size: exact number of architectures; None if limits make counting too costly.
        size_note: `exact`, or an estimate.
        universe: all options of each decision, in order of the walk.
        reached: the options of each decision that some architecture takes.
        outlines: a uniform sample.
        example: its first architecture.
    """

    name: str
    input: Shape
    output: Shape | None
    size: int | None
    size_note: str
    universe: Mapping[str, tuple[Value, ...]]
    reached: Mapping[str, tuple[Value, ...]]
    outlines: tuple[Outline, ...]
    example: Architecture

    @cached_property
    def choices(self) -> Mapping[str, tuple[Value, ...]]:
        """The decisions that some architecture reaches, with the options that some architecture takes."""
        return {name: options for name, options in self.reached.items() if options}

    @cached_property
    def unreached(self) -> Mapping[str, tuple[Value, ...]]:
        """The decisions with options that no architecture takes, with these options."""
        return {
            name: tuple(option for option in options if option not in self.reached[name])
            for name, options in self.universe.items()
            if len(self.reached[name]) < len(options)
        }

    @cached_property
    def costs(self) -> Mapping[str, list[int]]:
        """The parameters and MACs of the sample."""
        columns = zip(*(outline.cost for outline in self.outlines), strict=True)
        return dict(zip(Cost._fields, map(list, columns), strict=True))

    def quantiles(self, name: str) -> dict[str, int]:
        """The `QUANTILES` of a cost, without interpolation."""
        values = np.quantile(np.array(self.costs[name]), list(QUANTILES.values()), method="nearest")
        return dict(zip(QUANTILES, map(int, values), strict=True))

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "name": self.name,
            "input": list(self.input),
            "output": None if self.output is None else list(self.output),
            "size": self.size,
            "size_note": self.size_note,
            "choices": {name: list(options) for name, options in self.choices.items()},
            "unreached": {name: list(options) for name, options in self.unreached.items()},
            "samples": len(self.outlines),
            **{name: self.quantiles(name) for name in Cost._fields},
        }
