//! Properties of manifest parsing: no text panics, what is accepted keeps the invariants, and the
//! forms agree.

use std::collections::HashSet;

use fanfold_job::message::{ChunkMessage, Packer, RenderMessage, RunRef, read_spill};
use fanfold_job::{
    BatchId, Bundles, Defaults, Document, Format, Limits, Manifest, OutputName, Plan, Priority,
    Reading, TenantId,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Every bundle there can be.
struct Any;

impl Bundles for Any {
    fn has(&mut self, _: &str) -> std::io::Result<bool> {
        Ok(true)
    }
    fn names(&mut self) -> std::io::Result<Vec<String>> {
        Ok(Vec::new())
    }
}

fn accepted(format: Format, text: &[u8], defaults: &Defaults) -> Option<Vec<Document>> {
    let limits = Limits::default();
    let reading = Reading::of(format, text, defaults, &limits);
    let (manifest, _) = reading.check(Some(text), &mut Any, &limits).ok()?;
    Some(
        manifest
            .documents(text, &limits)
            .map(|item| item.expect("a checked document"))
            .collect(),
    )
}

/// JSON of all shapes, with the manifest's own field names often among the members.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        prop::sample::select(vec![
            "documents",
            "rows",
            "merge",
            "output",
            "id",
            "bundle",
            "html",
            "pdf",
            "data",
            "locale",
            "by",
            "priority"
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[{}a-z/.\\\\ ]{0,12}".prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn rows() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec(
        ("[a-zA-Z0-9 ,\"\n\u{900}-\u{940}]{0,12}", "\\PC{0,20}"),
        1..30,
    )
}

fn csv_text(rows: &[(String, String)]) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let lines = rows
        .iter()
        .map(|(a, b)| format!("{},{}\n", quoted(a), quoted(b)));
    std::iter::once("case,name\n".to_owned())
        .chain(lines)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(text in prop::collection::vec(any::<u8>(), 0..300), format in 0usize..3) {
        let format = [Format::Json, Format::JsonLines, Format::Csv][format];
        let defaults = Defaults { bundle: Some("b".into()), output: Some("{a}.pdf".into()), ..Defaults::default() };
        accepted(format, &text, &defaults);
    }

    #[test]
    fn no_json_panics_and_what_passes_is_sound(value in any_json()) {
        let wrapped = json!({"documents": [&value]}).to_string();
        for text in [value.to_string(), wrapped] {
            let Some(documents) = accepted(Format::Json, text.as_bytes(), &Defaults::default()) else { continue };
            let outputs: HashSet<String> = documents.iter().map(|d| d.output.folded()).collect();
            prop_assert_eq!(outputs.len(), documents.len());
            for (n, document) in documents.iter().enumerate() {
                prop_assert_eq!(document.index, n as u64);
                prop_assert!(OutputName::parse(document.output.as_str()).is_ok());
            }
        }
    }

    #[test]
    fn csv_json_lines_and_inline_rows_give_the_same_documents(rows in rows()) {
        let objects: Vec<Value> = rows.iter().map(|(a, b)| json!({"case": a, "name": b})).collect();
        let lines: String = objects.iter().map(|row| format!("{row}\n")).collect();
        let kit = |rows: Value| json!({"documents": [{"bundle": "x"}, {"html": "{{ name }}"}], "rows": rows}).to_string();
        let limits = Limits::default();
        let expand = |text: &str, stream: &str| {
            let manifest = Manifest::read(Format::Json, text.as_bytes(), &Defaults::default(), &limits).expect("a manifest");
            manifest.documents(stream.as_bytes(), &limits).map(|item| item.map_err(|e| e.to_string())).collect::<Vec<_>>()
        };
        let inline = expand(&kit(Value::from(objects)), "");
        prop_assert_eq!(inline.len(), rows.len() * 2);
        prop_assert_eq!(&expand(&kit("r.jsonl".into()), &lines), &inline);
        prop_assert_eq!(&expand(&kit("r.csv".into()), &csv_text(&rows)), &inline);
    }

    #[test]
    fn output_names_never_leave_their_folder(text in "\\PC{0,40}|[./a\\\\: ]{0,20}") {
        if let Ok(name) = OutputName::parse(&text) {
            let path = std::path::Path::new("/base").join(name.as_str());
            let normal = path.components().skip(2).all(|part| matches!(part, std::path::Component::Normal(_)));
            prop_assert!(normal && path.starts_with("/base") && path != std::path::Path::new("/base"));
        }
    }

    #[test]
    fn chunks_come_back_whole_whether_spilled_or_not(texts in prop::collection::vec("\\PC{0,200}", 1..12), budget in 10usize..4_000) {
        let document = |(n, text): (usize, &String)| Document {
            index: n as u64,
            id: fanfold_job::DocumentId::parse(&format!("d{n}")).expect("an id"),
            source: fanfold_job::Source::Html(text.clone()),
            locale: None,
            data: Some(Map::from_iter([("x".to_owned(), json!({"deep": [1, 2.5, null, text]}))])),
            output: OutputName::parse(&format!("{n}.pdf")).expect("a name"),
            volumes: Vec::new(),
        };
        let documents: Vec<Document> = texts.iter().enumerate().map(document).collect();
        let run = RunRef {
            tenant: TenantId::default(), batch: BatchId::from_bits([7; 16]), generation: 0,
            plan: Plan::new(documents.len() as u64, 100), priority: Priority::Bulk, stitch: true, retention_days: None,
        };
        let limits = Limits { message_bytes: budget, ..Limits::default() };
        let encoded = ChunkMessage::new(run, 0, &Default::default(), documents.clone()).encode(&limits);
        let RenderMessage::Chunk(read) = serde_json::from_str(&encoded.body).expect("a message") else { panic!("not a chunk") };
        let back = match &encoded.spill {
            Some(lines) => read_spill(lines.as_bytes()).expect("documents"),
            None => read.documents.expect("inline documents"),
        };
        prop_assert_eq!(back, documents);
    }

    #[test]
    fn sends_stay_within_bounds_and_in_order(sizes in prop::collection::vec(1usize..400, 0..60)) {
        let limits = Limits { send_bytes: 1_000, send_messages: 10, ..Limits::default() };
        let mut packer = Packer::new(&limits);
        let mut sends: Vec<Vec<String>> = sizes.iter().filter_map(|&n| packer.push("x".repeat(n))).collect();
        sends.extend(packer.take());
        for send in &sends {
            prop_assert!(send.len() <= 10 && send.iter().map(String::len).sum::<usize>() <= 1_000);
        }
        let back: Vec<usize> = sends.concat().iter().map(String::len).collect();
        prop_assert_eq!(back, sizes);
    }
}
