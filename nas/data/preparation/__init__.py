"""Preparations: raw inputs as arrays, fitted to training samples. One file per kind of inputs."""

from collections.abc import Mapping

from nas.data.preparation.arrays import Arrays
from nas.data.preparation.images import Images
from nas.data.preparation.preparation import Preparation
from nas.data.preparation.sounds import Sounds
from nas.data.preparation.tables import Tables
from nas.data.preparation.texts import Texts
from nas.tables import by_name

PREPARATIONS: Mapping[str, type[Preparation]] = by_name([Arrays, Images, Sounds, Texts, Tables])
"""The table of preparations, by name."""

__all__ = ["PREPARATIONS", "Preparation"]
