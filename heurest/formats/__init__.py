"""Circuits from and to files and other libraries' objects; each format in its own module, each imported when it is first used."""

from __future__ import annotations

from heurest.formats.files import FORMATS, load, save

__all__ = ["FORMATS", "load", "save"]
