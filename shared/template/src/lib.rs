//! Templates and data become HTML: bundles, Jinja, filters by locale, data validation, Markdown.
//!
//! A [`Bundle`] is a template directory held in memory: `template.html`, `style.css`, `fonts/`, `images/`,
//! `locales/`, `schema.json`, `sample.json`, `bundle.toml`. It is compiled once and shared by all threads;
//! [`Bundle::render`] validates a document's data against the schema and gives HTML. [`Inline`] does the
//! same for HTML and Markdown that came with a request.
//!
//! A template reads its bundle and its data, nothing else: no network, no other file, no clock, no
//! randomness. The same input gives the same HTML. What a template may cost is bounded by [`Limits`].
//!
//! # What a template can use
//!
//! The data's fields are variables; `doc.locale`, `doc.lang`, `doc.dir`, `doc.bundle` describe the document, and
//! `data` is the whole data. Filters: `money`, `number`, `percent`, `date`, `add_days`, `add_months`, `words`,
//! `plural`, `sum`, `cumulative`, `add`, `sub`, `mul`, `div`, `css` (a quoted string for a
//! style sheet), besides Jinja's own. Functions: `t` (translations
//! from `locales/{lang}.toml` or `.json`) and `amortise`. Undefined and null values are errors, so a letter
//! never goes out with a hole in it; `|default("…")` says otherwise.

mod amortise;
mod bundle;
mod decimal;
mod engine;
mod error;
mod files;
mod filters;
mod inline;
mod limits;
mod locale;
mod markdown;
mod meta;
mod meter;
mod schema;
mod translations;
mod words;

pub use bundle::Bundle;
pub use error::{DataError, ErrorKind, Place, TemplateError};
pub use files::{MAX_BUNDLE_BYTES, MAX_FILE_BYTES, MAX_FILES};
pub use inline::{Inline, Markup};
pub use limits::Limits;
pub use locale::{Direction, Locale};
pub use meta::{BundleMeta, Standard};
