//! Bundles: template directories held in memory, compiled once.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::engine::Engine;
use crate::error::{ErrorKind, TemplateError};
use crate::files::Files;
use crate::limits::Limits;
use crate::locale::Locale;
use crate::meta::BundleMeta;
use crate::schema::Schema;
use crate::translations::json_error;

/// A template directory held in memory and compiled; cheap to share by reference or `Arc` between threads.
///
/// `template.html` must be there; `schema.json`, `sample.json`, `bundle.toml`, `locales/` and what the template
/// refers to are optional. Every `.html`, `.htm`, `.jinja`, `.j2` and `.md` file is a template that others may
/// include, extend or import by its path.
///
/// ```
/// use fanfold_template::{Bundle, Limits};
///
/// let bundle = Bundle::from_static("note", &[("template.html", b"<p>Due: {{ amount | money('INR') }}</p>")])?;
/// let html = bundle.render(&serde_json::json!({"amount": "500000"}), "en-IN", &Limits::default())?;
/// assert_eq!(html, "<p>Due: ₹5,00,000.00</p>");
/// # Ok::<(), fanfold_template::TemplateError>(())
/// ```
#[derive(Debug)]
pub struct Bundle {
    name: String,
    version: String,
    meta: BundleMeta,
    files: Files,
    schema: Option<(Value, Schema)>,
    sample: Option<Value>,
    engine: Engine,
}

const TEMPLATE: &str = "template.html";

impl Bundle {
    /// Loads a directory; its name is the bundle's. Hidden files are left out, symbolic links refused.
    ///
    /// # Errors
    /// When a file cannot be read, a limit is exceeded, or as [`Bundle::from_files`].
    pub fn from_dir(folder: &Path) -> Result<Self, TemplateError> {
        let name = folder
            .canonicalize()
            .ok()
            .and_then(|path| Some(path.file_name()?.to_str()?.to_owned()));
        Self::new(
            name.as_deref().unwrap_or("bundle"),
            Files::read_dir(folder)?,
        )
    }

    /// Loads files by their paths in the bundle, in any order.
    ///
    /// # Errors
    /// When `template.html` is missing, a path leads outside, a limit is exceeded, a template does not compile,
    /// or a configuration file is wrong; the error names the file and line.
    pub fn from_files(
        name: &str,
        files: impl IntoIterator<Item = (String, Arc<[u8]>)>,
    ) -> Result<Self, TemplateError> {
        Self::new(name, Files::collect(files)?)
    }

    /// Loads files embedded in the program.
    ///
    /// # Errors
    /// As [`Bundle::from_files`].
    pub fn from_static(name: &str, files: &[(&str, &'static [u8])]) -> Result<Self, TemplateError> {
        Self::from_files(
            name,
            files
                .iter()
                .map(|&(path, content)| (path.to_owned(), Arc::from(content))),
        )
    }

    fn new(name: &str, files: Files) -> Result<Self, TemplateError> {
        if files.get(TEMPLATE).is_none() {
            return Err(TemplateError::new(
                ErrorKind::Bundle,
                format!("bundle {name:?} has no {TEMPLATE}"),
            )
            .hint("a bundle is a folder with template.html in it"));
        }
        let meta = files
            .text("bundle.toml")?
            .map(BundleMeta::parse)
            .transpose()?
            .unwrap_or_default();
        let own = Locale::parse(&meta.language)?;
        let json = |path: &str| -> Result<Option<Value>, TemplateError> {
            let Some(text) = files.text(path)? else {
                return Ok(None);
            };
            serde_json::from_str(text)
                .map(Some)
                .map_err(|error| json_error(path, text, &error))
        };
        let schema = match json("schema.json")? {
            Some(source) => {
                let compiled = Schema::compile(&source)?;
                Some((source, compiled))
            }
            None => None,
        };
        let sample = json("sample.json")?;
        let engine = Engine::compile(&files, own)?;
        Ok(Self {
            name: name.to_owned(),
            version: files.hash(),
            meta,
            files,
            schema,
            sample,
            engine,
        })
    }

    /// The bundle's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of all paths and contents, 64 hexadecimal digits: the same files, the same version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What `bundle.toml` says.
    pub fn meta(&self) -> &BundleMeta {
        &self.meta
    }

    /// The JSON Schema of the data, when the bundle has one.
    pub fn schema(&self) -> Option<&Value> {
        self.schema.as_ref().map(|(source, _)| source)
    }

    /// Data to try the bundle with, when it has some.
    pub fn sample(&self) -> Option<&Value> {
        self.sample.as_ref()
    }

    /// A file by its path in the bundle; references of a template (`<img src>`, `url()`) resolve here.
    pub fn file(&self, path: &str) -> Option<Arc<[u8]>> {
        self.files.get(path).cloned()
    }

    /// Paths and contents of all files, by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Arc<[u8]>)> {
        self.files.iter()
    }

    /// Checks data against the schema; a bundle without one takes anything.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Data`], with everything that does not fit.
    pub fn validate(&self, data: &Value) -> Result<(), TemplateError> {
        self.schema
            .as_ref()
            .map_or(Ok(()), |(_, schema)| schema.check(data))
    }

    /// Validates the data and renders `template.html` with it. An empty locale is the bundle's own language.
    ///
    /// # Errors
    /// When the data does not fit, the locale is not a language tag, the template fails, or a limit is reached.
    pub fn render(
        &self,
        data: &Value,
        locale: &str,
        limits: &Limits,
    ) -> Result<String, TemplateError> {
        let locale = Locale::parse(if locale.is_empty() {
            &self.meta.language
        } else {
            locale
        })?;
        self.validate(data)?;
        self.engine
            .render(TEMPLATE, &self.name, data, &locale, limits, &self.files)
    }
}
