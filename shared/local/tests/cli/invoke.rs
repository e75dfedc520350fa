use std::path::PathBuf;

use serde_json::Value;

use crate::program::{Ended, Workplace, pages};

fn event(name: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.join("events").join(name).to_str().unwrap().to_owned()
}

fn invoke(place: &Workplace, function: &str, name: &str) -> Ended {
    place.run(&[
        "invoke",
        function,
        "--event",
        &event(name),
        "--data-dir",
        "data",
    ])
}

fn answer(place: &Workplace, function: &str, name: &str) -> Value {
    let ended = invoke(place, function, name).with_code(0);
    serde_json::from_slice(&ended.stdout)
        .unwrap_or_else(|error| panic!("{name}: {error}: {}", ended.said()))
}

#[test]
fn the_sample_events_tell_one_story() {
    let place = Workplace::new();
    assert_eq!(
        answer(&place, "enqueue", "api-batch.json")["statusCode"],
        202
    );
    assert_eq!(
        answer(&place, "enqueue", "api-batch.json")["statusCode"],
        202,
        "the same request again"
    );
    let rendered = answer(&place, "render", "sqs-render.json");
    assert_eq!(rendered["batchItemFailures"], serde_json::json!([]));
    let merged = answer(&place, "merge", "sqs-merge.json");
    assert_eq!(merged["batchItemFailures"], serde_json::json!([]));
    let status = answer(&place, "enqueue", "api-status.json");
    let batch: Value = serde_json::from_str(status["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&batch["status"], &batch["succeeded"]),
        (&"complete".into(), &3.into()),
        "{batch}"
    );
    assert_eq!(
        answer(&place, "enqueue", "api-results.json")["statusCode"],
        200
    );
    let waited = answer(&place, "enqueue", "api-document-wait.json");
    assert_eq!(
        (&waited["statusCode"], &waited["isBase64Encoded"]),
        (&200.into(), &true.into())
    );
    let pdf = data_encoding::BASE64
        .decode(waited["body"].as_str().unwrap().as_bytes())
        .unwrap();
    assert_eq!(pages(&pdf), 1);
}

#[test]
fn every_sample_event_is_answered_in_an_empty_folder() {
    let folder = PathBuf::from(event(""));
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(stem) = name.strip_suffix(".json") else {
            continue;
        };
        let function = match stem {
            "sqs-render" => "render",
            "sqs-merge" | "dead-letter" => "merge",
            _ => "enqueue",
        };
        let place = Workplace::new();
        let answer = answer(&place, function, &name);
        let status = answer["statusCode"].as_u64().unwrap_or(200);
        assert!(status < 500, "{name}: {answer}");
        seen += 1;
    }
    assert!(seen >= 10, "{seen} events");
}

#[test]
fn what_is_no_event_of_the_function_is_refused() {
    let place = Workplace::new();
    place.write("strange.json", "{}");
    place.write("broken.json", "{");
    place
        .run(&["invoke", "render", "--event", "strange.json"])
        .with_code(1);
    place
        .run(&["invoke", "render", "--event", "broken.json"])
        .with_code(1);
    let ended = invoke(&place, "merge", "api-batch.json").with_code(1);
    assert!(ended.stderr.contains("enqueue"), "{}", ended.stderr);
    place
        .run(&["invoke", "fly", "--event", "strange.json"])
        .with_code(2);
}
