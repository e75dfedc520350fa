//! The HTTP API: routes against the OpenAPI file, and that file's schemas against its examples and the code.

use std::collections::BTreeMap;

use fanfold_job::{Defaults, Format, Limits, Manifest};
use serde_json::{Value, json};

use crate::stack::{Stack, target};
use crate::yaml;

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

fn open_api() -> Value {
    yaml::load("functions/enqueue/openapi.yaml")
}

/// Every operation: route key (`GET /v1/batches/{id}`) and the operation.
fn operations(api: &Value) -> Vec<(String, &Value)> {
    let paths = api["paths"].as_object().expect("there are paths");
    let mut all = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("a path item") {
            if METHODS.contains(&method.as_str()) {
                all.push((format!("{} {path}", method.to_uppercase()), operation));
            }
        }
    }
    all
}

/// A schema of the file, with what it refers to.
fn schema(api: &Value, reference: &Value) -> Value {
    let mut schema = reference.clone();
    schema["components"] = api["components"].clone();
    schema["$schema"] = api["jsonSchemaDialect"].clone();
    schema
}

fn faults(api: &Value, reference: &Value, instance: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(&schema(api, reference)).expect("it is a schema");
    validator
        .iter_errors(instance)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect()
}

/// Follows a reference of the file.
fn resolve<'a>(api: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        None => value,
        Some(reference) => {
            let pointer = reference
                .strip_prefix('#')
                .expect("references stay in the file");
            api.pointer(pointer)
                .unwrap_or_else(|| panic!("{reference} exists"))
        }
    }
}

#[test]
fn each_path_and_method_has_its_route_and_no_route_is_more() {
    let stack = Stack::load();
    let api = open_api();
    let routes: BTreeMap<_, _> = stack
        .of_type("AWS::ApiGatewayV2::Route")
        .map(|(_, route)| {
            let text = |name: &str| route[name].as_str().expect("a text").to_owned();
            (text("RouteKey"), text("OperationName"))
        })
        .collect();
    let expected: BTreeMap<_, _> = operations(&api)
        .into_iter()
        .map(|(key, operation)| {
            (
                key,
                operation["operationId"]
                    .as_str()
                    .expect("an operation id")
                    .to_owned(),
            )
        })
        .collect();
    assert_eq!(routes, expected);
    assert_eq!(expected.len(), 7);
}

#[test]
fn routes_are_authorised_throttled_and_reach_enqueue() {
    let stack = Stack::load();
    for (id, route) in stack.of_type("AWS::ApiGatewayV2::Route") {
        assert_eq!(
            target(&route["AuthorizationType"]),
            "ApiAuthorization",
            "{id}"
        );
        assert_eq!(
            route["Target"]["Fn::Sub"], "integrations/${ApiIntegration}",
            "{id}"
        );
    }
    assert_eq!(stack.parameter("ApiAuthorization")["Default"], "AWS_IAM");
    assert_eq!(
        target(&stack.properties("ApiIntegration")["IntegrationUri"]),
        "EnqueueFunction"
    );
    assert_eq!(
        stack.properties("ApiIntegration")["PayloadFormatVersion"],
        "2.0"
    );
    let throttle = &stack.properties("ApiStage")["DefaultRouteSettings"];
    assert_eq!(target(&throttle["ThrottlingRateLimit"]), "ThrottleRate");
    assert_eq!(target(&throttle["ThrottlingBurstLimit"]), "ThrottleBurst");
}

#[test]
fn path_parameters_are_declared() {
    let api = open_api();
    for (path, item) in api["paths"].as_object().expect("there are paths") {
        let declared = item["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        let declared: Vec<_> = declared
            .iter()
            .map(|parameter| resolve(&api, parameter))
            .filter(|parameter| parameter["in"] == "path" && parameter["required"] == true)
            .map(|parameter| format!("{{{}}}", parameter["name"].as_str().expect("a name")))
            .collect();
        let used: Vec<_> = path
            .split('/')
            .filter(|part| part.starts_with('{'))
            .collect();
        assert_eq!(declared, used, "{path}");
    }
}

/// Every `application/json` and problem body: its schema and its examples.
fn bodies(api: &Value) -> Vec<(String, &Value, Vec<&Value>)> {
    let mut all = Vec::new();
    for (key, operation) in operations(api) {
        let responses = operation["responses"]
            .as_object()
            .expect("there are responses");
        let answers = responses
            .iter()
            .map(|(status, response)| (status.as_str(), resolve(api, response)));
        for (name, body) in answers.chain([("request", &operation["requestBody"])]) {
            for (media_type, content) in body["content"].as_object().into_iter().flatten() {
                if media_type.ends_with("json") {
                    let examples = content["examples"].as_object().into_iter().flatten();
                    let examples = examples
                        .map(|(_, example)| &resolve(api, example)["value"])
                        .collect();
                    all.push((
                        format!("{key} {name} {media_type}"),
                        &content["schema"],
                        examples,
                    ));
                }
            }
        }
    }
    all
}

#[test]
fn every_body_has_an_example_and_it_is_valid() {
    let api = open_api();
    for (name, reference, examples) in bodies(&api) {
        assert!(!examples.is_empty(), "{name} has an example");
        for example in examples {
            assert_eq!(
                faults(&api, reference, example),
                Vec::<String>::new(),
                "{name}"
            );
        }
    }
}

#[test]
fn errors_are_problems_or_the_gateway_s_own() {
    let api = open_api();
    for (key, operation) in operations(&api) {
        for (status, response) in operation["responses"]
            .as_object()
            .expect("there are responses")
        {
            let response = resolve(&api, response);
            if status.starts_with(['4', '5']) && !["403", "413", "429"].contains(&status.as_str()) {
                let problem = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(problem, "#/components/schemas/Problem", "{key} {status}");
                for (_, example) in response["content"]["application/problem+json"]["examples"]
                    .as_object()
                    .expect("examples")
                {
                    assert_eq!(example["value"]["status"].to_string(), *status, "{key}");
                }
            }
        }
    }
}

#[test]
fn the_schema_and_the_code_agree_about_manifests() {
    let api = open_api();
    let reference = json!({"$ref": "#/components/schemas/Manifest"});
    let both = |manifest: &Value| {
        let schema = faults(&api, &reference, manifest).is_empty();
        let text = manifest.to_string();
        let code = Manifest::read(
            Format::Json,
            text.as_bytes(),
            &Defaults::default(),
            &Limits::default(),
        )
        .is_ok();
        (schema, code)
    };
    for name in ["Letters", "Kits"] {
        assert_eq!(
            both(&api["components"]["examples"][name]["value"]),
            (true, true),
            "{name}"
        );
    }
    let accepted = [
        json!({"documents": [{"html": "x", "id": "a"}]}),
        json!({"documents": [{"bundle": "receipt", "id": "a", "locale": "ta-IN", "data": {}}], "priority": "bulk"}),
        json!({"documents": [{"bundle": "receipt"}], "rows": "uploads/rows.csv", "retention_days": 3650}),
        json!({"documents": [{"pdf": "uploads/a.pdf", "id": "a"}], "merge": [{"output": "a.pdf", "outline": "inputs"}]}),
    ];
    for manifest in accepted {
        assert_eq!(both(&manifest), (true, true), "{manifest}");
    }
    let refused = [
        json!({}),
        json!([]),
        json!({"documents": {}}),
        json!({"documents": [{"id": "a"}]}),
        json!({"documents": [{"id": "a", "html": "x", "markdown": "y"}]}),
        json!({"documents": [{"id": "a", "html": 1}]}),
        json!({"documents": [{"id": "a", "html": "x", "colour": "red"}]}),
        json!({"documents": [{"id": "a", "html": "x"}], "colour": "red"}),
        json!({"documents": [{"id": "a", "html": "x"}], "priority": "high"}),
        json!({"documents": [{"id": "a", "html": "x"}], "retention_days": 0}),
        json!({"documents": [{"id": "a", "html": "x"}], "retention_days": 3651}),
        json!({"documents": [{"id": "a", "html": "x"}], "merge": [{"by": "case_id"}]}),
        json!({"documents": [{"id": "a", "html": "x"}], "merge": [{"output": "a.pdf", "on_failure": "ignore"}]}),
        json!({"documents": [{"id": "a", "html": "x"}], "rows": 7}),
    ];
    for manifest in refused {
        assert_eq!(both(&manifest), (false, false), "{manifest}");
    }
}
