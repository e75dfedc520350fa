//! Manifests read, checked and expanded: what is accepted, what is refused, and with which words.

use std::io;

use fanfold_job::{
    Bundles, CheckError, Defaults, Document, Dressing, Forbidden, Format, Forms, Limits, Manifest,
    MergeSpec, Priority, Reading, Source, StampPlace, Stream, Summary,
};

/// Every bundle there can be.
struct Any;

impl Bundles for Any {
    fn has(&mut self, _: &str) -> io::Result<bool> {
        Ok(true)
    }
    fn names(&mut self) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }
}

fn read(text: &str) -> Manifest {
    Manifest::read(
        Format::Json,
        text.as_bytes(),
        &Defaults::default(),
        &Limits::default(),
    )
    .expect("a readable manifest")
}

fn documents(manifest: &Manifest, stream: &str) -> Vec<Document> {
    let limits = Limits::default();
    let documents = manifest.documents(stream.as_bytes(), &limits);
    documents
        .map(|item| item.expect("a good document"))
        .collect()
}

fn check(
    format: Format,
    text: &str,
    stream: &str,
    defaults: &Defaults,
    limits: &Limits,
) -> Result<Summary, CheckError> {
    let reading = Reading::of(format, text.as_bytes(), defaults, limits);
    let checked = reading.check(Some(stream.as_bytes()), &mut Any, limits);
    checked.map(|(_, summary)| summary)
}

fn summary(text: &str, stream: &str) -> Result<Summary, CheckError> {
    let (defaults, limits) = (Defaults::default(), Limits::default());
    check(Format::Json, text, stream, &defaults, &limits)
}

/// Everything said about a manifest that is refused.
fn refusal(format: Format, text: &str, defaults: &Defaults, limits: &Limits) -> String {
    match check(format, text, text, defaults, limits) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("accepted: {text}"),
    }
}

fn refused(text: &str) -> String {
    refusal(Format::Json, text, &Defaults::default(), &Limits::default())
}

#[test]
fn the_example_of_the_design_without_rows() {
    let text = r##"{"documents": [
            {"id": "letter-7", "bundle": "welcome-letter", "locale": "hi-IN", "data": {"case_id": "LN-7", "name": "A"}, "output": "{case_id}_welcome.pdf"},
            {"id": "note-1", "html": "<h1>x</h1>", "output": "note.pdf"},
            {"id": "memo-1", "markdown": "# x"},
            {"id": "annex-1", "pdf": "uploads/annex.pdf"}],
            "merge": [{"output": "all.pdf", "on_failure": "placeholder", "outline": "none"}],
            "priority": "interactive", "retention_days": 30}"##;
    let manifest = read(text);
    assert_eq!(manifest.stream(), Stream::None);
    assert_eq!(manifest.priority, Priority::Interactive);
    let documents = documents(&manifest, "");
    let outputs: Vec<&str> = documents.iter().map(|d| d.output.as_str()).collect();
    assert_eq!(
        outputs,
        ["LN-7_welcome.pdf", "note.pdf", "memo-1.pdf", "annex-1.pdf"]
    );
    assert_eq!(documents[0].locale.as_deref(), Some("hi-IN"));
    assert_eq!(documents[3].source, Source::Pdf("uploads/annex.pdf".into()));
    assert_eq!(documents[1].data, None);
    let summary = summary(text, "").unwrap();
    assert_eq!((summary.documents, summary.volumes), (4, 1));
    assert_eq!(summary.bundles, ["welcome-letter"]);
}

const KIT: &str = r#"{"documents": [
        {"bundle": "welcome-letter", "locale": "{language}"},
        {"bundle": "emi-schedule", "locale": "{language}", "data": {"rate": 9, "name": "nobody"}},
        {"markdown": "Dear {{ name }}", "output": "notes/{case_id}_{row}.pdf"}],
    "rows": "customers.csv",
    "output": "{case_id}_{bundle}.pdf",
    "merge": [{"output": "{case_id}_kit.pdf", "by": "case_id"}, {"output": "all.pdf"}]}"#;

#[test]
fn a_kit_is_made_once_per_row() {
    let manifest = read(KIT);
    assert!(matches!(manifest.stream(), Stream::Rows { key, .. } if key == "customers.csv"));
    let rows = "case_id,name,language\nLN-1,Asha,hi\nLN-2,\"Devi, R\",ta\n";
    let documents = documents(&manifest, rows);
    let ids: Vec<&str> = documents.iter().map(|d| d.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "1-welcome-letter",
            "1-emi-schedule",
            "1-3",
            "2-welcome-letter",
            "2-emi-schedule",
            "2-3"
        ]
    );
    let outputs: Vec<&str> = documents.iter().map(|d| d.output.as_str()).collect();
    assert_eq!(outputs[1], "LN-1_emi-schedule.pdf");
    assert_eq!(outputs[5], "notes/LN-2_2.pdf");
    assert_eq!(documents[4].locale.as_deref(), Some("ta"));
    let data = documents[4].data.as_ref().unwrap();
    assert_eq!(
        (data["rate"].as_u64(), data["name"].as_str()),
        (Some(9), Some("Devi, R"))
    );
    assert_eq!(documents[4].volumes[0].output.as_str(), "LN-2_kit.pdf");
    assert_eq!(
        documents.iter().map(|d| d.index).collect::<Vec<_>>(),
        [0, 1, 2, 3, 4, 5]
    );
    assert_eq!(summary(KIT, rows).unwrap().volumes, 3);
}

#[test]
fn rows_may_be_inline_or_json_lines() {
    let inline = read(r#"{"documents": [{"bundle": "a"}], "rows": [{"x": 1}, {"x": 2}]}"#);
    assert_eq!(documents(&inline, "").len(), 2);
    let lines = read(r#"{"documents": [{"bundle": "a", "output": "{x}.pdf"}], "rows": "r.jsonl"}"#);
    let made = documents(&lines, "{\"x\": 1}\n\n{\"x\": 2}");
    assert_eq!(made[1].output.as_str(), "2.pdf");
    assert_eq!(made[1].id.as_str(), "2-a");
}

#[test]
fn json_lines_and_csv_manifests() {
    let limits = Limits::default();
    let defaults = Defaults {
        output: Some("{id}-x.pdf".into()),
        bundle: Some("invoice".into()),
        ..Defaults::default()
    };
    let lines = Manifest::read(Format::JsonLines, b"", &defaults, &limits).unwrap();
    assert_eq!(lines.stream(), Stream::Manifest);
    let made = documents(
        &lines,
        "{\"id\": \"a\", \"html\": \"x\"}\n{\"id\": \"b\", \"bundle\": \"c\", \"output\": \"b.pdf\"}\n",
    );
    assert_eq!(made[0].output.as_str(), "a-x.pdf");
    assert_eq!(made[1].output.as_str(), "b.pdf");

    let csv = Manifest::read(Format::Csv, b"", &defaults, &limits).unwrap();
    let made = documents(
        &csv,
        "\u{FEFF}bundle,id,amount\r\nreceipt,r-1,5\r\n,r-2,6\r\n",
    );
    assert_eq!(made[0].source, Source::Bundle("receipt".into()));
    assert_eq!(made[1].source, Source::Bundle("invoice".into()));
    assert_eq!(made[1].output.as_str(), "r-2-x.pdf");
    assert_eq!(made[1].data.as_ref().unwrap()["amount"].as_str(), Some("6"));
}

#[test]
fn every_error_is_listed_with_its_place() {
    let said = refused(
        r#"{"documents": [
            {"id": "a", "bundle": "x", "colour": 1},
            {"id": "b"},
            {"id": "c", "html": "x", "pdf": "y"},
            {"id": 4, "bundle": "../x"},
            7],
            "merge": [{"output": "{x}.pdf"}, {"by": "y", "on_failure": "explode"}],
            "priority": "soon", "retention_days": 0, "speed": 9}"#,
    );
    for place in [
        "/documents/0/colour: unknown field",
        "/documents/1: no source",
        "/documents/2: more than one source",
        "/documents/3/id: is a number",
        "/documents/3/bundle: ",
        "/documents/4: a document is an object",
        "/merge/0/output: ",
        "/merge/1: no output",
        "/merge/1/on_failure: ",
        "/priority: ",
        "/retention_days: ",
        "/speed: unknown field",
    ] {
        assert!(said.contains(place), "{place} is not in:\n{said}");
    }
}

#[test]
fn names_are_unique_and_stay_inside() {
    let said = refused(
        r#"{"documents": [
            {"id": "a", "html": "", "output": "A.pdf"}, {"id": "a", "html": "", "output": "a.PDF"},
            {"id": "c", "html": "", "output": "../c.pdf"}, {"id": "d", "html": "", "output": "a.pdf/d.pdf"},
            {"id": "e", "html": "", "data": {"v": "../../etc"}, "output": "{v}.pdf"},
            {"id": "f", "html": "", "output": "{nope}.pdf"},
            {"id": "g", "html": "", "output": "all.pdf"}],
            "merge": [{"output": "ALL.pdf"}]}"#,
    );
    for place in [
        "/documents/1: the id \"a\"",
        "/documents/1: the output \"a.PDF\"",
        "/documents/2/output: ",
        "/documents/3: the output \"a.pdf/d.pdf\" is a folder",
        "/documents/4/output: {v} holds a slash",
        "/documents/5/output: {nope} is not a field",
        "/documents/6: the output \"all.pdf\" is a volume's",
    ] {
        assert!(said.contains(place), "{place} is not in:\n{said}");
    }
}

#[test]
fn errors_in_rows_say_line_and_document() {
    let rows = "case_id,name,language\nLN-1,A,hi\nLN-2,B\nLN-3,C,not a tag\n,D,en\nLN-1,E,en\n";
    let said = summary(KIT, rows).unwrap_err().to_string();
    for place in [
        "rows line 3: 2 fields; the header row has 3",
        "rows line 4: /documents/0/locale: \"not a tag\"",
        "rows line 5: /documents/0/output: {case_id} is empty",
        "rows line 5: /merge/0: {case_id} is empty",
        "rows line 6: the output \"LN-1_welcome-letter.pdf\" is document 1's already",
    ] {
        assert!(said.contains(place), "{place} is not in:\n{said}");
    }
}

#[test]
fn lines_that_are_wrong_are_named_and_the_rest_still_checked() {
    let text = "{\"id\": \"a\", \"html\": \"x\"}\nnot json\n{\"id\": \"a\", \"html\": \"y\", \"html\": \"z\"}\n{\"id\": \"b\"}\n[]\n";
    let said = refusal(
        Format::JsonLines,
        text,
        &Defaults::default(),
        &Limits::default(),
    );
    for place in [
        "line 2:",
        "line 3: the id \"a\" is document 1's already",
        "line 3 /html: the field is given twice",
        "line 4: no source",
        "line 5: a document is an object",
    ] {
        assert!(said.contains(place), "{place} is not in:\n{said}");
    }
}

#[test]
fn a_syntax_error_has_line_and_column() {
    assert!(
        refused("{\"documents\": [\n  {\"id\": }\n]}").starts_with("line 2:10: not valid JSON")
    );
    assert!(refused("").contains("not valid JSON"));
    assert!(refused("{} {}").contains("not valid JSON"));
    assert!(refused(&"[".repeat(100_000)).contains("not valid JSON"));
    assert!(refused("{}").contains("no documents"));
    assert!(refused(r#"{"documents": []}"#).contains("no documents"));
    assert!(refused(r#"{"documents": [{"bundle": "a"}], "rows": []}"#).contains("no documents"));
}

#[test]
fn limits_are_named() {
    let few = Limits {
        documents: 2,
        data_bytes: 10,
        line_bytes: 64,
        ..Limits::default()
    };
    let lines = "{\"id\": \"a\", \"html\": \"\"}\n{\"id\": \"b\", \"html\": \"01234567890\"}\n{\"id\": \"c\", \"html\": \"\"}\n";
    let said = refusal(Format::JsonLines, lines, &Defaults::default(), &few);
    assert!(said.contains("line 3: more than 2 documents"), "{said}");
    assert!(
        said.contains("line 2 /html: 11 bytes of HTML; at most 10"),
        "{said}"
    );
    let long = format!("{{\"id\": \"{}\"}}\n{{\"id\": \"b\"}}", "x".repeat(100));
    let said = refusal(Format::JsonLines, &long, &Defaults::default(), &few);
    assert!(
        said.contains("line 1: the line is longer than 64 bytes")
            && said.contains("line 2: no source"),
        "{said}"
    );
    let unclosed = format!("a,b\n\"{}", "x,\n".repeat(100_000));
    let said = refusal(Format::Csv, &unclosed, &Defaults::default(), &few);
    assert!(said.contains("too long"), "{said}");
    let prefixes = Limits {
        pdf_prefixes: vec!["uploads/".into()],
        ..Limits::default()
    };
    let said = refusal(
        Format::Json,
        r#"{"documents": [{"id": "a", "pdf": "t/other/x.pdf"}]}"#,
        &Defaults::default(),
        &prefixes,
    );
    assert!(
        said.contains("/documents/0/pdf: the key may not be read"),
        "{said}"
    );
}

#[test]
fn what_was_accepted_is_read_whatever_the_limits_are_now() {
    let raised = Limits {
        data_bytes: 4 << 20,
        kit: 2_000,
        merges: 100,
        ..Limits::default()
    };
    let html = "x".repeat(2 << 20);
    let kit = vec![format!(r#"{{"html": "x", "output": "{{id}}.pdf"}}"#); 1_500].join(", ");
    let merges: Vec<String> = (0..50)
        .map(|n| format!(r#"{{"output": "{n}.pdf"}}"#))
        .collect();
    for text in [
        format!(r#"{{"documents": [{{"id": "a", "html": "{html}"}}]}}"#),
        format!(r#"{{"documents": [{kit}], "rows": [{{"a": 1}}]}}"#),
        format!(
            r#"{{"documents": [{{"id": "a", "html": "x"}}], "merge": [{}]}}"#,
            merges.join(", ")
        ),
    ] {
        assert!(!refused(&text).is_empty());
        let defaults = Defaults::default();
        check(Format::Json, &text, "", &defaults, &raised).expect("accepted under raised limits");
        let limits = Limits::accepted();
        let again = Manifest::read(Format::Json, text.as_bytes(), &defaults, &limits);
        let again = again.expect("read again");
        assert!(
            again
                .documents(io::empty(), &limits)
                .all(|item| item.is_ok())
        );
    }
}

#[test]
fn millions_of_errors_take_no_memory() {
    let limits = Limits {
        documents: u64::MAX,
        errors_listed: 3,
        ..Limits::default()
    };
    for (text, total) in [
        (
            format!(r#"{{"documents": [0{}]}}"#, ",0".repeat(99_999)),
            100_000,
        ),
        (
            format!(
                r#"{{"documents": [{{"id": "a", "html": "x"{}}}]}}"#,
                many_fields(50_000)
            ),
            50_000,
        ),
    ] {
        let errors = Manifest::read(Format::Json, text.as_bytes(), &Defaults::default(), &limits)
            .expect_err("refused");
        assert_eq!((errors.listed.len(), errors.total), (3, total));
    }
    let line = format!(r#"{{"id": "a", "html": "x"{}}}"#, many_fields(50_000));
    let said = refusal(Format::JsonLines, &line, &Defaults::default(), &limits);
    assert!(said.ends_with("and 49997 more"), "{said}");
    let said = refused(&format!(r#"{{"documents": [0{}]}}"#, ",0".repeat(100_000)));
    assert_eq!(
        said,
        "/documents: 100001 documents; at most 100000: split the manifest"
    );
}

fn many_fields(count: u32) -> String {
    (0..count).map(|n| format!(r#", "f{n}": 0"#)).collect()
}

#[test]
fn errors_quote_long_names_in_part() {
    let rows: Vec<String> = (0..1_000)
        .map(|n| format!(r#"{{"a": "{n}{}"}}"#, "y".repeat(900)))
        .collect();
    let said = refused(&format!(
        r#"{{"documents": [{{"html": "x", "output": "{{a}}.pdf", "locale": "{{a}}"}}], "rows": [{}]}}"#,
        rows.join(", ")
    ));
    assert!(said.contains("the output name is too long") && said.contains("is not a language tag"));
    assert!(said.len() < 400_000, "{} bytes", said.len());
}

#[test]
fn a_header_of_many_columns_is_read_at_once_or_refused() {
    let header = |count: u32| {
        let names: Vec<String> = (0..count).map(|n| format!("c{n}")).collect();
        names.join(",")
    };
    let defaults = Defaults {
        bundle: Some("b".into()),
        ..Defaults::default()
    };
    let refusal = |text: &str| refusal(Format::Csv, text, &defaults, &Limits::default());
    assert!(refusal(&header(10_000)).contains("no documents"));
    assert!(refusal(&header(10_001)).contains("10001 columns; at most 10000"));
    assert!(refusal("a,b,a\n1,2,3\n").contains("the header row names \"a\" twice"));
}

#[test]
fn only_so_many_errors_are_listed_and_the_rest_counted() {
    let limits = Limits {
        errors_listed: 3,
        ..Limits::default()
    };
    let said = refusal(
        Format::JsonLines,
        &"{\"id\": \"a\", \"size\": 1, \"html\": 7}\n".repeat(50),
        &Defaults::default(),
        &limits,
    );
    assert_eq!(said.lines().count(), 4);
    // Two of each line's form, and of each but the first that its id is taken.
    let more = 50 * 2 + 49 - 3;
    assert!(said.ends_with(&format!("and {more} more")), "{said}");
}

#[test]
fn what_a_volume_has_besides_is_kept_with_the_batch() {
    let manifest = read(
        r#"{"documents": [{"id": "a", "html": "x"}], "merge": [{"output": "all.pdf"},
            {"output": "b.pdf", "stamp": "{page}", "stamp_place": "top_right", "contents": "Inhalt", "cover": "c.pdf",
             "separators": true, "right_hand": true, "forms": "join", "recompress": true, "passwords": {"owner": "secret"}, "forbid": ["copy", "print"]}]}"#,
    );
    let [plain, dressed] = &manifest.merge[..] else {
        panic!("two volumes");
    };
    assert_eq!(plain.dressing, Dressing::default());
    let dressing = &dressed.dressing;
    assert_eq!(dressing.stamp.as_deref(), Some("{page}"));
    assert_eq!(dressing.stamp_place, StampPlace::TopRight);
    assert_eq!(dressing.contents.as_deref(), Some("Inhalt"));
    assert_eq!(dressing.cover.as_deref(), Some("c.pdf"));
    assert!(dressing.separators && dressing.right_hand);
    assert!(dressing.forms == Forms::Join && dressing.recompress);
    assert_eq!(dressing.forbid, [Forbidden::Copy, Forbidden::Print]);
    // As `manifest.json` keeps it, and without a word of the password where it is logged.
    for spec in [plain, dressed] {
        let text = serde_json::to_string(spec).expect("JSON");
        let again: MergeSpec = serde_json::from_str(&text).expect("a merge");
        assert_eq!(&again, spec);
        assert!(!format!("{spec:?}").contains("secret"));
    }
    let text = serde_json::to_string(plain).expect("JSON");
    assert!(!text.contains("separators"), "{text}");
}

#[test]
fn a_value_of_by_has_one_volume() {
    let merge = vec![MergeSpec {
        output: "{name}.pdf".into(),
        by: Some("case".into()),
        on_failure: Default::default(),
        outline: Default::default(),
        dressing: Default::default(),
    }];
    let defaults = Defaults {
        merge,
        bundle: Some("b".into()),
        ..Defaults::default()
    };
    let said = refusal(
        Format::Csv,
        "case,name\n1,a\n1,b\n2,a\n",
        &defaults,
        &Limits::default(),
    );
    assert!(
        said.contains("line 3: /merge/0: documents with the same case"),
        "{said}"
    );
    assert!(
        said.contains("line 4: the output \"a.pdf\" is a volume's already"),
        "{said}"
    );
}
