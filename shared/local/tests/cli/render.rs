use crate::program::{Workplace, pages};

const BREAK: &str = "<h1>One</h1><p style='break-before: page'>Two</p>";

#[test]
fn a_page_becomes_a_pdf_of_its_name() {
    let place = Workplace::new();
    place.write("letter.html", BREAK);
    place.run(&["render", "letter.html"]).with_code(0);
    assert_eq!(pages(&place.read("letter.pdf")), 2);
}

#[test]
fn data_makes_the_page_a_template_and_dash_is_standard_output() {
    let place = Workplace::new();
    place.write(
        "t.html",
        "{% for n in list %}<p style='break-after: page'>{{ n }}</p>{% endfor %}<p>end",
    );
    place.write("d.json", r#"{"list": [1, 2, 3]}"#);
    let ended = place
        .run(&["render", "t.html", "--data", "d.json", "-o", "-"])
        .with_code(0);
    assert_eq!(pages(&ended.stdout), 4);
    assert!(!place.path("t.pdf").exists());
}

#[test]
fn a_folder_with_a_template_is_a_bundle_with_its_own_sample() {
    let place = Workplace::new();
    place.write(
        "card/template.html",
        "<link rel=stylesheet href=style.css><h1>{{ name }}</h1>",
    );
    place.write("card/style.css", "@page { size: A6 }");
    place.write("card/sample.json", r#"{"name": "Asha"}"#);
    place
        .run(&["render", "card", "-o", "card.pdf"])
        .with_code(0);
    assert_eq!(pages(&place.read("card.pdf")), 1);
}

#[test]
fn a_starter_bundle_has_a_name() {
    let place = Workplace::new();
    place
        .run(&["render", "invoice", "-o", "i.pdf"])
        .with_code(0);
    assert!(pages(&place.read("i.pdf")) >= 1);
}

#[test]
fn the_same_page_is_the_same_bytes() {
    let place = Workplace::new();
    place.write("p.md", "# नमस्ते\n\n- one\n- two\n\nதமிழ் العربية");
    let print = || {
        place
            .run(&["render", "p.md", "-o", "-"])
            .with_code(0)
            .stdout
    };
    assert_eq!(print(), print());
}

#[test]
fn errors_say_what_and_where_and_leave_no_file() {
    let place = Workplace::new();
    place.write("bad.html", "<p>\n{{ oops");
    place.write("d.json", "{}");
    place.write("broken.json", "{\"a\": 1,\n}");
    place.write("old.pdf", "old");
    for (arguments, expected) in [
        (
            &["render", "none.html", "-o", "x.pdf"][..],
            &["none.html"][..],
        ),
        (
            &["render", "bad.html", "--data", "d.json", "-o", "x.pdf"],
            &["bad.html", "2"],
        ),
        (
            &["render", "bad.html", "--data", "broken.json", "-o", "x.pdf"],
            &["broken.json", "line 2"],
        ),
        (
            &["render", "bad.html", "--data", "d.json", "-o", "old.pdf"],
            &["bad.html"],
        ),
        (&["render", ".", "-o", "x.pdf"], &["template.html"]),
        (&["render", "bad.html", "-o", "none/x.pdf"], &["none"]),
    ] {
        let ended = place.run(arguments).with_code(1);
        for text in expected {
            assert!(
                ended.stderr.contains(text),
                "{arguments:?}: {}",
                ended.stderr
            );
        }
        assert!(ended.stdout.is_empty());
    }
    assert_eq!(place.read("old.pdf"), b"old");
    let names: Vec<String> = place.files("").into_keys().collect();
    assert_eq!(names, ["bad.html", "broken.json", "d.json", "old.pdf"]);
}

#[test]
fn a_standard_that_is_not_kept_is_refused_not_ignored() {
    let place = Workplace::new();
    place.write("p.html", "<p>x</p>");
    place
        .run(&["render", "p.html", "--standard", "pdf-1.7"])
        .with_code(0);
    place
        .run(&["render", "p.html", "--standard", "a-9z"])
        .with_code(2);
    let ended = place
        .run(&["render", "p.html", "--standard", "ua-1", "-o", "x.pdf"])
        .with_code(1);
    assert!(ended.stderr.contains("--standard"), "{}", ended.stderr);
    assert!(!place.path("x.pdf").exists());
}

#[test]
fn wrong_usage_is_two() {
    let place = Workplace::new();
    for arguments in [
        &[][..],
        &["render"],
        &["fly"],
        &["merge", "a.pdf"],
        &["batch", "m.json", "--jobs", "0"],
    ] {
        place.run(arguments).with_code(2);
    }
}
