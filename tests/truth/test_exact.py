"""Exact methods: against fractions, against each other, and closed forms."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings

import heurest as hr
from heurest.truth import exact
from heurest.truth.engine import Stopwatch
from heurest.truth.exact import solve
from heurest.truth.task import Task
from support.fractions_oracle import exact_fractions
from support.strategies import FINITE_LAWS, circuits

METHODS = ("bits", "enumeration", "quadrature", "polynomial", "cumulants")


def answers(circuit, methods=METHODS):
    """The answer of each method that fits."""
    found = {}
    for method in methods:
        try:
            found[method] = exact(circuit, method, max_points=10**6, max_terms=3000)
        except hr.IntractableError:
            continue
    return found


def check(found, name, mean, variance, unit):
    """Within rounding, where ``unit`` is the size of the numbers that are added up."""
    assert found.value[name] == pytest.approx(float(mean), rel=1e-12, abs=1e-12 * unit)
    if not math.isnan(found.variance[name]):
        assert found.variance[name] == pytest.approx(float(variance), rel=1e-11, abs=1e-11 * unit**2)


@given(circuits(max_inputs=3, max_gates=7, laws=FINITE_LAWS, max_degree=6).filter(lambda c: all(g.law.points() for g in c.groups)))
def test_all_methods_give_what_enumeration_in_fractions_gives(circuit):
    expected = exact_fractions(circuit)
    found = answers(circuit)
    assert {"enumeration", "quadrature"} <= set(found)
    for method, truth in found.items():
        assert truth.method == f"exact:{method}"
        for name, (mean, variance, largest) in expected.items():
            check(truth, name, mean, variance, max(1.0, largest))


@given(circuits(max_inputs=5, max_gates=12, reals=False))
def test_boolean_circuits_have_the_probabilities_of_enumeration_in_fractions(circuit):
    expected = exact_fractions(circuit)
    for truth in answers(circuit, ("bits", "enumeration", "quadrature", "polynomial")).values():
        for name, (mean, variance, _) in expected.items():
            check(truth, name, mean, variance, 1.0)


@settings(max_examples=60)
@given(circuits(max_inputs=3, max_gates=6, max_degree=5))
def test_methods_agree_on_every_law(circuit):
    found = answers(circuit)
    assume("polynomial" in found)
    reference = found.pop("polynomial")
    for truth in found.values():
        for name in circuit.outputs:
            unit = 1.0 + abs(reference.value[name]) + math.sqrt(reference.variance[name])
            assert truth.value[name] == pytest.approx(reference.value[name], rel=1e-10, abs=1e-10 * unit)
            if not math.isnan(truth.variance[name]):
                assert truth.variance[name] == pytest.approx(reference.variance[name], rel=1e-9, abs=1e-9 * unit**2)


@pytest.mark.parametrize("method", ["quadrature", "polynomial", "cumulants"])
def test_the_square_of_a_rational_function_of_normals(method):
    # E[((x1 + x2)^2 x3 + x1 x3)^2] = 1595/64 with x1 ~ N(1, 1/4), x2 ~ N(0, 1), x3 ~ N(1/2, 1): by hand from their moments
    c = hr.Circuit("peers")
    x1, x2, x3 = c.input("x1", hr.Normal(1, 0.5)), c.input("x2", hr.Normal(0, 1)), c.input("x3", hr.Normal(0.5, 1))
    c.output("y", ((x1 + x2) ** 2 * x3 + x1 * x3) ** 2)
    assert exact(c, method).value["y"] == pytest.approx(1595 / 64, rel=1e-14)


@pytest.mark.parametrize(
    ("law", "power", "mean"),
    [
        (hr.Normal(0, 1), 20, math.prod(range(1, 20, 2))),
        (hr.Uniform(-1, 1), 16, 1 / 17),
        (hr.Exponential(2), 10, math.factorial(10) / 2**10),
        (hr.Empirical(np.arange(100.0)), 3, sum(k**3 for k in range(100)) / 100),
        (hr.Sign(), 8, 1.0),
    ],
)
def test_moments_of_laws_are_powers_of_inputs(law, power, mean):
    c = hr.Circuit("power")
    c.output("y", c.input("x", law) ** power)
    for method in ("quadrature", "polynomial"):
        assert exact(c, method).value["y"] == pytest.approx(mean, rel=1e-12)


def test_the_variance_of_a_square_is_two():
    c = hr.Circuit("square")
    c.output("y", c.input("x", hr.Normal()) ** 2)
    for method in ("quadrature", "polynomial", "cumulants"):
        assert exact(c, method).variance["y"] == pytest.approx(2.0)


def parity(inputs, law=None):
    c = hr.Circuit("parity")
    x = c.input("x", law or hr.Bernoulli(0.5), count=inputs)
    total = x[0]
    for i in range(1, inputs):
        total = total ^ x[i]
    c.output("o", total)
    return c


def conjunction(inputs, law):
    c = hr.Circuit("and")
    x = c.input("x", law, count=inputs)
    total = x[0]
    for i in range(1, inputs):
        total = total & x[i]
    c.output("all", total)
    c.output("not all", ~total)
    return c


def test_fair_patterns_are_counted_as_integers():
    assert exact(parity(22), "bits").value["o"] == 0.5
    found = exact(conjunction(20, hr.Bernoulli(0.5)), "bits")
    assert found.value == {"all": 2.0**-20, "not all": 1 - 2.0**-20}


@pytest.mark.large
def test_thirty_inputs_are_enumerated():
    assert exact(conjunction(30, hr.Bernoulli(0.5)), "bits").value["all"] == 2.0**-30


@pytest.mark.parametrize("inputs", [1, 5, 6, 7, 11, 12, 13, 15])
@pytest.mark.parametrize("p", [1e-3, 0.3, 0.999])
def test_rare_outputs_keep_their_relative_precision(inputs, p):
    found = exact(conjunction(inputs, hr.Bernoulli(p)), "bits")
    assert found.value["all"] == pytest.approx(p**inputs, rel=1e-13)
    complement = sum(math.comb(inputs, k) * (1 - p) ** k * p ** (inputs - k) for k in range(1, inputs + 1))
    assert found.value["not all"] == pytest.approx(complement, rel=1e-13)


@pytest.mark.parametrize("inputs", [3, 8, 14])
def test_a_biased_parity_has_its_closed_form(inputs):
    # E[(-1)^parity] is the product of E[(-1)^bit] = 1 - 2 p
    assert exact(parity(inputs, hr.Bernoulli(0.3)), "bits").value["o"] == pytest.approx((1 - 0.4**inputs) / 2, rel=1e-13)


def test_dead_and_constant_inputs_do_not_count():
    c = hr.Circuit("dead")
    x = c.input("x", hr.Bernoulli(0.5), count=40)
    fixed = c.input("fixed", hr.Bernoulli(1.0), count=10)
    total = x[0]
    for wire in (x[1], x[2], *fixed):
        total = total & wire
    c.output("o", total)
    assert exact(c, "bits").value["o"] == 0.125


def test_joint_inputs_that_feed_nothing_do_not_matter_to_bits():
    c = hr.Circuit("joint")
    x, j = c.input("x", hr.Bernoulli(0.5)), c.input("j", hr.JointDiscrete([[0, 1], [1, 0]], [0.5, 0.5]))
    c.output("o", c.affine([1, 2, -2], [x, j[0] & x, x & j[0]], boolean=True))
    assert exact(c, "bits").value["o"] == 0.5
    c = c.copy()
    c.output("p", c.wire("j[0]"))
    with pytest.raises(hr.IntractableError, match=r"the inputs from 'j\[0\]' on share a joint law"):
        exact(c, "bits")


def test_multiplexed_inputs_need_one_node_each():
    # 2 select bits choose one of 4 words of 20 inputs each: degree 1 in the words, so one node apiece
    c = hr.Circuit("select")
    s = c.input("s", hr.Bernoulli(0.5), count=2)
    x = c.input("x", hr.Bernoulli(0.25), count=80)
    for i in range(20):
        c.output(f"o{i}", c.mux(s[0], c.mux(s[1], x[i], x[20 + i]), c.mux(s[1], x[40 + i], x[60 + i])))
    found = exact(c, max_points=1000)
    assert found.method == "exact:quadrature"
    assert found.value["o7"] == pytest.approx(0.25)
    assert found.variance["o7"] == pytest.approx(0.1875)  # of a boolean output from its mean
    assert found.warnings == ()


def test_cancellation_is_exact_in_fractions():
    # (x + 2^40)^2 - x^2 - 2^41 x - 2^80 = 0, whose terms are of size 2^80
    c = hr.Circuit("cancel")
    x = c.input("x", hr.Uniform(0.1, 0.7))
    square = (x + 2.0**40) ** 2
    c.output("o", c.affine([1.0, -1.0, -(2.0**41)], [square, x**2, x], -(2.0**80)))
    assert exact(c, "polynomial").value["o"] == 0.0


def test_a_fraction_is_rounded_once():
    c = hr.Circuit("round")
    x = c.input("x", hr.Discrete([0.1, 0.2, 0.3], [0.25, 0.25, 0.5]))
    c.output("o", x * x * x)
    expected = sum(Fraction(p) * Fraction(v) ** 3 for p, v in ((0.25, 0.1), (0.25, 0.2), (0.5, 0.3)))
    assert exact(c, "polynomial").value["o"] == float(expected)


def test_the_quickest_method_that_fits_is_taken():
    assert exact(parity(5)).method == "exact:bits"
    c = hr.Circuit("c")
    x = c.input("x", hr.Sign(), count=3)
    c.output("o", x[0] * x[1] + x[2])
    assert exact(c).method == "exact:enumeration"
    c = hr.Circuit("many")
    x = c.input("x", hr.Normal(), count=40)
    c.output("o", x.sum() ** 2)  # 3^40 nodes, 820 monomials
    found = exact(c, max_terms=5000)
    assert found.method == "exact:polynomial"
    assert found.value["o"] == pytest.approx(40.0)


def test_an_answer_with_all_variances_is_preferred():
    c = hr.Circuit("some")
    x = c.input("x", hr.Normal(), count=8)
    c.output("o", x.sum() ** 2)  # 2^8 nodes for the mean, 3^8 for the variance
    assert math.isnan(exact(c, "quadrature", max_points=300).variance["o"])
    found = exact(c, max_points=300)
    assert found.method in ("exact:polynomial", "exact:cumulants")
    assert found.variance["o"] == pytest.approx(2 * 8.0**2)
    assert found.warnings == ()


def intractable():
    c = hr.Circuit("hard")
    x = c.input("x", hr.Normal(), count=40)
    y = (x.sum() ** 2 + x[0]) ** 4
    c.output("o", y * y * y)
    return c


def test_one_line_says_why_each_method_does_not_fit():
    with pytest.raises(hr.IntractableError) as caught:
        exact(intractable(), max_terms=1000)
    message = str(caught.value)
    assert "\n" not in message
    for part in (
        "circuit 'hard' has no exact value",
        "bits: not all live wires are boolean",
        "enumeration: input 'x[0]' with its normal law has infinitely many values",
        "quadrature: 10^45 nodes, at most 1,000,000,000 are allowed",  # degree 24 takes 13 nodes, and 13^40 = 10^44.6
        "polynomial: too many products of monomials",
        "cumulants: an output of degree 24, at most 10 is taken",
    ):
        assert part in message


def test_a_method_asked_for_alone_names_only_itself():
    with pytest.raises(hr.IntractableError, match=r"\(bits: not all live wires are boolean\)$"):
        exact(intractable(), "exact:bits")


def test_polynomials_of_very_many_inputs_are_not_tried():
    c = hr.Circuit("wide")
    c.output("o", c.input("x", hr.Normal(), count=1001).sum())
    with pytest.raises(hr.IntractableError, match="polynomial: 1,001 inputs feed outputs, at most 1,000 are taken"):
        exact(c, "polynomial")
    assert exact(c).value["o"] == 0.0  # one node an input


def test_limits_of_points_are_kept():
    circuit = parity(20)
    assert exact(circuit, "bits", max_points=2**14).value["o"] == 0.5  # 64 patterns count as one point
    with pytest.raises(hr.IntractableError, match="16,384 words of 64 patterns, at most 16,383 points"):
        exact(circuit, "bits", max_points=2**14 - 1)
    with pytest.raises(hr.IntractableError, match="1,048,576 points, at most 1,000 are allowed"):
        exact(circuit, "enumeration", max_points=1000)


def test_forty_one_inputs_are_too_many_for_bits():
    with pytest.raises(hr.IntractableError, match="41 random inputs feed outputs, at most 40"):
        exact(parity(41), "bits")


def test_a_variance_that_costs_too_much_is_left_out():
    c = hr.Circuit("mean only")
    x = c.input("x", hr.Normal(), count=10)
    product = x[0]
    for i in range(1, 10):
        product = product * x[i]
    c.output("o", product + 1.0)  # one node a variable for the mean, two for the square
    found = exact(c, "quadrature", max_points=100)
    assert found.value["o"] == 1.0
    assert math.isnan(found.variance["o"])
    assert "variances are not computed" in found.warnings[0]
    assert exact(c, "quadrature", max_points=1024).variance["o"] == pytest.approx(1.0)


def test_time_is_limited():
    with pytest.raises(hr.IntractableError, match="would take about"):
        exact(parity(30), "bits", max_seconds=1e-6)


@pytest.mark.parametrize("method", ["enumeration", "quadrature", "polynomial", "cumulants"])
def test_a_passed_deadline_gives_up(method):
    c = hr.Circuit("late")
    x = c.input("x", hr.Sign(), count=3)
    c.output("o", x[0] * x[1] + x[2])
    task = Task(c, hr.lower(c), 100, 100, None, 0.0, None)
    with pytest.raises(hr.IntractableError, match="out of time"):
        solve(task, (method,), None, Stopwatch())


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # interpreted kernels warn
def test_an_overflow_is_no_answer():
    c = hr.Circuit("huge")
    x = c.input("x", hr.Uniform(1e200, 2e200))
    c.output("o", x * x)
    with pytest.raises(hr.IntractableError, match="quadrature: an output overflows"):
        exact(c, "quadrature")
    with pytest.raises(hr.IntractableError, match=r"polynomial: .*too large"):
        exact(c, "polynomial")


def test_memory_is_asked_for_before_it_is_taken():
    with pytest.raises(hr.IntractableError, match=r"bits: circuit 'parity': enumeration needs [\d,]+ bytes, but 10 are allowed"):
        exact(parity(5), "bits", max_memory=10)


def test_an_exact_result_has_no_error():
    found = exact(parity(3))
    assert found.exact
    assert (found.stderr, found.interval, found.samples) == ({"o": 0.0}, {"o": (0.5, 0.5)}, 0)
    assert set(found.seconds) == {"compile", "plan", "draw", "run"}


def test_progress_ends_at_the_total():
    calls = []
    exact(parity(22), "bits", progress=lambda *call: calls.append(call))
    assert calls[-1][0] == calls[-1][1]
    assert len(calls) > 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "magic"}, "method must be one of bits, bdd, enumeration, quadrature, polynomial, cumulants, got 'magic'"),
        ({"method": 3}, "method must be one of"),
        ({"max_points": 0}, "max_points must be an integer from 1"),
        ({"max_seconds": 0}, "max_seconds must be a positive number"),
        ({"max_terms": 1.5}, "max_terms must be an integer"),
        ({"max_memory": -5}, "max_memory must be an integer"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(hr.ArgumentError, match=message):
        exact(parity(3), **options)


@pytest.mark.parametrize("p", [0.5, 0.3])
def test_threads_change_no_bit_of_an_enumeration(p):
    circuit = hr.multiplier(13, p=p)  # 2^26 patterns, in several parts
    one, two = (exact(circuit, "bits", threads=threads) for threads in (1, 2))
    assert one.value == two.value
    assert one.variance == two.variance
    assert one.value["product[0]"] == pytest.approx(p * p, rel=1e-12)
