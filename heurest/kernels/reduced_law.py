r"""Reduced laws: Gauss rules of laws on finitely many points, signed ones included, by their three-term recurrence.

The orthonormal polynomials of a law obey ``b[k+1] p[k+1](x) = (x - a[k]) p[k](x) - b[k] p[k-1](x)``, with ``x`` in units of
the standard deviation about the mean. The points of its Gauss rule are the eigenvalues of the tridiagonal matrix of
``a`` and ``b`` (Golub and Welsch 1969).
"""

import numpy as np
from numba import njit

_LEAST = 1e-10  # of a norm with the weights' signs off: below it the law is not positive
_ROUNDING = 1e-15
_LEFT_OF_ROUNDING = 1e-12  # of a norm before cancellation: below it the remaining points weigh nothing


@njit(cache=True)
def gauss_points(a, b, size, points):
    """Eigenvalues of a small tridiagonal matrix in increasing order, by implicit QL steps.

    ``a[:size]`` is the diagonal, ``b[1:size]`` the off-diagonal.
    """
    off = np.zeros(size)
    for i in range(size):
        points[i] = a[i]
        if i + 1 < size:
            off[i] = b[i + 1]
    for low in range(size):
        for _ in range(60):
            high = low
            while high + 1 < size and abs(off[high]) > 1e-16 * (abs(points[high]) + abs(points[high + 1])):
                high += 1
            if high == low:
                break
            g = (points[low + 1] - points[low]) / (2.0 * off[low])
            r = np.hypot(g, 1.0)
            g = points[high] - points[low] + off[low] / (g + (r if g >= 0.0 else -r))
            s, c, shift = 1.0, 1.0, 0.0
            i = high - 1
            while i >= low:
                f, back = s * off[i], c * off[i]
                r = np.hypot(f, g)
                off[i + 1] = r
                if r == 0.0:
                    points[i + 1] -= shift
                    off[high] = 0.0
                    break
                s, c = f / r, g / r
                g = points[i + 1] - shift
                r = (points[i] - g) * s + 2.0 * c * back
                shift = s * r
                points[i + 1] = g + shift
                g = c * r - back
                i -= 1
            if i < low:
                points[low] -= shift
                off[low] = g
                off[high] = 0.0
    for i in range(1, size):  # a handful: sorting by insertion
        x = points[i]
        j = i - 1
        while j >= 0 and points[j] > x:
            points[j + 1] = points[j]
            j -= 1
        points[j + 1] = x


@njit(cache=True)
def recurrence(values, weights, most, a, b):
    """Recurrence of a law on ``values``, about its mean; ``weights`` sum to 1 and may be negative.

    ``a[k]`` and ``b[k]`` are filled while the norms stay positive. Returns the mean and how many ``a`` there are, at most ``most``.
    """
    count = values.size
    mean, spread = 0.0, 0.0
    for i in range(count):
        mean += weights[i] * values[i]
    for i in range(count):
        spread = max(spread, abs(values[i] - mean))
    if spread == 0.0:
        a[0] = 0.0
        return mean, 1
    before, now = np.zeros(count), np.ones(count)
    norm = 1.0
    for k in range(most):
        centre = 0.0
        for i in range(count):
            centre += weights[i] * (values[i] - mean) * now[i] * now[i]
        a[k] = centre
        if k + 1 == most:
            return mean, most
        norm, size, terms = 0.0, 0.0, 0.0
        for i in range(count):
            here = (values[i] - mean - centre) * now[i]
            there = b[k] * before[i] if k else 0.0
            after = here - there
            before[i], now[i] = now[i], after
            norm += weights[i] * after * after
            size += abs(weights[i]) * after * after
            terms += abs(weights[i]) * (here * here + there * there)
        if not norm > _LEAST * size or not norm > (_LEFT_OF_ROUNDING * terms if k else (_ROUNDING * spread) ** 2):
            return mean, k + 1
        b[k + 1] = np.sqrt(norm)
        for i in range(count):
            now[i] /= b[k + 1]
    return mean, most


@njit(cache=True)
def polynomials(x, a, b, most, out):
    """``out[k]``: the orthonormal polynomials of degree 0 to ``most`` at ``x``, in units of the recurrence."""
    out[0] = 1.0
    for k in range(most):
        value = (x - a[k]) * out[k]
        if k:
            value -= b[k] * out[k - 1]
        out[k + 1] = value / b[k + 1]


@njit(cache=True)
def gauss_rule(a, b, size, points, weights, basis):
    """The Gauss rule of a recurrence: its points, weights, and ``basis[k, p]``, polynomial k at point p.

    A weight is the inverse of the sum of the squared polynomials, which keeps the digits of tiny ones.
    """
    gauss_points(a, b, size, points)
    column = np.empty(size)
    total = 0.0
    for p in range(size):
        polynomials(points[p], a, b, size - 1, column)
        squares = 0.0
        for k in range(size):
            basis[k, p] = column[k]
            squares += column[k] * column[k]
        weights[p] = 1.0 / squares
        total += weights[p]
    for p in range(size):
        weights[p] /= total
