"""Circuits, laws and the gate table."""
