"""Seeded generators of circuits, and the registry of families that comparisons draw from."""

from __future__ import annotations

from heurest.families.registry import FAMILIES, Family, draw, select_families

__all__ = ["FAMILIES", "Family", "draw", "select_families"]
