r"""Reduced laws: Gauss rules of laws on finitely many points, signed ones included, by their three-term recurrence.

The orthonormal polynomials of a law obey ``b[k+1] p[k+1](x) = (x - a[k]) p[k](x) - b[k] p[k-1](x)``, with ``x`` in units of
the standard deviation about the mean. The points of its Gauss rule are the eigenvalues of the tridiagonal matrix of
``a`` and ``b`` (Golub and Welsch 1969).
"""

import numpy as np
from numba import njit

_LEAST = 1e-10  # of a norm with the weights' signs off: below it the law is not positive
_ROUNDING = 1e-15
_APART = 1e-9
_TINY = 1e-150  # a pivot that would be zero
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
    found = np.ones((most, count))
    for k in range(most):
        now = found[k]
        centre = 0.0
        for i in range(count):
            centre += weights[i] * (values[i] - mean) * now[i] * now[i]
        a[k] = centre
        if k + 1 == most:
            return mean, most
        after = found[k + 1]
        terms = 0.0
        for i in range(count):
            here = (values[i] - mean - centre) * now[i]
            there = b[k] * found[k - 1, i] if k else 0.0
            after[i] = here - there
            terms += abs(weights[i]) * (here * here + there * there)
        for j in range(k, -1, -1):  # rounding would bring outlying values in again
            share = 0.0
            for i in range(count):
                share += weights[i] * after[i] * found[j, i]
            for i in range(count):
                after[i] -= share * found[j, i]
        norm, size = 0.0, 0.0
        for i in range(count):
            norm += weights[i] * after[i] * after[i]
            size += abs(weights[i]) * after[i] * after[i]
        if not norm > _LEAST * size or not norm > (_LEFT_OF_ROUNDING * terms if k else (_ROUNDING * spread) ** 2):
            return mean, k + 1
        b[k + 1] = np.sqrt(norm)
        for i in range(count):
            after[i] /= b[k + 1]
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
def eigenvector(a, b, size, x, rows, out):
    """The eigenvector of length 1 of the tridiagonal matrix for its eigenvalue near ``x``; returns how far that is from ``x``.

    Eliminations from above and from below meet where the vector is large, so that no entry is made from a smaller one by
    cancellation (twisted factorisation; Dhillon and Parlett 2004). ``rows`` is scratch, shape ``(2, size)``.
    """
    for k in range(size):
        pivot = a[k] - x - (b[k] * b[k] / rows[0, k - 1] if k else 0.0)
        rows[0, k] = pivot if abs(pivot) > _TINY else _TINY
    least, top = np.inf, 0
    for k in range(size - 1, -1, -1):
        pivot = a[k] - x - (b[k + 1] * b[k + 1] / rows[1, k + 1] if k + 1 < size else 0.0)
        rows[1, k] = pivot if abs(pivot) > _TINY else _TINY
        rest = rows[0, k] + rows[1, k] - (a[k] - x)
        if abs(rest) < abs(least):
            least, top = rest, k
    out[top] = 1.0
    for k in range(top - 1, -1, -1):
        out[k] = -b[k + 1] * out[k + 1] / rows[0, k]
    for k in range(top + 1, size):
        out[k] = -b[k] * out[k - 1] / rows[1, k]
    squares = 0.0
    for k in range(size):
        squares += out[k] * out[k]
    for k in range(size):
        out[k] /= np.sqrt(squares)
    return least / squares if abs(least) > 4.0 * _TINY else 0.0


@njit(cache=True)
def complement(basis, count, size, out):
    """What the first ``count`` columns, of length 1 and orthogonal, leave of the axis that they cover least; returns its squared length."""
    axis, most = 0, -1.0
    for k in range(size):
        rest = 1.0
        for p in range(count):
            rest -= basis[k, p] * basis[k, p]
        if rest > most:
            axis, most = k, rest
    squares = 0.0
    for k in range(size):
        out[k] = 1.0 if k == axis else 0.0
        for p in range(count):
            out[k] -= basis[axis, p] * basis[k, p]
        squares += out[k] * out[k]
    return squares


@njit(cache=True)
def gauss_rule(a, b, size, points, weights, basis):
    """The Gauss rule of a recurrence: its points, weights, and ``basis[k, p]``, polynomial k at point p.

    The polynomials at a point are an eigenvector: their recurrence would lose it at an outlying point, where they first grow and
    then fall. A weight is the square of its first entry, to the last digits however small it is.
    """
    gauss_points(a, b, size, points)
    column, rows = np.empty(size), np.empty((2, size))
    for p in range(size):
        points[p] += eigenvector(a, b, size, points[p], rows, column)
        eigenvector(a, b, size, points[p], rows, column)
        for other in range(p):  # points that rounding does not tell apart have no eigenvectors of their own
            share = 0.0
            for k in range(size):
                share += column[k] * basis[k, other]
            if abs(share) > _APART:
                for k in range(size):
                    column[k] -= share * basis[k, other]
        squares = 0.0
        for k in range(size):
            squares += column[k] * column[k]
        if not squares > _APART:
            squares = complement(basis, p, size, column)
        for k in range(size):
            basis[k, p] = column[k] / np.sqrt(squares)
    total = 0.0
    for p in range(size):
        first = basis[0, p] if abs(basis[0, p]) > _TINY else _TINY
        weights[p] = first * first
        total += weights[p]
        for k in range(size):
            basis[k, p] /= first
    for p in range(size):
        weights[p] /= total
