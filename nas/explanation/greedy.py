"""The greedy walk of a controller that values options: at each decision the option of the highest value is taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from nas.controllers import Valuing
from nas.space import Architecture, Choice, Space, Value
from nas.trial import Trial, best_trials

MOMENTS = 25
"""At most so many times in a search the greedy walk is looked at."""


class Walk(NamedTuple):
    """A greedy walk: what came out, and each choice that it met with the values of its options."""

    architecture: Architecture
    met: Sequence[tuple[Choice, Sequence[float]]]


@dataclass(frozen=True)
class Decision:
    """A decision that the greedy walk met.

    Attributes:
        name: of the decision.
        options: all of the space file, legal here or not.
        values: one for each option; None where it is not legal here.
        taken: the place of the option of the highest value; of equal ones the first.
        tried: how many trials took each option at this decision.
        best: the place of the option that the best trial took; None where it did not meet this decision, or there is
            no best trial.
    """

    name: str
    options: tuple[Value, ...]
    values: tuple[float | None, ...]
    taken: int
    tried: tuple[int, ...]
    best: int | None

    @property
    def legal(self) -> Sequence[int]:
        """The places of the legal options."""
        return [place for place, value in enumerate(self.values) if value is not None]

    @property
    def value(self) -> float:
        """Of the option that is taken."""
        return self.values[self.taken] or 0.0

    @property
    def next_best(self) -> int | None:
        """The place of the option of the second highest value; None where there is no other one."""
        others = [place for place in self.legal if place != self.taken]
        return max(others, key=lambda place: self.values[place] or 0.0, default=None)

    @property
    def tied(self) -> bool:
        """Whether another option has the highest value as well."""
        return sum(self.values[place] == self.value for place in self.legal) > 1

    @property
    def advantage(self) -> float:
        """By how much the value of the option taken is above the mean of all legal ones."""
        legal = self.legal
        return self.value - sum(self.values[place] or 0.0 for place in legal) / len(legal)


@dataclass(frozen=True)
class Moment:
    """The greedy architecture at one time of the search.

    Attributes:
        told: how many trials the controller had been told.
        architecture: what its greedy walk gave.
        score: the best one that this network has in any trial of the search; None where it was never evaluated.
    """

    told: int
    architecture: Architecture
    score: float | None


@dataclass(frozen=True)
class Greedy:
    """What a `Valuing` controller would build.

    Attributes:
        kind: what the values are.
        decisions: in the order of the walk, at the end of the search.
        moments: the greedy architecture over the search, the last one being that of the end.
    """

    kind: Literal["Q", "probability"]
    decisions: tuple[Decision, ...]
    moments: tuple[Moment, ...]

    @property
    def last(self) -> Moment:
        """The greedy architecture at the end."""
        return self.moments[-1]

    @property
    def settled(self) -> int:
        """How many trials had been told when it was first what it is at the end, and never changed again."""
        settled = self.last
        for moment in reversed(self.moments):
            if moment.architecture.id != settled.architecture.id:
                break
            settled = moment
        return settled.told


def greedy_walk(controller: Valuing, space: Space) -> Walk:
    """The walk that takes the option of the highest value at each decision, of equal ones the first."""
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
    """Whether the greedy walk is looked at when so many of the trials have been told."""
    every = -(-trials // MOMENTS)
    return told == trials or (told > 0 and told % every == 0)


def greedy_of(
    controller: Valuing, walks: Sequence[tuple[int, Walk]], space: Space, trials: Sequence[Trial]
) -> Greedy | None:
    """What the walks say, each with how many trials had been told; None where there is no walk."""
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
    """Where an option stands; 1, 1.0 and True are three options."""
    return next(place for place, one in enumerate(options) if one == value and type(one) is type(value))
