"""Ops with their arguments, and the exact words about what is wrong."""

from collections.abc import Callable

import pytest

from nas.errors import SpecError
from nas.ops import Augment
from nas.space import parse_space

HEAD = "input: [4]\nlayers:\n"
FIRST = "augment is not the first layer (expected at the beginning of the layers, or in a choice there, and only once)"
PROBLEMS = {
    "unknown argument": (
        HEAD + "  - linear: {unit: 3}",
        "3:13: 0.linear: an argument is missing (expected 'units', got 'unit')\n"
        "f:3:14: 0.linear: no such key: 'unit' (expected units, bias; did you mean 'units'?)",
    ),
    "missing argument": (
        HEAD + "  - linear",
        "3:5: 0.linear: an argument is missing (expected 'units', got no arguments)",
    ),
    "argument without its name": (
        HEAD + "  - linear: 10",
        "3:13: 0.linear: arguments must be a mapping (expected {units: 10}, got 10)",
    ),
    "not the first layer": (
        HEAD + "  - relu\n  - augment: {noise: 0.1}",
        f"4:5: 1.augment: {FIRST}",
    ),
    "not the first layer in an option": (
        HEAD + "  - choice: {some: [relu, augment], other: augment}",
        f"3:27: 0.some.1.augment: {FIRST}",
    ),
    "in copies": (
        HEAD + "  - repeat: 2\n    of: [{augment: {noise: 0.1}}]",
        f"4:11: 0.0.augment: {FIRST}",
    ),
    "beside another branch": (
        HEAD + "  - residual: [{augment: {noise: 0.1}}]",
        f"3:17: 0.0.augment: {FIRST}",
    ),
    "in a shared definition": (
        "input: [4]\ndefine: {noisy: {share: true, layers: [{augment: {noise: 0.1}}]}}\nlayers: [noisy, relu, noisy]",
        f"2:41: noisy.0.augment: {FIRST}",
    ),
    "argument of an op without any": (
        HEAD + "  - relu: 10",
        "3:11: 0.relu: arguments must be a mapping (expected no arguments, got 10)",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_in_exact_words(name: str, refusal: Callable[[str], str]) -> None:
    text, message = PROBLEMS[name]
    assert refusal(text) == f"f:{message}"


def test_augment_may_be_the_first_layer_of_options_and_definitions() -> None:
    space = parse_space(
        """
        input: [4]
        define: {noisy: {parameters: {share: }, augment: {noise: share}}}
        layers:
          - name: policy
            choice:
              none: identity
              swap: [{augment: {swap: 0.1}}, relu]
              noise: {noisy: {share: {choice: [0.1, 0.2]}}}
          - {linear: {units: 2}}
        """
    )
    found = [arch.augment for arch in space]
    assert found == [Augment(), Augment(swap=0.1), Augment(noise=0.1), Augment(noise=0.2)]
    assert len({arch.id for arch in space}) == 4


def test_augment_for_other_inputs_is_no_option() -> None:
    layers = "[{choice: {none: identity, mirrored: {augment: {flip: true}}}}, {linear: {units: 2}}]"
    assert [arch.choices for arch in parse_space(f"{{input: [4], layers: {layers}}}")] == [(("0", "none"),)]
    alone = parse_space("{input: [4], layers: [{augment: {flip: true}}, {linear: {units: 2}}]}")
    with pytest.raises(SpecError, match=r"0: no architecture fits: augment\.flip is for images, got 4$"):
        alone.check()
