//! `fanfold render`: one page or bundle becomes one PDF.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fanfold_press::{Fetch, FetchError, Options, Pdf, Press, decode_html, decode_text};
use fanfold_template::{Bundle, Inline, Limits, Markup};
use serde_json::Value;

use crate::arguments::{Render, Standard};
use crate::failure::Failure;
use crate::host::bundles;
use crate::output::Output;
use crate::resources::{self, Folder};

/// Makes the PDF that the command line asks for.
pub(crate) fn run(arguments: &Render) -> Result<(), Failure> {
    let options = Options {
        fonts: resources::fonts(&arguments.font_dir)?,
        ..Options::default()
    };
    let subject = Subject {
        source: &arguments.source,
        data: arguments.data.as_deref(),
        locale: &arguments.locale,
        base_dir: arguments.base_dir.as_deref(),
        standard: arguments.standard,
    };
    let pdf = subject.render(&Press::new(), &options)?;
    for diagnostic in &pdf.diagnostics {
        warn(&arguments.source, diagnostic);
    }
    let path = arguments
        .output
        .clone()
        .unwrap_or_else(|| named_after(&arguments.source));
    let mut output = Output::open(&path)?;
    output
        .write_all(&pdf.bytes)
        .map_err(|error| Failure::file(&path, &error))?;
    output.finish()
}

/// What is to be rendered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) source: &'a Path,
    pub(crate) data: Option<&'a Path>,
    pub(crate) locale: &'a str,
    pub(crate) base_dir: Option<&'a Path>,
    pub(crate) standard: Option<Standard>,
}

impl Subject<'_> {
    /// Renders it.
    pub(crate) fn render(self, press: &Press, options: &Options) -> Result<Pdf, Failure> {
        if self
            .standard
            .is_some_and(|standard| standard != Standard::Pdf17)
        {
            return Err(Failure::new("only PDF 1.7 is written so far")
                .advise("leave --standard out, or say pdf-1.7"));
        }
        let source = self.source;
        if bundles::is_bundle(source) {
            return self.bundle(&bundles::load(source)?, press, options);
        }
        if source.is_dir() {
            return Err(
                Failure::new("the folder has no template.html, so it is not a bundle")
                    .at(source.display())
                    .advise("name a bundle's folder, a starter bundle or a page"),
            );
        }
        if !source.exists()
            && let Some(bundle) = source.to_str().map(bundles::starter).transpose()?.flatten()
        {
            return self.bundle(&bundle, press, options);
        }
        self.page(press, options)
    }

    fn bundle(self, bundle: &Bundle, press: &Press, options: &Options) -> Result<Pdf, Failure> {
        let own;
        let data = match self.data {
            Some(path) => {
                own = read_json(path)?;
                &own
            }
            None => bundle.sample().unwrap_or(&Value::Null),
        };
        let empty = Value::Object(serde_json::Map::new());
        let data = if data.is_null() { &empty } else { data };
        let html = bundle
            .render(data, self.locale, &Limits::default())
            .map_err(|error| Failure::new(error).at(format!("bundle {}", bundle.name())))?;
        press
            .print(&html, &BundleFiles(bundle), options)
            .map_err(|error| Failure::new(error).at(format!("bundle {}", bundle.name())))
    }

    fn page(self, press: &Press, options: &Options) -> Result<Pdf, Failure> {
        let path = self.source;
        let bytes = fs::read(path).map_err(|error| Failure::file(path, &error))?;
        let (markup, text) = match path.extension().and_then(|extension| extension.to_str()) {
            Some("md" | "markdown") => (Markup::Markdown, decode_text(&bytes)),
            _ => (Markup::Html, decode_html(&bytes)),
        };
        let text = text.into_owned();
        let data = self.data.map(read_json).transpose()?;
        let html = if markup == Markup::Html && data.is_none() {
            // Taken as it is, whatever its length: no template is compiled.
            text
        } else {
            Inline::new(markup, text)
                .and_then(|inline| inline.render(data.as_ref(), self.locale, &Limits::default()))
                .map_err(|error| Failure::new(error).at(path.display()))?
        };
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let folder = Folder::new(self.base_dir.or(parent).unwrap_or(Path::new(".")))?;
        press
            .print(&html, &folder, options)
            .map_err(|error| Failure::new(error).at(path.display()))
    }
}

/// A bundle's own files, and nothing else.
struct BundleFiles<'a>(&'a Bundle);

impl Fetch for BundleFiles<'_> {
    fn fetch(&self, url: &str) -> Result<Arc<[u8]>, FetchError> {
        let path = url.split(['?', '#']).next().unwrap_or(url);
        if path.contains(':') || path.starts_with('/') {
            return Err(FetchError::Refused(format!(
                "a bundle reads its own files only, not {url}"
            )));
        }
        self.0
            .file(path.trim_start_matches("./"))
            .ok_or(FetchError::NotFound)
    }
}

/// Reads a JSON file; an error says the line and column.
pub(crate) fn read_json(path: &Path) -> Result<Value, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::file(path, &error))?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Failure::new(error)
            .at(path.display())
            .advise("correct the JSON")
    })
}

fn warn(source: &Path, diagnostic: &fanfold_press::Diagnostic) {
    let place = &diagnostic.place;
    let file = if place.source.is_empty() {
        source.display().to_string()
    } else {
        place.source.clone()
    };
    if place.line > 0 {
        eprintln!(
            "warning: {file}:{}:{}: {}",
            place.line, place.column, diagnostic.message
        );
    } else {
        eprintln!("warning: {file}: {}", diagnostic.message);
    }
}

/// The source's name with `.pdf`, in the current folder.
fn named_after(source: &Path) -> PathBuf {
    let name = if source.is_dir() {
        source.file_name()
    } else {
        source.file_stem()
    };
    // `.` and `..` have no name of their own.
    let name = name.map(ToOwned::to_owned).or_else(|| {
        source
            .canonicalize()
            .ok()
            .and_then(|full| full.file_name().map(ToOwned::to_owned))
    });
    let mut name = name.unwrap_or_else(|| "document".into());
    name.push(".pdf");
    PathBuf::from(name)
}
