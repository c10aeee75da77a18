"""What a smaller form of a model gains and loses, and the rule by which it is handed over."""

from dataclasses import dataclass
from typing import NamedTuple

from nas.formatting import show_bytes, show_metric, show_percent
from nas.pages.run.final_network import title_of
from nas.trial import Direction

BATCH = 64
"""The samples of the larger of the two batches that are timed."""

FASTER = 0.05
"""The share of the time that is saved at least; less is noise."""

LOST = 0.01
"""The share of the metric that may be lost: MLPerf asks for 99 % of the quality in float32 (Reddi et al. 2020, MLPerf
Inference Benchmark)."""

RULE = (
    f"a smaller file, {show_percent(FASTER, decimals=0)} less time for one sample and for {BATCH}, and at most "
    f"{show_percent(LOST, decimals=0)} of the metric lost"
)
"""When a smaller form is handed over."""


class Change(NamedTuple):
    """A figure of the model, and that of its smaller form."""

    before: float
    after: float


@dataclass(frozen=True)
class Gain:
    """A smaller form of a model measured against the model, in the same runtime on one thread.

    Attributes:
        size: of the files, in bytes.
        single: the time for one sample, in milliseconds: medians of repetitions in turn.
        batch: the time for `BATCH` samples, likewise.
        metric: the objective of the task on the validation data, such as `val_acc`.
        direction: whether more of the metric is better.
        quality: its values.
    """

    size: Change
    single: Change
    batch: Change
    metric: str
    direction: Direction
    quality: Change

    @property
    def pays(self) -> bool:
        """Whether the smaller form is handed over: `RULE`."""
        faster = all(time.after <= (1 - FASTER) * time.before for time in (self.single, self.batch))
        lost = self.quality.before - self.quality.after
        if self.direction == "minimize":
            lost = -lost
        return self.size.after < self.size.before and faster and lost <= LOST * abs(self.quality.before)

    @property
    def text(self) -> str:
        """The figures in a phrase."""
        size, quality = self.size, self.quality
        metric = title_of(self.metric)
        return (
            f"{show_bytes(int(size.after))} instead of {show_bytes(int(size.before))}; {_times(self.single)} for one "
            f"sample and {_times(self.batch)} for {BATCH}, on one thread; {metric[0].lower()}{metric[1:]} "
            f"{show_metric(self.metric, quality.after)} instead of {show_metric(self.metric, quality.before)}"
        )


def _times(time: Change) -> str:
    return f"{time.after:.3g} ms instead of {time.before:.3g} ms"
