//! Batches that nothing happens to.

use fanfold_job::settled::Status;
use fanfold_lambda::Settings;
use serde_json::json;

use crate::world::{World, good, manifest, request, settings};

#[tokio::test]
async fn a_kit_becomes_parts_and_volumes_in_order() {
    let world = World::new();
    let rows: Vec<_> = (0..9)
        .map(|n| json!({"case": format!("LN-{n}"), "name": format!("Name {n}")}))
        .collect();
    let kit = json!({
        "documents": [{"html": "letter"}, {"markdown": "terms", "output": "{case}/terms.pdf"}, {"html": "schedule", "id": "s-{case}"}],
        "rows": rows,
        "merge": [{"output": "{case}_kit.pdf", "by": "case"}, {"output": "all.pdf"}],
    });
    let batch = world.accept(&kit.to_string()).await;
    let status = world.get(&format!("/v1/batches/{batch}")).await;
    assert_eq!(
        (
            status["status"].as_str(),
            status["total"].as_u64(),
            status["processed"].as_u64()
        ),
        (Some("queued"), Some(27), Some(0))
    );
    world.run().await;

    let outputs = world.outputs(&batch).await;
    assert_eq!(outputs.len(), 27 + 9 + 1);
    let parts = |case: usize| {
        format!(
            "{}{}{}",
            outputs[&format!("{}-1.pdf", case + 1)],
            outputs[&format!("LN-{case}/terms.pdf")],
            outputs[&format!("s-LN-{case}.pdf")]
        )
    };
    assert!(parts(3).contains("Name 3") && parts(3).lines().count() == 3);
    for case in 0..9 {
        assert_eq!(outputs[&format!("LN-{case}_kit.pdf")], parts(case));
    }
    assert_eq!(outputs["all.pdf"], (0..9).map(parts).collect::<String>());

    let status = world.get(&format!("/v1/batches/{batch}")).await;
    assert_eq!(status["status"], "complete");
    assert_eq!(
        (
            status["processed"].as_u64(),
            status["succeeded"].as_u64(),
            status["failed"].as_u64()
        ),
        (Some(27), Some(27), Some(0))
    );
    let volumes: Vec<&str> = status["volumes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|volume| volume["output"].as_str().unwrap())
        .collect();
    assert_eq!(
        (volumes[0], volumes[8], volumes[9]),
        ("LN-0_kit.pdf", "LN-8_kit.pdf", "all.pdf")
    );
    assert!(status["volumes"][9]["url"].is_string());

    let results = world.results(&batch).await;
    assert_eq!(results[5].id.as_str(), "s-LN-1");
    let part = &outputs[results[5].output.as_str()];
    assert_eq!(results[5].sha256, fanfold_job::sha256_hex(part.as_bytes()));
    assert_eq!(
        (results[5].pages, results[5].bytes, results[5].attempts),
        (1, part.len() as u64, 1)
    );
    assert_eq!(
        world.renderer.drawn.lock().unwrap().len(),
        27,
        "each document is drawn once"
    );
}

#[tokio::test]
async fn results_are_paged() {
    let world = World::new();
    let mut texts = vec!["good"; 25];
    texts[7] = "fail";
    texts[21] = "fail";
    let batch = world.accept(&manifest(&texts)).await;
    world.run().await;
    let mut path = format!("/v1/batches/{batch}/documents?limit=10");
    let mut ids = Vec::new();
    loop {
        let page = world.get(&path).await;
        ids.extend(
            page["documents"]
                .as_array()
                .unwrap()
                .iter()
                .map(|document| document["id"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => path = format!("/v1/batches/{batch}/documents?limit=10&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(ids, (0..25).map(|n| format!("d{n:02}")).collect::<Vec<_>>());
    let failed = world
        .get(&format!("/v1/batches/{batch}/documents?status=failed"))
        .await;
    let failed = failed["documents"].as_array().unwrap();
    assert_eq!((failed.len(), failed[0]["id"].as_str()), (2, Some("d07")));
    assert_eq!(
        failed[0]["error"],
        json!({"kind": "bad_data", "message": "as asked", "where": "data/x"})
    );
    let ok = world
        .get(&format!(
            "/v1/batches/{batch}/documents?status=ok&limit=1&links=true"
        ))
        .await;
    assert!(ok["documents"][0]["url"].is_string());
}

#[tokio::test]
async fn failed_documents_are_skipped_replaced_or_stop_their_volume() {
    let world = World::new();
    let manifest = json!({
        "documents": [{"id": "a", "html": "good"}, {"id": "b", "html": "fail"}, {"id": "c", "html": "good"}],
        "merge": [{"output": "skip.pdf"}, {"output": "placeholder.pdf", "on_failure": "placeholder"}, {"output": "fail.pdf", "on_failure": "fail"}],
    });
    let batch = world.accept(&manifest.to_string()).await;
    world.run().await;
    let outputs = world.outputs(&batch).await;
    let (a, c) = (&outputs["a.pdf"], &outputs["c.pdf"]);
    assert_eq!(outputs["skip.pdf"], format!("{a}{c}"));
    assert_eq!(
        outputs["placeholder.pdf"],
        format!("{a}PLACEHOLDER b: as asked\n{c}")
    );
    assert!(!outputs.contains_key("fail.pdf"));
    let status = world.get(&format!("/v1/batches/{batch}")).await;
    assert_eq!(
        (status["status"].as_str(), status["failed"].as_u64()),
        (Some("complete"), Some(1))
    );
    assert!(
        status["volumes"][2]["url"].is_null()
            && status["volumes"][2]["error"]
                .as_str()
                .unwrap()
                .contains("1 of 3 documents failed")
    );
}

#[tokio::test]
async fn a_batch_without_a_good_document_is_failed() {
    let world = World::new();
    let batch = world.accept(&manifest(&["fail", "fail"])).await;
    world.run().await;
    let status = world.get(&format!("/v1/batches/{batch}")).await;
    assert_eq!(
        (status["status"].as_str(), status["processed"].as_u64()),
        (Some("failed"), Some(2))
    );
}

#[tokio::test]
async fn many_groups_complete_with_small_chunks() {
    let world = World::with(settings());
    let limits = fanfold_job::Limits {
        chunk_documents: 1,
        ..fanfold_job::Limits::default()
    };
    let enqueue =
        fanfold_enqueue::Enqueue::new(world.ledger.clone(), world.queues.clone(), settings())
            .with_limits(limits);
    let response = enqueue
        .api(&request("POST", "/v1/batches", &good(600), Some("many")))
        .await;
    let batch = crate::world::id_of(&response);
    world.run().await;
    let status = world.get(&format!("/v1/batches/{batch}")).await;
    assert_eq!(
        (status["status"].as_str(), status["succeeded"].as_u64()),
        (Some("complete"), Some(600))
    );
    let objects = world
        .objects(&format!("t/default/batches/{batch}/groups/"))
        .await;
    assert_eq!(objects.len(), 3);
}

#[tokio::test]
async fn a_chunk_too_large_for_its_message_is_spilled() {
    let world = World::new();
    let long = format!("good {}", "x".repeat(100_000));
    let batch = world.accept(&manifest(&[long.as_str(); 12])).await;
    let spills = world
        .objects(&format!("t/default/batches/{batch}/input/"))
        .await;
    assert_eq!(spills.len(), 1, "ten documents do not fit, two do");
    world.run().await;
    assert!(
        world
            .results(&batch)
            .await
            .iter()
            .all(|result| result.status == Status::Ok)
    );
}

#[tokio::test]
async fn each_priority_has_its_queue() {
    let world = World::new();
    let with = |priority: &str| {
        json!({"documents": [{"id": "a", "html": "x"}], "priority": priority}).to_string()
    };
    world.accept(&with("interactive")).await;
    assert_eq!(world.queues.interactive.depth().await.unwrap().total(), 1);
    world.accept(&with("bulk")).await;
    assert_eq!(world.queues.bulk.depth().await.unwrap().total(), 1);
    world.run().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn bytes_are_the_same_whatever_runs_at_once_and_in_any_order() {
    let mut seen = Vec::new();
    for (open, cores, event) in [(1, 1, 1), (3, 2, 10), (64, 8, 4)] {
        let world = World::with(Settings {
            document_concurrency: open,
            render_concurrency: cores,
            ..settings()
        });
        *world.event_size.lock().unwrap() = event;
        let texts: Vec<String> = (0..40).map(|n| format!("slow {}", (n * 7) % 5)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let batch = world.accept(&manifest(&texts)).await;
        world.run().await;
        assert!(
            world
                .renderer
                .most_at_once
                .load(std::sync::atomic::Ordering::SeqCst)
                <= cores.min(open),
            "the slots bound what runs"
        );
        seen.push(world.outputs(&batch).await);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
}
