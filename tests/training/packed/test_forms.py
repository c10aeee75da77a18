"""The contract of packed layers: each op of the table is computed as by its copies, or refused."""

import pytest
from torch import nn

from nas.ops import OPS, GlobalAvgPool, Op, Shape
from nas.training.packed.forms import FORMS, refusals
from tests.model.layers import ARGUMENTS
from tests.training.packed.copies import assert_alike, flat_of, networks_of

INPUTS: tuple[Shape, ...] = ((8,), (8, 10), (8, 5, 10))
REFUSED = {"lstm", "gru"}


@pytest.mark.parametrize("name", OPS)
def test_every_op_is_as_its_copies_or_refused(name: str) -> None:
    packed = 0
    for arguments in ARGUMENTS.get(name, [{}]):
        op = OPS[name](**arguments)
        for arch in filter(None, (flat_of(input, op) for input in INPUTS)):
            networks = networks_of(arch)
            reasons = [reason for part, module in networks[0].named_children() for reason in refusals(module, part)]
            if name in REFUSED:
                kind = "MaskedRecurrent" if arguments.get("mask") else "Recurrent"
                assert reasons == [f"{name}1 ({kind}) has no packed form"]
            elif name in ("attention", "transformer_block") and arguments.get("dropout"):
                where = f"{name}1" if name == "attention" else f"{name}1.0"
                drops = "drops attention weights, which are drawn for all copies at once"
                assert reasons == [f"{where} (SelfAttention) {drops}"]
            else:
                assert reasons == []
                assert_alike(networks)
                packed += 1
    assert (packed == 0) == (name in REFUSED)


class _Own(nn.ReLU):
    pass


def test_what_is_refused() -> None:
    hooked = nn.Linear(2, 2)
    hooked.register_forward_hook(lambda *_: None)
    assert list(refusals(nn.Sequential(nn.ReLU(), nn.Sequential(_Own())), "net1")) == [
        "net1.1.0 (_Own) has no packed form"
    ]
    assert list(refusals(hooked, "linear1")) == ["linear1 (Linear) has hooks"]
    assert list(refusals(nn.Softmax(), "softmax1")) == ["softmax1 (Softmax) has no packed form"]


def test_layers_after_a_change_of_layout_know_it() -> None:
    """Within one op, values become flat, and the norm after them is one of flat values."""

    class Pooled(Op):
        name = "pooled"

        def shape(self, input: Shape) -> Shape:
            return input[:1]

        def cost(self, input: Shape) -> object:  # type: ignore[override]
            return GlobalAvgPool().cost(input)

        def module(self, input: Shape) -> nn.Module:
            return nn.Sequential(GlobalAvgPool().module(input), nn.BatchNorm1d(input[0]), nn.Tanh())

    arch = flat_of((4, 6), Pooled())
    assert arch is not None
    assert_alike(networks_of(arch))


def test_forms_are_of_torch_and_of_the_ops() -> None:
    assert {cls.__module__.split(".")[0] for cls in FORMS} == {"torch", "nas"}
