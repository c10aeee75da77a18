"""Texts fit their boxes, and pictures keep their shapes where they are moved and joined."""

import pytest

from nas.space.drawing.shapes import SMALL, WIDEST, circle, joined, pill, shortened, text_width, wrapped


def test_wider_text_is_wider() -> None:
    assert text_width("conv", SMALL) < text_width("conv 3×3", SMALL)
    assert text_width("conv", SMALL) < text_width("conv", SMALL, bold=True)
    assert text_width("conv", 2 * SMALL) == pytest.approx(2 * text_width("conv", SMALL))


def test_text_that_is_too_wide_is_cut() -> None:
    assert shortened("relu", SMALL) == "relu"
    cut = shortened("w" * 200, SMALL)
    assert cut.endswith("…")
    assert text_width(cut, SMALL) <= WIDEST < text_width(cut + "w", SMALL)


def test_parts_are_broken_into_lines_and_none_is_lost() -> None:
    parts = [f"part{number}" for number in range(20)]
    lines = wrapped(parts, SMALL)
    assert len(lines) > 1
    assert all(text_width(line, SMALL) <= WIDEST + text_width(",", SMALL) for line in lines)
    assert " ".join(lines).split(", ") == parts


def test_moving_keeps_sizes() -> None:
    picture = pill("conv", "conv")
    moved = picture.moved(3, 4)
    assert (moved.left, moved.right, moved.height) == (picture.left, picture.right, picture.height)
    (before,), (after,) = picture.boxes, moved.boxes
    assert (after.x - before.x, after.y - before.y) == (3, 4)
    assert (after.labels[0].x - before.labels[0].x, after.labels[0].y - before.labels[0].y) == (3, 4)
    assert after.middle - before.middle == 4


def test_joined_pictures_have_all_shapes() -> None:
    both = joined([pill("conv", "conv"), circle("add")], left=5.0, height=40.0)
    assert [box.sign for box in both.boxes] == ["", "add"]
    assert (both.left, both.right, both.height) == (5, 0, 40)
    assert both.width == 5
