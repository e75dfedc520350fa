//! Parsed style sheets: rules, imports, layers, fonts and pages, independent of any document.

mod color_profile;
pub(crate) mod counter_style;
mod font_face;
mod index;
mod media;
pub(crate) mod page_rule;
pub(crate) mod page_size;
mod reach;
pub(crate) mod registered;
mod rules;
mod supports;

pub(crate) use index::RuleIndex;
pub(crate) use media::attribute_holds as media_holds;
pub(crate) use page_rule::PageRule;
pub(crate) use reach::Reach;

use crate::FontFaceRule;
use crate::css::declaration::Block;
use crate::select::Selector;
use crate::styled::Pseudo;
use counter_style::CounterStyleRule;
use cssparser::SourceLocation;
use selectors::parser::{AnPlusB, AncestorHashes};
use std::sync::Arc;

/// Most problems that are kept of one sheet.
const MOST_DIAGNOSTICS: usize = 100;
/// Most style rules that one sheet may hold after nesting is unfolded.
pub(crate) const MOST_RULES: usize = 200_000;

/// A parsed style sheet.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    /// Style rules in order, one for each selector.
    pub(crate) rules: Vec<Rule>,
    /// Where to look for the rules that may match an element.
    pub(crate) index: RuleIndex,
    /// What `:nth-child()` asks for in the selectors, each once.
    pub(crate) nths: Vec<AnPlusB>,
    /// `@import` rules in order.
    pub(crate) imports: Vec<Import>,
    /// Cascade layers by full name in order of appearance; a rule's layer counts from 1.
    pub(crate) layers: Vec<Vec<Arc<str>>>,
    /// `@font-face` rules.
    pub(crate) font_faces: Vec<FontFaceRule>,
    /// `@page` rules.
    pub(crate) pages: Vec<PageRule>,
    /// There are `@page` rules, and `target-text()` is somewhere in the sheet.
    pub(crate) pages_may_name_targets: bool,
    /// The URL of the profile of `device-cmyk()`.
    pub(crate) cmyk_profile: Option<Arc<str>>,
    /// `@property` rules.
    pub(crate) properties: Vec<registered::PropertyRule>,
    /// `@counter-style` rules.
    pub(crate) counter_styles: Vec<CounterStyleRule>,
    /// What was not understood, and where in the sheet.
    pub(crate) diagnostics: Vec<(SourceLocation, String)>,
}

/// A style rule with one selector.
#[derive(Debug)]
pub(crate) struct Rule {
    /// The selector.
    pub(crate) selector: Selector,
    /// What ancestors must have for the selector to match.
    pub(crate) hashes: AncestorHashes,
    /// What its match depends on.
    pub(crate) reach: Reach,
    /// The pseudo-element it styles.
    pub(crate) pseudo: Option<Pseudo>,
    /// Its layer, 0 for none.
    pub(crate) layer: u16,
    /// What it declares.
    pub(crate) block: Arc<Block>,
}

/// An `@import` whose conditions hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Import {
    /// The sheet's URL, resolved.
    pub(crate) url: Arc<str>,
    /// The layer its rules go to, 0 for none.
    pub(crate) layer: u16,
    /// Where it is.
    pub(crate) location: SourceLocation,
}

impl Sheet {
    /// Parses `css`, whose relative URLs are joined with `base`.
    pub(crate) fn parse(css: &str, base: &str) -> Self {
        rules::parse(css, base)
    }

    fn report(&mut self, location: SourceLocation, message: String) {
        if self.diagnostics.len() < MOST_DIAGNOSTICS {
            self.diagnostics.push((location, message));
        } else if self.diagnostics.len() == MOST_DIAGNOSTICS {
            self.diagnostics.push((
                location,
                "more problems follow; they are not listed".to_owned(),
            ));
        }
    }

    /// The number of the layer called `path`, entered when new.
    fn layer(&mut self, path: &[Arc<str>]) -> u16 {
        let at = self
            .layers
            .iter()
            .position(|known| known == path)
            .unwrap_or_else(|| {
                // A parent layer is there from its first child on.
                if path.len() > 1 {
                    self.layer(&path[..path.len() - 1]);
                }
                self.layers.push(path.to_vec());
                self.layers.len() - 1
            });
        u16::try_from(at + 1).unwrap_or(u16::MAX - 1)
    }
}
