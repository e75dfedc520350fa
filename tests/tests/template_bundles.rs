//! The starter bundles as a customer gets them: through the press, read back by other programs.

use fanfold_press::{Fetch, FetchError, Options, Press};
use fanfold_template::{Bundle, Limits};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

struct Files<'a>(&'a Bundle);

impl Fetch for Files<'_> {
    fn fetch(&self, url: &str) -> Result<Arc<[u8]>, FetchError> {
        self.0.file(url).ok_or(FetchError::NotFound)
    }
}

struct Printed {
    what: String,
    bytes: Vec<u8>,
    pages: usize,
}

fn print(press: &Press, name: &str, locale: &str) -> Printed {
    let what = format!("{name} in {locale}");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/bundles")
        .join(name);
    let bundle = Bundle::from_dir(&folder).unwrap_or_else(|error| panic!("{what}: {error}"));
    let data = bundle.sample().expect("a sample");
    let html = bundle
        .render(data, locale, &Limits::default())
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    let pdf = press
        .print(&html, &Files(&bundle), &Options::default())
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    Printed {
        what,
        bytes: pdf.bytes,
        pages: pdf.pages,
    }
}

/// Runs a program on a PDF and gives what it printed; `None` where it is not installed, except in CI.
fn read(program: &str, before: &[&str], pdf: &Printed, after: &[&str]) -> Option<String> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.pdf", pdf.what));
    std::fs::write(&path, &pdf.bytes).expect("a file");
    let run = Command::new(program)
        .args(before)
        .arg(&path)
        .args(after)
        .stdin(Stdio::null())
        .output();
    match run {
        Ok(output) => {
            assert!(
                output.status.success(),
                "{}: {program} says {output:?}",
                pdf.what
            );
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Err(error) if std::env::var_os("CI").is_some() => panic!("{program}: {error}"),
        Err(error) => {
            eprintln!("left out, as {program} cannot be run: {error}");
            None
        }
    }
}

#[test]
fn every_starter_prints_in_every_language_and_reads_back() {
    let press = Press::new();
    // Pages of the sample, and words that must be on them in reading order.
    let cases = [
        (
            "welcome-letter",
            "en-IN",
            1,
            ["Your home loan is ready", "₹47,50,000.00"],
        ),
        ("welcome-letter", "hi-IN", 1, ["आपका गृह ऋण तैयार है", "मेरु बैंक"]),
        (
            "welcome-letter",
            "ta-IN",
            1,
            ["உங்கள் வீட்டுக் கடன் தயாராக உள்ளது", "மேரு வங்கி"],
        ),
        ("welcome-letter", "ar-AE", 1, ["قرضكم في لمحة", "بنك ميرو"]),
        (
            "emi-schedule",
            "en-IN",
            7,
            ["Repayment schedule", "1,00,01,680.10"],
        ),
        ("emi-schedule", "hi-IN", 7, ["पुनर्भुगतान अनुसूची", "41,673.66"]),
        ("emi-schedule", "ta-IN", 7, ["தொடக்க இருப்பு", "41,673.66"]),
        ("emi-schedule", "ar-AE", 7, ["جدول السداد", "41,673.66"]),
        (
            "terms",
            "en-IN",
            2,
            ["Terms and conditions", "Early repayment"],
        ),
        ("terms", "hi-IN", 2, ["नियम व शर्तें", "समय से पहले भुगतान"]),
        ("terms", "ta-IN", 2, ["முன்கூட்டியே செலுத்துதல்", "ஒப்புதல்"]),
        ("terms", "ar-AE", 2, ["الشروط والأحكام", "السداد المبكر"]),
        (
            "invoice",
            "en-IN",
            1,
            ["Northlight Design Studio", "₹5,95,089.98"],
        ),
        (
            "receipt",
            "en-IN",
            1,
            ["Seventy-three thousand", "₹73,450.00"],
        ),
        (
            "monthly-tax-report",
            "en-IN",
            3,
            ["March 2026", "30,83,388.46"],
        ),
    ];
    for (name, locale, pages, words) in cases {
        let pdf = print(&press, name, locale);
        assert_eq!(pdf.pages, pages, "{}", pdf.what);
        read("qpdf", &["--check"], &pdf, &[]);
        if let Some(text) = read("pdftotext", &["-enc", "UTF-8"], &pdf, &["-"]) {
            let text: String = text
                .chars()
                .map(|c| if c.is_whitespace() { ' ' } else { c })
                .collect();
            for word in words {
                assert!(text.contains(word), "{}: {word} in {text}", pdf.what);
            }
        }
    }
}

#[test]
fn a_bundle_prints_the_same_bytes_in_any_press() {
    let first = print(&Press::new(), "terms", "ar-AE");
    let press = Press::new();
    print(&press, "invoice", "en-IN");
    assert_eq!(first.bytes, print(&press, "terms", "ar-AE").bytes);
}
