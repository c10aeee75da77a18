"""Places: their paths, and the words and labels that may stand in a file."""

from nas.space.reading.place import LABEL, WORD, Place, adapter, fits


def test_paths_leave_out_the_numbers_of_copies() -> None:
    place = Place("", {}, taken=("a",)) / "body" / "*" / "conv"
    assert (place.pattern, place.path, place.taken) == ("body.*.conv", "body.conv", ())
    assert (Place("body", {}, taken=("a",)) / "").taken == ("a",)
    assert place.knowing({"width": (1, 2)}).knowing({"n": (3,)}).scope == {"width": (1, 2), "n": (3,)}


def test_words_and_labels() -> None:
    assert all(WORD.fullmatch(word) for word in ["a", "_", "A9", "a_b"])
    assert not any(WORD.fullmatch(word) for word in ["", "9a", "a-b", "a.b", "é", "a b"])
    assert all(LABEL.fullmatch(label) for label in ["a", "1x1", "x-1", "_", "3_"])
    assert not any(LABEL.fullmatch(label) for label in ["", "11", "-a", "a.b", "1-1", "a b", "é"])


def test_types_are_strict() -> None:
    assert fits(3, adapter(int))
    assert not any(fits(value, adapter(int)) for value in (True, 3.0, "3", None))
