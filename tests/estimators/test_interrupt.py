"""Long propagation hands back control, so that it can be watched and interrupted."""

import pytest

import heurest as hr


def chain(gates):
    c = hr.Circuit("chain")
    x = c.input("x", hr.Normal(1, 0.1), count=2)
    wire = x[0]
    for _ in range(gates):
        wire = 0.5 * (wire * x[1]) + 0.25 * x[0]
    c.output("o", wire)
    return c


@pytest.mark.parametrize("order", [2, 3, 4])
def test_portions_do_not_change_the_result(order, monkeypatch):
    from heurest.estimators import cumulant

    whole = hr.Cumulant(order).estimate(chain(30))
    monkeypatch.setattr(cumulant, "_UPDATES_AT_ONCE", 1)
    calls = []
    parts = hr.Cumulant(order).estimate(chain(30), progress=lambda done, total, what: calls.append((done, total, what)))
    assert parts.value == whole.value
    assert len(calls) > 5
    assert all(done < total and what == "gates" for done, total, what in calls)


def test_an_interrupt_ends_it(monkeypatch):
    from heurest.estimators import cumulant

    monkeypatch.setattr(cumulant, "_UPDATES_AT_ONCE", 1)

    def stop(done, total, what):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hr.estimate(chain(30), "cumulant:3", progress=stop)
