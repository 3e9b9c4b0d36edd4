"""Pictures of circuits: layered drawings as DOT, SVG and HTML, wires coloured by importance, tracked terms as links."""

from __future__ import annotations

from heurest.drawing.draw import check_drawing_path, draw_circuit

__all__ = ["check_drawing_path", "draw_circuit"]
