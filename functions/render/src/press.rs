//! The real renderer: the template makes HTML, the press makes pages; an existing PDF is checked and
//! taken as it is.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use fanfold_job::settled::ErrorKind;
use fanfold_job::{Document, Source};
use fanfold_press::{Fetch, FetchError, Options, Press, PressError};
use fanfold_template::{
    Bundle, ErrorKind as TemplateKind, Inline, Limits as TemplateLimits, Markup, TemplateError,
};
use serde_json::{Map, Value};

use crate::{BundleFiles, RenderError, RenderInput, RenderLimits, RenderedPart, Renderer};

/// Compiled bundles kept, and bytes of their files; beyond it all are dropped and compiled anew.
const KEPT: usize = 256;
const KEPT_BYTES: usize = 128 << 20;

/// Bundles by name and version.
#[derive(Debug, Default)]
struct Compiled {
    bundles: HashMap<(String, String), Arc<Bundle>>,
    bytes: usize,
}

/// Template, then press. One for a process: it keeps what documents share.
#[derive(Debug, Default)]
pub struct PressRenderer {
    press: Press,
    fonts: Vec<Arc<[u8]>>,
    built_in: BTreeMap<String, Arc<BundleFiles>>,
    compiled: Mutex<Compiled>,
}

impl PressRenderer {
    /// A renderer with the embedded fonts and no bundle of its own.
    pub fn new() -> Self {
        Self {
            press: Press::new(),
            ..Self::default()
        }
    }

    /// The same with a bundle that comes with the program, for a name the bucket does not have.
    #[must_use]
    pub fn with_bundle(mut self, bundle: &Bundle) -> Self {
        let files = bundle
            .files()
            .map(|(path, bytes)| (path.to_owned(), Bytes::copy_from_slice(bytes)))
            .collect();
        let files = BundleFiles {
            name: bundle.name().to_owned(),
            version: bundle.version().to_owned(),
            files,
        };
        self.built_in.insert(files.name.clone(), Arc::new(files));
        self
    }

    /// The same with the starter bundles.
    #[must_use]
    pub fn with_starter_bundles(mut self) -> Self {
        for starter in fanfold_bundles::all() {
            let files = starter
                .files()
                .iter()
                .map(|(path, bytes)| ((*path).to_owned(), Bytes::from_static(bytes)))
                .collect();
            // They change with the program only, and this cache lives as long as the process.
            let files = BundleFiles {
                name: starter.name().to_owned(),
                version: "built-in".to_owned(),
                files,
            };
            self.built_in.insert(files.name.clone(), Arc::new(files));
        }
        self
    }

    /// The same with fonts beyond the embedded ones.
    #[must_use]
    pub fn with_fonts(mut self, fonts: Vec<Arc<[u8]>>) -> Self {
        self.fonts = fonts;
        self
    }

    fn bundle(&self, files: &BundleFiles) -> Result<Arc<Bundle>, RenderError> {
        let id = (files.name.clone(), files.version.clone());
        if let Some(bundle) = self
            .compiled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .bundles
            .get(&id)
        {
            return Ok(Arc::clone(bundle));
        }
        let contents = files
            .files
            .iter()
            .map(|(path, bytes)| (path.clone(), Arc::from(&bytes[..])));
        let bundle = Bundle::from_files(&files.name, contents)
            .map_err(|error| template_error(&error, &files.name))?;
        let bundle = Arc::new(bundle);
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: usize = files.files.values().map(Bytes::len).sum();
        if compiled.bundles.len() >= KEPT || compiled.bytes + bytes > KEPT_BYTES {
            *compiled = Compiled::default();
        }
        compiled.bytes += bytes;
        compiled.bundles.insert(id, Arc::clone(&bundle));
        Ok(bundle)
    }

    fn print(
        &self,
        html: &str,
        fetch: &dyn Fetch,
        limits: &RenderLimits,
    ) -> Result<RenderedPart, RenderError> {
        let mut options = Options {
            cancel: Some(Arc::clone(&limits.cancel)),
            fonts: self.fonts.clone(),
            ..Options::default()
        };
        options.limits.pages = limits.pages as usize;
        let pdf = self
            .press
            .print(html, fetch, &options)
            .map_err(|error| press_error(&error))?;
        let pages = u32::try_from(pdf.pages).unwrap_or(u32::MAX);
        Ok(RenderedPart {
            pdf: pdf.bytes.into(),
            pages,
        })
    }
}

impl Renderer for PressRenderer {
    fn render(
        &self,
        document: &Document,
        input: &RenderInput,
        limits: &RenderLimits,
    ) -> Result<RenderedPart, RenderError> {
        let locale = document.locale.as_deref().unwrap_or_default();
        let data = document.data.clone().map(Value::Object);
        match &document.source {
            Source::Bundle(name) => {
                let files = input.bundle.as_ref().ok_or_else(|| {
                    RenderError::permanent(
                        ErrorKind::BadBundle,
                        format!("the bundle {name:?} was not fetched"),
                    )
                })?;
                let bundle = self.bundle(files)?;
                let data = data.unwrap_or_else(|| Value::Object(Map::new()));
                let html = bundle
                    .render(&data, locale, &TemplateLimits::default())
                    .map_err(|error| template_error(&error, name))?;
                self.print(&html, &FromBundle(&bundle), limits)
            }
            Source::Html(text) => self.inline(Markup::Html, text, data.as_ref(), locale, limits),
            Source::Markdown(text) => {
                self.inline(Markup::Markdown, text, data.as_ref(), locale, limits)
            }
            Source::Pdf(key) => existing(key, input.pdf.as_ref()),
        }
    }

    fn pages(&self, pdf: &[u8]) -> Option<u32> {
        let document = lopdf::Document::load_mem(pdf).ok()?;
        u32::try_from(document.get_pages().len())
            .ok()
            .filter(|&pages| pages > 0)
    }

    fn built_in(&self, name: &str) -> Option<Arc<BundleFiles>> {
        self.built_in.get(name).cloned()
    }
}

impl PressRenderer {
    fn inline(
        &self,
        markup: Markup,
        text: &str,
        data: Option<&Value>,
        locale: &str,
        limits: &RenderLimits,
    ) -> Result<RenderedPart, RenderError> {
        let inline = Inline::new(markup, text).map_err(|error| template_error(&error, ""))?;
        let html = inline
            .render(data, locale, &TemplateLimits::default())
            .map_err(|error| template_error(&error, ""))?;
        self.print(&html, &Nothing, limits)
    }
}

/// An existing PDF becomes a part unchanged, when it can be read and stitched.
fn existing(key: &str, pdf: Option<&Bytes>) -> Result<RenderedPart, RenderError> {
    let bad = |what: String| RenderError::permanent(ErrorKind::BadPdf, what).at(key);
    let pdf = pdf.ok_or_else(|| bad("it was not fetched".into()))?;
    let document = lopdf::Document::load_mem(pdf)
        .map_err(|error| bad(format!("it is not a readable PDF: {error}")))?;
    if document.is_encrypted() {
        return Err(bad("it is encrypted; save it without a password".into()));
    }
    let pages = u32::try_from(document.get_pages().len()).unwrap_or(u32::MAX);
    if pages == 0 {
        return Err(bad("it has no pages".into()));
    }
    Ok(RenderedPart {
        pdf: pdf.clone(),
        pages,
    })
}

/// A bundle's own files, and nothing else.
struct FromBundle<'a>(&'a Bundle);

impl Fetch for FromBundle<'_> {
    fn fetch(&self, url: &str) -> Result<Arc<[u8]>, FetchError> {
        let path = url.split(['?', '#']).next().unwrap_or(url);
        if path.contains("://") || path.starts_with('/') {
            return Err(FetchError::Refused(format!(
                "a bundle reads its own files only, not {url}"
            )));
        }
        self.0
            .file(path.trim_start_matches("./"))
            .ok_or(FetchError::NotFound)
    }
}

/// Inline documents have no files.
struct Nothing;

impl Fetch for Nothing {
    fn fetch(&self, url: &str) -> Result<Arc<[u8]>, FetchError> {
        Err(FetchError::Refused(format!(
            "an inline document reads no files, not {url}; use a data: URL or a bundle"
        )))
    }
}

fn template_error(error: &TemplateError, bundle: &str) -> RenderError {
    let kind = match error.kind() {
        TemplateKind::Data | TemplateKind::Locale => ErrorKind::BadData,
        TemplateKind::Bundle => ErrorKind::BadBundle,
        TemplateKind::Limit => ErrorKind::Limit,
        _ => ErrorKind::BadTemplate,
    };
    let mut message = error.message().to_owned();
    for data in error.data_errors() {
        message.push_str(&format!("\n{data}"));
    }
    if let Some(hint) = error.what_to_do() {
        message.push_str(&format!("; {hint}"));
    }
    let place = match (error.data_errors().first(), error.place()) {
        (Some(data), _) => format!("data{}", data.pointer),
        (None, Some(place)) if bundle.is_empty() => place.to_string(),
        (None, Some(place)) => format!("{bundle}/{place}"),
        (None, None) => bundle.to_owned(),
    };
    RenderError::permanent(kind, message).at(place)
}

fn press_error(error: &PressError) -> RenderError {
    let message = error.to_string();
    match error {
        PressError::Cancelled => RenderError::transient(ErrorKind::Timeout, message),
        PressError::Limit { .. } => RenderError::permanent(ErrorKind::Limit, message),
        PressError::Font(_) => RenderError::permanent(ErrorKind::BadBundle, message),
        _ => RenderError::permanent(ErrorKind::Other, message),
    }
}
