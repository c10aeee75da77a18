"""A decision tree that answers as a network does: rules that people can read, and how often they agree with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nas.arguments import Positive, checked
from nas.errors import UsageError
from nas.knowledge.columns import Column, show_number

DEPTH = 4
"""The greatest depth of a tree: it has up to 16 rules."""

LEAST = 5
"""Samples of a rule, at least."""


@dataclass(frozen=True)
class Rule:
    """A leaf of a tree, or several with the same answer.

    Attributes:
        conditions: what holds of its samples, such as `age ≤ 37` or `job is clerk`; empty: it is the only rule.
        answer: of the tree: an output, or a value of each.
        agreement: the share of its samples for which the network answers so; None: answers are values.
        samples: its share of the samples that the tree was fitted to.
    """

    conditions: tuple[str, ...]
    answer: str
    agreement: float | None
    samples: float


@dataclass(frozen=True)
class Tree:
    """A tree fitted to the answers of a network.

    Attributes:
        depth: of the tree.
        fidelity: how well it answers as the network does, on samples that it was not fitted to: the share of them for
            which it gives the same class, or of the variance of the network's values that it explains (R², averaged
            over the outputs).
        trivial: the fidelity of the best answer that is always the same: the share of the class, or 0.
        fitted: the number of samples that it was fitted to.
        held_out: the number of samples that its fidelity was measured on.
        rules: in the order of the tree.
    """

    depth: int
    fidelity: float
    trivial: float
    fitted: int
    held_out: int
    rules: tuple[Rule, ...]

    @property
    def text(self) -> str:
        """Its rules, one a line: `petal width > 0.8 and petal length ≤ 4.9: versicolor`."""
        return "\n".join(f"{' and '.join(rule.conditions) or 'always'}: {rule.answer}" for rule in self.rules)


@checked
def fit_tree(
    features: ArrayLike,
    answers: ArrayLike,
    held_out: tuple[ArrayLike, ArrayLike],
    *,
    columns: Sequence[Column],
    outputs: Sequence[str],
    depth: Positive = DEPTH,
) -> Tree:
    """Fits a decision tree (Breiman, Friedman, Olshen & Stone 1984) to what a network answers, not to what is right, so
    that it says what the network does (Craven & Shavlik 1996, who call the agreement fidelity).

    Its depth is chosen on a quarter of the samples, held back for that: the least whose error is within one standard
    error of the lowest (Breiman et al., §3.4.3). The tree of this depth is then fitted to all of them. The same samples
    give the same tree.

    Args:
        features: `(N, F)`, of 20 samples or more, finite.
        answers: of the network: places of classes `(N,)`, integers, or values of the outputs `(N, K)`, floats.
        held_out: the features and the answers of one other sample or more, which fidelity is measured on.
        columns: what each feature is, see `Column`.
        outputs: the names of the classes, or of the K outputs.
        depth: the greatest that is tried.

    Raises:
        UsageError: arrays do not fit each other, or there are too few samples.
    """
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    x, y = _read(features, answers, columns, outputs, least=4 * LEAST)
    new_x, new_y = _read(*held_out, columns, outputs, least=1)
    classes = y.ndim == 1

    def fitted(depth: int, rows: NDArray[np.intp]) -> Any:
        make = DecisionTreeClassifier if classes else DecisionTreeRegressor
        return make(max_depth=depth, min_samples_leaf=LEAST, random_state=0).fit(x[rows], y[rows])

    def errors(tree: Any, features: NDArray[Any], answers: NDArray[Any]) -> NDArray[np.float64]:
        """Of each sample: whether it is wrong, or the mean over outputs of the squared error by the variance."""
        predicted = tree.predict(features)
        if classes:
            return np.asarray(predicted != answers, np.float64)
        variance = answers.var(0)
        squared = (predicted.reshape(answers.shape) - answers) ** 2 / np.where(variance > 0, variance, 1)
        return np.asarray(squared.mean(1))

    order = np.random.default_rng(0).permutation(len(x))
    back, rest = order[: len(x) // 4], order[len(x) // 4 :]
    tried = [errors(fitted(one, rest), x[back], y[back]) for one in range(1, depth + 1)]
    means = [float(one.mean()) for one in tried]
    best = int(np.argmin(means))
    bound = means[best] + float(tried[best].std()) / len(back) ** 0.5
    tree = fitted(1 + next(place for place, mean in enumerate(means) if mean <= bound), np.arange(len(x)))
    names = [outputs[place] for place in tree.classes_] if classes else outputs
    return Tree(
        int(tree.get_depth()),
        1 - float(errors(tree, new_x, new_y).mean()),
        float(np.bincount(new_y).max()) / len(new_y) if classes else 0.0,
        len(x),
        len(new_x),
        tuple(_rules(tree.tree_, 0, {}, columns, partial(_class if classes else _values, names=names))),
    )


Told = tuple[str, float | None]
"""An answer in words, and the share of the samples of a leaf for which the network gives it."""
Bounds = dict[int, tuple[float, float]]
"""The columns that conditions are about, in their order, each with what its feature is above, and at most."""


def _read(
    features: ArrayLike, answers: ArrayLike, columns: Sequence[Column], outputs: Sequence[str], *, least: int
) -> tuple[NDArray[np.float32], NDArray[Any]]:
    x, y = np.asarray(features, np.float32), np.asarray(answers)
    classes = y.dtype.kind in "iu" and y.ndim == 1
    if x.ndim != 2 or x.shape[1] != len(columns) or not np.isfinite(x).all():
        raise UsageError(f"features: expected finite numbers (N, {len(columns)}), one a column, got {x.shape}")
    if len(x) < least:
        raise UsageError(f"features: expected {least} samples or more, got {len(x)}")
    if classes and len(y) == len(x) and y.min() >= 0 and y.max() < len(outputs):
        return x, y
    if not classes and y.shape == (len(x), len(outputs)) and np.isfinite(y).all():
        return x, y.astype(np.float64)
    raise UsageError(
        f"answers: expected places of {len(outputs)} classes ({len(x)},), integers, or finite values "
        f"({len(x)}, {len(outputs)}), got {y.dtype} {y.shape}"
    )


def _class(values: NDArray[Any], names: Sequence[str]) -> Told:
    """The class with the greatest share of the samples of a leaf, `(1, classes)`."""
    return names[int(values.argmax())], float(values.max())


def _values(values: NDArray[Any], names: Sequence[str]) -> Told:
    """The mean of each output over the samples of a leaf, `(outputs, 1)`."""
    shown = [show_number(value) for value in values[:, 0].tolist()]
    return (shown[0] if len(shown) == 1 else ", ".join(map(" ".join, zip(names, shown, strict=True)))), None


def _rules(
    tree: Any, node: int, bounds: Bounds, columns: Sequence[Column], told: Callable[[NDArray[Any]], Told]
) -> list[Rule]:
    """The rules below a node of a tree of scikit-learn. Those of one class are one rule."""
    left, right, place = (int(of[node]) for of in (tree.children_left, tree.children_right, tree.feature))
    if left != right:
        (low, high), at = bounds.get(place, (-np.inf, np.inf)), float(tree.threshold[node])
        found = [
            *_rules(tree, left, {**bounds, place: (low, at)}, columns, told),
            *_rules(tree, right, {**bounds, place: (at, high)}, columns, told),
        ]
        if found[0].agreement is None or len({rule.answer for rule in found}) > 1:
            return found
    conditions = tuple(columns[one].condition(*bound) for one, bound in bounds.items())
    return [Rule(conditions, *told(tree.value[node]), tree.n_node_samples[node] / tree.n_node_samples[0])]
