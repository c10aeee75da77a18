"""What docstrings say."""

from nas.settings.docstrings import entries, summary


def _thing(given: int, *, size: int, kind: str = "a") -> None:
    """Does a thing (Smith et al. 2020, fig. 4) over
    two lines. Then it does more.

    Args:
        given: what the caller
            gives.
        size, kind: of it.

    Raises:
        ValueError: never.
    """


class _Inner:
    """Something inside. And more."""


def test_summary() -> None:
    assert summary(_thing) == "Does a thing (Smith et al. 2020, fig. 4) over two lines"
    assert summary(_Inner) == "Something inside"
    assert summary(lambda: None) == ""


def test_entries() -> None:
    assert entries(_thing) == {"given": "what the caller gives", "size": "of it", "kind": "of it"}
    assert entries(_Inner) == {}
