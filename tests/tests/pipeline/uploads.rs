//! Objects that come into the bucket.

use fanfold_enqueue::{Received, Upload};
use serde_json::{Value, json};

use crate::world::{World, request};

async fn upload(world: &World, key: &str, text: &str) -> Received {
    world.put(key, text.as_bytes().to_vec()).await;
    let etag = world
        .plain
        .head(&fanfold_cloud::Key::new(key).expect("the object is there"))
        .await
        .expect("the object is there")
        .etag;
    world
        .enqueue
        .uploaded(&Upload {
            key: key.into(),
            etag,
        })
        .await
        .expect("handled")
}

#[tokio::test]
async fn a_manifest_starts_a_batch_once() {
    let world = World::new();
    world
        .put("uploads/rows.csv", "case,name\nA,x\nB,y\nC,z\n")
        .await;
    let manifest = json!({"documents": [{"html": "{{ name }}", "output": "{case}.pdf"}], "rows": "uploads/rows.csv", "merge": [{"output": "all.pdf"}]});
    let Received::Batch(batch) = upload(&world, "uploads/kit.json", &manifest.to_string()).await
    else {
        panic!("not a batch")
    };
    // S3 may say it twice.
    let notice = Upload {
        key: "uploads/kit.json".into(),
        etag: String::new(),
    };
    assert_eq!(
        world.enqueue.uploaded(&notice).await.unwrap(),
        Received::Batch(batch.clone())
    );
    // What was accepted does not change with the file it came from.
    world
        .put("uploads/rows.csv", "case,name\nZ,changed\n")
        .await;
    world.run().await;
    let outputs = world.outputs(&batch).await;
    assert_eq!(
        outputs.keys().collect::<Vec<_>>(),
        ["A.pdf", "B.pdf", "C.pdf", "all.pdf"]
    );
    assert_eq!(world.renderer.drawn.lock().unwrap().len(), 3);
    let told: Value = serde_json::from_slice(
        &world.objects("t/default/readings/kit.json").await["t/default/readings/kit.json.json"],
    )
    .unwrap();
    assert_eq!(told["batch_id"], batch.as_str());
}

#[tokio::test]
async fn a_streamed_manifest_of_many_rows() {
    let world = World::new();
    let lines: String = (0..2_500)
        .map(|n| format!("{{\"id\": \"d{n}\", \"html\": \"good\"}}\n"))
        .collect();
    let Received::Batch(batch) = upload(&world, "uploads/many.jsonl", &lines).await else {
        panic!("not a batch")
    };
    world.run().await;
    let results = world.results(&batch).await;
    assert_eq!(
        (results.len(), results[2_499].id.as_str()),
        (2_500, "d2499")
    );
}

#[tokio::test]
async fn a_refused_manifest_queues_nothing_and_says_why() {
    let world = World::new();
    world.install_letter().await;
    let received = upload(
        &world,
        "uploads/bad.csv",
        "bundle,case\nletter,1\nletter\n,3\nlettr,4\n",
    )
    .await;
    let Received::Refused(key) = received else {
        panic!("{received:?}")
    };
    let told: Value = serde_json::from_slice(&world.objects(&key).await[&key]).unwrap();
    let places: Vec<&str> = told["refused"]["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["where"].as_str().unwrap())
        .collect();
    assert_eq!(places, ["line 3", "line 4", "line 5 /bundle"]);
    assert_eq!(world.waiting().await, 0);
}

#[tokio::test]
async fn other_objects_are_left_alone() {
    let world = World::new();
    assert_eq!(
        upload(&world, "uploads/readme.txt", "x").await,
        Received::Ignored
    );
    assert_eq!(
        upload(&world, "t/default/x.json", "{}").await,
        Received::Ignored
    );
    let gone = Upload {
        key: "uploads/gone.json".into(),
        etag: String::new(),
    };
    assert_eq!(
        world.enqueue.uploaded(&gone).await.unwrap(),
        Received::Ignored
    );
}

#[tokio::test]
async fn a_damaged_pdf_is_said_to_be() {
    let world = World::new();
    let Received::Read(key) = upload(&world, "uploads/scan.pdf", "%PDF-1.7\nnot really").await
    else {
        panic!("not read")
    };
    let told: Value = serde_json::from_slice(&world.objects(&key).await[&key]).unwrap();
    assert_eq!(told["kind"], "pdf");
    assert!(told["error"].as_str().is_some(), "{told}");
}

#[tokio::test]
async fn an_upload_comes_in_by_its_event() {
    let world = World::new();
    world
        .put(
            "uploads/my kit.jsonl",
            "{\"id\": \"a\", \"html\": \"good\"}\n",
        )
        .await;
    let event = json!({"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "b"}, "object": {"key": "uploads/my+kit.jsonl", "eTag": "e"}}}]});
    assert_eq!(world.enqueue.event(&event).await.unwrap(), Value::Null);
    assert_eq!(world.waiting().await, 1);
    let api = json!({"rawPath": "/v1/batches", "headers": {}, "body": "{}", "requestContext": {"stage": "$default", "http": {"method": "POST", "path": "/v1/batches"}}});
    assert_eq!(world.enqueue.event(&api).await.unwrap()["statusCode"], 422);
    assert!(world.enqueue.event(&json!({"hello": 1})).await.is_err());
    world.run().await;
    assert_eq!(request("GET", "/x?a=b", "", None).query["a"], "b");
}
