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
        ("b,x,y\n0,1,inf\n", r", line 2: input y must be finite, got inf$"),
        ("b,x,y\n0.5,1,2\n", r", line 2: input b must be 0 or 1, got 0.5$"),
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
    with pytest.raises(hr.FormatError, match=r"bytes\.csv, line 2: expected UTF-8 text, found byte 0xff"):
        read_points(tmp_path / "bytes.csv", circuit)
    (tmp_path / "fake.npy").write_bytes(b"nothing")
    with pytest.raises(hr.FormatError, match="a matrix as numpy saves it"):
        read_points(tmp_path / "fake.npy", circuit)
    np.save(tmp_path / "flat.npy", np.zeros(3))
    with pytest.raises(hr.FormatError, match="a matrix with 3 columns"):
        read_points(tmp_path / "flat.npy", circuit)


@pytest.mark.parametrize("ending", [".csv", ".npy"])
def test_a_mistake_in_a_later_batch_is_named_by_its_place_in_the_file(circuit, tmp_path, ending):
    points = np.zeros((11, 3))
    points[9, 1] = np.nan
    path = tmp_path / f"late{ending}"
    if ending == ".npy":
        np.save(path, points)
    else:
        path.write_text("b,x,y\n" + "\n".join(",".join(map(repr, row)) for row in points.tolist()))
    place = "row 9" if ending == ".npy" else "line 11"  # names stand on line 1
    with pytest.raises(hr.FormatError, match=rf"late\{ending}, {place}: input x must be finite, got nan$"):
        list(point_batches(path, circuit, rows=4))


def test_the_row_of_a_large_matrix_is_counted_in_the_whole_file(circuit, tmp_path):
    points = np.zeros((70_000, 3))
    points[69_999, 2] = np.inf
    np.save(tmp_path / "late.npy", points)
    with pytest.raises(hr.FormatError, match=r"late\.npy, row 69,999: input y must be finite, got inf$"):
        read_points(tmp_path / "late.npy", circuit)


def test_a_byte_order_mark_and_empty_lines_are_passed_over(circuit, tmp_path):
    path = tmp_path / "excel.csv"
    path.write_bytes(b"\xef\xbb\xbfb,x,y\r\n0,1,2\r\n\r\n1,3,4\r\n \r\n\r\n")
    assert read_points(path, circuit).tolist() == [[0, 1, 2], [1, 3, 4]]
    path.write_bytes(b"\nb,x,y\n\n0,1,2\n\n0,1,no\n")
    with pytest.raises(hr.FormatError, match=r"line 6: expected numbers, found .no."):
        read_points(path, circuit)


def test_a_field_without_end_is_no_row(circuit, tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("b,x,y\n0,1,2\n0,1," + "1" * 140_000)
    with pytest.raises(hr.FormatError, match=r"long\.csv, line 3: expected numbers between commas, found field larger than"):
        read_points(path, circuit)


@pytest.mark.parametrize(
    ("kind", "found"), [(complex, "complex numbers"), ("M8[D]", "dates"), ("m8[s]", "durations"), ("U3", "text"), (object, "objects")]
)
def test_matrices_of_other_kinds_are_refused(circuit, tmp_path, kind, found):
    np.save(tmp_path / "kind.npy", np.ones((2, 3), np.int64).astype(kind), allow_pickle=True)
    with pytest.raises(hr.FormatError, match=rf"kind\.npy: expected a matrix of real numbers, found {found}$"):
        read_points(tmp_path / "kind.npy", circuit)


def test_matrices_in_either_order_and_of_any_number_kind_are_read(circuit, tmp_path):
    points = np.array([[0, 1, 2], [1, 3, 4]])
    for kind in (np.int8, np.float16, ">f4", np.uint64):
        np.save(tmp_path / "f.npy", np.asfortranarray(points.astype(kind)))
        assert read_points(tmp_path / "f.npy", circuit).tolist() == points.tolist()


def with_header(text):
    """An ``.npy`` file of 24 bytes with any header."""
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + bytes(24)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (33333333333333, 3), }", "799,999,999,999,992 bytes of numbers.*found 24$"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 3), }", "a matrix as numpy saves it"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 3), }", r"at least one row, found shape \(0, 3\)"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 3), ", "a matrix as numpy saves it"),
        ("{'descr': '<f8', 'fortran_order': 1or 2, 'shape': (1L, 3), }", "a matrix as numpy saves it"),
        ("(" * 5000, "a matrix as numpy saves it"),
    ],
)
def test_damaged_headers(circuit, tmp_path, header, message):
    (tmp_path / "crafted.npy").write_bytes(with_header(header))
    with pytest.raises(hr.FormatError, match=message) as caught:
        read_points(tmp_path / "crafted.npy", circuit)
    assert "\n" not in str(caught.value)


def test_what_is_no_path_or_no_circuit(circuit, tmp_path):
    with pytest.raises(hr.ArgumentError, match="a file must be given by its path, got 3"):
        read_points(3, circuit)
    with pytest.raises(hr.CircuitError, match="a circuit is needed, got None"):
        read_points(tmp_path / "data.csv", None)
    with pytest.raises(hr.FormatError, match="cannot be read: embedded null"):
        read_points("a\0b.csv", circuit)
    np.savez(tmp_path / "zip.npz", np.zeros((1, 3)))
    (tmp_path / "zip.npz").rename(tmp_path / "zip.npy")
    with pytest.raises(hr.FormatError, match="a matrix as numpy saves it"):
        read_points(tmp_path / "zip.npy", circuit)


@pytest.mark.parametrize("ending", [".csv", ".npy"])
def test_random_damage_is_read_or_named_in_one_line(circuit, tmp_path, ending):
    path, rng = tmp_path / f"damaged{ending}", np.random.default_rng(5)
    np.save(tmp_path / "good.npy", np.ones((2, 3)))
    good = (tmp_path / "good.npy").read_bytes() if ending == ".npy" else b"b,x,y\n1,2.5,-3\n0,1e3,4\n"
    refused = []
    for _ in range(400):
        data = bytearray(good)
        for place in rng.integers(0, min(len(data), 80), 3):
            data[place] = rng.choice(list(b"(){}[]'\",:0129<>fiOcVU \\#\n\x00\xff")) if rng.random() < 0.5 else rng.integers(256)
        path.write_bytes(data)
        try:
            read_points(path, circuit)
        except hr.FormatError as error:
            refused.append(str(error))
    assert len(refused) > 100
    assert not any("\n" in message for message in refused)
