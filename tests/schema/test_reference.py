"""Tables of the documents."""

from pathlib import Path

import pytest

from nas.schema.reference import TABLES, keys_table, settings_table, updated
from tests.settings.conftest import SHAPES, Drawing

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted((ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_the_tables_of_the_documents_are_up_to_date(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == updated(text), f"run: python -m nas.schema.reference {path.relative_to(ROOT)}"


def test_every_table_of_keys_is_in_a_document() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    for name in ("run", "comparison", "controllers", "train"):
        assert f"<!-- reference: {name} -->" in text
    with pytest.raises(KeyError):
        updated("<!-- reference: nothing -->\n<!-- end -->")
    assert updated("no table") == "no table"
    assert set(TABLES) >= {"data", "evaluators"}


def test_keys() -> None:
    assert keys_table(Drawing).splitlines() == [
        "| key | default | |",
        "| --- | --- | --- |",
        "| `name` | that of the file | of the drawing |",
        "| `paper` | required |  |",
        "| `shape` | `circle` | what is drawn |",
        "| `others` |  | more of them |",
        "| `pen.width` | `1` | of a line |",
        "| `pen.colors` |  | of it |",
    ]


def test_settings() -> None:
    assert settings_table(SHAPES).splitlines()[2:] == [
        "| `circle` | `radius: 1.0`, `path` |",
        "| `group` | `shapes`, `kind: a` (or `b`), `width: 1`, `colors` |",
        "| `framed` | `shape` |",
    ]
