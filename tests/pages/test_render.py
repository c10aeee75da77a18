"""Pages from templates."""

from importlib import resources
from pathlib import Path

import jinja2
import pytest

from nas.pages.render import render


def test_both_pages_have_one_skeleton() -> None:
    pages = Path(str(resources.files("nas.pages")))
    templates = [path.read_text(encoding="utf-8") for path in pages.glob("*/report.html")]
    assert len(templates) == 2
    for text in templates:
        assert text.startswith('{% extends "page.html" %}')
        assert "<head>" not in text


def test_a_name_that_is_missing_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError, match="results"):
        render("comparison/report.html")
