"""Arguments as JSON: reading gives back what was written, and whatever is wrong is one line that names the claim."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.arguments.argument import Argument
from heurest.arguments.argument_json import dumps, load, loads
from heurest.arguments.claim_json import written
from heurest.arguments.claims import Assert, Cases, Claim, Lemma, Measured, Point, Track, Transcript
from heurest.arguments.identity import wires_digest
from support.arguments import FLOATS, arguments, claims
from support.strategies import circuits


def build(name: str = "demo") -> hr.Circuit:
    """Named wires x, d, e[0] and e[1], of which x is real, and gates without names from 4 on; outputs o and p."""
    c = hr.Circuit(name)
    x = c.input("x", hr.Normal())
    d = c.input("d", hr.Bernoulli(0.5))
    e = c.input("e", hr.Bernoulli(0.01), count=2)
    c.output("o", (d & e[0]) | e[1])
    c.output("p", x * (x + 1.0))
    return c


C = build().freeze()
DIGEST = wires_digest(C)
HEADER = f'"circuit": {{"name": "demo", "wires": {len(C)}, "digest": "{DIGEST}"}}'

# -- what is written comes back ----------------------------------------------------------------------


@given(arguments(C))
def test_reading_gives_back_the_argument_that_was_written(argument):
    text = dumps(argument, C)
    again = loads(text, C)
    assert again == argument
    assert list(again) == list(argument)
    assert again.selected_from == argument.selected_from
    assert dumps(again, C) == text


@given(st.data())
def test_it_does_for_any_circuit(data):
    circuit = data.draw(circuits())
    argument = data.draw(arguments(circuit))
    text = dumps(argument, circuit)
    assert loads(text, circuit) == argument
    assert loads(text, circuit.copy("copy")) == argument


@given(st.data())
def test_the_text_knows_neither_order_nor_handles(data):
    listed = data.draw(st.lists(st.one_of(claims(C), claims(C, handles=False)), max_size=6, unique=True))
    copy = C.copy()
    text = dumps(Argument(listed), C)
    for again in (listed[::-1], listed[1:] + listed[:1] + listed):
        assert dumps(Argument(again), C) == text
    assert dumps(loads(text, copy), C) == text
    assert text.isascii()
    assert len(text.splitlines()) == (7 + len(listed) if listed else 6)


@given(FLOATS, FLOATS, st.floats(min_value=5e-324, allow_infinity=False))
def test_every_float_survives(value, number, stderr):
    said = [Assert((0, 1), value, Measured(0, stderr)), Lemma(1, number), Point([value, 0, 0, 1], {"p": number})]
    assert repr(list(loads(dumps(Argument(said), C), C))) == repr(list(Argument(said)))


@given(st.text(min_size=1).filter(str.isprintable), st.text(min_size=1).filter(str.isprintable))
def test_every_name_survives(name, output):
    c = hr.Circuit(output)
    c.output(output, c.input(name, hr.Sign()))
    argument = Argument([Track((0, 0)), Point([1], {output: 1})])
    text = dumps(argument, c)
    assert loads(text, c) == argument
    assert json.loads(text)["claims"][0] == {"track": [name, name]}
    assert text.encode("utf-8").decode("utf-8") == text


@given(st.text(min_size=1))
def test_output_names_of_points_survive_whatever_they_are(name):
    argument = Argument([Point([1, 0, 0, 0], {name: 1})])
    text = dumps(argument, C)
    assert loads(text.encode("utf-8").decode("utf-8"), C) == argument
    assert len(text.splitlines()) == 8


def test_each_claim_has_a_line_and_wires_their_names():
    x, d = C.wire("x"), C.wire("d")
    said = Argument(
        [
            Transcript([Track((x, d)), Track((x, 5))]),
            Point([0.5, 0, 1, 1], {"p": 0.75, "o": 1}),
            Lemma(C.wire(6), d),
            Lemma(7, 0.1),
            Cases(d, {1: [Track((4, x)), Cases(2, {0: [Lemma(d, 0)]})]}),
            Assert((x, d), -0.0),
            Assert((x, x), 1 / 3, Measured(2500, 0.02)),
            Assert((d,), 1e-7, "enumerated"),
            Track((x, 5), 2),
            Track((5, x)),
        ],
        selected_from=12,
    )
    assert dumps(said, C).splitlines() == [
        "{",
        '"format": "heurest-argument",',
        '"version": 1,',
        f"{HEADER},",
        '"selected_from": 12,',
        '"claims": [',
        '{"track": ["x", 5]},',
        '{"track": ["x", 5], "degree": 2},',
        '{"assert": ["d"], "value": 1e-07, "grade": "enumerated"},',
        '{"assert": ["x", "x"], "value": 0.3333333333333333, "grade": "measured", "n": 2500, "stderr": 0.02},',
        '{"assert": ["x", "d"], "value": 0.0, "grade": "proved"},',
        '{"cases": "d", "0": [], "1": [{"track": ["x", 4]}, {"cases": "e[0]", "0": [{"lemma": "d", "equals": 0.0}], "1": []}]},',
        '{"lemma": 6, "same_as": "d"},',
        '{"lemma": 7, "equals": 0.1},',
        '{"point": [0.5, 0.0, 1.0, 1.0], "outputs": {"o": 1.0, "p": 0.75}},',
        '{"transcript": [{"track": ["x", "d"]}, {"track": ["x", 5]}]}',
        "]",
        "}",
    ]
    assert dumps(Argument(), C).splitlines() == ["{", '"format": "heurest-argument",', '"version": 1,', f"{HEADER},", '"claims": []', "}"]


def test_other_programs_may_lay_it_out_anew():
    argument = Argument([Track((0, 4)), Cases(1, {0: [Assert((2, 3), 0.5)]}), Assert((0,), 1.0, Measured(3, 0.5))])
    data = json.loads(dumps(argument, C))
    assert loads(json.dumps(data), C) == argument
    assert loads(json.dumps(data, indent=4, sort_keys=True), C) == argument


def test_names_indices_and_whole_numbers_may_be_mixed_by_hand():
    text = document('{"assert": [2, "x", "d"], "value": 3, "grade": "measured", "n": 0, "stderr": 1}, {"lemma": "x", "same_as": 5}')
    assert loads(text, C) == Argument([Assert((0, 1, 2), 3.0, Measured(0, 1.0)), Lemma.same(0, 5, C)])
    assert loads(document('{"track": ["x"]}, {"track": [0]}'), C) == Argument([Track((0,))])
    assert loads(document("", '"selected_from": 0,'), C).selected_from == 0


def test_claims_that_are_read_carry_the_circuit():
    again = loads(dumps(Argument([Track((0, 1)), Assert((0,), 0.5), Lemma(1, 0), Cases(1, {0: [Track((0, 2))]})]), C), C)
    assert all(claim.circuit is C for claim in again)
    assert again.circuit is C
    assert again.about() is C
    (transcript,) = loads(document('{"transcript": [{"track": ["x"]}]}'), C)
    assert transcript.circuit is C


def test_names_say_which_wire_is_meant_where_they_moved():
    other = hr.Circuit("swapped")
    other.input("x", hr.Normal())
    d = other.input("e", hr.Bernoulli(0.5), count=2)
    e = other.input("d", hr.Bernoulli(0.01))
    other.output("o", (d[0] & d[1]) | e)
    x = other.wire("x")
    other.output("p", x * (x + 1.0))
    assert loads(dumps(Argument([Track((0, 1))]), C), other) == Argument([Track((0, 3))])


def nested(depth: int) -> Claim:
    claim: Claim = Cases(1, {})
    for _ in range(depth - 1):
        claim = Cases(1, {1: [claim]})
    return claim


def test_cases_stand_up_to_20_deep():
    argument = Argument([nested(20), Transcript([nested(20)])])
    text = dumps(argument, C)
    assert loads(text, C) == argument
    deeper = text.replace('"1": []', '"1": [{"cases": "d", "0": [], "1": []}]')
    with pytest.raises(
        hr.FormatError,
        match=r"^text, line 6, claim 1 \(cases \"d\"\), case 1, .*: expected at most 20 cases inside each other, found more$",
    ):
        loads(deeper, C)


# -- files -------------------------------------------------------------------------------------------


def test_what_is_saved_is_loaded(tmp_path):
    argument = Argument([Track((C.wire("x"), 4)), Cases(C.wire("d"), {0: [Lemma(2, 0)]})], selected_from=3)
    for path in (tmp_path / "a.json", str(tmp_path / "b.json")):
        argument.save(path)
        again = Argument.load(path, C)
        assert again == argument
        assert again.selected_from == 3
        assert again.to_json() == argument.to_json() == (tmp_path / "a.json").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "b.json"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nothing.json", "nothing.json: cannot be read: No such file or directory"),
        ("nothing\n.json", "'nothing\\n.json': cannot be read: No such file or directory"),
        ("null\0byte.json", "'null\\x00byte.json': cannot be read: embedded null byte"),
        ("folder", "folder: cannot be read: Is a directory"),
        (3, "a path is needed to read an argument from, got 3"),
        (None, "a path is needed to read an argument from, got None"),
        ("latin.json", "latin.json, line 2: expected UTF-8 text, found byte 0xff"),
        ("short.json", "short.json, line 3, column 1: expected a value, found the end of the text"),
        ("claim.json", 'claim.json, line 5, claim 1 (track "x"): expected a list of wires, found "x"'),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch, path, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin.json").write_bytes(b'{\n"format": "\xff"}')
    (tmp_path / "short.json").write_text('{\n"format":\n')
    (tmp_path / "claim.json").write_text(document('{"track": "x"}'))
    with pytest.raises(hr.FormatError) as caught:
        load(path, C)
    assert str(caught.value) == message


def test_what_a_file_claims_in_vain_is_named_with_the_file(tmp_path):
    (tmp_path / "a.json").write_text(document('{"track": ["y"]}'))
    with pytest.raises(hr.ArgumentError, match=r'a\.json, line 5, claim 1 \(track \["y"\]\): circuit \'demo\' has no wire named "y"$'):
        Argument.load(tmp_path / "a.json", C)


# -- what is wrong is named --------------------------------------------------------------------------


def document(listed: str, more: str = "") -> str:
    """A text whose first claim stands on line 5."""
    return f'{{"format": "heurest-argument",\n"version": 1,\n{HEADER}, {more}\n"claims": [\n{listed}]}}'


X = '"x"'


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("3", ": expected a claim, as an object, found 3"),
        ('["track", "x"]', ': expected a claim, as an object, found ["track", "x"]'),
        ("{}", ": expected one of the keys track, assert, lemma, cases, point, transcript, found none of them"),
        ('{"trace": ["x"]}', ": expected one of the keys track, assert, lemma, cases, point, transcript, found none of them"),
        (
            '{"track": ["x"], "lemma": "x"}',
            ' (track ["x"]): expected one of the keys track, assert, lemma, cases, point, transcript, found track and',
        ),
        ('{"track": ["x"], "order": 2}', ' (track ["x"]): expected no fields but track, degree, found "order"'),
        ('{"track": "x"}', ' (track "x"): expected a list of wires, found "x"'),
        ('{"track": {"x": 1}}', " (track an object with 1 field): expected a list of wires, found an object with 1 field"),
        ('{"track": ["x", 1.0]}', ' (track ["x", 1.0]): expected a wire, by its name or its index, found 1.0'),
        ('{"track": ["x", true]}', ' (track ["x", true]): expected a wire, by its name or its index, found true'),
        ('{"track": ["x", null]}', ' (track ["x", null]): expected a wire, by its name or its index, found null'),
        ('{"track": [["x"]]}', ' (track a list of 1): expected a wire, by its name or its index, found ["x"]'),
        ('{"track": ["x"], "degree": 1.0}', ' (track ["x"]): expected a whole number, found 1.0'),
        ('{"track": ["x"], "degree": null}', ' (track ["x"]): expected a whole number, found null'),
        ('{"track": ["x"], "degree": true}', ' (track ["x"]): expected a whole number, found true'),
        ('{"assert": ["x"], "grade": "proved"}', ' (assert ["x"]): expected a field "value", found none'),
        ('{"assert": ["x"], "value": 1}', ' (assert ["x"]): expected a field "grade", found none'),
        ('{"assert": ["x"], "value": "1", "grade": "proved"}', ' (assert ["x"]): expected a finite number, found "1"'),
        ('{"assert": ["x"], "value": true, "grade": "proved"}', ' (assert ["x"]): expected a finite number, found true'),
        ('{"assert": ["x"], "value": 1e999, "grade": "proved"}', ' (assert ["x"]): expected a finite number, found Infinity'),
        ('{"assert": ["x"], "value": -1e999, "grade": "proved"}', ' (assert ["x"]): expected a finite number, found -Infinity'),
        ('{"assert": ["x"], "value": 1' + "0" * 400 + ', "grade": "proved"}', "expected a finite number, found an integer of 1329 bits"),
        ('{"assert": ["x"], "value": 1, "grade": "sure"}', 'expected one of the grades proved, enumerated, measured, found "sure"'),
        ('{"assert": ["x"], "value": 1, "grade": ["proved"]}', 'expected one of the grades proved, enumerated, measured, found ["proved"]'),
        ('{"assert": ["x"], "value": 1, "grade": "measured", "n": 5}', ' (assert ["x"]): expected a field "stderr", found none'),
        ('{"assert": ["x"], "value": 1, "grade": "measured", "stderr": 5}', ' (assert ["x"]): expected a field "n", found none'),
        (
            '{"assert": ["x"], "value": 1, "grade": "proved", "n": 5}',
            ' (assert ["x"]): expected no fields but assert, value, grade, found "n"',
        ),
        ('{"assert": ["x"], "value": 1, "grade": "measured", "n": 5.0, "stderr": 1}', "expected a whole number, found 5.0"),
        ('{"assert": ["x"], "value": 1, "grade": "measured", "n": 5, "stderr": null}', "expected a finite number, found null"),
        ('{"lemma": "x"}', ' (lemma "x"): expected a field "equals", found none'),
        ('{"lemma": "x", "equals": 1, "same_as": "d"}', ' (lemma "x"): expected no fields but lemma, equals, found "same_as"'),
        ('{"lemma": "x", "equals": "d"}', ' (lemma "x"): expected a finite number, found "d"'),
        ('{"lemma": "x", "same_as": 1.5}', ' (lemma "x"): expected a wire, by its name or its index, found 1.5'),
        ('{"lemma": ["x"], "equals": 1}', ' (lemma ["x"]): expected a wire, by its name or its index, found ["x"]'),
        ('{"point": [1]}', ' (point): expected a field "outputs", found none'),
        ('{"point": 1, "outputs": {"o": 1}}', " (point): expected a list of numbers, found 1"),
        ('{"point": ["1"], "outputs": {"o": 1}}', ' (point): expected a finite number, found "1"'),
        ('{"point": [1], "outputs": [1]}', " (point): expected an object from output name to number, found [1]"),
        ('{"point": [1], "outputs": {"o": false}}', " (point): expected a finite number, found false"),
        ('{"point": [1], "outputs": {"0": "1"}}', ' (point): expected a finite number, found "1"'),
        ('{"point": [1], "outputs": {"o": 1}, "weight": 1}', ' (point): expected no fields but point, outputs, found "weight"'),
        ('{"cases": "d", "0": []}', ' (cases "d"): expected a field "1", found none'),
        ('{"cases": "d", "0": [], "1": [], "2": []}', ' (cases "d"): expected no fields but cases, 0, 1, found "2"'),
        ('{"cases": "d", "0": {}, "1": []}', ' (cases "d"), case 0: expected a list of claims, found an object with 0 fields'),
        ('{"cases": "d", "0": [], "1": [3]}', ' (cases "d"), case 1, claim 1: expected a claim, as an object, found 3'),
        (
            '{"cases": "d", "0": [], "1": [{"track": ["x"]}, {"cases": 2, "0": [{"lemma": 4}], "1": []}]}',
            ' (cases "d"), case 1, claim 2 (cases 2), case 0, claim 1 (lemma 4): expected a field "equals", found none',
        ),
        (
            '{"cases": "d", "0": [{"point": [1], "outputs": {"o": 1}}], "1": []}',
            ' (cases "d"), case 0, claim 1 (point): expected one of the keys track, assert, lemma, cases, found point',
        ),
        (
            '{"cases": "d", "0": [{"transcript": []}], "1": []}',
            ' (cases "d"), case 0, claim 1 (transcript): expected one of the keys track, assert, lemma, cases, found transcript',
        ),
        ('{"transcript": {}}', " (transcript): expected a list of claims, found an object with 0 fields"),
        ('{"transcript": [], "n": 1}', ' (transcript): expected no fields but transcript, found "n"'),
        (
            '{"transcript": [{"track": ["x"]}, {"transcript": []}]}',
            " (transcript), claim 2 (transcript): expected one of the keys track, assert, lemma, cases, point, found transcript",
        ),
    ],
)
def test_a_claim_that_is_not_written_right_is_named(entry, message):
    with pytest.raises(hr.FormatError) as caught:
        loads(document(f'{{"track": [0]}},\n{entry}'), C, "a.json")
    assert str(caught.value).startswith("a.json, line 6, claim 2")
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('{"track": []}', " (track []): Track(): a term holds 1 to 12 wires, got 0"),
        ('{"track": ["x", "y"]}', ' (track ["x", "y"]): circuit \'demo\' has no wire named "y"'),
        ('{"track": ["x", 99]}', f" (track [\"x\", 99]): circuit 'demo' has wires 0 to {len(C) - 1}, not 99"),
        ('{"track": [-1]}', f" (track [-1]): circuit 'demo' has wires 0 to {len(C) - 1}, not -1"),
        ('{"track": [1' + "0" * 300 + "]}", "not an integer of 997 bits"),
        ('{"track": ["x", "x"], "degree": 1}', ' (track ["x", "x"]): Track(0, 0): a reductant is of distinct wires'),
        ('{"track": ["x"], "degree": 5}', ' (track ["x"]): Track(0): the degree must be an integer from 1 to 4, got 5'),
        (f'{{"track": [{", ".join([X] * 13)}]}}', "a term holds 1 to 12 wires, got 13"),
        ('{"assert": ["x"], "value": 1, "grade": "measured", "n": -1, "stderr": 1}', "n must be a whole number from 0 to 2**63, got -1"),
        (
            '{"assert": ["x"], "value": 1, "grade": "measured", "n": 1, "stderr": 0}',
            "its standard error must be a positive number, got 0.0",
        ),
        ('{"lemma": "x", "same_as": "x"}', ' (lemma "x"): Lemma(0): the wire is the same on both sides'),
        ('{"lemma": 77, "equals": 1}', f" (lemma 77): circuit 'demo' has wires 0 to {len(C) - 1}, not 77"),
        ('{"point": [1], "outputs": {}}', " (point): Point: outputs must be given by name, as {name: value}, got {}"),
        ('{"cases": "f", "0": [], "1": []}', ' (cases "f"): circuit \'demo\' has no wire named "f"'),
        (
            '{"cases": "d", "0": [], "1": [{"lemma": "f", "equals": 0}]}',
            ' (cases "d"), case 1, claim 1 (lemma "f"): circuit \'demo\' has no wire named "f"',
        ),
        ('{"transcript": [{"track": ["f"]}]}', ' (transcript), claim 1 (track ["f"]): circuit \'demo\' has no wire named "f"'),
        ('{"track": ["\\ud800\\n"]}', 'has no wire named "\\ud800\\n"'),
    ],
)
def test_a_claim_that_cannot_hold_is_named(entry, message):
    with pytest.raises(hr.ArgumentError) as caught:
        loads(document(f'{{"track": [0]}},\n{entry}'), C, "a.json")
    assert str(caught.value).startswith("a.json, line 6, claim 2")
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "text, line 1, column 1: expected a value, found the end of the text"),
        ("hello", "text, line 1, column 1: expected a value, found 'hello'"),
        (document("")[:-2], "text, line 5, column 1: expected a value, found the end of the text"),
        (document('{"track": [NaN]}'), "text, line 5: expected finite numbers, found NaN"),
        (document('{"track": [-Infinity]}'), "text, line 5: expected finite numbers, found -Infinity"),
        (document('{"track": ["x"],\n"track": ["d"]}'), 'text, line 6: expected keys without repetition, found "track" again'),
        (document('{"cases": "d", "0": [' * 3000), "text, line 5: expected at most 50 brackets inside each other, found more"),
        ("[]", 'text, line 1: expected an object with "format": "heurest-argument", found []'),
        ("{}", 'text, line 1: expected "format": "heurest-argument", found none'),
        ('{\n"format": "heurest circuit"}', 'text, line 2: expected "format": "heurest-argument", found "heurest circuit"'),
        ('{\n"format": 1}', 'text, line 2: expected "format": "heurest-argument", found 1'),
        ('{"format": "heurest-argument"}', 'text, line 1: expected "version": 1, found none'),
        (document("").replace('"version": 1', '"version": 2'), 'text, line 2: expected "version": 1, found 2'),
        (document("").replace('"version": 1', '"version": true'), 'text, line 2: expected "version": 1, found true'),
        (document("").replace('"version": 1', '"version": 1.0'), 'text, line 2: expected "version": 1, found 1.0'),
        (document("").replace(f"{HEADER},", ""), 'text, line 1: expected a field "circuit", found none'),
        (document("").replace('"claims"', '"claim"'), 'text, line 1: expected a field "claims", found none'),
        (
            document("", '"author": 1,'),
            'text, line 3: expected no fields but format, version, circuit, claims, selected_from, found "author"',
        ),
        (document("", '"selected_from": -1,'), "text, line 3: expected a whole number of at least 0, found -1"),
        (document("", '"selected_from": true,'), "text, line 3: expected a whole number of at least 0, found true"),
        (document("", '"selected_from": 1.0,'), "text, line 3: expected a whole number of at least 0, found 1.0"),
        (document("").replace("[\n]", "3"), "text, line 4: expected a list of claims, found 3"),
        (document("").replace(HEADER, '"circuit": "demo"'), 'text, line 3: expected an object, found "demo"'),
        (document("").replace('"name": "demo", ', ""), 'text, line 3: expected a field "name", found none'),
        (document("").replace('"wires"', '"wire"'), 'text, line 3: expected a field "wires", found none'),
        (document("").replace('"name"', '"more": 1, "name"'), 'text, line 3: expected no fields but name, wires, digest, found "more"'),
        (document("").replace('"demo"', "3"), "text, line 3: expected a text, found 3"),
        (document("").replace(f'"{DIGEST}"', "null"), "text, line 3: expected a text, found null"),
        (document("").replace(f'"wires": {len(C)}', '"wires": 1.0'), "text, line 3: expected the number of wires, found 1.0"),
    ],
)
def test_what_is_no_argument_is_named(text, message):
    with pytest.raises(hr.FormatError) as caught:
        loads(text, C)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("old", "new"), [(DIGEST, "0" * 32), (f'"wires": {len(C)}', '"wires": 99'), (f'"wires": {len(C)}', '"wires": -1'), (DIGEST, "")]
)
def test_an_argument_about_another_circuit_is_refused_with_both_names(old, new):
    text = document("").replace(old, new).replace('"demo"', '"some other"')
    with pytest.raises(hr.ArgumentError) as caught:
        loads(text, C)
    assert str(caught.value).startswith('text, line 3: the argument is about circuit "some other" with ')
    assert f'not about circuit "demo" with {len(C)} wires, digest "{DIGEST}"' in str(caught.value)


def test_a_circuit_that_grew_is_another_one():
    grown = C.copy("grown")
    text = dumps(Argument([Track((0,))]), C)
    grown.constant(1.0)
    with pytest.raises(hr.ArgumentError, match=rf'circuit "demo" with {len(C)} wires, .* circuit "grown" with {len(C) + 1} wires'):
        loads(text, grown)
    with pytest.raises(hr.ArgumentError, match=r"is about circuit 'demo', whose wires are not those of 'grown'"):
        dumps(Argument([Track((C.wire(0),))]), grown)


def test_only_circuits_are_taken_for_circuits():
    with pytest.raises(hr.CircuitError, match=r"a circuit is needed, got 'c\.json'; heurest\.load reads one from a file"):
        loads(document(""), "c.json")
    with pytest.raises(hr.CircuitError, match="a circuit is needed, got None"):
        dumps(Argument(), None)


def test_an_unknown_kind_of_claim_is_not_written():
    class Hunch(Claim):
        wires_named = ()

    with pytest.raises(hr.ArgumentError, match=r"is no claim of heurest and cannot be written$"):
        written(Hunch(), C)


# -- fuzzing: any other text is an argument or refused -------------------------------------------------

WHOLE = dumps(
    Argument(
        [
            Track((0, 4)),
            Track((0, 1), 2),
            Assert((0, 1), -0.25, Measured(2500, 0.02)),
            Assert((2,), 0.1, "enumerated"),
            Cases(1, {0: [Track((0, 0)), Lemma(2, 0.0)], 1: [Cases(2, {1: [Assert((0, 3), 1.5)]})]}),
            Lemma.same(4, 2, C),
            Point([0.5, 0, 1, 1], {"o": 1, "p": 0.75}),
            Transcript([Track((1, 2)), Lemma(3, 1.0)]),
        ],
        selected_from=12,
    ),
    C,
)


def read(text: str) -> Argument | None:
    """What the reader returns, or None where it refuses, which must be in one line."""
    message = ""
    try:
        return loads(text, C)
    except (hr.FormatError, hr.ArgumentError) as error:
        message = str(error)
    assert message.isprintable()
    return None


@given(st.integers(0, len(WHOLE) - 3))
def test_a_truncated_file_is_refused(length):
    assert read(WHOLE[:length]) is None


@given(
    st.integers(0, len(WHOLE)), st.integers(0, 20), st.text('[]{}":,0123456789eE+-.truefalsnNI\\ux \n', max_size=8) | st.text(max_size=4)
)
def test_a_damaged_file_is_refused_or_another_argument(start, length, piece):
    argument = read(WHOLE[:start] + piece + WHOLE[start + length :])
    if argument is not None:
        assert loads(dumps(argument, C), C) == argument


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**300, 10**310)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["x", "d", "track", "measured", {"track": ["x"]}, {"cases": "d", "0": [], "1": []}, {"transcript": []}]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5) | st.sampled_from(["degree", "0", "n"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.data())
def test_a_document_with_another_value_somewhere_is_refused_or_another_argument(data):
    whole = json.loads(WHOLE)
    place = whole
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], (dict, list)) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    if data.draw(st.booleans()):
        del place[key]
    else:
        place[key] = data.draw(JSON)
    argument = read(json.dumps(whole))
    if argument is not None:
        assert loads(dumps(argument, C), C) == argument
