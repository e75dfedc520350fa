//! The cascade's result and its inputs from outside.

use crate::cascade::page::Pages;
use crate::computed::CounterStyleName;
use crate::counter::CounterStyles;
use crate::css::url::join;
use crate::page::{PageKey, PageSelector, PageStyle};
use crate::{ComputedStyle, Dom, NodeId};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::sync::Arc;

/// Where style sheets, fonts and images come from; the only door to the outside.
///
/// `url` is absolute or relative as written, already joined with the sheet's own URL where it came
/// from one. `data:` URLs never get here.
pub trait Fetch: Send + Sync {
    /// The bytes at `url`.
    ///
    /// # Errors
    /// [`FetchError`] says why; the document goes on without the resource, with a diagnostic.
    fn fetch(&self, url: &str) -> Result<Arc<[u8]>, FetchError>;
}

/// Why a resource is not there.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchError {
    /// No such file or key.
    #[error("not found")]
    NotFound,
    /// The bundle does not reach there: a remote URL, or a path outside the base folder.
    #[error("{0}")]
    Refused(String),
    /// Reading failed.
    #[error("{0}")]
    Failed(String),
}

/// Where in a source something was found; lines and columns count from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// File or URL, empty for the document itself.
    pub source: String,
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

/// Something in the document that has no effect, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where.
    pub place: Place,
    /// What, and what to do.
    pub message: String,
}

/// An `@font-face` rule.
#[derive(Clone, Debug, PartialEq)]
pub struct FontFaceRule {
    /// `font-family`.
    pub family: Arc<str>,
    /// `src` in order.
    pub sources: Vec<FontSource>,
    /// `font-weight` range; none is what the font has.
    pub weight: Option<(f32, f32)>,
    /// `font-style`; none is what the font has.
    pub slant: Option<crate::computed::Slant>,
    /// `font-stretch` range, 1.0 is normal; none is what the font has.
    pub stretch: Option<(f32, f32)>,
    /// `unicode-range`; empty is everything.
    pub ranges: Vec<(u32, u32)>,
    /// `font-feature-settings`.
    pub features: Vec<([u8; 4], u32)>,
    /// `font-variation-settings`.
    pub variations: Vec<([u8; 4], f32)>,
    /// `ascent-override`, `descent-override` and `line-gap-override`, as parts of the font size.
    pub overrides: [Option<f32>; 3],
    /// `size-adjust`, 1.0 is none.
    pub size_adjust: f32,
}

/// One entry of `src`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FontSource {
    /// `url()`, resolved against its sheet.
    Url(Arc<str>),
    /// `local()`.
    Local(Arc<str>),
}

/// A document with a computed style for every element.
#[derive(Debug, Default)]
pub struct Styled {
    /// The tree.
    pub dom: Dom,
    /// The document's own `@font-face` rules, in cascade order.
    pub font_faces: Vec<FontFaceRule>,
    /// The URL of the ICC profile of process colours: the last `@color-profile device-cmyk`.
    pub cmyk_profile: Option<Arc<str>>,
    /// What was not understood.
    pub diagnostics: Vec<Diagnostic>,
    /// `<title>`.
    pub title: Option<String>,
    /// The root's language.
    pub language: Option<String>,
    /// `<meta name=… content=…>` pairs: author, description, keywords, generator, dcterms.created, …
    pub meta: Vec<(String, String)>,
    /// What relative URLs start from: the first `<base href>`, or nothing.
    pub(crate) base: Arc<str>,
    pub(crate) styles: Vec<Option<Arc<ComputedStyle>>>,
    pub(crate) pseudos: FxHashMap<NodeId, PseudoStyles>,
    pub(crate) pages: Pages,
    pub(crate) counter_styles: CounterStyles,
}

/// An element's pseudo-element styles, by [`Pseudo::index`].
pub(crate) type PseudoStyles = [Option<Arc<ComputedStyle>>; Pseudo::COUNT];

/// The pseudo-elements that make boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pseudo {
    /// `::before`.
    Before,
    /// `::after`.
    After,
    /// `::marker`.
    Marker,
    /// `::first-line`.
    FirstLine,
    /// `::first-letter`.
    FirstLetter,
    /// `::footnote-call`.
    FootnoteCall,
    /// `::footnote-marker`.
    FootnoteMarker,
}

impl Pseudo {
    /// How many there are.
    pub(crate) const COUNT: usize = 7;
    /// All of them.
    pub(crate) const ALL: [Self; Self::COUNT] = [
        Self::Before,
        Self::After,
        Self::Marker,
        Self::FirstLine,
        Self::FirstLetter,
        Self::FootnoteCall,
        Self::FootnoteMarker,
    ];

    /// Its place in [`Self::ALL`].
    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

impl Styled {
    /// A URL of the document's as [`Fetch`] is asked for it (HTML §2.4.3, document base URL).
    pub fn url<'a>(&self, reference: &'a str) -> Cow<'a, str> {
        match &*self.base {
            "" => Cow::Borrowed(reference),
            base => Cow::Owned(join(base, reference)),
        }
    }

    /// The computed style of an element.
    ///
    /// # Panics
    /// When `node` is not an element of this document.
    pub fn style(&self, node: NodeId) -> &Arc<ComputedStyle> {
        self.styles[node.index()]
            .as_ref()
            .expect("only elements have a style of their own")
    }

    /// Forgets the tree and its elements' styles, which are most of a long document's memory, once
    /// nothing more is made of them. Pages and counters still have their styles.
    pub fn forget_tree(&mut self) {
        self.dom = Dom::default();
        self.styles = Vec::new();
        self.pseudos = FxHashMap::default();
    }

    /// The style of an element's pseudo-element; none when it makes no box.
    ///
    /// `::before` and `::after` are here when they have content, `::marker` for every list item, and
    /// `::first-line` and `::first-letter` for block containers that a rule styles so.
    pub fn pseudo(&self, node: NodeId, pseudo: Pseudo) -> Option<&Arc<ComputedStyle>> {
        self.pseudos.get(&node)?[pseudo.index()].as_ref()
    }

    /// Whether margin boxes may show text of elements that they name (`target-text()`), for which the tree is
    /// needed as long as there are pages to come.
    pub fn pages_may_name_targets(&self) -> bool {
        self.pages.may_name_targets()
    }

    /// What decides the page that `selector` asks for: documents have many pages of few kinds.
    pub fn page_key(&self, selector: PageSelector<'_>) -> PageKey {
        self.pages.key(&selector)
    }

    /// The page that `selector` asks for.
    pub fn page(&self, selector: PageSelector<'_>) -> PageStyle {
        self.pages.page(&selector)
    }

    /// The text of counter `value` in `style`, without prefix and suffix. A string style is itself.
    pub fn counter_text(&self, value: i32, style: &CounterStyleName) -> String {
        match style {
            CounterStyleName::Named(name) => self.counter_styles.text(value, name),
            CounterStyleName::Text(text) => text.to_string(),
            CounterStyleName::Symbols(symbols) => self.counter_styles.anonymous(value, symbols),
        }
    }

    /// What a list marker has before its counter in `style`; nearly always nothing.
    pub fn marker_prefix(&self, style: &CounterStyleName) -> &str {
        match style {
            CounterStyleName::Named(name) => self.counter_styles.affixes(name).0,
            CounterStyleName::Text(_) | CounterStyleName::Symbols(_) => "",
        }
    }

    /// What a list marker has after its counter in `style`: `". "` for numbers, a space for bullets.
    pub fn marker_suffix(&self, style: &CounterStyleName) -> &str {
        match style {
            CounterStyleName::Named(name) => self.counter_styles.affixes(name).1,
            CounterStyleName::Text(_) => "",
            CounterStyleName::Symbols(_) => " ",
        }
    }
}
