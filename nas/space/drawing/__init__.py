"""Descriptions of networks and spaces: drawings as SVG, and text for the terminal."""
