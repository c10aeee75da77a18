"""The end of a search: training at full length, and the files that are handed over."""
