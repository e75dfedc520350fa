//! Documents by chance, of which each word must be seen, and once: pages that lose a line, repeat it or have no end
//! come of combinations that nobody thinks of.
//!
//! `FANFOLD_RANDOM_DOCUMENTS=FROM..TO` looks at other seeds than the first five hundred, of which one in some
//! thousand fails yet, and `FANFOLD_RANDOM_DOCUMENTS_KEPT=FOLDER` keeps the documents that fail there.

mod generate;
#[expect(dead_code, reason = "words by their places are the corpus's")]
#[path = "../press_corpus/read.rs"]
mod read;

use fanfold_press::{Fetch, FetchError, Options, Press};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// No document of these has so much content.
const PAGES: usize = 2_000;

struct Nothing;

impl Fetch for Nothing {
    fn fetch(&self, _: &str) -> Result<Arc<[u8]>, FetchError> {
        Err(FetchError::NotFound)
    }
}

/// What is wrong with a document's pages, if anything is.
fn fault(press: &Press, html: &str) -> Option<String> {
    let mut options = Options::default();
    options.limits.pages = PAGES;
    let pdf = match press.print(html, &Nothing, &options) {
        Ok(pdf) => pdf,
        Err(error) => return Some(error.to_string()),
    };
    let mut seen: BTreeMap<u32, u32> = BTreeMap::new();
    let mut off = Vec::new();
    read::each_page(&pdf.bytes, |(_, height), glyphs| {
        // Nothing is turned: all glyphs have one direction.
        for glyphs in glyphs.into_values() {
            // As they are painted: boxes may lie over one another.
            let text: String = glyphs.iter().map(|glyph| glyph.text.as_str()).collect();
            for number in numbers(&text) {
                *seen.entry(number).or_default() += 1;
            }
            // What is centred in less room than it needs may well stick out at the top.
            let outside = |glyph: &&read::Glyph| glyph.y > f64::from(height);
            let text: String = glyphs
                .iter()
                .filter(outside)
                .map(|glyph| glyph.text.as_str())
                .collect();
            off.extend(numbers(&text));
        }
    });
    let lost: Vec<u32> = numbers(html)
        .into_iter()
        .filter(|number| !seen.contains_key(number))
        .collect();
    let twice: Vec<u32> = seen
        .iter()
        .filter(|(_, times)| **times > 1)
        .map(|(number, _)| *number)
        .collect();
    let mut fault = String::new();
    for (what, words) in [("lost", lost), ("twice", twice), ("off the page", off)] {
        if !words.is_empty() {
            let _ = write!(fault, "{what}: {words:?} ");
        }
    }
    (!fault.is_empty()).then_some(fault)
}

/// The numbers of the words `w0w`, `w1w` … in a text, however they are joined.
fn numbers(text: &str) -> Vec<u32> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('w') {
        rest = after;
        if let Some((number, after)) = after.split_once('w')
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && let Ok(number) = number.parse()
        {
            found.push(number);
            rest = after;
        }
    }
    found
}

fn seeds() -> Range<u64> {
    let Ok(range) = std::env::var("FANFOLD_RANDOM_DOCUMENTS") else {
        return 0..500;
    };
    let (from, to) = range.split_once("..").expect("FROM..TO");
    from.parse().expect("a number")..to.parse().expect("a number")
}

#[test]
fn every_word_is_on_the_pages_once() {
    let seeds = seeds();
    let kept = std::env::var("FANFOLD_RANDOM_DOCUMENTS_KEPT").ok();
    let press = Press::new();
    let (next, faults) = (AtomicU64::new(seeds.start), Mutex::new(BTreeMap::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        break;
                    }
                    let html = generate::document(seed);
                    let Some(fault) = fault(&press, &html) else {
                        continue;
                    };
                    if let Some(folder) = &kept {
                        eprintln!("{seed}: {fault}");
                        let path = format!("{folder}/{seed}.html");
                        std::fs::write(path, &html).expect("the folder is there");
                    }
                    let mut faults = faults.lock().expect("no thread panics with it");
                    faults.insert(seed, fault);
                }
            });
        }
    });
    let faults = faults.into_inner().expect("no thread panics with it");
    let mut shown = String::new();
    for (seed, fault) in faults.iter().take(20) {
        let _ = writeln!(shown, "{seed}: {fault}");
    }
    assert!(
        faults.is_empty(),
        "{} of {} documents:\n{shown}",
        faults.len(),
        seeds.end - seeds.start
    );
}
