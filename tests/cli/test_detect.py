"""``heurest detect``: verdicts, JSON, exit status, and one line for each mistake."""

import json

import numpy as np
import pytest

import heurest as hr
from heurest.anomaly.examples import day_check, two_sensors
from heurest.anomaly.explanation import Explanation
from heurest.cli import main

#: The six rows of the two sensors: only both tampered is anomalous.
ROWS = "D,n1,n2\n1,0,0\n0,1,1\n0,1,0\n1,1,0\n1,1,1\n0,0,0\n"


def run(capsys, *arguments):
    status = main(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hr.save(two_sensors(), "sensors.json")
    (tmp_path / "rows.csv").write_text(ROWS)
    return tmp_path


@pytest.mark.parametrize("options", [(), ("--reason", "any", "--component", "S1", "--component", "S2")])
def test_both_sensors_tampered_is_the_anomaly(capsys, folder, options):
    status, out, err = run(capsys, "detect", "sensors.json", "--input", "rows.csv", *options)
    assert (status, err) == (1, "")
    assert out.startswith("point 1: anomalous")
    assert out.endswith("1 anomalous, 5 ok\n")


def test_json_holds_every_point(capsys, folder):
    status, out, _ = run(capsys, "detect", "sensors.json", "--input", "rows.csv", "--json", "-")
    data = json.loads(out)
    assert status == 1
    assert [row["verdict"] for row in data["points"]] == ["ok", "anomalous", "ok", "ok", "ok", "ok"]
    assert data["counts"] == {"ok": 5, "anomalous": 1}


def test_leverage_flags_what_training_hardly_had(capsys, folder):
    c = hr.Circuit("two ways")
    x, y, z = c.input("x", hr.Normal(0, 1)), c.input("y", hr.Normal(0, 1)), c.input("z", hr.Normal(0, 1))
    c.output("o", x + 2 * y * z)
    hr.save(c, "ways.json")
    np.save("train.npy", np.random.default_rng(0).standard_normal((2000, 3)) * [1.0, 1.0, 0.1])
    np.save("input.npy", np.array([[1.0, 1.0, 0.1], [1.0, 3.0, 2.0]]))
    shared = ("detect", "ways.json", "--train", "train.npy", "--input", "input.npy", "--reason", "leverage")
    for options in (("--epsilon", "0.02"), ("--false-positive", "0.02")):
        status, out, _ = run(capsys, *shared, *options, "--draw", "ways.svg")
        assert status == 1
        assert out.startswith("point 1: anomalous (leverage;")
        assert "dropped: y * z" in out
        assert "is in a term that training has hardly seen" in (folder / "ways.svg").read_text()


@pytest.mark.parametrize("reason", ["gates", "leverage"])
def test_a_detector_is_kept_and_used_again(capsys, folder, reason):
    np.save("train.npy", (np.random.default_rng(0).random((3000, 3)) < [0.5, 0.001, 0.001]).astype(np.uint8))
    shared = ("detect", "sensors.json", "--input", "rows.csv", "--reason", reason, "--json")
    first = run(capsys, *shared, "first.json", "--train", "train.npy", "--save", "model.npz")
    second = run(capsys, *shared, "second.json", "--load", "model.npz")
    assert first == second
    one, other = (json.loads((folder / f"{name}.json").read_text()) for name in ("first", "second"))
    assert one["points"] == other["points"]
    assert one["threshold"] == other["threshold"]
    assert (one["train"], other["train"]) == ("train.npy", "model.npz")


def test_few_points_are_said_to_bound_little(capsys, folder):
    (folder / "few.csv").write_text("D,n1,n2\n" + "1,0,0\n0,0,0\n" * 10)
    options = ("--train", "few.csv", "--reason", "gates", "--false-positive", "0.01")
    _, _, err = run(capsys, "detect", "sensors.json", "--input", "rows.csv", *options)
    assert "so few points of training were held out" in err


def test_lemmas_take_the_law_where_there_are_no_data(capsys, folder):
    hr.save(day_check(), "day.json")
    names = [wire.name for wire in day_check().inputs]
    (folder / "late.csv").write_text(",".join(names) + "\n" + ",".join("0" if name == names[0] else "1" for name in names))
    status, out, _ = run(capsys, "detect", "day.json", "--input", "late.csv", "--reason", "lemma")
    assert status == 1
    assert "in all of training, but 0 here" in out


def test_leverage_takes_the_law_where_there_are_no_data(capsys, folder):
    status, out, _ = run(capsys, "detect", "sensors.json", "--input", "rows.csv", "--reason", "leverage")
    assert status == 1
    assert "point 1: anomalous (leverage; exact, additive, centred" in out


@pytest.mark.parametrize("ending", ["svg", "html", "dot"])
def test_the_first_point_that_is_not_ok_is_drawn(capsys, folder, ending):
    status, out, err = run(capsys, "detect", "sensors.json", "--input", "rows.csv", "--draw", f"picture.{ending}")
    assert (status, err) == (1, "")
    assert out.endswith(f"picture.{ending}: point 1\n1 anomalous, 5 ok\n")
    text = (folder / f"picture.{ending}").read_text(encoding="utf-8")
    assert "1 → 0" in text
    assert "two sensors, point 1" in text


def test_where_all_is_ok_nothing_is_drawn(capsys, folder):
    (folder / "clean.csv").write_text("D,n1,n2\n1,0,0\n")
    status, out, _ = run(capsys, "detect", "sensors.json", "--input", "clean.csv", "--draw", "picture.svg")
    assert (status, out) == (0, "no point to draw: all are ok\n1 ok\n")
    assert not (folder / "picture.svg").exists()


def test_json_on_standard_output_stays_json_beside_a_picture(capsys, folder):
    _, out, err = run(capsys, "detect", "sensors.json", "--input", "rows.csv", "--draw", "picture.svg", "--json", "-")
    assert json.loads(out)["counts"]["anomalous"] == 1
    assert err == "picture.svg: point 1\n"


def test_an_interrupted_run_leaves_what_it_finished(capsys, folder, monkeypatch):
    judged = Explanation.verdicts

    def interrupted(self, points, reason):
        if len(seen := [*batches, len(points)]) > 1:
            raise KeyboardInterrupt
        batches.extend(seen)
        return judged(self, points, reason)

    batches = []
    monkeypatch.setattr(Explanation, "verdicts", interrupted)
    (folder / "many.csv").write_text("D,n1,n2\n" + "1,0,0\n" * 1500)
    status, _, err = run(capsys, "detect", "sensors.json", "--input", "many.csv", "--json", "many.json")
    data = json.loads((folder / "many.json").read_text())
    assert status == 130
    assert data["interrupted"]
    assert data["counts"] == {"ok": len(data["points"])}
    assert 0 < len(data["points"]) < 1500
    assert f"interrupted; the verdicts are on the first {len(data['points']):,} points" in err


def test_clean_points_end_with_status_0(capsys, folder):
    (folder / "clean.csv").write_text("D,n1,n2\n1,0,0\n0,0,0\n")
    assert run(capsys, "detect", "sensors.json", "--input", "clean.csv")[:2] == (0, "2 ok\n")


def test_a_wire_that_never_changed_is_a_lemma(capsys, folder):
    c = day_check()
    hr.save(c, "day.json")
    names = [wire.name for wire in c.inputs]
    header = ",".join(names)
    early = dict.fromkeys(names, 1)
    train = [{**early, "g": g, "h": h} for g in (0, 1) for h in (0, 1)]
    (folder / "train.csv").write_text("\n".join([header, *(",".join(str(row[name]) for name in names) for row in train)]))
    late = {**early, names[0]: 0}
    (folder / "late.csv").write_text("\n".join([header, ",".join(str(late[name]) for name in names)]))
    status, out, _ = run(capsys, "detect", "day.json", "--train", "train.csv", "--input", "late.csv", "--reason", "lemma")
    assert status == 1
    assert "lemma" in out


def test_a_backdoor_in_a_netlist_is_found_by_its_gates(capsys, folder):
    c = hr.Circuit("backdoor")
    x = c.input("x", hr.Bernoulli(0.5), count=20)
    trigger = x[0]
    for bit in x[1:]:
        trigger = trigger & bit
    c.output("y", (x[0] & x[1]) ^ trigger)
    hr.save(c, "backdoor.json")
    np.save("train.npy", np.random.default_rng(0).integers(0, 2, (5000, 20)))
    np.save("input.npy", np.array([[1] * 20, [1, 1] + [0] * 18]))
    status, out, _ = run(capsys, "detect", "backdoor.json", "--train", "train.npy", "--input", "input.npy", "--reason", "gates")
    assert status == 1
    assert out.startswith("point 0: anomalous (gates;")
    assert out.endswith("1 anomalous, 1 ok\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--input", "missing.csv"), "missing.csv: cannot be read"),
        ((), "--input"),
        (("--input", "rows.csv", "--component", "S1"), "--component means nothing here, with --reason normal"),
        (("--input", "rows.csv", "--reason", "any"), "needs components"),
        (("--input", "rows.csv", "--reason", "gates"), "needs --train or --load"),
        (
            ("--input", "rows.csv", "--reason", "lemma", "--train", "rows.csv", "--semantics", "centred"),
            "--semantics means nothing here, with --reason lemma and --train",
        ),
        (("--input", "rows.csv", "--reason", "any", "--component", "S1", "--semantics", "centred"), "sums have no any-reason test"),
        (("--input", "rows.csv", "--epsilon", "2"), "--epsilon"),
        (("--input", "rows.csv", "--output", "Z"), "Z"),
        (("--input", "rows.csv", "--output", "Y", "--output", "Y"), "one --output at a time"),
        (("--input", "rows.csv", "--reason", "leverage", "--semantics", "implicants"), "take centred or monomials, not implicants"),
        (("--input", "rows.csv", "--train", "rows.csv", "--false-positive", "0.1"), "--false-positive means nothing here"),
        (("--input", "rows.csv", "--reason", "lemma", "--epsilon", "0.1"), "--epsilon means nothing here"),
        (("--input", "rows.csv", "--load", "model.npz"), "--load means nothing here"),
        (("--input", "rows.csv", "--reason", "gates", "--load", "model.npz"), "model.npz: cannot be read"),
        (("--input", "rows.csv", "--reason", "gates", "--load", "m.npz", "--train", "rows.csv"), "cannot be given together"),
        (("--input", "rows.csv", "--train", "rows.csv", "--law", "D=0.1"), "--law and --laws means nothing here"),
        (("--input", "rows.csv", "--tau", "0.1"), "tau is for sums"),
        (("--input", "rows.csv", "--reason", "any", "--component", "Y"), "is the output itself"),
        (
            ("--input", "rows.csv", "--train", "rows.csv", "--reason", "gates", "--epsilon", "0.1", "--false-positive", "0.1"),
            "give epsilon or false_positive, not both",
        ),
        (("--input", "rows.csv", "--draw", "picture.png"), "must end in .dot, .gv, .svg or .html"),
        (("--input", "rows.csv", "--draw", "nowhere/picture.svg"), "the folder nowhere does not exist"),
        (("--input", "rows.csv", "--train", "rows.txt"), "ends in .csv or .npy"),
    ],
)
def test_mistakes_get_one_line(capsys, folder, arguments, message):
    status, out, err = run(capsys, "detect", "sensors.json", *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
