"""Parts of architectures that compute features."""

import pytest

from nas.errors import UsageError
from nas.ops import MeanSoftmax
from nas.reuse.trunk import trunk_of
from nas.space import Architecture, parse_space
from nas.space.union import union_of

IMAGES = (
    "{conv: {width: 4}}, relu, {parallel: [{conv: {width: 3}}, identity], merge: concat}, flatten, "
    "{linear: {units: 6}}, relu, {linear: {units: outputs}}"
)


def arch_of(layers: str, input: str = "[1, 4, 4]") -> Architecture:
    return parse_space(f"input: {input}\noutputs: 5\nlayers: [{layers}]").rebuild({})


def test_what_the_last_linear_layer_reads() -> None:
    arch = arch_of(IMAGES)
    found = trunk_of(arch)
    assert (found.layer, found.arch.output) == ("relu2", (6,))
    assert found.arch.layers == arch.layers[:-1]
    assert found.names == {name: name for name in arch.names[:-1]}
    assert found.with_head(5).layers == arch.layers
    assert found.with_head(2).output == (2,)
    assert found.arch.choices == arch.choices


def test_each_layer() -> None:
    """Merges included; maps are pooled, and what a layer does not need is left out."""
    arch = arch_of(IMAGES)
    for name, layer in zip(arch.names, arch.layers, strict=True):
        found = trunk_of(arch, name)
        assert found.layer == name
        assert found.arch.output == (layer.output if name in ("flatten1", *arch.names[-3:]) else layer.output[:1])
    branch = trunk_of(arch, "conv2")
    assert branch.names == {"conv1": "conv1", "relu1": "relu1", "conv2": "conv2"}
    assert branch.arch.names == ("conv1", "relu1", "conv2", "global_avg_pool1")


def test_names_of_layers_behind_one_that_is_left_out() -> None:
    arch = arch_of("{parallel: [{linear: {units: 2}}, [relu, {linear: {units: 3}}]], merge: concat}, relu", "[4]")
    assert arch.names == ("linear1", "relu1", "linear2", "concat1", "relu2")
    assert trunk_of(arch, "linear2").names == {"relu1": "relu1", "linear2": "linear1"}


def test_features_of_the_members_of_an_ensemble_stand_side_by_side() -> None:
    members = [arch_of(IMAGES), arch_of("flatten, {linear: {units: outputs}}"), arch_of(IMAGES)]
    found = trunk_of(union_of(members, MeanSoftmax()))
    assert found.layer == "relu2 + flatten2 + relu4"
    assert found.arch.output == (6 + 16 + 6,)
    assert [found.names[name] for name in ("conv3", "linear4")] == ["conv3", "linear2"]


def test_a_linear_layer_that_reads_the_input() -> None:
    for layers, names in (("{linear: {units: outputs}}", ()), ("flatten, {linear: {units: outputs}}", ("flatten1",))):
        found = trunk_of(arch_of(layers, "[4]" if not names else "[1, 2, 2]"))
        assert found.arch.names == names
        assert found.arch.output == (4,)
        assert found.with_head(3).output == (3,)
    assert trunk_of(arch_of("{linear: {units: outputs}}", "[4]")).layer == "input"


def test_layers_that_are_not_there() -> None:
    with pytest.raises(UsageError, match="the network has no layer 'con1'; did you mean 'conv1'"):
        trunk_of(arch_of(IMAGES), "con1")
    with pytest.raises(UsageError, match="the network has no layer 'xyz', expected one of flatten1, linear1"):
        trunk_of(arch_of("flatten, {linear: {units: outputs}}"), "xyz")
    with pytest.raises(UsageError, match="no linear layer; expected the name of a layer: conv1, global_avg_pool1"):
        trunk_of(arch_of("{conv: {width: outputs}}, global_avg_pool"))
