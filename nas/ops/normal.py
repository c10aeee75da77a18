"""Normal forms of ops: ops that compute the same have equal normal forms.

Only ids use them (`nas/space/identity/canonical.py`). `Op.normal` returns them.
"""

import hashlib
from collections.abc import Sequence
from typing import Literal, NamedTuple

Channels = Literal["alike", "mixed", "gathered", "placed"]
"""How an op treats the channels of its input, the first dimension:

* `alike`: each channel is treated the same, with its own weights or none. A permutation of the input channels, and of
  the weights with them, permutes the output channels.
* `mixed`: each output channel is computed from all input channels with its own weights, as in a convolution without
  groups. Permuting the input or the output channels amounts to permuting weights.
* `gathered`: as `mixed`, but the positions of the output channels matter.
* `placed`: what happens to a channel depends on its position.
"""

KEY = 8
"""Bytes of a key."""


class Atom(NamedTuple):
    """A layer that is not composed of other layers.

    Attributes:
        key: `KEY` bytes, equal for layers that compute the same with the same weights.
        own: whether it has weights or is random: two such layers are distinct, however equal.
        keeps_zero: whether zeros give zeros, whatever its weights are.
        channels: how it treats them.
        input: shape of its input.
    """

    key: bytes
    own: bool
    keeps_zero: bool
    channels: Channels
    input: tuple[int, ...]


class Branches(NamedTuple):
    """The sum of branches that read the same value, or their elementwise product; zero if there are none."""

    product: bool
    branches: tuple["Normal", ...]


Normal = tuple[Atom | Branches, ...]
"""Stages in sequence; the identity if there are none."""


class Chain(NamedTuple):
    """Atoms in sequence; each but the last is read by the next one only.

    Attributes:
        key: the keys of the atoms, concatenated.
        weighed: bytes of the key up to and including the first atom that is `own`; 0 if none is.
        tied: whether each output channel is computed from the input channel at its position.
        reads_places: if not tied, whether the order of the input channels matters.
        gives_places: if not tied, whether the order of the output channels matters, being none of its weights.
        atoms: the atoms.
    """

    key: bytes
    weighed: int
    tied: bool
    reads_places: bool
    gives_places: bool
    atoms: tuple[Atom, ...]


class Fork(NamedTuple):
    """`Branches`, as chains."""

    product: bool
    branches: tuple["Chained", ...]


Chained = tuple[Chain | Fork, ...]
"""A normal form whose atoms are joined into chains."""


def chained(normal: Normal) -> Chained:
    """A normal form with its atoms joined into chains."""
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
    """The chain of these atoms."""
    key = b"".join(atom.key for atom in atoms)
    weighed = next((KEY * place for place, atom in enumerate(atoms, 1) if atom.own), 0)
    untied = [atom.channels for atom in atoms if atom.channels != "alike"]
    places = bool(untied) and untied[0] == "placed", bool(untied) and untied[-1] != "mixed"
    return Chain(key, weighed, not untied, *places, tuple(atoms))


IDENTITY: Normal = ()
ZERO: Normal = (Branches(product=False, branches=()),)


def digest(text: str) -> bytes:
    """The hash of a text, `KEY` bytes."""
    return hashlib.blake2b(text.encode(), digest_size=KEY).digest()
