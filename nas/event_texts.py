"""Events in one line each, as they are said while a run goes on."""

from collections.abc import Mapping, Sequence

from nas.events import EpochEnded
from nas.ops import COSTS
from nas.tasks.metric import DIGITS
from nas.tasks.metrics import SD, measured_in, metric_of
from nas.trial import Objective, Trial


def epoch_text(event: EpochEnded, objectives: Sequence[Objective]) -> str:
    """An epoch in one line: `epoch 3 · val_acc 0.8750`, with the objectives that a training measures, or the task's
    first metric."""
    names = [objective.metric for objective in objectives if objective.metric in event.metrics]
    shown = [f"{name} {_number(name, event.metrics[name])}" for name in names or measured_in(event.metrics)[:1]]
    return " · ".join([f"epoch {event.epoch}", *shown])


def trial_text(trial: Trial, objectives: Sequence[Objective]) -> str:
    """A trial in one line: `val_acc 0.9722 · 47,522 parameters · 560,064 MACs · 0.7 s`, or the reason it failed.

    One that was cut off says after how many epochs: `val_acc 0.9722 (3 epochs) · ...`.
    """
    if trial.scores is None:
        return f"failed: {trial.error}"
    epochs = trial.proposal.epochs
    cut = "" if epochs is None else f" ({epochs} epoch{'s' if epochs > 1 else ''})"
    metrics = {name: value for name, value in trial.metrics.items() if not isinstance(value, tuple)}
    sizes = trial.architecture.cost._asdict()
    return f"{metrics_text({**metrics, **sizes}, objectives, note=cut)} · {trial.seconds:.1f} s"


def metrics_text(metrics: Mapping[str, float], objectives: Sequence[Objective], *, note: str = "") -> str:
    """The objectives, or the task's first metric where they are sizes alone, and the size; `note` is put after the
    first."""
    aims = [objective.metric for objective in objectives if objective.metric not in COSTS]
    shown = [
        f"{name} {_number(name, metrics[name]) if f'{name}{SD}' in aims else _spread(name, metrics)}"
        for name in aims or measured_in(metrics)[:1]
        if name in metrics
    ]
    sizes = [f"{metrics[name]:,.0f} {title}" for name, title in COSTS.items() if name in metrics]
    first, *others = [*shown, *sizes]
    return " · ".join([first + note, *others])


def front_text(front: Sequence[Trial], objectives: Sequence[Objective]) -> str:
    """`best 0.9722`, on the first objective; if it is one of several, how many networks make the front as well."""
    if not front:
        return ""
    best = f"best {_number(objectives[0].metric, objectives[0].value(front[0].score or 0.0))}"
    return best if len(objectives) == 1 else f"{best}, Pareto front of {len(front)}"


def _number(metric: str, value: float) -> str:
    if metric in COSTS or abs(value) >= 1000:
        return f"{value:,.0f}"
    known = metric_of(metric)
    digits = DIGITS if known is None else known.digits
    return f"{value:.{digits}f}" if abs(value) >= 0.001 or value == 0 else f"{value:.4g}"


def _spread(metric: str, metrics: Mapping[str, float]) -> str:
    """`0.9722 ± 0.0101`: a metric with its standard deviation over several trainings, if there is one."""
    shown, spread = _number(metric, metrics[metric]), metrics.get(f"{metric}{SD}")
    return shown if spread is None else f"{shown} ± {_number(metric, spread)}"
