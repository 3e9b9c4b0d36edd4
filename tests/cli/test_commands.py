"""The command line as a user meets it: output, JSON, exit status, and one line for each mistake."""

import csv
import io
import json
import re
import subprocess
import sys

import pytest

import heurest as hr
from heurest.cli import main


@pytest.fixture
def demo(tmp_path):
    """A circuit file: z = (x + 2 y) x, w = z^2."""
    c = hr.Circuit("demo")
    x, y = c.input("x", hr.Normal(0, 1)), c.input("y", hr.Uniform(-1, 1))
    z = (x + 2 * y) * x
    c.output("z", z)
    c.output("w", z**2)
    path = tmp_path / "demo.json"
    hr.save(c, path)
    return str(path)


def run(capsys, *arguments):
    status = main(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.mark.parametrize("command", ["compare", "estimate", "truth", "convert", "info", "gates"])
def test_every_command_has_help(capsys, command):
    status, out, _ = run(capsys, command, "--help")
    assert status == 0
    assert out.startswith(f"Usage: heurest {command}")


def test_help_lists_the_commands_without_importing_numpy():
    code = "import sys; from heurest.cli import main; main(['--help']); sys.exit('numpy' in sys.modules or 'numba' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "compare" in result.stdout


def test_version(capsys):
    from heurest._version import __version__

    assert run(capsys, "--version")[:2] == (0, f"heurest, version {__version__}\n")


def test_estimate_prints_a_table_and_json_holds_the_same(capsys, demo):
    status, out, _ = run(capsys, "estimate", demo, "--method", "cumulant:2")
    assert status == 0
    assert re.search(r"^z\s+1\s", out, re.MULTILINE)
    status, out, err = run(capsys, "estimate", demo, "--json", "-")
    data = json.loads(out)
    assert (status, err) == (0, "")
    assert data["circuit"] == "demo"
    assert data["method"] == "cumulant:2:expansion=node"
    assert data["value"] == hr.estimate(hr.load(demo), "cumulant:2").value
    assert list(data["value"]) == ["z", "w"]


def test_estimate_says_how_often_coherence_had_to_act(capsys, demo):
    status, out, _ = run(capsys, "estimate", demo, "--method", "reductant:2")
    assert status == 0
    assert out.splitlines()[-1].startswith("coherence: ")
    assert "coherence" not in run(capsys, "estimate", demo)[1]


def test_warnings_of_an_estimate_go_to_standard_error(capsys, tmp_path):
    c = hr.Circuit("one-hot")
    x = c.input("x", hr.JointDiscrete([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [1 / 3] * 3))
    c.output("o", (x[0] & x[1]) & x[2])
    hr.save(c, tmp_path / "c.json")
    status, out, err = run(capsys, "estimate", str(tmp_path / "c.json"))
    assert status == 0
    assert "-0.07407" in out
    assert "outside [0, 1]" in err


def test_truth_is_exact_where_it_can_be(capsys, demo):
    status, out, _ = run(capsys, "truth", demo, "--json", "-")
    data = json.loads(out)
    assert status == 0
    assert data["method"].startswith("exact")
    # E[(x^2 + 2xy)^2] = E x^4 + 4 E x^2 E y^2 = 3 + 4/3
    assert data["value"] == pytest.approx({"z": 1.0, "w": 13 / 3})


def test_truth_by_samples_has_standard_errors(capsys, demo):
    status, out, _ = run(capsys, "truth", demo, "--samples", "20000", "--seed", "1", "--json", "-")
    data = json.loads(out)
    assert status == 0
    assert data["samples"] >= 20000
    assert abs(data["value"]["z"] - 1.0) < 5 * data["stderr"]["z"]


def test_truth_prints_a_table(capsys, demo):
    status, out, _ = run(capsys, "truth", demo, "--exact")
    assert status == 0
    assert re.search(r"^w\s+4\.33333", out, re.MULTILINE)


def test_compare_files(capsys, demo, tmp_path):
    table, data, picture = (str(tmp_path / name) for name in ("t.csv", "t.json", "t.png"))
    methods = ["--estimator", "mean", "--estimator", "cumulant:2"]
    status, out, _ = run(capsys, "compare", demo, *methods, "--csv", table, "--json", data, "--plot", picture)
    assert status == 0
    assert "cumulant:2" in out
    content = json.loads((tmp_path / "t.json").read_text())
    assert {row["circuit"] for row in content["rows"]} == {"demo"}
    assert len(list(csv.DictReader(io.StringIO((tmp_path / "t.csv").read_text())))) == len(content["rows"]) == 4
    assert (tmp_path / "t.png").read_bytes().startswith(b"\x89PNG")


def test_compare_draws_seeded_families(capsys):
    arguments = ["compare", "--family", "boolean", "--circuits", "2", "--estimator", "mean", "--seed", "5", "--json", "-"]
    _, first, _ = run(capsys, *arguments)
    _, second, _ = run(capsys, *arguments)
    estimates = [[row["estimate"] for row in json.loads(text)["rows"]] for text in (first, second)]
    assert estimates[0] == estimates[1]
    assert len({row["circuit"] for row in json.loads(first)["rows"]}) == 2


def test_compare_json_on_standard_output_is_alone_there(capsys, demo):
    _, out, _ = run(capsys, "compare", demo, "--estimator", "mean", "--json", "-")
    assert set(json.loads(out)) == {"settings", "rows", "summary"}


def test_families_can_be_listed(capsys):
    status, out, _ = run(capsys, "compare", "--family", "list")
    assert status == 0
    assert "bilinear" in out


def test_info_shows_what_a_circuit_holds(capsys, demo):
    status, out, _ = run(capsys, "info", demo)
    assert status == 0
    assert "2 inputs" in out
    assert "bytes needed" in out
    data = json.loads(run(capsys, "info", demo, "--json", "-")[1])
    assert data["outputs"] == ["z", "w"]
    assert data["laws"] == {"normal": 1, "uniform": 1}


def test_info_takes_a_circuit_without_outputs(capsys, tmp_path):
    c = hr.Circuit("bare")
    c.input("x", hr.Normal()) ** 2
    hr.save(c, tmp_path / "bare.json")
    status, out, _ = run(capsys, "info", str(tmp_path / "bare.json"))
    assert status == 0
    assert "no outputs, so there is nothing to estimate" in out
    assert json.loads(run(capsys, "info", str(tmp_path / "bare.json"), "--json", "-")[1])["outputs"] == []


def test_memory_is_refused_before_it_is_taken(capsys, tmp_path):
    hr.save(hr.quadratic_network(widths=(100, 200), rng=0), tmp_path / "wide.json")
    status, out, err = run(capsys, "estimate", str(tmp_path / "wide.json"), "--max-memory", "1e4")  # covariances of 100 wires take 80 kB
    assert (status, out) == (2, "")
    assert "order 2" in err
    assert run(capsys, "estimate", str(tmp_path / "wide.json"), "--max-memory", "1e9")[0] == 0


def test_gates_lists_the_whole_table(capsys):
    _, out, _ = run(capsys, "gates")
    assert all(re.search(rf"^{name}\s", out, re.MULTILINE) for name in hr.GATES)


def test_gates_and_families_as_json(capsys):
    assert set(json.loads(run(capsys, "gates", "--json", "-")[1])) == set(hr.GATES)
    assert set(json.loads(run(capsys, "compare", "--family", "list", "--json", "-")[1])) == set(hr.FAMILIES)


def test_whole_numbers_may_be_written_short(capsys, demo):
    assert json.loads(run(capsys, "truth", demo, "--samples", "1e4", "--json", "-")[1])["samples"] == 10_000


def test_outputs_follow_links_and_leave_special_files_alone(capsys, demo, tmp_path):
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    link.symlink_to(target)
    assert run(capsys, "estimate", demo, "--json", str(link))[0] == 0
    assert link.is_symlink()
    assert json.loads(target.read_text())["circuit"] == "demo"


def test_a_closed_pipe_is_no_failure(demo):
    code = f"{sys.executable} -m heurest truth {demo} --exact | head -n 1; exit ${{PIPESTATUS[0]}}"
    result = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_narrow_terminal_leaves_out_columns_and_says_so(capsys, monkeypatch):
    from heurest.cli import common

    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("FORCE_COLOR", "1")
    common.show_table("T", ["name", "kept", "spare"], [["a long name", "123456789", "0.123456789"]], spare=["spare"])
    out = capsys.readouterr().out
    assert "123456789" in out
    assert "0.123456789" not in out
    assert "left out for want of width" in out


def test_convert_there_and_back(capsys, demo, tmp_path):
    other, back = str(tmp_path / "demo.nx.json"), str(tmp_path / "back.json")
    assert run(capsys, "convert", demo, other)[0] == 0
    assert run(capsys, "convert", other, back)[0] == 0
    assert (tmp_path / "back.json").read_text() == (tmp_path / "demo.json").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["estimat"], "No such command 'estimat'"),
        (["estimate"], "Missing argument 'FILE'"),
        (["estimate", "DEMO", "--order", "3"], "No such option"),
        (["estimate", "DEMO", "--method", "cumulant:0"], "order must be an integer from 1 to 12, got 0"),
        (["estimate", "DEMO", "--method", "magic"], "unknown method 'magic'; known are"),
        (["estimate", "nothing.json"], "nothing.json"),
        (["estimate", "DEMO", "--json", "no/such/folder.json"], "folder no/such does not exist"),
        (["truth", "DEMO", "--exact", "--samples", "5"], "--exact cannot be given together"),
        (["truth", "DEMO", "--stderr", "-1"], "--stderr"),
        (["compare", "--family", "nonsense"], "nonsense"),
        (["compare", "DEMO", "--circuits", "0"], "--circuits"),
        (["compare", "DEMO", "--plot", "p.bmp"], "must end in one of"),
        (["compare", "DEMO", "--json", "-", "--csv", "-"], "two outputs cannot go to the same place"),
        (["compare", "DEMO", "--truth", "oracle"], "oracle"),
        (["compare", "DEMO", "--samples", "1.5e0"], "whole number of at least 2"),
        (["compare", "DEMO", "--json", ""], "an output path is empty"),
        (["compare", "DEMO", "--json", "."], "is a folder"),
        (["compare", "--circuits", "99999999999"], "at most 100,000"),
        (["convert", "DEMO", "x.unknown"], "x.unknown"),
        (["info", "DEMO.broken"], "DEMO.broken"),
    ],
)
def test_a_mistake_gets_one_line_and_status_two(capsys, demo, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    status, out, err = run(capsys, *[demo if part == "DEMO" else part for part in arguments])
    assert status == 2
    assert out == ""
    assert message in err
    assert len(err.strip().splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == before


def test_a_broken_file_is_named_with_the_place(capsys, demo, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text((tmp_path / "demo.json").read_text()[:-40])
    status, _, err = run(capsys, "estimate", str(broken))
    assert status == 2
    assert "broken.json" in err
    assert len(err.strip().splitlines()) == 1
