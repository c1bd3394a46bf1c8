# SPDX-License-Identifier: Apache-2.0
"""What the writers of packed samples share: LZ77 tokens, prefix codes told by their lengths, bits."""
import heapq


class Bits:
    """Highest bit of each byte first."""

    def __init__(self):
        self.text = []

    def put(self, value, n):
        if n:
            self.text.append(format(value, f'0{n}b'))

    def __len__(self):
        return sum(map(len, self.text))

    def bytes(self):
        text = ''.join(self.text)
        text += '0' * (-len(text) % 8)
        return bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))


def tokens(data, window, shortest=3, longest=256, start=0):
    """Literals as numbers, repeats as (distance, length) for data[start:]; greedy."""
    seen, out, at = {}, [], start
    for k in range(start):
        seen.setdefault(data[k:k + shortest], []).append(k)
    while at < len(data):
        best = (0, 0)
        for before in reversed(seen.get(data[at:at + shortest], [])[-16:]):
            if at - before > window:
                break
            n = shortest
            while n < longest and at + n < len(data) and data[before + n] == data[at + n]:
                n += 1
            if n > best[1]:
                best = (at - before, n)
        n = best[1] if best[1] >= shortest and at + shortest <= len(data) else 1
        out.append(best if n > 1 else data[at])
        for k in range(at, at + n):
            seen.setdefault(data[k:k + shortest], []).append(k)
        at += n
    return out


def lengths(used, n, longest=15):
    """Code lengths of n symbols for a list of those used; at least two have one, as whole codes need."""
    count = [0] * n
    for symbol in used:
        count[symbol] += 1
    for spare in range(n):
        if sum(c > 0 for c in count) >= 2:
            break
        count[spare] = count[spare] or 1
    while True:
        heap = [(c, i, (i,)) for i, c in enumerate(count) if c]
        heapq.heapify(heap)
        out = [0] * n
        while len(heap) > 1:
            a, b = heapq.heappop(heap), heapq.heappop(heap)
            for symbol in a[2] + b[2]:
                out[symbol] += 1
            heapq.heappush(heap, (a[0] + b[0], min(a[1], b[1]), a[2] + b[2]))
        if max(out) <= longest:
            return out
        count = [c and (c + 1) // 2 for c in count]


def codes(length):
    """Canonical: shorter first, equal ones in the order of their symbols. (code, length) by symbol."""
    out, code, before = {}, 0, 0
    for n, symbol in sorted((n, s) for s, n in enumerate(length) if n):
        code <<= n - before
        out[symbol] = (code, n)
        code, before = code + 1, n
    return out
