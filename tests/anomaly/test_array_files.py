"""Files of detectors: damage of every kind is named in one line, and nothing is allocated on a file's word."""

import io
import json
import zipfile

import numpy as np
import pytest

import heurest as hr
from heurest.anomaly.detector import Detector
from heurest.anomaly.leverage_detector import LeverageDetector


def product():
    c = hr.Circuit("product")
    x, y = c.input("x", hr.Normal()), c.input("y", hr.Normal())
    c.output("o", x * y)
    return c


@pytest.fixture(scope="module", params=[Detector, LeverageDetector])
def saved(request, tmp_path_factory):
    """A kind of detector, the circuit of a saved one, and its arrays."""
    rng, kind = np.random.default_rng(1), request.param
    circuit = hr.adder(2) if kind is Detector else product()
    points = rng.integers(0, 2, (40, len(circuit.inputs))) if kind is Detector else rng.normal(size=(40, 2))
    path = tmp_path_factory.mktemp("saved") / "d.npz"
    kind(circuit).fit(points).save(path)
    with np.load(path) as file:
        return kind, circuit, dict(file)


def stored(arrays):
    """An archive that is not compressed."""
    room = io.BytesIO()
    np.savez(room, **arrays)
    return room.getvalue()


def test_random_damage_is_read_or_named_in_one_line(saved, tmp_path):
    kind, circuit, arrays = saved
    path, rng, good = tmp_path / "d.npz", np.random.default_rng(2), stored(arrays)
    refused = []
    for number in range(150):
        data = bytearray(good)
        for place in rng.integers(0, len(data), 2 + 10 * (number % 2)):
            data[place] = rng.integers(256)
        path.write_bytes(data)
        try:
            kind.load(path, circuit)
        except hr.FormatError as error:
            refused.append(str(error))
    assert len(refused) > 100
    assert not any("\n" in message for message in refused)


def archive(name, data, arrays, **changes):
    """An archive with one member replaced, and its directory entry changed."""
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w") as file:
        for other in arrays:
            member = io.BytesIO()
            np.save(member, arrays[other])
            file.writestr(f"{other}.npy", data if other == name else member.getvalue())
        for field, value in changes.items():
            setattr(file.getinfo(f"{name}.npy"), field, value)
    return room.getvalue()


def test_sizes_that_the_archive_cannot_hold_and_encryption_are_refused(saved, tmp_path):
    kind, circuit, arrays = saved
    head = "{'descr': '<f8', 'fortran_order': False, 'shape': (100000000000000,), }"
    huge = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode()
    name = next(name for name in arrays if name != "settings")
    for data in (
        archive(name, huge, arrays),
        archive(name, huge, arrays, file_size=8 * 10**14 + len(huge)),
        archive(name, huge, arrays, flag_bits=1),
        archive(name, huge, arrays, compress_type=zipfile.ZIP_LZMA),
        archive(name, b"", arrays),
    ):
        (tmp_path / "d.npz").write_bytes(data)
        with pytest.raises(hr.FormatError, match=rf"expected a detector as {kind.__name__}\.save writes it, found something else or"):
            kind.load(tmp_path / "d.npz", circuit)


def test_paths_and_circuits_that_are_none(saved, tmp_path):
    kind, circuit, arrays = saved
    (tmp_path / "d.npz").write_bytes(stored(arrays))
    detector = kind.load(tmp_path / "d.npz", circuit)
    for act in (lambda: kind.load(3, circuit), lambda: kind.load(b"d.npz", circuit), lambda: detector.save(3), lambda: detector.save(None)):
        with pytest.raises(hr.ArgumentError, match="a file must be given by its path, got "):
            act()
    with pytest.raises(hr.CircuitError, match="a circuit is needed, got 'x'"):
        kind.load(tmp_path / "d.npz", "x")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "nope"}, "unknown method 'nope'"),
        ({"method": "cumulant:zero"}, "order must be an integer"),
        ({"counted": 10**30, "seen": 10**30 + 4}, "do not fit together"),
        ({"inputs": -3}, "do not fit together"),
        ({"epsilon": ...}, "setting 'epsilon' is missing"),
        ({"version": "x" * 1000}, "expected version 1 of heurest-detector, found .xxx"),
        ({"format": [1, 2]}, "expected a file of format 'heurest-detector', found an object"),
    ],
)
def test_settings_that_no_detector_writes(tmp_path, change, message):
    circuit, path = hr.adder(2), tmp_path / "d.npz"
    Detector(circuit).fit(np.zeros((3, len(circuit.inputs)))).save(path)
    with np.load(path) as file:
        arrays = dict(file)
    settings = {name: value for name, value in (json.loads(arrays["settings"].tobytes()) | change).items() if value is not ...}
    path.write_bytes(stored(arrays | {"settings": np.frombuffer(json.dumps(settings).encode(), np.uint8)}))
    with pytest.raises(hr.FormatError, match=message) as caught:
        Detector.load(path, circuit)
    assert len(str(caught.value)) < 1000
    assert "\n" not in str(caught.value)
