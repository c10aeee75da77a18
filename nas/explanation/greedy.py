"""The greedy walk of a controller that values options: each decision takes the option with the highest value."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nas.controllers import Valuing
from nas.controllers.controller import ValueKind
from nas.space import Architecture, Choice, Space, Value
from nas.trial import Trial, best_trials

MOMENTS = 25
"""Maximal number of times in a search at which the greedy walk is computed."""


class Walk(NamedTuple):
    """A greedy walk: its architecture, and the values of the options of each choice."""

    architecture: Architecture
    met: Sequence[tuple[Choice, Sequence[float]]]


@dataclass(frozen=True)
class Decision:
    """A decision of the greedy walk.

    Attributes:
        name: its name.
        options: all options in the space file, legal here or not.
        values: the value of each option; None if it is not legal here.
        taken: the index of the first option with the highest value.
        tried: the number of trials that took each option.
        best: the index of the option in the best trial; None if that trial does not reach the decision, or there is
            none.
    """

    name: str
    options: tuple[Value, ...]
    values: tuple[float | None, ...]
    taken: int
    tried: tuple[int, ...]
    best: int | None

    @property
    def legal(self) -> Sequence[int]:
        """The indices of the legal options."""
        return [place for place, value in enumerate(self.values) if value is not None]

    @property
    def value(self) -> float:
        """The value of the option that is taken."""
        return self.values[self.taken] or 0.0

    @property
    def next_best(self) -> int | None:
        """The index of the option with the second highest value; None if there is no other option."""
        others = [place for place in self.legal if place != self.taken]
        return max(others, key=lambda place: self.values[place] or 0.0, default=None)

    @property
    def tied(self) -> bool:
        """Whether several options have the highest value."""
        return sum(self.values[place] == self.value for place in self.legal) > 1

    @property
    def advantage(self) -> float:
        """The value of the option that is taken, minus the mean over the legal options."""
        legal = self.legal
        return self.value - sum(self.values[place] or 0.0 for place in legal) / len(legal)


@dataclass(frozen=True)
class Moment:
    """The greedy architecture at one time of the search.

    Attributes:
        told: the number of trials of the search up to the last one that the controller had been told.
        architecture: the architecture of the greedy walk.
        score: the best score of this network in all trials of the search; None if it was never evaluated.
    """

    told: int
    architecture: Architecture
    score: float | None


@dataclass(frozen=True)
class Greedy:
    """The greedy architecture of a `Valuing` controller.

    Attributes:
        kind: the kind of the values.
        decisions: the decisions at the end of the search, in the order of the walk.
        moments: the greedy architecture over the course of the search; the last one is that at the end.
    """

    kind: ValueKind
    decisions: tuple[Decision, ...]
    moments: tuple[Moment, ...]

    @property
    def last(self) -> Moment:
        """The greedy architecture at the end."""
        return self.moments[-1]

    @property
    def settled(self) -> int:
        """The number of told trials from which on the greedy architecture did not change."""
        settled = self.last
        for moment in reversed(self.moments):
            if moment.architecture.id != settled.architecture.id:
                break
            settled = moment
        return settled.told


def greedy_walk(controller: Valuing, space: Space) -> Walk:
    """The walk that takes the first option with the highest value at each decision."""
    met: list[tuple[Choice, Sequence[float]]] = []
    decided: list[tuple[str, Value]] = []

    def pick(choice: Choice) -> Value:
        values = controller.values(choice, tuple(decided))
        met.append((choice, values))
        value = choice.options[max(range(len(values)), key=values.__getitem__)]
        decided.append((choice.name, value))
        return value

    return Walk(space.walk(pick), met)


def is_moment(told: int, trials: int) -> bool:
    """Whether the greedy walk is computed after this number of trials."""
    every = -(-trials // MOMENTS)
    return told == trials or (told > 0 and told % every == 0)


def greedy_of(
    controller: Valuing, walks: Sequence[tuple[int, Walk]], space: Space, trials: Sequence[Trial]
) -> Greedy | None:
    """The greedy architectures of walks, each with the number of told trials; None if there are no walks."""
    if not walks:
        return None
    scores: dict[str, float] = {}
    for trial in trials:
        if trial.score is not None:
            scores[trial.architecture.id] = max(trial.score, scores.get(trial.architecture.id, trial.score))
    moments = tuple(
        Moment(told, walk.architecture, scores.get(walk.architecture.id)) for told, walk in walks
    )  # fmt: skip
    return Greedy(controller.value_kind, _decisions(walks[-1][1], space, trials), moments)


def _decisions(walk: Walk, space: Space, trials: Sequence[Trial]) -> tuple[Decision, ...]:
    counts: dict[tuple[str, type, Value], int] = {}
    for trial in trials:
        for name, value in trial.architecture.choices:
            counts[name, type(value), value] = counts.get((name, type(value), value), 0) + 1
    best = next((dict(trial.architecture.choices) for trial in best_trials(trials)), {})
    found = []
    for (choice, values), (name, taken) in zip(walk.met, walk.architecture.choices, strict=True):
        options = space.universe[name]
        by_place = {option_place(options, option): float(v) for option, v in zip(choice.options, values, strict=True)}
        found.append(
            Decision(
                name=name,
                options=options,
                values=tuple(by_place.get(place) for place in range(len(options))),
                taken=option_place(options, taken),
                tried=tuple(counts.get((name, type(option), option), 0) for option in options),
                best=option_place(options, best[name]) if name in best else None,
            )
        )
    return tuple(found)


def option_place(options: Sequence[Value], value: Value) -> int:
    """The index of an option; 1, 1.0 and True are three different options."""
    return next(place for place, one in enumerate(options) if one == value and type(one) is type(value))
