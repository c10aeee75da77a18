"""Boxes and what is written in them."""

from collections.abc import Callable

from nas.space import Architecture, parse_space
from nas.space.drawing.boxes import LEAST, Boxes
from nas.space.drawing.structure import Run, Step, structure
from tests.space.drawing.areas import area, within


def _of(layers: str) -> Architecture:
    (arch,) = parse_space(f"input: [8, 16, 16]\nlayers: {layers}")
    return arch


def test_norms_and_activations_are_notes_in_the_box_of_their_layer() -> None:
    arch = _of("[{conv: {width: 16}}, batch_norm, relu, relu]")
    (step,) = structure(arch, exact=False)
    assert isinstance(step, Step)
    (box,) = Boxes(arch).step(step, 200.0).boxes
    assert [(label.bold, label.text) for label in box.labels] == [
        ("conv 3×3", ", 16"),
        ("", "batch_norm, relu ×2"),
        ("", f"{arch.params:,}"),
    ]
    assert all(within(area(label), area(box)) for label in box.labels)


def test_a_run_says_how_many_and_what_all_cost() -> None:
    arch = _of("[{repeat: 3, of: [{conv: {width: 8}}]}]")
    (run,) = structure(arch, exact=False)
    assert isinstance(run, Run)
    steps = [step for copy in run.copies for step in copy if isinstance(step, Step)]
    drawn = Boxes(arch).step(steps[0], 200.0, steps)
    assert [label.bold for label in drawn.labels] == ["×3"]
    assert f"3 × {arch.params // 3:,}" in [label.text for box in drawn.boxes for label in box.labels]


def test_boxes_are_as_wide_as_their_texts(named: Callable[..., Architecture]) -> None:
    assert Boxes(_of("[relu]")).width(structure(_of("[relu]"))) == LEAST
    arch = named("darts", 1)
    assert Boxes(arch).width(structure(arch, exact=False)) >= LEAST


def test_a_merge_is_a_sign_or_a_word() -> None:
    for merge, sign in (("add", "add"), ("multiply", "multiply"), ("concat", "")):
        arch = _of(f"[{{parallel: [[relu], [tanh]], merge: {merge}}}]")
        (box,) = Boxes(arch).merge(len(arch.blocks)).boxes
        assert (box.sign, box.family) == (sign, "merge")
