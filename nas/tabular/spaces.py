"""The spaces of tables: space files of Archwright, for the samples of a table."""

from functools import cache

from nas.ops import Shape
from nas.space import Space, load_space
from nas.space.shipped import space_file


@cache
def shipped_space(name: str, input: Shape | None = None, outputs: int | None = None) -> Space:
    """A space by its name, cached for the process."""
    return load_space(space_file(name), input=input, outputs=outputs)
