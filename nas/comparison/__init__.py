"""Whole comparisons of controllers: the comparison file, the problems made from it, the folder, `nas.compare`."""
