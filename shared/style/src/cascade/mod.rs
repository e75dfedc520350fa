//! The cascade: which declarations win on an element, and what they compute to (CSS Cascade 5).

pub(crate) mod build;
pub(crate) mod compute;
pub(crate) mod custom;
pub(crate) mod hints;
mod kin;
pub(crate) mod layers;
mod legacy;
pub(crate) mod memory;
pub(crate) mod page;
pub(crate) mod traverse;

use crate::css::declaration::Block;
use crate::sheet::Sheet;
use std::sync::Arc;

/// Where a declaration comes from, weakest first; important ones have their own, reversed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Level {
    UserAgent,
    /// Presentational attributes (§6.1).
    Hint,
    Author,
    /// The `style` attribute.
    Inline,
    ImportantAuthor,
    ImportantInline,
    ImportantUserAgent,
}

impl Level {
    /// The level of the same origin's important declarations.
    pub(crate) fn important(self) -> Self {
        match self {
            Self::UserAgent => Self::ImportantUserAgent,
            Self::Inline => Self::ImportantInline,
            _ => Self::ImportantAuthor,
        }
    }

    /// Whether `revert` here goes back to the user agent's declarations: hints count as the author's.
    pub(crate) fn is_author(self) -> bool {
        !matches!(self, Self::UserAgent | Self::ImportantUserAgent)
    }
}

/// What orders declarations, strongest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Priority {
    pub(crate) level: Level,
    pub(crate) layer: u16,
    pub(crate) specificity: u32,
    pub(crate) order: u32,
}

/// A block that applies to an element, either its normal or its important declarations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Applicable<'a> {
    pub(crate) priority: Priority,
    pub(crate) block: &'a Block,
    pub(crate) important: bool,
}

/// A sheet in a document.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub(crate) sheet: Arc<Sheet>,
    /// The level of its normal declarations.
    pub(crate) level: Level,
    /// The document's number for each of the sheet's layers, `[0]` being none.
    pub(crate) layers: Vec<u16>,
    /// Rules of all sheets before this one.
    pub(crate) order: u32,
}

/// Adds the normal and important parts of `block` to `list`.
pub(crate) fn apply<'a>(
    list: &mut impl Extend<Applicable<'a>>,
    block: &'a Block,
    level: Level,
    layer: u16,
    specificity: u32,
    order: u32,
) {
    if block.has_normal {
        let priority = Priority {
            level,
            layer,
            specificity,
            order,
        };
        list.extend([Applicable {
            priority,
            block,
            important: false,
        }]);
    }
    if block.has_important {
        // Importance reverses layers: the first wins (§6.4.4).
        let priority = Priority {
            level: level.important(),
            layer: u16::MAX - layer,
            specificity,
            order,
        };
        list.extend([Applicable {
            priority,
            block,
            important: true,
        }]);
    }
}
