"""Heuristic arguments: claims, sets of them, plans, and the search for good ones."""
