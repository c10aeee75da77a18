"""Pictures with contributions in colour."""

import numpy as np

from nas.data.shown.overlays import AGAINST, DIM, FOR, overlay
from tests.data.shown.test_pictures import pixels


def colour(shares: tuple[float, ...]) -> list[int]:
    return [round(255 * share) for share in shares]


def test_colours_by_sign_and_strength_over_the_dim_picture() -> None:
    brightness = np.array([[1.0, 1.0, 0.0, 1.0]])
    found = pixels(overlay(brightness, np.array([[4.0, -4.0, 2.0, 0.0]])))
    assert found[0, 0].tolist() == colour(FOR)
    assert found[0, 1].tolist() == colour(AGAINST)
    assert found[0, 2].tolist() == colour(tuple(0.5 * one for one in FOR))
    assert found[0, 3].tolist() == colour((DIM,) * 3)


def test_without_contributions_and_with_some_that_are_not_finite() -> None:
    brightness = np.ones((2, 2))
    for weights in (np.zeros((2, 2)), np.full((2, 2), np.nan)):
        assert (pixels(overlay(brightness, weights)) == round(255 * DIM)).all()


def test_a_single_strong_pixel_does_not_hide_the_others() -> None:
    weights = np.ones((20, 20))
    weights[3, 3] = 1000.0
    assert (pixels(overlay(np.ones((20, 20)), weights)) == np.array(colour(FOR))).all()
