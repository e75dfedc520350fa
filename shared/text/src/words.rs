//! Words that were shaped before, in font units: the same words come again in every document.

use crate::plan::UnitGlyph;
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::{Hash, Hasher};
use std::mem;
use std::sync::Mutex;

/// Locks; threads rarely meet at one.
const SHARDS: usize = 64;
/// Bytes of one generation of one shard: 16 MiB for the whole cache when both are full.
const GENERATION: usize = 128 * 1024;
/// Longer words are rare and not kept.
pub(crate) const LONGEST: usize = 64;

/// Shaped words by plan and text, shared by all threads and bounded in memory.
#[derive(Debug)]
pub(crate) struct WordCache {
    shards: Box<[Mutex<Shard>]>,
}

/// Two generations: when the young one is full it becomes the old one, and what is asked for in
/// the old one moves to the young one.
#[derive(Debug, Default)]
struct Shard {
    young: FxHashMap<u64, Word>,
    old: FxHashMap<u64, Word>,
    young_bytes: usize,
}

#[derive(Debug)]
struct Word {
    plan: u64,
    text: Box<str>,
    glyphs: Box<[UnitGlyph]>,
}

impl Word {
    fn bytes(&self) -> usize {
        size_of::<Self>()
            + size_of::<u64>()
            + self.text.len()
            + size_of_val::<[UnitGlyph]>(&self.glyphs)
    }

    fn is(&self, plan: u64, text: &str) -> bool {
        self.plan == plan && *self.text == *text
    }
}

impl Default for WordCache {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
        }
    }
}

impl WordCache {
    /// Puts the glyphs of `text` into `glyphs`, which is empty; false where it is not known.
    pub(crate) fn get(&self, plan: u64, text: &str, glyphs: &mut Vec<UnitGlyph>) -> bool {
        let key = key(plan, text);
        let Ok(mut shard) = self.shard(key).lock() else {
            return false;
        };
        if let Some(word) = shard.young.get(&key) {
            if !word.is(plan, text) {
                return false;
            }
            glyphs.extend_from_slice(&word.glyphs);
            return true;
        }
        match shard.old.remove(&key) {
            Some(word) if word.is(plan, text) => {
                glyphs.extend_from_slice(&word.glyphs);
                shard.insert(key, word);
                true
            }
            _ => false,
        }
    }

    /// Remembers a word; one with the same hash is forgotten.
    pub(crate) fn insert(&self, plan: u64, text: &str, glyphs: &[UnitGlyph]) {
        let key = key(plan, text);
        if let Ok(mut shard) = self.shard(key).lock() {
            shard.insert(
                key,
                Word {
                    plan,
                    text: text.into(),
                    glyphs: glyphs.into(),
                },
            );
        }
    }

    fn shard(&self, key: u64) -> &Mutex<Shard> {
        // The high bits: the map inside the shard uses the low ones.
        &self.shards[(key >> 58) as usize % SHARDS]
    }
}

impl Shard {
    fn insert(&mut self, key: u64, word: Word) {
        if self.young_bytes + word.bytes() > GENERATION {
            self.old = mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += word.bytes();
        if let Some(replaced) = self.young.insert(key, word) {
            self.young_bytes = self.young_bytes.saturating_sub(replaced.bytes());
        }
    }
}

fn key(plan: u64, text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    plan.hash(&mut hasher);
    text.hash(&mut hasher);
    hasher.finish()
}
