"""Spaces: counting against brute force, sampling, mutation, crossover, neighbours, and the walk itself."""

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from nas.errors import SpecError, UsageError
from nas.model import Network
from nas.ops import Op
from nas.space import Architecture, Bound, Limits, Space, Value, load_space, parse_space

DIGITS = Path(__file__).parents[2] / "search_spaces" / "digits_cnn.yaml"

# Each shows one thing that the walk must get right; all are small enough to be enumerated.
SMALL = {
    "arguments": """
        input: [4]
        layers: [{linear: {units: {choice: [1, 2, 3]}, bias: {choice: [true, false]}}}, {choice: [relu, gelu]}]""",
    "repeat": """
        input: [4]
        layers:
          - repeat: {choice: [0, 1, 3]}
            of: [{linear: {units: {choice: [2, 5]}}}, {choice: [relu, identity]}]""",
    "share": """
        input: [4]
        layers:
          - {repeat: {choice: [1, 3]}, share: true, of: [{linear: {units: {choice: [2, 5]}}}, {choice: [relu, tanh]}]}
          - {choice: [relu, tanh]}""",
    "dead ends": """
        input: [2, 8, 8]
        outputs: 3
        layers:
          - {repeat: 3, of: [{choice: [{conv: {width: {choice: [2, 3]}, padding: valid}}, max_pool, identity]}]}
          - {choice: [flatten, global_avg_pool, identity]}
          - linear: {units: outputs}""",
    "residual": """
        input: [2, 8]
        layers:
          - residual:
              - {conv: {width: {choice: [2, 4]}, stride: {choice: [1, 2]}}}
              - {choice: [relu, [batch_norm, relu]]}
            project: true
          - {residual: [{conv: {width: {choice: [2, 4]}}}, {choice: [relu, gelu]}]}""",
    "choices within": """
        input: [4]
        layers:
          - name: outer
            choice:
              - {choice: [relu, {choice: [gelu, tanh]}]}
              - {repeat: {choice: [1, 2]}, of: [{linear: {units: {choice: [2, 3]}}}]}
              - [{linear: {units: 3}}, {choice: [relu, silu]}]
              - identity""",
    "conditions": """
        input: [2, 8]
        layers:
          - name: body
            repeat: 2
            of:
              - name: pool
                choice: [{max_pool: {kernel: 2}, when: {size: "> 4"}}, identity, relu]
              - conv: {width: {choice: [1, 2, 3], at_least: channels}}
              - {choice: [relu, gelu], when: {pool: max_pool, channels: "< 3"}}""",
    "parallel": """
        input: [2, 4]
        layers:
          - parallel: [{conv: {width: {choice: [2, 3]}}}, {choice: [max_pool, identity]}, [{conv: {width: 2}}]]
            merge: concat
            project: true
          - {parallel: {a: {choice: [relu, gelu]}, b: []}, merge: multiply}""",
    "definitions": """
        input: [4]
        define:
          act: {share: true, choice: [relu, gelu]}
          units: {choice: [2, 3]}
          block: {parameters: {units: , bias: true}, layers: [{linear: {units: units, bias: bias}}, act]}
          twice: {share: true, parameters: {bias: {choice: [true, false]}}, layers: [{block: {units: 3, bias: bias}}]}
        layers: [{block: {units: units}}, {repeat: {choice: [0, 2]}, of: [twice]}, {linear: {units: units}}]""",
    "sequence": """
        input: [2, 4]
        layers:
          - sequence:
              conv: {layers: [{conv: {width: {choice: [1, 2]}}}], after: [start, pool]}
              pool: {layers: max_pool, max: 1, when: {size: ">= 4"}}
              end_: {layers: [flatten, {linear: {units: 3}}], last: true, after: [conv]}
            depth: {min: 1, max: 3}
            dropout: {p: 0.5, every: 2}""",
    "edge cell": """
        input: [2, 4]
        define:
          cell_:
            share: true
            cell: {nodes: 2, edge: {choice: {none: zero, skip: identity, conv: {conv: {width: width}}}}}
        layers: [cell_, {conv: {width: {choice: [2, 3]}}}, cell_]""",
    "reads": """
        input: [2, 4]
        layers:
          - cell: {nodes: 2, reads: 1, inputs: 2, output: concat, edge: {choice: [relu, {conv: {width: 2}}]}}""",
    "node cell": """
        input: [2, 4]
        layers:
          - cell:
              nodes: 2
              edges: 4
              node: {choice: {conv: {conv: {width: width}}, relu: relu}}
              project: {conv: {width: width, kernel: 1}}
              width: 5""",
}


@pytest.fixture(scope="module", params=SMALL)
def free(request: pytest.FixtureRequest) -> Space:
    """A small space without limits."""
    return parse_space(SMALL[request.param])


def _limited(space: Space, limits: Limits) -> Space:
    return replace(space, limits=limits)


def _quantile(space: Space, quantity: str, share: float) -> int:
    return int(np.quantile([getattr(arch, quantity) for arch in space], share, method="nearest"))


def _limits(space: Space) -> list[Limits]:
    """Limits that cut off a part of the space, by either quantity, at either end."""

    def bound(quantity: str, low: float | None, high: float | None) -> Bound:
        least = 0 if low is None else _quantile(space, quantity, low)
        return Bound(least, None if high is None else _quantile(space, quantity, high))

    return [
        Limits({"params": bound("params", None, 0.5)}),
        Limits({"macs": bound("macs", 0.3, None)}),
        Limits({"params": bound("params", 0.2, 0.7)}),
        Limits({"params": bound("params", None, 0.8), "macs": bound("macs", None, 0.6)}),
        Limits({"params": bound("params", 0.2, 0.9), "macs": bound("macs", None, 0.8)}),
    ]


def test_size_is_the_number_of_members(free: Space) -> None:
    members = list(free)
    assert free.size == len(members)
    assert len({arch.choices for arch in members}) == len(members)


def test_size_under_limits_is_the_number_of_members_that_keep_them(free: Space) -> None:
    for limits in _limits(free):
        kept = [arch for arch in free if limits.allow(arch.cost)]
        space = _limited(free, limits)
        assert [arch.choices for arch in space] == [arch.choices for arch in kept]
        assert space.size == len(kept)


def test_a_space_that_was_walked_reaches_another_process(free: Space) -> None:
    archs = [free.sample(np.random.default_rng(seed)) for seed in range(5)]
    for space, members in ((free, archs), (free.keep({arch.choices for arch in archs[:2]}), archs[:2])):
        space.sample(np.random.default_rng(0))
        again = pickle.loads(pickle.dumps(space))  # noqa: S301
        assert again.size == space.size
        assert [again.rebuild(dict(arch.choices)) for arch in members] == members


def test_names_are_unique_within_a_walk_and_known_to_the_universe(free: Space) -> None:
    reached: dict[str, set[Value]] = {}
    for arch in free:
        assert len(dict(arch.choices)) == len(arch.choices)
        for name, value in arch.choices:
            reached.setdefault(name, set()).add(value)
    assert set(reached) == set(free.universe)
    for name, values in reached.items():
        assert values <= set(free.universe[name])


def test_whatever_comes_out_is_a_member(free: Space) -> None:
    for limits in [Limits({}), *_limits(free)]:
        space = _limited(free, limits)
        rng = np.random.default_rng(1)
        arch, other = space.sample(rng), space.sample(rng)
        for _ in range(20):
            made = [space.mutate(arch, rng), space.cross(arch, other, rng), space.sample(rng)]
            for one in (*made, *space.neighbours(arch)):
                assert limits.allow(one.cost)
                assert space.rebuild(dict(one.choices)) == one
            other, arch = made[0], made[1]


def test_an_outline_is_a_walk_without_layers(free: Space) -> None:
    rng = np.random.default_rng(4)
    for _ in range(20):
        arch = free.sample(rng)
        decided = dict(arch.choices)
        outline = free.outline(lambda choice, decided=decided: decided[choice.name])  # type: ignore[misc]
        assert outline == (arch.choices, arch.cost)
        assert free.choices_of(outline) == free.choices_of(arch)


def test_sampling_is_uniform(free: Space) -> None:
    # The seed is fixed; a change of the generator fails this with a chance of 1 in 10,000 for each space and limit.
    for limits in [Limits({}), *_limits(free)]:
        space = _limited(free, limits)
        counts = {arch.choices: 0 for arch in space}
        rng = np.random.default_rng(5)
        for _ in range(15 * len(counts)):
            counts[space.sample(rng).choices] += 1
        if len(counts) > 1:
            assert stats.chisquare(list(counts.values())).pvalue > 1e-4


def test_neighbours_are_what_mutation_makes(free: Space) -> None:
    # The rarest neighbour has a chance of 1 in 200 a draw: one is missed with a chance below 200 · exp(-15).
    for limits in [Limits({}), _limits(free)[0]]:
        space = _limited(free, limits)
        rng = np.random.default_rng(2)
        for _ in range(2):
            arch = space.sample(rng)
            expected = {one.choices for one in space.neighbours(arch)}
            made = {space.mutate(arch, rng).choices for _ in range(3000)}
            assert made == (expected or {arch.choices})
            assert arch.choices not in expected


def test_neighbours_come_once(free: Space) -> None:
    for arch in list(free)[:20]:
        found = [one.choices for one in free.neighbours(arch)]
        assert len(found) == len(set(found))


def test_mutation_changes_exactly_one_decision_where_all_others_stay_legal() -> None:
    space = parse_space(SMALL["arguments"])
    rng = np.random.default_rng(0)
    counts: dict[tuple[str, Value], int] = {}
    arch = space.rebuild({"0.linear.units": 1, "0.linear.bias": True, "1": "relu"})
    draws = 3000
    for _ in range(draws):
        child = space.mutate(arch, rng)
        changed = [new for old, new in zip(arch.choices, child.choices, strict=True) if old != new]
        assert len(changed) == 1
        counts[changed[0]] = counts.get(changed[0], 0) + 1
    # Each decision equally likely, and each of its other options: `units` has two of them. Chance of failing: 1e-4.
    expected: dict[tuple[str, Value], float] = {
        ("0.linear.units", 2): 1 / 6,
        ("0.linear.units", 3): 1 / 6,
        ("0.linear.bias", False): 1 / 3,
    }
    expected["1", "gelu"] = 1 / 3
    assert counts.keys() == expected.keys()
    result = stats.chisquare([counts[key] for key in expected], [draws * share for share in expected.values()])
    assert result.pvalue > 1e-4


def test_mutation_keeps_every_decision_that_stays_legal() -> None:
    space = load_space(DIGITS)
    rng = np.random.default_rng(0)
    for _ in range(100):
        arch = space.sample(rng)
        child = space.mutate(arch, rng)
        old, new = dict(arch.choices), dict(child.choices)
        offered = {choice.name: choice.options for choice in space.choices_of(child)}
        differ = [name for name in old.keys() & new if old[name] != new[name] and old[name] in offered[name]]
        assert len(differ) <= 1, "only the decision that was changed may differ where the old value is legal"
        assert child.choices != arch.choices


def test_a_space_of_one_has_no_neighbours() -> None:
    space = parse_space("input: [4]\nlayers: [{linear: {units: {choice: [3]}}}]")
    arch = space.sample(np.random.default_rng(0))
    assert space.size == 1
    assert list(space.neighbours(arch)) == []
    assert space.mutate(arch, np.random.default_rng(0)) is arch


def test_crossover_takes_each_decision_from_one_of_the_parents(free: Space) -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        a, b = free.sample(rng), free.sample(rng)
        assert free.cross(a, a, rng) == a
        child = free.cross(a, b, rng)
        first, second = dict(a.choices), dict(b.choices)
        for choice, (name, value) in zip(free.choices_of(child), child.choices, strict=True):
            inherited = {parent[name] for parent in (first, second) if name in parent} & set(choice.options)
            assert not inherited or value in inherited


def test_crossover_reaches_all_mixtures() -> None:
    # 8 mixtures of 1/8 each: one is missed in 300 draws with a chance below 8 · (7/8)^300 < 1e-16.
    space = parse_space(SMALL["arguments"])
    a = space.rebuild({"0.linear.units": 1, "0.linear.bias": True, "1": "relu"})
    b = space.rebuild({"0.linear.units": 3, "0.linear.bias": False, "1": "gelu"})
    rng = np.random.default_rng(0)
    assert len({space.cross(a, b, rng).choices for _ in range(300)}) == 8


def test_weights_count_what_lies_below(free: Space) -> None:
    for limits in [Limits({}), *_limits(free)]:
        space = _limited(free, limits)
        members = [arch.choices for arch in space]
        for arch in members[:: max(1, len(members) // 5)]:
            for depth, choice in enumerate(space.choices_of(space.rebuild(dict(arch)))):
                below = [one[depth][1] for one in members if one[:depth] == arch[:depth]]
                assert choice.weights == tuple(below.count(option) for option in choice.options)
                assert 0 not in choice.weights


def test_walk_refuses_what_is_no_option() -> None:
    space = parse_space(SMALL["arguments"])
    with pytest.raises(UsageError, match=r"^0\.linear\.units: 7 is not an option here; the options are 1, 2, 3$"):
        space.walk(lambda choice: 7)


def test_rebuild_says_what_is_wrong() -> None:
    space = parse_space(SMALL["repeat"])
    with pytest.raises(UsageError, match=r"^0\.repeat: this decision is missing; the options are 0, 1, 3$"):
        space.rebuild({})
    with pytest.raises(UsageError, match=r"^0\.repeat: 2 is not an option here; the options are 0, 1, 3$"):
        space.rebuild({"0.repeat": 2})
    with pytest.raises(UsageError, match=r"^no such decision is reached: a, b$"):
        space.rebuild({"0.repeat": 0, "b": 1, "a": 2})


@pytest.mark.parametrize(
    ("name", "other", "missing"),
    [
        ("repeat", SMALL["arguments"], "0.repeat"),
        ("arguments", "input: [4]\nlayers: [relu]", "0.linear.units"),
        ("arguments", "input: [4]\nlayers: [{linear: {units: {choice: [2]}}}]", "0.linear.bias"),
    ],
)
def test_choices_of_an_architecture_of_another_space(name: str, other: str, missing: str) -> None:
    arch = next(iter(parse_space(other)))
    with pytest.raises(UsageError) as caught:
        parse_space(SMALL[name]).choices_of(arch)
    assert str(caught.value) == f"{missing}: this decision is missing in an architecture of another space"


def test_spaces_beyond_the_range_of_float_are_counted_and_sampled() -> None:
    space = parse_space("input: [4]\nlayers: [{repeat: 400, of: [{linear: {units: {choice: [1, 2, 3, 4, 5, 6, 7]}}}]}]")
    assert space.size == 7**400
    arch = space.sample(np.random.default_rng(0))
    assert len(arch.layers) == 400
    assert space.rebuild(dict(arch.choices)) == arch


# How to update: these numbers change when digits_cnn.yaml, the meaning of a keyword or of an op, or the order of the
# walk changes. Every such change makes stored studies unreadable or other than they were, so write it into the
# changelog; then replace the values by those that the failing test prints.
def test_golden_digits() -> None:
    space = load_space(DIGITS)
    assert space.size == 10_521_472_947_021
    arch = space.sample(np.random.default_rng(0))
    assert (arch.id, arch.params, arch.macs) == GOLDEN_SAMPLE


GOLDEN_SAMPLE = ("6c879d55310e2438", 52914, 774144)


def test_digits_keeps_its_limit_and_ends_in_its_classes() -> None:
    space = load_space(DIGITS)
    rng = np.random.default_rng(0)
    arch = space.sample(rng)
    for _ in range(100):
        arch = space.cross(space.mutate(arch, rng), space.sample(rng), rng)
        assert arch.params <= 100_000
        assert arch.output == (10,)


def test_a_smaller_limit_is_a_smaller_space() -> None:
    space = load_space(DIGITS)
    sizes = [_limited(space, Limits({"params": Bound(0, most)})).size for most in (2_000, 10_000, 50_000, 100_000)]
    assert sizes == sorted(sizes)
    assert sizes[-1] == space.size < space.without_limits().size


def test_fingerprint_follows_the_content() -> None:
    text = SMALL["repeat"]
    assert parse_space(text).fingerprint == parse_space(text + "\n# a comment\n", file="other").fingerprint
    assert len(parse_space(text).fingerprint) == 64
    others = [text.replace("relu", "gelu"), text.replace("[4]", "[5]"), text + "\n        limits: {params: 99}"]
    assert len({parse_space(other).fingerprint for other in (text, *others)}) == 4


def test_describe() -> None:
    space = parse_space(SMALL["arguments"])
    found = space.describe(samples=50)
    assert list(found) == [
        "name",
        "input",
        "output",
        "size",
        "size_note",
        "choices",
        "unreached",
        "samples",
        "params",
        "macs",
    ]
    assert found["size"] == 12
    assert found["size_note"] == "exact"
    assert found["choices"]["0.linear.units"] == [1, 2, 3]
    assert found["unreached"] == {}
    assert found["params"] == {"min": 4, "q25": 5, "median": 10, "q75": 12, "max": 15}
    assert found == space.describe(samples=50)


def test_a_space_without_members_is_refused_at_the_first_walk() -> None:
    rng = np.random.default_rng(0)
    uses: list[Callable[[Space], object]] = [
        Space.check,
        lambda space: space.sample(rng),
        lambda space: space.size,
        lambda space: space.universe,
        lambda space: space.rebuild({}),
        lambda space: next(iter(space)),
        Space.describe,
    ]
    for use in uses:
        with pytest.raises(SpecError, match="no architecture fits"):
            use(parse_space("input: [4]\nlayers: [max_pool]"))


CONDITIONS: list[dict[str, Any]] = [
    {"size": ">= 2"},
    {"size": [1, 4], "flat": False},
    {"channels": "!= 2"},
    {"pick": "relu"},
    {"pick": ["gelu", "tanh"], "channels": "<= 3"},
]


def _widths() -> st.SearchStrategy[Any]:
    several = st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True)
    return (
        st.integers(1, 3)
        | several.map(lambda found: {"choice": found})
        | st.sampled_from([{"choice": [1, 2, 3], "at_most": "channels"}, {"choice": [2, 3], "at_least": 2}, "widths"])
    )


def _cells() -> st.SearchStrategy[dict[str, Any]]:
    """Cells of both kinds, on their own or as a definition."""
    conv = {"conv": {"width": "width", "kernel": {"choice": [1, 3]}}}
    options: list[dict[str, Any]] = [
        {"none": "zero", "skip": "identity"},
        {"none": "zero", "conv": [conv, "relu"]},
        {"pool": {"max_pool": {"kernel": 3, "stride": 1, "padding": 1}, "when": {"size": "> 2"}}, "on": "relu"},
    ]
    project = {"conv": {"width": "width", "kernel": 1, "stride": "stride"}}
    edges = st.fixed_dictionaries(
        {"nodes": st.integers(1, 2), "edge": st.sampled_from(options).map(lambda found: {"choice": found})},
        optional={
            "inputs": st.integers(1, 2),
            "reads": st.integers(1, 2),
            "output": st.sampled_from(["last", "concat"]),
            "project": st.just(project),
        },
    )
    nodes = st.fixed_dictionaries(
        {
            "nodes": st.integers(1, 2),
            "node": st.sampled_from(options[1:]).map(lambda found: {"choice": found}),
            "project": st.just(project),
        },
        optional={"edges": st.integers(1, 4), "width": st.integers(1, 3), "stride": st.just(2)},
    )
    return (edges | nodes).map(lambda found: {"cell": found})


def _layers() -> st.SearchStrategy[list[Any]]:
    """Layers with all keywords over a row of maps, where not everything fits."""
    conv = st.tuples(_widths(), st.sampled_from([1, 3, {"choice": [1, 3]}])).map(
        lambda found: {"conv": {"width": found[0], "kernel": found[1]}}
    )
    leaf = (
        conv
        | _cells()
        | _widths().map(lambda found: {"block": {"width": found}})
        | st.sampled_from(["relu", "act", "graph", {"max_pool": None, "when": {"size": ">= 2"}}])
    )

    def grow(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        pick = st.lists(st.just({"name": "pick", "choice": ["relu", "gelu"]}), max_size=1)
        block = st.tuples(pick, st.lists(inner, min_size=1, max_size=2)).map(lambda found: [*found[0], *found[1]])
        times = st.integers(0, 2) | st.just({"choice": [0, 2]}) | st.just({"choice": [1, 2, 3]})
        merge = st.sampled_from(["add", "concat", "multiply"])
        when = st.sampled_from(CONDITIONS)
        option = block | st.tuples(block, when).map(lambda found: {"layers": found[0], "when": found[1]})
        step = st.fixed_dictionaries(
            {"layers": block},
            optional={"max": st.integers(0, 1), "when": when, "after": st.sampled_from([["start"], ["a", "b"]])},
        )
        depth = st.sampled_from([1, 2, {"max": 1}, {"min": 0, "max": 2}])
        dropout = st.sampled_from([{"p": 0.5, "every": 1}, {"p": 0.5, "after": ["a"], "except": "b", "beyond": True}])
        last = st.sampled_from([{}, {"z": {"layers": ["relu"], "last": True}}])
        return (
            st.lists(option, min_size=1, max_size=3).map(
                lambda found: {"choice": {f"option{index}": one for index, one in enumerate(found)}}
            )
            | st.tuples(times, block, st.booleans()).map(
                lambda found: {"repeat": found[0], "of": found[1], "share": found[2]}
            )
            | st.tuples(block, merge, st.booleans()).map(
                lambda found: {"residual": found[0], "merge": found[1], "project": found[2]}
            )
            | st.tuples(st.lists(block | st.just([]), min_size=2, max_size=3), merge, st.booleans()).map(
                lambda found: {"parallel": found[0], "merge": found[1], "project": found[2]}
            )
            | st.tuples(block, when).map(lambda found: {"layers": found[0], "when": found[1]})
            | st.tuples(step, step, last, depth, dropout).map(
                lambda found: {
                    "sequence": {"a": found[0], "b": found[1], **found[2]},
                    "depth": found[3],
                    "dropout": found[4],
                }
            )
        )

    return st.lists(st.recursive(leaf, grow, max_leaves=5), min_size=1, max_size=3).map(
        lambda found: [{"name": "pick", "choice": ["relu", "gelu", "tanh"]}, *found]
    )


def _mentions(value: Any, word: str) -> bool:
    """Whether a word stands somewhere in a file."""
    if isinstance(value, dict):
        return any(_mentions(one, word) for one in (*value, *value.values()))
    return any(_mentions(one, word) for one in value) if isinstance(value, list) else value == word


def _with_widths(value: Any, width: Any) -> Any:
    """The same layers, all blocks being given this width."""
    if isinstance(value, dict):
        return {key: {"width": width} if key == "block" else _with_widths(one, width) for key, one in value.items()}
    return [_with_widths(one, width) for one in value] if isinstance(value, list) else value


@st.composite
def _files(draw: st.DrawFn) -> dict[str, Any]:
    """Whole files; each definition is shared or not, and there where it is used."""
    layers = draw(_layers())
    sharing = draw(st.booleans())
    if sharing:  # all uses of what is shared have the same options
        layers = _with_widths(layers, draw(_widths()))
    shares = st.booleans().map(lambda share: {"share": share})
    known: dict[str, Any] = {
        "block": {
            "parameters": {"width": None, "kernel": {"choice": [1, 3]}},
            "residual": [{"conv": {"width": "width", "kernel": "kernel"}}, "act"],
            "project": True,
            "share": sharing,
        },
        "act": {"choice": ["relu", "gelu"], **draw(shares)},
        "widths": {"choice": [2, 3], **draw(shares)},
        "graph": {**draw(_cells()), **draw(shares)},
    }
    define: dict[str, Any] = {}
    for name, definition in known.items():
        if _mentions(layers, name) or _mentions(define, name):
            define[name] = definition
    return {"input": [2, 4], "layers": layers, **({"define": define} if define else {})}


def _check_layers(arch: Architecture) -> None:
    """Shapes and costs, added up again from the ops alone."""
    shapes = [arch.input]
    params = macs = 0
    for op, inputs, output, cost in arch.layers:
        read = [shapes[index] for index in inputs]
        assert output == (op.shape(read[0]) if isinstance(op, Op) else op.shape(read))
        assert cost == (op.cost(read[0]) if isinstance(op, Op) else (0, 0))
        shapes.append(output)
        params, macs = params + cost.params, macs + cost.macs
    assert arch.output == shapes[-1]
    assert arch.cost == (params, macs)


def _taken(space: Space, members: list[Architecture]) -> dict[str, tuple[Value, ...]]:
    """The options of each decision that some of the members take."""
    taken = {decided for member in members for decided in member.choices}
    return {name: tuple(one for one in options if (name, one) in taken) for name, options in space.universe.items()}


@settings(
    deadline=None,
    derandomize=True,
    max_examples=30,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.generate],
)
@given(source=_files(), share=st.floats(0, 1), seed=st.integers(0, 100))
def test_any_space_is_counted_limited_and_replayed(source: dict[str, Any], share: float, seed: int) -> None:
    space = load_space(source)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nas.space.walks.graph.MAX_STEPS", 5_000)
        try:
            space.check()
        except SpecError:
            return
    assume(space.size <= 100)
    members = list(space)
    assert len(members) == len({arch.choices for arch in members}) == space.size
    for member in members:
        assert len(dict(member.choices)) == len(member.choices)
        assert set(dict(member.choices)) <= set(space.universe)
        _check_layers(member)
    for member in members[:: len(members) // 5 + 1]:
        assert space.rebuild(dict(member.choices)) == member
    assert space.reached == _taken(space, members)
    with pytest.MonkeyPatch.context() as patch:  # what a walk forgets makes no difference
        patch.setattr("nas.space.language.tree.read_later", lambda point: point)
        patch.setattr("nas.space.language.tree.read_by", lambda asks, scope: scope)
        patch.setattr("nas.space.walks.graph.read_by", lambda asks, scope: scope)
        assert [arch.choices for arch in load_space(source)] == [arch.choices for arch in members]
    middle = _quantile(space, "params", share)
    limited = load_space({**source, "limits": {"params": {"min": middle // 2, "max": middle}}})
    kept = [member for member in members if middle // 2 <= member.params <= middle]
    assert list(limited) == kept
    assert limited.size == len(kept)
    assert limited.reached == _taken(space, kept)
    rng = np.random.default_rng(seed)
    arch: Architecture = limited.sample(rng)
    for one in (arch, limited.mutate(arch, rng), limited.cross(arch, limited.sample(rng), rng)):
        assert one in kept
    if len(members) <= 50:
        assert all(one in kept for one in limited.neighbours(arch))
    if seed % 5 == 0:
        assert Network(arch)(torch.zeros(2, 2, 4)).shape == (2, *arch.output)
