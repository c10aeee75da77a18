"""Normal forms of ops: what an op does where it stands, written so that ops that do the same are written alike.

Ids are made of normal forms (`nas/space/identity/canonical.py`), and nothing else is. `Op.normal` makes them.
"""

import hashlib
from collections.abc import Sequence
from typing import Literal, NamedTuple

Channels = Literal["alike", "mixed", "gathered", "placed"]
"""What an op does to the channels of its input, the first dimension:

* `alike`: it treats each of them as the others, with weights of its own or none. Channels in another order, and the
  weights with them, come out in that order.
* `mixed`: it makes each output channel of all of them by weights of its own, as a convolution without groups does. The
  order of what it reads, and that of what it gives, are orders of its weights.
* `gathered`: as `mixed`, but the channels that it gives have their places.
* `placed`: what is done to a channel depends on its place.
"""

KEY = 8
"""Bytes of a key."""


class Atom(NamedTuple):
    """A layer that is made of no others.

    Attributes:
        key: `KEY` bytes, equal for layers that do the same with the same weights.
        own: whether it has weights, or draws at random: two such layers are two, however equal.
        keeps_zero: whether it makes zeros of zeros, whatever its weights are.
        channels: what it does to them.
        input: the shape that it reads.
    """

    key: bytes
    own: bool
    keeps_zero: bool
    channels: Channels
    input: tuple[int, ...]


class Branches(NamedTuple):
    """Branches that read one value, and their sum, or their product element by element; without branches it is zero."""

    product: bool
    branches: tuple["Normal", ...]


Normal = tuple[Atom | Branches, ...]
"""One after another; without any, the input is given back."""


class Chain(NamedTuple):
    """Atoms one after another, of which all but the last one are read by the next one alone.

    Attributes:
        key: those of the atoms in a row.
        weighed: bytes of the key up to the first atom that is `own`, this included; 0: none is.
        tied: whether each output channel is made of the input channel in its place.
        reads_places: whether it makes a difference in which order it reads channels, if they are not tied.
        gives_places: whether its weights cannot bring its output channels into any order, if they are not tied.
        atoms: the atoms.
    """

    key: bytes
    weighed: int
    tied: bool
    reads_places: bool
    gives_places: bool
    atoms: tuple[Atom, ...]


class Fork(NamedTuple):
    """As `Branches`, of chains."""

    product: bool
    branches: tuple["Chained", ...]


Chained = tuple[Chain | Fork, ...]
"""A normal form whose atoms are in chains."""


def chained(normal: Normal) -> Chained:
    """The chains of a normal form."""
    found: list[Chain | Fork] = []
    atoms: list[Atom] = []
    for stage in (*normal, None):
        if isinstance(stage, Atom):
            atoms.append(stage)
            continue
        if atoms:
            found.append(chain(atoms))
            atoms = []
        if stage is not None:
            found.append(Fork(stage.product, tuple(map(chained, stage.branches))))
    return tuple(found)


def chain(atoms: Sequence[Atom]) -> Chain:
    """One chain of atoms."""
    key = b"".join(atom.key for atom in atoms)
    weighed = next((KEY * place for place, atom in enumerate(atoms, 1) if atom.own), 0)
    untied = [atom.channels for atom in atoms if atom.channels != "alike"]
    places = bool(untied) and untied[0] == "placed", bool(untied) and untied[-1] != "mixed"
    return Chain(key, weighed, not untied, *places, tuple(atoms))


IDENTITY: Normal = ()
ZERO: Normal = (Branches(product=False, branches=()),)


def digest(text: str) -> bytes:
    """`KEY` bytes that stand for a text."""
    return hashlib.blake2b(text.encode(), digest_size=KEY).digest()
