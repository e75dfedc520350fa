//! British English by Liang's algorithm: hypher has the American patterns alone.

use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// One pattern a line, then words with their hyphens; README.md says whose.
const SOURCE: &str = include_str!("british.txt");

/// Stands for a letter that no pattern has.
const OTHER: u8 = 0xFF;

/// Letters of a pattern or word; `.` is a word's start and end.
type Letters = Box<[u8]>;

struct Patterns {
    /// The levels before each letter and after the last one, four bits each, the first one lowest.
    levels: FxHashMap<Letters, u64>,
    /// Words that the patterns would divide wrongly: the letters before each hyphen.
    words: FxHashMap<Letters, Vec<usize>>,
    /// Letters of the longest pattern.
    longest: usize,
}

/// Where `word` may be divided: so many characters before each place.
pub(super) fn divisions(word: &str) -> Vec<usize> {
    static PATTERNS: OnceLock<Patterns> = OnceLock::new();
    PATTERNS.get_or_init(Patterns::read).divisions(word)
}

impl Patterns {
    fn read() -> Self {
        let mut patterns = Self {
            levels: FxHashMap::default(),
            words: FxHashMap::default(),
            longest: 0,
        };
        for line in SOURCE.lines() {
            let mut letters = Vec::with_capacity(line.len());
            let (mut levels, mut hyphens) = (0, Vec::new());
            for byte in line.bytes() {
                match byte {
                    b'0'..=b'9' => levels |= u64::from(byte - b'0') << (4 * letters.len()),
                    b'-' => hyphens.push(letters.len()),
                    _ => letters.push(byte),
                }
            }
            if hyphens.is_empty() {
                patterns.longest = patterns.longest.max(letters.len());
                patterns.levels.insert(letters.into(), levels);
            } else {
                patterns.words.insert(letters.into(), hyphens);
            }
        }
        patterns
    }

    fn divisions(&self, word: &str) -> Vec<usize> {
        let letter = |c: char| match c.to_lowercase().next() {
            Some(c) if c.is_ascii() => c as u8,
            _ => OTHER,
        };
        let mut letters = vec![b'.'];
        letters.extend(word.chars().map(letter));
        if let Some(hyphens) = self.words.get(&letters[1..]) {
            return hyphens.clone();
        }
        letters.push(b'.');
        // Before each letter, the highest level that a pattern has there.
        let mut highest = vec![0u8; letters.len() + 1];
        for start in 0..letters.len() {
            let ends = start + 1..=letters.len().min(start + self.longest);
            for end in ends {
                let Some(levels) = self.levels.get(&letters[start..end]) else {
                    continue;
                };
                for (offset, highest) in highest[start..=end].iter_mut().enumerate() {
                    let level = (levels >> (4 * offset)) & 0xF;
                    *highest = (*highest).max(u8::try_from(level).unwrap_or_default());
                }
            }
        }
        let inside = 2..letters.len() - 1;
        inside
            .filter(|index| highest[*index] % 2 == 1)
            .map(|index| index - 1)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_divide_as_in_britain() {
        let hyphened = |word: &str| {
            let mut parts = String::new();
            let places = divisions(word);
            for (index, character) in word.chars().enumerate() {
                if places.contains(&index) {
                    parts.push('-');
                }
                parts.push(character);
            }
            parts
        };
        assert_eq!(hyphened("documentation"), "doc-u-ment-a-tion");
        assert_eq!(hyphened("Information"), "In-form-a-tion");
        assert_eq!(hyphened("however"), "how-ever");
        assert_eq!(hyphened("réception"), "ré-cep-tion");
        assert_eq!(hyphened(""), "");
    }
}
