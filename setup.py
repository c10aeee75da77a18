"""Puts the space files of `search_spaces/` into the package, for the tables. All else is in pyproject.toml."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["nas*"]), "nas.search_spaces"],
    package_dir={"nas.search_spaces": "search_spaces"},
    package_data={
        "nas": ["py.typed", "*.pyi", "data/sources/*.npz", "pages/*.css", "pages/*.html", "pages/*/*.html"],
        "nas.search_spaces": ["*.yaml"],
    },
)
