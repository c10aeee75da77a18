"""Sequences: which steps may follow which, against brute force, and the rates of dropouts."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from nas.errors import SpecError
from nas.space import Architecture, Space, load_space, parse_space
from nas.space.language.sequence import Dropouts


def _space(steps: str, keys: str = "depth: 3", input: str = "[4]", before: str = "") -> Space:
    return parse_space(f"input: {input}\nlayers: [{before}{{name: net, sequence: {steps}, {keys}}}]")


def _texts(arch: Architecture) -> list[str]:
    return [layer.op.text for layer in arch.layers]


def _steps(space: Space) -> list[tuple[Any, ...]]:
    return [tuple(value for name, value in arch.choices if name.count(".") == 1) for arch in space]


def test_names_and_order_of_decisions() -> None:
    space = _space(
        "{conv: {layers: [{conv: {width: {choice: [2, 3]}}}, {name: act, choice: [relu, gelu]}]}, "
        "pool: {layers: max_pool}}",
        "depth: 2",
        "[2, 8]",
    )
    assert space.universe == {
        "net.0": ("conv", "pool", "end"),
        "net.0.conv.0.conv.width": (2, 3),
        "net.0.conv.act": ("relu", "gelu"),
        "net.1": ("conv", "pool", "end"),
        "net.1.conv.0.conv.width": (2, 3),
        "net.1.conv.act": ("relu", "gelu"),
    }
    arch = space.rebuild(
        {"net.0": "pool", "net.1": "conv", "net.1.conv.0.conv.width": 3, "net.1.conv.act": "gelu"},
    )
    assert _texts(arch) == ["max_pool", "conv(width=3)", "gelu"]
    assert space.size == 4 + 1 + (4 + 1) ** 2


def test_a_step_of_one_choice_has_its_path() -> None:
    space = _space("{act: {layers: {choice: [relu, gelu]}}}", "depth: {min: 1, max: 1}")
    assert space.universe == {"net.0": ("act", "end"), "net.0.act": ("relu", "gelu")}
    assert _steps(space) == [("act",), ("act",)]


@pytest.mark.parametrize(
    ("depth", "last", "found"),
    [
        ("2", False, [("a", "a"), ("a", "end")]),
        ("{max: 2}", False, [("a", "a"), ("a", "end")]),
        ("{min: 0, max: 2}", False, [("a", "a"), ("a", "end"), ("end",)]),
        ("{min: 2, max: 2}", False, [("a", "a")]),
        ("2", True, [("a", "a", "z"), ("a", "z"), ("z",)]),
        ("{min: 1, max: 2}", True, [("a", "a", "z"), ("a", "z")]),
        ("{min: 2, max: 2}", True, [("a", "a", "z")]),
        ("0", True, [("z",)]),
        ("{min: 0, max: 0}", False, [()]),
    ],
)
def test_depth(depth: str, last: bool, found: list[tuple[str, ...]]) -> None:
    z = ", z: {layers: tanh, last: true}" if last else ""
    space = _space(f"{{a: {{layers: relu}}{z}}}", f"depth: {depth}")
    assert _steps(space) == found
    assert all(("end" in values) != last for values in space.universe.values())


def test_a_sequence_goes_on_into_what_follows() -> None:
    space = parse_space(
        "input: [4]\nlayers: [{sequence: {a: {layers: relu}, z: {layers: [], last: true}}, depth: 1}, tanh, "
        "{name: b, sequence: {c: {layers: gelu}}, depth: 1}, silu]"
    )
    assert [_texts(arch) for arch in space] == [["relu", "tanh", "gelu", "silu"], ["tanh", "gelu", "silu"]]
    assert list(space.universe) == ["0.0", "0.1", "b.0"]


def _brute(rules: dict[str, dict[str, Any]], least: int, most: int) -> Iterator[tuple[str, ...]]:
    """Every row of steps that the rules allow, by trying all."""
    ends = any(rule.get("last") for rule in rules.values())
    for length in range(most + 2):
        for row in product(rules, repeat=length):
            lasts = [rules[step].get("last", False) for step in row]
            counted = row[:-1] if ends else row
            if any(lasts[:-1]) or (ends and lasts[-1:] != [True]) or not least <= len(counted) <= most:
                continue
            if any(row.count(step) > rule.get("max", length) for step, rule in rules.items()):
                continue
            if all(
                before in rules[step].get("after", ["start", *rules])
                for before, step in zip(("start", *row), row, strict=False)
            ):
                yield row


RULES: list[dict[str, dict[str, Any]]] = [
    {"a": {}, "b": {}},
    {"a": {"after": ["start", "b"]}, "b": {"after": ["a"]}},
    {"a": {"max": 2}, "b": {"max": 1, "after": ["a", "b"]}, "c": {"after": ["start", "c"]}},
    {"a": {}, "b": {"after": ["a"], "max": 1}, "z": {"last": True, "after": ["a", "b"]}},
    {"a": {"after": ["start"]}, "b": {"max": 2}, "y": {"last": True, "after": ["start"]}, "z": {"last": True}},
    {"a": {"max": 0}, "b": {"after": "start"}},
]


@pytest.mark.parametrize("rules", RULES, ids=str)
def test_rows_of_steps_against_brute_force(rules: dict[str, dict[str, Any]]) -> None:
    for least, most in [(0, 0), (0, 3), (1, 4), (2, 3), (4, 4)]:
        expected = sorted(_brute(rules, least, most))
        steps = {name: {"layers": ["relu"], **rule} for name, rule in rules.items()}
        depth = {"min": least, "max": most}
        space = load_space({"input": [4], "layers": [{"name": "net", "sequence": steps, "depth": depth}]})
        if not expected:
            with pytest.raises(SpecError, match="no architecture fits"):
                space.check()
            continue
        found = [tuple(step for step in row if step != "end") for row in _steps(space)]
        assert sorted(found) == expected
        assert space.size == len(expected)


def test_max_zero_is_never() -> None:
    assert _steps(_space("{a: {layers: relu, max: 0}, b: {layers: tanh, max: 1}}")) == [("b", "end")]


def test_conditions_of_steps_and_within_them() -> None:
    space = _space(
        "{conv: {layers: [{name: k, choice: {k1: {conv: {width: 2, kernel: 1}}, "
        "k3: {conv: {width: 2, kernel: 3}, when: {size: '>= 4'}}}}, {relu: , when: {k: k3}}], "
        "when: {size: '>= 2'}, after: [start, pool]}, "
        "pool: {layers: max_pool, when: {size: '> 1'}}}",
        "depth: {min: 2, max: 2}",
        "[2, 4]",
    )
    assert [_texts(arch) for arch in space] == [
        ["conv(width=2, kernel=1)", "max_pool"],
        ["conv(width=2)", "relu", "max_pool"],
        ["max_pool", "conv(width=2, kernel=1)"],
        ["max_pool", "max_pool"],
    ]


def test_steps_ask_for_decisions_made_before_the_sequence() -> None:
    space = _space(
        "{a: {layers: relu, when: {act: gelu}}, b: {layers: tanh}}",
        "depth: {min: 1, max: 1}",
        before="{name: act, choice: [gelu, silu]}, ",
    )
    assert [_texts(arch) for arch in space] == [["gelu", "relu"], ["gelu", "tanh"], ["silu", "tanh"]]


def test_a_step_that_cannot_go_on_is_not_taken() -> None:
    # After `b` nothing may follow, and two steps there must be.
    space = _space("{a: {layers: relu}, b: {layers: tanh}}", "depth: {min: 2, max: 2}")
    assert space.size == 4
    space = _space("{a: {layers: relu, after: [start, a]}, b: {layers: tanh, after: [a]}}", "depth: {min: 2, max: 2}")
    assert _steps(space) == [("a", "a"), ("a", "b")]


def test_where_no_step_is_allowed_nothing_fits() -> None:
    message = r"^<text>:2:10: net: no architecture fits: no step is allowed after start at 4$"
    with pytest.raises(SpecError, match=message):
        _space("{a: {layers: relu, when: {size: 2}}}").check()
    with pytest.raises(SpecError, match=r"net: no architecture fits: no step is allowed after a at 2×2$"):
        _space("{a: {layers: max_pool, max: 1}}", "depth: {min: 2, max: 2}", "[2, 4]").check()


def test_a_sequence_in_a_repeat_and_in_an_option() -> None:
    net = "{sequence: {a: {layers: relu}, b: {layers: tanh}}, depth: 1}"
    space = parse_space(f"input: [4]\nlayers: [{{name: r, repeat: 2, of: [{net}]}}, {{choice: [{net}, silu]}}]")
    assert list(space.universe) == ["r.0.0.0", "r.1.0.0", "1", "1.sequence.0"]
    assert space.size == 2 * 2 * (2 + 1)
    shared = parse_space(f"input: [4]\nlayers: [{{name: r, repeat: 2, share: true, of: [{net}]}}]")
    assert [_texts(arch) for arch in shared] == [["relu", "relu"], ["tanh", "tanh"]]


def test_a_sequence_in_a_definition_knows_its_words() -> None:
    space = parse_space(
        """
        input: [4]
        define:
          net:
            parameters: {units: }
            sequence: {fc: {layers: {linear: {units: units}}}, act: {layers: relu, after: [fc]}}
            depth: 2
        layers: [{net: {units: {choice: [2, 3]}}}]
        """
    )
    assert list(space.universe) == ["0.net.units", "0.net.0", "0.net.1"]
    assert [_texts(arch) for arch in space][:3] == [
        ["linear(units=2)", "linear(units=2)"],
        ["linear(units=2)", "relu"],
        ["linear(units=2)"],
    ]
    assert space.size == 6


def test_states_grow_with_depth_and_not_with_the_number_of_networks() -> None:
    def states(depth: int) -> int:
        steps = "{a: {layers: {linear: {units: {choice: [1, 2, 3]}}}}, b: {layers: relu, after: [a]}}"
        return len(_space(steps, f"depth: {depth}").graph.states)

    assert states(41) - states(40) == states(11) - states(10) < 20


# Dropouts.


def _rates(arch: Architecture) -> list[str]:
    return [layer.op.text.removeprefix("dropout(p=").rstrip(")") for layer in arch.layers]


STEPS = "{a: {layers: relu}, fc: {layers: tanh}, gap: {layers: gelu}, z: {layers: [silu], last: true}}"


def _one(row: str, dropout: str) -> list[str]:
    """The layers of the network with these steps; of a dropout its rate."""
    space = _space(STEPS, f"depth: 9, dropout: {dropout}")
    steps = [*row.split(), "z"]
    return _rates(space.rebuild({f"net.{place}": step for place, step in enumerate(steps)}))


@pytest.mark.parametrize(
    ("row", "dropout", "layers"),
    [
        ("a a a a", "{p: 0.5}", "relu relu relu relu silu"),
        ("a a a a", "{p: 0.5, every: 1}", "relu 0.125 relu 0.25 relu 0.375 relu dropout silu"),
        ("a a a a a", "{p: 0.8, every: 2}", "relu relu 0.4 relu relu 0.8 relu silu"),
        ("a a", "{p: 0.5, every: 3}", "relu relu silu"),
        ("", "{p: 0.5, every: 1}", "silu"),
        ("a fc a fc", "{p: 0.4, after: [fc]}", "relu tanh 0.2 relu tanh 0.4 silu"),
        ("a fc a a", "{p: 0.75, after: fc, every: 2}", "relu tanh 0.375 relu relu 0.75 silu"),
        ("fc a a", "{p: 0.75, after: [fc], every: 2}", "tanh 0.375 relu 0.75 relu silu"),
        ("a gap a gap", "{p: 0.4, every: 2, except: [gap]}", "relu gelu relu gelu silu"),
        ("a a a gap", "{p: 0.4, every: 2, except: [gap]}", "relu relu 0.4 relu gelu silu"),
        ("a fc", "{p: 0.4, after: [a, fc], except: [fc]}", "relu 0.4 tanh silu"),
        # A further `a` would be number 4, and one would follow it: n is 2.
        ("a a a", "{p: 0.8, every: 2, beyond: true}", "relu relu 0.4 relu silu"),
        # A further `a` would be number 3.
        ("a a", "{p: 0.8, every: 2, beyond: true}", "relu relu 0.8 silu"),
        # After a further `fc` one would follow, whatever its number.
        ("fc", "{p: 0.8, after: [fc], beyond: true}", "tanh 0.4 silu"),
        ("a gap", "{p: 0.8, every: 1, except: [gap], beyond: true}", "relu 0.8 gelu silu"),
        ("a", "{p: 0.8, every: 2, beyond: true}", "relu silu"),
        ("", "{p: 0.8, every: 1, beyond: true}", "silu"),
    ],
)
def test_dropouts_and_their_rates(row: str, dropout: str, layers: str) -> None:
    assert " ".join(_one(row, dropout)) == layers


def test_the_last_dropout_of_a_sequence_without_last_steps() -> None:
    space = _space("{a: {layers: relu}}", "depth: 4, dropout: {p: 0.6, every: 2}")
    assert [" ".join(_rates(arch)) for arch in space] == [
        "relu relu 0.3 relu relu 0.6",
        "relu relu 0.6 relu",
        "relu relu 0.6",
        "relu",
    ]


def test_each_sequence_has_rates_of_its_own() -> None:
    net = "{sequence: {a: {layers: relu}}, depth: {min: 2, max: 2}, dropout: {p: 0.4, every: 1}}"
    (arch,) = parse_space(f"input: [4]\nlayers: [{net}, {{repeat: 2, of: [{net}]}}]")
    assert _rates(arch) == ["relu", "0.2", "relu", "0.4"] * 3


def test_each_copy_of_a_shared_sequence_has_the_same_rates() -> None:
    net = "{sequence: {a: {layers: relu}}, depth: {min: 2, max: 2}, dropout: {p: 0.4, every: 1}}"
    (arch,) = parse_space(f"input: [4]\nlayers: [{{repeat: 2, share: true, of: [{net}]}}]")
    assert _rates(arch) == ["relu", "0.2", "relu", "0.4"] * 2


def test_what_a_dropout_follows() -> None:
    dropouts = Dropouts(p=0.5, every=3, after=("fc",), without=("gap",), beyond=False)
    assert [number for number in range(1, 10) if dropouts.follows("conv", number)] == [3, 6, 9]
    assert [number for number in range(1, 4) if dropouts.follows("fc", number)] == [1, 2, 3]
    assert not any(dropouts.follows("gap", number) for number in range(1, 10))
    assert not Dropouts(0.5, 0, (), (), False).follows("conv", 1)
