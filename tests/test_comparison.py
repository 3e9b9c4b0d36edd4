"""Comparisons: every column from its definition, on circuits whose truth is known."""

import csv
import io
import json
import math
from dataclasses import replace

import numpy as np
import pytest

import heurest as hr
from heurest.comparison import Comparison


def square(name="square", mean=3.0):
    c = hr.Circuit(name)
    c.output("y", c.input("x", hr.Normal(mean, 1)) ** 2)
    return c


def test_the_columns_of_a_row_follow_their_definitions():
    row = hr.compare([("squares", square())], ["mean"]).rows[0]
    # E[x^2] = 10, E[x^4] = 3^4 + 6 * 3^2 + 3 = 138
    assert (row.family, row.circuit, row.output, row.estimator) == ("squares", "square", "y", "mean")
    assert hr.compare(square(), "cumulant:2").rows[0].method == "cumulant:2:expansion=node"
    assert row.estimate == 9.0
    assert row.truth == pytest.approx(10)
    assert row.truth_stderr == 0
    assert row.truth_method.startswith("exact")
    assert row.rms == pytest.approx(math.sqrt(138))
    assert row.error == pytest.approx(-1)
    assert row.relative_error == pytest.approx(-1 / math.sqrt(138))
    assert row.seconds == pytest.approx(row.plan_seconds + row.run_seconds)
    assert row.equal_samples == pytest.approx(38)  # Var / error^2 = (138 - 100) / 1
    assert row.equal_time_error > 0


def test_a_method_without_error_needs_infinitely_many_samples_to_be_matched():
    c = hr.Circuit("sum")
    c.output("y", c.input("x", hr.Sign()) + 1)
    assert hr.compare([c], ["mean"]).rows[0].equal_samples == math.inf


def test_the_summary_follows_from_the_rows():
    result = hr.compare([square("a", 1.0), square("b", 2.0), square("c", 3.0)], ["mean", "cumulant:2"])
    rows = [row for row in result.rows if row.estimator == "mean"]
    errors = np.array([row.relative_error for row in rows])
    estimates = np.array([row.estimate / row.rms for row in rows])
    truths = np.array([row.truth / row.rms for row in rows])
    summary = result.summary[0]
    assert (summary.family, summary.estimator, summary.rows, summary.failures) == ("circuit", "mean", 3, 0)
    assert summary.mean_error == pytest.approx(np.abs(errors).mean())
    assert summary.rmse == pytest.approx(np.sqrt((errors**2).mean()))
    assert summary.bias == pytest.approx(errors.mean())
    assert summary.slope == pytest.approx(np.linalg.lstsq(estimates[:, None], truths, rcond=None)[0][0])
    assert result.summary[1].mean_error == pytest.approx(0, abs=1e-12)
    assert result.summary[1].slope == pytest.approx(1)


def test_several_families_also_get_a_line_for_all():
    result = hr.compare([("one", square("a")), ("two", square("b"))], ["mean"])
    assert [row.family for row in result.summary] == ["one", "two", "all"]


def test_a_sampled_truth_says_so_and_brings_its_standard_error():
    row = hr.compare([square()], ["cumulant:2"], truth="mc", samples=10_000, seed=1).rows[0]
    assert row.truth_method.startswith("mc:")
    assert row.truth_stderr == pytest.approx(math.sqrt(38 / 10_000), rel=0.1)
    assert abs(row.error) < 5 * row.truth_stderr


def test_a_sampling_method_shares_no_random_numbers_with_the_truth():
    row = hr.compare([square()], ["mc:1000:seed=5"], truth="mc", samples=1000, seed=5).rows[0]
    assert row.estimate != row.truth
    assert abs(row.error) < 5 * math.sqrt(2 * 38 / 1000)


def test_an_error_within_the_noise_of_the_truth_claims_no_equal_samples():
    result = hr.compare([square()], ["cumulant:2"], truth="mc", samples=10_000, seed=1)
    assert abs(result.rows[0].error) < 2 * result.rows[0].truth_stderr
    assert result.rows[0].equal_samples is None
    assert result.summary[0].equal_samples is None


def test_equal_samples_of_several_rows_are_those_of_the_same_rmse():
    summary = hr.compare([square("a", 1.0), square("b", 2.0)], ["mean"]).summary[0]
    # Means 2 and 5, variances 4 * 1 + 2 and 4 * 4 + 2, mean squares 10 and 43; mean propagation is off by 1 in both.
    assert summary.equal_samples == pytest.approx((6 / 10 + 18 / 43) / (1 / 10 + 1 / 43))


def test_one_circuit_and_one_method_need_no_lists():
    assert [row.estimator for row in hr.compare(square(), "mean").rows] == ["mean"]
    assert len(hr.compare(square(), ["mean", "mean"]).rows) == 1


@pytest.mark.parametrize("wrong", [None, "demo.json", 3])
def test_what_is_no_circuit_is_said_to_be_none(wrong):
    for call in (
        lambda: hr.compare([wrong]),
        lambda: hr.estimate(wrong),
        lambda: hr.exact(wrong),
        lambda: hr.dumps(wrong),
        lambda: hr.save(wrong, "x.json"),
    ):
        with pytest.raises(hr.CircuitError, match="a circuit is needed, got"):
            call()


@pytest.mark.parametrize("limit", ["1G", -1, 0, math.nan, True])
def test_a_limit_of_memory_is_a_number_of_bytes(limit):
    with pytest.raises(hr.ArgumentError, match="max_memory must be"):
        hr.estimate(square(), "cumulant:2", max_memory=limit)


def test_a_method_that_cannot_answer_fails_in_its_row_and_the_others_go_on():
    result = hr.compare([square()], ["cumulant:2", "mean"], max_memory=50)
    failed = result.rows[0]
    assert failed.estimate is None
    assert failed.error is None
    assert "50 are allowed" in failed.note
    assert result.summary[0].failures == 1
    assert result.summary[0].mean_error is None


def test_an_interrupt_keeps_what_was_finished():
    def stop(done, total, what):
        if done == 2:
            raise KeyboardInterrupt

    result = hr.compare([square("a"), square("b"), square("c")], ["mean"], progress=stop)
    assert [row.circuit for row in result.rows] == ["a", "b"]
    assert result.settings["interrupted"] is True


def test_an_interrupt_while_a_truth_is_sampled_is_not_swallowed(monkeypatch):
    from heurest import comparison

    calls = []

    def stopped(*arguments, **options):
        calls.append(arguments)
        truth = hr.ground_truth(*arguments, **options)
        return truth if len(calls) < 2 else replace(truth, warnings=("interrupted after 1 samples",))

    monkeypatch.setattr(comparison, "ground_truth", stopped)
    result = hr.compare([square("a"), square("b"), square("c")], ["mean"], truth="mc", samples=1000)
    assert [row.circuit for row in result.rows] == ["a"]
    assert result.settings["interrupted"] is True
    assert len(calls) == 2


def test_the_same_seed_gives_the_same_truth():
    first, second = (hr.compare([square()], ["mean"], truth="mc", samples=5000, seed=3).rows[0].truth for _ in range(2))
    assert first == second


def test_json_and_csv_hold_every_row():
    result = hr.compare([square("a"), square("b")], ["mean", "cumulant:2"])
    data = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert set(data) == {"settings", "rows", "summary"}
    assert [(row["circuit"], row["estimator"]) for row in data["rows"]] == [(row.circuit, row.estimator) for row in result.rows]
    needed = {"family", "circuit", "output", "estimator", "estimate", "truth", "truth_stderr", "error", "seconds"}
    assert needed <= set(data["rows"][0])
    table = list(csv.DictReader(io.StringIO(result.to_csv())))
    assert [float(row["estimate"]) for row in table] == [row.estimate for row in result.rows]


@pytest.mark.parametrize(("circuits", "methods"), [([], ["mean"]), (None, [])])
def test_nothing_to_compare_is_an_error(circuits, methods):
    with pytest.raises(hr.ArgumentError, match="nothing to compare"):
        hr.compare([square()] if circuits is None else circuits, methods)


def test_an_output_that_is_always_zero_has_no_unit():
    c = hr.Circuit("zero")
    b = c.input("b", hr.Bernoulli(0.5))
    c.output("never", b & ~b)
    assert hr.compare([c], ["mean"]).rows[0].relative_error == 0


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_picture_is_drawn(tmp_path, ending):
    from heurest.plot import plot_comparison

    target = tmp_path / f"picture.{ending}"
    plot_comparison(hr.compare([square("a"), square("b", 0.0)], ["mean", "cumulant:2"]), target)
    starts = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    assert target.read_bytes().startswith(starts[ending])


def test_a_picture_of_another_format_is_refused(tmp_path):
    from heurest.plot import plot_comparison

    with pytest.raises(hr.ArgumentError, match=r"must end in one of \.png, \.svg, \.pdf, not '\.bmp'"):
        plot_comparison(hr.compare([square()], ["mean"]), tmp_path / "picture.bmp")


def test_nothing_to_draw_is_said(tmp_path):
    from heurest.plot import plot_comparison

    with pytest.raises(hr.ArgumentError, match="nothing to draw"):
        plot_comparison(Comparison({}, ()), tmp_path / "picture.png")
