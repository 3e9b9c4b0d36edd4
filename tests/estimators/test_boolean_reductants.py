"""Reductant propagation of 0/1 wires: where it is exact and why, what it gives elsewhere, and what nothing may change."""

import itertools
from fractions import Fraction
from functools import reduce
from math import prod, sqrt
from operator import and_, or_, xor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heurest as hr
from heurest.estimators import boolean_reductants
from support.boolean_circuits import (
    BENIGN,
    EXTREME,
    MAJORITIES,
    PARITIES,
    joint_bits,
    literal_circuits,
    literal_gate,
    merging_circuits,
    named,
    random_circuit,
    read_once_circuits,
)
from support.enumeration import expected_values
from support.rebuild import rebuilt
from support.sizes import scaled

CONFIGURATIONS = [(2, "regression"), (2, "interaction"), (2, "mutual"), (3, "regression"), (3, "mutual")]
every_method = pytest.mark.parametrize(("order", "completion"), CONFIGURATIONS)
METHODS = st.builds(lambda pair, retain: hr.Reductant(pair[0], completion=pair[1], retain=retain),
                    st.sampled_from(CONFIGURATIONS), st.sampled_from([0, 1, 8]))  # fmt: skip


def output(circuit, method):
    return method.estimate(circuit).value["o"]


def assert_exact(circuit, method, tolerance=1e-11):
    """Every wire, not only the outputs."""
    estimate = method.estimate(circuit, keep_dead=True)
    np.testing.assert_allclose(estimate.mean, expected_values(circuit), rtol=0, atol=tolerance)


# -- exactness that is a theorem -------------------------------------------------------------------
#
# The law of m wires is known from those of m - 1 of them up to one number t: adding t to the cells of even parity and
# taking it from the odd ones changes no table of fewer wires. So if fewer than 2**(m - 1) settings of the inputs have
# positive probability, some cell of either parity is empty, t is 0, and bounds leave a single point. At order 2 that is
# the law of (A, B, D), at order 3 that of (A, B, D, E): by induction all pairs, or all triples, are exact.


@settings(max_examples=scaled(60, 5))
@given(st.integers(2, 5).flatmap(lambda size: joint_bits(size, max_points=3)), st.data())
def test_pairs_are_exact_on_fewer_than_four_settings_of_the_inputs(law, data):
    assert_exact(few_settings(law, data), data.draw(METHODS))


@settings(max_examples=scaled(60, 5))
@given(st.integers(3, 5).flatmap(lambda size: joint_bits(size, max_points=7)), st.data(), st.sampled_from(["regression", "mutual"]))
def test_triples_are_exact_on_fewer_than_eight_settings_of_the_inputs(law, data, completion):
    assert_exact(few_settings(law, data), hr.Reductant(3, completion=completion))


def few_settings(law, data):
    c = hr.Circuit("few settings")
    wires = [wire for wire in c.input("x", law) if wire.boolean]
    for _ in range(data.draw(st.integers(1, 8))):
        wires.append(literal_gate(lambda n: data.draw(st.integers(0, n - 1)), wires))
    c.output("o", wires[-1])
    return c


@every_method
def test_with_as_many_settings_parity_escapes(order, completion):
    # Four settings at order 2: x ^ y is independent of x and of y alone, so (x ^ y) & y with x seems half of what it is.
    # Eight at order 3: a ^ b, d and a ^ b ^ d = a ^ (b ^ d) are independent in pairs, and the last is made otherwise.
    c = hr.Circuit("parity")
    if order == 2:
        x, y = c.input("x", hr.Bernoulli(0.5), count=2)
        again = (x ^ y) ^ y
        c.output("o", again & x)
    else:
        a, b, d = c.input("x", hr.Bernoulli(0.5), count=3)
        again = (a ^ (b ^ d)) ^ (a ^ b)
        c.output("o", again & d)
    assert expected_values(c)[c.outputs["o"].index] == 0.5
    assert output(c, hr.Reductant(order, completion=completion)) == pytest.approx(0.25, rel=1e-12)


@given(merging_circuits(), METHODS)
def test_gates_whose_operands_are_of_independent_blocks_are_exact(circuit, method):
    # Another wire D then belongs to the block of one operand only, say A's: it is independent of B given A, so its
    # regression on A and B is exact and there is no interaction; all that mutual completion adds has a factor cov(B, .) = 0.
    assert_exact(circuit, method)


@given(read_once_circuits(EXTREME), METHODS)
def test_read_once_circuits_are_exact_to_the_last_digits_and_coherent(circuit, method):
    estimate = method.estimate(circuit)
    exact = exact_read_once(circuit)[circuit.outputs["o"].index]
    law = estimate.reduced.law(circuit.outputs["o"].index)
    assert law.points.tolist() == [0.0, 1.0]
    np.testing.assert_allclose(law.weights, [float(1 - exact), float(exact)], rtol=1e-12, atol=1e-307)
    assert estimate.value["o"] == law.weights[1]
    coherence = estimate.reduced.coherence
    assert (coherence.moved, coherence.mean, coherence.most, coherence.contradicted) == (0, 0.0, 0.0, 0)
    assert estimate.warnings == ()


def exact_read_once(circuit):
    """P(1) of every wire of a read-once circuit in fractions; an affine gate is an inverse, or a + b - (1 or 2) a b."""
    one = []
    for wire in range(len(circuit)):
        name = circuit.gate_name(wire)
        if name == "input":
            one.append(Fraction(circuit.groups[circuit.left[wire]].law.p))
        elif name == "and":
            one.append(prod(one[x] for x in circuit.operands(wire)))
        else:
            bias, operands, coefficients = circuit.terms(wire)
            one.append(Fraction(bias) + sum(Fraction(a) * one[x] for a, x in zip(coefficients.tolist(), operands.tolist(), strict=True)))
    return one


@given(joint_bits(4), st.lists(st.booleans(), min_size=4, max_size=4), METHODS)
def test_pairs_of_jointly_distributed_inputs_are_exact(law, inverted, method):
    c = hr.Circuit("pairs")
    x = [~wire if flag else wire for wire, flag in zip(c.input("x", law), inverted, strict=True)]
    for a, b in itertools.combinations(x, 2):
        c.output(f"and {a.index} {b.index}", a & b)
        c.output(f"xor {a.index} {b.index}", a ^ b)
    assert_exact(c, method)


@given(joint_bits(4), st.lists(st.booleans(), min_size=4, max_size=4), st.sampled_from(["regression", "mutual"]))
def test_triples_of_jointly_distributed_inputs_are_exact(law, inverted, completion):
    c = hr.Circuit("triples")
    x = [~wire if flag else wire for wire, flag in zip(c.input("x", law), inverted, strict=True)]
    for i, (a, b, d) in enumerate(itertools.permutations(x, 3)):
        c.output(f"and {i}", (a & b) & d)
        c.output(f"xor {i}", (a ^ b) & d)
    assert_exact(c, hr.Reductant(3, completion=completion))


@given(st.data())
def test_as_many_gates_as_the_order_are_exact(data):
    # Order 2: the second gate needs the pair of its operands: inputs, or the first gate and an input, which is exact.
    # Order 3: the third needs the pair of two gates C and D, that is the triple of D's operands and C. Either is C, or they are
    # inputs: then one of them is C's operand and the triple is exact, or C is independent of both.
    order, completion = data.draw(st.sampled_from(CONFIGURATIONS))
    c = hr.Circuit("few gates")
    wires = [c.input(f"x{i}", hr.Bernoulli(data.draw(st.sampled_from(BENIGN)))) for i in range(data.draw(st.integers(1, 4)))]
    for _ in range(order):
        wires.append(literal_gate(lambda n: data.draw(st.integers(0, n - 1)), wires))
    c.output("o", wires[-1])
    method = hr.Reductant(order, completion=completion, retain=data.draw(st.sampled_from([0, 8])))
    assert output(c, method) == pytest.approx(expected_values(c)[c.outputs["o"].index], rel=1e-11, abs=1e-13)


@every_method
def test_dependent_operands_of_which_another_wire_sees_one(order, completion):
    # a is fair, b and d agree with it with probability 0.8 each, independently: d depends on (a, b) through a only, b on
    # (a, d) too. So a ^ b and a ^ d are independent, 0.2 each. What mutual completion presumes is a product of two
    # covariances, in each of which b less its regression on a has a part: it is uncorrelated with a and d, so that is zero.
    points = list(itertools.product((0, 1), repeat=3))
    c = hr.Circuit("markov")
    a, b, d = c.input("x", hr.JointDiscrete(points, [0.5 * (0.8 if a == b else 0.2) * (0.8 if a == d else 0.2) for a, b, d in points]))
    c.output("o", (a ^ b) & (a ^ d))
    assert output(c, hr.Reductant(order, completion=completion)) == pytest.approx(0.04, rel=1e-9)


# -- wires that repeat -----------------------------------------------------------------------------


@every_method
@pytest.mark.parametrize("p", [0.0, 5e-324, 1e-300, 1e-20, 0.3, 0.5, 1 - 2.0**-53, 1.0])
@pytest.mark.parametrize("q", [1e-20, 0.6])
def test_laws_of_boolean_algebra(order, completion, p, q):
    c = hr.Circuit("laws")
    x, y = c.input("x", hr.Bernoulli(p)), c.input("y", hr.Bernoulli(q))
    both, none = p * q, 1.0 - p + p * (1.0 - q)
    x_itself = {"x & x": x & x, "x | x": x | x, "absorbed": x & (x | y), "not not": ~(~x)}
    never = {"x & ~x": x & ~x, "x ^ x": x ^ x, "(x & y) & ~x": (x & y) & ~x, "(x & y) & ~(x | y)": (x & y) & ~(x | y)}
    product = {"B11": (x & y) & x, "twice": (x & y) & (y & x), "thrice": (y & (x & y)) & x}
    cases = {name: (wire, p, 1.0 - p, 1e-320) for name, wire in x_itself.items()}
    cases |= {name: (wire, 0.0, 1.0, 1e-320) for name, wire in never.items()}
    cases |= {name: (wire, both, none, 1e-320) for name, wire in product.items()}
    # Here something rare is the difference of two likely things, and only as good as these: x | y without x; all without two parts.
    cases["absorbed and y"] = ((x | y) & x) & y, both, none, 1e-15
    cases["split"] = (x & y) | (x & ~y), p, 1.0 - p, 1e-15
    cases["x | (x & y)"] = x | (x & y), p, 1.0 - p, 1e-15
    for name, (wire, *_) in cases.items():
        c.output(name, wire)
        c.output(f"not {name}", ~wire)
    value = hr.Reductant(order, completion=completion).estimate(c).value
    for name, (_, one, zero, tolerance) in cases.items():
        assert value[name] == pytest.approx(one, rel=1e-12, abs=tolerance)
        assert value[f"not {name}"] == pytest.approx(zero, rel=1e-12, abs=tolerance)


@every_method
@pytest.mark.parametrize("form", MAJORITIES)
@pytest.mark.parametrize("p", [(0.5, 0.5, 0.5), (0.2, 0.7, 0.4)])
def test_majority_of_three(order, completion, form, p):
    # As a mux or a carry every operand's pair is exact: x is independent of what y and z are, and x & y excludes x ^ y.
    # As three products z & x meets (x & y) | (y & z), which depends on both its operands: order 3 knows that triple.
    circuit = named(MAJORITIES[form], p, unpacked=True)
    x, y, z = p
    exact = x * y + z * (x + y - 2 * x * y)
    method = hr.Reductant(order, completion=completion)
    if order == 3 or form != "three products":
        assert output(circuit, method) == pytest.approx(exact, rel=1e-11)
    else:
        assert abs(output(circuit, method) - exact) > 1e-3


def test_majority_as_three_products_at_order_two():
    # Fair bits; r = z & x meets o = (x & y) | (y & z), P(o) = 3/8, cov(x, o) = cov(z, o) = 1/16, all exact so far.
    circuit = named(MAJORITIES["three products"], (0.5, 0.5, 0.5), unpacked=True)
    # r = (z + x) / 2 - 1/4 + rest, so cov(r, o) = 1/16 (truly 1/32), and P(r or o) = 1/4 + 3/8 - 3/32 - 1/16.
    regression = 15 / 32
    assert output(circuit, hr.Reductant(2, completion="regression")) == pytest.approx(regression, rel=1e-12)
    # The cells of (z, x) hold the shares t, 1/4 - t, 1/4 - t and t - 1/8 of o: one odds ratio if
    # t (t - 1/8) t^2 = (1/4 - t)^3 (3/8 - t), where P(r or o) = 5/8 - t.
    quarter = np.polynomial.Polynomial([1 / 4, -1])
    t = np.polynomial.Polynomial([0, 1])
    roots = (t**3 * (t - 1 / 8) - quarter**3 * (3 / 8 - t)).roots()
    (share,) = (root.real for root in roots if abs(root.imag) < 1e-9 and 1 / 8 < root.real < 1 / 4)
    assert output(circuit, hr.Reductant(2, completion="interaction")) == pytest.approx(5 / 8 - share, rel=1e-9)
    # not o = not p and not q with p = x & y, q = y & z: cells 5/8, 1/8, 1/8, 1/8, so its rest has variance 5/128. Literals
    # have variance 3/16 and correlation 1/3: interaction sqrt(5/128) / (3/16) / (1 - 1/9) = 3 sqrt(10) / 8. That of r is 1.
    # cov(z, q) = cov(x, p) = 1/8; beside p, that is q - p / 3, and z with p - q / 3 gives -1/24.
    mutual = regression + 3 * sqrt(10) / 8 * (1 / 8**2 + 1 / 24**2)
    assert output(circuit, hr.Reductant(2, completion="mutual")) == pytest.approx(mutual, rel=1e-12)
    # Once x & y and y & z are forgotten, nothing is mutual.
    assert output(circuit, hr.Reductant(2, completion="mutual", retain=0)) == pytest.approx(regression, rel=1e-12)


@every_method
@pytest.mark.parametrize(("form", "size"), [(form, size) for form in PARITIES for size in (3, 4, 6, 8) if form != "minterms" or size < 8])
def test_parity_however_it_is_written(order, completion, form, size):
    # Chains: the operands of each gate are functions of one old wire and one fresh input, told apart by the bounds. Minterms
    # exclude each other, each pair by what one of them was made of: a sum of some stays disjoint from the next.
    p = (0.2, 0.7, 0.4, 0.9, 0.35, 0.15, 0.6, 0.45)[:size]
    exact = (1 - prod(1 - 2 * q for q in p)) / 2
    estimate = hr.Reductant(order, completion=completion, retain=0).estimate(named(PARITIES[form], p))
    assert estimate.value["o"] == pytest.approx(exact, rel=1e-11)


@every_method
def test_one_hot_and(order, completion):
    # B8: x & y has probability 1/9 - 1/9, and nothing is left of it for z; cumulants of order 2 say -2/27.
    c = hr.Circuit("one-hot")
    x = c.input("x", hr.JointDiscrete(np.eye(3), [1 / 3] * 3))
    c.output("o", (x[0] & x[1]) & x[2])
    c.output("some", x[0] | x[1] | x[2])
    estimate = hr.Reductant(order, completion=completion).estimate(c)
    assert estimate.value == {"o": 0.0, "some": pytest.approx(1.0, rel=1e-15)}
    assert estimate.warnings == ()


# -- what holds of every circuit -------------------------------------------------------------------


def check_laws(circuit, method):
    estimate = method.estimate(circuit, keep_dead=True)
    assert np.isfinite(estimate.mean).all()
    assert np.isfinite(estimate.variance).all()
    assert estimate.warnings == ()
    starts = estimate.reduced.start
    zero, one = estimate.reduced.weights.reshape(-1, 2).T
    assert starts.tolist() == list(range(0, 2 * len(one) + 1, 2))
    assert min(zero.min(), one.min()) >= 0.0
    np.testing.assert_allclose(zero + one, 1.0, rtol=0, atol=1e-15)
    coherence = estimate.reduced.coherence
    assert 0 <= coherence.moved <= coherence.tables
    assert 0.0 <= coherence.mean <= coherence.most <= 1.0
    return estimate


@every_method
@pytest.mark.parametrize("laws", [EXTREME, BENIGN])
def test_probabilities_are_probabilities(order, completion, laws):
    rng = np.random.default_rng(order)
    for seed in range(scaled(250, 10)):
        circuit = random_circuit(seed, rng.integers(1, 7), rng.integers(1, 25 if order == 2 else 16), laws)
        check_laws(circuit, hr.Reductant(order, completion=completion, retain=int(rng.integers(0, 3))))


@every_method
@pytest.mark.parametrize("laws", [EXTREME, BENIGN])
def test_pairs_are_laws_with_the_right_margins(order, completion, laws):
    # A covariance beyond the Frechet bounds would leave a cell empty and a margin wrong.
    for seed in range(scaled(8, 2)):
        estimate = check_laws(random_circuit(seed, 4, 10, laws), hr.Reductant(order, completion=completion, keep_tables=True))
        reduced = estimate.reduced
        values = len(reduced.start) - 1
        for v, w in itertools.permutations(range(values), 2):
            table = reduced.joint(v, w).probabilities
            assert table.min() >= 0.0
            np.testing.assert_allclose(table.sum(1), reduced.weights[2 * v : 2 * v + 2], rtol=1e-12, atol=1e-15)
            np.testing.assert_array_equal(table, reduced.joint(w, v).probabilities.T)


@every_method
@pytest.mark.parametrize("p", [0.3, 1 / 3, 0.999])
def test_rounding_does_not_grow_along_deep_circuits(order, completion, p):
    # Every second wire is x; were P(0) and P(1) left to themselves, their sum would leave 1 by a factor that doubles every few gates.
    c = hr.Circuit("deep")
    x, y = c.input("x", hr.Bernoulli(p), count=2)
    wire = x
    for _ in range(scaled(200, 20)):
        wire = (wire & y) | (wire & x)
    c.output("o", wire)
    estimate = hr.Reductant(order, completion=completion, retain=1).estimate(c)
    weights = estimate.reduced.law(wire.index).weights
    np.testing.assert_allclose(weights, [1 - p, p], rtol=1e-13)
    assert weights.sum() == pytest.approx(1.0, rel=0, abs=1e-15)


@every_method
@pytest.mark.parametrize("p", [0.5, 1e-3, 1 - 1e-12])
def test_deep_chains_stay_within_bounds(order, completion, p):
    c = hr.Circuit("deep")
    x = c.input("x", hr.Bernoulli(p), count=3)
    a, b = x[0], x[1]
    for k in range(scaled(300, 20)):
        a, b = (and_, or_, xor)[k % 3](a, b), (xor, and_, or_)[k % 3](b, x[k % 3])
    c.output("o", a ^ b)
    check_laws(c, hr.Reductant(order, completion=completion, retain=1))


# -- rare events -----------------------------------------------------------------------------------


def rare(circuit, method, one):
    """P(1) and P(0) of the output, and what the output inverted reports, against a fraction."""
    circuit.output("inverse", ~circuit.outputs["o"])
    estimate = method.estimate(circuit)
    law = estimate.reduced.law(circuit.outputs["o"].index)
    np.testing.assert_allclose(law.weights, [float(1 - one), float(one)], rtol=1e-9, atol=0)
    assert estimate.value == {"o": law.weights[1], "inverse": law.weights[0]}


def chain_of(gate, invert):
    return lambda x: reduce(gate, (~wire for wire in x) if invert else x)


@every_method
@pytest.mark.parametrize(("p", "size"), [(1e-2, 100), (1e-10, 30), (1e-30, 10), (1 - 2.0**-53, 10), (0.3, 100)])
@pytest.mark.parametrize("inverted", [False, True])
def test_wide_ands_and_ors(order, completion, p, size, inverted):
    method = hr.Reductant(order, completion=completion, retain=0)
    one = 1 - Fraction(p) if inverted else Fraction(p)
    rare(named(chain_of(and_, inverted), [p] * size), method, one**size)
    rare(named(chain_of(or_, inverted), [p] * size), method, 1 - (1 - one) ** size)


@every_method
@pytest.mark.parametrize(("p", "size"), [(0.5, 200), (0.1, 60), (1e-2, 20), (1e-10, 12), (1e-25, 12)])
def test_products_that_share_inputs(order, completion, p, size):
    # (x0 & x1) & (x1 & x2) & ...: what is so far implies every input that it read, and so does the next product: then
    # bounds leave a single point, however small.
    circuit = named(lambda x: reduce(and_, (a & b for a, b in itertools.pairwise(x))), [p] * size)
    rare(circuit, hr.Reductant(order, completion=completion, retain=1), Fraction(p) ** size)


@every_method
@pytest.mark.parametrize("p", [1e-3, 1e-12, 1e-30])
def test_parity_of_rare_inputs(order, completion, p):
    size = 9
    exact = (1 - (1 - 2 * Fraction(p)) ** size) / 2
    for form in ("chain", "tree", "muxes"):
        rare(named(PARITIES[form], [p] * size), hr.Reductant(order, completion=completion, retain=1), exact)


@every_method
@pytest.mark.parametrize("p", [1e-4, 1e-9])
def test_a_comparator_of_unlikely_orders(order, completion, p):
    # a < b bit by bit, where a's bits are nearly always 1 and b's nearly always 0.
    c = hr.Circuit("comparator")
    a, b = c.input("a", hr.Bernoulli(1 - p), count=6), c.input("b", hr.Bernoulli(p), count=6)
    ones, small, exact = Fraction(1 - p), Fraction(p), Fraction(0)
    less = c.constant(0)
    for x, y in zip(a, b, strict=True):
        less = (~x & y) | (~(x ^ y) & less)
        exact = (1 - ones) * small + (ones * small + (1 - ones) * (1 - small)) * exact
    c.output("o", less)
    rare(c, hr.Reductant(order, completion=completion), exact)


# -- what changes nothing --------------------------------------------------------------------------


@given(literal_circuits(max_gates=10), METHODS, st.data())
def test_gates_that_feed_no_output_change_nothing(circuit, method, data):
    c = circuit.copy()
    wires = [c.wire(i) for i in range(len(c)) if c.wire(i).boolean]
    for _ in range(data.draw(st.integers(1, 4))):
        wires.append(literal_gate(lambda n: data.draw(st.integers(0, n - 1)), wires))
    assert method.estimate(c).value == method.estimate(circuit).value


@every_method
@pytest.mark.parametrize("laws", [EXTREME, BENIGN])
def test_double_negation_changes_nothing(order, completion, laws):
    for seed in range(scaled(40, 3)):
        circuits = [random_circuit(seed, 4, 10, laws, change) for change in (lambda a, b: (a, b), lambda a, b: (~~a, ~~b))]
        one, other = (output(c, hr.Reductant(order, completion=completion)) for c in circuits)
        assert other == one


@every_method
def test_the_order_of_operands_changes_no_more_than_rounding(order, completion):
    for seed in range(scaled(80, 3)):
        circuits = [random_circuit(seed, 4, 10, BENIGN, change) for change in (lambda a, b: (a, b), lambda a, b: (b, a))]
        one, other = (output(c, hr.Reductant(order, completion=completion)) for c in circuits)
        assert other == pytest.approx(one, rel=1e-9, abs=1e-12)


@given(literal_circuits(max_gates=8), METHODS)
def test_inputs_are_known_by_what_reads_them_not_by_their_place(circuit, method):
    def latest_input(units):
        inputs = [unit for unit in units if circuit.gate_name(unit[0]) == "input"]
        return inputs[-1] if inputs else units[0]

    other, _ = rebuilt(circuit, latest_input)
    assert method.estimate(other).value == method.estimate(circuit).value


@every_method
@pytest.mark.parametrize("laws", [EXTREME, BENIGN])
def test_keeping_all_tables_is_keeping_everything_long_enough(order, completion, laws):
    for seed in range(scaled(20, 3)):
        circuit = random_circuit(seed, 5, 12, laws)
        kept = hr.Reductant(order, completion=completion, keep_tables=True).estimate(circuit)
        long = hr.Reductant(order, completion=completion, retain=100).estimate(circuit)
        assert kept.value == long.value
        assert kept.reduced.joint is not None
        assert long.reduced.joint is None


@every_method
def test_portions_do_not_change_the_result(order, completion, monkeypatch):
    circuit, method = random_circuit(1, 5, 30, BENIGN), hr.Reductant(order, completion=completion, retain=1)
    whole = method.estimate(circuit)
    monkeypatch.setattr(boolean_reductants, "_PAIRS_AT_ONCE", 1)
    monkeypatch.setattr(boolean_reductants, "_TRIPLES_AT_ONCE", 1)
    calls = []
    parts = method.estimate(circuit, progress=lambda done, total, what: calls.append((done, total, what)))
    assert parts.value == whole.value
    assert parts.reduced.coherence == whole.reduced.coherence
    assert [done for done, _, _ in calls] == list(range(calls[0][1]))
    assert {(total, what) for _, total, what in calls} == {(len(calls), "gates")}


# -- inputs, constants, memory ---------------------------------------------------------------------


@every_method
def test_laws_of_inputs_that_take_only_zero_and_one(order, completion):
    c = hr.Circuit("laws")
    x = c.input("x", hr.Discrete((0.0, 1.0), (0.25, 0.75)))
    y = c.input("y", hr.Empirical((0.0, 1.0, 1.0, 1.0, 1.0)))
    one, zero = c.input("one", hr.Discrete((1.0,), (1.0,))), c.input("zero", hr.Bernoulli(0.0))
    pair = c.input("pair", hr.MultivariateNormal([1.0, 0.0], np.zeros((2, 2))))
    assert all(wire.boolean for wire in (x, y, one, zero, *pair))
    c.output("o", ((x & y) & (one & ~zero)) & (pair[0] & ~pair[1]))
    assert output(c, hr.Reductant(order, completion=completion)) == pytest.approx(0.6, rel=1e-14)


@every_method
def test_constants_and_inputs_alone(order, completion):
    c = hr.Circuit("nothing to do")
    x = c.input("x", hr.Bernoulli(0.25))
    c.output("never", x & ~x & c.constant(0))
    c.output("one", c.constant(1))
    c.output("x", x)
    c.output("shifted", 3 * x - 1)
    estimate = hr.Reductant(order, completion=completion).estimate(c)
    assert estimate.value == {"never": 0.0, "one": 1.0, "x": 0.25, "shifted": -0.25}
    only = hr.Circuit("constants")
    only.output("one", only.constant(1))
    assert hr.Reductant(order, completion=completion).estimate(only).value == {"one": 1.0}


@every_method
def test_too_little_memory_is_said_before_it_is_taken(order, completion):
    circuit = named(chain_of(xor, False), [0.5] * 40)
    estimate = hr.Reductant(order, completion=completion, retain=100).estimate(circuit)
    assert estimate.bytes > 8 * 40**order
    with pytest.raises(hr.IntractableError, match=r"needs [\d,]+ bytes, but [\d,]+ are allowed"):
        hr.Reductant(order, completion=completion, retain=100).estimate(circuit, max_memory=estimate.bytes - 1)
