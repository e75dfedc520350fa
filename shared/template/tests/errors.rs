//! What goes wrong is told with its place and what to do, and ends within the limits.

use fanfold_template::{Bundle, ErrorKind, Inline, Limits, Markup, TemplateError};
use serde_json::{Value, json};

fn load(files: &[(&str, &'static str)]) -> Result<Bundle, TemplateError> {
    let files: Vec<(&str, &'static [u8])> = files
        .iter()
        .map(|&(path, text)| (path, text.as_bytes()))
        .collect();
    Bundle::from_static("test", &files)
}

fn fail(template: &str, data: &Value) -> TemplateError {
    let inline = Inline::new(Markup::Html, template).expect("small");
    match inline.render(Some(data), "en", &Limits::default()) {
        Ok(html) => panic!("{template} gave {} bytes", html.len()),
        Err(error) => error,
    }
}

#[test]
fn an_undefined_value_is_named_with_its_line() {
    let error = fail(
        "<p>\n  {{ customer.nmae }}\n</p>",
        &json!({"customer": {"name": "A"}}),
    );
    assert_eq!(error.kind(), ErrorKind::Template);
    let place = error.place().expect("a place");
    assert_eq!((place.file.as_str(), place.line), ("inline.html", Some(2)));
    assert_eq!(place.excerpt.as_deref(), Some("{{ customer.nmae }}"));
    assert!(error.message().contains("customer.nmae"), "{error}");
}

#[test]
fn a_null_leaves_no_hole() {
    let error = fail("{{ x }}", &json!({"x": null}));
    assert!(error.to_string().contains("null"), "{error}");
    let inline = Inline::new(Markup::Html, "{{ x | default('–', true) }}").expect("small");
    assert_eq!(
        inline
            .render(Some(&json!({"x": null})), "en", &Limits::default())
            .expect("renders"),
        "–"
    );
}

#[test]
fn errors_in_included_files_name_that_file() {
    let bundle = load(&[
        ("template.html", "{% include 'a.html' %}"),
        ("a.html", "\n\n{{ missing }}"),
    ])
    .expect("loads");
    let error = bundle
        .render(&json!({}), "en", &Limits::default())
        .expect_err("undefined");
    let place = error.place().expect("a place");
    assert_eq!((place.file.as_str(), place.line), ("a.html", Some(3)));
}

#[test]
fn syntax_errors_are_found_when_loading() {
    for (path, text) in [
        ("template.html", "a\n{% for %}"),
        ("parts/x.html", "a\n{{ 1 + }}"),
    ] {
        let files = [("template.html", "ok"), (path, text)];
        let error =
            load(&files[usize::from(path == "template.html")..]).expect_err("a syntax error");
        let place = error.place().expect("a place");
        assert_eq!(
            (error.kind(), place.file.as_str(), place.line),
            (ErrorKind::Template, path, Some(2))
        );
    }
}

#[test]
fn configuration_errors_have_their_file() {
    for (path, text) in [
        ("bundle.toml", "language = "),
        ("bundle.toml", "language = 'not a tag'"),
        ("schema.json", "{\"type\": 7}"),
        ("schema.json", "{"),
        ("schema.json", "{\"$ref\": \"https://example.com/x.json\"}"),
        ("schema.json", "{\"pattern\": \"(\"}"),
        ("sample.json", "[1,"),
        ("locales/en.toml", "a = {"),
        ("locales/nonsense!.json", "{}"),
        ("locales/en.json", "[]"),
    ] {
        let error = load(&[("template.html", ""), (path, text)]).expect_err(path);
        assert_eq!(error.kind(), ErrorKind::Bundle, "{path} {text}: {error}");
        assert_eq!(
            error.place().map(|place| place.file.as_str()),
            Some(path),
            "{error}"
        );
    }
    assert_eq!(
        load(&[("x.html", "")]).expect_err("no template").kind(),
        ErrorKind::Bundle
    );
}

#[test]
fn all_data_errors_are_told_at_once() {
    let schema = r##"{
        "type": "object",
        "required": ["name", "amount", "a/b"],
        "additionalProperties": false,
        "properties": {
            "name": {"type": "string"}, "a/b": {}, "amount": {"type": ["number", "string"], "exclusiveMinimum": 0},
            "day": {"format": "date"}, "rows": {"items": {"enum": [1, 2]}}
        }
    }"##;
    let bundle = load(&[("template.html", ""), ("schema.json", schema)]).expect("loads");
    let data = json!({"name": 7, "amount": 0, "day": "5.1.2026", "rows": [1, 3], "nmae": 1});
    let error = bundle
        .render(&data, "en", &Limits::default())
        .expect_err("bad data");
    assert_eq!(error.kind(), ErrorKind::Data);
    let pointers: Vec<&str> = error
        .data_errors()
        .iter()
        .map(|e| e.pointer.as_str())
        .collect();
    assert_eq!(
        pointers,
        ["", "/amount", "/a~1b", "/day", "/name", "/rows/1"]
    );
    for part in [
        "\"nmae\"",
        "2026-01-31",
        "more than 0",
        "type string",
        "one of [1,2]",
    ] {
        assert!(error.to_string().contains(part), "{part} in {error}");
    }
}

#[test]
fn schemas_that_refer_to_themselves_end() {
    let bundle = load(&[("template.html", ""), ("schema.json", r##"{"$ref": "#"}"##)]);
    if let Ok(bundle) = bundle {
        let _ = bundle.validate(&json!({"a": 1}));
    }
    let tree = r##"{"properties": {"next": {"$ref": "#"}, "n": {"type": "integer"}}}"##;
    let bundle = load(&[("template.html", ""), ("schema.json", tree)]).expect("loads");
    let error = bundle
        .validate(&json!({"next": {"next": {"n": "x"}}}))
        .expect_err("bad data");
    assert_eq!(error.data_errors()[0].pointer, "/next/next/n");
}

#[test]
fn bad_arguments_say_what_is_wanted() {
    let data = json!({"x": "abc", "n": 5, "list": [1]});
    for (template, part) in [
        ("{{ x | money('INR') }}", "\"abc\" is not a number"),
        ("{{ n | money('rupees') }}", "ISO 4217"),
        ("{{ n | date }}", "2026-01-31"),
        ("{{ '2026-02-30' | date }}", "not a date"),
        ("{{ '2026-01-01' | date('fancy') }}", "full, long"),
        ("{{ n | number(99) }}", "at most 12 decimals"),
        ("{{ n | div(0) }}", "division by zero"),
        ("{{ list | number }}", "not a value of type"),
        ("{{ n | words('INR', sytem='indian') }}", "sytem"),
        ("{{ t('missing') }}", "missing"),
        ("{{ amortise(1, 2, 9999, '2026-01-01') }}", "1 to 360"),
        ("{{ amortise(1, 2, 1.5, '2026-01-01') }}", "whole number"),
        ("{{ n | nosuchfilter }}", "nosuchfilter"),
        ("{% include 'x.html' %}", "x.html"),
        ("{% include '../x.html' %}", "x.html"),
        ("{% include '/etc/hostname' %}", "hostname"),
    ] {
        let error = fail(template, &data);
        assert!(error.to_string().contains(part), "{template}: {error}");
        assert_eq!(
            error.place().and_then(|place| place.line),
            Some(1),
            "{template}: {error}"
        );
    }
}

#[test]
fn a_locale_must_be_a_tag() {
    let bundle = load(&[("template.html", "")]).expect("loads");
    for locale in ["../x", "e", "en-", "{language}"] {
        let error = bundle
            .render(&json!({}), locale, &Limits::default())
            .expect_err(locale);
        assert_eq!(error.kind(), ErrorKind::Locale);
    }
}

#[test]
fn loops_run_out_of_fuel() {
    let limits = Limits {
        fuel: 100_000,
        ..Limits::default()
    };
    let source = "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}";
    let inline = Inline::new(Markup::Html, source).expect("small");
    let error = inline
        .render(Some(&json!({})), "en", &limits)
        .expect_err("no fuel");
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(
        error.to_string().contains("100000 steps (limit fuel)"),
        "{error}"
    );
}

/// What a filter goes through counts too, or a sort in a loop would be free.
#[test]
fn filters_run_out_of_fuel() {
    let limits = Limits {
        fuel: 100_000,
        ..Limits::default()
    };
    let rows: Vec<u32> = (0..5000).collect();
    for body in [
        "rows | sort",
        "rows | sum",
        "rows | join",
        "rows | select('odd') | list",
        "amortise(1, 2, 360, '2026-01-01')",
    ] {
        let source = format!("{{% for a in range(900) %}}{{% set x = {body} %}}{{% endfor %}}");
        let inline = Inline::new(Markup::Html, source).expect("small");
        let error = inline
            .render(Some(&json!({"rows": rows})), "en", &limits)
            .expect_err(body);
        assert!(error.to_string().contains("limit fuel"), "{body}: {error}");
    }
    let inline =
        Inline::new(Markup::Html, "{{ ('a' * 99999999) | list | length }}").expect("small");
    let error = inline.render(Some(&json!({})), "en", &Limits::default());
    assert_eq!(error.expect_err("too long").kind(), ErrorKind::Limit);
}

#[test]
fn output_is_bounded() {
    let limits = Limits {
        output_bytes: 1000,
        ..Limits::default()
    };
    for (markup, source) in [
        (Markup::Html, "{% for a in range(9999) %}xx{% endfor %}"),
        (Markup::Markdown, "a"),
    ] {
        let inline = Inline::new(markup, source).expect("small");
        let error = inline
            .render(Some(&json!({})), "en", &limits)
            .expect_err("too much");
        assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
        assert!(error.to_string().contains("output_bytes"), "{error}");
    }
}

#[test]
fn recursion_ends_on_a_small_stack() {
    let sources = [
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f(x) %}{% call f(x) %}{{ caller() }}{% endcall %}{% endmacro %}{% call f(1) %}{% endcall %}",
        "{% for a in tree recursive %}{{ loop(tree) }}{% endfor %}",
        "{% include 'inline.html' %}",
        "{% extends 'inline.html' %}",
    ];
    let run = move || {
        for source in sources {
            let error = fail(source, &json!({"tree": [1]}));
            assert!(
                matches!(error.kind(), ErrorKind::Limit | ErrorKind::Template),
                "{source}: {error}"
            );
        }
        let deep = format!("{{{{ {}1{} }}}}", "(".repeat(5000), ")".repeat(5000));
        assert_eq!(fail(&deep, &json!({})).kind(), ErrorKind::Limit);
    };
    let thread = std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(run)
        .expect("a thread");
    assert!(thread.join().is_ok());
}

#[test]
fn deep_data_is_refused() {
    let mut data = json!(1);
    for _ in 0..100 {
        data = json!([data]);
    }
    let error = fail("x", &data);
    assert_eq!(error.kind(), ErrorKind::Limit);
}

#[test]
fn large_sources_are_refused() {
    let error = Inline::new(Markup::Html, "x".repeat((1 << 20) + 1)).expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::Limit);
}
