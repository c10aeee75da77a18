"""Evaluators: functions of an architecture."""
