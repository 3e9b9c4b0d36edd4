"""Claims beside the truth: exact, uncut, sampled, within cases; how often true ones are called false; what false ones changed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

import heurest as hr
from heurest.arguments.checking import check_argument
from heurest.arguments.lemma_checks import lemma_holds
from support.arguments import majority, measured_pair, one_hot_and, one_hot_claims, two_sensors
from support.boolean_circuits import literal_circuits
from support.enumeration import evaluate


def verdicts(result):
    return {row.claim: row.verdict for row in result.claims}


def gauss():
    """Products of normal inputs: y = ab, w = yc + a, o = wy + w^2."""
    c = hr.Circuit("gauss")
    a, b, d = c.input(["a", "b", "c"], hr.Normal(), count=3)
    y = c.set_name(a * b, "y")
    w = c.set_name(y * d + a, "w")
    c.output("o", w * y + w**2)
    return c, y, w


def test_exact_claims_are_true_or_false():
    c = majority()
    p, q, r = map(c.wire, "pqr")
    right, wrong = hr.Assert((p, q), 1 / 16), hr.Assert((q, r), 0.07)
    result = check_argument(c, [right, wrong, hr.Assert((p,), 0.25)])
    assert verdicts(result) == {right: "true", wrong: "false", hr.Assert((p,), 0.25): "true"}
    assert not result.ok
    assert [row.claim for row in result.false] == [wrong]
    assert result.claims[0].claim == wrong  # false ones first
    assert (result.false[0].value, result.false[0].truth, result.samples) == (0.07, 0.0625, 0)


def test_the_change_is_the_estimate_less_the_one_without_the_claim():
    c = majority()
    p, q, r = map(c.wire, "pqr")
    claims = [hr.Assert((p, q), 0.1), hr.Assert((q, r), 1 / 16), hr.Track((c.wire("pq"), r)), hr.Track((c.wire("o1"), r))]
    result = check_argument(c, claims)
    whole = hr.estimate(c, argument=claims).value["o"]
    for row in result.claims:
        less = hr.estimate(c, argument=[claim for claim in claims if claim != row.claim]).value["o"]
        assert row.change["o"] == pytest.approx(whole - less, abs=1e-15)


def test_true_claims_that_hurt_are_said_to():
    """C3: all are true, and the estimate goes from 0 past it."""
    c = one_hot_and()
    always, stated = one_hot_claims(c)
    result = check_argument(c, [*always, stated["xy"], stated["xz"]])
    assert result.ok
    assert result.estimate.value["o"] == pytest.approx(-1 / 27)
    assert {row.claim: row.hurts for row in result.claims}[stated["xz"]]
    assert "away from the truth" in str(result)


def test_terms_of_normal_inputs_are_exact_without_sampling():
    """E[w^2] = E[y^2] E[c^2] + E[a^2] = 2, and y and w do not correlate: E[yw] = E[a^2 b^2 c] + E[a^2 b] = 0."""
    c, y, w = gauss()
    result = check_argument(c, [hr.Assert((w, w), 2.0), hr.Assert((y, w), 0.5), hr.Assert((w, w, y), 0.0), hr.Track((w, w, w, w))])
    assert result.samples == 0
    found = {row.claim: row for row in result.claims}
    assert found[hr.Assert((w, w), 2.0)].verdict == "true"
    assert found[hr.Assert((y, w), 0.5)].verdict == "false"
    # E[w^4] = E[y^4] E[c^4] + 6 E[y^2 a^2] E[c^2] + E[a^4] = 27 + 18 + 3, less 3 * 2^2
    track = found[hr.Track((w, w, w, w))]
    assert (track.verdict, track.truth) == ("deduced", pytest.approx(36.0))


def wide():
    """Forty bits, more points than are enumerated: a chain of exclusive ors, and their conjunctions in pairs."""
    c = hr.Circuit("wide")
    bits = c.input("x", hr.Bernoulli(0.5), count=40)
    ands = [c.set_name(bits[i] & bits[i + 1], f"a{i}") for i in range(39)]
    every = bits[0]
    for bit in bits[1:]:
        every = every ^ bit
    c.output("o", c.set_name(every, "parity") & ands[0])
    return c, ands


def test_sampled_claims_have_a_z_score_and_a_corrected_p_value():
    """Neighbouring conjunctions share a bit: covariance 1/8 - 1/16. The samples go through the uncut cumulants only if those fail."""
    c, ands = wide()
    parity = c.wire("parity")
    right, wrong = hr.Assert((parity, ands[3]), 0.0), hr.Assert((parity, ands[5]), 0.01)
    result = check_argument(c, [right, wrong], samples=200_000, rng=5)
    found = {row.claim: row for row in result.claims}
    assert result.samples == 200_000
    assert found[right].verdict == "consistent"
    assert abs(found[right].z) < 4.5
    # standard deviations 1/2 and sqrt(3)/4: the error is about 0.2165 / sqrt(200000) = 0.00048, the claim 20 of them away
    assert found[wrong].verdict == "false"
    assert found[wrong].z == pytest.approx(0.01 / 0.000484, rel=0.25)
    assert found[wrong].stderr == pytest.approx(0.000484, rel=0.1)


def test_true_claims_are_hardly_ever_called_false(monkeypatch):
    """Nine true claims, 20 seeds, level 0.05: about one check in twenty may name one; more than five would be far out."""
    monkeypatch.setattr("heurest.arguments.true_cumulants._WORK_EACH", 100.0)  # uncut cumulants are tried, and given up, at once
    c, ands = wide()
    parity = c.wire("parity")
    claims = [hr.Assert((parity, wire), 0.0) for wire in ands[::5]] + [hr.Assert((parity,), 0.5)]
    wrong = [not check_argument(c, claims, samples=4096, rng=seed, level=0.05).ok for seed in range(20)]
    assert sum(wrong) <= 5


def test_rare_events_that_the_sample_missed_do_not_make_a_claim_false():
    c = hr.Circuit("rare")
    bits = c.input("x", hr.Bernoulli(0.5), count=40)
    wire = bits[0] ^ bits[39]
    for bit in bits[1:39]:
        wire = wire & bit
    c.output("o", wire)
    result = check_argument(
        c, [hr.Assert((wire,), 2.0**-39), hr.Assert((wire, bits[0]), 0.0), hr.Assert((wire, bits[1]), 1e-9)], samples=1000
    )
    by_claim = verdicts(result)
    assert by_claim[hr.Assert((wire,), 2.0**-39)] != "false"
    assert "false" not in by_claim.values()


def test_a_frequency_far_from_the_claim_is_false_even_where_nothing_was_seen():
    c, _ = wide()
    result = check_argument(c, [hr.Assert((c.wire("parity"),), 0.45)], samples=10_000)
    row = result.false[0]
    n, f = 10_000, row.truth
    deviance = 2 * n * (f * np.log(f / 0.45) + (1 - f) * np.log((1 - f) / 0.55))
    assert row.z == pytest.approx(-np.sqrt(deviance))


def test_measured_claims_are_held_to_their_own_error():
    """Covariance 0.25 in truth of the pair: 0.21 +- 0.02 is two errors away, 0.05 +- 0.01 twenty."""
    c = measured_pair()
    x, y = c.inputs[:2]
    truth = check_argument(c, [hr.Track((x, y))]).claims[0].truth
    near, far = hr.Assert((x, y), truth - 0.04, hr.Measured(2500, 0.02)), hr.Assert((x, y), truth - 0.2, hr.Measured(10**4, 0.01))
    row = check_argument(c, [near]).claims[0]
    assert (row.verdict, round(row.z, 9), round(row.p_value, 3)) == ("consistent", -2.0, 0.046)
    assert check_argument(c, [far]).claims[0].verdict == "false"


def test_claims_within_cases_are_tested_within_them():
    c = two_sensors()
    d, e = c.inputs[0], c.inputs[1:]
    first = next(w for w in range(3, len(c)) if len(c.operands(w)) and not c.wire(w).name)
    right, wrong = hr.Assert((e[0],), 0.01), hr.Assert((e[1],), 0.3)
    result = check_argument(c, [hr.Cases(d, {0: [right, wrong, hr.Track((e[0], first))]})])
    rows = {row.claim: row for row in result.claims}
    assert rows[right].verdict == "true"
    assert rows[right].path == ((d.index, 0),)
    assert rows[wrong].verdict == "false"
    less = hr.estimate(c, argument=[hr.Cases(d, {0: [right, hr.Track((e[0], first))]})]).value["both"]
    assert rows[wrong].change["both"] == pytest.approx(result.estimate.value["both"] - less)


def test_a_conditional_truth_is_that_of_the_case():
    c = hr.Circuit("case")
    x, y = c.input(["x", "y"], hr.Bernoulli(0.5), count=2)
    both = c.set_name(x & y, "both")
    c.output("o", both & y)
    result = check_argument(c, [hr.Cases(x, {1: [hr.Track((both, y))], 0: [hr.Track((both, y))]})])
    assert {row.path[0][1]: row.truth for row in result.claims} == {0: 0.0, 1: pytest.approx(0.25)}


def test_lemmas_are_tested_and_a_point_where_one_fails_is_named():
    c = hr.Circuit("either")
    x, y = c.input(["x", "y"], hr.Bernoulli(0.5), count=2)
    either = c.set_name(x | y, "either")
    c.output("o", either & x)
    result = check_argument(c, [hr.Lemma(either, 1)])
    row = result.false[0]
    assert (row.truth, row.note) == (0.75, "fails at x=0, y=0")
    within = check_argument(c, [hr.Cases(x, {1: [hr.Lemma(either, 1)]})])
    assert within.ok
    assert within.claims[0].verdict == "true"
    np.testing.assert_array_equal(lemma_holds(c, hr.Lemma(either, x), [[1, 0], [0, 0], [0, 1]]), [True, True, False])


def test_points_are_evaluated():
    c = hr.Circuit("and")
    x, y = c.input(["x", "y"], hr.Bernoulli(0.5), count=2)
    c.output("o", x & y)
    result = check_argument(c, [hr.Point([1, 1], {"o": 1}), hr.Point([0, 1], {"o": 1})])
    assert verdicts(result) == {hr.Point([1, 1], {"o": 1}): "true", hr.Point([0, 1], {"o": 1}): "false"}


def test_a_transcript_is_tested_claim_by_claim():
    c = majority()
    p, q, r = map(c.wire, "pqr")
    result = check_argument(c, [hr.Transcript([hr.Assert((p, q), 1 / 16), hr.Assert((q, r), 0.1)])])
    assert sorted(row.verdict for row in result.claims) == ["false", "true"]


@given(literal_circuits())
def test_every_verdict_agrees_with_enumeration(circuit):
    """Truth by an evaluator of its own: means and covariances of all pairs; a claim off by 0.01 is false, an exact one true."""
    laws = list(circuit.inputs)
    count = len(laws)
    weights, rows = [], []
    for number in range(2**count):
        bits = [number >> i & 1 for i in range(count)]
        weights.append(_probability(circuit, bits))
        rows.append(evaluate(circuit, {wire.index: float(bit) for wire, bit in zip(laws, bits, strict=True)}))
    values, weights = np.array(rows), np.array(weights)
    mean = weights @ values
    outputs = [wire.index for wire in circuit.outputs.values()]
    pair = (outputs[0], laws[0].index)
    if pair[0] == pair[1]:
        return
    covariance = float(weights @ (values[:, pair[0]] * values[:, pair[1]]) - mean[pair[0]] * mean[pair[1]])
    claims = [hr.Track(pair)]
    row = check_argument(circuit, claims).claims[0]
    assert row.truth == pytest.approx(covariance, abs=1e-12)


def _probability(circuit, bits):
    from heurest.arguments.points import probability

    return probability(circuit, [float(bit) for bit in bits])


def test_the_result_prints_and_goes_to_json():
    c = majority()
    p, q, _ = map(c.wire, "pqr")
    result = check_argument(c, [hr.Assert((p, q), 0.07), hr.Cases(c.inputs[0], {0: [hr.Track((p, q))]})])
    data = result.to_dict()
    assert not data["ok"]
    assert data["claims"][0]["verdict"] == "false"
    assert data["claims"][0]["truth"] == 0.0625
    text = str(result)
    assert "FALSE" in text
    assert "kappa(p, q)" in text
    assert "if x = 0" in text
    assert str(replace(result, claims=result.claims * 100)).endswith("claims more")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"samples": 3}, "samples"),
        ({"level": 1.5}, "level"),
        ({"level": True}, "level"),
        ({"rng": -1}, "rng"),
        ({"max_points": 0}, "max_points"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(hr.ArgumentError, match=f"^{message} must be"):
        check_argument(majority(), [], **options)


def test_an_argument_about_another_circuit_is_refused():
    c, _ = wide()
    with pytest.raises(hr.ArgumentError, match=r"are not those|another"):
        check_argument(majority(), [hr.Assert((c.wire("parity"),), 0.5)])
