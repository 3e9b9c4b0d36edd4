"""Files of what detectors have learned: arrays and one line of settings, versioned, with the fingerprint of the circuit's wires."""

from __future__ import annotations

import io
import json
import os
import struct
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from heurest.arguments.identity import wires_digest
from heurest.circuit.circuit import Circuit
from heurest.circuit.validation import check_circuit
from heurest.errors import ArgumentError, FormatError
from heurest.formats.messages import shortened, shown
from heurest.formats.whole_files import displayed, reason, write_whole

# What the readers of zip archives, of numpy's headers and of JSON raise on damaged bytes; RuntimeError: encrypted, or nested too deeply.
_DAMAGE = (OSError, ValueError, LookupError, EOFError, TypeError, AttributeError, RuntimeError, SyntaxError, TokenError, ArithmeticError,
           MemoryError, zipfile.BadZipFile, zlib.error, struct.error)  # fmt: skip
_ENCRYPTED = 1
_MOST_DEFLATED = 1032  # bytes that one deflated byte can stand for, at most
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


class ArrayHeader(NamedTuple):
    """What an ``.npy`` file says about the array in it."""

    shape: tuple[int, ...]
    fortran: bool  # whether the first index varies fastest
    dtype: np.dtype[Any]

    @property
    def size(self) -> int:
        """Bytes of the array."""
        return prod(self.shape) * self.dtype.itemsize


def array_header(stream: IO[bytes]) -> ArrayHeader:
    """Read the header of an ``.npy`` file, up to where the array starts; nothing is allocated for the array.

    Raises:
        ValueError: There is no header that can be read.
    """
    try:
        with warnings.catch_warnings():  # damaged headers can be strange Python
            warnings.simplefilter("ignore")
            header = ArrayHeader(*_HEADERS[np.lib.format.read_magic(stream)](stream))
    except _DAMAGE as error:
        raise ValueError("no header of an array") from error
    if any(length < 0 for length in header.shape):
        raise ValueError("a negative length")
    return header


def file_path(path: object) -> Path:
    """The path of a file, given as text or as an object for paths.

    Raises:
        ArgumentError: It is something else.
    """
    name = os.fspath(path) if isinstance(path, (str, os.PathLike)) else path
    if not isinstance(name, str):
        raise ArgumentError(f"a file must be given by its path, got {shown(path)}")
    return Path(name)


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
            ArgumentError: The path is something else.
            FormatError: It cannot be written.
        """
        target = file_path(path)
        known = {"format": self.name, "version": self.version, "digest": digest, **settings}
        room = io.BytesIO()
        all_arrays: dict[str, Any] = {"settings": np.frombuffer(json.dumps(known).encode(), np.uint8), **arrays}
        np.savez_compressed(room, **all_arrays)
        write_whole(target, room.getvalue())

    def read(self, path: str | os.PathLike[str], circuit: Circuit) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Read settings and arrays, check their types, and that the file is about a circuit with these wires.

        Raises:
            ArgumentError: The path is something else.
            CircuitError: The circuit is something else.
            FormatError: It cannot be read, is of another format, is damaged, or is about another circuit.
        """
        place = file_path(path)
        check_circuit(circuit)
        source = displayed(place)
        try:
            data = place.read_bytes()
        except (OSError, ValueError) as error:
            raise FormatError(f"{source}: cannot be read: {reason(error)}") from error
        foreign = FormatError(f"{source}: expected a detector as {self.writer}.save writes it, found something else or a damaged file")
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as file:
                settings = json.loads(_array(file, "settings", len(data)).tobytes().decode())
                self._check(source, settings)
                arrays = {name: _array(file, name, len(data)) for name in self.arrays}
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
            found = repr(settings["format"]) if isinstance(settings, dict) and isinstance(settings.get("format"), str) else shown(settings)
            raise FormatError(f"{source}: expected a file of format {self.name!r}, found {shortened(found)}")
        if settings.get("version") != self.version:
            raise FormatError(f"{source}: expected version {self.version} of {self.name}, found {shown(settings.get('version'))}")
        for name, kinds in {"digest": (str,), **self.settings}.items():
            if name not in settings or not isinstance(settings[name], kinds) or isinstance(settings[name], bool):
                raise FormatError(f"{source}: setting {name!r} is missing or of another kind")


def _array(file: zipfile.ZipFile, name: str, available: int) -> NDArray[Any]:
    """An array of an archive of so many bytes; what its header promises is compared with the archive before there is room for it."""
    member = file.getinfo(f"{name}.npy")
    packed = {zipfile.ZIP_STORED: 1, zipfile.ZIP_DEFLATED: _MOST_DEFLATED}[member.compress_type] * min(member.compress_size, available)
    if member.flag_bits & _ENCRYPTED or member.file_size > packed:
        raise ValueError("no size that an archive can hold")
    with file.open(member) as stream:
        header = array_header(stream)
        if header.dtype.hasobject or stream.tell() + header.size != member.file_size:
            raise ValueError("an array of another size")
        values = np.frombuffer(bytearray(stream.read()), header.dtype)
    return values.reshape(header.shape, order="F" if header.fortran else "C")
