"""Feed mutated files to the readers of netlists, guided by coverage: ``python tools/fuzz_readers.py FORMAT [libFuzzer options]``.

Needs atheris (extra ``fuzz``). A reader may refuse a file with one line, or return a circuit; anything else is a finding. It starts from a
few small circuits; with ``-runs=100000 -max_len=600`` a format takes some minutes.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["heurest.formats"]):
    import heurest as hr
    from heurest.formats.aiger import circuit_from_aiger
    from heurest.formats.bench import circuit_from_bench
    from heurest.formats.blif import circuit_from_blif
    from heurest.formats.circuit_json import loads

ENDINGS = {"aiger": (".aag", ".aig"), "aiger-recognised": (".aag", ".aig"), "bench": (".bench",), "blif": (".blif",), "json": (".json",)}
READERS: dict[str, Callable[[bytes], hr.Circuit]] = {
    "aiger": lambda data: circuit_from_aiger(data, notices=[]),
    "aiger-recognised": lambda data: circuit_from_aiger(data, notices=[], recognise=True),
    "bench": lambda data: circuit_from_bench(data, notices=[]),
    "blif": lambda data: circuit_from_blif(data, notices=[]),
    "json": lambda data: loads(data.decode("utf-8", "replace")),
}


def main(arguments: list[str]) -> int:
    """Fuzz one reader until the options say stop, or something is found."""
    if not arguments or arguments[0] not in READERS:
        print(f"fuzz_readers: name one of {', '.join(READERS)}", file=sys.stderr)
        return 2
    read = READERS[arguments[0]]

    def try_one(data: bytes) -> None:
        try:
            circuit = read(data)
        except hr.HeurestError as error:
            if "\n" in str(error):
                raise RuntimeError("a message of more than one line") from error
            return
        if circuit.outputs:
            hr.lower(circuit)

    with tempfile.TemporaryDirectory() as folder:
        for ending in ENDINGS[arguments[0]]:
            for circuit in (hr.c17(), hr.adder(2), hr.decoder(2)):
                hr.save(circuit, Path(folder) / f"{circuit.name.replace('/', '_')}{ending}", notices=[])
        atheris.Setup([sys.argv[0], *arguments[1:], folder], try_one)
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
