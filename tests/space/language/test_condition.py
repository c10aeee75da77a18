"""Conditions: what they compare, what they look up, and what a walk remembers for them."""

import pytest

from nas.errors import SpecError
from nas.space import Value
from nas.space.language.condition import MEASURES, Compare, Condition, Fact, OneOf, Word, place_of, resolve
from tests.space.language.small import space_of, texts_of


def test_measures() -> None:
    found = {shape: [measure(shape) for measure in MEASURES.values()] for shape in [(5,), (3, 8), (3, 4, 6)]}
    assert list(MEASURES) == ["size", "channels", "flat"]
    assert found == {(5,): [1, 5, True], (3, 8): [8, 3, False], (3, 4, 6): [6, 3, False]}


@pytest.mark.parametrize(
    ("values", "holds", "fails"),
    [
        ((1,), [1, 1.0], [True, "1", None, 2]),
        ((True,), [True], [1, False, "true"]),
        ((None,), [None], [False, 0, ""]),
        (("a", 2.5), ["a", 2.5], ["b", 2, None]),
        ((Word("w"), 3), [7, 3], ["w", 6]),
    ],
)
def test_one_of(values: tuple[Value | Word, ...], holds: list[Value], fails: list[Value]) -> None:
    test = OneOf(values)
    assert all(test.holds(value, (("w", 7),)) for value in holds)
    assert not any(test.holds(value, (("w", 7),)) for value in fails)


@pytest.mark.parametrize(
    ("relation", "holds"),
    [("<", [3, -1]), ("<=", [3, 4, 4.0, -1]), (">", [5, 4.5]), (">=", [4, 4.0, 5, 4.5]), ("!=", [3, 5, 4.5, -1])],
)
def test_compare(relation: str, holds: list[float]) -> None:
    for number in (4.0, Word("w")):
        test = Compare(relation, number)
        for value in (3, 4, 4.0, 5, 4.5, -1):
            assert test.holds(value, (("w", 4),)) == (value in holds)
        assert not any(test.holds(value, (("w", 4),)) for value in ("3", "5", True, False, None)), "what is no number"
    assert not Compare("!=", Word("w")).holds(3, (("w", "relu"),))


def test_words_of_a_scope() -> None:
    assert resolve(Word("bias"), (("width", 3), ("bias", False))) is False
    assert resolve("width", (("width", 3),)) == "width"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("body.1.pool", 3),
        ("body.1", 3),
        ("body.0.pool", 2),
        ("body", 1),
        ("body.10", 1),
        ("other", 1),
        ("", 1),
    ],
)
def test_decisions_are_looked_up_from_the_inside_outwards(path: str, found: int) -> None:
    names = {"norm": 1, "body.0.norm": 2, "body.1.norm": 3, "body.1.pool.x.norm": 4}
    facts = tuple(Fact(name, value, "") for name, value in names.items())
    for value in range(5):
        assert Condition((("norm", OneOf((value,))),)).holds((4,), facts, (), path) == (value == found)


def test_a_decision_that_was_not_made_fails_every_test() -> None:
    facts = Fact("norms", 1, ""), Fact("a.norm", 1, "a")
    for test in (OneOf((None,)), Compare("!=", 1.0)):
        assert not Condition((("norm", test),)).holds((4,), facts, (), "b")


def test_all_tests_must_hold() -> None:
    tests = ("size", Compare("<", 8.0)), ("channels", OneOf((3,))), ("act", OneOf(("relu",)))
    facts = (Fact("act", "relu", ""),)
    assert Condition(tests).holds((3, 7), facts, (), "")
    assert not Condition(tests).holds((3, 8), facts, (), "")
    assert not Condition(tests).holds((2, 7), facts, (), "")
    assert not Condition(tests).holds((3, 7), (Fact("act", "gelu", ""),), (), "")
    assert Condition(()).holds((3, 7), (), (), "")


def test_words_go_before_measures_and_decisions() -> None:
    test = Condition((("size", OneOf((5,))), ("act", OneOf(("gelu",)))))
    facts = (Fact("act", "relu", ""),)
    assert test.holds((3, 7), facts, (("size", 5), ("act", "gelu")), "")
    assert not test.holds((3, 5), facts, (("size", 7), ("act", "gelu")), "")


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("norm", ""),
        ("a.norm", "a"),
        ("a.0.c.norm", "a.0"),
        ("c.norm", ""),
        ("norm.a", None),
        ("abnorm", None),
        ("a.0", None),
    ],
)
def test_the_place_below_which_a_decision_is_asked_for(name: str, place: str | None) -> None:
    assert place_of(name, frozenset({"norm", "c.norm"})) == place
    assert place_of(name, frozenset()) is None


# In spaces.


def test_a_part_is_left_out_where_its_condition_fails() -> None:
    space = space_of(
        "[{name: a, repeat: 3, of: [{max_pool: , when: {size: '>= 4'}}, "
        "{layers: [relu, gelu], when: {size: [3, 4], flat: false}}]}, "
        "{flatten: , when: {size: 1}}, {choice: [tanh, silu], when: {flat: true}}]",
        "[1, 9]",
    )
    (arch,) = space
    assert texts_of(arch) == ["max_pool", "relu", "gelu", "max_pool"]
    assert arch.output == (1, 2)


def test_an_option_is_offered_where_its_condition_holds() -> None:
    space = space_of(
        "[{name: a, repeat: 2, of: [{choice: [{conv: {width: 3}, when: {channels: '!= 3'}}, "
        "{max_pool: , when: {size: '> 2', channels: 3}}, {layers: [relu, gelu], when: {size: 2}}, identity]}]}]",
        "[2, 4]",
    )
    assert space.universe["a.0.0"] == ("conv", "max_pool", "relu + gelu", "identity")
    assert [tuple(dict(arch.choices).values()) for arch in space] == [
        ("conv", "max_pool"),
        ("conv", "identity"),
        ("identity", "conv"),
        ("identity", "identity"),
    ]


def test_a_choice_without_an_allowed_option_does_not_fit() -> None:
    message = r"^<text>:2:10: 0: no architecture fits: no option of the choice is allowed after 4$"
    with pytest.raises(SpecError, match=message):
        space_of("[{choice: [{relu: , when: {size: 2}}, {gelu: , when: {flat: false}}]}]").check()


def test_every_keyword_may_have_a_condition() -> None:
    parts = [
        "choice: [relu]",
        "{repeat: 2, of: [relu]",
        "{residual: [relu]",
        "{parallel: [relu, []]",
        "{sequence: {a: {layers: relu}}, depth: 1",
        "{layers: [relu]",
        "{act: ",
        "{relu: ",
        "{linear: {units: 3}",
    ]
    for part in parts:
        one = "{" + part.removeprefix("{")
        for value in (True, False):
            (arch,) = space_of(f"[{one}, when: {{flat: {str(value).lower()}}}}}, act]", define="{act: tanh}")
            assert (len(arch.layers) > 1) == value


def test_conditions_ask_for_earlier_decisions_of_all_kinds() -> None:
    space = space_of(
        """
  - {name: kind, choice: {small: relu, large: gelu}}
  - {name: fc, linear: {units: {choice: [2, 3, 4]}, bias: {choice: [true, false]}}}
  - {name: more, repeat: {choice: [0, 1]}, of: [tanh]}
  - {silu: , when: {kind: small, fc.linear.units: '>= 3', fc.linear.bias: false, more.repeat: [1]}}
"""
    )
    assert space.size == 24
    with_silu = [arch.choices for arch in space if texts_of(arch)[-1] == "silu"]
    assert [tuple(dict(choices).values()) for choices in with_silu] == [
        ("small", 3, False, 1),
        ("small", 4, False, 1),
    ]


def test_the_innermost_decision_is_meant() -> None:
    space = space_of(
        """
  - {name: act, choice: [relu, gelu]}
  - name: body
    repeat: 2
    of:
      - {name: act, choice: [relu, gelu], when: {channels: 4}}
      - {tanh: , when: {act: gelu}}
      - {linear: {units: 3}}
"""
    )
    # The second copy has no decision of its own, and asks for the outer one; never for that of the first copy.
    for arch in space:
        decided = dict(arch.choices)
        assert list(decided) == ["act", "body.0.act"]
        first, second = decided["body.0.act"] == "gelu", decided["act"] == "gelu"
        linear = "linear(units=3)"
        assert texts_of(arch) == [
            str(decided["act"]),
            str(decided["body.0.act"]),
            *["tanh"] * first,
            linear,
            *["tanh"] * second,
            linear,
        ]


def test_a_decision_within_another_part_is_asked_for_by_its_path() -> None:
    layers = "[{name: a, layers: [{name: act, choice: [relu, gelu]}]}, {tanh: , when: {a.act: relu}}]"
    assert [len(arch.layers) for arch in space_of(layers)] == [2, 1]
    # Its name alone does not reach it; nor does that of a decision of another copy.
    for unreached in (
        layers.replace("when: {a.act", "when: {act"),
        "[{name: r, repeat: 2, of: [{name: act, choice: [relu, gelu]}, {tanh: , when: {r.act: relu}}]}]",
    ):
        with pytest.raises(SpecError, match=r"no decision is named '(r\.)?act'"):
            space_of(unreached)


def test_conditions_within_options_branches_and_definitions() -> None:
    define = "{b: {layers: [{name: act, choice: [relu, gelu]}, {residual: [{tanh: , when: {act: gelu}}]}]}}"
    space = space_of("[b, {name: x, choice: [b, identity]}]", define=define)
    for arch in space:
        decided = dict(arch.choices)
        acts = [value for name, value in decided.items() if name.endswith("act")]
        expected: list[str] = []
        for act in acts:
            expected += [str(act), *["tanh"] * (act == "gelu"), "add"]
        assert texts_of(arch) == expected


def test_shared_decisions_are_asked_for_by_their_name() -> None:
    define = "{act: {share: true, choice: [relu, gelu]}, u: {share: true, choice: [2, 3]}}"
    space = space_of(
        "[{repeat: 2, of: [act, {linear: {units: u}}, {tanh: , when: {act: gelu, u: 3}}]}, "
        "{silu: , when: {act: relu}}]",
        define=define,
    )
    assert [texts_of(arch)[2:] for arch in space] == [
        ["relu", "linear(units=2)", "silu"],
        ["relu", "linear(units=3)", "silu"],
        ["gelu", "linear(units=2)"],
        ["tanh", "gelu", "linear(units=3)", "tanh"],
    ]


def test_parameters_are_asked_for_like_decisions() -> None:
    define = "{b: {parameters: {units: }, layers: [{linear: {units: units}}, {tanh: , when: {units: 3}}]}}"
    space = space_of("[{b: {units: {choice: [2, 3]}}}]", define=define)
    assert [texts_of(arch)[1:] for arch in space] == [[], ["tanh"]]


def test_conditions_on_words() -> None:
    define = """{b: {parameters: {units: , act: none}, layers: [
        {relu: , when: {channels: units}}, {gelu: , when: {channels: "< units"}}, {tanh: , when: {act: [x, y]}}]}}"""
    space = space_of("[{b: {units: {choice: [3, 4, 5]}}}, {b: {units: 4, act: y}}]", define=define)
    assert [texts_of(arch) for arch in space] == [["relu", "tanh"], ["relu", "relu", "tanh"], ["gelu", "relu", "tanh"]]


def test_conditions_on_words_and_measures_together() -> None:
    define = """{b: {parameters: {width: , stride: 1}, layers: [
        {relu: , when: {channels: width, stride: 2}}, {gelu: , when: {channels: "!= width"}}, {conv: {width: width}},
        {tanh: , when: {channels: [width, 7], stride: "< width"}}]}}"""

    def decided(*uses: str) -> list[list[str]]:
        space = space_of(f"[{', '.join(uses)}]", "[2, 4]", define=define)
        return [[text for text in texts_of(arch) if "conv" not in text] for arch in space]

    assert decided("{b: {width: 2}}") == [["tanh"]]
    assert decided("{b: {width: 2, stride: 2}}") == [["relu"]]
    assert decided("{b: {width: 3, stride: 2}}") == [["gelu", "tanh"]]
    assert decided("{b: {width: {choice: [2, 3]}, stride: {choice: [1, 2]}}}") == [
        ["tanh"],
        ["relu"],
        ["gelu", "tanh"],
        ["gelu", "tanh"],
    ]
    # A word means what it stands for where it stands.
    assert decided("{b: {width: {choice: [2, 3]}, stride: 2}}", "{b: {width: 2, stride: 2}}") == [
        ["relu", "relu"],
        ["gelu", "tanh", "gelu"],
    ]


def test_conditions_on_the_words_of_a_cell() -> None:
    edge = "[{relu: , when: {width: 3}}, {conv: {width: 3, stride: stride}, when: {stride: '>= 2'}}]"
    (arch,) = space_of(f"[{{cell: {{nodes: 2, stride: 2, edge: {edge}}}}}]", "[3, 4]")
    assert texts_of(arch) == ["relu", "conv(width=3, stride=2)", "relu", "conv(width=3, stride=2)", "relu", "add"]


def test_later_copies_of_a_shared_repeat_know_what_the_first_decided() -> None:
    space = space_of(
        "[{name: a, repeat: 3, share: true, of: [{tanh: , when: {act: gelu}}, {name: act, choice: [relu, gelu]}, "
        "{silu: , when: {act: gelu}}]}]"
    )
    assert [texts_of(arch) for arch in space] == [["relu"] * 3, ["gelu", "silu", *["tanh", "gelu", "silu"] * 2]]


def test_all_copies_of_a_shared_repeat_know_how_many_they_are() -> None:
    space = space_of("[{name: a, repeat: {choice: [1, 3]}, share: true, of: [relu, {tanh: , when: {repeat: '>= 2'}}]}]")
    assert [texts_of(arch) for arch in space] == [["relu"], ["relu", "tanh"] * 3]
