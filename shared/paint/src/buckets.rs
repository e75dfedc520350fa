//! Which glyphs travel together: the quantisation of font subsets.
//!
//! If each document embedded exactly the glyphs it uses, no two letters to two people would hold the
//! same font, and a volume of thousands would hold thousands. Glyphs are therefore put in buckets that
//! depend on the font alone, and a document embeds whole buckets: all of Basic Latin, all of a block
//! of 128 characters. Documents made from one template then nearly always embed the same bytes.

use crate::glyph_text::GlyphTexts;
use rustc_hash::FxHashMap;

/// The bucket of every glyph, as an index into the face's own list of buckets.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    of: Vec<u16>,
    glyphs: Vec<Vec<u16>>,
}

/// A set of a face's buckets: one bit each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct BucketSet(Vec<u64>);

/// The quantisation, in the order of its variants.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Bucket {
    /// Characters of a block of 128, by the character map.
    Block(u32),
    /// Glyphs that substitution makes of such a block: forms of one character, of two (half forms),
    /// and ligatures of more, which are rarer and larger.
    Shaped(u32, u8),
    /// East Asian characters: far too many for blocks to be worth it.
    Single(u16),
    /// Glyphs whose text is not known, 64 neighbours at a time.
    Unknown(u16),
}

impl Buckets {
    pub(crate) fn of_face(texts: &GlyphTexts) -> Self {
        let count = u16::try_from(texts.len()).unwrap_or(u16::MAX);
        let kinds: Vec<Bucket> = (0..count).map(|glyph| bucket(texts, glyph)).collect();
        let mut sorted = kinds.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let index: FxHashMap<Bucket, u16> = sorted.iter().copied().zip(0..).collect();
        let mut glyphs = vec![Vec::new(); sorted.len()];
        let mut of = Vec::with_capacity(kinds.len());
        // The kinds come first: there may be as many as numbers.
        for (kind, glyph) in kinds.into_iter().zip(0_u16..) {
            let bucket = index[&kind];
            glyphs[usize::from(bucket)].push(glyph);
            of.push(bucket);
        }
        Self { of, glyphs }
    }

    /// The bucket that a glyph is in.
    pub(crate) fn of(&self, glyph: u16) -> u16 {
        self.of.get(usize::from(glyph)).copied().unwrap_or(0)
    }

    /// All glyphs of a set, ascending, with glyph 0, which every font must have.
    pub(crate) fn glyphs(&self, set: &BucketSet) -> Vec<u16> {
        let mut glyphs = vec![0];
        for (index, members) in self.glyphs.iter().enumerate() {
            if set.has(index) {
                glyphs.extend(members);
            }
        }
        glyphs.sort_unstable();
        glyphs.dedup();
        glyphs
    }
}

impl BucketSet {
    pub(crate) fn insert(&mut self, bucket: u16) {
        let (word, bit) = (usize::from(bucket) / 64, bucket % 64);
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << bit;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn has(&self, bucket: usize) -> bool {
        self.0
            .get(bucket / 64)
            .is_some_and(|word| word >> (bucket % 64) & 1 == 1)
    }

    /// The bits, for a hash that is the same in every process.
    pub(crate) fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.iter().flat_map(|word| word.to_le_bytes())
    }
}

fn bucket(texts: &GlyphTexts, glyph: u16) -> Bucket {
    let text = texts.text(glyph);
    let Some(first) = text.chars().next() else {
        return Bucket::Unknown(glyph / 64);
    };
    let block = u32::from(first) / 128;
    let is_east_asian = matches!(
        u32::from(first),
        0x1100..=0x11ff | 0x2e80..=0xa4cf | 0xa960..=0xa97f | 0xac00..=0xd7ff | 0xf900..=0xfaff
            | 0xfe30..=0xfe4f | 0xff00..=0xffef | 0x1b000..=0x1b2ff | 0x20000..=0x3ffff
    );
    if is_east_asian {
        Bucket::Single(glyph)
    } else if texts.is_mapped(glyph) {
        Bucket::Block(block)
    } else {
        let characters = text.chars().take(3).count();
        Bucket::Shaped(block, u8::try_from(characters).unwrap_or(3))
    }
}
