//! The template engine: strict, bounded, bound to a locale; and its errors in our terms.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Object, Serde, ValueKind};
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, Value};

use crate::error::{ErrorKind, Place, TemplateError};
use crate::files::{self, Files};
use crate::filters;
use crate::limits::{Limits, RECURSION, TEMPLATE_BYTES};
use crate::locale::Locale;
use crate::meter;
use crate::translations::Translations;

/// Environments kept for locales already seen; a data set with more locales than this makes them anew.
const KEPT_LOCALES: usize = 32;

/// Compiled templates, shared by all threads; one environment per locale, since filters are bound to it.
pub(crate) struct Engine {
    base: Environment<'static>,
    translations: Translations,
    own: Locale,
    by_locale: Mutex<BTreeMap<(String, u64), Arc<Environment<'static>>>>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Compiles every template of a bundle.
    pub(crate) fn compile(files: &Files, own: Locale) -> Result<Self, TemplateError> {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_recursion_limit(RECURSION);
        env.set_debug(true);
        env.set_auto_escape_callback(|_| AutoEscape::Html);
        env.set_formatter(|out, state, value| {
            if value.kind() == ValueKind::None {
                return Err(Error::new(
                    minijinja::ErrorKind::UndefinedError,
                    "the value is null",
                ));
            }
            minijinja::escape_formatter(out, state, value)
        });
        env.set_path_join_callback(|name, parent| match files::resolve(name, parent) {
            Some(path) => path.into(),
            None => name.into(),
        });
        env.remove_global("debug");
        env.remove_filter("pprint");
        meter::add_metered(&mut env);
        filters::add_arithmetic(&mut env);
        for (path, content) in files.iter() {
            if !matches!(
                path.rsplit_once('.'),
                Some((_, "html" | "htm" | "jinja" | "j2" | "md"))
            ) {
                continue;
            }
            if content.len() > TEMPLATE_BYTES {
                return Err(TemplateError::new(
                    ErrorKind::Limit,
                    format!(
                        "a template may have {TEMPLATE_BYTES} bytes, this has {}",
                        content.len()
                    ),
                )
                .in_file(path));
            }
            let source = files.text(path)?.unwrap_or_default();
            env.add_template_owned(path.to_owned(), source.to_owned())
                .map_err(|error| {
                    let mut error = describe(&error, files, &Limits::default());
                    error = if error.place().is_none() {
                        error.in_file(path)
                    } else {
                        error
                    };
                    error
                })?;
        }
        Ok(Self {
            base: env,
            translations: Translations::load(files)?,
            own,
            by_locale: Mutex::default(),
        })
    }

    fn environment(&self, locale: &Locale, fuel: u64) -> Arc<Environment<'static>> {
        let key = (locale.tag().to_owned(), fuel);
        // A panic while the lock is held cannot leave the map half changed.
        let kept = self
            .by_locale
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        if let Some(env) = kept {
            return env;
        }
        let mut env = self.base.clone();
        env.set_fuel(Some(fuel.min(i64::MAX as u64)));
        let texts = Arc::new(self.translations.chain(locale, &self.own));
        filters::add_locale(&mut env, &Arc::new(locale.clone()), texts);
        let env = Arc::new(env);
        let mut by_locale = self
            .by_locale
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if by_locale.len() < KEPT_LOCALES {
            by_locale.insert(key, Arc::clone(&env));
        }
        env
    }

    /// Renders a template of the bundle.
    pub(crate) fn render(
        &self,
        template: &str,
        bundle: &str,
        data: &serde_json::Value,
        locale: &Locale,
        limits: &Limits,
        files: &Files,
    ) -> Result<String, TemplateError> {
        check_depth(data, limits.data_depth)?;
        let env = self.environment(locale, limits.fuel);
        let context = Value::from_object(Context {
            data: Value::from(Serde(data)),
            document: minijinja::context! {
                locale => locale.tag(),
                lang => locale.lang(),
                dir => locale.direction().as_str(),
                bundle => bundle,
            },
        });
        let mut output = Bounded {
            bytes: Vec::new(),
            limit: limits.output_bytes,
        };
        env.get_template(template)
            .and_then(|template| template.render_captured_to(context, &mut output).map(drop))
            .map_err(|error| describe(&error, files, limits))?;
        String::from_utf8(output.bytes)
            .map_err(|_| TemplateError::new(ErrorKind::Template, "the output is not UTF-8"))
    }
}

/// What a template sees: the data's fields, `data` and `doc`.
#[derive(Debug)]
struct Context {
    data: Value,
    document: Value,
}

impl Object for Context {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        if key.as_str() == Some("doc") {
            return Some(self.document.clone());
        }
        let field = self
            .data
            .get_item(key)
            .ok()
            .filter(|value| !value.is_undefined());
        field.or_else(|| (key.as_str() == Some("data")).then(|| self.data.clone()))
    }
}

struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.limit.saturating_sub(self.bytes.len()) {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Refuses data nested deeper than the limit; stops there, so it is safe on any input.
fn check_depth(data: &serde_json::Value, left: usize) -> Result<(), TemplateError> {
    fn fits(value: &serde_json::Value, left: usize) -> bool {
        match value {
            serde_json::Value::Array(items) => {
                left > 0 && items.iter().all(|item| fits(item, left - 1))
            }
            serde_json::Value::Object(fields) => {
                left > 0 && fields.values().all(|field| fits(field, left - 1))
            }
            _ => true,
        }
    }
    if fits(data, left) {
        return Ok(());
    }
    Err(TemplateError::new(
        ErrorKind::Limit,
        format!("the data is nested deeper than {left} (limit data_depth)"),
    ))
}

/// An engine error in our terms, at the innermost place it names.
fn describe(error: &Error, files: &Files, limits: &Limits) -> TemplateError {
    // An error in an included file or a block arrives wrapped in one per level.
    let mut inner = error;
    while let Some(source) =
        std::error::Error::source(inner).and_then(|source| source.downcast_ref::<Error>())
    {
        inner = source;
    }
    let source = inner
        .name()
        .and_then(|name| files.text(name).ok().flatten());
    let place = inner
        .name()
        .map(|name| match (source, inner.range(), inner.line()) {
            (Some(text), Some(range), _) => Place::of_offset(name, text, range.start),
            (text, None, Some(line)) => Place::of_line(name, text, line),
            _ => Place {
                file: name.to_owned(),
                line: inner.line(),
                column: None,
                excerpt: None,
            },
        });
    let expression = source
        .zip(inner.range())
        .and_then(|(text, range)| text.get(range))
        .map(str::trim);
    let error = explain(inner, expression, limits);
    match place {
        Some(place) => error.at(place),
        None => error,
    }
}

fn explain(error: &Error, expression: Option<&str>, limits: &Limits) -> TemplateError {
    use minijinja::ErrorKind as Engine;
    let detail = error.detail();
    let plain = |text: String| TemplateError::new(ErrorKind::Template, text);
    let limit = |text: String| TemplateError::new(ErrorKind::Limit, text);
    match error.kind() {
        Engine::OutOfFuel => limit(format!(
            "the template takes more than {} steps (limit fuel)",
            limits.fuel
        ))
        .hint("shorten its loops, or split the document"),
        Engine::WriteFailure => limit(format!(
            "the template wrote more than {} bytes (limit output_bytes)",
            limits.output_bytes
        ))
        .hint("split the document"),
        _ if detail.is_some_and(|detail| detail.contains("recursion limit")) => {
            limit("includes, macros or loops are nested too deep (limit recursion)".to_owned())
        }
        Engine::UndefinedError => {
            let what = detail.unwrap_or("the value is undefined");
            let what = match expression {
                Some(expression) if expression.len() <= 120 => format!("{expression}: {what}"),
                _ => what.to_owned(),
            };
            plain(what).hint("correct the name, add the value to the data, or give a default: |default(\"…\", true)")
        }
        Engine::TemplateNotFound => plain(detail.unwrap_or("template not found").to_owned())
            .hint("includes name files of the bundle, from its root or relative with ./ and ../"),
        kind => plain(detail.map_or_else(|| kind.to_string(), str::to_owned)),
    }
}
