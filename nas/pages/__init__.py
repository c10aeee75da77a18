"""HTML pages of runs and comparisons, with the style and the plots that they share."""
