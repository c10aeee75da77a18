"""Whole runs: the run file, the parts made from it, the run and its folder."""
