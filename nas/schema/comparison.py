"""The JSON schema of comparison files."""

from nas.comparison.config import PARTS, ComparisonConfig
from nas.schema.common import Schema
from nas.schema.files import file_schema


def comparison_schema() -> Schema:
    """The schema of a comparison file, as declared by `ComparisonConfig`."""
    return file_schema(ComparisonConfig, PARTS, "Comparison file")
