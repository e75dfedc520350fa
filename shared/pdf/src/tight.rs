//! zlib streams that are as small as can be made in reasonable time: some 5 MB of what documents hold a second,
//! and down to 1 MB where short matches are everywhere and long ones nowhere, as in noise of two letters.
//!
//! Where zlib takes the longest match, or the one behind it, this looks for the cheapest way through the data:
//! each step, a byte or a match of any length, costs the bits that its code has, and codes follow from the
//! steps of the round before. The data is cut into blocks where other codes become cheaper.
//!
//! All costs are integers, so that the same data becomes the same bytes on every processor.

mod codes;
mod matches;

use codes::{Bits, Head, codes, lengths};
use matches::{Finder, LONGEST, Match, SHORTEST};

/// Data that is looked at as a whole. A block of it that is stored as it is fits one length (RFC 1951 §3.2.4).
const SEGMENT: usize = 65_535;
/// Behind a match of this length, the next is looked for at its end.
const LONG: u16 = 160;
/// Rounds over a segment, and then over each of its blocks at most.
const ROUNDS: usize = 2;
const BLOCK_ROUNDS: usize = 5;
/// Places of a segment where blocks may begin.
const MOST_CUTS: usize = 48;
/// Steps between two such places at least.
const LEAST_STEPS: usize = 64;
/// Costs count fractions of bits.
const BIT: u32 = 64;
/// Steps of a code for bytes and lengths, that at the end of a block among them, and for distances.
const LITERALS: usize = 286;
const DISTANCES: usize = 30;
const END: usize = 256;
/// Bits of the longest code.
const LIMIT: usize = 15;

/// Makes zlib streams; what it needs for that, a megabyte, is allocated once.
pub(crate) struct Packer {
    finder: Finder,
    /// What has been there before, for each position of the segment behind `starts`.
    matches: Vec<Match>,
    starts: Vec<u32>,
    /// The cost from each position of a block to its end, and the first step on that way.
    costs: Vec<u32>,
    steps: Vec<Match>,
    logarithms: Vec<u32>,
}

/// A byte, as a step.
const BYTE: Match = Match {
    length: 1,
    distance: 0,
};

impl Packer {
    pub(crate) fn new() -> Self {
        Self {
            finder: Finder::new(),
            matches: Vec::new(),
            starts: Vec::new(),
            costs: Vec::new(),
            steps: Vec::new(),
            logarithms: (0..4096).map(logarithm).collect(),
        }
    }

    /// Appends the zlib stream of `data` to `out`.
    pub(crate) fn pack(&mut self, data: &[u8], out: &mut Vec<u8>) {
        // A window of 32 KB, compressed slowly (RFC 1950 §2.2).
        out.extend_from_slice(&[0x78, 0xda]);
        self.finder.clear();
        let mut bits = Bits::default();
        let mut start = 0;
        loop {
            let end = data.len().min(start + SEGMENT);
            self.pack_segment(data, start..end, &mut bits, out);
            start = end;
            if end == data.len() {
                break;
            }
        }
        bits.align(out);
        out.extend_from_slice(&adler32(data).to_be_bytes());
    }

    fn pack_segment(
        &mut self,
        data: &[u8],
        segment: std::ops::Range<usize>,
        bits: &mut Bits,
        out: &mut Vec<u8>,
    ) {
        self.find(data, segment.clone());
        let base = segment.start;
        let mut costs = Costs::first();
        let mut steps = Vec::new();
        for _ in 0..ROUNDS {
            steps = self.way(data, segment.clone(), base, &costs);
            costs = self.costs_of(&Counts::of(&data[segment.clone()], &steps));
        }
        let blocks = self.cut(&data[segment.clone()], &steps);
        let mut start = segment.start;
        let mut first_step = 0;
        for (index, (step, end)) in blocks.iter().enumerate() {
            let end = base + end;
            let plain = &data[start..end];
            let mut best = Block::of(plain, steps[first_step..*step].to_vec());
            let mut counts = Counts::of(plain, &best.steps);
            for _ in 0..BLOCK_ROUNDS {
                let costs = self.costs_of(&counts);
                let steps = self.way(data, start..end, base, &costs);
                counts = Counts::of(plain, &steps);
                let next = Block::of(plain, steps);
                let gain = best.bits.saturating_sub(next.bits);
                if gain > 0 {
                    best = next;
                }
                if gain < 4 {
                    break;
                }
            }
            let is_last = index + 1 == blocks.len() && segment.end == data.len();
            best.write(plain, is_last, bits, out);
            (start, first_step) = (end, *step);
        }
    }

    /// Finds what has been there before each position of a segment.
    fn find(&mut self, data: &[u8], segment: std::ops::Range<usize>) {
        self.matches.clear();
        self.starts.clear();
        let mut skipped = 0;
        for at in segment.clone() {
            self.starts.push(self.matches.len() as u32);
            if skipped > 0 {
                skipped -= 1;
                self.finder.find(data, at, segment.end, |_| {});
                continue;
            }
            let matches = &mut self.matches;
            let before = matches.len();
            self.finder
                .find(data, at, segment.end, |one| matches.push(one));
            if let Some(last) = matches[before..].last()
                && last.length >= LONG
            {
                skipped = last.length - 1;
            }
        }
        self.starts.push(self.matches.len() as u32);
    }

    /// The cheapest steps through a block.
    fn way(
        &mut self,
        data: &[u8],
        block: std::ops::Range<usize>,
        base: usize,
        costs: &Costs,
    ) -> Vec<Match> {
        let count = block.len();
        self.costs.clear();
        self.costs.resize(count + 1, 0);
        self.steps.clear();
        self.steps.resize(count, BYTE);
        for at in (0..count).rev() {
            let position = block.start + at;
            let mut best = costs.literals[usize::from(data[position])] + self.costs[at + 1];
            let mut step = BYTE;
            let found =
                self.starts[position - base] as usize..self.starts[position - base + 1] as usize;
            let mut least = SHORTEST;
            for one in &self.matches[found] {
                let most = usize::from(one.length).min(count - at);
                if most < least {
                    break;
                }
                let distance = costs.distances[slot(one.distance).0];
                // Shorter ones with this distance are matches too.
                let behind = &self.costs[at + least..=at + most];
                for (length, (own, rest)) in
                    (least..).zip(costs.lengths[least..=most].iter().zip(behind))
                {
                    let cost = distance + own + rest;
                    if cost < best {
                        best = cost;
                        step = Match {
                            length: length as u16,
                            distance: one.distance,
                        };
                    }
                }
                least = most + 1;
            }
            self.costs[at] = best;
            self.steps[at] = step;
        }
        let mut way = Vec::new();
        let mut at = 0;
        while at < count {
            let step = self.steps[at];
            way.push(step);
            at += usize::from(step.length);
        }
        way
    }

    /// Where the steps are to be cut so that the blocks are smallest: the number of steps and of bytes before
    /// each cut, and at the end.
    fn cut(&self, plain: &[u8], steps: &[Match]) -> Vec<(usize, usize)> {
        let each = steps.len().div_ceil(MOST_CUTS).max(LEAST_STEPS);
        let mut places = vec![(0, 0)];
        let mut parts = Vec::new();
        for part in steps.chunks(each) {
            let &(step, at) = places.last().unwrap_or(&(0, 0));
            let length: usize = part.iter().map(|step| usize::from(step.length)).sum();
            parts.push(Counts::of(&plain[at..at + length], part));
            places.push((step + part.len(), at + length));
        }
        if parts.is_empty() {
            return vec![(0, 0)];
        }
        // The cost up to each place, and where its last block begins.
        let mut best = vec![(0_u64, 0_usize); places.len()];
        for end in 1..places.len() {
            let mut counts = Counts::new();
            best[end].0 = u64::MAX;
            for start in (0..end).rev() {
                counts.add(&parts[start]);
                let cost = best[start].0 + self.estimate(&counts);
                if cost < best[end].0 {
                    best[end] = (cost, start);
                }
            }
        }
        let mut cuts = Vec::new();
        let mut at = parts.len();
        while at > 0 {
            cuts.push(places[at]);
            at = best[at].1;
        }
        cuts.reverse();
        cuts
    }

    /// About what a block of these steps costs, but for the bits that come with lengths and distances, and are
    /// the same wherever it is cut.
    fn estimate(&self, counts: &Counts) -> u64 {
        let mut cost = u64::from(BIT) * 70;
        for counts in [&counts.literals[..], &counts.distances[..]] {
            let total: u32 = counts.iter().sum();
            let all = self.log(total);
            for count in counts.iter().filter(|count| **count > 0) {
                // What it takes to tell the code, too.
                cost += u64::from(*count) * u64::from(all - self.log(*count)) + u64::from(BIT) * 4;
            }
        }
        cost
    }

    fn log(&self, number: u32) -> u32 {
        match self.logarithms.get(number as usize) {
            Some(known) => *known,
            None => logarithm(number),
        }
    }

    /// What steps cost with codes for these counts.
    fn costs_of(&self, counts: &Counts) -> Costs {
        let costs = |counts: &[u32]| -> Vec<u32> {
            let all = self.log(counts.iter().sum());
            let cost = |count: &u32| match count {
                0 => all + BIT,
                count => all - self.log(*count),
            };
            counts
                .iter()
                .map(|count| cost(count).max(BIT / 2))
                .collect()
        };
        let (literals, distances) = (costs(&counts.literals), costs(&counts.distances));
        Costs::of(|symbol| literals[symbol], |slot| distances[slot])
    }
}

/// The binary logarithm, in parts of a bit.
fn logarithm(number: u32) -> u32 {
    let whole = number.max(1).ilog2();
    let mut rest = u64::from(number.max(1)) << (31 - whole);
    let mut result = whole;
    for _ in 0..BIT.ilog2() {
        rest = (rest * rest) >> 31;
        let is_over = rest >> 32;
        rest >>= is_over;
        result = result << 1 | is_over as u32;
    }
    result
}

/// What each step costs.
struct Costs {
    literals: [u32; 256],
    lengths: [u32; LONGEST + 1],
    distances: [u32; DISTANCES],
}

impl Costs {
    /// Before anything is known.
    fn first() -> Self {
        Self::of(
            |symbol| if symbol < END { BIT * 13 / 2 } else { BIT * 6 },
            |_| BIT * 9 / 2,
        )
    }

    fn of(symbols: impl Fn(usize) -> u32, slots: impl Fn(usize) -> u32) -> Self {
        let mut costs = Self {
            literals: std::array::from_fn(&symbols),
            lengths: [0; LONGEST + 1],
            distances: [0; DISTANCES],
        };
        for length in SHORTEST..=LONGEST {
            let (symbol, extra) = symbol(length as u16);
            costs.lengths[length] = symbols(symbol) + extra * BIT;
        }
        for (slot, cost) in costs.distances.iter_mut().enumerate() {
            *cost = slots(slot) + slot_bits(slot) * BIT;
        }
        costs
    }
}

/// The symbol for a length, and the bits that follow it (RFC 1951 §3.2.5).
fn symbol(length: u16) -> (usize, u32) {
    let above = usize::from(length) - SHORTEST;
    match above {
        0..8 => (257 + above, 0),
        255 => (285, 0),
        _ => {
            let log = above.ilog2();
            let quarter = above >> (log - 2) & 3;
            (257 + 4 * (log as usize - 1) + quarter, log - 2)
        }
    }
}

/// The symbol for a distance, and the bits that follow it.
fn slot(distance: u16) -> (usize, u32) {
    let above = usize::from(distance) - 1;
    if above < 4 {
        return (above, 0);
    }
    let log = above.ilog2();
    let half = above >> (log - 1) & 1;
    (2 * log as usize + half, log - 1)
}

fn slot_bits(slot: usize) -> u32 {
    (slot as u32 / 2).saturating_sub(1)
}

/// How often there is each symbol.
#[derive(Clone)]
struct Counts {
    literals: [u32; LITERALS],
    distances: [u32; DISTANCES],
}

impl Counts {
    fn new() -> Self {
        Self {
            literals: [0; LITERALS],
            distances: [0; DISTANCES],
        }
    }

    /// Of the steps through `plain`, and of one end.
    fn of(plain: &[u8], steps: &[Match]) -> Self {
        let mut counts = Self::new();
        let mut at = 0;
        for step in steps {
            if step.distance == 0 {
                counts.literals[usize::from(plain[at])] += 1;
            } else {
                counts.literals[symbol(step.length).0] += 1;
                counts.distances[slot(step.distance).0] += 1;
            }
            at += usize::from(step.length);
        }
        counts.literals[END] += 1;
        counts
    }

    fn add(&mut self, other: &Self) {
        for (one, other) in self.literals.iter_mut().zip(&other.literals) {
            *one += other;
        }
        for (one, other) in self.distances.iter_mut().zip(&other.distances) {
            *one += other;
        }
        self.literals[END] = 1;
    }
}

/// How a block is written.
enum Form {
    Stored,
    Fixed,
    Own(Head),
}

/// Steps with their codes.
struct Block {
    steps: Vec<Match>,
    form: Form,
    literals: Vec<u8>,
    distances: Vec<u8>,
    /// Its length.
    bits: u64,
}

impl Block {
    fn of(plain: &[u8], steps: Vec<Match>) -> Self {
        let mut counts = Counts::of(plain, &steps);
        let follow: u64 = (257..LITERALS)
            .map(|symbol| u64::from(counts.literals[symbol]) * u64::from(length_bits(symbol)))
            .chain(
                (0..DISTANCES)
                    .map(|slot| u64::from(counts.distances[slot]) * u64::from(slot_bits(slot))),
            )
            .sum();
        let body = |counts: &Counts, literals: &[u8], distances: &[u8]| -> u64 {
            let cost = |(count, length): (&u32, &u8)| u64::from(*count) * u64::from(*length);
            let literals = counts.literals.iter().zip(literals).map(cost);
            literals
                .chain(counts.distances.iter().zip(distances).map(cost))
                .sum::<u64>()
                + follow
        };
        let fixed = (fixed_literals(), vec![5; DISTANCES]);
        let fixed_bits = body(&counts, &fixed.0, &fixed.1);
        // Not all readers take a code of one distance.
        for slot in 0..2 {
            if counts.distances.iter().filter(|count| **count > 0).count() < 2 {
                counts.distances[slot] = counts.distances[slot].max(1);
            }
        }
        let literals = lengths(&counts.literals, LIMIT);
        let distances = lengths(&counts.distances, LIMIT);
        let head = Head::of(&literals, &distances);
        let own_bits = head.bits + body(&counts, &literals, &distances);
        // Up to the next byte, and two lengths.
        let stored_bits = 7 + 32 + 8 * plain.len() as u64;
        let bits = own_bits.min(fixed_bits).min(stored_bits);
        let (form, (literals, distances)) = if bits == stored_bits {
            (Form::Stored, fixed)
        } else if bits == fixed_bits {
            (Form::Fixed, fixed)
        } else {
            (Form::Own(head), (literals, distances))
        };
        Self {
            steps,
            form,
            literals,
            distances,
            bits,
        }
    }

    fn write(&self, plain: &[u8], is_last: bool, bits: &mut Bits, out: &mut Vec<u8>) {
        bits.put(u32::from(is_last), 1, out);
        match &self.form {
            Form::Stored => {
                bits.put(0, 2, out);
                bits.align(out);
                let length = plain.len() as u16;
                out.extend_from_slice(&length.to_le_bytes());
                out.extend_from_slice(&(!length).to_le_bytes());
                out.extend_from_slice(plain);
                return;
            }
            Form::Fixed => bits.put(1, 2, out),
            Form::Own(head) => {
                bits.put(2, 2, out);
                head.write(bits, out);
            }
        }
        let (literals, distances) = (codes(&self.literals), codes(&self.distances));
        let literal = |symbol: usize, bits: &mut Bits, out: &mut Vec<u8>| {
            let length = u32::from(self.literals[symbol]);
            bits.put(u32::from(literals[symbol]), length, out);
        };
        let mut at = 0;
        for step in &self.steps {
            if step.distance == 0 {
                literal(usize::from(plain[at]), bits, out);
            } else {
                let (symbol, follow) = symbol(step.length);
                literal(symbol, bits, out);
                let above = u32::from(step.length) - SHORTEST as u32;
                bits.put(above & ((1 << follow) - 1), follow, out);
                let (slot, follow) = slot(step.distance);
                bits.put(
                    u32::from(distances[slot]),
                    u32::from(self.distances[slot]),
                    out,
                );
                let above = u32::from(step.distance) - 1;
                bits.put(above & ((1 << follow) - 1), follow, out);
            }
            at += usize::from(step.length);
        }
        literal(END, bits, out);
    }
}

/// Bits that follow a length's symbol.
fn length_bits(symbol: usize) -> u32 {
    match symbol {
        265..285 => (symbol as u32 - 261) / 4,
        _ => 0,
    }
}

/// The code for bytes and lengths that needs not be told (RFC 1951 §3.2.6).
fn fixed_literals() -> Vec<u8> {
    let length = |symbol| match symbol {
        144..256 => 9,
        256..280 => 7,
        _ => 8,
    };
    (0..288).map(length).collect()
}

/// The sum at the end of a zlib stream (RFC 1950 §8.2).
fn adler32(data: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    let (mut one, mut two) = (1_u32, 0_u32);
    // As many as can be added before the sums become too large.
    for part in data.chunks(5552) {
        for byte in part {
            one += u32::from(*byte);
            two += one;
        }
        one %= MODULUS;
        two %= MODULUS;
    }
    two << 16 | one
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{deflate, inflate, is_whole};

    fn packed(data: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        Packer::new().pack(data, &mut out);
        assert!(is_whole(&out, usize::MAX));
        assert_eq!(inflate(&out, data.len().max(1)).unwrap_or_default(), data);
        out
    }

    /// Numbers that look like nothing.
    fn noise(count: usize) -> impl Iterator<Item = u32> {
        let mut state = 1_u32;
        (0..count).map(move |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        })
    }

    #[test]
    fn all_kinds_of_data_come_back() {
        for length in [
            0, 1, 2, 3, 4, 10, 257, 258, 259, 300, 65_534, 65_535, 65_536, 140_000,
        ] {
            let same = vec![b'a'; length];
            packed(&same);
            let bytes: Vec<u8> = noise(length).map(|number| number as u8).collect();
            assert!(packed(&bytes).len() <= length + 30);
            for kinds in 2..4 {
                let few = noise(length).map(|number| ((number >> 5) % kinds) as u8);
                packed(&few.collect::<Vec<u8>>());
            }
        }
        // What is as far as can be, and one farther.
        for gap in [32_700, 32_760, 32_768, 32_769, 33_000] {
            let mut data: Vec<u8> = noise(300).map(|number| number as u8).collect();
            data.resize(gap, 0);
            data.extend_from_within(..300);
            packed(&data);
        }
    }

    #[test]
    fn each_length_and_distance_has_its_symbol() {
        assert_eq!(symbol(3), (257, 0));
        assert_eq!(symbol(10), (264, 0));
        assert_eq!(symbol(11), (265, 1));
        assert_eq!(symbol(257), (284, 5));
        assert_eq!(symbol(258), (285, 0));
        assert_eq!((slot(1), slot(4), slot(5)), ((0, 0), (3, 0), (4, 1)));
        assert_eq!((slot(24_577), slot(32_767)), ((29, 13), (29, 13)));
        for length in 3..=258 {
            let (symbol, follow) = symbol(length);
            assert_eq!(length_bits(symbol), follow);
        }
        for distance in 1..=32_767 {
            let (slot, follow) = slot(distance);
            assert_eq!(slot_bits(slot), follow);
        }
    }

    #[test]
    fn it_is_smaller_than_zlib() {
        let objects: Vec<u8> = noise(3000)
            .zip(7_000_u32..)
            .flat_map(|(random, number)| {
                format!(
                    "<</Type/StructElem/S/TD/P {} 0 R/Pg 12 0 R/K {}>>\n",
                    number - random % 9,
                    random % 300
                )
                .into_bytes()
            })
            .collect();
        let (ours, zlib) = (packed(&objects).len(), deflate(&objects, 9).len());
        assert!(ours * 100 < zlib * 95, "{ours} instead of {zlib}");
        assert_eq!(packed(&objects), packed(&objects));
        // Two halves of other kinds have codes of their own.
        let mut halves: Vec<u8> = noise(8000)
            .map(|number| b"0123456789 "[number as usize % 11])
            .collect();
        halves.extend(noise(8000).map(|number| b"abcdefghijklmnop"[number as usize % 16]));
        // With one, each would take a bit more.
        assert!(packed(&halves).len() < 8300);
    }
}
