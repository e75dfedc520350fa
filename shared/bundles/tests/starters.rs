//! Every starter bundle renders its sample in every language it names, and the loan kit's papers belong together.

use fanfold_template::{Bundle, Limits};

fn load(name: &str) -> Bundle {
    fanfold_bundles::get(name)
        .expect("a starter")
        .load()
        .expect("compiles")
}

#[test]
fn all_starters_are_there_in_order() {
    let names: Vec<&str> = fanfold_bundles::all()
        .iter()
        .map(|starter| starter.name())
        .collect();
    assert_eq!(
        names,
        [
            "emi-schedule",
            "invoice",
            "monthly-tax-report",
            "receipt",
            "terms",
            "welcome-letter"
        ]
    );
    assert_eq!(names, fanfold_bundles::NAMES);
    assert!(fanfold_bundles::get("loan-kit").is_none());
}

#[test]
fn samples_render_in_every_language() {
    for starter in fanfold_bundles::all() {
        let bundle = starter.load().expect("compiles");
        let sample = bundle.sample().expect("a sample").clone();
        assert!(
            bundle.schema().is_some() && bundle.meta().output.is_some(),
            "{}",
            bundle.name()
        );
        let languages = bundle.meta().languages.clone();
        for language in languages.iter().map(String::as_str).chain([""]) {
            let html = bundle
                .render(&sample, language, &Limits::default())
                .unwrap_or_else(|error| panic!("{} in {language:?}: {error}", bundle.name()));
            assert!(
                html.contains("<!DOCTYPE html>"),
                "{} in {language:?}",
                bundle.name()
            );
        }
    }
}

#[test]
fn every_reference_is_a_file_of_the_bundle() {
    for starter in fanfold_bundles::all() {
        let bundle = starter.load().expect("compiles");
        let sample = bundle.sample().expect("a sample").clone();
        let html = bundle
            .render(&sample, "", &Limits::default())
            .expect("renders");
        for attribute in ["src=\"", "href=\""] {
            for reference in html.split(attribute).skip(1) {
                let path = reference.split('"').next().unwrap_or_default();
                assert!(bundle.file(path).is_some(), "{}: {path}", bundle.name());
            }
        }
    }
}

/// The papers of one bank share their look and their data: the copies must not drift apart.
#[test]
fn the_loan_kit_is_one_family() {
    let letter = load("welcome-letter");
    for other in [load("emi-schedule"), load("terms")] {
        for path in [
            "bank.css",
            "images/logo.png",
            "parts/letterhead.html",
            "parts/footer.html",
            "schema.json",
            "sample.json",
        ] {
            assert_eq!(
                letter.file(path),
                other.file(path),
                "{path} of {}",
                other.name()
            );
        }
        assert_eq!(letter.meta().languages, other.meta().languages);
    }
}

#[test]
fn arabic_runs_right_to_left() {
    let bundle = load("terms");
    let sample = bundle.sample().expect("a sample").clone();
    let html = bundle
        .render(&sample, "ar-AE", &Limits::default())
        .expect("renders");
    assert!(html.contains(r#"<html lang="ar-AE" dir="rtl">"#));
    assert!(html.contains("الشروط والأحكام") && !html.contains("Terms and conditions"));
}

#[test]
fn amounts_add_up() {
    let bundle = load("invoice");
    let sample = bundle.sample().expect("a sample").clone();
    let html = bundle
        .render(&sample, "en-IN", &Limits::default())
        .expect("renders");
    // 475,000 at 18 %, 29,450 at 5 % and 3,667.48 at 0 %.
    for amount in [
        "5,34,860.50",
        "-26,743.02",
        "85,500.00",
        "1,472.50",
        "₹5,95,089.98",
    ] {
        assert!(html.contains(amount), "{amount}");
    }
}

/// Every customer of the sample batch gets all three papers.
#[test]
fn the_sample_batch_renders() {
    let mut rows = csv::Reader::from_reader(&include_bytes!("../loan-kit/customers.csv")[..]);
    let columns = rows.headers().expect("a header row").clone();
    let bundles = [load("welcome-letter"), load("emi-schedule"), load("terms")];
    let mut count = 0;
    for row in rows.records() {
        let row = row.expect("a row");
        let data: serde_json::Map<String, serde_json::Value> = columns
            .iter()
            .zip(&row)
            .map(|(column, field)| (column.to_owned(), field.into()))
            .collect();
        let locale = data["language"].as_str().expect("a language").to_owned();
        let data = serde_json::Value::Object(data);
        for bundle in &bundles {
            bundle
                .render(&data, &locale, &Limits::default())
                .unwrap_or_else(|error| panic!("{} for {data}: {error}", bundle.name()));
        }
        count += 1;
    }
    assert_eq!(count, 201);
}
