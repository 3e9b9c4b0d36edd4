"""The lemma test: constant wires that change flag, whatever the output does; wires that feed nothing do not."""

import pytest

import heurest as hr
from heurest.anomaly.examples import day_check, two_sensors
from heurest.anomaly.lemma_test import Lemmas, lemma_test


@pytest.mark.parametrize("g", [0, 1])
@pytest.mark.parametrize("h", [0, 1])
@pytest.mark.parametrize("year", [0, 1])
def test_the_day_flags_whether_or_not_the_output_changes_and_the_year_never_does(g, h, year):
    late = lemma_test(day_check(), None, [0, g, h, year])
    assert (late.verdict, late.reason, late.dropped[0]) == ("anomalous", "lemma", "day<50 = 1")
    assert late.note == "day<50 = 1 in all of training, but 0 here"
    early = lemma_test(day_check(), None, [1, g, h, year])
    assert (early.verdict, early.dropped, early.score, early.bound) == ("ok", (), 0.0, 0.0)
    assert "day<50 = 1" in early.kept


def test_it_works_where_the_output_is_constant_in_training():
    found = lemma_test(two_sensors(), [[0, 0, 0], [0, 1, 0]], [0, 1, 1])
    assert found.dropped == ("n2 = 0", "S2 = 0", "Y = 0")
    assert found.score == 3.0
    # Six wires are watched: three inputs, two sensors, the output.
    assert found.bound == 1.0
    assert lemma_test(two_sensors(), [[0, 0, 0]] * 59, [0, 0, 0]).bound == pytest.approx(6 / 60)


def test_an_or_written_otherwise_gives_the_same_lemmas():
    def either(build):
        c = hr.Circuit("either")
        a, b = c.input(["a", "b"], hr.Bernoulli(0.5))
        c.output("y", build(a, b))
        return lemma_test(c, [[1, 0], [0, 1]], [1, 1])

    assert either(lambda a, b: a | b) == either(lambda a, b: ~(~a & ~b)) == either(lambda a, b: ~~(a | b))
    assert either(lambda a, b: a | b).verdict == "ok"  # the and that an or is built with is no wire of its own


def test_real_wires_have_lemmas_up_to_rounding():
    c = hr.Circuit("real")
    x, y = c.input(["x", "y"], hr.Normal(0, 1))
    total = c.set_name(x + y, "total")
    c.output("z", total * x + 0.0 * c.set_name(y * y, "unread"))
    train = [[0.1 * k, 0.3 - 0.1 * k] for k in range(8)]
    assert lemma_test(c, train, [9.1, 0.3 - 9.1]).verdict == "ok"
    found = lemma_test(c, train, [9.1, 0.0])
    assert found.dropped == ("total = 0.3",)
    assert lemma_test(c, [[1, 2], [2, 2]], [1, 3], output="z").dropped == ("y = 2",)


@pytest.mark.parametrize(
    ("train", "x", "output", "error", "message"),
    [
        ([[0, 0]], [0, 0, 0], None, hr.ArgumentError, r"points must have shape \(points, 3\)"),
        ([[0, 0, 0]], [0, 0, 0, 0], None, hr.ArgumentError, "is a row of 3 numbers, got shape"),
        ([[0, 0, 0]], [0, 0, 2], None, hr.ArgumentError, "input n2 must be 0 or 1"),
        ([[0, 0, 0]], [0, 0, 0], "Z", hr.CircuitError, "circuit 'two sensors' has no output 'Z'; its outputs: Y"),
    ],
)
def test_bad_input_gets_one_line(train, x, output, error, message):
    with pytest.raises(error, match=message) as raised:
        lemma_test(two_sensors(), train, x, output)
    assert "\n" not in str(raised.value)


def test_one_point_of_training_bounds_nothing():
    c = hr.Circuit("one")
    c.output("y", c.input("x", hr.Normal(0, 1)))
    verdict = lemma_test(c, [[0.3]], [0.5])
    assert (verdict.anomalous, verdict.bound) == (True, 1.0)  # it is flagged with probability 1
    assert lemma_test(c, [[0.3], [0.3]], [0.5]).bound == 1 / 3


def test_a_wire_that_overflowed_is_no_number():
    c = hr.Circuit("large")
    a = c.input("a", hr.Normal(0, 1))
    c.output("t", c.set_name(a**4, "t"))
    assert Lemmas(c, [[1e100], [1.0], [2.0]]).names == ()  # infinite, 1, 16
    always = Lemmas(c, [[1e100], [1e101]])
    assert always.names == ("t = inf",)
    assert always.test([3.0]).anomalous


def test_many_points_get_the_verdicts_of_single_ones():
    lemmas = Lemmas(day_check(), [[1, g, h, 1] for g in (0, 1) for h in (0, 1)])
    points = [[day, g, h, year] for day in (0, 1) for g in (0, 1) for h in (0, 1) for year in (0, 1)]
    assert lemmas.verdicts(points) == [lemmas.test(point) for point in points]
    assert [verdict.anomalous for verdict in lemmas.verdicts(points)] == [day == 0 for day, *_ in points]
