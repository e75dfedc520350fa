//! What templates can do: data, filters, functions, translations, includes.

use fanfold_template::{Bundle, Inline, Limits, Markup};
use serde_json::{Value, json};

fn bundle(files: &[(&str, &'static str)]) -> Bundle {
    let files: Vec<(&str, &'static [u8])> = files
        .iter()
        .map(|&(path, text)| (path, text.as_bytes()))
        .collect();
    Bundle::from_static("test", &files).unwrap_or_else(|error| panic!("{error}"))
}

fn render(template: &str, data: &Value, locale: &str) -> String {
    Inline::new(Markup::Html, template)
        .and_then(|inline| inline.render(Some(data), locale, &Limits::default()))
        .unwrap_or_else(|error| panic!("{template}: {error}"))
}

#[test]
fn data_is_escaped_and_safe_text_is_not() {
    let data = json!({"name": "<b>Tom & \"Co\"</b>"});
    assert_eq!(
        render("{{ name }}|{{ name | safe }}", &data, "en"),
        "&lt;b&gt;Tom &amp; &quot;Co&quot;&lt;&#x2f;b&gt;|<b>Tom & \"Co\"</b>"
    );
}

#[test]
fn the_document_is_described() {
    let data = json!({"doc": "mine"});
    assert_eq!(
        render(
            "{{ doc.locale }} {{ doc.lang }} {{ doc.dir }} {{ data.doc }}",
            &data,
            "ar_ae"
        ),
        "ar-AE ar rtl mine"
    );
}

#[test]
fn fields_keep_the_datas_order() {
    let data: Value = serde_json::from_str(r#"{"row": {"z": 1, "a": 2, "m": 3}}"#).expect("JSON");
    assert_eq!(
        render("{% for k in row %}{{ k }}{% endfor %}", &data, "en"),
        "zam"
    );
}

#[test]
fn amounts_do_not_drift() {
    let data = json!({"a": 0.1, "b": "0.2", "rows": [{"x": 0.1}, {"x": 0.2}, {"x": "0.7"}], "big": "12345678901234567.89"});
    let cases = [
        ("{{ a | add(b) }}", "0.3"),
        ("{{ rows | sum(attribute='x') }}", "1"),
        (
            "{{ rows | cumulative(attribute='x') | join(' ') }}",
            "0.1 0.3 1",
        ),
        (
            "{{ big | add('0.01') | money('INR') }}",
            "₹12,34,56,78,90,12,34,567.90",
        ),
        ("{{ '1' | div(3) | round(2) }}", "0.33"),
        ("{{ 2.675 | round(2) }}", "2.68"),
        ("{{ 100 | sub(0.01) | mul(3) }}", "299.97"),
        ("{{ [] | sum }}", "0"),
    ];
    for (template, expected) in cases {
        assert_eq!(render(template, &data, "en-IN"), expected, "{template}");
    }
}

#[test]
fn filters_follow_the_locale() {
    let data = json!({"x": "500000", "d": "2026-01-05T10:00:00Z", "n": 3});
    let cases = [
        ("en-IN", "{{ x | money('INR') }}", "₹5,00,000.00"),
        ("de-DE", "{{ x | money('EUR') }}", "500.000,00\u{a0}€"),
        ("ar-EG", "{{ x | number(0) }}", "٥٠٠٬٠٠٠"),
        ("hi-IN", "{{ d | date }}", "5 जनवरी 2026"),
        ("ta-IN", "{{ d | date('month') }}", "ஜனவரி 2026"),
        ("fr-FR", "{{ d | date('full') }}", "lundi 5 janvier 2026"),
        ("en-US", "{{ d | date('short') }}", "1&#x2f;5&#x2f;2026"),
        (
            "en-IN",
            "{{ '8.65' | percent(2) }} {{ 5 | percent }}",
            "8.65% 5%",
        ),
        ("en-IN", "{{ x | words('INR') }}", "Five lakh rupees only"),
        (
            "en-IN",
            "{{ x | words('USD', system='international') }}",
            "Five hundred thousand US dollars only",
        ),
        (
            "en",
            "{{ n | plural('day', 'days') }} {{ 1 | plural('day', 'days') }}",
            "days day",
        ),
        ("ar", "{{ n | plural(few='أيام', other='يوم') }}", "أيام"),
        (
            "en",
            "{{ '2026-01-31' | add_months(1) }} {{ '2024-02-28' | add_days(2) }}",
            "2026-02-28 2024-03-01",
        ),
        (
            "en",
            "{{ '</style>\"' | css }}",
            "\"\\3c /style\\3e \\22 \"",
        ),
    ];
    for (locale, template, expected) in cases {
        assert_eq!(
            render(template, &data, locale),
            expected,
            "{template} in {locale}"
        );
    }
}

#[test]
fn a_schedule_is_amortised() {
    let template = "{% set loan = amortise('100000', 12, '12', '2026-01-31') %}{{ loan.instalment }} {{ loan.rows | length }} \
                    {{ loan.rows[1].date }} {{ loan.rows[-1].closing }} {{ loan.total_payment }} {{ loan.last_date }}";
    assert_eq!(
        render(template, &json!({}), "en"),
        "8884.88 12 2026-02-28 0 106618.53 2026-12-31"
    );
}

#[test]
fn includes_extends_and_imports_stay_in_the_bundle() {
    let bundle = bundle(&[
        (
            "template.html",
            "{% extends 'parts/base.html' %}{% block body %}{% include 'parts/a.html' %}{% endblock %}",
        ),
        (
            "parts/base.html",
            "<main>{% block body %}{% endblock %}</main>",
        ),
        (
            "parts/a.html",
            "{% from './macros.jinja' import twice %}{{ twice(word) }}",
        ),
        (
            "parts/macros.jinja",
            "{% macro twice(w) %}{{ w }}{{ w }} {{ doc.lang }} {{ 1000 | number }}{% endmacro %}",
        ),
    ]);
    let html = bundle.render(&json!({"word": "<"}), "de", &Limits::default());
    assert_eq!(html.expect("renders"), "<main>&lt;&lt; de 1.000</main>");
}

#[test]
fn translations_fall_back_and_escape_their_values() {
    let bundle = bundle(&[
        (
            "template.html",
            "{{ t('hello', name=name) }}|{{ t('only_english') }}|{{ t('n', count=n, n=n) }}|{{ t('list')[1].a }}|{{ t('odd') }}",
        ),
        ("bundle.toml", "language = 'en-IN'"),
        (
            "locales/en.toml",
            "hello = 'Hi'\nonly_english = 'x &amp; y'\nodd = '{ } {a b} {'\n[n]\none = '{n} day'\nother = '{n} days'\n[[list]]\na = 1\n[[list]]\na = '<i>2</i>'",
        ),
        ("locales/hi.json", r#"{"hello": "<b>नमस्ते {name}</b>"}"#),
    ]);
    let html = bundle.render(&json!({"name": "<&>", "n": 1}), "hi-IN", &Limits::default());
    assert_eq!(
        html.expect("renders"),
        "<b>नमस्ते &lt;&amp;&gt;</b>|x &amp; y|1 day|<i>2</i>|{ } {a b} {"
    );
}

#[test]
fn one_bundle_serves_many_threads_and_locales() {
    let bundle = bundle(&[("template.html", "{{ x | money('EUR') }}")]);
    let data = json!({"x": "1234.5"});
    let bundle = &bundle;
    let data = &data;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(move || {
                for n in 0..50 {
                    let german = bundle.render(data, "de", &Limits::default());
                    assert_eq!(german.expect("renders"), "1.234,50\u{a0}€");
                    // More locales than are kept.
                    let other = bundle.render(data, &format!("en-{n:03}"), &Limits::default());
                    assert_eq!(other.expect("renders"), "€1,234.50");
                }
            });
        }
    });
}

#[test]
fn the_version_is_the_content() {
    let one = bundle(&[("template.html", "a"), ("style.css", "b")]);
    let two = bundle(&[("style.css", "b"), ("template.html", "a")]);
    let other = bundle(&[("template.html", "a"), ("style.css", "c")]);
    assert_eq!(one.version(), two.version());
    assert_ne!(one.version(), other.version());
    assert_eq!(one.file("style.css").as_deref(), Some(&b"b"[..]));
    assert!(one.file("../style.css").is_none());
}

#[test]
fn a_folder_is_the_same_bundle_as_its_files() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("images")).expect("a folder");
    for (path, text) in [
        ("template.html", "a"),
        ("images/x.png", "x"),
        (".hidden", "h"),
    ] {
        std::fs::write(folder.path().join(path), text).expect("a file");
    }
    let read = Bundle::from_dir(folder.path()).expect("loads");
    let embedded = bundle(&[("images/x.png", "x"), ("template.html", "a")]);
    assert_eq!(read.version(), embedded.version());
}

#[test]
fn markdown_is_a_template_only_with_data() {
    let note = Inline::new(Markup::Markdown, "# {{ name }}\n\n*{{ 2 + 2 }}*").expect("small");
    let html = note
        .render(Some(&json!({"name": "A < B"})), "en", &Limits::default())
        .expect("renders");
    assert!(
        html.contains("<h1>A &lt; B</h1>") && html.contains("<em>4</em>"),
        "{html}"
    );
    let plain = note.render(None, "", &Limits::default()).expect("renders");
    assert!(plain.contains("<h1>{{ name }}</h1>"), "{plain}");
}

#[test]
fn there_is_no_clock() {
    for source in ["{{ now() }}", "{{ now }}", "{{ debug() }}", "{{ today }}"] {
        let inline = Inline::new(Markup::Html, source).expect("small");
        assert!(
            inline
                .render(Some(&json!({})), "en", &Limits::default())
                .is_err(),
            "{source}"
        );
    }
}
