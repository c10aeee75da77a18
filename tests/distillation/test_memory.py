"""States of students and teachers at each step, held against a formula in NumPy."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from nas.data import Tokenizing, from_texts
from nas.distillation import Distill, Memory
from nas.distillation.answering import anatomy_over_time, features_of
from nas.distillation.kind import OVER_TIME, Anatomy, Answers, Lesson
from nas.distillation.matching import Projection
from nas.errors import UsageError
from nas.model import Network
from nas.tasks import Classification
from nas.training import Recipe
from nas.training.batch import Batch
from nas.training.loop import Training
from nas.training.teaching import Teaching
from nas.training.workbench import Workbench
from tests.distillation.lessons import SEQUENCES, drawn, shown, teacher_of
from tests.training.networks import arch_of

TASK = Classification(("a", "b"))
GRU, LSTM = "{gru: {units: 4, output: last}}", "{lstm: {units: 5}}, {lstm: {units: 6, output: last}}"
CONV = "{conv: {width: 4, stride: 2}}, relu, flatten"
ATTENTION = "{conv: {width: 4, kernel: 1}}, {attention: {heads: 2}}, feed_forward, global_avg_pool"
HEAD = "{linear: {units: outputs}}"


def _interpolated(states: np.ndarray, length: int) -> np.ndarray:
    """At the centres of `length` equal parts of the time."""
    had = states.shape[2]
    places = (np.arange(length) + 0.5) * had / length - 0.5
    return np.apply_along_axis(lambda one: np.interp(places, np.arange(had), one), 2, states)


@pytest.mark.parametrize("distance", ["squared", "cosine"])
@pytest.mark.parametrize("lengths", [(6, 6), (3, 6), (6, 5)])
@pytest.mark.parametrize("padded", [False, True])
def test_it_is_the_formula(distance: Any, lengths: tuple[int, int], padded: bool) -> None:
    rng = np.random.default_rng(0)
    own, theirs = (
        rng.normal(size=(4, width, one)).astype(np.float32) for width, one in zip((3, 5), lengths, strict=True)
    )
    tokens = np.where(np.arange(6) < [[6], [4], [1], [0]], 7, 0)
    kind = Memory(distance=distance)
    lesson = Lesson(TASK, 4, nn.Module, [own.shape[1:]], [theirs.shape[1:]], padded=padded)
    parts = kind.parts(lesson)
    [project] = parts.children()
    assert isinstance(project, Projection)
    student, teacher = (Answers(torch.zeros(4, 2), (torch.tensor(one),)) for one in (own, theirs))
    batch = shown(torch.tensor(tokens), torch.zeros(4))
    found = kind.loss(student, teacher, batch, parts, lesson)

    length = min(lengths)
    weight, bias = (one.detach().numpy() for one in (project.linear.weight, project.linear.bias))
    own = np.einsum("oc,ncl->nol", weight, _interpolated(own, length)) + bias[:, None]
    theirs = _interpolated(theirs, length)
    counted = _interpolated((tokens != 0).astype(float)[:, None], length)[:, 0] if padded else np.ones((4, length))
    if distance == "squared":
        each = ((own - theirs) ** 2).mean(1) / ((theirs**2).mean(1) * counted).sum() * counted.sum()
    else:
        each = 1 - (own * theirs).sum(1) / np.linalg.norm(own, axis=1) / np.linalg.norm(theirs, axis=1)
    np.testing.assert_allclose(found.item(), (each * counted).sum() / counted.sum(), rtol=1e-4)


def _anatomy(layers: str) -> Anatomy:
    network = SEQUENCES.bench.build(arch_of(f"{layers}, {HEAD}", SEQUENCES.data))
    return anatomy_over_time(network, drawn(2, *SEQUENCES.shape))


@pytest.mark.parametrize(
    ("student", "teacher", "pair"),
    [
        (f"{{conv: {{width: 4}}}}, {GRU}", LSTM, ("gru1", "lstm2")),
        (CONV, LSTM, ("relu1", "lstm2")),
        (GRU, CONV, ("gru1", "relu1")),
        (
            "{conv: {width: 4, kernel: 1}}, {attention: {heads: 2}}, feed_forward, global_avg_pool",
            GRU,
            ("feed_forward1", "gru1"),
        ),
    ],
)
def test_the_last_recurrent_layers_are_paired_or_else_the_last_over_time(
    student: str, teacher: str, pair: tuple[str, str]
) -> None:
    assert Memory().pairs(_anatomy(student), _anatomy(teacher)) == [pair]


def test_layers_that_do_not_suit_are_refused() -> None:
    recurrent, conv, flat = _anatomy(LSTM), _anatomy(CONV), _anatomy("flatten, {linear: {units: 4}}")
    for layers, student, teacher, said in (
        ({}, conv, conv, "expected a recurrent layer, such as lstm or gru, in one of the networks, got none"),
        ({}, flat, recurrent, "the student has no layer over time: "),
        ({}, recurrent, flat, "the teacher has no layer over time: "),
        ({"lstm3": "lstm1"}, recurrent, recurrent, "the student has no features 'lstm3'; did you mean 'lstm"),
        ({"lstm1": "linear1"}, recurrent, recurrent, "the teacher has no features 'linear1'"),
    ):
        with pytest.raises(UsageError, match=rf"distill\.by\.memory\.layers: {said}"):
            Memory(layers=layers).pairs(student, teacher)
    assert Memory(layers={"relu1": "lstm1"}).pairs(conv, recurrent) == [("relu1", "lstm1")]


def test_states_are_collected_beside_other_features_of_a_layer() -> None:
    """The layer hands on its last state, as it does else."""
    network = teacher_of(SEQUENCES)
    inputs = drawn(3, *SEQUENCES.shape)
    expected = network(inputs)
    with features_of(network, ["lstm2" + OVER_TIME, "lstm2", "linear1:input"]) as found:
        assert torch.equal(network(inputs), expected)
    states, last, read = found().values()
    assert states.shape == (3, 6, 12)
    assert torch.equal(states[:, :, -1], last)
    assert torch.equal(last, read)


def _distance(teaching: Teaching | None, network: Network, bench: Workbench) -> float:
    """What a student is taught for all samples, without the loss of the task."""
    assert teaching is not None
    batch = Batch(bench.train[0][:], bench.train[1], torch.arange(len(bench.train[1])))
    return teaching(network, lambda outputs, *_: outputs.sum() * 0, batch, 0.0).item()


@pytest.mark.parametrize("student", [GRU, CONV])
def test_a_student_comes_to_remember_what_the_teacher_does(student: str) -> None:
    pair = replace(SEQUENCES, student=f"{student}, {HEAD}")
    recipe = replace(pair.recipe(Memory(weight=10), epochs=20), lr=0.02)
    torch.manual_seed(0)
    training = Training(pair.bench, pair.bench.build(pair.arch), recipe, seed=0)
    before = _distance(training.teaching, training.network, pair.bench)
    while training.epoch < 20:
        training.advance()
    assert _distance(training.teaching, training.network, pair.bench) < 0.5 * before


@pytest.mark.parametrize("distance", ["squared", "cosine"])
def test_padding_of_texts_does_not_count(distance: Any) -> None:
    """With twice the length, nothing changes."""
    losses = []
    for length in (4, 8):
        data = from_texts(["a b c d", "a b", "a", "b a"] * 5, ["x", "y"] * 10, tokenizing=Tokenizing(length=length))
        bench = Workbench(data, device="cpu")
        embedding = f"{{embedding: {{vocabulary: {data.input.tokens}, width: 3, mask: true}}}}"
        lstm = "{lstm: {units: 4, output: last, mask: true, bidirectional: true}}"
        arch = arch_of(f"{embedding}, {lstm}, {HEAD}", data)
        torch.manual_seed(0)
        student, teacher = bench.build(arch), bench.build(arch)
        distill = Distill(teacher=teacher.eval(), by=(Memory(distance=distance),))
        teaching = Teaching(bench, student, Recipe(epochs=1, distill=distill), seed=0)
        losses.append(_distance(teaching, student, bench))
    assert losses[0] > 0.1
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)
