//! What styling one document leaves for the next with the same style sheets: documents of one template
//! compute the same few styles.

use super::Instance;
use super::custom::{Custom, Registered};
use super::hints::Hints;
use crate::ComputedStyle;
use crate::css::declaration::Block;
use fanfold_geometry::Size;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::sync::{Arc, Mutex, PoisonError};

/// Leftovers kept: of some templates, or of one for some threads.
const MOST: usize = 16;
/// A document that computes more styles than this leaves nothing.
const MOST_STYLES: usize = 1024;
/// The same of `style` attributes, and of presentational attributes.
const MOST_BLOCKS: usize = 512;

/// What decides a style, for sharing it: equal keys compute to equal styles.
///
/// Addresses stand for what is at them: [`Computed`] and the sheets and blocks of [`Leftover`] hold it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ShareKey {
    pub(super) parent: usize,
    pub(super) custom: usize,
    /// Of the root element, whose box is a block and whose font size is what `rem` means.
    pub(super) root: bool,
    pub(super) blocks: SmallVec<[(usize, bool); 8]>,
}

/// A style computed before.
#[derive(Debug)]
pub(super) struct Computed {
    pub(super) style: Arc<ComputedStyle>,
    pub(super) custom: Arc<Custom>,
    #[expect(
        dead_code,
        reason = "what it was computed in, held so that no other has its address"
    )]
    pub(super) parent: (Arc<ComputedStyle>, Arc<Custom>),
}

/// The styles of a document's sheets in its viewport, and what they were computed from.
#[derive(Debug)]
pub(super) struct Leftover {
    sheets: Vec<Instance>,
    base: Arc<str>,
    viewport: Size,
    /// Lengths are measured by fonts, those of the style set.
    measured: bool,
    /// The custom properties around the root element.
    pub(super) custom: Arc<Custom>,
    pub(super) hints: Hints,
    /// Blocks of `style` attributes by their text.
    pub(super) inline: FxHashMap<Box<str>, Arc<Block>>,
    pub(super) shared: FxHashMap<ShareKey, Computed>,
}

/// Leftovers for documents to come.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<Vec<Leftover>>);

impl Leftover {
    /// Nothing yet, of a document of these sheets with this URL.
    pub(super) fn new(
        (sheets, base): (&[Instance], &Arc<str>),
        viewport: Size,
        measured: bool,
    ) -> Self {
        Self {
            sheets: sheets.to_vec(),
            base: Arc::clone(base),
            viewport,
            measured,
            custom: Arc::new(initial_custom(sheets)),
            hints: Hints::default(),
            inline: FxHashMap::default(),
            shared: FxHashMap::default(),
        }
    }
}

impl Memory {
    /// What a document of these sheets with this URL has left, or nothing yet.
    pub(super) fn take(
        &self,
        (sheets, base): (&[Instance], &Arc<str>),
        viewport: Size,
        measured: bool,
    ) -> Leftover {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let serves = |left: &Leftover| {
            left.viewport == viewport
                && left.measured == measured
                && left.base == *base
                && same_sheets(&left.sheets, sheets)
        };
        match kept.iter().rposition(serves) {
            Some(at) => kept.remove(at),
            None => Leftover::new((sheets, base), viewport, measured),
        }
    }

    /// Keeps what a document has left, unless that is much.
    pub(super) fn keep(&self, left: Leftover) {
        let small = left.shared.len() <= MOST_STYLES
            && left.inline.len() <= MOST_BLOCKS
            && left.hints.len() <= MOST_BLOCKS;
        if !small {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.remove(0);
        }
        kept.push(left);
    }
}

/// The custom properties that elements of a document with `sheets` have from the start.
pub(super) fn initial_custom(sheets: &[Instance]) -> Custom {
    let rules = sheets.iter().flat_map(|sheet| &sheet.sheet.properties);
    Custom::initial(Registered::new(rules))
}

fn same_sheets(some: &[Instance], others: &[Instance]) -> bool {
    some.len() == others.len()
        && some.iter().zip(others).all(|(one, other)| {
            Arc::ptr_eq(&one.sheet, &other.sheet)
                && one.level == other.level
                && one.layers == other.layers
                && one.order == other.order
        })
}
