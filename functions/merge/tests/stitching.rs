//! Stitching and the dead letters, over a store and queues in memory.
#![expect(clippy::unwrap_used, reason = "in a test an error is a failure")]

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use fanfold_cloud::memory::{MemoryQueue, MemoryQueues, MemoryStore};
use fanfold_cloud::{Key, ManualClock, ObjectStore, OutgoingMessage, PutOptions, Queue};
use fanfold_job::message::{MergeMessage, RenderMessage, RunRef, SingleMessage};
use fanfold_job::settled::{
    Accepted, ChunkSettled, DocumentResult, EndedDocument, Merged, RetryPlan, Status, VolumeRecord,
};
use fanfold_job::{
    BatchId, BatchKeys, Defaults, Document, DocumentId, Dressing, Format, Membership, MergeSpec,
    OnFailure, Outline, OutputName, Plan, Priority, Source, StitchPlan, TenantId, sha256_hex,
};
use fanfold_lambda::{BatchAnswer, Deadline, Delivery, Queues, Settings};
use fanfold_ledger::Ledger;
use fanfold_merge::{
    BindError, Binder, Binding, Bound, Entry, Feed, Merge, Part, Sources, VolumeOptions,
};

/// Concatenates; what is titled `kill` takes longer than its function lives.
struct Lines;

impl Binder for Lines {
    fn bind(
        &self,
        _: VolumeOptions,
        paused: Option<&[u8]>,
        entries: &mut dyn Iterator<Item = Feed>,
        out: &mut dyn Write,
    ) -> Result<Binding, BindError> {
        let mut pages = paused.map_or(0, |state| u64::from_le_bytes(state.try_into().unwrap()));
        for feed in entries {
            let Feed::Entry(Entry { title, part }) = feed else {
                return Ok(Binding::Paused(u64::to_le_bytes(pages).to_vec()));
            };
            if title == "kill" {
                std::thread::sleep(Duration::from_millis(300));
            }
            match part {
                Part::Pdf(pdf) => out.write_all(&pdf)?,
                Part::Placeholder(message) => writeln!(out, "{title}: {message}")?,
            }
            pages += 1;
        }
        Ok(Binding::Whole(Bound {
            pages,
            left_out: 0,
            warnings: Vec::new(),
            untold: 0,
        }))
    }
}

struct World {
    clock: ManualClock,
    store: Arc<MemoryStore>,
    ledger: Ledger,
    merge_queue: MemoryQueue,
    merge: Merge,
    run: RunRef,
}

const DEADLINE: Duration = Duration::from_secs(600);

impl World {
    /// A complete batch of these documents in one chunk, with a volume of all and, when `by`, one
    /// for each document before it.
    async fn new(ids: &[&str], on_failure: OnFailure, by: bool) -> Self {
        Self::dressed(ids, on_failure, by, Dressing::default()).await
    }

    async fn dressed(ids: &[&str], on_failure: OnFailure, by: bool, dressing: Dressing) -> Self {
        let clock = ManualClock::new(1_000_000_000_000);
        let store = Arc::new(MemoryStore::new(Arc::new(clock.clone())));
        let ledger = Ledger::new(store.clone(), Arc::new(clock.clone()));
        let all = MemoryQueues::new(Arc::new(clock.clone()));
        let merge_queue = all.queue("merge", None);
        let queues = Queues {
            interactive: Arc::new(all.queue("interactive", None)),
            bulk: Arc::new(all.queue("bulk", None)),
            merge: Arc::new(merge_queue.clone()),
        };
        let (tenant, batch) = (TenantId::default(), BatchId::from_bits([7; 16]));
        let spec = |output: &str, by: Option<&str>| MergeSpec {
            output: output.into(),
            by: by.map(Into::into),
            on_failure,
            outline: Outline::default(),
            dressing: dressing.clone(),
        };
        let mut merge = vec![spec("all.pdf", None)];
        if by {
            merge.insert(0, spec("{id}-alone.pdf", Some("id")));
        }
        let plan = Plan::new(ids.len() as u64, ids.len().max(10) as u32);
        let keys = BatchKeys::new(&tenant, &batch);
        let accepted = Accepted {
            batch_id: batch.clone(),
            tenant: tenant.clone(),
            created_ms: 0,
            fingerprint: String::new(),
            format: Format::JsonLines,
            source: keys.source("0", "jsonl"),
            rows: None,
            defaults: Defaults::default(),
            plan,
            merge,
            priority: Priority::Bulk,
            retention_days: None,
            bundles: Default::default(),
        };
        let run = RunRef {
            tenant,
            batch,
            generation: 0,
            plan,
            priority: Priority::Bulk,
            stitch: true,
            retention_days: None,
        };
        let world = Self {
            merge: Merge::new(ledger.clone(), queues, Settings::default(), Arc::new(Lines)),
            clock,
            store,
            ledger,
            merge_queue,
            run,
        };
        let lines: String = ids
            .iter()
            .map(|id| format!("{{\"id\":\"{id}\",\"html\":\"x\",\"output\":\"{id}.pdf\"}}\n"))
            .collect();
        world.put(&accepted.source, &lines).await;
        world
            .ledger
            .create(&keys.manifest(), &accepted, None)
            .await
            .unwrap();
        world
    }

    async fn put(&self, key: &str, text: &str) {
        let bytes = text.to_owned().into_bytes().into();
        self.store
            .put(&Key::new(key).unwrap(), bytes, PutOptions::overwrite())
            .await
            .unwrap();
    }

    /// Settles all documents as ok, with their parts.
    async fn settle(&self, ids: &[&str], by: bool) {
        let mut ended = Vec::new();
        for (index, id) in (0..).zip(ids) {
            let output = OutputName::parse(&format!("{id}.pdf")).unwrap();
            let pdf = format!("pages of {id}\n");
            self.put(&self.run.batch_keys().part(&output), &pdf).await;
            let volume = OutputName::parse(&format!("{id}-alone.pdf")).unwrap();
            let membership = Membership {
                merge: 0,
                output: volume,
            };
            ended.push(EndedDocument {
                index,
                result: DocumentResult {
                    id: DocumentId::parse(id).unwrap(),
                    status: Status::Ok,
                    output,
                    pages: 1,
                    bytes: pdf.len() as u64,
                    sha256: sha256_hex(pdf.as_bytes()),
                    attempts: 1,
                    error: None,
                },
                ms: 1,
                volumes: by.then_some(membership).into_iter().collect(),
            });
        }
        self.ledger.settle(&self.run, 0, ended).await.unwrap();
    }

    async fn complete(ids: &[&str], on_failure: OnFailure, by: bool) -> Self {
        let world = Self::new(ids, on_failure, by).await;
        world.settle(ids, by).await;
        world
    }

    fn message(&self) -> MergeMessage {
        self.run.merge_message()
    }

    async fn stitch(&self) -> Vec<VolumeRecord> {
        let answer = self
            .merge
            .batch(
                &[delivery(&self.message().to_body(), 1)],
                Deadline::after(DEADLINE),
            )
            .await;
        assert_eq!(answer.failures, [""; 0]);
        self.volumes().await.unwrap()
    }

    async fn volumes(&self) -> Option<Vec<VolumeRecord>> {
        let key = self.run.keys().merged();
        let merged = self.ledger.read::<Merged>(&key).await.unwrap();
        merged.map(|merged| merged.volumes)
    }

    async fn text(&self, key: &str) -> String {
        let bytes = self.ledger.bytes(key).await.unwrap().unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    /// Hands a message to the dead-letter consumer.
    async fn dead(&self, body: &str) {
        let answer = self
            .merge
            .dead_letters(&[delivery(body, 1)], Deadline::after(DEADLINE))
            .await;
        assert_eq!(answer.failures, [""; 0]);
    }

    /// The same in an invocation that has no time.
    async fn dead_in_a_hurry(&self, body: &str) -> BatchAnswer {
        let batch = [delivery(body, 1)];
        let now = Deadline::after(Duration::ZERO);
        self.merge.dead_letters(&batch, now).await
    }

    /// The run's plan and those of its ranges as they are kept; nothing before it is planned.
    async fn planned(&self) -> Vec<String> {
        let keys = self.run.keys();
        let Some(plan) = self
            .ledger
            .read::<StitchPlan>(&keys.stitch_plan())
            .await
            .unwrap()
        else {
            return Vec::new();
        };
        let mut planned = vec![self.text(&keys.stitch_plan()).await];
        for range in 0..plan.len() {
            let key = keys.range_plan(&plan.range(range).unwrap());
            planned.push(self.text(&key).await);
        }
        planned
    }

    async fn handle(&self, body: &str, receive_count: u32) -> BatchAnswer {
        let batch = [delivery(body, receive_count)];
        self.merge.batch(&batch, Deadline::after(DEADLINE)).await
    }

    /// Handles a message in an invocation that has no time.
    async fn hurry(&self, body: &str) -> BatchAnswer {
        let batch = [delivery(body, 1)];
        self.merge
            .batch(&batch, Deadline::after(Duration::ZERO))
            .await
    }

    /// What is on the merge queue.
    async fn received(&self) -> Vec<String> {
        let received = self
            .merge_queue
            .receive(10, Duration::ZERO, Duration::from_secs(43_200))
            .await
            .unwrap();
        received.into_iter().map(|message| message.body).collect()
    }

    /// The merge message that was sent anew, once its delay is over.
    async fn resent(&self) -> String {
        self.clock.advance(Duration::from_secs(900));
        let mut received = self.received().await;
        assert_eq!(received.len(), 1);
        received.remove(0)
    }
}

fn delivery(body: &str, receive_count: u32) -> Delivery {
    Delivery {
        id: "m1".into(),
        receipt: "r1".into(),
        body: body.into(),
        receive_count,
        queue: None,
    }
}

#[tokio::test]
async fn a_part_that_is_lost_costs_its_own_pages_only() {
    for damaged in [false, true] {
        for on_failure in [OnFailure::Skip, OnFailure::Placeholder, OnFailure::Fail] {
            let ids = ["a", "b", "c"];
            let world = World::complete(&ids, on_failure, false).await;
            let lost = world
                .run
                .batch_keys()
                .part(&OutputName::parse("b.pdf").unwrap());
            if damaged {
                world.put(&lost, "another version").await;
            } else {
                world.store.delete(&Key::new(lost).unwrap()).await.unwrap();
            }
            let volumes = world.stitch().await;
            let volume = &volumes[0];
            if on_failure == OnFailure::Fail {
                let error = volume.error.as_deref().unwrap();
                assert!(
                    volume.key.is_none() && error.starts_with("b: its PDF"),
                    "{error}"
                );
                continue;
            }
            assert_eq!((volume.documents, volume.missing), (2, 1));
            assert_eq!(volume.warnings.len(), 1, "{volume:?}");
            assert!(volume.warnings[0].starts_with("b: its PDF"), "{volume:?}");
            let text = world.text(volume.key.as_deref().unwrap()).await;
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(
                (lines[0], *lines.last().unwrap()),
                ("pages of a", "pages of c")
            );
            let placeholders = usize::from(on_failure == OnFailure::Placeholder);
            assert_eq!(lines.len(), 2 + placeholders, "{text}");
        }
    }
}

#[tokio::test]
async fn a_volume_whose_parts_are_all_lost_is_not_made() {
    let world = World::complete(&["a"], OnFailure::Skip, false).await;
    let part = world
        .run
        .batch_keys()
        .part(&OutputName::parse("a.pdf").unwrap());
    world.store.delete(&Key::new(part).unwrap()).await.unwrap();
    let volumes = world.stitch().await;
    assert!(volumes[0].key.is_none() && volumes[0].error.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_volume_that_kills_the_function_is_given_up_alone() {
    let ids = ["a", "kill", "c"];
    let world = World::complete(&ids, OnFailure::Skip, true).await;
    let body = world.message().to_body();
    for receive_count in 1..=4 {
        let batch = [delivery(&body, receive_count)];
        let work = world.merge.batch(&batch, Deadline::after(DEADLINE));
        // The function dies while it binds.
        let died = tokio::time::timeout(Duration::from_millis(100), work).await;
        assert!(died.is_err());
    }
    // The killer is alone given up, and then the volume of all, which holds it too.
    world.dead(&body).await;
    let again = world.resent().await;
    assert!(world.volumes().await.is_none(), "one is still to be tried");
    for receive_count in 1..=2 {
        let batch = [delivery(&again, receive_count)];
        let work = world.merge.batch(&batch, Deadline::after(DEADLINE));
        let _ = tokio::time::timeout(Duration::from_millis(100), work).await;
    }
    let volumes = world.volumes().await.unwrap();
    let made: Vec<_> = volumes
        .iter()
        .map(|volume| (volume.output.as_str(), volume.key.is_some()))
        .collect();
    let expected = [
        ("a-alone.pdf", true),
        ("kill-alone.pdf", false),
        ("c-alone.pdf", true),
        ("all.pdf", false),
    ];
    assert_eq!(made, expected);
    let error = volumes[1].error.as_deref().unwrap();
    assert!(error.contains("ended the merge function"), "{error}");
}

#[tokio::test]
async fn a_merge_that_never_began_is_sent_anew_before_it_is_given_up() {
    let world = World::complete(&["a"], OnFailure::Skip, false).await;
    let mut body = world.message().to_body();
    for _ in 0..fanfold_job::state::MAX_RESENDS {
        world.dead(&body).await;
        let stitched = world.ledger.exists(&world.run.keys().stitched(0, 0)).await;
        assert!(!stitched.unwrap());
        body = world.resent().await;
    }
    world.dead(&body).await;
    let batch = [delivery(&world.resent().await, 1)];
    world.merge.batch(&batch, Deadline::after(DEADLINE)).await;
    let volumes = world.volumes().await.unwrap();
    assert!(volumes[0].key.is_none() && volumes[0].error.is_some());
}

#[tokio::test]
async fn the_volumes_of_a_run_are_handed_out_in_ranges() {
    let ids = ["a", "b", "c", "d", "e", "f"];
    let whole = World::complete(&ids, OnFailure::Skip, true).await;
    let expected = whole.stitch().await;
    let mut world = World::complete(&ids, OnFailure::Skip, true).await;
    // A volume of one document is five: two of them in a range, and that of all alone.
    world.merge = world.merge.with_range_work(10);
    let answer = world.handle(&world.message().to_body(), 1).await;
    assert!(answer.failures.is_empty() && world.volumes().await.is_none());
    let mut messages = world.received().await;
    let ranges: Vec<MergeMessage> = messages
        .iter()
        .map(|body| serde_json::from_str(body).unwrap())
        .collect();
    let numbers: Vec<_> = ranges.iter().map(|message| message.range).collect();
    assert_eq!(numbers, [Some(0), Some(1), Some(2), Some(3)]);
    // In any order, and twice; the request for all of them only sends what is left.
    messages.reverse();
    for body in &messages[..3] {
        for _ in 0..2 {
            assert!(world.handle(body, 1).await.failures.is_empty());
        }
    }
    assert!(world.volumes().await.is_none());
    world.handle(&world.message().to_body(), 1).await;
    let left = world.received().await;
    assert_eq!(left, messages[3..]);
    world.handle(&left[0], 1).await;
    assert_eq!(world.volumes().await.unwrap(), expected);
    let last = expected.last().unwrap().key.as_deref().unwrap();
    assert_eq!(world.text(last).await, whole.text(last).await);
    // A range that there is not is nobody's.
    let beyond = MergeMessage {
        range: Some(4),
        ..world.message()
    };
    assert!(world.handle(&beyond.to_body(), 1).await.failures.is_empty());
}

#[tokio::test]
async fn an_invocation_without_time_makes_a_volume_and_hands_the_rest_on() {
    let ids = ["a", "b", "c"];
    let world = World::complete(&ids, OnFailure::Skip, true).await;
    let mut body = world.message().to_body();
    for _ in 0..ids.len() {
        let answer = world.hurry(&body).await;
        assert!(answer.failures.is_empty() && world.volumes().await.is_none());
        let mut messages = world.received().await;
        body = messages.remove(0);
        assert!(messages.is_empty());
    }
    world.handle(&body, 1).await;
    let volumes = world.volumes().await.unwrap();
    assert!(volumes.len() == 4 && volumes.iter().all(|volume| volume.key.is_some()));
}

#[tokio::test]
async fn a_volume_whose_time_is_up_is_gone_on_with() {
    let ids = ["a", "b", "c", "d", "e"];
    let whole = World::complete(&ids, OnFailure::Skip, false).await;
    let expected = whole.stitch().await;
    let mut world = World::complete(&ids, OnFailure::Skip, false).await;
    world.merge = world.merge.with_range_work(1);
    let mut body = world.message().to_body();
    // Each invocation has time for one document.
    for _ in 1..ids.len() {
        assert!(world.hurry(&body).await.failures.is_empty());
        assert!(world.volumes().await.is_none());
        let mut messages = world.received().await;
        body = messages.remove(0);
        assert!(messages.is_empty());
    }
    world.hurry(&body).await;
    assert_eq!(world.volumes().await.unwrap(), expected);
    let key = expected[0].key.as_deref().unwrap();
    assert_eq!(world.text(key).await, whole.text(key).await);
}

#[tokio::test]
async fn a_pause_that_nobody_can_go_on_from_is_passed_over() {
    let ids = ["a", "b", "c"];
    let mut world = World::complete(&ids, OnFailure::Skip, false).await;
    world.merge = world.merge.with_range_work(1);
    world.hurry(&world.message().to_body()).await;
    let paused = world.received().await.remove(0);
    // One goes on to the end and dies before it can say so: the upload is over, the pause is still there.
    world.handle(&paused, 1).await;
    let expected = world.volumes().await.unwrap();
    let run = world.run.keys();
    for marker in [run.merged(), run.stitched_range(0)] {
        world
            .store
            .delete(&Key::new(marker).unwrap())
            .await
            .unwrap();
    }
    // Nor is there anything to go on from that another version wrote.
    world.hurry(&paused).await;
    let again = world.received().await.remove(0);
    let states = world.ledger.keys(&run.stitch_states(0)).await.unwrap();
    let last = states.iter().rfind(|key| key.ends_with(".state")).unwrap();
    world.put(last, "{}").await;
    world.handle(&again, 1).await;
    assert_eq!(world.volumes().await.unwrap(), expected);
}

#[tokio::test]
async fn only_what_comes_from_the_dead_letters_is_settled_as_dead() {
    let world = World::complete(&["a"], OnFailure::Skip, false).await;
    let sources = Sources::of_urls("https://q/1/merge-x", "https://q/1/dead-y");
    let from = |queue: Option<&str>, body: String| Delivery {
        queue: queue.map(Into::into),
        ..delivery(&body, 1)
    };
    for queue in [None, Some("bulk-z"), Some("merge")] {
        let batch = vec![from(queue, world.message().to_body())];
        let answer = world
            .merge
            .deliver(batch, &sources, Deadline::after(DEADLINE))
            .await;
        assert_eq!(answer.failures, ["m1"], "{queue:?}");
    }
    assert_eq!(world.merge_queue.depth().await.unwrap().total(), 0);
    let batch = vec![from(Some("merge-x"), world.message().to_body())];
    let answer = world
        .merge
        .deliver(batch, &sources, Deadline::after(DEADLINE))
        .await;
    assert!(answer.failures.is_empty() && world.volumes().await.is_some());
    let batch = vec![from(Some("dead-y"), "unreadable".into())];
    let answer = world
        .merge
        .deliver(batch, &sources, Deadline::after(DEADLINE))
        .await;
    assert_eq!(answer.failures, ["m1"]);
}

#[tokio::test]
async fn a_document_whose_data_is_gone_is_settled_by_its_name() {
    let world = World::new(&["a", "b"], OnFailure::Skip, false).await;
    let single = |generation, plan, ordinal| {
        RenderMessage::Single(SingleMessage {
            run: RunRef {
                generation,
                plan,
                ..world.run.clone()
            },
            chunk: 0,
            ordinal,
            attempts: 1,
            resent: 0,
            bundles: Default::default(),
            document: None,
        })
        .to_body()
    };
    for ordinal in 0..2 {
        world.dead(&single(0, world.run.plan, ordinal)).await;
    }
    let settled = |generation| {
        let key = world.run.batch_keys().run(generation).settled(0, 0);
        let ledger = world.ledger.clone();
        async move { ledger.must_read::<ChunkSettled>(&key).await.unwrap() }
    };
    let first = settled(0).await;
    let named: Vec<_> = first
        .documents
        .iter()
        .map(|document| (document.index, document.result.id.as_str()))
        .collect();
    assert_eq!(named, [(0, "a"), (1, "b")]);
    let error = first.documents[1].result.error.as_ref().unwrap();
    assert!(error.message.contains("is missing"), "{error:?}");
    // The same in a retry of both.
    let plan = Plan::new(2, 10);
    let marker = RetryPlan {
        generation: 1,
        created_ms: 0,
        plan,
    };
    let key = world.run.batch_keys().retry_plan(1);
    world.ledger.create(&key, &marker, None).await.unwrap();
    for ordinal in [1, 0] {
        world.dead(&single(1, plan, ordinal)).await;
    }
    let again = settled(1).await;
    assert_eq!(again.documents[1].result.id.as_str(), "b");
    assert_eq!(again.documents[1].result.status, Status::Failed);
}

#[tokio::test]
async fn a_dead_document_whose_part_is_there_is_ok() {
    for part_is_there in [true, false] {
        let world = World::new(&["a", "b"], OnFailure::Skip, false).await;
        let document = |id: &str, index| Document {
            index,
            id: DocumentId::parse(id).unwrap(),
            source: Source::Html("x".into()),
            locale: None,
            data: None,
            output: OutputName::parse(&format!("{id}.pdf")).unwrap(),
            volumes: Vec::new(),
        };
        for (ordinal, id) in (0u32..).zip(["a", "b"]) {
            let document = document(id, u64::from(ordinal));
            if part_is_there {
                let key = world.run.batch_keys().part(&document.output);
                world.put(&key, "a page\n").await;
            }
            // It was started alone, and did not come back.
            let start = world.run.keys().start(0, ordinal, 2);
            world.ledger.create(&start, &(), None).await.unwrap();
            let message = SingleMessage {
                run: world.run.clone(),
                chunk: 0,
                ordinal,
                attempts: 1,
                resent: 0,
                bundles: Default::default(),
                document: Some(Box::new(document)),
            };
            world.dead(&RenderMessage::Single(message).to_body()).await;
        }
        let settled: ChunkSettled = world
            .ledger
            .must_read(&world.run.keys().settled(0, 0))
            .await
            .unwrap();
        for ended in settled.documents {
            let result = ended.result;
            let expected = match part_is_there {
                true => (Status::Ok, 1, sha256_hex(b"a page\n")),
                false => (Status::Failed, 0, String::new()),
            };
            assert_eq!((result.status, result.pages, result.sha256), expected);
        }
    }
}

#[tokio::test]
async fn all_volumes_of_a_run_have_the_cover_that_was_there_when_they_were_planned() {
    let cover = "uploads/cover.pdf";
    let dressing = Dressing {
        cover: Some(cover.into()),
        ..Dressing::default()
    };
    let ids = ["a", "b", "c"];
    let make = async |text: &str| {
        let world = World::dressed(&ids, OnFailure::Skip, true, dressing.clone()).await;
        world.settle(&ids, true).await;
        world.put(cover, text).await;
        world
    };
    let [one, other] = [make("one").await, make("other").await];
    let [one, other] = [one.stitch().await, other.stitch().await];
    assert_eq!((one.len(), other.len()), (4, 4));
    for (one, other) in one.iter().zip(&other) {
        assert!(one.key.is_some() && one.parts_sha256 != other.parts_sha256);
    }
    // Planned and handed out with one cover, and stitched with another.
    let mut world = make("one").await;
    world.merge = world.merge.with_range_work(5);
    world.handle(&world.message().to_body(), 1).await;
    world.put(cover, "other").await;
    for body in world.received().await {
        world.handle(&body, 1).await;
    }
    for volume in world.volumes().await.unwrap() {
        let error = volume.error.unwrap();
        assert!(error.contains("is not the one that was there"), "{error}");
    }
}

#[tokio::test]
async fn a_plan_whose_time_is_up_is_gone_on_with() {
    let ids: Vec<String> = (0..600).map(|number| format!("d{number}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    for (by, is_dead) in [(false, false), (true, false), (true, true)] {
        let whole = World::complete(&ids, OnFailure::Skip, by).await;
        whole.handle(&whole.message().to_body(), 1).await;
        let world = World::complete(&ids, OnFailure::Skip, by).await;
        let mut body = world.message().to_body();
        for _ in 0..2 {
            let answer = match is_dead {
                true => world.dead_in_a_hurry(&body).await,
                false => world.hurry(&body).await,
            };
            assert!(answer.failures.is_empty());
            assert!(world.planned().await.is_empty());
            let mut messages = world.received().await;
            body = messages.remove(0);
            assert!(messages.is_empty());
        }
        world.hurry(&body).await;
        let planned = world.planned().await;
        assert_eq!(planned, whole.planned().await, "by {by}, dead {is_dead}");
        assert!(planned.len() > 1);
    }
}

#[tokio::test]
async fn what_is_given_up_of_a_cancelled_batch_is_not_merged() {
    let world = World::new(&["a"], OnFailure::Skip, false).await;
    world.put(&world.run.batch_keys().cancelled(), "{}").await;
    world.dead(&world.message().to_body()).await;
    assert!(world.volumes().await.is_none());
}

#[tokio::test]
async fn a_run_whose_plan_kills_the_function_ends_and_says_so() {
    let world = World::complete(&["a"], OnFailure::Skip, true).await;
    for delivery in ["1", "2"] {
        let tries = world.run.keys().planning_tries();
        world
            .put(&format!("{tries}0000000/{delivery}.start"), "null")
            .await;
    }
    world.dead(&world.message().to_body()).await;
    let volumes = world.volumes().await.unwrap();
    let outputs: Vec<&str> = volumes
        .iter()
        .map(|volume| volume.output.as_str())
        .collect();
    assert_eq!(outputs, ["{id}-alone.pdf", "all.pdf"]);
    for volume in volumes {
        let error = volume.error.unwrap();
        assert!(
            volume.key.is_none() && error.starts_with("planning the volumes ended"),
            "{error}"
        );
    }
    // So does one whose results are not what they should be.
    let damaged = World::new(&["a"], OnFailure::Skip, false).await;
    damaged.dead(&damaged.message().to_body()).await;
    assert!(damaged.volumes().await.unwrap()[0].error.is_some());
}

#[tokio::test]
async fn a_killed_merge_is_there_again_after_minutes() {
    let world = World::complete(&["kill"], OnFailure::Skip, false).await;
    let message = OutgoingMessage::new(world.message().to_body());
    world.merge_queue.send_batch(vec![message]).await.unwrap();
    // As the queue has it: an hour and a half.
    let hidden = Duration::from_secs(5_400);
    let mut received = world
        .merge_queue
        .receive(1, Duration::ZERO, hidden)
        .await
        .unwrap();
    let received = received.remove(0);
    let delivery = Delivery {
        receipt: received.receipt.0,
        ..delivery(&received.body, 1)
    };
    let batch = [delivery];
    let work = world.merge.batch(&batch, Deadline::after(DEADLINE));
    // It is killed while it binds.
    let killed = tokio::time::timeout(Duration::from_millis(100), work).await;
    assert!(killed.is_err());
    world.clock.advance(Duration::from_secs(299));
    assert_eq!(world.received().await.len(), 0);
    world.clock.advance(Duration::from_secs(2));
    assert_eq!(world.received().await.len(), 1);
}
