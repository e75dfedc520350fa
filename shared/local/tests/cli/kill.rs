//! A batch killed at any moment and run again gives what an undisturbed one gives; one whose documents
//! kill it goes on without them.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

#[cfg(debug_assertions)]
use crate::program::Ended;
use crate::program::Workplace;

/// Kills, each later in the batch's life than the one before, as far as the machine's speed is even.
const KILLS: u32 = 10;

fn manifest() -> Value {
    let documents: Vec<Value> = (0..160)
        .map(|n| json!({"id": format!("d{n:03}"), "markdown": format!("# Letter {n}\n\n{}", "text and **more** text ".repeat(60)), "data": {"case": n % 7}, "output": format!("{}/d{n:03}.pdf", n % 7)}))
        .collect();
    json!({"documents": documents, "merge": [{"output": "kit-{case}.pdf", "by": "case"}, {"output": "all.pdf"}]})
}

fn start(place: &Workplace, out: &str) -> Child {
    let mut command = place.command(&["batch", "m.json", "--out", out]);
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Results without what may differ between runs.
fn results(place: &Workplace, out: &str) -> Vec<Value> {
    let mut report = place.json(&format!("{out}/report.json"));
    let documents = report["documents"].as_array_mut().unwrap();
    for document in documents.iter_mut() {
        document.as_object_mut().unwrap().remove("attempts");
    }
    std::mem::take(documents)
}

#[test]
fn killed_ten_times_and_run_again_all_is_there_once_with_the_same_bytes() {
    let place = Workplace::new();
    place.write("m.json", manifest().to_string());
    let began = Instant::now();
    place
        .run(&["batch", "m.json", "--out", "calm"])
        .with_code(0);
    let whole = began.elapsed();
    let mut killed = 0;
    for kill in 0..KILLS {
        let mut child = start(&place, "out");
        // From the very start up to most of an undisturbed run; each run begins where the last ended,
        // so the kills fall all over the batch's life.
        let after = whole * kill / (KILLS + 2);
        std::thread::sleep(after.max(Duration::from_millis(3)));
        let ended = child.try_wait().unwrap();
        killed += u32::from(ended.is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(
        killed >= 3,
        "only {killed} runs were killed before their end"
    );
    place.run(&["batch", "m.json", "--out", "out"]).with_code(0);
    let (mut calm, mut stormy) = (place.files("calm"), place.files("out"));
    assert_eq!(results(&place, "calm"), results(&place, "out"));
    calm.remove("report.json");
    stormy.remove("report.json");
    assert_eq!(
        calm.keys().collect::<Vec<_>>(),
        stormy.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in &calm {
        assert!(stormy[name] == *bytes, "{name} differs");
    }
    assert_eq!(calm.len(), 160 + 7 + 1);
}

/// Only a build for tests has documents that kill.
#[cfg(debug_assertions)]
#[test]
fn documents_that_end_their_process_fail_and_no_others() {
    let place = Workplace::new();
    place.write("m.json", manifest().to_string());
    place
        .run(&["batch", "m.json", "--out", "calm"])
        .with_code(0);
    let mut command = place.command(&["batch", "m.json", "--out", "out"]);
    command.env("FANFOLD_TEST_KILLERS", "d003,d004,d077");
    let ended: Ended = command.output().unwrap().into();
    let ended = ended.with_code(1);
    assert!(ended.said().contains("3 failed"), "{}", ended.said());
    assert!(ended.stderr.contains("has died"), "{}", ended.stderr);
    let (calm, stormy) = (place.files("calm"), place.files("out"));
    for (calm_result, result) in results(&place, "calm").iter().zip(results(&place, "out")) {
        if ["d003", "d004", "d077"].contains(&result["id"].as_str().unwrap()) {
            assert_eq!(result["error"]["kind"], "killed", "{result}");
        } else {
            assert_eq!(*calm_result, result);
            let output = result["output"].as_str().unwrap();
            assert!(calm[output] == stormy[output], "{output} differs");
        }
    }
    assert_eq!(stormy.len(), calm.len() - 3);
}
