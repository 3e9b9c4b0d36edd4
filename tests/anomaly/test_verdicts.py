"""The record of a verdict: what it prints, what goes into JSON, what it refuses."""

import json

import pytest

import heurest as hr
from heurest.anomaly.verdicts import Verdict


def test_it_prints_what_was_found_and_how():
    verdict = Verdict("anomalous", "normal", 2.5, 0.125, ("a", "b"), ("c",), "implicants", False, "a note")
    assert str(verdict).splitlines() == [
        "anomalous (normal; heuristic, implicants, score 2.5, bound 0.125)",
        "  dropped: c",
        "  kept: a, b",
        "  a note",
    ]
    assert str(Verdict("ok", "lemma")) == "ok (lemma; exact)"
    assert verdict.anomalous
    assert not Verdict("undecided", "any").anomalous


def test_long_lists_are_cut_in_print_only():
    verdict = Verdict("ok", "any", kept=tuple(f"t{number}" for number in range(1014)))
    assert str(verdict).endswith("t11 and 1,002 more")
    assert len(verdict.to_dict()["kept"]) == 1014


def test_numbers_that_are_not_finite_are_json():
    data = json.loads(json.dumps(Verdict("anomalous", "leverage", float("inf"), float("nan")).to_dict(), allow_nan=False))
    assert (data["score"], data["bound"]) == ("infinite", None)
    assert data["verdict"] == "anomalous"


@pytest.mark.parametrize(
    ("verdict", "reason", "message"), [("fine", "any", "a verdict must be one of ok"), ("ok", "", "a reason must be one of")]
)
def test_unknown_words_are_refused(verdict, reason, message):
    with pytest.raises(hr.ArgumentError, match=message):
        Verdict(verdict, reason)
