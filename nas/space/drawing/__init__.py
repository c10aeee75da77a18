"""Drawings of networks as SVG, and descriptions of networks and spaces for the terminal."""
