//! Documents whose HTML or Markdown came with the request.

use std::sync::{Arc, OnceLock};

use serde_json::Value;

use crate::engine::Engine;
use crate::error::{ErrorKind, TemplateError};
use crate::files::Files;
use crate::limits::{Limits, TEMPLATE_BYTES};
use crate::locale::Locale;
use crate::markdown;

/// What an inline source is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markup {
    /// HTML, taken as it is.
    Html,
    /// CommonMark with tables, footnotes, strikethrough and task lists; raw HTML is allowed. It becomes an HTML
    /// document with a plain style sheet, which a `<style>` in the text can overrule.
    Markdown,
}

/// An inline source. With data it is a Jinja template, with the filters and limits of a bundle; without data
/// it is plain.
///
/// ```
/// use fanfold_template::{Inline, Limits, Markup};
///
/// let note = Inline::new(Markup::Html, "<h1>{{ name }}</h1>")?;
/// let data = serde_json::json!({"name": "Asha & Co"});
/// assert_eq!(note.render(Some(&data), "en", &Limits::default())?, "<h1>Asha &amp; Co</h1>");
/// assert_eq!(note.render(None, "en", &Limits::default())?, "<h1>{{ name }}</h1>");
/// # Ok::<(), fanfold_template::TemplateError>(())
/// ```
#[derive(Debug)]
pub struct Inline {
    markup: Markup,
    source: Arc<str>,
    /// Compiled at the first render with data: a kit renders the same source once per row.
    compiled: OnceLock<Result<(Files, Engine), TemplateError>>,
}

impl Inline {
    /// Takes a source.
    ///
    /// # Errors
    /// When it is larger than 1 MiB.
    pub fn new(markup: Markup, source: impl Into<Arc<str>>) -> Result<Self, TemplateError> {
        let source = source.into();
        if source.len() > TEMPLATE_BYTES {
            return Err(TemplateError::new(
                ErrorKind::Limit,
                format!(
                    "an inline document may have {TEMPLATE_BYTES} bytes, this has {}",
                    source.len()
                ),
            )
            .hint("make a bundle, or reference a PDF"));
        }
        Ok(Self {
            markup,
            source,
            compiled: OnceLock::new(),
        })
    }

    /// Renders the document to HTML. An empty locale is `en`.
    ///
    /// # Errors
    /// When the locale is not a language tag, the template does not compile or fails, or a limit is reached.
    pub fn render(
        &self,
        data: Option<&Value>,
        locale: &str,
        limits: &Limits,
    ) -> Result<String, TemplateError> {
        let locale = Locale::parse(if locale.is_empty() { "en" } else { locale })?;
        let text = match data {
            None => self.source.to_string(),
            Some(data) => self.template(data, &locale, limits)?,
        };
        let html = match self.markup {
            Markup::Html => text,
            Markup::Markdown => markdown::document(&text, &locale),
        };
        if html.len() > limits.output_bytes {
            return Err(TemplateError::new(
                ErrorKind::Limit,
                format!(
                    "the document has more than {} bytes of HTML (limit output_bytes)",
                    limits.output_bytes
                ),
            ));
        }
        Ok(html)
    }

    fn template(
        &self,
        data: &Value,
        locale: &Locale,
        limits: &Limits,
    ) -> Result<String, TemplateError> {
        let name = match self.markup {
            Markup::Html => "inline.html",
            Markup::Markdown => "inline.md",
        };
        let compiled = self.compiled.get_or_init(|| {
            let files = Files::collect([(name.to_owned(), Arc::from(self.source.as_bytes()))])?;
            let engine = Engine::compile(&files, Locale::parse("en")?)?;
            Ok((files, engine))
        });
        let (files, engine) = compiled.as_ref().map_err(Clone::clone)?;
        engine.render(name, "", data, locale, limits, files)
    }
}
