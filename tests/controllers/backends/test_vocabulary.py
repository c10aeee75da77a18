"""Decisions as tokens: numbers by hand."""

import pytest

from nas.controllers.backends.vocabulary import Sentence, Vocabulary
from nas.space import Choice, parse_space

TEXT = """
    input: [4]
    layers:
      - repeat: {choice: [1, 2]}
        of: [{name: x, choice: [relu, gelu, tanh]}]
      - name: y
        choice: [relu, tanh]"""


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary(parse_space(TEXT).universe)


# How to update: tokens count the options of the decisions in the order of the walk, which is that of the file.
def test_tokens_count_the_options_of_every_decision(vocabulary: Vocabulary) -> None:
    names = list(vocabulary.universe)
    assert names == ["0.repeat", "0.0.x", "0.1.x", "y"]
    assert len(vocabulary) == 2 + 3 + 3 + 2
    assert [vocabulary.decision(name) for name in names] == [0, 1, 2, 3]
    assert [vocabulary.token(name, option) for name in names for option in vocabulary.universe[name]] == list(range(10))


def test_the_same_value_among_the_same_options_is_of_one_kind(vocabulary: Vocabulary) -> None:
    assert vocabulary.kinds == [0, 1, 2, 3, 4, 2, 3, 4, 5, 6]


def test_a_sentence_knows_what_was_legal(vocabulary: Vocabulary) -> None:
    choices = [Choice("0.repeat", (2,), lambda: (1,)), Choice("0.0.x", ("relu", "tanh"), lambda: (1, 1))]
    assert vocabulary.sentence(choices, [2, "tanh"]) == Sentence((0, 1), ((1,), (2, 4)), (0, 1))
    assert vocabulary.offer(choices[1]) == (2, 4)
