"""The table of keywords."""

from nas.document import MAX_DEPTH
from nas.ops import OPS
from nas.settings.docstrings import summary
from nas.space.reading.keywords import KEYWORDS
from nas.space.reading.reader import MAX_PARTS


def test_keywords_are_frozen() -> None:
    # They are the language: taking one away breaks files, and belongs in the changelog.
    assert {name: keyword.keys for name, keyword in KEYWORDS.items()} == {
        "choice": (),
        "repeat": ("of", "share"),
        "residual": ("merge", "project"),
        "parallel": ("merge", "project"),
        "sequence": ("depth", "dropout"),
        "cell": (),
        "layers": (),
    }
    assert not set(KEYWORDS) & set(OPS)
    assert (MAX_PARTS, MAX_DEPTH) == (20_000, 64)


def test_every_keyword_is_explained() -> None:
    # Editors show it (`nas.schema.space`).
    assert all(summary(keyword.read).startswith(f"`{name}: ") for name, keyword in KEYWORDS.items())
