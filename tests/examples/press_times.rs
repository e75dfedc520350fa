//! Times the press on starter bundles, in one warm process on one thread: data → HTML → PDF bytes.
//!
//! `press_times FOLDER [BUNDLE…]` writes each bundle's HTML and files to `FOLDER/{bundle}/`, for a peer to
//! be timed on, and prints `[{"bundle", "pages", "ms"}]` with the median time of a document.

use fanfold_press::{Fetch, FetchError, Options, Press};
use fanfold_template::{Bundle, Limits};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

struct Files<'a>(&'a Bundle);

impl Fetch for Files<'_> {
    fn fetch(&self, url: &str) -> Result<Arc<[u8]>, FetchError> {
        self.0.file(url).ok_or(FetchError::NotFound)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .ok_or("usage: press_times FOLDER [BUNDLE…]")?;
    let mut names: Vec<String> = arguments.collect();
    if names.is_empty() {
        names = ["invoice", "emi-schedule", "terms"]
            .map(String::from)
            .to_vec();
    }
    let press = Press::new();
    let mut rows = Vec::new();
    for name in names {
        let bundle = Bundle::from_dir(Path::new("shared/bundles").join(&name).as_path())?;
        let data = bundle
            .sample()
            .ok_or("the bundle has no sample.json")?
            .clone();
        let limits = Limits::default();
        let language = bundle.meta().language.clone();
        let out = Path::new(&folder).join(&name);
        for (path, bytes) in bundle.files() {
            let to = out.join(path);
            std::fs::create_dir_all(to.parent().unwrap_or(&out))?;
            std::fs::write(to, bytes)?;
        }
        std::fs::write(
            out.join("index.html"),
            bundle.render(&data, &language, &limits)?,
        )?;
        let (mut times, mut pages) = (Vec::new(), 0);
        for turn in 0..60 {
            let start = Instant::now();
            let html = bundle.render(&data, &language, &limits)?;
            let pdf = press.print(&html, &Files(&bundle), &Options::default())?;
            if turn >= 10 {
                times.push(start.elapsed().as_secs_f64() * 1000.0);
            }
            pages = pdf.pages;
        }
        times.sort_by(f64::total_cmp);
        rows.push(
            serde_json::json!({"bundle": name, "pages": pages, "ms": times[times.len() / 2]}),
        );
    }
    writeln!(
        std::io::stdout().lock(),
        "{}",
        serde_json::Value::Array(rows)
    )?;
    Ok(())
}
