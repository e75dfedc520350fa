//! Times the press on starter bundles and HTML pages, in one warm process on one thread: data → HTML → PDF
//! bytes.
//!
//! `press_times FOLDER DOCUMENT…` takes `FOLDER/{document}/index.html` where it is there and no bundle has
//! that name, else the starter bundle, whose HTML and files it writes there for a peer to be timed on. A bundle is
//! given other amounts each time, as a batch does, so that nobody answers out of a cache of the same document; the
//! first of them are written as `index.html`, `1.html`, … It prints `[{"document", "pages", "ms", "peak_mb"}]`: the
//! median time of a document, and the most memory this process has had so far.

use fanfold_press::{Fetch, FetchError, Options, Press};
use fanfold_template::{Bundle, Limits};
use serde_json::Value;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// As in the programs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Most documents timed, and for how long, after the first ones have warmed the caches.
const TURNS: usize = 50;
/// How many documents warm the caches, unless one takes long by itself.
const WARM: usize = 10;
/// How many of a bundle's documents are written for peers.
const WRITTEN: usize = 5;
const ENOUGH: Duration = Duration::from_secs(4);

struct Files<'a>(&'a Bundle);

impl Fetch for Files<'_> {
    fn fetch(&self, url: &str) -> Result<Arc<[u8]>, FetchError> {
        self.0.file(url).ok_or(FetchError::NotFound)
    }
}

struct Folder(PathBuf);

impl Fetch for Folder {
    fn fetch(&self, url: &str) -> Result<Arc<[u8]>, FetchError> {
        let bytes = std::fs::read(self.0.join(url)).map_err(|_| FetchError::NotFound)?;
        Ok(bytes.into())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(
        arguments
            .next()
            .ok_or("usage: press_times FOLDER DOCUMENT…")?,
    );
    let press = Press::new();
    let mut rows = Vec::new();
    for name in arguments {
        let page = folder.join(&name);
        let (pages, ms) = match Bundle::from_dir(&Path::new("shared/bundles").join(&name)) {
            Ok(bundle) => time_bundle(&press, &bundle, &page)?,
            Err(_) => {
                let html = std::fs::read_to_string(page.join("index.html"))?;
                let files = Folder(page);
                time(|_| Ok(press.print(&html, &files, &Options::default())?.pages))?
            }
        };
        rows.push(serde_json::json!({
            "document": name, "pages": pages, "ms": ms, "peak_mb": peak_megabytes(),
        }));
    }
    writeln!(std::io::stdout().lock(), "{}", Value::Array(rows))?;
    Ok(())
}

fn time_bundle(press: &Press, bundle: &Bundle, out: &Path) -> Result<(usize, f64), Box<dyn Error>> {
    let sample = bundle.sample().ok_or("the bundle has no sample.json")?;
    let limits = Limits::default();
    let language = bundle.meta().language.clone();
    for (path, bytes) in bundle.files() {
        let to = out.join(path);
        std::fs::create_dir_all(to.parent().unwrap_or(out))?;
        std::fs::write(to, bytes)?;
    }
    for turn in 0..WRITTEN {
        let html = bundle.render(&varied(sample, turn), &language, &limits)?;
        let name = match turn {
            0 => "index.html".to_owned(),
            turn => format!("{turn}.html"),
        };
        std::fs::write(out.join(name), html)?;
    }
    let documents: Vec<Value> = (0..WARM + TURNS).map(|turn| varied(sample, turn)).collect();
    time(|turn| {
        let html = bundle.render(&documents[turn], &language, &limits)?;
        let pdf = press.print(&html, &Files(bundle), &Options::default())?;
        Ok(pdf.pages)
    })
}

/// The data with other amounts: in each decimal number, all digits but the first differ from turn to turn.
fn varied(data: &Value, turn: usize) -> Value {
    match data {
        Value::String(text) if turn > 0 && is_amount(text) => {
            let mut random =
                turn as u64 ^ text.bytes().fold(0, |sum, byte| sum * 31 + u64::from(byte));
            let digits = text.char_indices().map(|(at, letter)| {
                // Knuth's MMIX generator; its high bits are the random ones.
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                match letter {
                    '0'..='9' if at > 0 => char::from(b'0' + ((random >> 33) % 10) as u8),
                    other => other,
                }
            });
            Value::String(digits.collect())
        }
        Value::Array(items) => items.iter().map(|item| varied(item, turn)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), varied(member, turn)))
            .collect(),
        other => other.clone(),
    }
}

fn is_amount(text: &str) -> bool {
    text.split_once('.').is_some_and(|(whole, cents)| {
        !whole.is_empty()
            && !cents.is_empty()
            && (whole.bytes().chain(cents.bytes())).all(|byte| byte.is_ascii_digit())
    })
}

/// The pages of a document, and its median time in milliseconds.
fn time(
    mut document: impl FnMut(usize) -> Result<usize, Box<dyn Error>>,
) -> Result<(usize, f64), Box<dyn Error>> {
    let first = Instant::now();
    let mut pages = document(0)?;
    // A long document warms the caches by itself.
    if first.elapsed() < ENOUGH / 20 {
        for turn in 1..WARM {
            document(turn)?;
        }
    }
    let mut times = Vec::new();
    let started = Instant::now();
    while times.is_empty() || (times.len() < TURNS && started.elapsed() < ENOUGH) {
        let start = Instant::now();
        pages = document(WARM + times.len())?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok((pages, times[times.len() / 2]))
}

/// The most memory this process has held, in megabytes, where the system says it (proc(5), `VmHWM`).
fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes: Option<f64> =
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kilobytes.unwrap_or_default() / 1024.0
}
