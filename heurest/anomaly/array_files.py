"""Files of what detectors have learned: arrays and one line of settings, versioned, with the fingerprint of the circuit's wires."""

from __future__ import annotations

import io
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.arguments.identity import wires_digest
from heurest.circuit.circuit import Circuit
from heurest.errors import FormatError
from heurest.formats.whole_files import displayed, reason, write_whole

_DAMAGE = (OSError, ValueError, KeyError, EOFError, TypeError, AttributeError, zipfile.BadZipFile, zlib.error, NotImplementedError)


@dataclass(frozen=True)
class ArrayFile:
    """A kind of file.

    Attributes:
        name: What the file calls its format.
        version: The version that is written and read.
        writer: The class whose objects are saved.
        settings: Names of the settings with the types that their values may have.
        arrays: Names of the arrays with their types.
    """

    name: str
    version: int
    writer: str
    settings: Mapping[str, tuple[type, ...]]
    arrays: Mapping[str, type]

    def write(self, path: str | os.PathLike[str], digest: str, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write a file, whole or not at all; the digest is the fingerprint of the circuit's wires.

        Raises:
            FormatError: It cannot be written.
        """
        known = {"format": self.name, "version": self.version, "digest": digest, **settings}
        room = io.BytesIO()
        all_arrays: dict[str, Any] = {"settings": np.frombuffer(json.dumps(known).encode(), np.uint8), **arrays}
        np.savez_compressed(room, **all_arrays)
        write_whole(path, room.getvalue())

    def read(self, path: str | os.PathLike[str], circuit: Circuit) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Read settings and arrays, check their types, and that the file is about a circuit with these wires.

        Raises:
            FormatError: It cannot be read, is of another format, is damaged, or is about another circuit.
        """
        source = displayed(path)
        try:
            data = Path(path).read_bytes()
        except (OSError, ValueError) as error:
            raise FormatError(f"{source}: cannot be read: {reason(error)}") from error
        foreign = FormatError(f"{source}: expected a detector as {self.writer}.save writes it, found something else or a damaged file")
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as file:
                settings = json.loads(file["settings"].tobytes().decode())
                self._check(source, settings)
                arrays = {name: file[name] for name in self.arrays}
        except FormatError:
            raise
        except _DAMAGE:
            raise foreign from None
        if any(arrays[name].dtype != kind for name, kind in self.arrays.items()):
            raise FormatError(f"{source}: the arrays do not fit together")
        if settings["digest"] != wires_digest(circuit):
            raise FormatError(f"{source}: the detector is for other wires than those of {circuit.name!r}")
        return settings, arrays

    def _check(self, source: str, settings: Any) -> None:
        if not isinstance(settings, dict) or settings.get("format") != self.name:
            found = settings.get("format") if isinstance(settings, dict) else settings
            raise FormatError(f"{source}: expected a file of format {self.name!r}, found {found!r}")
        if settings.get("version") != self.version:
            raise FormatError(f"{source}: expected version {self.version} of {self.name}, found {settings.get('version')!r}")
        for name, kinds in {"digest": (str,), **self.settings}.items():
            if not isinstance(settings.get(name), kinds) or isinstance(settings.get(name), bool):
                raise FormatError(f"{source}: setting {name!r} is missing or of another kind")
