"""Evaluation of programs on many points at once, the points of enumerations, and stable moments of what comes out."""

from numba import njit

from heurest.opcodes import AFFINE, LOAD, MULTIPLY

_RUN = 64  # numbers that are summed plainly before their sum enters a compensated one


@njit(cache=True, nogil=True)
def evaluate(program, start, stop, inputs, load_row, offset, count, slots, place, watch, observed):
    """Run instructions ``start`` to ``stop`` on ``count`` points.

    Slot s is row ``place[s]`` of ``slots``, and the last entry of ``place`` is a spare row. Every result is written to
    the spare row, which then changes places with the slot's old row: no row is read and written by one loop, so that
    all loops vectorise although a gate may reuse the slot of its operand. Input number j is row ``load_row[j]`` of
    ``inputs``, points ``offset`` to ``offset + count``. Value v is copied to row ``watch[v]`` of ``observed`` unless
    that is -1.
    """
    spare = place.size - 1
    for k in range(start, stop):
        op = program.op[k]
        row = place[spare]
        if op == LOAD:
            source = load_row[program.left[k]]
            for i in range(count):
                slots[row, i] = inputs[source, offset + i]
        elif op == AFFINE:
            shift = program.left_shift[k]
            for i in range(count):
                slots[row, i] = shift
            for t in range(program.left[k], program.right[k]):
                x, scale = place[program.term_slot[t]], program.term_scale[t]
                for i in range(count):
                    slots[row, i] += scale * slots[x, i]
        else:
            x, y = place[program.left[k]], place[program.right[k]]
            a, b = program.left_scale[k], program.left_shift[k]
            c, d = program.right_scale[k], program.right_shift[k]
            if op != MULTIPLY:
                shift = b + d
                for i in range(count):
                    slots[row, i] = a * slots[x, i] + c * slots[y, i] + shift
            elif a == 1.0 and b == 0.0 and c == 1.0 and d == 0.0:
                for i in range(count):
                    slots[row, i] = slots[x, i] * slots[y, i]
            else:
                for i in range(count):
                    slots[row, i] = (a * slots[x, i] + b) * (c * slots[y, i] + d)
        dest = program.dest[k]
        place[spare] = place[dest]
        place[dest] = row
        seen = watch[program.value[k]]
        if seen >= 0:
            for i in range(count):
                observed[seen, i] = slots[row, i]


@njit(cache=True, nogil=True)
def accumulate(observed, count, before, mean, squares):
    """Bring ``count`` more samples of each row into its mean and its sum of squared deviations from it.

    Two passes about a sample within the batch, then the merge of Chan, Golub and LeVeque (1979): no cancellation
    however far the mean is from zero. ``before`` samples are in the moments already.
    """
    whole = count - count % 4
    total = before + count
    for r in range(observed.shape[0]):
        origin = observed[r, 0]
        s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
        for i in range(0, whole, 4):
            s0 += observed[r, i] - origin
            s1 += observed[r, i + 1] - origin
            s2 += observed[r, i + 2] - origin
            s3 += observed[r, i + 3] - origin
        for i in range(whole, count):
            s0 += observed[r, i] - origin
        center = origin + ((s0 + s1) + (s2 + s3)) / count
        s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
        for i in range(0, whole, 4):
            s0 += (observed[r, i] - center) * (observed[r, i] - center)
            s1 += (observed[r, i + 1] - center) * (observed[r, i + 1] - center)
            s2 += (observed[r, i + 2] - center) * (observed[r, i + 2] - center)
            s3 += (observed[r, i + 3] - center) * (observed[r, i + 3] - center)
        for i in range(whole, count):
            s0 += (observed[r, i] - center) * (observed[r, i] - center)
        spread = (s0 + s1) + (s2 + s3)
        if before == 0:
            mean[r], squares[r] = center, spread
        else:
            step = center - mean[r]
            mean[r] += step * (count / total)
            squares[r] += spread + step * step * (before * (count / total))


@njit(cache=True, nogil=True)
def accumulate_weighted(observed, count, weights, before, mean, squares, total, lost):
    """As `accumulate` for points with weights; returns the weight so far, ``before`` and this batch together.

    ``total + lost`` is the sum of weight times value, compensated (Neumaier 1974); ``mean`` is only where the squared
    deviations are centred.
    """
    weight = 0.0
    for start in range(0, count, _RUN):
        part = 0.0
        for i in range(start, min(start + _RUN, count)):
            part += weights[i]
        weight += part
    if weight == 0.0:  # too improbable for a float
        return before
    after = before + weight
    for r in range(observed.shape[0]):
        batch = 0.0
        for start in range(0, count, _RUN):
            part = 0.0
            for i in range(start, min(start + _RUN, count)):
                part += weights[i] * observed[r, i]
            batch += part
            new = total[r] + part
            if abs(total[r]) >= abs(part):
                lost[r] += (total[r] - new) + part
            else:
                lost[r] += (part - new) + total[r]
            total[r] = new
        center = batch / weight
        spread = 0.0
        for start in range(0, count, _RUN):
            part = 0.0
            for i in range(start, min(start + _RUN, count)):
                part += weights[i] * ((observed[r, i] - center) * (observed[r, i] - center))
            spread += part
        if before == 0.0:
            mean[r], squares[r] = center, spread
        else:
            step = center - mean[r]
            mean[r] += step * (weight / after)
            squares[r] += spread + step * step * (before * (weight / after))
    return after


@njit(cache=True, nogil=True)
def fill_points(first, count, radix, stride, start, probs, row_start, row_value, values, choice, inputs, weights):
    """Points ``first`` to ``first + count`` of a product of finite rules, and their weights.

    Digit d of a point's number, ``number // stride[d] % radix[d]``, chooses a point of rule d: its probability is
    ``probs[start[d] + digit]``, and row r of ``inputs``, for r from ``row_start[d]`` to ``row_start[d + 1]``, gets
    ``values[row_value[r] + digit]``. Runs of equal digits are filled without dividing again.
    """
    scale = 1.0
    for d in range(radix.size):
        if first // stride[d] == (first + count - 1) // stride[d]:
            scale *= probs[start[d] + (first // stride[d]) % radix[d]]
    for i in range(count):
        weights[i] = scale
    for d in range(radix.size):
        digit = (first // stride[d]) % radix[d]
        begin = 0
        end = min(count, stride[d] - first % stride[d])
        if end == count:  # one value in the whole batch, already in the scale
            for r in range(row_start[d], row_start[d + 1]):
                value = values[row_value[r] + digit]
                for i in range(count):
                    inputs[r, i] = value
            continue
        while begin < count:
            for i in range(begin, end):
                choice[i] = digit
            digit = digit + 1 if digit + 1 < radix[d] else 0
            begin = end
            end = min(count, end + stride[d])
        for i in range(count):
            weights[i] *= probs[start[d] + choice[i]]
        for r in range(row_start[d], row_start[d + 1]):
            for i in range(count):
                inputs[r, i] = values[row_value[r] + choice[i]]
