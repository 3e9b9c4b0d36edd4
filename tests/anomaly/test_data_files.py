"""Points in files: columns by name, batches, and one line with the place of each mistake."""

import numpy as np
import pytest

import heurest as hr
from heurest.anomaly.data_files import point_batches, read_points


@pytest.fixture
def circuit():
    c = hr.Circuit("mixed")
    b = c.input("b", hr.Bernoulli(0.5))
    x, y = c.input(["x", "y"], hr.Normal(), count=2)
    c.output("o", x * y + b)
    return c


def test_columns_go_by_their_names(circuit, tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("y,b, x\n1.5,0,2\n-1,1,3e2\n")
    np.testing.assert_array_equal(read_points(path, circuit), [[0.0, 2.0, 1.5], [1.0, 300.0, -1.0]])


@pytest.mark.parametrize("ending", [".csv", ".npy"])
def test_batches_are_the_whole(circuit, tmp_path, ending):
    points = np.column_stack([np.arange(10) % 2, np.arange(10.0), -np.arange(10.0)])
    path = tmp_path / f"data{ending}"
    if ending == ".npy":
        np.save(path, points)
    else:
        path.write_text("b,x,y\n" + "\n".join(",".join(map(repr, row)) for row in points.tolist()))
    batches = list(point_batches(path, circuit, rows=4))
    assert [len(batch) for batch in batches] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate(batches), points)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("b,x\n0,1\n", r"line 1: expected all 3 inputs of 'mixed', found none named 'y'"),
        ("b,x,y,z\n", r"line 1: expected names of inputs of 'mixed', found .z."),
        ("b,x,x\n", r"line 1: expected each input once, found .x. again"),
        ("", r"line 1: expected all 3 inputs"),
        ("b,x,y\n", r"expected at least one row of numbers after the names, found none"),
        ("b,x,y\n0,1\n", r"line 2: expected 3 numbers, found 2"),
        ("b,x,y\n0,1,2\n0,one,2\n", r"line 3: expected numbers, found .one."),
        ("b,x,y\n0,1,inf\n", r"from line 2: point 0: input y must be finite"),
        ("b,x,y\n0.5,1,2\n", r"point 0: input b must be 0 or 1, got 0.5"),
    ],
)
def test_mistakes_are_named_with_their_line(circuit, tmp_path, text, message):
    path = tmp_path / "data.csv"
    path.write_text(text)
    with pytest.raises(hr.FormatError, match=message) as caught:
        read_points(path, circuit)
    assert "data.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_files_are_refused(circuit, tmp_path):
    with pytest.raises(hr.FormatError, match=r"ends in \.csv or \.npy"):
        read_points(tmp_path / "data.txt", circuit)
    with pytest.raises(hr.FormatError, match="cannot be read"):
        read_points(tmp_path / "missing.csv", circuit)
    (tmp_path / "bytes.csv").write_bytes(b"b,x,y\n\xff,1,2\n")
    with pytest.raises(hr.FormatError, match="no UTF-8 text"):
        read_points(tmp_path / "bytes.csv", circuit)
    (tmp_path / "fake.npy").write_bytes(b"nothing")
    with pytest.raises(hr.FormatError, match="a matrix as numpy saves it"):
        read_points(tmp_path / "fake.npy", circuit)
    np.save(tmp_path / "flat.npy", np.zeros(3))
    with pytest.raises(hr.FormatError, match="a matrix with 3 columns"):
        read_points(tmp_path / "flat.npy", circuit)
