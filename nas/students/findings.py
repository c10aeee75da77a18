"""What follows from a distillation: gains with intervals, and what speaks against them."""

from collections.abc import Iterator, Mapping

from nas.statistics.effect import mean_difference
from nas.statistics.estimate import Estimate
from nas.students.result import ALONE, LONGER, TEACHER, Compared, of_test, points
from nas.trial import Objective

FEWEST_POINTS = 0.02
"""The lead of a teacher, as a share or as a fraction of the student's value, below which it is said to be small."""


def gains_of(one: Compared, other: Compared, objective: Objective) -> Mapping[str, Estimate]:
    """The gain over another network, by the part of the data."""
    sign = 1.0 if objective.direction == "maximize" else -1.0
    found = {}
    for part, name in (("validation", objective.metric), ("test", of_test(objective.metric))):
        if name in one.metrics:
            pairs = [[sign * value for value in row.metrics[name]] for row in (one, other)]
            if len(pairs[0]) == 1:
                value = pairs[0][0] - pairs[1][0]
                found[part] = Estimate(value, value, value)
            else:
                found[part] = mean_difference(*pairs)
    return found


def notes_of(rows: Mapping[str, Compared], objective: Objective, *, same: bool, strange: bool = False) -> Iterator[str]:
    """What a reader should know: little to be learned from the teacher, or a student that is not trained enough.

    Args:
        rows: the networks that were compared.
        objective: what they are compared by.
        same: whether the teacher saw the labels of the student, and nothing else is learned from.
        strange: whether it is unknown which samples the teacher was trained on.
    """
    name, sign = objective.metric, 1.0 if objective.direction == "maximize" else -1.0
    factor, unit = points(name)
    alone, longer = rows[ALONE].mean(name), rows[LONGER].mean(name) if LONGER in rows else None
    least = FEWEST_POINTS if unit else FEWEST_POINTS * abs(alone)
    lead = sign * (rows[TEACHER].mean(name) - alone)
    if lead < least:
        yield (
            f"The teacher leads the student by {lead * factor:+.2f}{unit} of {name}: below {least * factor:.2g}{unit}, "
            "there may be little to learn from it."
        )
    if same:
        yield (
            "The teacher saw no more labels than the student, and there are no inputs without targets: it adds no more "
            "than what it made of the same samples."
        )
    if strange:
        yield (
            "It is not known which samples the teacher was trained on: if some of them are in the validation or test "
            "data here, the figures of the teacher and of its students are too good."
        )
    if longer is not None and sign * (longer - alone) > 0:
        yield (
            f"The student alone gains {sign * (longer - alone) * factor:+.2f}{unit} of {name} from twice the epochs: "
            "unless that is chance, it was not trained to convergence, and the gain over it is not the teacher's."
        )
