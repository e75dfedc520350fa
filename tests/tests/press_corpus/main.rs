//! The press against WeasyPrint and Chromium, feature by feature and over whole documents.
//!
//! `fixtures/press` holds the pages and, beside each, the words that either oracle drew (`oracle/record.py`).
//! Each fixture has the same pages, and every word within [`TOLERANCE`] of its place, as WeasyPrint, or as the
//! ledger says (`fixtures/press/ledger.md`). Entries of the ledger that nothing needs any more are failures too.

mod compare;
mod ledger;
mod read;

use compare::{Difference, differences};
use fanfold_press::{Fetch, FetchError, Options, Press};
use ledger::{Expected, Ledger};
use read::Drawn;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// How far a word may be from its place, in points.
const TOLERANCE: f32 = 2.0;

/// Files below the fixture's folder.
struct Folder(PathBuf);

impl Fetch for Folder {
    fn fetch(&self, url: &str) -> Result<Arc<[u8]>, FetchError> {
        let bytes = std::fs::read(self.0.join(url)).map_err(|_| FetchError::NotFound)?;
        Ok(bytes.into())
    }
}

/// What one fixture came to.
struct Outcome {
    name: String,
    /// Of WeasyPrint and of Chromium; none where the oracle could not draw the fixture.
    differences: [Option<Difference>; 2],
}

impl Outcome {
    fn agrees(&self, oracle: usize) -> bool {
        let difference = &self.differences[oracle];
        difference.as_ref().is_some_and(|it| it.within(TOLERANCE))
    }
}

fn fixtures(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder of fixtures is there") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            fixtures(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "html") {
            found.push(path);
        }
    }
}

fn outcome(press: &Press, root: &Path, path: &Path) -> Outcome {
    let name = path
        .strip_prefix(root)
        .expect("it is below")
        .with_extension("");
    let name = name.to_string_lossy().replace('\\', "/");
    let html = std::fs::read_to_string(path).expect("a fixture is UTF-8");
    let folder = Folder(path.parent().expect("a file has a folder").to_path_buf());
    let pdf = press.print(&html, &folder, &Options::default());
    let pdf = pdf.unwrap_or_else(|error| panic!("{name}: {error}"));
    let ours = read::pdf(&pdf.bytes);
    assert_eq!(ours.sizes.len(), pdf.pages as usize, "{name}: pages");
    let differences = ["weasyprint", "chromium"].map(|oracle| {
        let recorded = path.with_extension(format!("{oracle}.boxes"));
        let recorded = std::fs::read_to_string(recorded).ok()?;
        Some(differences(&ours, &Drawn::recorded(&recorded)))
    });
    Outcome { name, differences }
}

#[test]
fn pages_and_words_are_where_the_oracles_have_them() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/press");
    let ledger = Ledger::read(&root.join("ledger.md"));
    let mut paths = Vec::new();
    fixtures(&root, &mut paths);
    paths.sort();
    let press = Press::new();
    let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = outcome(&press, &root, path);
                    outcomes
                        .lock()
                        .expect("no thread panics with it")
                        .push(outcome);
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().expect("no thread panics with it");
    outcomes.sort_by(|a, b| a.name.cmp(&b.name));

    let mut problems = String::new();
    for outcome in &outcomes {
        judge(outcome, ledger.expected(&outcome.name), &mut problems);
    }
    for name in ledger.names() {
        if !outcomes.iter().any(|outcome| outcome.name == *name) {
            let _ = writeln!(
                problems,
                "{name} is in the ledger, but there is no such fixture"
            );
        }
    }
    println!("{}", totals(&outcomes, &ledger));
    assert!(problems.is_empty(), "\n{problems}");
}

/// Whether a fixture came out as the ledger expects.
fn judge(outcome: &Outcome, expected: Expected, problems: &mut String) {
    let (weasyprint, chromium) = (outcome.agrees(0), outcome.agrees(1));
    let name = &outcome.name;
    let _ = match expected {
        Expected::WeasyPrint if !weasyprint => {
            let shown = outcome.differences[0].as_ref().map(Difference::shown);
            let other = if chromium {
                "agrees with"
            } else {
                "differs from"
            };
            let shown = shown.unwrap_or_else(|| "it drew nothing".to_owned());
            writeln!(
                problems,
                "{name} differs from WeasyPrint (and {other} Chromium): {shown}"
            )
        }
        Expected::Chromium if !chromium => {
            let shown = outcome.differences[1].as_ref().map(Difference::shown);
            let shown = shown.unwrap_or_else(|| "it drew nothing".to_owned());
            writeln!(problems, "{name} differs from Chromium: {shown}")
        }
        Expected::Chromium | Expected::Neither if weasyprint => {
            writeln!(
                problems,
                "{name} agrees with WeasyPrint: take it out of the ledger"
            )
        }
        Expected::Neither if chromium => {
            writeln!(
                problems,
                "{name} agrees with Chromium: say so in the ledger"
            )
        }
        _ => Ok(()),
    };
}

/// How the corpus stands, for who reads the test's output.
fn totals(outcomes: &[Outcome], ledger: &Ledger) -> String {
    let all = outcomes.len();
    let count = |oracle: usize| {
        outcomes
            .iter()
            .filter(|outcome| outcome.agrees(oracle))
            .count()
    };
    let (weasyprint, chromium) = (count(0), count(1));
    let either = outcomes
        .iter()
        .filter(|it| it.agrees(0) || it.agrees(1))
        .count();
    let words = |points: f32| {
        let found = outcomes
            .iter()
            .filter_map(|outcome| outcome.differences[0].as_ref());
        let (near, all) = found.fold((0, 0), |(near, all), difference| {
            (near + difference.near(points), all + difference.apart.len())
        });
        100.0 * near as f64 / all.max(1) as f64
    };
    format!(
        "{all} fixtures: {weasyprint} as WeasyPrint, {chromium} as Chromium, {either} as one of them; \
         {} in the ledger\nwords within 0.1, 0.5 and 2 pt of WeasyPrint's: {:.1} %, {:.1} %, {:.1} %",
        ledger.names().count(),
        words(0.1),
        words(0.5),
        words(2.0)
    )
}
