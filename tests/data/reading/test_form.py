"""How files with samples are written."""

from nas.data.reading.dialect import Dialect
from nas.data.reading.form import PLAIN, FileForm


def test_a_plain_form_has_the_default_dialect_and_names_no_column() -> None:
    assert FileForm(Dialect(), None) == PLAIN
