"""The student of a run: one of its networks, trained with a teacher, and compared with itself alone."""
