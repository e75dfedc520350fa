//! Configuration from the environment, checked at cold start: a function with a wrong value does not
//! start, and says everything that is wrong at once.

use std::num::NonZero;
use std::time::Duration;

/// What a function can be told. The defaults are those of the local program too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `FANFOLD_DOCUMENT_CONCURRENCY`: documents open at once, 1 to 10,000. Four for each core.
    pub document_concurrency: usize,
    /// `FANFOLD_RENDER_CONCURRENCY`: documents on a core at once, 1 to 1,000. The number of cores.
    pub render_concurrency: usize,
    /// `FANFOLD_UPLOAD_CONCURRENCY`: uploads at once, 1 to 1,000. 16.
    pub upload_concurrency: usize,
    /// `FANFOLD_BUDGET_SECONDS`: how long an invocation starts new work. 55 s.
    pub budget: Duration,
    /// `FANFOLD_RESERVE_SECONDS`: kept at an invocation's end for answering. 3 s.
    pub reserve: Duration,
    /// `FANFOLD_SOFT_LIMIT_SECONDS`: after which a document is told to stop. 240 s.
    pub soft_limit: Duration,
    /// `FANFOLD_HARD_LIMIT_SECONDS`: after which a document is given up. 300 s.
    pub hard_limit: Duration,
    /// `FANFOLD_MAX_PAGES`: pages a document may have. 10,000.
    pub max_pages: u32,
    /// `FANFOLD_MAX_PDF_MIB`: bytes a document may have. 256 MiB.
    pub max_pdf_bytes: u64,
    /// `FANFOLD_CHUNK_DOCUMENTS`: documents in a chunk, 1 to 1,000. 10.
    pub chunk_documents: u32,
    /// `FANFOLD_WAIT_SECONDS`: how long `?wait=true` waits. 25 s, as the API's own limit is 30 s.
    pub wait: Duration,
    /// `FANFOLD_LINK_SECONDS`: how long links to results work. One hour.
    pub link: Duration,
    /// `FANFOLD_METRICS`: write metrics to standard output. On in Lambda, off elsewhere.
    pub metrics: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            document_concurrency: cores * 4,
            render_concurrency: cores,
            upload_concurrency: 16,
            budget: Duration::from_secs(55),
            reserve: Duration::from_secs(3),
            soft_limit: Duration::from_secs(240),
            hard_limit: Duration::from_secs(300),
            max_pages: 10_000,
            max_pdf_bytes: 256 << 20,
            chunk_documents: fanfold_job::Limits::default().chunk_documents,
            wait: Duration::from_secs(25),
            link: Duration::from_secs(3_600),
            metrics: false,
        }
    }
}

/// Everything wrong with the environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration is not valid: {}", .0.join("; "))]
pub struct SettingsError(pub Vec<String>);

impl Settings {
    /// Reads the environment through `lookup`, which gives a variable's value.
    ///
    /// # Errors
    /// Names every variable whose value is not allowed, and what is.
    pub fn from_env(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let base = Self {
            metrics: lookup("AWS_LAMBDA_FUNCTION_NAME").is_some(),
            ..Self::default()
        };
        let mut env = Env {
            lookup: &lookup,
            errors: Vec::new(),
        };
        let settings = Self {
            document_concurrency: env.number(
                "FANFOLD_DOCUMENT_CONCURRENCY",
                1,
                10_000,
                base.document_concurrency as u64,
            ) as usize,
            render_concurrency: env.number(
                "FANFOLD_RENDER_CONCURRENCY",
                1,
                1_000,
                base.render_concurrency as u64,
            ) as usize,
            upload_concurrency: env.number(
                "FANFOLD_UPLOAD_CONCURRENCY",
                1,
                1_000,
                base.upload_concurrency as u64,
            ) as usize,
            budget: env.seconds("FANFOLD_BUDGET_SECONDS", 1, 890, base.budget),
            reserve: env.seconds("FANFOLD_RESERVE_SECONDS", 0, 120, base.reserve),
            soft_limit: env.seconds("FANFOLD_SOFT_LIMIT_SECONDS", 1, 890, base.soft_limit),
            hard_limit: env.seconds("FANFOLD_HARD_LIMIT_SECONDS", 1, 895, base.hard_limit),
            max_pages: env.number("FANFOLD_MAX_PAGES", 1, 1_000_000, u64::from(base.max_pages))
                as u32,
            max_pdf_bytes: env.number("FANFOLD_MAX_PDF_MIB", 1, 4_096, base.max_pdf_bytes >> 20)
                << 20,
            chunk_documents: env.number(
                "FANFOLD_CHUNK_DOCUMENTS",
                1,
                1_000,
                u64::from(base.chunk_documents),
            ) as u32,
            wait: env.seconds("FANFOLD_WAIT_SECONDS", 0, 900, base.wait),
            link: env.seconds("FANFOLD_LINK_SECONDS", 1, 604_800, base.link),
            metrics: env.flag("FANFOLD_METRICS", base.metrics),
        };
        if settings.soft_limit > settings.hard_limit {
            env.errors.push("FANFOLD_SOFT_LIMIT_SECONDS is above FANFOLD_HARD_LIMIT_SECONDS; set it to at most that".into());
        }
        if env.errors.is_empty() {
            Ok(settings)
        } else {
            Err(SettingsError(env.errors))
        }
    }

    /// Reads variables that must be there, such as the bucket and the queues' URLs, in order.
    ///
    /// # Errors
    /// Names every one that is missing or empty.
    pub fn required<const N: usize>(
        lookup: impl Fn(&str) -> Option<String>,
        names: [&str; N],
    ) -> Result<[String; N], SettingsError> {
        let values = names.map(|name| lookup(name).filter(|value| !value.trim().is_empty()));
        let missing: Vec<String> = names
            .iter()
            .zip(&values)
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| format!("{name} is not set"))
            .collect();
        if missing.is_empty() {
            Ok(values.map(Option::unwrap_or_default))
        } else {
            Err(SettingsError(missing))
        }
    }
}

struct Env<'a, F> {
    lookup: &'a F,
    errors: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Env<'_, F> {
    fn number(&mut self, name: &str, least: u64, most: u64, default: u64) -> u64 {
        let Some(text) = (self.lookup)(name) else {
            return default;
        };
        match text.trim().parse::<u64>() {
            Ok(value) if (least..=most).contains(&value) => value,
            _ => {
                self.errors.push(format!(
                    "{name} is {text:?}; it must be a whole number from {least} to {most}"
                ));
                default
            }
        }
    }

    fn seconds(&mut self, name: &str, least: u64, most: u64, default: Duration) -> Duration {
        Duration::from_secs(self.number(name, least, most, default.as_secs()))
    }

    fn flag(&mut self, name: &str, default: bool) -> bool {
        match (self.lookup)(name).as_deref().map(str::trim) {
            None => default,
            Some("1" | "true" | "on") => true,
            Some("0" | "false" | "off") => false,
            Some(text) => {
                self.errors
                    .push(format!("{name} is {text:?}; it must be true or false"));
                default
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(pairs: &'static [(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::from_env(|name| {
            pairs
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn an_empty_environment_gives_the_defaults() {
        assert_eq!(from(&[]).unwrap(), Settings::default());
    }

    #[test]
    fn values_are_read() {
        let settings = from(&[
            ("FANFOLD_DOCUMENT_CONCURRENCY", "7"),
            ("FANFOLD_RENDER_CONCURRENCY", " 2 "),
            ("FANFOLD_METRICS", "on"),
        ])
        .unwrap();
        assert_eq!(
            (
                settings.document_concurrency,
                settings.render_concurrency,
                settings.metrics
            ),
            (7, 2, true)
        );
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let SettingsError(errors) = from(&[
            ("FANFOLD_DOCUMENT_CONCURRENCY", "0"),
            ("FANFOLD_RENDER_CONCURRENCY", "many"),
            ("FANFOLD_SOFT_LIMIT_SECONDS", "600"),
        ])
        .unwrap_err();
        assert_eq!(errors.len(), 3);
        assert!(errors[0].contains(
            "FANFOLD_DOCUMENT_CONCURRENCY is \"0\"; it must be a whole number from 1 to 10000"
        ));
        assert!(errors[1].contains("FANFOLD_RENDER_CONCURRENCY"));
        assert!(errors[2].contains("FANFOLD_HARD_LIMIT_SECONDS"));
        let missing = Settings::required(|_| None, ["FANFOLD_BUCKET", "FANFOLD_MERGE_QUEUE_URL"])
            .unwrap_err();
        assert_eq!(missing.0.len(), 2);
    }
}
