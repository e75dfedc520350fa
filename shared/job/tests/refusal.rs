//! A manifest is refused in one round, with everything that is wrong with it.

use std::io;

use fanfold_job::{
    Bundles, Defaults, Format, Limits, ManifestError, MergeSpec, Place, Reading, Stream,
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

/// Some, and how often they were asked for.
struct Few(&'static [&'static str], u32);

impl Bundles for Few {
    fn has(&mut self, name: &str) -> io::Result<bool> {
        self.1 += 1;
        Ok(self.0.contains(&name))
    }
    fn names(&mut self) -> io::Result<Vec<String>> {
        Ok(self.0.iter().map(ToString::to_string).collect())
    }
}

/// Everything said about a manifest that is refused.
fn refusal(format: Format, text: &str, defaults: &Defaults, limits: &Limits) -> String {
    let reading = Reading::of(format, text.as_bytes(), defaults, limits);
    match reading.check(Some(text.as_bytes()), &mut Any, limits) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("accepted: {text}"),
    }
}

fn refused(text: &str) -> String {
    refusal(Format::Json, text, &Defaults::default(), &Limits::default())
}

/// Each error of a refusal is expected once, and nothing else is said.
#[track_caller]
fn says_exactly(said: &str, expected: &[&str]) {
    let lines: Vec<&str> = said.lines().collect();
    for begin in expected {
        let found = lines.iter().filter(|line| line.starts_with(begin)).count();
        assert_eq!(found, 1, "{begin:?} is there {found} times:\n{said}");
    }
    assert_eq!(lines.len(), expected.len(), "{said}");
}

#[test]
fn one_round_lists_the_faults_of_form_and_those_between_documents() {
    let said = refused(
        r#"{"documents": [
            {"id": "a", "html": "x", "colour": 1},
            {"id": "a", "html": "x", "output": "A.pdf"},
            {"id": "b", "html": "x", "output": "../b.pdf"},
            {"id": "c", "html": "x", "output": "{nope}.pdf"},
            {"id": "d", "html": "x", "output": "all.PDF", "locale": 7},
            {"id": "e", "data": {"x": 1}, "output": "{x}.pdf"},
            {"id": "f", "html": "x", "data": 4, "output": "{x}.pdf"},
            {"id": 5, "html": "x", "output": "{id}.pdf"},
            {"id": "g", "html": "x", "html": "y", "output": "a.pdf"}],
            "merge": [{"output": "all.pdf", "on_failure": "explode"}, {"by": 3, "output": "{y}.pdf"}],
            "rows_of": 1}"#,
    );
    says_exactly(
        &said,
        &[
            "/documents/8/html: the field is given twice",
            "/documents/0/colour: unknown field",
            "/documents/4/locale: is a number",
            "/documents/5: no source",
            "/documents/6/data: is a number",
            "/documents/7/id: is a number",
            "/merge/0/on_failure: ",
            "/merge/1/by: is a number",
            "/rows_of: unknown field",
            "/documents/1: the id \"a\" is document 1's already",
            "/documents/1: the output \"A.pdf\" is document 1's already",
            "/documents/2/output: ",
            "/documents/3/output: {nope} is not a field",
            "/documents/4: the output \"all.PDF\" is a volume's already",
            "/documents/8: the output \"a.pdf\" is document 1's already",
        ],
    );
}

#[test]
fn what_a_volume_has_besides_is_checked_field_by_field() {
    let said = refused(
        r#"{"documents": [{"id": "a", "html": "x"}], "merge": [
            {"output": "a1.pdf", "stamp": 7, "stamp_place": "left", "contents": "", "cover": "../x.pdf",
             "separators": "yes", "right_hand": 1, "forms": "flat", "passwords": {"user": "", "owner": ""}, "forbid": ["all"]},
            {"output": "a2.pdf", "stamp_place": "top", "forbid": ["print"]},
            {"output": "a3.pdf", "passwords": {"user": "x", "admin": "y"}, "colour": 1},
            {"output": "a4.pdf", "passwords": {"user": "x"}, "forbid": ["print"]}]}"#,
    );
    says_exactly(
        &said,
        &[
            "/merge/0/stamp: is a number",
            "/merge/0/stamp_place: stamp_place is \"top_left\"",
            "/merge/0/contents: 0 bytes",
            "/merge/0/cover: a key has no empty",
            "/merge/0/separators: is a text; write true or false",
            "/merge/0/right_hand: is a number",
            "/merge/0/forms: forms is",
            "/merge/0/passwords: there is no password",
            "/merge/0/forbid: forbid is a list",
            "/merge/1/stamp_place: there is no stamp",
            "/merge/1/forbid: only an encrypted volume",
            "/merge/2/passwords: passwords is an object with user, owner",
            "/merge/2/colour: unknown field; a merge has output, by, on_failure, outline, stamp",
            "/merge/3/passwords: who opens a volume with the owner's password",
        ],
    );
}

#[test]
fn one_round_lists_the_faults_of_lines_too() {
    let text = r#"{"id": "a", "html": "x", "size": 1}
{"id": "a", "html": "x"}
{"id": "b", "html":
{"id": "c", "html": "x", "output": "CON.pdf", "locale": "not a tag"}
"#;
    let merge = Defaults {
        merge: vec![MergeSpec {
            output: "../all.pdf".into(),
            by: None,
            on_failure: Default::default(),
            outline: Default::default(),
            dressing: Default::default(),
        }],
        output: Some("{".into()),
        ..Defaults::default()
    };
    let said = refusal(Format::JsonLines, text, &merge, &Limits::default());
    says_exactly(
        &said,
        &[
            "/output: a '{' has no partner",
            "/merge/0/output: the output name has a '.' or '..' part",
            "line 1 /size: unknown field",
            "line 2: the id \"a\" is document 1's already",
            "line 3:19: not valid JSON: EOF",
            "line 4 /output: the output name \"CON.pdf\" is a device",
            "line 4 /locale: \"not a tag\"",
        ],
    );
}

#[test]
fn one_round_lists_the_faults_of_a_csv_manifest() {
    let text = b"bundle,id,,id,output,name\n../x,a,1,2,a.pdf,n\nb,a,1,2,A.pdf,\xFF\nb,b\nb,c,1,2,a.pdf,\"n\nb,d,1,2,d.pdf,n\n";
    let (defaults, limits) = (Defaults::default(), Limits::default());
    let reading = Reading::of(Format::Csv, b"", &defaults, &limits);
    let said = reading
        .check(Some(&text[..]), &mut Any, &limits)
        .unwrap_err();
    says_exactly(
        &said.to_string(),
        &[
            "line 1: column 3 of the header row has no name",
            "line 1: the header row names \"id\" twice",
            "line 2 /bundle: a bundle's name is",
            "line 3 /name: not UTF-8",
            "line 4: 2 fields; the header row has 6",
            "line 5: the output \"a.pdf\" is document 2's already",
            "line 5:15: the quotation mark is never closed",
        ],
    );
}

#[test]
fn a_kit_whose_rows_are_missing_is_checked_as_far_as_it_goes() {
    let text = r#"{"documents": [{"bundle": "lettr", "size": 1}, {"html": "x"}], "rows": "gone.csv", "merge": [{"output": "a/"}]}"#;
    let limits = Limits::default();
    let mut reading = Reading::of(Format::Json, text.as_bytes(), &Defaults::default(), &limits);
    assert!(matches!(reading.stream(), Stream::Rows { .. }));
    reading.fault(ManifestError::new(Place::pointer("/rows"), "there is none"));
    let checked = reading.check(None::<io::Empty>, &mut Few(&["letter"], 0), &limits);
    says_exactly(
        &checked.unwrap_err().to_string(),
        &[
            "/documents/0/size: unknown field",
            "/merge/0/output: ",
            "/rows: there is none",
            "/documents/0/bundle: there is no bundle \"lettr\", did you mean \"letter\"?; there are letter",
        ],
    );
    let faulty = text.replace("gone.csv", "../rows.csv");
    assert!(
        !refused(&faulty).contains("no id"),
        "it is a kit all the same"
    );
}

#[test]
fn bundles_that_are_not_there_are_named_with_those_that_are() {
    let csv = "bundle,n\ninvoice,1\ninvoise,2\ninvoise,3\nqqq,4\n,5\n";
    let limits = Limits::default();
    let refusal = |format, text: &str, defaults: &Defaults, bundles: &mut Few| {
        let reading = Reading::of(format, text.as_bytes(), defaults, &limits);
        let checked = reading.check(Some(text.as_bytes()), bundles, &limits);
        checked.unwrap_err().to_string()
    };
    let default = Defaults {
        bundle: Some("nothing".into()),
        ..Defaults::default()
    };
    let mut few = Few(&["invoice", "receipt"], 0);
    let said = refusal(Format::Csv, csv, &default, &mut few);
    says_exactly(
        &said,
        &[
            "/bundle: there is no bundle \"nothing\"; there are invoice, receipt",
            "line 3 /bundle: there is no bundle \"invoise\", did you mean \"invoice\"?; there are invoice, receipt",
            "line 4 /bundle: there is no bundle \"invoise\"",
            "line 5 /bundle: there is no bundle \"qqq\"; there are",
        ],
    );
    assert_eq!(few.1, 4, "each name is asked for once");
    let json =
        r#"{"documents": [{"id": "a", "bundle": "x"}, {"id": "a", "bundle": "x", "size": 1}]}"#;
    let said = refusal(Format::Json, json, &Defaults::default(), &mut Few(&[], 0));
    says_exactly(
        &said,
        &[
            "/documents/1/size: unknown field",
            "/documents/1: the id \"a\"",
            "/documents/0/bundle: there is no bundle \"x\"; there is none yet",
            "/documents/1/bundle: there is no bundle \"x\"",
        ],
    );
    let lines = r#"{"id": "a", "bundle": "x"}"#;
    let said = refusal(
        Format::JsonLines,
        lines,
        &Defaults::default(),
        &mut Few(&["y"], 0),
    );
    says_exactly(
        &said,
        &["line 1 /bundle: there is no bundle \"x\"; there are y"],
    );
}

#[test]
fn a_document_whose_bundle_is_not_there_fails_alone() {
    let limits = Limits::default();
    let check = |format, text: &str| {
        let reading = Reading::of(format, text.as_bytes(), &Defaults::default(), &limits);
        let checked = reading.check(Some(text.as_bytes()), &mut Few(&["invoice"], 0), &limits);
        checked
            .map(|(_, summary)| summary)
            .map_err(|error| error.to_string())
    };
    let json =
        r#"{"documents": [{"id": "a", "bundle": "invoise"}, {"id": "b", "bundle": "invoice"}]}"#;
    let summary = check(Format::Json, json).expect("it is a sound manifest");
    assert_eq!(summary.documents, 2);
    assert_eq!(summary.bundles, ["invoice"]);
    let csv = "bundle,id\ninvoise,a\ninvoice,b\n";
    assert_eq!(check(Format::Csv, csv).expect("so is this").documents, 2);
    let kit =
        r#"{"documents": [{"bundle": "invoise"}, {"html": "x"}], "rows": [{"n": 1}, {"n": 2}]}"#;
    let said = check(Format::Json, kit).expect_err("every row would fail");
    assert!(said.contains("did you mean"), "{said}");
}

#[test]
fn a_manifest_does_not_name_bundles_without_end() {
    let few = Limits {
        bundles: 3,
        ..Limits::default()
    };
    let lines: String = (0..10)
        .map(|n| format!("{{\"id\": \"{n}\", \"bundle\": \"b{n}\"}}\n"))
        .collect();
    let reading = Reading::of(Format::JsonLines, b"", &Defaults::default(), &few);
    let mut bundles = Few(&["b0", "b1", "b2", "b3"], 0);
    let said = reading.check(Some(lines.as_bytes()), &mut bundles, &few);
    says_exactly(
        &said.unwrap_err().to_string(),
        &["line 4 /bundle: more than 3 bundles"],
    );
    assert_eq!(bundles.1, 3);
}

#[test]
fn what_an_error_quotes_is_bounded() {
    let name = "n".repeat(100_000);
    let said = refused(&format!(
        r#"{{"documents": [{{"id": "a", "html": "", "{name}": 1}}]}}"#
    ));
    assert!(
        said.contains("unknown field") && said.len() < 3_000,
        "{}",
        said.len()
    );
}
