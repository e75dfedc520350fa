//! The stack beside `template.yaml`.

use super::*;
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

/// YAML as JSON; `!Ref X` is `{"Ref": X}`, and what `!GetAtt X.Y` names is `{"GetAtt": "X.Y"}`.
fn json_of(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(Scalar::Integer(it)) => json!(it),
        Yaml::Value(Scalar::Boolean(it)) => json!(it),
        Yaml::Value(Scalar::String(it)) => json!(it),
        Yaml::Sequence(items) => items.iter().map(json_of).collect(),
        Yaml::Mapping(members) => members
            .iter()
            .map(|(name, value)| {
                let name = json_of(name);
                (
                    name.as_str()
                        .map_or_else(|| name.to_string(), str::to_owned),
                    json_of(value),
                )
            })
            .collect::<Map<_, _>>()
            .into(),
        Yaml::Tagged(tag, inner) => json!({tag.suffix.as_str(): json_of(inner)}),
        _ => Value::Null,
    }
}

fn template() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    json_of(&Yaml::load_from_str(&text).unwrap()[0])
}

/// The template's value with its parameters at their defaults.
fn number(template: &Value, value: &Value) -> u64 {
    match value["Ref"].as_str() {
        Some(name) => template["Parameters"][name]["Default"].as_u64().unwrap(),
        None => value.as_u64().unwrap(),
    }
}

#[test]
fn parameters_are_the_templates() {
    let template = template();
    let mut found = 0;
    for (name, default, least, most) in PARAMETERS {
        let Some(parameter) = template["Parameters"].get(name) else {
            continue;
        };
        let given = ["Default", "MinValue", "MaxValue"].map(|it| parameter[it].as_u64());
        assert_eq!(given, [Some(default), Some(least), Some(most)], "{name}");
        found += 1;
    }
    assert!(found >= PARAMETERS.len() - 3, "{found}");
    let given = ["RenderMemory=300".to_owned()];
    assert_eq!(Parameters::read(&given).unwrap().get("RenderMemory"), 300);
    for wrong in ["RenderMemory=1", "RenderMemory", "Colour=1"] {
        assert!(Parameters::read(&[wrong.to_owned()]).is_err(), "{wrong}");
    }
}

#[test]
fn queues_are_the_templates() {
    let template = template();
    let resource = |name| match name {
        INTERACTIVE => "InteractiveQueue",
        BULK => "BulkQueue",
        MERGE => "MergeQueue",
        DEAD_LETTERS => "DeadLetterQueue",
        _ => "UnsettledQueue",
    };
    for (name, visibility, redrive) in QUEUES {
        let given = &template["Resources"][resource(name)]["Properties"];
        assert_eq!(given["MessageRetentionPeriod"], 1_209_600, "{name}");
        assert_eq!(given["VisibilityTimeout"].as_u64(), visibility, "{name}");
        let policy = &given["RedrivePolicy"];
        let to = redrive.map(|(to, _)| format!("{}.Arn", resource(to)));
        assert_eq!(
            policy["deadLetterTargetArn"]["GetAtt"].as_str(),
            to.as_deref(),
            "{name}"
        );
        let count = redrive.map(|(_, count)| u64::from(count));
        assert_eq!(policy["maxReceiveCount"].as_u64(), count, "{name}");
    }
}

#[tokio::test]
async fn functions_and_mappings_are_the_templates() {
    let template = template();
    let folder = tempfile::tempdir().unwrap();
    for name in ["enqueue", "render", "merge"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
        std::fs::write(folder.path().join(name).join("bootstrap"), "").unwrap();
    }
    let credentials = Credentials::default();
    let start = || {
        Processes::find(
            folder.path(),
            "http://x",
            &credentials,
            &Parameters::default(),
            8,
            None,
        )
    };
    let processes = start().unwrap();
    let shared = &template["Globals"]["Function"]["Environment"]["Variables"];
    for (resource, function) in [
        ("EnqueueFunction", &processes.enqueue),
        ("RenderFunction", &processes.render),
        ("MergeFunction", &processes.merge),
    ] {
        let given = &template["Resources"][resource]["Properties"];
        let program = function.program();
        assert_eq!(
            program.timeout.as_secs(),
            given["Timeout"].as_u64().unwrap()
        );
        assert_eq!(
            program.memory_bytes >> 20,
            number(&template, &given["MemorySize"])
        );
        let own = &given["Environment"]["Variables"];
        let wanted = shared
            .as_object()
            .into_iter()
            .chain(own.as_object())
            .flatten();
        let mut named = 0;
        for (name, value) in wanted {
            let ours = program.environment.iter().find(|(it, _)| it == name);
            let ours = &ours.unwrap_or_else(|| panic!("{resource} has no {name}")).1;
            named += 1;
            if let Some(text) = value.as_str() {
                assert_eq!(ours, text, "{name}");
            } else if let Some(default) = value["Ref"]
                .as_str()
                .and_then(|it| template["Parameters"].get(it))
            {
                let default = &default["Default"];
                assert_eq!(
                    *ours,
                    default
                        .as_str()
                        .map_or_else(|| default.to_string(), str::to_owned),
                    "{name}"
                );
            }
        }
        let fanfold = program
            .environment
            .iter()
            .filter(|(name, _)| name.starts_with("FANFOLD_") && std::env::var_os(name).is_none());
        assert!(fanfold.count() <= named, "{resource}");
    }
    let cloud = fanfold_cloud::LocalCloud::open(
        &folder.path().join("data"),
        &fanfold_cloud::LocalOptions::default(),
    )
    .unwrap();
    let queues = Queues::open(&cloud).unwrap();
    declare(&queues).unwrap();
    let mappings = processes.mappings(&queues, &cloud).unwrap();
    for mapping in mappings {
        let resource = match mapping.name {
            INTERACTIVE => "InteractiveMapping",
            BULK => "BulkMapping",
            MERGE => "MergeMapping",
            _ => "DeadLetterMapping",
        };
        let given = &template["Resources"][resource]["Properties"];
        assert_eq!(
            mapping.batch_size as u64,
            number(&template, &given["BatchSize"]),
            "{resource}"
        );
        let window = &given["MaximumBatchingWindowInSeconds"];
        let window = if window.is_null() {
            0
        } else {
            number(&template, window)
        };
        assert_eq!(mapping.window.as_secs(), window, "{resource}");
        let most = number(&template, &given["ScalingConfig"]["MaximumConcurrency"]);
        assert_eq!(mapping.concurrency as u64, most.min(8), "{resource}");
    }
    std::fs::remove_file(folder.path().join("merge/bootstrap")).unwrap();
    assert!(
        start()
            .unwrap_err()
            .to_string()
            .contains("no function merge")
    );
}
