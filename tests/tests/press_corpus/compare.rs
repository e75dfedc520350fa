//! Finds each word of one drawing in another, as `oracle/printed.py` does.

use crate::read::{Drawn, Word};
use std::collections::BTreeMap;

/// How a document differs from an oracle's.
pub(crate) struct Difference {
    /// Whether pages and their sizes are the same.
    pages: bool,
    counts: (usize, usize),
    /// How far each word, of both sides, is from its place, in points; endless where it has none.
    pub(crate) apart: Vec<f32>,
    /// The first words that are elsewhere.
    examples: Vec<String>,
}

impl Difference {
    /// Whether all is in its place.
    pub(crate) fn within(&self, points: f32) -> bool {
        self.pages && self.near(points) == self.apart.len()
    }

    /// How many words are in their places.
    pub(crate) fn near(&self, points: f32) -> usize {
        self.apart.iter().filter(|apart| **apart <= points).count()
    }

    /// For who has to mend it.
    pub(crate) fn shown(&self) -> String {
        let (ours, theirs) = self.counts;
        let (near, all) = (self.near(crate::TOLERANCE), self.apart.len());
        let pages = format!("{ours} pages, not {theirs}; {near} of {all} words in place");
        format!("{pages}; {}", self.examples.join("; "))
    }
}

/// Compares what the press drew with what an oracle drew.
pub(crate) fn differences(ours: &Drawn, theirs: &Drawn) -> Difference {
    let same_size =
        |(a, b): (&(f32, f32), &(f32, f32))| (a.0 - b.0).abs() < 1.0 && (a.1 - b.1).abs() < 1.0;
    let counts = (ours.sizes.len(), theirs.sizes.len());
    let sizes = || ours.sizes.iter().zip(&theirs.sizes);
    let mut difference = Difference {
        pages: counts.0 == counts.1 && sizes().all(same_size),
        counts,
        apart: Vec::new(),
        examples: Vec::new(),
    };
    let mut left: BTreeMap<String, Vec<&Word>> = BTreeMap::new();
    // Chromium draws list markers as shapes.
    let shapes = !theirs.words.iter().any(Word::is_marker);
    for word in ours
        .words
        .iter()
        .filter(|word| !(shapes && word.is_marker()))
    {
        left.entry(word.key()).or_default().push(word);
    }
    // Those that are where they belong come first: none may be taken away by a neighbour that is not.
    let mut waiting = Vec::new();
    for word in &theirs.words {
        let candidates = left.entry(word.key()).or_default();
        match candidates.iter().position(|it| it.apart(word) <= 0.5) {
            Some(near) => difference.apart.push(candidates.remove(near).apart(word)),
            None => waiting.push(word),
        }
    }
    for word in waiting {
        let candidates = left.entry(word.key()).or_default();
        let nearest = (0..candidates.len()).min_by(|a, b| {
            let (a, b) = (candidates[*a].distance(word), candidates[*b].distance(word));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        let found = nearest.map(|at| candidates.remove(at));
        let apart = found.map_or(f32::INFINITY, |found| found.apart(word));
        difference.apart.push(apart);
        if apart > crate::TOLERANCE && difference.examples.len() < 4 {
            let found = found.map_or_else(|| "missing".to_owned(), Word::shown);
            difference
                .examples
                .push(format!("{found} should be {}", word.shown()));
        }
    }
    for word in left.into_values().flatten() {
        difference.apart.push(f32::INFINITY);
        if difference.examples.len() < 4 {
            difference
                .examples
                .push(format!("{} should not be", word.shown()));
        }
    }
    difference
}

impl Word {
    /// How far apart in points; endless on different pages.
    fn apart(&self, other: &Self) -> f32 {
        if self.page != other.page {
            return f32::INFINITY;
        }
        let (x, y) = ((self.x - other.x).abs(), (self.y - other.y).abs());
        x.max(y).max((self.end - other.end).abs())
    }

    /// Pages, then points.
    fn distance(&self, other: &Self) -> (usize, f32) {
        let points = (self.x - other.x).abs() + (self.y - other.y).abs();
        (self.page.abs_diff(other.page), points)
    }

    fn shown(&self) -> String {
        let Self {
            page,
            x,
            y,
            end,
            text,
        } = self;
        format!("{text:?} on {page} at {x:.1}–{end:.1}, {y:.1}")
    }
}
