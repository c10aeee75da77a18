"""Choices between layers: labels, and names of the decisions within."""

from tests.space.language.small import space_of, texts_of


def test_a_choice_may_hold_a_value_a_layer_or_a_list() -> None:
    space = space_of("[{name: a, choice: [relu, {linear: {units: 3}}, [gelu, tanh], []]}]")
    assert space.universe["a"] == ("relu", "linear", "gelu + tanh", "nothing")
    assert [texts_of(arch) for arch in space] == [["relu"], ["linear(units=3)"], ["gelu", "tanh"], []]


def test_choices_within_choices_have_names_of_their_own() -> None:
    space = space_of("[{name: a, choice: [{choice: [{choice: [relu, gelu]}, tanh]}, silu]}]")
    assert list(space.universe) == ["a", "a.choice", "a.choice.choice"]
    assert space.size == 4
    assert [texts_of(arch) for arch in space] == [["relu"], ["gelu"], ["tanh"], ["silu"]]


def test_keywords_within_choices_have_names_of_their_own() -> None:
    block = "[{choice: [relu, gelu]}]"
    space = space_of(
        "[{name: a, choice: "
        f"[{{repeat: {{choice: [1, 2]}}, of: {block}}}, {{residual: {block}}}, [{{choice: [relu, gelu]}}]]}}]"
    )
    assert set(space.universe) == {"a", "a.repeat.repeat", "a.repeat.0.0", "a.repeat.1.0", "a.residual.0", "a.2.0"}


def test_options_of_equal_ops_have_their_number_in_the_path() -> None:
    linear = "{linear: {bias: false, units: {choice: [2, 3]}}}"
    space = space_of(f"[{{name: a, choice: [{linear}, [{linear}], relu]}}]")
    assert space.universe == {
        "a": ("linear", "linear(bias=False, units=…)", "relu"),
        "a.linear.units": (2, 3),
        "a.1.0.linear.units": (2, 3),
    }


def test_labels_are_segments_of_the_path() -> None:
    space = space_of(
        "[{name: a, choice: {x-1: [{choice: [relu, gelu]}], none: [], y: {linear: {units: {choice: [2]}}}}}]"
    )
    assert space.universe == {"a": ("x-1", "none", "y"), "a.x-1.0": ("relu", "gelu"), "a.y.linear.units": (2,)}
