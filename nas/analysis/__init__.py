"""The analysis of a comparison: judged once; the terminal, the JSON and the page are derived from it."""
