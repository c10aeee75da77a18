"""Targets that may be wrong."""

import numpy as np
import pytest

import nas
from nas.data_summary.suspects import find_suspects, judge_classes, judge_labels, judge_values
from tests.data_summary.tiny_data import two_blobs, with_targets


def test_wrong_labels_are_found_and_no_others() -> None:
    data, wrong = two_blobs(120), {4, 9, 13, 20, 31, 50}
    found = find_suspects(with_targets(data, {place: 1 - int(data.train.targets[place]) for place in wrong}))
    assert {one.sample.part for one in found.first} == {"train"}
    assert {one.sample.place for one in found.first} <= wrong
    assert found.count == len(found.first) >= len(wrong) / 2
    assert all(one.confidence is not None and one.confidence < 0.5 for one in found.first)
    assert (found.looked_at, found.of, found.weak) == (120, 120, False)
    assert found.score == pytest.approx(114 / 120)


def test_the_confident_joint() -> None:
    # The averages of the classes where they are the label are 0.6 and 0.7.
    probabilities = np.array([[0.9, 0.1], [0.3, 0.7], [0.3, 0.7], [0.1, 0.9], [0.6, 0.4]])
    labels = np.array([0, 0, 1, 1, 1])
    judged = judge_classes(probabilities, labels)
    assert judged.suspect.tolist() == [False, True, False, False, True]
    assert judged.confidence.tolist() == [0.9, 0.3, 0.7, 0.9, 0.4]
    assert judged.score == pytest.approx(3 / 5)


def test_a_class_that_is_likely_but_less_than_on_average_raises_no_doubt() -> None:
    probabilities = np.array([[0.4, 0.6], [0.9, 0.1], [0.1, 0.9], [0.05, 0.95]])
    assert not judge_classes(probabilities, np.array([0, 0, 1, 1])).suspect.any()


def test_each_of_several_labels_is_judged() -> None:
    probabilities = np.array([[0.9, 0.1], [0.9, 0.9], [0.1, 0.1], [0.1, 0.9], [0.9, 0.9]])
    having = np.array([[1, 0], [1, 1], [0, 0], [0, 1], [1, 0]])
    judged = judge_labels(probabilities, having)
    assert judged.suspect.tolist() == [False, False, False, False, True]
    assert judged.confidence.argmin() == 4


def test_values_far_from_their_predictions() -> None:
    random = np.random.default_rng(0)
    predictions = random.normal(size=(200, 1))
    values = predictions + random.normal(0, 0.1, (200, 1))
    values[17] += 3
    judged = judge_values(predictions, values)
    assert np.flatnonzero(judged.suspect).tolist() == [17]
    assert judged.confidence.argmin() == 17
    assert 0.8 < judged.score < 1


def test_samples_of_a_class_that_a_model_has_not_seen_are_not_judged() -> None:
    data = two_blobs(30)
    inputs = np.concatenate([data.train.inputs, np.full((1, 1, 1, 3), 50, np.float32)])
    labels = np.array(["a", "b", "rare"])[np.append(data.train.targets, 2)]
    names = np.array(["a", "b"])
    odd = nas.from_arrays(inputs, labels, val=(data.val.inputs, names[data.val.targets]))
    assert find_suspects(odd).count == 0


def test_targets_that_no_model_can_be_fitted_to() -> None:
    few = np.zeros((2, 1, 2, 2), np.float32)
    found = find_suspects(nas.from_arrays(few, [0, 1], val=(few, [0, 1])))
    assert (found.looked_at, found.of, found.count, found.score) == (0, 4, 0, None)
    assert found.method.startswith("logistic regression: ")


def test_sounds_texts_and_regression_are_judged() -> None:
    random = np.random.default_rng(0)
    time = np.arange(400) / 2000
    tones = [np.sin(2 * np.pi * (100 if place % 2 else 400) * time + random.uniform(0, 6)) for place in range(40)]
    sounds = nas.from_sounds(tones, ["low" if place % 2 else "high" for place in range(40)], rate=2000)
    found = find_suspects(sounds)
    assert (found.method, found.count, found.score) == ("band energies + logistic regression", 0, 1.0)
    words = [f"{'good' if place % 2 else 'bad'} film {place % 7}" for place in range(40)]
    labels = ["yes" if place % 2 else "no" for place in range(40)]
    labels[0] = "yes"
    texts = nas.from_texts(words, labels)
    found = find_suspects(texts)
    assert [one.sample.name for one in found.first] == ["row 0"]
    assert found.first[0].shown
    line = np.linspace(0, 1, 100, dtype=np.float32)[:, None]
    values = line[:, 0] + random.normal(0, 0.01, 100)
    values[50] = 40
    found = find_suspects(nas.from_arrays(line, values, task="regression"))
    assert [one.sample.target for one in found.first][:1] == ["40"]
    assert found.first[0].confidence is None
