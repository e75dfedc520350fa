//! The shared press and its entry point.

use crate::boxes::{BuildInput, PageFacts, Targets, Tree, build};
use crate::font_file::FontCache;
use crate::font_set::{DocumentFonts, Refused, embedded, measuring, with_document_fonts};
use crate::images::{ImageCache, Images};
use crate::layout::Layout;
use crate::pages::{Pages, Printed};
use fanfold_paint::{Catalog, PaintCache, PaintError, Writer};
use fanfold_style::{Diagnostic, Dom, Fetch, NodeId, StyleSet, Styled};
use fanfold_text::{Fonts, Shaper};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Documents that nest deeper than this are laid out on a thread with a large stack.
const SHALLOW: usize = 24;
/// Enough for the deepest tree that box generation makes, in an unoptimised build too.
const DEEP_STACK: usize = 1 << 30;
/// Content that asks for page numbers settles after a few passes, or is left as it is.
const MOST_PASSES: usize = 3;

/// Everything that outlives a document: fonts, parsed style sheets, decoded images, shaped words,
/// compressed font programs. One for a process; all threads share it by reference.
#[derive(Debug)]
pub struct Press {
    sheets: StyleSet,
    fonts: Fonts,
    font_files: FontCache,
    shaper: Shaper,
    images: ImageCache,
    paint: PaintCache,
}

/// What a document asks for beyond its HTML.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Bounds on what one document may use.
    pub limits: Limits,
    /// Set to stop the document as soon as the press looks: at least once a page and once a thousand
    /// boxes.
    pub cancel: Option<Arc<AtomicBool>>,
    /// Fonts beyond the embedded ones (`--font-dir`), by family name.
    pub fonts: Vec<Arc<[u8]>>,
    /// Creation date (ISO 8601) from the data; none leaves it out.
    pub created: Option<String>,
}

/// Bounds on one document; going over one is [`PressError::Limit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Pages.
    pub pages: usize,
    /// Bytes of HTML.
    pub html_bytes: usize,
    /// Boxes in the box tree.
    pub boxes: usize,
    /// Pixels of one image.
    pub image_pixels: u64,
    /// Bytes of one resource, unpacked; the fonts of all `@font-face` rules may have twice as many.
    pub resource_bytes: usize,
}

/// A finished document.
#[derive(Clone, Debug)]
pub struct Pdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// Number of pages.
    pub pages: usize,
    /// What had no effect, and where.
    pub diagnostics: Vec<Diagnostic>,
    /// Boxes, lines and rows laid out, each as often as it was tried: what layout took, on any machine.
    pub steps: u64,
}

/// Why there is no document.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PressError {
    /// Over a limit.
    #[error("the document has more than {limit} {what}; the limit is {limit}")]
    Limit {
        /// What there is too much of: `pages`, `boxes`, …
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// [`Options::cancel`] was set.
    #[error("stopped before it was finished")]
    Cancelled,
    /// A font given in [`Options::fonts`] cannot be used.
    #[error("a font cannot be used: {0}")]
    Font(String),
    /// The PDF could not be written.
    #[error("{0}")]
    Paint(#[from] PaintError),
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pages: 10_000,
            html_bytes: 64 << 20,
            boxes: 5_000_000,
            image_pixels: 100_000_000,
            resource_bytes: 64 << 20,
        }
    }
}

impl Default for Press {
    fn default() -> Self {
        Self {
            sheets: StyleSet::new(),
            fonts: embedded(),
            shaper: Shaper::new(),
            font_files: FontCache::default(),
            images: ImageCache::default(),
            paint: PaintCache::default(),
        }
    }
}

impl Press {
    /// A press with the embedded fonts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the PDF of `html`, with style sheets, fonts and images through `fetch`.
    ///
    /// # Errors
    /// [`PressError`]; damaged or missing resources are diagnostics, not errors.
    pub fn print(
        &self,
        html: &str,
        fetch: &dyn Fetch,
        options: &Options,
    ) -> Result<Pdf, PressError> {
        let most = options.limits.html_bytes;
        if html.len() > most {
            return Err(PressError::Limit {
                what: "bytes of HTML",
                limit: most as u64,
            });
        }
        let cancel = options.cancel.clone();
        let stopped = move || {
            cancel
                .as_ref()
                .is_some_and(|cancel| cancel.load(Ordering::Relaxed))
        };
        if stopped() {
            return Err(PressError::Cancelled);
        }
        let mut refused = Refused::default();
        let (styled, mut fonts) = self.styled(html, fetch, options, &refused)?;
        let mut job = Job {
            press: self,
            styled,
            fetch,
            options,
            stopped: &stopped,
            steps: 0,
        };
        loop {
            let ended = job.print(&fonts);
            let Err(PressError::Paint(PaintError::Font { name, .. })) = &ended else {
                return ended;
            };
            // Only embedding reads a font's outlines. Where one of the document's own is damaged, the
            // document is printed without it.
            refused = match refused.further(name) {
                Some(further) if !job.styled.font_faces.is_empty() => further,
                _ => return ended,
            };
            (job.styled, fonts) = self.styled(html, fetch, options, &refused)?;
        }
    }

    /// The styled document with its fonts, which some lengths are measured by.
    fn styled(
        &self,
        html: &str,
        fetch: &dyn Fetch,
        options: &Options,
        refused: &Refused,
    ) -> Result<(Styled, DocumentFonts), PressError> {
        let mut fonts = None;
        let files = (fetch, &self.font_files);
        let styled = self.sheets.style_with_fonts(html, fetch, |faces| {
            let found = with_document_fonts(&self.fonts, faces, files, options, refused);
            let usual = faces.is_empty() && options.fonts.is_empty();
            let found_fonts = found.as_ref().ok();
            let measures = found_fonts.map(|found| measuring(&found.fonts, usual));
            fonts = Some(found);
            measures
        });
        let fonts = match fonts {
            Some(fonts) => fonts?,
            None => with_document_fonts(&self.fonts, &styled.font_faces, files, options, refused)?,
        };
        Ok((styled, fonts))
    }
}

/// How deeply elements nest.
fn depth(dom: &Dom) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    let mut next = (!dom.nodes.is_empty()).then_some(NodeId::DOCUMENT);
    while let Some(node) = next {
        deepest = deepest.max(depth);
        let found = dom.node(node);
        next = found.first_child;
        if next.is_some() {
            depth += 1;
            continue;
        }
        let mut up = Some(node);
        while let Some(node) = up {
            next = dom.node(node).next_sibling;
            if next.is_some() {
                break;
            }
            up = dom.node(node).parent;
            depth = depth.saturating_sub(1);
        }
    }
    deepest
}

/// One document on its way through layout.
struct Job<'a> {
    press: &'a Press,
    styled: Styled,
    fetch: &'a dyn Fetch,
    options: &'a Options,
    stopped: &'a (dyn Fn() -> bool + Sync),
    /// [`Pdf::steps`] so far.
    steps: u64,
}

impl Job<'_> {
    /// Runs where there is stack enough.
    fn print(&mut self, fonts: &DocumentFonts) -> Result<Pdf, PressError> {
        if depth(&self.styled.dom) <= SHALLOW {
            return self.run(fonts);
        }
        std::thread::scope(|scope| {
            let builder = std::thread::Builder::new().stack_size(DEEP_STACK);
            let worker = builder.spawn_scoped(scope, || self.run(fonts));
            let worker = worker.map_err(|_| PressError::Limit {
                what: "nested elements",
                limit: SHALLOW as u64,
            })?;
            worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    fn run(&mut self, fonts: &DocumentFonts) -> Result<Pdf, PressError> {
        let images = Images::new(
            self.fetch,
            &self.press.images,
            self.options.limits,
            [&self.press.fonts, &fonts.fonts],
        );
        let mut printed = self.settle(&images, fonts)?;
        let outline = std::mem::take(&mut printed.outline);
        let mut catalog = catalog(&self.styled, self.options, outline);
        let profile = images.cmyk_profile(self.styled.cmyk_profile.as_deref());
        catalog.cmyk_profile = profile;
        let bytes = printed.writer.finish(&printed.sheets, &catalog)?;
        let mut diagnostics = self.styled.diagnostics.clone();
        diagnostics.extend(fonts.diagnostics.iter().cloned());
        diagnostics.extend(images.into_diagnostics());
        Ok(Pdf {
            bytes,
            pages: printed.sheets.len(),
            diagnostics,
            steps: self.steps,
        })
    }

    /// Boxes, pages and sheets; again while page numbers in the text change.
    fn settle<'f>(
        &mut self,
        images: &Images<'_>,
        fonts: &'f DocumentFonts,
    ) -> Result<Printed<'f>, PressError>
    where
        Self: 'f,
    {
        let mut facts = PageFacts::default();
        let mut pass = 1;
        loop {
            let targets = Targets::default();
            let tree = build(&BuildInput {
                styled: &self.styled,
                images,
                facts: &facts,
                targets: &targets,
                page: None,
                most_boxes: self.options.limits.boxes,
                stopped: self.stopped,
            })?;
            // Running elements are built anew for each page.
            let is_read = tree.has_running || self.styled.pages_may_name_targets();
            if !tree.asks_pages && !is_read {
                self.styled.forget_tree();
            }
            let mut printed = self.pages(&tree, &targets, images, fonts)?;
            printed.facts.wanted.clone_from(&tree.wanted);
            printed.facts.counters.clone_from(&tree.target_counters);
            if !tree.asks_pages || printed.facts == facts || pass >= MOST_PASSES {
                return Ok(printed);
            }
            facts = printed.facts;
            pass += 1;
        }
    }

    fn pages<'f>(
        &mut self,
        tree: &Tree,
        targets: &Targets,
        images: &Images<'_>,
        fonts: &'f DocumentFonts,
    ) -> Result<Printed<'f>, PressError>
    where
        Self: 'f,
    {
        let layout = Layout::new(tree, &fonts.fonts, &self.press.shaper, self.stopped);
        let pages = Pages {
            layout: &layout,
            styled: &self.styled,
            images,
            targets,
            limit: self.options.limits.pages,
        };
        let printed = pages.print(Writer::new(&fonts.fonts, &self.press.paint)?);
        self.steps += u64::from(layout.steps.get());
        printed
    }
}

/// Document-level facts from `<title>`, `<meta>` and the options.
fn catalog(
    styled: &Styled,
    options: &Options,
    outline: Vec<fanfold_paint::OutlineEntry>,
) -> Catalog {
    let meta = |name: &str| {
        let found = styled
            .meta
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found
            .map(|(_, value)| value.clone())
            .filter(|value| !value.is_empty())
    };
    Catalog {
        title: styled.title.clone(),
        author: meta("author"),
        subject: meta("description"),
        keywords: meta("keywords"),
        created: options.created.clone().or_else(|| meta("dcterms.created")),
        modified: meta("dcterms.modified"),
        language: styled.language.clone(),
        outline,
        cmyk_profile: None,
    }
}
