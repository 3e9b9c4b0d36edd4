"""The detector of mechanisms: what it flags and names, its levels, streams, files, and what it refuses."""

import json
import re

import numpy as np
import pytest

import heurest as hr
from heurest.anomaly.detector import Detector
from heurest.anomaly.held_out import MOST_HELD_OUT
from heurest.errors import ArgumentError, FormatError, KindError
from support.boolean_circuits import BENIGN, random_circuit
from support.sizes import scaled

TRAINING = scaled(10_000, 1000)


def backdoor(bits=24):
    """The and of two inputs, inverted where all inputs are 1."""
    c = hr.Circuit("backdoor")
    x = list(c.input("x", hr.Bernoulli(0.5), count=bits))
    trigger = x[2]
    for bit in x[3:]:
        trigger = trigger & bit
    c.output("y", (x[0] & x[1]) ^ c.set_name(trigger, "trigger"))
    c.output("z", x[0] ^ x[1])
    return c


def patterns(count, bits=24, seed=0):
    return np.random.default_rng(seed).integers(0, 2, (count, bits)).astype(np.uint8)


def fitted(**options):
    return Detector(backdoor(), **options).fit(patterns(TRAINING))


@pytest.mark.parametrize("method", ["measured", "cop", "windowed:8", "reductant:2"])
def test_a_trigger_is_flagged_and_named(method):
    detector = fitted(method=method)
    found = detector.verdict([[1] * 24, [1, 1] + [0] * 22])
    assert [v.verdict for v in found] == ["anomalous", "ok"]
    assert re.search(r"= 1", found[0].dropped[0])
    assert "seen in 0 of" in found[0].note
    assert method in found[0].semantics
    assert not found[0].exact


def test_a_trigger_ranks_first_before_it_fires():
    detector = fitted()
    names = [mechanism.name for mechanism in detector.ranking(3)]
    assert names[0] in ("trigger", "y")
    assert len(detector.ranking()) == detector.network.gates.sum()


def test_the_note_says_which_output_changes():
    fired = fitted().verdict([[1] * 24])[0]
    assert fired.note.endswith("changes y")  # z reads two inputs alone


def test_a_failed_fit_keeps_what_was_learned():
    detector, point = fitted(), [[1] * 24]
    before = detector.verdict(point)
    with pytest.raises(ArgumentError, match="finite"):
        detector.fit([[0.0] * 24, [float("nan")] * 24])
    assert detector.verdict(point) == before
    assert "10,000 patterns" in repr(detector) or "1,000 patterns" in repr(detector)


def test_epsilon_and_a_share_of_false_positives_exclude_each_other():
    with pytest.raises(ArgumentError, match="not both"):
        Detector(backdoor(), epsilon=0.1, false_positive=0.1)


@pytest.mark.parametrize("outputs", [3, b"y", [b"y"], [["y"]]])
def test_outputs_are_names(outputs):
    with pytest.raises(ArgumentError, match=r"names of outputs|has no output"):
        Detector(backdoor(), outputs)


def test_only_watched_outputs_count():
    trained = Detector(backdoor(), ["z"]).fit(patterns(TRAINING))
    assert trained.score([[1] * 24])[0] < 0.7  # four combinations, a quarter of the patterns each: none is rare


def test_scores_are_levels_of_cumulative_weight_and_a_given_epsilon_is_one_of_them():
    detector = fitted(epsilon=1e-3)
    fit = detector._fitted()
    assert (fit.ladder.cumulative <= 1e-3).any()
    assert fit.held_out.size == 0
    assert fit.weights.patterns == TRAINING
    assert detector.score([[1] * 24])[0] >= 3.0
    assert detector.verdict([[1] * 24])[0].bound == 1e-3


def test_fit_forgets_and_a_failed_fit_changes_nothing():
    detector = fitted()
    before = detector.score(patterns(50, seed=9)).tolist()
    with pytest.raises(ArgumentError):
        detector.fit(np.zeros((5, 3)))
    assert detector.score(patterns(50, seed=9)).tolist() == before
    detector.fit(patterns(200, seed=4))
    assert detector.patterns == 200
    assert (
        detector.score(patterns(50, seed=9)).tolist()
        == Detector(backdoor()).fit(patterns(200, seed=4)).score(patterns(50, seed=9)).tolist()
    )


def test_held_out_patterns_are_not_counted_and_bounded():
    detector = Detector(backdoor(8)).fit(patterns(scaled(40_000, 3000), 8))
    held = len(np.concatenate(detector._held_out))
    assert held == scaled(MOST_HELD_OUT, held)
    assert detector.weights.patterns == detector.patterns - held
    assert detector.weights.counts[-1].sum() == detector.weights.patterns
    # A tiny training set gives the level that it can give.
    small = Detector(backdoor(8)).fit(patterns(30, 8))
    held = len(np.concatenate(small._held_out))
    assert small.verdict(patterns(1, 8))[0].bound == 1 / (held + 1)


def test_counts_are_those_of_the_patterns_that_are_not_held_out():
    circuit, points = random_circuit(4, 8, 40, BENIGN), patterns(200, 8, 3)
    detector = Detector(circuit).fit(points)
    held = {tuple(row) for row in np.concatenate(detector._held_out).astype(int).tolist()}
    kept = [row for row in points.tolist() if tuple(row) not in held]
    everything = Detector(circuit, epsilon=0.01).fit(np.array(points))
    assert detector.patterns == everything.patterns == 200
    if len(kept) == detector.weights.patterns:  # no pattern occurs both ways
        again = Detector(circuit, epsilon=0.01).fit(np.array(kept))
        assert (again.weights.counts == detector.weights.counts).all()
    assert (everything.weights.counts >= detector.weights.counts).all()


def test_saved_and_loaded_gives_the_same_verdicts_and_trains_on(tmp_path):
    for options in ({}, {"epsilon": 1e-3}, {"method": "cop", "false_positive": 0.05}, {"outputs": ["y"]}):
        detector = fitted(**options)
        detector.save(tmp_path / "d.npz")
        loaded = Detector.load(tmp_path / "d.npz", backdoor())
        probe = np.concatenate([patterns(100, seed=8), np.ones((1, 24), np.uint8)])
        assert loaded.verdict(probe) == detector.verdict(probe)
        assert loaded.outputs == detector.outputs
        more = patterns(500, seed=6)
        assert loaded.partial_fit(more).score(probe).tolist() == detector.partial_fit(more).score(probe).tolist()


def test_files_that_are_no_detector_of_this_circuit(tmp_path):
    path = tmp_path / "d.npz"
    fitted().save(path)
    good = path.read_bytes()
    with pytest.raises(FormatError, match=r"for other wires than those of 'multiplier/4'"):
        Detector.load(path, hr.multiplier(4))
    with pytest.raises(FormatError, match="cannot be read"):
        Detector.load(tmp_path / "none.npz", backdoor())
    for data in (b"", b"text", good[: len(good) // 2], good[:-30], json.dumps({"format": "heurest-detector"}).encode()):
        path.write_bytes(data)
        with pytest.raises(FormatError, match="expected a detector") as caught:
            Detector.load(path, backdoor())
        assert "\n" not in str(caught.value)


def test_damaged_contents(tmp_path):
    path = tmp_path / "d.npz"
    fitted().save(path)
    with np.load(path) as file:
        good = dict(file)
    settings = json.loads(good["settings"].tobytes())

    def written(**changes):
        arrays = good | changes
        with path.open("wb") as file:
            np.savez(file, **arrays)

    def with_setting(name, value):
        return np.frombuffer(json.dumps(settings | {name: value}).encode(), np.uint8)

    for change, message in (
        ({"settings": with_setting("format", "other")}, "expected a file of format"),
        ({"settings": with_setting("version", 7)}, "expected version 1 of heurest-detector, found 7"),
        ({"settings": with_setting("seen", "many")}, "setting 'seen'"),
        ({"settings": with_setting("outputs", ["q"])}, "watches output 'q'"),
        ({"settings": with_setting("false_positive", 2.0)}, "false_positive must be"),
        ({"settings": with_setting("counted", 1)}, "do not fit together"),
        ({"ones": good["ones"] - 100_000}, "out of range"),
        ({"ones": good["ones"][:3], "one": good["one"][:3], "zero": good["zero"][:3]}, "3 nodes"),
        ({"one": good["one"] + 2.0}, "out of range"),
    ):
        written(**change)
        with pytest.raises(FormatError, match=message):
            Detector.load(path, backdoor())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outputs": ["q"]}, "has no output 'q'"),
        ({"epsilon": 0.0}, "epsilon must be a number between 0 and 1, got 0.0"),
        ({"epsilon": 1}, "epsilon must be"),
        ({"false_positive": float("nan")}, "false_positive must be"),
        ({"false_positive": "0.5"}, "false_positive must be"),
        ({"method": 3}, "method must be 'measured' or"),
        ({"method": "nothing"}, "nothing"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ArgumentError, match=message):
        Detector(backdoor(), **options)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.zeros((3, 5)), r"points must have shape \(points, 24\)"),
        (np.zeros(24), "points must have shape"),
        (np.zeros((0, 24)), "are empty"),
        (np.full((1, 24), 0.5), "must be 0 or 1"),
        (np.full((1, 24), np.nan), "must be finite"),
        (np.full((1, 24), 2, np.uint8), "must be 0 or 1"),
        ("text", "rows of numbers"),
    ],
)
def test_data_that_do_not_fit(data, message):
    detector = fitted()
    for call in (detector.fit, detector.partial_fit, detector.score, detector.verdict):
        with pytest.raises(ArgumentError, match=message):
            call(data)


def test_what_is_not_fitted_says_so(tmp_path):
    detector = Detector(backdoor())
    for call in (
        lambda: detector.score([[0] * 24]),
        lambda: detector.verdict([[0] * 24]),
        detector.ranking,
        lambda: detector.save(tmp_path / "d"),
    ):
        with pytest.raises(ArgumentError, match="has not been fitted"):
            call()


def test_real_circuits_are_refused():
    c = hr.Circuit("real")
    x = c.input("x", hr.Normal(0, 1))
    c.output("y", x * x)
    with pytest.raises(KindError, match="0/1 wires only"):
        Detector(c)
