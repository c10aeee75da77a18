"""Fixtures of comparisons."""

from tests.comparisons import space as space
from tests.comparisons import study as study
from tests.comparisons import study_file as study_file
from tests.comparisons import table as table
