//! Whatever a manifest's data holds, its messages can be sent, and say the same when they are read.

use fanfold_job::message::{ChunkMessage, RenderMessage, RunRef, SingleMessage, read_spill};
use fanfold_job::{
    BatchId, Defaults, Document, Format, Limits, Manifest, Plan, Priority, TenantId,
};
use serde_json::Value;

/// The documents of a JSON Lines manifest, or why it is refused.
fn lines(text: &str) -> Result<Vec<Document>, String> {
    let limits = Limits::default();
    let manifest = Manifest::read(Format::JsonLines, b"", &Defaults::default(), &limits)
        .map_err(|errors| errors.to_string())?;
    let documents = manifest.documents(text.as_bytes(), &limits);
    documents
        .map(|item| item.map_err(|error| error.to_string()))
        .collect()
}

fn chunk(documents: Vec<Document>) -> ChunkMessage {
    let run = RunRef {
        tenant: TenantId::default(),
        batch: BatchId::from_bits([7; 16]),
        generation: 0,
        plan: Plan::new(documents.len() as u64, 10),
        priority: Priority::Bulk,
        stitch: false,
        retention_days: None,
    };
    ChunkMessage::new(run, 0, &Default::default(), documents)
}

/// The documents after each way to travel: in a chunk, spilled, and singly.
fn travelled(documents: &[Document]) -> Vec<(String, Vec<Document>)> {
    let message = chunk(documents.to_vec());
    let singles: Vec<SingleMessage> = message.split(0..documents.len() as u32, 1);
    let whole = message.clone().encode(&Limits::default());
    let spilled = message.encode(&Limits {
        message_bytes: 0,
        ..Limits::default()
    });
    let spill = spilled.spill.expect("spilled");
    let mut travelled = vec![(
        spill.clone(),
        read_spill(spill.as_bytes()).expect("a spill"),
    )];
    match serde_json::from_str(&whole.body).expect("a chunk message") {
        RenderMessage::Chunk(chunk) => {
            travelled.push((whole.body, chunk.documents.expect("inline")));
        }
        RenderMessage::Single(_) => panic!("a single"),
    }
    let mut alone = (String::new(), Vec::new());
    for single in singles {
        let body = RenderMessage::Single(single).to_body();
        match serde_json::from_str(&body).expect("a single message") {
            RenderMessage::Single(single) => alone.1.push(*single.document.expect("inline")),
            RenderMessage::Chunk(_) => panic!("a chunk"),
        }
        alone.0.push_str(&body);
    }
    travelled.push(alone);
    travelled
}

#[test]
fn data_as_deep_as_is_accepted_can_be_read_from_its_message() {
    let line = |levels: usize| {
        let data = "[".repeat(levels) + &"]".repeat(levels);
        format!(r#"{{"id": "a", "html": "x", "data": {{"a": {data}}}}}"#)
    };
    let deepest = (1..=128)
        .rev()
        .find_map(|levels| lines(&line(levels)).ok())
        .expect("some depth is accepted");
    for (_, documents) in travelled(&deepest) {
        assert_eq!(documents, deepest);
    }
    assert!(lines(&line(125)).unwrap_err().contains("at most 64 deep"));
}

#[test]
fn characters_that_a_queue_refuses_travel_as_escapes() {
    let line = "{\"id\": \"a\", \"html\": \"\u{FFFE}\", \"data\": {\"k\u{FFFF}\": \"\u{FFFE}\u{FFFF}\\\\\u{FFFF}\\u0001\u{10FFFF}\"}}";
    let documents = lines(line).unwrap();
    for (text, same) in travelled(&documents) {
        // The characters of an SQS message: #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.
        let refused = |c: char| matches!(c, '\0'..'\t' | '\x0b' | '\x0c' | '\x0e'..' ' | '\u{FFFE}' | '\u{FFFF}');
        assert!(!text.contains(refused), "{text:?}");
        assert_eq!(same, documents);
    }
}

#[test]
fn numbers_do_not_change_on_the_way() {
    // Seventeen digits, spread by a linear congruential generator.
    let mut state = 1_u64;
    let numbers: Vec<f64> = (0..2_000)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 11) as f64 / 9_007_199_254_740_992.0 * 10_000.0
        })
        .collect();
    let line = format!(
        r#"{{"id": "a", "html": "x", "data": {{"n": {}}}}}"#,
        Value::from(numbers.clone())
    );
    let documents = lines(&line).unwrap();
    for (_, documents) in travelled(&documents) {
        let data = documents[0].data.as_ref().expect("data");
        assert_eq!(data["n"], Value::from(numbers.clone()));
    }
}
