"""Reductant propagation of real wires: where it is exact and why, what it repairs elsewhere, and what nothing may change."""

import itertools
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heurest as hr
from heurest.estimators import real_reductants
from heurest.methods import parse_method
from support.build import one_output
from support.enumeration import expected_values
from support.rebuild import rebuilt
from support.sizes import scaled
from support.strategies import BOOLEAN_LAWS, FINITE_LAWS, NUMBERS, REAL_LAWS, circuits

COMPLETIONS = ("regression", "interaction", "mutual", "cumulant")
every_completion = pytest.mark.parametrize("completion", COMPLETIONS)
every_degree = pytest.mark.parametrize("degree", [1, 2, 3, 4])
METHODS = st.builds(
    lambda degree, completion, retain: hr.Reductant(2, degree, completion, retain),
    st.integers(1, 4), st.sampled_from(COMPLETIONS), st.sampled_from([0, 1, 8]),
)  # fmt: skip


def output(circuit, method=None):
    return (method or hr.Reductant()).estimate(circuit).value["o"]


def output_variance(circuit, method=None):
    estimate = (method or hr.Reductant()).estimate(circuit)
    return estimate.variance[circuit.outputs["o"].index]


def assert_exact(circuit, method, tolerance=1e-9):
    """Mean and variance of every wire, by enumeration."""
    estimate = method.estimate(circuit, keep_dead=True)
    mean, square = expected_values(circuit), expected_squares(circuit)
    size = np.sqrt(square) + 1.0
    np.testing.assert_allclose(estimate.mean / size, mean / size, rtol=0, atol=tolerance)
    np.testing.assert_allclose(estimate.variance / size**2, (square - mean**2) / size**2, rtol=0, atol=tolerance)


def expected_squares(circuit):
    squared = circuit.copy()
    wires = [squared.wire(i) ** 2 for i in range(len(circuit))]
    return expected_values(squared)[[wire.index for wire in wires]]


# -- exactness that is a theorem -------------------------------------------------------------------


@st.composite
def read_once(draw, laws=FINITE_LAWS, booleans=False):
    """Every wire is read at most once and inputs are independent: the operands of every gate are independent."""
    c = hr.Circuit("read-once")
    pool = [c.input(f"x{i}", draw(st.one_of(laws, BOOLEAN_LAWS) if booleans else laws)) for i in range(draw(st.integers(2, 6)))]
    while len(pool) > 1:
        a, b = (pool.pop(draw(st.integers(0, len(pool) - 1))) for _ in range(2))
        kinds = ["multiply", "affine", "affine"] + ["and", "xor", "or"] * (a.boolean and b.boolean)
        kind = draw(st.sampled_from(kinds))
        if kind == "multiply":
            pool.append(a * b)
        elif kind == "affine":
            pool.append(c.affine([draw(NUMBERS), draw(NUMBERS)], [a, b], draw(NUMBERS)))
        else:
            pool.append(c.apply(kind, a, b))
        if draw(st.integers(0, 3)) == 0:
            pool[-1] = pool[-1] ** 2
    c.output("o", pool[0])
    return c


@given(read_once(), METHODS)
def test_read_once_circuits_are_exact(circuit, method):
    # Tables of independent operands are zero, the grid is a product rule, and a gate's first 2 degree + 1 moments or more are its.
    # A square doubles the degree: variances need the fourth moment of what is squared, which degree 2 and more keep.
    if method.degree >= 2 or all(circuit.gate_name(i) != "square" for i in range(len(circuit))):
        assert_exact(circuit, method, 1e-8)
    else:
        estimate = method.estimate(circuit)
        assert not np.isnan(estimate.mean).any()


@given(read_once(booleans=True), METHODS)
def test_bits_are_numbers_in_sums_and_products(circuit, method):
    if method.degree >= 2:
        assert_exact(circuit, method, 1e-8)
    estimate = method.estimate(circuit, keep_dead=True)
    for wire in np.flatnonzero(circuit.boolean):
        law = estimate.law(int(wire))
        assert set(law.points.tolist()) <= {0.0, 1.0}
        assert law.mean == pytest.approx(estimate.mean[wire], abs=1e-12)


@every_completion
@every_degree
@pytest.mark.parametrize(
    "law",
    [hr.Normal(0.5, 2.0), hr.Exponential(2.0), hr.Uniform(-1, 3), hr.Empirical((0, 1, 1, 5, 7, 7, 7, 8, 9, 11))],
)
def test_reduced_laws_keep_moments(completion, degree, law):
    c = one_output(lambda c: 2.0 * c.input("x", law) ** 2 * c.input("y", law) - 1.0)
    estimate = hr.Reductant(2, degree, completion).estimate(c, keep_dead=True)
    moments = law.moments(4 * degree + 6)
    found = estimate.law(0)
    for k in range(4 * degree + 4):  # inputs have 2 degree + 2 points
        assert found.weights @ found.points**k == pytest.approx(moments[k], rel=1e-9)
    assert found.weights.sum() == pytest.approx(1.0, rel=1e-14)
    square = estimate.law(next(i for i in range(len(c)) if c.gate_name(i) == "square"))
    for k in range(degree + 1):  # of x^2 up to degree 2 degree + 1 in x and beyond
        assert square.weights @ square.points**k == pytest.approx(moments[2 * k], rel=1e-8)
    assert estimate.value["o"] == pytest.approx(2.0 * moments[2] * moments[1] - 1.0, rel=1e-9)


@st.composite
def normal_inputs(draw, c, size):
    """Correlated by at most 1/2: a difference of nearly equal wires may be taken for a contradiction of their table."""
    if draw(st.booleans()):
        return [c.input(f"x{i}", hr.Normal(draw(NUMBERS), draw(st.sampled_from([0.5, 1.0, 2.0])))) for i in range(size)]
    factor = np.array(draw(st.lists(NUMBERS, min_size=size * size, max_size=size * size))).reshape(size, size)
    return list(
        c.input("x", hr.MultivariateNormal([draw(NUMBERS) for _ in range(size)], factor @ factor.T + np.sum(factor**2) * np.eye(size)))
    )


def normal_law(circuit):
    """Exact means, variances and covariances of the wires of an affine circuit over normal inputs."""
    mean, rows = [], []
    covariance = np.zeros((len(circuit.inputs),) * 2)
    place = {wire.index: i for i, wire in enumerate(circuit.inputs)}
    for group in circuit.groups:
        at = [place[w] for w in group.wires]
        covariance[np.ix_(at, at)] = group.law.covariance() if group.law.size > 1 else group.law.cumulants(2, 0)[2]
    for wire in range(len(circuit)):
        if circuit.gate_name(wire) == "input":
            group = next(g for g in circuit.groups if wire in g.wires)
            mean.append(float(group.law.means()[list(group.wires).index(wire)]))
            rows.append(np.eye(len(place))[place[wire]])
        else:
            bias, operands, coefficients = circuit.terms(wire)
            mean.append(bias + sum(a * mean[x] for a, x in zip(coefficients, operands, strict=True)))
            rows.append(sum((a * rows[x] for a, x in zip(coefficients, operands, strict=True)), np.zeros(len(place))))
    matrix = np.array(rows)
    return np.array(mean), matrix @ covariance @ matrix.T


@settings(max_examples=scaled(60, 5))
@given(st.data(), METHODS)
def test_affine_circuits_of_normal_inputs_are_exact(data, method):
    c = hr.Circuit("affine")
    wires = data.draw(normal_inputs(c, data.draw(st.integers(2, 4))))
    for _ in range(data.draw(st.integers(1, 6))):
        operands = data.draw(st.lists(st.sampled_from(wires), min_size=2, max_size=4, unique_by=lambda w: w.index))
        wires.append(c.affine([data.draw(NUMBERS) for _ in operands], operands, data.draw(NUMBERS)))
    c.output("o", wires[-1])
    mean, covariance = normal_law(c)
    size = np.sqrt(np.diag(covariance)) + 1.0
    estimate = hr.Reductant(2, method.degree, method.completion, keep_tables=True).estimate(c, keep_dead=True)
    np.testing.assert_allclose(estimate.mean, mean, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(estimate.variance / size**2, np.diag(covariance) / size**2, rtol=0, atol=1e-8)
    cumulant = hr.Cumulant(2).estimate(c, keep_dead=True)
    np.testing.assert_allclose(estimate.mean, cumulant.mean, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(estimate.variance / size**2, cumulant.variance / size**2, rtol=0, atol=1e-8)
    for v, w in itertools.combinations(range(len(c)), 2):
        table = estimate.table(v, w)
        check_table(table, estimate.law(v), estimate.law(w))
        assert table.covariance == pytest.approx(covariance[v, w], rel=1e-6, abs=1e-6 * size[v] * size[w])


def check_table(table, first, second):
    """Non-negative, with the means and variances of the wires on its points; all of their points unless those had to be few."""
    assert table.probabilities.min() >= 0.0
    for points, weights, law in ((table.first, table.probabilities.sum(1), first), (table.second, table.probabilities.sum(0), second)):
        mean, variance = law.weights @ law.points, law.weights @ (law.points - law.weights @ law.points) ** 2
        size = math.sqrt(variance) + abs(mean)
        assert weights.sum() == pytest.approx(1.0, rel=1e-9)
        assert weights @ points == pytest.approx(mean, rel=1e-7, abs=1e-7 * size)
        assert weights @ (points - mean) ** 2 == pytest.approx(variance, rel=1e-6, abs=1e-9 * size**2)


def second_layer(data, kind):
    """Normal inputs, affine gates, squares or products, affine gates, squares or products."""
    c = hr.Circuit("two layers")
    width = data.draw(st.integers(2, 3))
    wires = data.draw(normal_inputs(c, width))
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    for layer in range(2):
        mixed = [c.affine(rng.normal(size=width).round(2), wires, round(rng.normal(), 2)) for _ in range(width)]
        wires = [mixed[i] * mixed[i if kind == "squares" else (i + 1) % width] for i in range(width)]
        if layer:
            for i, wire in enumerate(wires):
                c.output(f"o{i}", wire)
    return c


@pytest.mark.parametrize(("kind", "completion"), [("squares", "mutual"), ("squares", "cumulant"), ("products", "mutual")])
@settings(max_examples=scaled(40, 4))
@given(data=st.data(), degree=st.integers(2, 4))
def test_two_layers_over_normal_inputs_have_exact_means(kind, completion, data, degree):
    c = second_layer(data, kind)
    truth = hr.exact(c)
    estimate = hr.Reductant(2, degree, completion).estimate(c)
    for name, value in estimate.value.items():
        assert value == pytest.approx(truth.value[name], rel=1e-7, abs=1e-7 * truth.rms(name))


# -- repeated wires --------------------------------------------------------------------------------

POWERS = {
    "x * x": (lambda x: x * x, 2),
    "(x * x) * x": (lambda x: (x * x) * x, 3),
    "x**4": (lambda x: (x**2) ** 2, 4),
    "((x * x) * x) * x": (lambda x: ((x * x) * x) * x, 4),
    "x**5": (lambda x: (x**2) ** 2 * x, 5),
}


@every_completion
@pytest.mark.parametrize("degree", [2, 3, 4])
@pytest.mark.parametrize("name", POWERS)
@pytest.mark.parametrize("law", [hr.Normal(0.5, 2.0), hr.Exponential(1.0), hr.Sign(), hr.Discrete((-1, 0.5, 3), (0.2, 0.5, 0.3))])
def test_powers_of_a_wire_are_exact(name, law, degree, completion):
    # x and x^2 are two wires, but x^2 is in the span of x's polynomials: for x^3 = x^2 x the triple (x^2, x, x) is their own. The
    # power 5 takes (x^2)^2, of degree 4 in x: its table with x is exact from degree 2 on, because x and x^2 span what it is paired with.
    build, power = POWERS[name]
    c = one_output(lambda c: build(c.input("x", law)))
    # Degree 4 meets E[x^18], of 1e16 for exponential inputs: rounding shows.
    assert output(c, hr.Reductant(2, degree, completion)) == pytest.approx(law.moments(power)[power], rel=1e-9 if degree < 4 else 1e-4)


@every_completion
@given(st.data())
def test_difference_of_squares(completion, data):
    x_law, y_law = data.draw(REAL_LAWS), data.draw(REAL_LAWS)

    def build(c):
        x, y = c.input("x", x_law), c.input("y", y_law)
        return (x + y) * (x - y)

    exact = x_law.moments(2)[2] - y_law.moments(2)[2]
    assert output(one_output(build), hr.Reductant(2, 2, completion)) == pytest.approx(exact, rel=1e-9, abs=1e-9)


def two_normals(c):
    return c.input("xy", hr.MultivariateNormal([0.0, 0.0], [[1.0, 0.5], [0.5, 4.0]]))


# theory: the exact values of B1 to B6
WORKED = {
    "B1": (lambda x, y: (1 + x) * (1 + y) + (1 + y) * (x + y), 2.0),
    "B2": (lambda x, y: x**2, 1.0),
    "B4 by squares": (lambda x, y: (x**2) ** 2, 3.0),
    "B4 one by one": (lambda x, y: ((x * x) * x) * x, 3.0),
}


@every_completion
@pytest.mark.parametrize("degree", [2, 3, 4])
@pytest.mark.parametrize("name", WORKED)
def test_worked_examples_of_independent_normals_are_exact(name, degree, completion):
    build, exact = WORKED[name]
    c = one_output(lambda c: build(*c.input("x", hr.Normal(), count=2)))
    assert output(c, hr.Reductant(2, degree, completion)) == pytest.approx(exact, rel=1e-12)


@every_completion
@pytest.mark.parametrize("degree", [1, 2, 3, 4])
def test_variance_of_a_square_and_of_a_product(degree, completion):
    method = hr.Reductant(2, degree, completion)
    assert output_variance(one_output(lambda c: c.input("x", hr.Normal()) ** 2), method) == pytest.approx(2.0, rel=1e-12)  # B3
    if degree > 1:  # B5: E[x^2 y^2] - E[xy]^2 needs the table of degree 2
        assert output_variance(one_output(lambda c: (lambda x, y: x * y)(*two_normals(c))), method) == pytest.approx(17 / 4, rel=1e-9)
        squares = one_output(lambda c: (lambda x, y: 0.25 * (x + y) ** 2 - 0.25 * (x - y) ** 2)(*two_normals(c)))
        if completion == "mutual":  # the others do not see that (x + y)^2, made before x - y, is a function of x and y
            assert output_variance(squares, method) == pytest.approx(17 / 4, rel=1e-9)


@every_completion
@pytest.mark.parametrize("degree", [2, 3, 4])
def test_squares_of_correlated_normals(degree, completion):  # B6
    def build(c):
        x, y = c.input("xy", hr.MultivariateNormal([0.0, 0.0], [[1.0, 0.5], [0.5, 1.0]]))
        return x**2 * y**2

    assert output(one_output(build), hr.Reductant(2, degree, completion)) == pytest.approx(1.5, rel=1e-9)


@every_completion
@every_degree
@pytest.mark.parametrize("p", [0.01, 0.1, 0.5])
def test_no_negative_expected_square_where_third_order_has_one(p, degree, completion):  # B7
    def build(c):
        b = c.input("b", hr.Discrete((0.0, 1.0), (1.0 - p, p)), kind="real")
        return (b**2 - b) ** 2

    c = one_output(build)
    if p < 0.5:
        assert hr.Cumulant(3).estimate(c).value["o"] == pytest.approx(-p * (1 - p) * (1 - 6 * p * (1 - p)), rel=1e-9)
    estimate = hr.Reductant(2, degree, completion).estimate(c)
    assert 0.0 <= estimate.value["o"] < 1e-12  # b^2 is b on b's two points


@every_completion
def test_parity_of_signs(completion):  # B9
    def pairwise(c):
        x, y = c.input("s", hr.Sign(), count=2)
        z = x * y
        return (z * x) * y

    def squared(c):
        x, y = c.input("s", hr.Sign(), count=2)
        return (x * y) ** 2

    # z, x, y are independent in pairs, though z x is y: (z x, y) with z = x y is in no pair table, and no completion sees it; order 3 does.
    assert output(one_output(pairwise), hr.Reductant(2, 2, completion)) == pytest.approx(0.0, abs=1e-12)
    assert hr.Cumulant(3).estimate(one_output(pairwise)).value["o"] == 1.0
    assert output(one_output(squared), hr.Reductant(2, 2, completion)) == pytest.approx(1.0, rel=1e-12)


# -- wide sums -------------------------------------------------------------------------------------

WIDE = {
    "normal": hr.Normal(0.5, 2.0),
    "exponential": hr.Exponential(2.0),
    "bernoulli": hr.Bernoulli(0.2),
    "poisson-like": hr.Discrete(tuple(range(12)), tuple((w := np.array([0.7**k / math.factorial(k) for k in range(12)])) / w.sum())),
}


@every_completion
@every_degree
@pytest.mark.parametrize("size", [9, 30])
@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize("dense", [False, True])
def test_wide_sums_of_independent_wires_keep_four_moments(name, size, dense, degree, completion):
    law, c = WIDE[name], hr.Circuit("wide")
    x = list(c.input("x", law, count=size))
    total = c.affine(np.full((2, size), 0.5), x, [-1.0, 0.0])[0] if dense else c.affine([0.5] * size, x, -1.0)
    c.output("o", total)
    c.output("square", total**2)
    estimate = hr.Reductant(2, degree, completion).estimate(c)
    cumulants = size * 0.5 ** np.arange(5) * law.cumulants(4, 0)
    found = estimate.law(total)
    centre = found.points - (cumulants[1] - 1.0)
    assert estimate.value["o"] == pytest.approx(cumulants[1] - 1.0, rel=1e-12)
    assert found.weights.sum() == pytest.approx(1.0, rel=1e-14)
    expected = [0.0, cumulants[2], cumulants[3], cumulants[4] + 3 * cumulants[2] ** 2]
    for k, moment in enumerate(expected, 1):
        assert found.weights @ centre**k == pytest.approx(moment, rel=1e-9, abs=1e-9 * cumulants[2] ** (k / 2))
    assert estimate.value["square"] == pytest.approx(cumulants[2] + (cumulants[1] - 1.0) ** 2, rel=1e-9)


@every_completion
def test_dense_layers_of_normal_wires_and_their_squares(completion):
    rng = np.random.default_rng(1)
    c = hr.Circuit("dense")
    x = c.input("x", hr.Normal(), count=12)
    matrix = rng.normal(size=(3, 12)).round(2)
    rows = c.affine(matrix, x, [0.0, 1.0, -1.0])
    for i, row in enumerate(rows):
        c.output(f"r{i}", row)
        c.output(f"s{i}", row**2)
    c.output("p", rows[0] * rows[1])
    estimate = hr.Reductant(2, 2, completion).estimate(c)
    covariance = matrix @ matrix.T
    for i, shift in enumerate((0.0, 1.0, -1.0)):
        assert estimate.value[f"r{i}"] == pytest.approx(shift, abs=1e-12)
        assert estimate.value[f"s{i}"] == pytest.approx(covariance[i, i] + shift**2, rel=1e-9)
    assert estimate.value["p"] == pytest.approx(covariance[0, 1], rel=1e-9)


# -- what nothing may change -----------------------------------------------------------------------

TAME = {"laws": REAL_LAWS, "max_degree": 6}


def assert_same(first, second, circuit, rtol=1e-6):
    """Estimates of the same circuit made otherwise agree up to rounding, which an unlucky table may enlarge."""
    for name, value in first.value.items():
        wire = circuit.outputs[name].index
        size = math.sqrt(max(first.variance[wire], 0.0)) + abs(value) + 1.0
        assert second.value[name] == pytest.approx(value, rel=0, abs=rtol * size)


@given(circuits(**TAME), METHODS)
def test_gates_that_feed_no_output_change_nothing(circuit, method):
    more = circuit.copy()
    for i in range(3):
        _ = more.wire(i % len(more)) * more.wire(len(more) - 1)
    assert method.estimate(more).value == method.estimate(circuit).value


@given(circuits(**TAME), METHODS)
def test_keeping_tables_and_portions_of_the_work_change_nothing(circuit, method):
    if method.completion != "mutual":  # which sees the operands of what is kept
        retained = hr.Reductant(2, method.degree, method.completion, retain=3).estimate(circuit)
        assert retained.value == method.estimate(circuit).value
    kept = hr.Reductant(2, method.degree, method.completion, retain=10**6)
    tables = hr.Reductant(2, method.degree, method.completion, keep_tables=True)
    assert tables.estimate(circuit).value == kept.estimate(circuit).value
    seen = []
    told = method.estimate(circuit, progress=lambda *call: seen.append(call))
    assert told.value == method.estimate(circuit).value


@given(circuits(**TAME), METHODS)
def test_estimates_come_in_any_number_of_portions(circuit, method):
    once = method.estimate(circuit).value
    at_once, real_reductants._PAIRS_AT_ONCE = real_reductants._PAIRS_AT_ONCE, 1
    seen = []
    try:
        assert method.estimate(circuit, progress=lambda done, total, what: seen.append((done, total, what))).value == once
    finally:
        real_reductants._PAIRS_AT_ONCE = at_once
    assert [done for done, _, _ in seen] == list(range(len(seen)))


# not 0 and 1: those would make boolean wires
UNITS = st.sampled_from(
    [hr.Discrete((-1.0, 0.5, 2.0), (0.3, 0.5, 0.2)), hr.Sign(), hr.Discrete((0.0, 2.0, 3.0, 4.0), (0.1, 0.2, 0.3, 0.4))]
)


@settings(max_examples=scaled(60, 5))
@given(st.data(), st.sampled_from([-2.0, -1.0, 0.5, 3.0]), NUMBERS, st.sampled_from(COMPLETIONS))
def test_units_of_inputs_do_not_matter(data, scale, shift, completion):
    circuit = data.draw(circuits(booleans=False, joint=False, max_gates=4, max_degree=4, laws=UNITS))

    def build(rescaled):
        c = hr.Circuit("units")
        wires = []
        for wire in range(len(circuit)):
            name = circuit.gate_name(wire)
            if name == "input":
                values, probs = circuit.groups[circuit.left[wire]].law.points()
                values = values[:, 0]
                if rescaled:
                    new = (c.input(f"x{wire}", hr.Discrete(scale * values + shift, probs), kind="real") - shift) / scale
                else:
                    new = c.input(f"x{wire}", hr.Discrete(values, probs), kind="real")
                wires.append(new)
            elif name == "constant":
                wires.append(c.constant(circuit.value[wire]))
            elif name == "affine":
                bias, operands, coefficients = circuit.terms(wire)
                wires.append(c.affine(coefficients, [wires[x] for x in operands], bias))
            else:
                wires.append(c.apply(name, *(wires[x] for x in circuit.operands(wire))))
        for name, wire in circuit.outputs.items():
            c.output(name, wires[wire.index])
        return c

    method, plain = hr.Reductant(2, 2, completion), build(False)
    assert_same(method.estimate(plain), method.estimate(build(True)), plain)


@every_completion
@given(st.data())
def test_operands_may_be_swapped(completion, data):
    laws = [data.draw(REAL_LAWS) for _ in range(3)]

    def build(swapped):
        c = hr.Circuit("swapped")
        x, y, z = (c.input(f"x{i}", law) for i, law in enumerate(laws))
        u = y * x if swapped else x * y
        v = z + u if swapped else u + z
        c.output("o", x * v if swapped else v * x)
        c.output("s", v**2)
        return c

    method, plain = hr.Reductant(2, 2, completion), build(False)
    assert_same(method.estimate(plain), method.estimate(build(True)), plain)


@every_completion
@given(circuits(max_gates=4, booleans=False, joint=False, layers=False, **TAME))
def test_names_of_inputs_do_not_matter(completion, circuit):
    turned, _ = rebuilt(circuit, lambda parts: parts[0])
    method = hr.Reductant(2, 2, completion)
    assert method.estimate(turned).value == method.estimate(circuit).value


# -- whatever the circuit --------------------------------------------------------------------------


def check_sane(circuit, method):
    """No NaN, no negative square or variance, laws that are laws, probabilities in [0, 1]."""
    estimate = method.estimate(circuit, keep_dead=True)
    assert not np.isnan(estimate.mean).any()
    assert not np.isnan(estimate.variance).any()
    assert (estimate.variance >= 0.0).all()
    boolean = circuit.boolean
    assert ((estimate.mean[boolean] >= 0.0) & (estimate.mean[boolean] <= 1.0)).all()
    for wire in range(len(circuit)):
        if circuit.gate_name(wire) == "square":
            assert estimate.mean[wire] >= 0.0
        law = estimate.law(wire)
        assert law.weights.min() >= 0.0
        assert law.weights.sum() == pytest.approx(1.0, rel=1e-12)
        assert not np.isnan(law.points).any()
        if boolean[wire]:
            assert set(law.points.tolist()) <= {0.0, 1.0}
    return estimate


@settings(max_examples=scaled(300, 10))
@given(circuits(max_gates=12), METHODS)
def test_nothing_is_nan_and_no_square_is_negative(circuit, method):
    check_sane(circuit, method)


def wild_circuit(seed):
    """Extreme laws, cancelling sums, repeated wires, wide and dense sums, deep squares, bits."""
    rng = np.random.default_rng(seed)
    c = hr.Circuit(f"wild {seed}")
    laws = [
        hr.Normal(0, 1e-8), hr.Normal(100, 1), hr.Normal(), hr.Sign(), hr.Exponential(20.0), hr.Uniform(1, 1 + 1e-6),
        hr.Bernoulli(1e-12), hr.Bernoulli(1 - 1e-9), hr.Bernoulli(0.5), hr.Discrete((0, 1e4), (1 - 1e-6, 1e-6)), hr.Empirical((2.5,)),
    ]  # fmt: skip
    wires = [c.input(f"x{i}", laws[rng.integers(len(laws))]) for i in range(rng.integers(1, 5))]

    def pick():
        return wires[rng.integers(len(wires))] if rng.random() < 0.5 else wires[-1 - rng.integers(min(4, len(wires)))]

    for _ in range(rng.integers(1, 18)):
        kind, bits = rng.random(), [wire for wire in wires if wire.boolean]
        if kind < 0.25:
            new = pick() * pick()
        elif kind < 0.5:
            new = pick() ** 2
        elif kind < 0.7:
            new = c.affine(rng.choice([-1.0, -0.5, 1.0, 2.0], 2), [pick(), pick()], rng.choice([0.0, 1.0]))
        elif kind < 0.8:
            new = c.affine(rng.choice([-1.0, 0.0, 1.0], 12), [pick() for _ in range(12)])
        elif kind < 0.85:
            new = (lambda a, b: (a - b) * (a + b))(pick(), pick())
        elif bits:
            a, b = bits[rng.integers(len(bits))], bits[rng.integers(len(bits))]
            new = (a & b, a | b, a ^ b, ~a)[rng.integers(4)]
        else:
            new = c.constant(rng.normal())
        wires.append(new)
    c.output("o", wires[-1])
    return c


@every_completion
def test_wild_circuits_are_sane(completion):
    for seed in range(scaled(400, 8)):
        check_sane(wild_circuit(seed), hr.Reductant(2, 1 + seed % 4, completion, retain=seed % 3))


@every_completion
@every_degree
def test_deep_squares_overflow_in_words(degree, completion):
    c = hr.Circuit("deep")
    wire = c.input("x", hr.Normal(3.0, 1.0))
    for _ in range(12):
        wire = wire**2
    c.output("o", wire)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimate = check_sane(c, hr.Reductant(2, degree, completion))
    assert estimate.value["o"] == np.inf
    assert any("overflows" in line for line in estimate.warnings)


@every_completion
def test_a_difference_that_cancels_is_zero(completion):
    c = hr.Circuit("cancel")
    x, y = c.input("x", hr.Exponential(), count=2)
    c.output("seen", (x * y - y * x) ** 2)  # two products of the same wires, one made from the other's operands
    c.output("merged", (x * y - 2 * (x * y)) + x * y)
    estimate = check_sane(c, hr.Reductant(2, 2, completion))
    assert estimate.value["merged"] == pytest.approx(0.0, abs=1e-12)
    if completion == "mutual":
        assert estimate.value["seen"] == pytest.approx(0.0, abs=1e-12)


# -- laws and tables -------------------------------------------------------------------------------


@every_completion
@given(st.data(), st.integers(1, 4))
def test_tables_of_independent_wires_are_products(completion, data, degree):
    c = hr.Circuit("independent")
    x, y = (c.input(f"x{i}", data.draw(st.one_of(REAL_LAWS, BOOLEAN_LAWS))) for i in range(2))
    u, v = 1.0 - 2.0 * x, y**2
    c.output("o", u + v)
    estimate = hr.Reductant(2, degree, completion, keep_tables=True).estimate(c, keep_dead=True)
    for first, second in ((x, y), (u, v), (v, x)):
        table = estimate.table(first, second)
        check_table(table, estimate.law(first), estimate.law(second))
        product = np.outer(table.probabilities.sum(1), table.probabilities.sum(0))
        np.testing.assert_allclose(table.probabilities, product, rtol=0, atol=1e-9)
        np.testing.assert_allclose(table.coefficients, 0.0, atol=1e-9)
    same = estimate.table(x, u)  # the same value: all on the other diagonal
    check_table(same, estimate.law(x), estimate.law(u))
    assert same.covariance == pytest.approx(-2.0 * estimate.variance[x.index], rel=1e-9, abs=1e-12)


@settings(max_examples=scaled(100, 5))
@given(circuits(max_gates=8), METHODS)
def test_tables_are_laws(circuit, method):
    estimate = hr.Reductant(2, method.degree, method.completion, keep_tables=True).estimate(circuit, keep_dead=True)
    if np.isinf(estimate.variance).any():
        return
    for v, w in itertools.combinations(range(len(circuit)), 2):
        check_table(estimate.table(v, w), estimate.law(v), estimate.law(w))


# -- parameters ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"order": 1}, "order must be an integer from 2 to 3, got 1"),
        ({"order": 4}, "order must be"),
        ({"order": 2.0}, "order must be"),
        ({"order": True}, "order must be"),
        ({"degree": 0}, "degree must be an integer from 1 to 4, got 0"),
        ({"degree": 5}, "degree must be"),
        ({"degree": "2"}, "degree must be"),
        ({"retain": -1}, "retain must be an integer from 0"),
        ({"retain": None}, "retain must be"),
        ({"completion": "best"}, "completion must be one of cumulant, interaction, mutual, regression, got 'best'"),
        ({"order": 3, "completion": "cumulant"}, "order 3 has the completions mutual and regression, got 'cumulant'"),
        ({"order": 3, "completion": "interaction"}, "order 3 has"),
        ({"keep_tables": 1}, "keep_tables must be True or False, got 1"),
    ],
)
def test_bad_parameters_are_named(parameters, message):
    with pytest.raises(hr.ArgumentError, match=message):
        hr.Reductant(**parameters)


@given(METHODS)
def test_specifications_come_back(method):
    assert parse_method(method.spec) == method


def test_memory_is_limited():
    c = hr.Circuit("large")
    x = c.input("x", hr.Normal(), count=40)
    c.output("o", c.affine(np.ones(40), x) ** 2)
    with pytest.raises(hr.IntractableError, match="reductant:2"):
        hr.Reductant().estimate(c, max_memory=1000)
    assert hr.Reductant().estimate(c, max_memory=10**7).value["o"] == pytest.approx(40.0, rel=1e-9)


def test_what_is_not_kept_is_not_told():
    c = hr.Circuit("told")
    x, y = c.input("x", hr.Normal(), count=2)
    dead = x * y
    c.output("o", x + y)
    estimate = hr.Reductant().estimate(c)
    with pytest.raises(hr.ArgumentError, match="keep_tables"):
        estimate.table(x, y)
    with pytest.raises(hr.ArgumentError, match="keep_dead"):
        estimate.law(dead)
