"""The detector by leverage: the two-pass result in one pass, levels, files, and what it refuses."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.anomaly.additive import additive_explanation
from heurest.anomaly.detector import Detector
from heurest.anomaly.leverage_detector import LeverageDetector
from heurest.errors import ArgumentError, CircuitError, FormatError
from heurest.families.quadratic import quadratic_network
from support.sizes import scaled
from support.strategies import circuits

OPTIONS = ({}, {"tau": 0.3, "epsilon": 0.01}, {"false_positive": 0.05}, {"semantics": "monomials"})


def training_of(circuit, seed, count, offset=0.0):
    """Points from a few numbers about an offset, so that some wires are constant and some terms cancel; 0 and 1 for boolean inputs."""
    rng = np.random.default_rng(seed)
    columns = [rng.integers(0, 2, count) if wire.boolean else offset + rng.choice([-1.0, 0.0, 0.5, 2.0], count) for wire in circuit.inputs]
    return np.column_stack(columns).astype(float)


def network(seed=2):
    return quadratic_network(widths=(3, 4, 4, 1), rng=seed)


def normals(count, seed=0, inputs=3):
    return np.random.default_rng(seed).standard_normal((count, inputs))


def same(found, wanted):
    """Whether verdicts say the same, with scores and bounds up to rounding."""
    for one, other in zip(found, wanted, strict=True):
        a, b = one.to_dict(), other.to_dict()
        for record in (a, b):
            numbers = [record.pop("score"), record.pop("bound")]
            record["numbers"] = pytest.approx(numbers, rel=1e-6) if record is b else numbers
        assert a == b


@given(
    circuits(max_inputs=3, max_gates=7, max_degree=4), st.integers(0, 99), st.sampled_from([0.0, 3.0, 1e3]),
    st.sampled_from(["centred", "monomials"]),
)  # fmt: skip
def test_verdicts_are_those_of_two_passes_over_the_same_points(circuit, seed, offset, semantics):
    train = training_of(circuit, seed, 40, offset)
    points = np.concatenate([train[:5], training_of(circuit, seed + 1000, 5, offset), training_of(circuit, seed, 5, offset + 1.0)])
    explained = additive_explanation(circuit, "last", train, 0.05, tau=0.7, semantics=semantics)
    detector = LeverageDetector(circuit, "last", epsilon=0.05, tau=0.7, semantics=semantics).fit(train)
    assert detector.terms == explained.terms
    assert detector.mean == pytest.approx(explained.decomposition.mean, rel=1e-12, abs=1e-12)
    assert detector.variance == pytest.approx(explained.variance, rel=1e-9)
    assert detector.bound == pytest.approx(explained.bound, rel=1e-9)
    np.testing.assert_allclose(detector.score(points), explained.score(points), rtol=1e-6, atol=1e-9)
    near = np.abs(explained.score(points) * 0.05 * explained.variance / 0.7**2 - 1.0) < 1e-6  # a tie hangs on rounding
    wanted, found = explained.leverage_verdicts(points), detector.verdict(points)
    assert [v.verdict for v, tie in zip(found, near, strict=True) if not tie] == [
        v.verdict for v, tie in zip(wanted, near, strict=True) if not tie
    ]


@pytest.mark.parametrize("offset", [0.0, 10.0, 1e3])
@pytest.mark.parametrize("drift", [0.0, 5.0])
def test_one_pass_is_as_good_as_two_however_far_the_mean_and_however_it_drifts(offset, drift):
    count = scaled(7000, 3000)
    train = normals(count) + offset + np.linspace(0.0, drift, count)[:, np.newaxis]
    points = 1.5 * normals(300, 1) + offset + drift / 2.0
    explained, detector = additive_explanation(network(), "y[0]", train), LeverageDetector(network()).fit(train)
    assert detector._fitted.leverage.rank == explained.leverage.rank == 11  # 3 inputs, 8 squares
    np.testing.assert_allclose(detector.score(points), explained.score(points), rtol=1e-9)
    same(detector.verdict(points), explained.leverage_verdicts(points))


def test_two_sensors_have_leverage_2_and_2_million():
    """D or n1 n2 as D + (1 - D) n1 n2, on 2,000,000 points in which every setting is exactly as frequent as its probability."""
    c = hr.Circuit("two sensors")
    d, n1, n2 = c.input("D", hr.Bernoulli(0.5)), c.input("n1", hr.Bernoulli(0.001)), c.input("n2", hr.Bernoulli(0.001))
    c.output("Y", d + c.set_name(~d & (n1 & n2), "new"))
    settings = np.array([(a, b, e) for a in (0, 1) for b in (0, 1) for e in (0, 1)], float)
    counts = [1_000_000 * (999 if b == 0 else 1) * (999 if e == 0 else 1) // 1_000_000 for _, b, e in settings]
    assert sum(counts) == 2_000_000
    detector = LeverageDetector(c, tau=0.5, semantics="monomials")
    for setting, count in zip(settings, counts, strict=True):
        for start in range(0, count, 300_000):
            detector.partial_fit(np.broadcast_to(setting, (min(300_000, count - start), 3)))
    np.testing.assert_allclose(detector.score([[1, 0, 0], [0, 1, 1], [0, 1, 0]]), [2.0, 2e6, 0.0], rtol=1e-9)
    assert detector.variance == pytest.approx(0.25 - 0.25e-12, rel=1e-12)
    assert detector.bound == pytest.approx(1e-3 * 0.25 * 2 / 0.25)
    assert detector.threshold == pytest.approx(0.25 / (1e-3 * detector.variance))
    diamond, tampered = detector.verdict([[1, 0, 0], [0, 1, 1]])
    assert (diamond.verdict, tampered.verdict, tampered.dropped) == ("ok", "anomalous", ("new",))


@given(st.lists(st.integers(0, 5000), max_size=4), st.sampled_from(OPTIONS))
def test_streaming_is_batch_to_the_last_bit(cuts, options):
    points, probe = normals(5000), 2.0 * normals(50, 1)
    whole, parts = LeverageDetector(network(), **options).fit(points), LeverageDetector(network(), **options)
    for part in np.split(points, sorted(cuts)):
        if len(part):
            parts.partial_fit(part)
    assert parts.points == whole.points == 5000
    assert parts.verdict(probe) == whole.verdict(probe)
    assert (parts.mean, parts.variance, parts.threshold) == (whole.mean, whole.variance, whole.threshold)


def test_what_it_holds_does_not_grow_with_the_points():
    detector = LeverageDetector(network(), false_positive=0.01)

    def held():
        training = detector._training
        return sum(array.nbytes for array in (training.waiting, training.held_out, training.moments.means, training.moments.sums))

    sizes = []
    for batch in range(8):
        detector.partial_fit(normals(5000, batch))
        sizes.append(held())
    assert len(detector._training.held_out) == 4096
    most = 8 * (4096 * 3 + 2048 * 3 + 12 + 21**2)  # held out, waiting, means of 12 wires, 1 + 12 + 8 monomials
    assert max(sizes) <= most


def test_what_was_never_active_is_named():
    c = hr.Circuit("day")
    day, g, h = c.input("c", hr.Bernoulli(0.9)), c.input("g", hr.Bernoulli(0.5)), c.input("h", hr.Bernoulli(0.5))
    c.output("Y", c.affine([1.0, 1.0], [day * g, (1 - day) * h]))
    detector = LeverageDetector(c, tau=0.5).fit([[1, a, b] for a in (0, 1) for b in (0, 1)])
    new, usual = detector.verdict([[0, 0, 1], [1, 1, 0]])
    assert detector.score([[0, 0, 1]]).tolist() == [np.inf]
    assert (new.verdict, new.dropped, new.note) == (
        "anomalous", ("c * g", "c * h"), "such a combination of these terms was never seen in training"
    )  # fmt: skip
    assert (usual.verdict, usual.exact) == ("ok", True)


def test_an_ok_is_a_certificate_for_every_set_of_terms():
    detector = LeverageDetector(network(5), epsilon=0.05).fit(train := normals(2000))
    decomposition, points = detector._fitted.decomposition, normals(200, 3)
    values, at = decomposition.values(train), decomposition.values(points)
    fine = np.array([not verdict.anomalous for verdict in detector.verdict(points)])
    assert 0 < fine.sum() < len(points)
    sets = np.random.default_rng(0).random((4000, values.shape[1])) < 0.25
    explaining = sets[np.mean((values @ sets.T) ** 2, axis=0) <= 0.05 * detector.variance]
    assert len(explaining)
    assert np.abs(at[fine] @ explaining.T).max() < detector.tau


def test_flags_of_training_points_keep_to_the_bound():
    for seed in range(20):
        train = np.random.default_rng(seed).standard_t(3, (400, 3))
        detector = LeverageDetector(network(seed), epsilon=0.05).fit(train)
        assert 0.0 < np.mean([verdict.anomalous for verdict in detector.verdict(train)]) <= detector.bound <= 1.0


@pytest.mark.large
def test_held_out_points_bound_the_flags_of_new_ones():
    # The level is conformal: over draws of training and of a new input, at most 10 % are flagged, heavy tails or not.
    flagged = []
    for seed in range(60):
        rng = np.random.default_rng([seed, 1])
        detector = LeverageDetector(network(seed), false_positive=0.1).fit(rng.standard_t(3, (300, 3)))
        assert detector.bound == 0.1
        flagged.append(np.mean([verdict.anomalous for verdict in detector.verdict(rng.standard_t(3, (100, 3)))]))
    assert 0.04 < np.mean(flagged) < 0.1 + 0.02  # some 60 held out: a granted 10 % is 6 of 61, and 0.02 are four standard errors


def test_a_level_says_where_it_is_a_certificate():
    detector = LeverageDetector(network(), false_positive=0.05, epsilon=0.1).fit(normals(3000))
    found, scores = detector.verdict(points := 1.3 * normals(300, 1)), detector.score(points)
    room = 0.1 * detector.variance * scores
    assert {v.verdict for v in found} == {"ok", "anomalous"}
    for verdict, score, change in zip(found, scores, np.sqrt(room), strict=True):
        certain = change < detector.tau
        assert verdict.anomalous == (score > detector.threshold)
        assert verdict.exact == (certain and not verdict.anomalous)
        assert ("no explaining set" in verdict.note) == certain
        assert ("no certificate" in verdict.note) == (not certain)
    assert len({v.exact for v in found if not v.anomalous}) == 2


def test_few_points_give_the_level_that_they_can_give():
    detector = LeverageDetector(network(), false_positive=0.01).fit(normals(30))
    held = len(detector._training.held_out)
    assert 0 < held < 15
    assert detector.bound == 1.0 / (held + 1)
    assert detector.threshold == detector._fitted.held_out[-1]
    nothing = LeverageDetector(network(), false_positive=0.01).fit(normals(1))
    assert nothing.bound == 1.0


def test_fit_forgets_and_a_failure_changes_nothing():
    detector, probe = LeverageDetector(network()).fit(normals(3000)), normals(5, 7)
    before = detector.score(probe).tolist()
    for bad in (np.zeros((3, 5)), np.zeros((4, 3)), np.full((5000, 3), 1e60)):  # the wrong shape, a constant output, too large
        with pytest.raises(ArgumentError):
            detector.fit(bad)
        assert detector.score(probe).tolist() == before
    with pytest.raises(ArgumentError, match=r"beyond 1e\+70"):
        detector.partial_fit(np.concatenate([normals(5000), np.full((1, 3), 1e60)]))
    assert (detector.points, detector.score(probe).tolist()) == (3000, before)
    assert detector.fit(normals(200, 4)).points == 200
    assert detector.score(probe).tolist() == LeverageDetector(network()).fit(normals(200, 4)).score(probe).tolist()


@pytest.mark.parametrize("options", OPTIONS)
def test_saved_and_loaded_gives_the_same_verdicts_and_trains_on(tmp_path, options):
    detector, probe = LeverageDetector(network(), **options).fit(normals(3000)), 1.5 * normals(100, 8)
    detector.save(tmp_path / "d.npz")
    loaded = LeverageDetector.load(tmp_path / "d.npz", network())
    assert loaded.verdict(probe) == detector.verdict(probe)
    assert (loaded.output, loaded.points, loaded.epsilon) == (detector.output, 3000, detector.epsilon)
    assert loaded.partial_fit(normals(2000, 6)).verdict(probe) == detector.partial_fit(normals(2000, 6)).verdict(probe)


def test_names_and_dead_gates_change_nothing(tmp_path):
    def build(name, dead):
        c = hr.Circuit("renamed")
        x = c.input(name, hr.Normal(), count=2)
        c.output(f"{name} o", x[0] * x[1] + x[1] ** 2 + 0.05 * x[0] ** 2)
        if dead:
            c.output("dead", c.square(x[0] * x[1] + 1))
        return c

    train, probe = normals(500, 1, 2), 2.0 * normals(50, 2, 2)
    one, other = (LeverageDetector(build(*given_), f"{given_[0]} o").fit(train) for given_ in (("x", False), ("y", True)))
    assert one.score(probe).tolist() == other.score(probe).tolist()
    assert [name.replace("x[", "y[") for name in one.terms] == list(other.terms)
    one.save(tmp_path / "d.npz")
    assert LeverageDetector.load(tmp_path / "d.npz", build("z", False)).output == "z o"


def test_files_that_are_no_detector_of_this_circuit(tmp_path):
    path = tmp_path / "d.npz"
    LeverageDetector(network()).fit(normals(100)).save(path)
    good = path.read_bytes()
    with pytest.raises(FormatError, match="for other wires than those of 'quadratic/square#3'"):
        LeverageDetector.load(path, network(3))
    with pytest.raises(FormatError, match="expected a file of format 'heurest-detector', found 'heurest-leverage-detector'"):
        Detector.load(path, hr.adder(2))
    for data in (b"", b"text", good[: len(good) // 2], good[:-30]):
        path.write_bytes(data)
        with pytest.raises(FormatError, match=r"expected a detector as LeverageDetector\.save writes it") as caught:
            LeverageDetector.load(path, network())
        assert "\n" not in str(caught.value)


def test_damaged_contents(tmp_path):
    path = tmp_path / "d.npz"
    LeverageDetector(network(), false_positive=0.1).fit(normals(3000)).save(path)
    with np.load(path) as file:
        good = dict(file)
    settings = json.loads(good["settings"].tobytes())

    def with_setting(name, value):
        return np.frombuffer(json.dumps(settings | {name: value}).encode(), np.uint8)

    for change, message in (
        ({"settings": with_setting("version", 7)}, "expected version 1 of heurest-leverage-detector, found 7"),
        ({"settings": with_setting("output", 10**6)}, "do not fit together"),
        ({"settings": with_setting("output", 0)}, "do not have the sizes"),
        ({"settings": with_setting("points", "many")}, "setting 'points'"),
        ({"settings": with_setting("points", 17)}, "do not fit together"),
        ({"settings": with_setting("epsilon", 2.0)}, "epsilon must be"),
        ({"settings": with_setting("tau", 0.5)}, "tau or false_positive"),
        ({"settings": with_setting("semantics", "best")}, "must be one of centred, monomials"),
        ({"sums": good["sums"][:-1]}, "do not fit together"),
        ({"sums": good["sums"] * np.nan}, "not finite"),
        ({"means": good["means"].astype(np.float32)}, "do not fit together"),
        ({"waiting": good["waiting"][:, :2]}, "do not fit together"),
        ({"waiting": good["waiting"][:2]}, "do not fit together"),
    ):
        np.savez(path, **(good | change))
        with pytest.raises(FormatError, match=message):
            LeverageDetector.load(path, network())


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"output": "Z"}, CircuitError, "has no output 'Z'; its outputs: s"),
        ({"output": None}, ArgumentError, "circuit 'adder/2' has 3 outputs: name one"),
        ({"epsilon": 0.0}, ArgumentError, "epsilon must be a number between 0 and 1, got 0.0"),
        ({"epsilon": "0.5"}, ArgumentError, "epsilon must be a number between 0 and 1, got '0.5'"),
        ({"tau": -1.0}, ArgumentError, "tau must be a finite number above 0, got -1.0"),
        ({"tau": np.inf}, ArgumentError, "tau must be a finite number above 0, got inf"),
        ({"tau": [1]}, ArgumentError, r"tau must be a finite number above 0, got \[1\]"),
        ({"false_positive": 1}, ArgumentError, "false_positive must be a number between 0 and 1, got 1"),
        ({"tau": 0.5, "false_positive": 0.1}, ArgumentError, "give tau or false_positive, not both"),
        ({"semantics": "best"}, ArgumentError, "must be one of centred, monomials, got 'best'"),
    ],
)
def test_options_out_of_range(options, error, message):
    with pytest.raises(error, match=message):
        LeverageDetector(hr.adder(2), **({"output": next(iter(hr.adder(2).outputs))} | options))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.zeros((3, 5)), r"points must have shape \(points, 3\)"),
        (np.zeros((0, 3)), "points for 'quadratic/square#2' are empty"),
        ([[0.0, np.nan, 1.0]], r"point 0: input x\[1\] must be finite, got nan"),
        ([[0.0, 1e80, 1.0]], r"circuit 'quadratic/square#2': .*(is .*, beyond 1e\+|not finite)"),
        ("text", "rows of numbers"),
    ],
)
def test_data_that_do_not_fit(data, message):
    detector = LeverageDetector(network()).fit(normals(100))
    for call in (detector.fit, detector.partial_fit, detector.score, detector.verdict):
        with pytest.raises(ArgumentError, match=message) as caught:
            call(data)
        assert "\n" not in str(caught.value)


def test_what_is_not_fitted_says_so(tmp_path):
    detector = LeverageDetector(network())
    for call in (detector.score, detector.verdict):
        with pytest.raises(ArgumentError, match="the detector for 'quadratic/square#2' has not been fitted"):
            call(normals(1))
    for name in ("mean", "variance", "bound", "threshold", "terms", "tau"):
        with pytest.raises(ArgumentError, match="has not been fitted"):
            getattr(detector, name)
    with pytest.raises(ArgumentError, match="has not been fitted"):
        detector.save(tmp_path / "d")


def test_a_constant_output_gives_no_scale_but_a_score():
    c = hr.Circuit("constant")
    x = c.input("x", hr.Normal())
    c.output("o", x * x)
    train, message = [[2.0], [2.0], [-2.0]], "output 'o' is constant in training, so it gives no scale: give tau, or use the lemma test"
    with pytest.raises(ArgumentError, match=message):
        LeverageDetector(c).fit(train)
    detector = LeverageDetector(c).partial_fit(train)
    with pytest.raises(ArgumentError, match=message):
        detector.verdict(train)
    assert np.isfinite(detector.score(train)).all()
    assert [v.verdict for v in LeverageDetector(c, tau=0.5).fit(train).verdict(train)] == ["ok"] * 3
    assert {v.exact for v in LeverageDetector(c, false_positive=0.5).fit(train * 9).verdict(train)} == {False}  # no scale, no certificate


def test_a_wire_can_be_watched_and_a_circuit_needs_inputs(tmp_path):
    c = network()
    wire = c.wire(len(c.inputs) + 5)
    detector = LeverageDetector(c, wire).fit(normals(100))
    detector.save(tmp_path / "d.npz")
    assert LeverageDetector.load(tmp_path / "d.npz", network()).output == detector.output == f"#{wire.index}"
    none = hr.Circuit("none")
    none.output("o", none.constant(1.0))
    with pytest.raises(ArgumentError, match="circuit 'none' has no inputs, so there is nothing to train on"):
        LeverageDetector(none)
