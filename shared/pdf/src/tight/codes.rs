//! Huffman codes of limited length, and how a block says what they are (RFC 1951 §3.2.2, §3.2.7).

/// Bits of a file, the lowest of each byte first.
#[derive(Default)]
pub(super) struct Bits {
    open: u64,
    count: u32,
}

impl Bits {
    /// Appends the lowest `count` bits of `value`, at most 32.
    pub(super) fn put(&mut self, value: u32, count: u32, out: &mut Vec<u8>) {
        self.open |= u64::from(value) << self.count;
        self.count += count;
        while self.count >= 8 {
            out.push(self.open as u8);
            self.open >>= 8;
            self.count -= 8;
        }
    }

    /// Fills the last byte up.
    pub(super) fn align(&mut self, out: &mut Vec<u8>) {
        if self.count > 0 {
            out.push(self.open as u8);
        }
        (self.open, self.count) = (0, 0);
    }
}

/// The lengths of the best code for these counts, none longer than `limit` bits; 0 for what does not occur.
///
/// Package-merge (Larmore and Hirschberg 1990): of each length, the cheapest pairs of the length below
/// compete with the symbols themselves.
pub(super) fn lengths(counts: &[u32], limit: usize) -> Vec<u8> {
    let mut lengths = vec![0; counts.len()];
    let mut symbols: Vec<(u64, usize)> = (0..)
        .zip(counts)
        .filter(|(_, count)| **count > 0)
        .map(|(symbol, count)| (u64::from(*count), symbol))
        .collect();
    symbols.sort_unstable();
    if let [(_, only)] = symbols.as_slice() {
        lengths[*only] = 1;
        return lengths;
    }
    // Which of each level's items are symbols.
    let mut levels: Vec<Vec<bool>> = Vec::with_capacity(limit);
    let mut below: Vec<u64> = Vec::new();
    for _ in 0..limit {
        let mut pairs = below
            .chunks_exact(2)
            .map(|pair| pair[0] + pair[1])
            .peekable();
        let mut alone = symbols.iter().map(|(count, _)| *count).peekable();
        let mut kinds = Vec::with_capacity(symbols.len() * 2);
        let mut level = Vec::with_capacity(symbols.len() * 2);
        loop {
            let is_symbol = match (alone.peek(), pairs.peek()) {
                (Some(symbol), Some(pair)) => symbol <= pair,
                (symbol, pair) => match (symbol.is_some(), pair.is_some()) {
                    (false, false) => break,
                    (is_symbol, _) => is_symbol,
                },
            };
            kinds.push(is_symbol);
            level.extend(if is_symbol {
                alone.next()
            } else {
                pairs.next()
            });
        }
        levels.push(kinds);
        below = level;
    }
    let mut taken = symbols.len().saturating_sub(1) * 2;
    for kinds in levels.iter().rev() {
        let kinds = &kinds[..taken.min(kinds.len())];
        let count = kinds.iter().filter(|is_symbol| **is_symbol).count();
        for (_, symbol) in &symbols[..count] {
            lengths[*symbol] += 1;
        }
        taken = (kinds.len() - count) * 2;
    }
    lengths
}

/// The codes of these lengths, their bits in the order of writing.
pub(super) fn codes(lengths: &[u8]) -> Vec<u16> {
    let mut next = [0_u32; 16];
    let mut code = 0;
    for (bits, first) in next.iter_mut().enumerate().skip(1) {
        let shorter = lengths
            .iter()
            .filter(|length| **length > 0 && usize::from(**length) + 1 == bits);
        code = (code + shorter.count() as u32) << 1;
        *first = code;
    }
    let code_of = |&length: &u8| match length {
        0 => 0,
        _ => {
            let code = next[usize::from(length)];
            next[usize::from(length)] += 1;
            (code as u16).reverse_bits() >> (16 - length)
        }
    };
    lengths.iter().map(code_of).collect()
}

/// The order in which lengths of the codes for lengths are told.
const ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// What a block says of its codes before it uses them.
pub(super) struct Head {
    literals: usize,
    distances: usize,
    /// Lengths and repetitions, with how often.
    tokens: Vec<(u8, u8)>,
    lengths: Vec<u8>,
    told: usize,
    /// Its own length in bits.
    pub(super) bits: u64,
}

impl Head {
    /// The shortest for codes of these lengths.
    pub(super) fn of(literals: &[u8], distances: &[u8]) -> Self {
        let used = |lengths: &[u8], least: usize| {
            let last = lengths.iter().rposition(|length| *length > 0);
            last.map_or(0, |last| last + 1).max(least)
        };
        let (literals_used, distances_used) = (used(literals, 257), used(distances, 1));
        let all = [&literals[..literals_used], &distances[..distances_used]].concat();
        // Repetitions may cost more than they save, each kind of its own.
        let ways = (0..8_u8).map(|kinds| Self::with(&all, kinds));
        let mut best = Self::with(&all, 7);
        for way in ways {
            if way.bits < best.bits {
                best = way;
            }
        }
        best.literals = literals_used;
        best.distances = distances_used;
        best
    }

    fn with(all: &[u8], kinds: u8) -> Self {
        let mut tokens = Vec::new();
        for run in all.chunk_by(|one, other| one == other) {
            let length = run[0];
            let mut left = run.len();
            let mut repeated = |token: u8, least: usize, most: usize, left: &mut usize| {
                while *left >= least {
                    let count = (*left).min(most);
                    tokens.push((token, (count - least) as u8));
                    *left -= count;
                }
            };
            if length == 0 {
                if kinds & 1 > 0 {
                    repeated(18, 11, 138, &mut left);
                }
                if kinds & 2 > 0 {
                    repeated(17, 3, 10, &mut left);
                }
            } else if kinds & 4 > 0 && left > 3 {
                repeated(length, 1, 1, &mut 1);
                left -= 1;
                repeated(16, 3, 6, &mut left);
            }
            tokens.extend(std::iter::repeat_n((length, 0), left));
        }
        let mut counts = [0; 19];
        for (token, _) in &tokens {
            counts[usize::from(*token)] += 1;
        }
        // Readers take no code of one symbol here.
        if counts.iter().filter(|count| **count > 0).count() < 2 {
            let unused = usize::from(counts[0] > 0);
            counts[unused] = 1;
        }
        let lengths = lengths(&counts, 7);
        let told = ORDER.iter().rposition(|token| lengths[*token] > 0);
        let told = told.map_or(4, |last| last + 1).max(4);
        let cost = |(token, _): &(u8, u8)| {
            u64::from(lengths[usize::from(*token)]) + u64::from(extra(*token))
        };
        let bits = 14 + 3 * told as u64 + tokens.iter().map(cost).sum::<u64>();
        Self {
            literals: 0,
            distances: 0,
            tokens,
            lengths,
            told,
            bits,
        }
    }

    pub(super) fn write(&self, bits: &mut Bits, out: &mut Vec<u8>) {
        bits.put(self.literals as u32 - 257, 5, out);
        bits.put(self.distances as u32 - 1, 5, out);
        bits.put(self.told as u32 - 4, 4, out);
        for token in &ORDER[..self.told] {
            bits.put(u32::from(self.lengths[*token]), 3, out);
        }
        let codes = codes(&self.lengths);
        for (token, count) in &self.tokens {
            let symbol = usize::from(*token);
            bits.put(
                u32::from(codes[symbol]),
                u32::from(self.lengths[symbol]),
                out,
            );
            bits.put(u32::from(*count), extra(*token), out);
        }
    }
}

/// Bits that follow a repetition.
fn extra(token: u8) -> u32 {
    match token {
        16 => 2,
        17 => 3,
        18 => 7,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_is_longer_than_its_limit() {
        // Counts like Fibonacci numbers make the longest codes.
        let mut counts = vec![1_u32, 1];
        for at in 2..28 {
            counts.push(counts[at - 1] + counts[at - 2]);
        }
        for limit in [5, 7, 15] {
            let lengths = lengths(&counts, limit);
            assert!(
                lengths
                    .iter()
                    .all(|length| (1..=limit).contains(&usize::from(*length)))
            );
            let full: u32 = lengths.iter().map(|length| 1 << (15 - length)).sum();
            assert_eq!(full, 1 << 15, "the code is complete");
        }
        assert_eq!(lengths(&[0, 5, 0], 7), [0, 1, 0]);
        assert_eq!(lengths(&[1, 1, 2, 4], 7), [3, 3, 2, 1]);
        assert_eq!(lengths(&[0; 30], 7), [0; 30]);
    }

    #[test]
    fn codes_of_a_length_count_up() {
        // The example of RFC 1951 §3.2.2, its bits the other way round.
        let codes = codes(&[3, 3, 3, 3, 3, 2, 4, 4]);
        let expected = [0b010, 0b110, 0b001, 0b101, 0b011, 0b00, 0b0111, 0b1111];
        assert_eq!(codes, expected);
    }
}
