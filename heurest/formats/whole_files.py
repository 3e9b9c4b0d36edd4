"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE, S_ISREG

from heurest.errors import FormatError


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Write bytes to a temporary file beside the target, which then takes the target's place.

    A file that was there before keeps its permissions, and a link stays a link. What is no regular file, such as
    ``/dev/stdout``, is written directly.

    Args:
        path: The file; one that exists is replaced.
        data: All that it is to hold.

    Raises:
        FormatError: The file cannot be written.
    """
    write_chunks(path, [data])


def write_chunks(path: str | os.PathLike[str], chunks: Iterable[bytes]) -> None:
    """As `write_whole`, for more than should be in memory at once.

    Args:
        path: The file; one that exists is replaced.
        chunks: What it is to hold, piece by piece.

    Raises:
        FormatError: The file cannot be written.
    """
    try:
        _write(Path(path).resolve(), chunks)
    except (OSError, ValueError) as error:
        raise FormatError(f"{displayed(path)}: cannot be written: {reason(error)}") from error


def displayed(path: str | os.PathLike[str]) -> str:
    """A path as messages show it, on one line whatever its characters."""
    name = os.fspath(path)
    return name if name.isprintable() else repr(name)


def reason(error: Exception) -> str:
    """Why a file could not be read or written."""
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def _write(target: Path, chunks: Iterable[bytes]) -> None:
    mode = target.stat().st_mode if target.exists() else None
    if mode is not None and not S_ISREG(mode):
        with target.open("wb") as file:
            file.writelines(chunks)
        return
    temporary = target.with_name(f".{target.name[:40]}.{secrets.token_hex(6)}")
    try:
        with temporary.open("xb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(S_IMODE(mode))
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
