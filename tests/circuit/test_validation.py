"""Bad input to a circuit: one clear line of the right class, and nothing half-written."""

import itertools

import numpy as np
import pytest

import heurest as hr
from heurest.circuit.gates import GATES

NAN, INF = float("nan"), float("inf")

# Each case gets a circuit, two real inputs x, three boolean inputs b, and a wire y of another circuit.
UNKNOWN = {
    "gate": (lambda c, x, b, y: c.apply("implies", b[0], b[1]), f"unknown gate 'implies'; known are {', '.join(GATES)}"),
    "gate that is no string": (lambda c, x, b, y: c.apply(["and"], b[0], b[1]), "unknown gate a list; known are input, "),
    "law": (lambda c, x, b, y: c.input("new", "normal"), r"input 'new': a law such as Normal\(0, 1\) is needed, got 'normal'"),
    "law class": (lambda c, x, b, y: c.input("new", hr.Normal), r"input 'new': a law such as Normal\(0, 1\) is needed"),
    "kind": (lambda c, x, b, y: c.input("new", hr.Sign(), kind="bool"), "input 'new': kind must be 'real' or 'boolean', got 'bool'"),
    "name": (lambda c, x, b, y: c.wire("z"), "circuit 'test' has no wire named 'z'"),
    "index": (lambda c, x, b, y: c.wire(6), "circuit 'test' has wires 0 to 5, not 6"),
    "negative index": (lambda c, x, b, y: c.wire(-1), "circuit 'test' has wires 0 to 5, not -1"),
}
OPERANDS = {
    "numbers": (lambda c, x, b, y: c.apply("add", 1.0, 2.0), "circuit 'test': an operand must be a wire, got 1.0"),
    "wire of another circuit": (lambda c, x, b, y: c.apply("negate", y), "belongs to another circuit"),
    "power of another circuit": (lambda c, x, b, y: c.apply("power", y, 2), "belongs to another circuit"),
    "wire plus number": (lambda c, x, b, y: c.apply("subtract", x[0], 2.0), "circuit 'test': an operand must be a wire, got 2.0"),
    "affine of text": (lambda c, x, b, y: c.affine([1.0], ["x"]), "circuit 'test': an operand must be a wire, got 'x'"),
    "affine of a wire": (lambda c, x, b, y: c.affine([1.0], x[0]), "circuit 'test': affine takes an array or a list of wires, got a Wire"),
    "affine of a number": (lambda c, x, b, y: c.affine([1.0], 3), "circuit 'test': affine takes an array or a list of wires, got 3"),
    "affine of a list of arrays": (
        lambda c, x, b, y: c.affine([1.0, 1.0], [x[0], x]),
        "circuit 'test': affine takes a list of single wires, but <2 wires of 'test'> is in it",
    ),
    "array of constants": (lambda c, x, b, y: c.constant([1.0, 2.0]), r"a constant must be one number, got an array of shape \(2,\)"),
    "name of an array": (lambda c, x, b, y: c.set_name(x, "new"), "circuit 'test': a name goes to one wire, got <2 wires of 'test'>"),
    "index 1.5": (lambda c, x, b, y: c.wire(1.5), "circuit 'test': a wire is found by its name or its index, not by 1.5"),
    "index None": (lambda c, x, b, y: c.wire(None), "circuit 'test': a wire is found by its name or its index, not by None"),
    "index True": (lambda c, x, b, y: c.wire(True), "circuit 'test': a wire is found by its name or its index, not by True"),
}
FAN_IN = {
    "none": (lambda c, x, b, y: c.apply("and"), "and takes 2 operands, got 0"),
    "one too few": (lambda c, x, b, y: c.apply("nand", b[0]), "nand takes 2 operands, got 1"),
    "one too many": (lambda c, x, b, y: c.apply("multiply", x[0], x[1], x[0]), "multiply takes 2 operands, got 3"),
    "of one": (lambda c, x, b, y: c.apply("not", b[0], b[1]), "not takes 1 operand, got 2"),
    "of three": (lambda c, x, b, y: c.apply("mux", b[0], b[1]), "mux takes 3 operands, got 2"),
    "power": (lambda c, x, b, y: c.apply("power", x[0]), "power takes 2 operands, got 1"),
    "affine": (lambda c, x, b, y: c.apply("affine", x[0]), r"gate 'affine' has a call of its own: circuit\.affine"),
    "input": (lambda c, x, b, y: c.apply("input"), r"gate 'input' has a call of its own: circuit\.input"),
    "constant": (lambda c, x, b, y: c.apply("constant"), r"gate 'constant' has a call of its own: circuit\.constant"),
}
NUMBERS = {
    "coefficient": (lambda c, x, b, y: c.affine([1.0, NAN], x), "affine: a coefficient must be finite, got nan"),
    "coefficient of a layer": (lambda c, x, b, y: c.affine([[1, INF]], x), "affine: a coefficient must be finite, got inf"),
    "bias": (lambda c, x, b, y: c.affine([1.0, 2.0], x, -INF), "affine: a bias must be finite, got -inf"),
    "summand": (lambda c, x, b, y: x + NAN, "affine: a bias must be finite, got nan"),
    "factor": (lambda c, x, b, y: np.array([1.0, INF]) * x, "affine: a coefficient must be finite, got inf"),
    "huge factor": (lambda c, x, b, y: 10**400 * x, "affine: a coefficient must be a number, got an integer of 1329 bits"),
    "huge summand": (lambda c, x, b, y: x + 10**400, "affine: a bias must be a number, got an integer of 1329 bits"),
    "complex": (lambda c, x, b, y: x * np.complex128(1j), "affine: a coefficient must be a number, got 1j"),
    "text": (lambda c, x, b, y: c.affine(["1", "2"], x), "affine: a coefficient must be a number, got a list"),
    "array of text": (lambda c, x, b, y: x + np.array(["1"]), "affine: a bias must be a number, got a ndarray"),
    "ragged": (lambda c, x, b, y: c.affine([[1, 2], [3]], x), "affine: a coefficient must be a number, got a list"),
    "constant": (lambda c, x, b, y: c.constant(NAN), "a constant must be finite, got nan"),
    "constant of text": (lambda c, x, b, y: c.constant("1"), "a constant must be a number, got '1'"),
    "nothing": (lambda c, x, b, y: c.constant(None), "a constant must be (a number, got None|finite, got nan)"),
    "divisor 0": (lambda c, x, b, y: x / np.array([1.0, 0.0]), "a wire cannot be divided by 0"),
    "infinite divisor": (lambda c, x, b, y: x / INF, "a divisor must be finite, got inf"),
    "tiny divisor": (lambda c, x, b, y: x / 5e-324, "affine: a coefficient must be finite, got inf"),
    "negative power": (lambda c, x, b, y: x**-1, "a power of a wire must have an integer exponent of at least 0, got -1"),
    "fractional power": (lambda c, x, b, y: x**0.5, "a power of a wire must have an integer exponent of at least 0, got 0.5"),
    "power of float": (lambda c, x, b, y: x**2.0, "a power of a wire must have an integer exponent of at least 0, got 2.0"),
    "power True": (lambda c, x, b, y: x**True, "a power of a wire must have an integer exponent of at least 0, got True"),
    "wire as power": (lambda c, x, b, y: x[0] ** x[1], "a power of a wire must have an integer exponent of at least 0, got <wire 1"),
    "apply power": (lambda c, x, b, y: c.apply("power", x[0], -2), "a power of a wire must have an integer exponent of at least 0, got -2"),
    "deviation": (lambda c, x, b, y: c.input("new", hr.Normal(0, -1)), "normal: std must not be negative, got -1.0"),
    "probabilities": (
        lambda c, x, b, y: c.input("new", hr.Discrete([1, 2], [0.5, 0.4])),
        "discrete: probs must sum to 1, got a sum of 0.9",
    ),
}
NAMES = {
    "input": (lambda c, x, b, y: c.input("x[0]", hr.Normal()), r"a wire named 'x\[0\]' exists already"),
    "stem": (lambda c, x, b, y: c.input("x", hr.Normal(), count=1), r"a wire named 'x\[0\]' exists already"),
    "twice in a list": (lambda c, x, b, y: c.input(["p", "q", "p"], hr.Normal()), "a wire named 'p' exists already"),
    "set_name": (lambda c, x, b, y: c.set_name(c.wire(5), "x[1]"), r"a wire named 'x\[1\]' exists already"),
    "second name": (lambda c, x, b, y: c.set_name(x[0], "new"), r"wire 0 is already named 'x\[0\]'"),
    "output": (lambda c, x, b, y: c.output("out", x[0]), "an output named 'out' exists already"),
    "output array": (lambda c, x, b, y: [c.output("o", x), c.output("o", x)], r"an output named 'o\[0\]' exists already"),
    "empty": (lambda c, x, b, y: c.input("", hr.Normal()), "an input must be named by a non-empty printable string, got ''"),
    "two lines": (lambda c, x, b, y: c.output("a\nb", x[0]), r"an output must be named by a non-empty printable string, got 'a\\nb'"),
    "number": (lambda c, x, b, y: c.set_name(c.wire(5), 5), "a wire must be named by a non-empty printable string, got 5"),
    "numbers": (lambda c, x, b, y: c.input(["p", 5], hr.Normal()), "an input must be named by a non-empty printable string, got 5"),
    "nothing": (lambda c, x, b, y: c.input(None, hr.Normal()), "inputs must be named by a string or a list of strings, got None"),
    "circuit": (lambda c, x, b, y: hr.Circuit(""), "a circuit must be named by a non-empty printable string, got ''"),
    "copy": (lambda c, x, b, y: c.copy("\t"), r"a circuit must be named by a non-empty printable string, got '\\t'"),
}
COUNTS = {
    "negative": (lambda c, x, b, y: c.input("n", hr.Normal(), count=-1), "input 'n': count must be an integer of at least 0, got -1"),
    "fraction": (lambda c, x, b, y: c.input("n", hr.Normal(), count=2.0), r"input 'n': count must be an integer of at least 0, got 2\.0"),
    "true": (lambda c, x, b, y: c.input("n", hr.Normal(), count=True), "input 'n': count must be an integer of at least 0, got True"),
    "joint": (
        lambda c, x, b, y: c.input("n", hr.MultivariateNormal([0, 0], np.eye(2)), count=2),
        "input 'n': count goes with a law of one input, and multivariate_normal has 2",
    ),
    "names for a joint law": (
        lambda c, x, b, y: c.input(["p", "q", "r"], hr.MultivariateNormal([0, 0], np.eye(2))),
        "3 names are given for 2 inputs",
    ),
    "names and count": (lambda c, x, b, y: c.input(["p", "q"], hr.Normal(), count=3), "2 names are given for 3 inputs"),
}
SHAPES = {
    "coefficients": (
        lambda c, x, b, y: c.affine([1, 2, 3], x),
        r"affine: coefficients of shape \(3,\) do not match operands of shape \(2,\)",
    ),
    "matrix": (lambda c, x, b, y: np.ones((2, 3)) @ x, r"affine: coefficients of shape \(2, 3\) do not match operands of shape \(2,\)"),
    "number": (lambda c, x, b, y: c.affine(1.0, x), r"affine: coefficients of shape \(\) do not match operands of shape \(2,\)"),
    "three levels": (lambda c, x, b, y: np.ones((1, 1, 2)) @ x, r"affine: coefficients of shape \(1, 1, 2\) do not match"),
    "biases": (lambda c, x, b, y: c.affine(np.eye(2), x, [1, 2, 3]), r"affine: biases of shape \(3,\) do not match 2 gates"),
    "bias of one": (lambda c, x, b, y: c.affine([1, 2], x, [1, 2]), r"affine: biases of shape \(2,\) do not match 1 gates"),
    "products": (lambda c, x, b, y: x * b, r"operands of shapes \(2,\) and \(3,\) cannot be matched element by element"),
    "sums": (lambda c, x, b, y: b - x, r"operands of shapes \(3,\) and \(2,\) cannot be matched element by element"),
    "logic": (lambda c, x, b, y: b | b[:2], r"operands of shapes \(3,\) and \(2,\) cannot be matched element by element"),
}
FOREIGN = {
    "sum": (lambda c, x, b, y: x[0] + y, "circuit 'test': <wire 0 'y': input of 'other'> belongs to another circuit"),
    "product": (lambda c, x, b, y: c.multiply(y, x[0]), "circuit 'test': <wire 0 'y': input of 'other'> belongs to another circuit"),
    "square": (lambda c, x, b, y: c.square(y), "belongs to another circuit"),
    "and": (lambda c, x, b, y: b[0] & y, "belongs to another circuit"),
    "or": (lambda c, x, b, y: b[0] | y, "belongs to another circuit"),
    "mux": (lambda c, x, b, y: c.mux(b[0], b[1], y), "belongs to another circuit"),
    "affine": (lambda c, x, b, y: c.affine([1.0, 1.0], [x[0], y]), "belongs to another circuit"),
    "layer": (lambda c, x, b, y: c.affine([[1.0]], hr.Wires(y.circuit, [0])), "<1 wires of 'other'> belongs to another circuit"),
    "output": (lambda c, x, b, y: c.output("new", y), "belongs to another circuit"),
    "name": (lambda c, x, b, y: c.set_name(y, "new"), "belongs to another circuit"),
    "copy": (lambda c, x, b, y: c.copy().output("new", x[0]), "belongs to another circuit"),
    "number": (lambda c, x, b, y: c.multiply(x[0], 2.0), r"circuit 'test': an operand must be a wire, got 2\.0"),
    "text": (lambda c, x, b, y: c.land(b[0], "x"), "circuit 'test': an operand must be a wire, got 'x'"),
    "output of a number": (lambda c, x, b, y: c.output("new", 3), "circuit 'test': an operand must be a wire, got 3"),
    "forward": (lambda c, x, b, y: c.multiply(x[0], hr.Wire(c, 6)), "circuit 'test' has wires 0 to 5, so wire 6 cannot be read yet"),
    "forward array": (lambda c, x, b, y: hr.Wires(c, [[0, 1], [7, 2]]) + 1.0, "wires 0 to 5, so wire 7 cannot be read yet"),
    "forward affine": (lambda c, x, b, y: c.affine([1.0], [hr.Wire(c, 6)]), "wires 0 to 5, so wire 6 cannot be read yet"),
    "forward layer": (lambda c, x, b, y: np.eye(2) @ hr.Wires(c, [0, 6]), "wires 0 to 5, so wire 6 cannot be read yet"),
    "forward output": (lambda c, x, b, y: c.output("new", hr.Wire(c, 9)), "wires 0 to 5, so wire 9 cannot be read yet"),
    "negative wire": (lambda c, x, b, y: -hr.Wires(c, [-1]), "wires 0 to 5, so wire -1 cannot be read yet"),
}
KINDS = {
    "and": (lambda c, x, b, y: b[0] & x[1], "and takes boolean wires, but wire 1 of circuit 'test' is real"),
    "and of arrays": (lambda c, x, b, y: x & b[:2], "and takes boolean wires, but wire 0 of circuit 'test' is real"),
    "or": (lambda c, x, b, y: b[0] | x[0], "or takes boolean wires, but wire 0 of circuit 'test' is real"),
    "xor": (lambda c, x, b, y: x[0] ^ b[0], "xor takes boolean wires, but wire 0 of circuit 'test' is real"),
    "not": (lambda c, x, b, y: ~(b[0] + b[1]), "not takes boolean wires, but wire 6 of circuit 'test' is real"),
    "nand": (lambda c, x, b, y: c.apply("nand", b[0], x[0]), "nand takes boolean wires, but wire 0 of circuit 'test' is real"),
    "mux": (lambda c, x, b, y: c.mux(b[0], x[0], b[1]), "mux takes boolean wires, but wire 0 of circuit 'test' is real"),
    "declared real": (lambda c, x, b, y: ~c.input("r", hr.Bernoulli(0.5), kind="real"), "not takes boolean wires, but wire 6"),
    "law": (
        lambda c, x, b, y: c.input("new", hr.Sign(), kind="boolean"),
        "input 'new': law sign takes values other than 0 and 1, so it cannot be boolean",
    ),
    "affine": (
        lambda c, x, b, y: c.affine([1.0, 1.0], [b[0], x[0]], boolean=True),
        "an affine gate with a boolean result reads wire 0, which is real",
    ),
    "number": (lambda c, x, b, y: b[0] & 1, "& takes boolean wires on both sides"),
}
TABLES = {
    "unknown": UNKNOWN,
    "operands": OPERANDS,
    "fan-in": FAN_IN,
    "numbers": NUMBERS,
    "names": NAMES,
    "counts": COUNTS,
    "shapes": SHAPES,
    "foreign": FOREIGN,
    "kinds": KINDS,
}
# These build good gates on the way to the bad one.
BUILDS_ON_THE_WAY = {("kinds", "not"), ("kinds", "declared real"), ("names", "output array")}


def snapshot(circuit):
    columns = ("gate", "boolean", "left", "right", "value", "term_wire", "term_coefficient")
    arrays = [getattr(circuit, column).tolist() for column in columns]
    return arrays, circuit.layers, circuit.groups, dict(circuit.names), {name: wire.index for name, wire in circuit.outputs.items()}


@pytest.mark.parametrize(("table", "case"), [(table, case) for table, cases in TABLES.items() for case in cases])
def test_bad_input_is_one_line_and_changes_nothing(table, case):
    attempt, message = TABLES[table][case]
    c = hr.Circuit("test")
    x, b = c.input("x", hr.Normal(), count=2), c.input("b", hr.Bernoulli(0.5), count=3)
    c.output("out", x[0] * x[1])
    before = snapshot(c)
    y = hr.Circuit("other").input("y", hr.Bernoulli(0.5))
    with pytest.raises(hr.KindError if table == "kinds" else hr.CircuitError, match=message) as caught:
        attempt(c, x, b, y)
    assert len(str(caught.value).splitlines()) == 1
    assert isinstance(caught.value, TypeError) == (table == "kinds")
    if (table, case) not in BUILDS_ON_THE_WAY:
        assert snapshot(c) == before


# -- affine gates declared boolean -----------------------------------------------------------------


def bits(count):
    c = hr.Circuit("bits")
    return c, c.input("b", hr.Bernoulli(0.5), count=count)


GOOD_SUMS = {
    "identity": lambda b: ([1.0], [b[0]], 0.0),
    "not": lambda b: ([-1.0], [b[0]], 1.0),
    "or": lambda b: ([1.0, 1.0, -1.0], [b[0], b[1], b[0] & b[1]], 0.0),
    "or of swapped and": lambda b: ([1.0, 1.0, -1.0], [b[0], b[1], b[1] & b[0]], 0.0),
    "or by product": lambda b: ([1.0, 1.0, -1.0], [b[0], b[1], b[0] * b[1]], 0.0),
    "xnor": lambda b: ([-1.0, -1.0, 2.0], [b[0], b[1], b[0] & b[1]], 1.0),
    "mux": lambda b: ([1.0, 1.0, -1.0], [b[2], b[0] & b[1], b[0] & b[2]], 0.0),
    "a and not b": lambda b: ([1.0, -1.0], [b[0], b[0] & b[1]], 0.0),
    "cancelling": lambda b: ([1.0, -1.0], [b[0], b[0]], 1.0),
    "nothing": lambda b: ([], [], 1.0),
    "no operands that matter": lambda b: ([0.0, 0.0], [b[0], b[1]], 0.0),
}


@pytest.mark.parametrize("name", GOOD_SUMS)
def test_sums_that_are_0_or_1_may_be_declared_boolean(name):
    c, b = bits(3)
    coefficients, operands, bias = GOOD_SUMS[name](b)
    assert c.affine(coefficients, operands, bias, boolean=True).boolean


@pytest.mark.parametrize("gate", ["or", "xor", "nor", "xnor", "mux", "nand", "not"])
def test_every_derived_gate_may_be_declared_boolean_whatever_its_operands_are(gate):
    # Operands that are ands themselves have to be seen through at both places where they stand.
    c, b = bits(3)
    kinds = [b[0], b[0] & b[1], b[1] * b[2], b[0] | b[2], ~(b[1] & b[2])]
    for operands in itertools.product(kinds, repeat=hr.GATES[gate].fan_in):
        built = c.apply(gate, *operands)
        bias, wires, coefficients = c.terms(built.index)
        assert c.affine(coefficients, [c.wire(int(w)) for w in wires], bias, boolean=True).boolean


def test_a_layer_may_be_declared_boolean():
    c, b = bits(2)
    rows = c.affine([[-1.0, 0.0], [0.0, 1.0]], b, [1.0, 0.0], boolean=True)
    assert [wire.boolean for wire in rows] == [True, True]


BAD_SUMS = {
    "a + b": (lambda b: ([1.0, 1.0], [b[0], b[1]], 0.0), "wire 4: declared boolean, but its sum is one that can be 2"),
    "-a": (lambda b: ([-1.0], [b[0]], 0.0), "wire 4: declared boolean, but its sum is one that can be -1"),
    "2": (lambda b: ([], [], 2.0), "wire 4: declared boolean, but its sum is one that can be 2"),
    "or with another and": (lambda b: ([1.0, 1.0, -1.0], [b[0], b[1], b.circuit.wire(3)], 0.0), "wire 4: .* can be 2"),
    "halves": (lambda b: ([0.5, 0.5], [b[0], b[0]], 0.0), "wire 4: declared boolean, but its sum is one with fractional numbers"),
    "half": (lambda b: ([0.0], [b[0]], 0.5), "wire 4: declared boolean, but its sum is one with fractional numbers"),
}


@pytest.mark.parametrize("name", BAD_SUMS)
def test_sums_that_can_be_something_else_are_refused(name):
    c, b = bits(3)
    _ = b[1] & b[2]
    build, message = BAD_SUMS[name]
    with pytest.raises(hr.CircuitError, match=f"^{message}$"):
        c.affine(*build(b), boolean=True)


def test_the_bad_row_of_several_is_named():
    c, b = bits(2)
    with pytest.raises(hr.CircuitError, match=r"^wire 3: declared boolean, but its sum is one that can be 2$"):
        c.affine([[1.0, 0.0], [1.0, 1.0]], b, boolean=True)


def test_a_sum_too_wide_to_check_is_refused():
    c, b = bits(20)
    with pytest.raises(hr.CircuitError, match=r"^wire 20: declared boolean, but its sum is a sum over 20 wires, more than can be checked$"):
        c.affine(np.zeros(20), b, boolean=True)
