"""The schemas as files: valid schemas, up to date, named by every file of ours, and met by all of them."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from nas.document import parse_document
from nas.file_kinds import KINDS, schema_of

ROOT = Path(__file__).parents[2]
FILES = {"space": "search_spaces/**/*.yaml", "run": "configs/*.yaml", "comparison": "configs/comparisons/**/*.yaml"}
KEYS = {"space": "layers", "run": "space", "comparison": "seeds"}
"""A key that whole files of each kind have, and no others."""
SHIPPED = [(kind, path) for kind, files in FILES.items() for path in sorted(ROOT.glob(files))]


def header(kind: str, path: Path) -> str:
    up = "../" * (len(path.relative_to(ROOT).parts) - 1)
    return f"# yaml-language-server: $schema={up}schemas/{kind}.json"


@pytest.mark.parametrize("kind", [kind for kind, one in KINDS.items() if one.schema])
def test_a_schema_is_one_and_its_references_lead_somewhere(kind: str) -> None:
    schema = schema_of(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    text = json.dumps(schema)
    defined = set(schema.get("$defs", ()))
    assert set(re.findall(r'"#/\$defs/(\w+)"', text)) <= defined
    assert text.count('"$ref"') == len(re.findall(r'"\$ref": "#/\$defs/\w+"', text))


@pytest.mark.parametrize("kind", [kind for kind, one in KINDS.items() if one.schema])
def test_the_files_of_the_schemas_are_up_to_date(kind: str) -> None:
    stored = json.loads((ROOT / "schemas" / f"{kind}.json").read_text(encoding="utf-8"))
    assert stored == schema_of(kind), f"run: nas schema {kind} > schemas/{kind}.json"


@pytest.mark.parametrize(("kind", "path"), SHIPPED, ids=lambda value: value.stem if isinstance(value, Path) else value)
def test_a_shipped_file_names_its_schema_and_is_valid(kind: str, path: Path, request: pytest.FixtureRequest) -> None:
    text = path.read_text(encoding="utf-8")
    wanted = header(kind, path)
    assert text.splitlines()[0] == wanted, f"the first line of {path.relative_to(ROOT)} is not: {wanted}"
    assert request.getfixturevalue(f"{kind}_problems")(text) == []


def test_every_whole_file_in_the_documents_is_valid(request: pytest.FixtureRequest) -> None:
    seen = dict.fromkeys(KEYS, 0)
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for text in re.findall(r"^```yaml\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            content: Any = parse_document(text).plain()
            kind = next((kind for kind, key in KEYS.items() if key in content), None)
            if kind is not None:
                assert request.getfixturevalue(f"{kind}_problems")(text) == [], text
                seen[kind] += 1
    assert seen["space"] >= 3
    assert seen["run"] >= 1
    assert seen["comparison"] >= 1
