"""The kinds of inputs, and the shapes that they have."""

from typing import get_args

from nas.modality import MODALITIES, Modality, listed, modalities_of


def test_each_kind_has_a_plural_and_a_rank() -> None:
    kinds = set(get_args(Modality))
    assert kinds == set(MODALITIES)
    of_rank = [modalities_of((4,) * rank) for rank in (1, 2, 3)]
    assert sorted(kind for found in of_rank for kind in found) == sorted(kinds)
    assert of_rank[2] == ("image",)
    assert modalities_of(()) == modalities_of((1, 2, 3, 4)) == ()


def test_kinds_are_listed_in_words() -> None:
    assert listed(["image"]) == "images"
    assert listed(["image", "sound", "series"]) == "images, sounds and series of numbers"
