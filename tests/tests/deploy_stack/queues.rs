//! Queues, and the event source mappings that read them.

use fanfold_job::state::MAX_DELIVERIES;

use crate::stack::{Stack, target};

const MAPPING: &str = "AWS::Lambda::EventSourceMapping";

#[test]
fn visibility_outlasts_six_timeouts_and_the_batching_window() {
    let stack = Stack::load();
    for (id, mapping) in stack.of_type(MAPPING) {
        let queue = stack.properties(target(&mapping["EventSourceArn"]));
        let function = stack.properties(target(&mapping["FunctionName"]));
        let timeout = function["Timeout"].as_u64().expect("a timeout is set");
        let window = match &mapping["MaximumBatchingWindowInSeconds"] {
            serde_json::Value::Null => 0,
            window => stack.largest(window),
        };
        let visibility = queue["VisibilityTimeout"]
            .as_u64()
            .expect("a visibility timeout is set");
        assert!(
            visibility >= 6 * timeout + window,
            "{id}: {visibility} s against 6 × {timeout} s + {window} s"
        );
    }
}

#[test]
fn mappings_report_partial_failures_and_bound_their_concurrency() {
    let stack = Stack::load();
    let mut count = 0;
    for (id, mapping) in stack.of_type(MAPPING) {
        assert_eq!(
            mapping["FunctionResponseTypes"][0], "ReportBatchItemFailures",
            "{id}"
        );
        assert!(
            stack.smallest(&mapping["ScalingConfig"]["MaximumConcurrency"]) >= 2,
            "{id}: AWS's least is 2"
        );
        let window = mapping["MaximumBatchingWindowInSeconds"].clone();
        let batch = stack.largest(&mapping["BatchSize"]);
        assert!(
            batch <= 10 || stack.smallest(&window) >= 1,
            "{id}: over 10 messages need a window"
        );
        count += 1;
    }
    assert_eq!(
        count, 4,
        "both render queues, the merge queue and the dead letters are read"
    );
}

#[test]
fn every_queue_that_is_read_ends_in_another_that_keeps_longer() {
    let stack = Stack::load();
    for (_, mapping) in stack.of_type(MAPPING) {
        let id = target(&mapping["EventSourceArn"]);
        let queue = stack.properties(id);
        let redrive = &queue["RedrivePolicy"];
        let dead = target(&redrive["deadLetterTargetArn"]);
        assert_ne!(dead, id);
        let deliveries = redrive["maxReceiveCount"]
            .as_u64()
            .expect("a number of deliveries");
        assert!(
            deliveries >= 5 && deliveries >= u64::from(MAX_DELIVERIES),
            "{id}: {deliveries} deliveries"
        );
        let keeps = |id| {
            stack.properties(id)["MessageRetentionPeriod"]
                .as_u64()
                .expect("a retention is set")
        };
        assert!(
            keeps(dead) >= keeps(id),
            "{dead} keeps messages at least as long as {id}"
        );
    }
}

#[test]
fn the_budget_ends_before_the_function_does() {
    let stack = Stack::load();
    let timeout = stack.properties("RenderFunction")["Timeout"]
        .as_u64()
        .expect("a timeout is set");
    let budget = stack.parameter("BudgetSeconds");
    assert!(budget["MaxValue"].as_u64().expect("a largest value") < timeout);
    assert_eq!(budget["Default"], 55);
}

#[test]
fn uploads_reach_enqueue() {
    let stack = Stack::load();
    let rule = stack.properties("UploadRule");
    assert_eq!(
        rule["EventPattern"]["detail"]["object"]["key"][0]["prefix"],
        "uploads/"
    );
    assert_eq!(
        target(&rule["EventPattern"]["detail"]["bucket"]["name"][0]),
        "Bucket"
    );
    assert_eq!(target(&rule["Targets"][0]["Arn"]), "EnqueueFunction");
    let permission = stack.properties("UploadPermission");
    assert_eq!(permission["Principal"], "events.amazonaws.com");
    assert_eq!(target(&permission["SourceArn"]), "UploadRule");
}
