//! Roles: enough for every key of the job model, and no more than a prefix or a queue.

use fanfold_job::{
    BatchId, BatchKeys, OutputName, TenantId, bundle_latest_key, bundle_prefix, reading_key,
};
use serde_json::Value;

use crate::stack::{Stack, target};

/// Patterns of the bucket's keys that a role may do an action on.
fn keys(stack: &Stack, role: &str, action: &str) -> Vec<String> {
    let mut patterns = Vec::new();
    for statement in statements(stack, role).filter(|statement| allows(statement, action)) {
        for resource in list(&statement["Resource"]) {
            if let Some(arn) = resource["Fn::Sub"].as_str() {
                patterns.extend(arn.strip_prefix("${Bucket.Arn}/").map(str::to_owned));
            }
        }
    }
    patterns
}

fn statements<'a>(stack: &'a Stack, role: &str) -> impl Iterator<Item = &'a Value> {
    let policies = stack.properties(role)["Policies"]
        .as_array()
        .expect("a role has policies");
    policies
        .iter()
        .flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]))
}

fn allows(statement: &Value, action: &str) -> bool {
    statement["Effect"] == "Allow" && list(&statement["Action"]).any(|allowed| allowed == action)
}

/// One, or a list of them.
fn list(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(items) => items.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

/// IAM's own matching: `*` stands for any characters, slashes too.
fn matches(pattern: &str, key: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == key,
        Some((head, rest)) => key.strip_prefix(head).is_some_and(|tail| {
            tail.char_indices()
                .map(|(at, _)| at)
                .chain([tail.len()])
                .any(|at| matches(rest, &tail[at..]))
        }),
    }
}

fn assert_may(stack: &Stack, role: &str, action: &str, key: &str) {
    let patterns = keys(stack, role, action);
    assert!(
        patterns.iter().any(|pattern| matches(pattern, key)),
        "{role} may {action} {key}"
    );
}

fn batch() -> (TenantId, BatchKeys) {
    let tenant = TenantId::parse("acme").expect("a tenant");
    let batch = BatchKeys::new(&tenant, &BatchId::from_bits([7; 16]));
    (tenant, batch)
}

#[test]
fn each_function_may_write_the_keys_that_are_its_own() {
    let stack = Stack::load();
    let (tenant, batch) = batch();
    let output = OutputName::parse("LN-7/kit.pdf").expect("an output name");
    let enqueue = [
        batch.manifest(),
        batch.source("0a", "json"),
        batch.rows("0a", "csv"),
        batch.queued(),
    ]
    .into_iter()
    .chain([
        batch.cancelled(),
        batch.run(0).merged(),
        batch.run(1).merged(),
        batch.retry_plan(1),
        reading_key(&tenant, "uploads/a/annex.pdf"),
    ]);
    for key in enqueue {
        assert_may(&stack, "EnqueueRole", "s3:PutObject", &key);
    }
    assert_may(&stack, "RenderRole", "s3:PutObject", &batch.part(&output));
    for run in [batch.run(0), batch.run(1)] {
        assert_may(&stack, "EnqueueRole", "s3:PutObject", &run.input(3));
        for key in [
            run.single(3, 1),
            run.start(3, 1, 2),
            run.settled(0, 3),
            run.group(0),
            run.complete(),
        ] {
            assert_may(&stack, "RenderRole", "s3:PutObject", &key);
        }
        for key in [
            run.single(3, 1),
            run.settled(0, 3),
            run.group(0),
            run.complete(),
        ] {
            assert_may(&stack, "MergeRole", "s3:PutObject", &key);
        }
        for key in [
            run.volume(&output),
            run.stitch_plan(),
            run.range_plan(&(0..7)),
            run.stitched(0, 3),
            run.stitch_tries(0),
            run.stitched_range(0),
            run.merged(),
        ] {
            assert_may(&stack, "MergeRole", "s3:PutObject", &key);
        }
    }
}

#[test]
fn each_function_may_read_what_it_works_on() {
    let stack = Stack::load();
    let (_, batch) = batch();
    for role in ["EnqueueRole", "RenderRole", "MergeRole"] {
        assert_may(&stack, role, "s3:GetObject", &batch.manifest());
        assert_may(&stack, role, "s3:GetObject", &batch.run(1).settled(0, 3));
    }
    assert_may(&stack, "MergeRole", "s3:GetObject", "uploads/cover.pdf");
    for role in ["EnqueueRole", "RenderRole"] {
        assert_may(&stack, role, "s3:GetObject", "uploads/annex.pdf");
        assert_may(&stack, role, "s3:GetObject", &bundle_latest_key("receipt"));
        assert_may(
            &stack,
            role,
            "s3:GetObject",
            &format!("{}style.css", bundle_prefix("receipt", "0a")),
        );
    }
}

#[test]
fn a_function_may_not_write_what_is_another_s() {
    let stack = Stack::load();
    let (_, batch) = batch();
    let output = OutputName::parse("a.pdf").expect("an output name");
    let refused = [
        ("EnqueueRole", batch.part(&output)),
        ("EnqueueRole", batch.run(0).complete()),
        ("RenderRole", batch.manifest()),
        ("RenderRole", batch.run(0).merged()),
        ("MergeRole", batch.manifest()),
        ("MergeRole", batch.part(&output)),
        ("EnqueueRole", "uploads/annex.pdf".to_owned()),
        ("RenderRole", "bundles/receipt/latest.json".to_owned()),
    ];
    for (role, key) in refused {
        let may = keys(&stack, role, "s3:PutObject")
            .iter()
            .any(|pattern| matches(pattern, &key));
        assert!(!may, "{role} may not write {key}");
    }
}

#[test]
fn no_role_has_wildcards_for_actions_or_for_all_resources() {
    let stack = Stack::load();
    let mut seen = 0;
    for (role, properties) in stack.of_type("AWS::IAM::Role") {
        assert!(
            properties["ManagedPolicyArns"].is_null(),
            "{role}: AWS's own policies grant on everything"
        );
        for statement in statements(&stack, role) {
            for action in list(&statement["Action"]) {
                assert!(
                    !action.as_str().expect("an action").contains('*'),
                    "{role}: {action}"
                );
            }
            for resource in list(&statement["Resource"]) {
                assert!(
                    resource.is_object(),
                    "{role}: {resource} names a resource of this stack"
                );
            }
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[test]
fn mappings_may_consume_and_messages_may_be_sent() {
    let stack = Stack::load();
    let may = |role: &str, action: &str, queue: &str| {
        statements(&stack, role)
            .filter(|statement| allows(statement, action))
            .any(|statement| {
                list(&statement["Resource"]).any(|resource| resource["Fn::GetAtt"][0] == queue)
            })
    };
    for (id, mapping) in stack.of_type("AWS::Lambda::EventSourceMapping") {
        let role = target(&stack.properties(target(&mapping["FunctionName"]))["Role"]);
        let queue = target(&mapping["EventSourceArn"]);
        for action in [
            "ReceiveMessage",
            "DeleteMessage",
            "GetQueueAttributes",
            "ChangeMessageVisibility",
        ] {
            assert!(
                may(role, &format!("sqs:{action}"), queue),
                "{id}: {role} may {action}"
            );
        }
    }
    for role in ["EnqueueRole", "RenderRole", "MergeRole"] {
        for queue in ["InteractiveQueue", "BulkQueue", "MergeQueue"] {
            assert!(
                may(role, "sqs:SendMessage", queue),
                "{role} may send to {queue}"
            );
        }
    }
    assert!(may(
        "EnqueueRole",
        "lambda:InvokeFunction",
        "RenderFunction"
    ));
}
