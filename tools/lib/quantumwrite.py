# SPDX-License-Identifier: Apache-2.0
"""Packs folders of cabinets in Quantum, from Matthew Russotto's description of it. Plain and slow; checked with cabextract.

    pack(data, window)  -> blocks of 32 KiB each
"""
FRAME = 32768


class Model:
    def __init__(self, n):
        self.symbols, self.counts, self.turns = list(range(n)), [1] * n, 4

    def interval(self, symbol):
        """Where it stands; what stands behind it; what stands behind it and itself; all."""
        at = self.symbols.index(symbol)
        behind = sum(self.counts[at + 1:])
        return at, behind, behind + self.counts[at], sum(self.counts)

    def learn(self, at):
        self.counts[at] += 8
        if sum(self.counts) <= 3800:
            return
        self.turns -= 1
        n = len(self.counts)
        if self.turns:
            total, behind = 0, 0
            sums = [sum(self.counts[i:]) for i in range(n)]
            for i in reversed(range(n)):
                total = max(sums[i] // 2, behind + 1)
                self.counts[i], behind = total - behind, total
            return
        self.turns = 50
        counts, symbols = [(c + 1) // 2 for c in self.counts], self.symbols
        for i in range(n - 1):
            for j in range(i + 1, n):
                if counts[i] < counts[j]:
                    counts[i], counts[j] = counts[j], counts[i]
                    symbols[i], symbols[j] = symbols[j], symbols[i]
        self.counts = counts


class Coder:
    """Bits that are told later, bit-plus-follow; and plain bits, which a reader takes sixteen bits behind its code."""
    def __init__(self):
        self.low, self.high, self.follow, self.code, self.plain = 0, 0xffff, 0, [], []

    def shifts(self):
        return len(self.code) + self.follow

    def tell(self, bit):
        self.code += [bit] + [1 - bit] * self.follow
        self.follow = 0

    def put(self, model, symbol):
        at, behind, through, total = model.interval(symbol)
        wide = self.high - self.low + 1
        self.high = self.low + through * wide // total - 1
        self.low += behind * wide // total
        model.learn(at)
        while True:
            if not (self.low ^ self.high) & 0x8000:
                self.tell(self.low >> 15)
            elif self.low & 0x4000 and not self.high & 0x4000:
                self.follow += 1
                self.low &= 0x3fff
                self.high |= 0x4000
            else:
                return
            self.low, self.high = self.low << 1 & 0xffff, (self.high << 1 | 1) & 0xffff

    def put_plain(self, value, n):
        self.plain.append((self.shifts() + 16, [value >> i & 1 for i in range(n - 1, -1, -1)]))

    def close(self):
        self.tell(self.high >> 15)
        self.code += [self.high >> i & 1 for i in range(14, -1, -1)]
        out, done = [], 0
        for at, bits in self.plain:
            out += self.code[done:at] + bits
            done = at
        out += self.code[done:]
        out += [0] * (-len(out) % 8)
        return bytes(sum(bit << 7 - k for k, bit in enumerate(out[i:i + 8])) for i in range(0, len(out), 8))


def slot_of(v):
    """Slot, extra bits, their number, for a distance less one."""
    if v < 4:
        return v, 0, 0
    extra = v.bit_length() - 2
    return 2 * extra + 2 + (v >> extra & 1), v & (1 << extra) - 1, extra


def length_slot(v):
    """For a length less five, at most 254."""
    if v < 6:
        return v, 0, 0
    if v == 254:
        return 26, 0, 0
    extra = (v + 2).bit_length() - 3
    return 4 * extra + 2 + (v + 2 >> extra & 3), v + 2 & (1 << extra) - 1, extra


def pack(data, window=15, over=False):
    """`over`: a repeat may run over the end of its block."""
    kind, length = Model(7), Model(27)
    quarters = [Model(64) for _ in range(4)]
    places = [Model(min(n, 2 * window)) for n in (24, 36, 42)]
    blocks, seen, at = [], {}, 0
    for begin in range(0, len(data), FRAME):
        coder, end = Coder(), min(begin + FRAME, len(data))
        while at < end:
            last, most = seen.get(data[at:at + 3], -1), min(259, (len(data) if over else end) - at)
            n, far = 0, at - last
            if 0 <= last and far <= 1 << window:
                while n < most and data[last + n] == data[at + n]:
                    n += 1
            slot, extra, bits = slot_of(far - 1)
            if n == 3 and slot >= 24 or n == 4 and slot >= 36:
                n = 0
            if n < 3:
                coder.put(kind, data[at] >> 6)
                coder.put(quarters[data[at] >> 6], data[at] & 63)
                n = 1
            else:
                which = min(n, 5) - 3
                coder.put(kind, 4 + which)
                if which == 2:
                    s, e, b = length_slot(n - 5)
                    coder.put(length, s)
                    coder.put_plain(e, b)
                coder.put(places[which], slot)
                coder.put_plain(extra, bits)
            for i in range(at, at + n):
                seen[data[i:i + 3]] = i
            at += n
        blocks.append(coder.close())
    return blocks
