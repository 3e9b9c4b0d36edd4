"""Linear algebra of matrices of a few rows."""

import numpy as np
from numba import njit

_RANK = 1e-8  # of the largest eigenvalue: below it a direction is missing


@njit(cache=True)
def pseudo_inverse(matrix, size, out):
    """Moore-Penrose inverse of a small positive semidefinite matrix, by Jacobi rotations."""
    vectors = np.zeros((size, size))
    for i in range(size):
        vectors[i, i] = 1.0
    for _ in range(30):
        rest = 0.0
        for i in range(size):
            for j in range(i):
                rest += abs(matrix[i, j])
        if rest < 1e-15:
            break
        for i in range(size):
            for j in range(i):
                if abs(matrix[i, j]) < 1e-300:
                    continue
                angle = 0.5 * np.arctan2(2.0 * matrix[i, j], matrix[j, j] - matrix[i, i])
                c, s = np.cos(angle), np.sin(angle)
                for k in range(size):
                    x, y = matrix[k, i], matrix[k, j]
                    matrix[k, i], matrix[k, j] = c * x - s * y, s * x + c * y
                for k in range(size):
                    x, y = matrix[i, k], matrix[j, k]
                    matrix[i, k], matrix[j, k] = c * x - s * y, s * x + c * y
                for k in range(size):
                    x, y = vectors[k, i], vectors[k, j]
                    vectors[k, i], vectors[k, j] = c * x - s * y, s * x + c * y
    largest = 0.0
    for i in range(size):
        largest = max(largest, matrix[i, i])
    for i in range(size):
        for j in range(size):
            total = 0.0
            for k in range(size):
                if matrix[k, k] > _RANK * largest:
                    total += vectors[i, k] * vectors[j, k] / matrix[k, k]
            out[i, j] = total


@njit(cache=True)
def largest_correlation(matrix, scale, d):
    """Largest singular value of a small matrix, its entries but the first times ``scale``."""
    if d == 1:
        return abs(matrix[0, 0])
    if d == 2:
        a, b, c, f = matrix[0, 0], matrix[0, 1] * scale, matrix[1, 0] * scale, matrix[1, 1] * scale
        return 0.5 * (np.hypot(a + f, b - c) + np.hypot(a - f, b + c))
    x = np.ones(d)
    norm = 1.0
    for _ in range(60):
        y = np.zeros(d)
        for i in range(d):
            for j in range(d):
                y[i] += matrix[i, j] * (1.0 if i == j == 0 else scale) * x[j]
        z = np.zeros(d)
        for i in range(d):
            for j in range(d):
                z[j] += matrix[i, j] * (1.0 if i == j == 0 else scale) * y[i]
        norm = 0.0
        for j in range(d):
            norm = max(norm, abs(z[j]))
        if norm == 0.0:
            return 0.0
        for j in range(d):
            x[j] = z[j] / norm
    return np.sqrt(norm)
