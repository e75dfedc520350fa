//! Style sheets parsed once for many documents, and the way from HTML to a styled tree.

use crate::cascade::layers::{LayerTree, UNLAYERED};
use crate::cascade::memory::Memory;
use crate::cascade::page::Pages;
use crate::cascade::traverse::style_tree;
use crate::cascade::{Instance, Level};
use crate::computed::{FontRatios, FontStyle};
use crate::counter::CounterStyles;
use crate::css::url::{data, join};
use crate::dom::{Dom, Element, NodeData, NodeId};
use crate::html;
use crate::sheet::Sheet;
use crate::styled::{Diagnostic, Fetch, FontFaceRule, Place, Styled};
use rustc_hash::FxHashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Most sheets of one document, imported ones counted.
const MOST_SHEETS: usize = 64;
/// Deepest chain of imports.
const DEEPEST_IMPORT: usize = 8;
/// Largest sheet, in bytes.
const LARGEST_SHEET: usize = 8 << 20;
/// Most sheets that a [`StyleSet`] remembers.
const MOST_REMEMBERED: usize = 256;
/// Most problems reported of one document.
const MOST_DIAGNOSTICS: usize = 500;

/// The HTML standard's style sheet, parsed once for the process.
static USER_AGENT: LazyLock<Arc<Sheet>> =
    LazyLock::new(|| Arc::new(Sheet::parse(include_str!("ua.css"), crate::css::USER_AGENT)));

/// Parsed sheets by their text and URL.
type Remembered = FxHashMap<(Arc<str>, Arc<str>), Arc<Sheet>>;

/// Measures fonts for lengths that are relative to them.
pub trait MeasureFonts: std::fmt::Debug {
    /// The ratios of the first available font of a style (CSS Values 4 §6.1.1).
    fn ratios(&self, font: &FontStyle) -> FontRatios;

    /// They are those of all documents of the [`StyleSet`], which may then remember what it measured.
    fn are_usual(&self) -> bool;
}

/// Parsed style sheets and the styles that documents computed from them, ready to style many more; shared
/// between threads by reference.
///
/// Sheets are remembered by their text and URL, so one that changes is parsed anew.
#[derive(Debug, Default)]
pub struct StyleSet {
    sheets: Mutex<Remembered>,
    memory: Memory,
}

impl StyleSet {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Parses `html`, its `<style>` and `<link>` sheets (through `fetch`), and styles every element.
    pub fn style(html: &str, fetch: &dyn Fetch) -> Styled {
        Self::new().style_document(html, fetch)
    }

    /// As [`Self::style`], with the sheets that this set has parsed before.
    pub fn style_document(&self, html: &str, fetch: &dyn Fetch) -> Styled {
        self.style_with_fonts(html, fetch, |_| None)
    }

    /// The same, with `ex`, `ch` and `cap` measured by what `fonts` makes of the document's `@font-face`
    /// rules.
    pub fn style_with_fonts(
        &self,
        html: &str,
        fetch: &dyn Fetch,
        fonts: impl FnOnce(&[FontFaceRule]) -> Option<Box<dyn MeasureFonts>>,
    ) -> Styled {
        let parsed = html::parse(html);
        let mut gathering = Gathering {
            set: self,
            fetch,
            html,
            lines: &parsed.lines,
            sheets: Vec::new(),
            diagnostics: Diagnostics::default(),
        };
        gathering.limits(&parsed);
        let base: Arc<str> = base_url(&parsed.dom).into();
        gathering.gather(&parsed.dom, &base);
        let Gathering {
            sheets,
            mut diagnostics,
            ..
        } = gathering;
        let font_faces: Vec<FontFaceRule> = sheets
            .iter()
            .flat_map(|gathered| gathered.sheet.font_faces.iter().cloned())
            .collect();
        let fonts = fonts(&font_faces);
        let instances = instances(&sheets);
        let mut pages = Pages::new(instances.clone());
        let viewport = pages.first_area();
        let lines = &parsed.lines;
        let outcome = style_tree(
            &parsed.dom,
            &instances,
            &base,
            viewport,
            fonts.as_deref(),
            &self.memory,
            &mut |node, _, message| {
                let line = lines[node.index()];
                diagnostics.push("", line, 1, format!("in a style attribute: {message}"));
            },
        );
        let root = root(&parsed.dom);
        if let Some(style) = root.and_then(|root| outcome.styles[root.index()].clone()) {
            pages.inherit(style, outcome.root_custom, viewport);
        }
        let profiles = sheets.iter().rev();
        let cmyk_profile = profiles
            .filter_map(|gathered| gathered.sheet.cmyk_profile.clone())
            .next();
        let mut counter_styles = CounterStyles::default();
        for rule in sheets
            .iter()
            .flat_map(|gathered| &gathered.sheet.counter_styles)
        {
            counter_styles.insert(rule.clone());
        }
        Styled {
            title: title(&parsed.dom),
            language: root.and_then(|root| {
                parsed
                    .dom
                    .element(root)?
                    .attribute("lang")
                    .map(str::to_owned)
            }),
            meta: meta(&parsed.dom),
            base,
            font_faces,
            cmyk_profile,
            diagnostics: diagnostics.list,
            styles: outcome.styles,
            pseudos: outcome.pseudos,
            pages,
            counter_styles,
            dom: parsed.dom,
        }
    }

    /// The parsed sheet of `css`, whose URL is `base`.
    fn sheet(&self, css: &str, base: &str) -> Arc<Sheet> {
        let key = (Arc::from(css), Arc::from(base));
        // A thread that panicked while holding the lock left the map whole.
        let known = self
            .sheets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        if let Some(known) = known {
            return known;
        }
        let sheet = Arc::new(Sheet::parse(css, base));
        let mut sheets = self.sheets.lock().unwrap_or_else(PoisonError::into_inner);
        if sheets.len() >= MOST_REMEMBERED {
            sheets.clear();
        }
        sheets.insert(key, Arc::clone(&sheet));
        sheet
    }
}

/// Problems, up to a limit.
#[derive(Default)]
struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    fn push(&mut self, source: &str, line: u32, column: u32, message: String) {
        if self.list.len() < MOST_DIAGNOSTICS {
            self.list.push(Diagnostic {
                place: Place {
                    source: source.to_owned(),
                    line,
                    column,
                },
                message,
            });
        }
    }
}

/// A sheet and the layer its own rules are below.
struct Gathered {
    sheet: Arc<Sheet>,
    prefix: Vec<Arc<str>>,
}

/// Collects a document's sheets in cascade order.
struct Gathering<'a> {
    set: &'a StyleSet,
    fetch: &'a dyn Fetch,
    html: &'a str,
    lines: &'a [u32],
    sheets: Vec<Gathered>,
    diagnostics: Diagnostics,
}

/// Where a sheet's text begins: its source, and the line and column there.
#[derive(Clone)]
struct Origin {
    source: Arc<str>,
    line: u32,
    column: u32,
}

impl Origin {
    fn place(&self, location: cssparser::SourceLocation) -> (u32, u32) {
        let first = location.line == 0;
        (
            self.line + location.line,
            if first {
                self.column + location.column - 1
            } else {
                location.column
            },
        )
    }
}

impl Gathering<'_> {
    fn limits(&mut self, parsed: &html::Parsed) {
        if let Some(line) = parsed.flattened {
            let message = format!(
                "elements nest deeper than {}, or formatting elements deeper than {}; deeper ones are taken out",
                html::DEEPEST,
                html::MOST_FORMATTING
            );
            self.diagnostics.push("", line, 1, message);
        }
        if let Some(line) = parsed.truncated {
            let message = format!(
                "the document has over {} nodes; the rest is left out",
                html::MOST_NODES
            );
            self.diagnostics.push("", line, 1, message);
        }
    }

    fn gather(&mut self, dom: &Dom, base: &Arc<str>) {
        let mut searched = 0;
        for (index, node) in dom.nodes.iter().enumerate() {
            let NodeData::Element(element) = &node.data else {
                continue;
            };
            let line = self.lines[index];
            match &*element.name {
                "style" if applies(element) => {
                    let css = text(dom, NodeId::new(index));
                    let origin = self.style_origin(&css, line, &mut searched);
                    self.add(&css, base, &origin, &[], 0);
                }
                "link" if is_sheet(element) && applies(element) => {
                    let Some(href) = element
                        .attribute("href")
                        .filter(|href| !href.trim().is_empty())
                    else {
                        continue;
                    };
                    let from = Origin {
                        source: "".into(),
                        line,
                        column: 1,
                    };
                    self.load(&join(base, href), (line, 1), &from, &[], 0);
                }
                _ => {}
            }
        }
    }

    /// Where a `<style>` element's text begins in the document.
    fn style_origin(&self, css: &str, line: u32, searched: &mut usize) -> Origin {
        let found = self
            .html
            .get(*searched..)
            .and_then(|rest| rest.find(css))
            .filter(|_| !css.is_empty());
        let source: Arc<str> = "".into();
        let Some(at) = found.map(|at| at + *searched) else {
            return Origin {
                source,
                line,
                column: 1,
            };
        };
        let before = &self.html[..at];
        *searched = at + css.len();
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        Origin {
            source,
            line: line as u32,
            column: (at - start + 1) as u32,
        }
    }

    /// Adds the sheet of `css` after those it imports.
    fn add(&mut self, css: &str, base: &str, origin: &Origin, prefix: &[Arc<str>], depth: usize) {
        if self.sheets.len() >= MOST_SHEETS {
            let message = format!("over {MOST_SHEETS} style sheets; this one has no effect");
            self.diagnostics
                .push(&origin.source, origin.line, origin.column, message);
            return;
        }
        let sheet = self.set.sheet(css, base);
        for (location, message) in &sheet.diagnostics {
            let (line, column) = origin.place(*location);
            self.diagnostics
                .push(&origin.source, line, column, message.clone());
        }
        for import in &sheet.imports {
            let place = origin.place(import.location);
            if depth >= DEEPEST_IMPORT {
                let message = format!(
                    "imports go deeper than {DEEPEST_IMPORT}; `{}` has no effect",
                    import.url
                );
                self.diagnostics
                    .push(&origin.source, place.0, place.1, message);
                continue;
            }
            let mut below = prefix.to_vec();
            if let Some(layer) = usize::from(import.layer).checked_sub(1) {
                below.extend(sheet.layers[layer].iter().cloned());
            }
            self.load(&import.url, place, origin, &below, depth + 1);
        }
        self.sheets.push(Gathered {
            sheet,
            prefix: prefix.to_vec(),
        });
    }

    /// Fetches and adds the sheet at `url`, named at `place` in `from`.
    fn load(
        &mut self,
        url: &str,
        place: (u32, u32),
        from: &Origin,
        prefix: &[Arc<str>],
        depth: usize,
    ) {
        let bytes = if url.starts_with("data:") {
            data(url)
                .map(Arc::from)
                .ok_or_else(|| "malformed data: URL".to_owned())
        } else {
            self.fetch.fetch(url).map_err(|error| error.to_string())
        };
        let problem = match bytes {
            Ok(bytes) if bytes.len() <= LARGEST_SHEET => {
                let css = html::decode_css(&bytes);
                let css = css.strip_prefix('\u{feff}').unwrap_or(&css);
                let source = if url.starts_with("data:") {
                    "data:"
                } else {
                    url
                };
                let origin = Origin {
                    source: source.into(),
                    line: 1,
                    column: 1,
                };
                return self.add(css, url, &origin, prefix, depth);
            }
            Ok(_) => format!("over {LARGEST_SHEET} bytes"),
            Err(problem) => problem,
        };
        let message = format!("the style sheet `{url}` has no effect: {problem}");
        self.diagnostics
            .push(&from.source, place.0, place.1, message);
    }
}

/// The user agent's sheet and the document's, with layers and rules numbered over all of them.
fn instances(sheets: &[Gathered]) -> Vec<Instance> {
    let mut tree = LayerTree::default();
    let full = |gathered: &Gathered, layer: &[Arc<str>]| [&gathered.prefix, layer].concat();
    for gathered in sheets {
        tree.enter(&gathered.prefix);
        for layer in &gathered.sheet.layers {
            tree.enter(&full(gathered, layer));
        }
    }
    tree.number();
    let user_agent = Instance {
        sheet: Arc::clone(&USER_AGENT),
        level: Level::UserAgent,
        layers: vec![UNLAYERED],
        order: 0,
    };
    let mut order = user_agent.sheet.rules.len() as u32;
    let mut instances = vec![user_agent];
    for gathered in sheets {
        let own = std::iter::once(tree.get(&gathered.prefix));
        let named = gathered
            .sheet
            .layers
            .iter()
            .map(|layer| tree.get(&full(gathered, layer)));
        let layers = own.chain(named).collect();
        instances.push(Instance {
            sheet: Arc::clone(&gathered.sheet),
            level: Level::Author,
            layers,
            order,
        });
        order = order.saturating_add(gathered.sheet.rules.len() as u32);
    }
    instances
}

fn applies(element: &Element) -> bool {
    let is_css = element.attribute("type").is_none_or(|kind| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        kind.is_empty() || kind.eq_ignore_ascii_case("text/css")
    });
    is_css
        && element
            .attribute("media")
            .is_none_or(crate::sheet::media_holds)
}

fn is_sheet(element: &Element) -> bool {
    let words = element.attribute("rel").unwrap_or_default();
    let has = |wanted: &str| {
        words
            .split_ascii_whitespace()
            .any(|word| word.eq_ignore_ascii_case(wanted))
    };
    has("stylesheet") && !has("alternate") && element.attribute("disabled").is_none()
}

/// The text directly in the element at `id`.
fn text(dom: &Dom, id: NodeId) -> String {
    dom.children(id)
        .filter_map(|child| match &dom.node(child).data {
            NodeData::Text(text) => Some(&**text),
            _ => None,
        })
        .collect()
}

fn elements<'a>(dom: &'a Dom, name: &'a str) -> impl Iterator<Item = (NodeId, &'a Element)> {
    (0..dom.nodes.len())
        .map(NodeId::new)
        .filter_map(|id| dom.element(id).map(|element| (id, element)))
        .filter(move |(_, element)| {
            &*element.name == name && element.namespace == html5ever::ns!(html)
        })
}

fn root(dom: &Dom) -> Option<NodeId> {
    dom.children(NodeId::DOCUMENT)
        .find(|id| dom.element(*id).is_some())
}

fn base_url(dom: &Dom) -> String {
    elements(dom, "base")
        .find_map(|(_, element)| element.attribute("href"))
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn title(dom: &Dom) -> Option<String> {
    let (id, _) = elements(dom, "title").next()?;
    let title = text(dom, id)
        .split_ascii_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    (!title.is_empty()).then_some(title)
}

fn meta(dom: &Dom) -> Vec<(String, String)> {
    elements(dom, "meta")
        .filter_map(|(_, element)| {
            Some((
                element.attribute("name")?.trim().to_ascii_lowercase(),
                element.attribute("content")?.to_owned(),
            ))
        })
        .collect()
}
