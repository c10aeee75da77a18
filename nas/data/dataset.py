"""Data sets, as arrays in memory."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.arguments import checked
from nas.data.input_spec import InputSpec, spec_of_arrays
from nas.data.intake import Intake
from nas.data.moments import Moments
from nas.data.origin import Origin
from nas.data.pool import Pool, Unprepared
from nas.data.preparation import Preparation
from nas.data.preparation.arrays import Arrays
from nas.data.raw import RawInputs
from nas.data.reading.form import PLAIN, FileForm
from nas.data.samples import Samples
from nas.data.streamed import Streamed
from nas.modality import Modality, modalities_of
from nas.ops import Shape
from nas.tasks import Task


@checked
@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set in three parts, and the task that networks are trained for.

    Attributes:
        name: for reports.
        train: the training samples.
        val: the validation samples, on which architectures and epochs are selected.
        test: the test samples, used once, for the selected network; None if there are none.
        task: what is predicted, with the names of the outputs (such as the classes).
        groups: the group of each training sample, then of each validation sample, from 0, `(N,)` int64: samples of one
            group, such as the recordings of one speaker, belong on one side of a split. None: there are no groups.
        preparation: how the inputs were prepared; None: they are arrays that were given as such.
        raws: the raw inputs of each part, by name, which the folds of a cross-validation and networks of other data
            prepare anew; empty: there is no preparation, or they are not kept.
        notes: what a reader should know of how the data were read, a sentence each: what was inferred, and what was
            left out.
        origins: where the samples of each part come from; empty: nothing is known of that.
        files: how files with further samples are written, for predictions.
        times: the time of each training sample, then of each validation sample, `(N,)` numbers or `datetime64`: samples
            are divided by it. None: they have no order.
    """

    name: str
    train: Samples
    val: Samples
    test: Samples | None
    task: Task
    groups: NDArray[np.int64] | None = None
    preparation: Preparation | None = None
    raws: Mapping[str, RawInputs] = field(default_factory=dict, repr=False)
    notes: tuple[str, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict, repr=False)
    files: FileForm = PLAIN
    times: NDArray[Any] | None = None

    @property
    def parts(self) -> Mapping[str, Samples]:
        """The parts that there are, by name: `train`, `val` and perhaps `test`."""
        parts = {"train": self.train, "val": self.val, "test": self.test}
        return {name: part for name, part in parts.items() if part is not None}

    def name_of(self, part: str, place: int) -> str:
        """The name of a sample of a part: its file or its line where that is known, else its place."""
        origin = self.origins.get(part)
        return f"{part} {place}" if origin is None else origin.name(place)

    @property
    def shape(self) -> Shape:
        """The shape of one sample: `(F,)`, `(C, L)` or `(C, H, W)`."""
        return tuple(self.train.inputs.shape[1:])

    @property
    def input(self) -> InputSpec:
        """What the inputs are."""
        return spec_of_arrays(self.shape) if self.preparation is None else self.preparation.input

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """The kinds of inputs that these may be: arrays do not say whether they are, for example, rows or texts."""
        return modalities_of(self.shape) if self.preparation is None else (self.input.modality,)

    @property
    def intake(self) -> Intake:
        """How further samples become inputs of the networks; arrays are checked, and taken as they are."""
        preparation: Preparation | None = self.preparation
        if preparation is None:
            is_bytes = self.train.inputs.dtype == np.uint8
            preparation = Arrays(self.input.modality, self.shape, "uint8" if is_bytes else "float32")
        return Intake(self.name, preparation, self.files)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the outputs of a network: the classes, or the targets of a regression."""
        return self.task.outputs

    @cached_property
    def mean(self) -> NDArray[np.float32]:
        """The mean of the training inputs, by which networks normalise them: see `InputSpec.moments`."""
        return self._moments[0]

    @cached_property
    def std(self) -> NDArray[np.float32]:
        """The standard deviation of the training inputs, likewise; 1 for constant channels."""
        return self._moments[1]

    @cached_property
    def _moments(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        if isinstance(self.train.inputs, Streamed):
            return self._streamed_once[0]
        return self.input.moments(self.train.inputs)

    @cached_property
    def pool(self) -> Pool:
        """The training and validation samples as one part: what cross-validation divides."""
        unprepared = None
        if self.preparation is not None and self.preparation.fits and self.raws:
            unprepared = Unprepared(self.raws["train"], self.raws["val"], self.preparation)
        return Pool(self.train, self.val, self.task, self.input, unprepared)

    @cached_property
    def fingerprint(self) -> str:
        """64 hexadecimal digits (SHA-256) of all prepared samples, their split, groups, times and names of outputs.

        It does not depend on where prepared inputs are kept.
        """
        return self._streamed_once[1] if isinstance(self.train.inputs, Streamed) else self._digest()

    @cached_property
    def _streamed_once(self) -> tuple[tuple[NDArray[np.float32], NDArray[np.float32]], str]:
        """The moments and the fingerprint of streamed inputs, for which all of them are prepared once."""
        moments = Moments()
        fingerprint = self._digest(moments)
        return self.input.normalised(moments), fingerprint

    def _digest(self, moments: Moments | None = None) -> str:
        """The fingerprint; the training inputs are added to `moments` on the way, if they have some."""
        digest = hashlib.sha256(repr(self.outputs).encode())
        for samples in self.parts.values():
            for array in samples:
                digest.update(f"{array.dtype.str}{array.shape}".encode())
                for block in array.in_order() if isinstance(array, Streamed) else (array,):
                    digest.update(np.ascontiguousarray(block).data)
                    if moments is not None and array is self.train.inputs and self.input.tokens is None:
                        moments.add(block)
        if self.groups is not None:
            digest.update(b"groups" + self.groups.tobytes())
        if self.times is not None:
            digest.update(f"times{self.times.dtype.str}".encode() + self.times.tobytes())
        if self.preparation is not None:
            digest.update(repr(self.preparation).encode())
        return digest.hexdigest()
