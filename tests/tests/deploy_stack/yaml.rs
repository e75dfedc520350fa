//! YAML as JSON values, with CloudFormation's short tags in their long form.

use std::fs;
use std::path::{Path, PathBuf};

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Reads a YAML file of the workspace.
pub(crate) fn load(path: &str) -> Value {
    let path = root().join(path);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let documents =
        Yaml::load_from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    assert_eq!(documents.len(), 1, "{} is one document", path.display());
    value(&documents[0])
}

fn value(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(it)) => json!(it),
        Yaml::Value(Scalar::Integer(it)) => json!(it),
        Yaml::Value(Scalar::FloatingPoint(it)) => json!(it.into_inner()),
        Yaml::Value(Scalar::String(it)) => json!(it),
        Yaml::Sequence(items) => items.iter().map(value).collect(),
        Yaml::Mapping(members) => {
            Value::Object(members.iter().map(|(k, v)| (key(k), value(v))).collect())
        }
        Yaml::Tagged(tag, inner) => intrinsic(&tag.suffix, value(inner)),
        other => panic!("not expected in these files: {other:?}"),
    }
}

/// Response codes are numbers in some OpenAPI files.
fn key(node: &Yaml<'_>) -> String {
    match value(node) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// `!Ref X` is `{"Ref": X}`, `!GetAtt X.Y` is `{"Fn::GetAtt": [X, Y]}`, `!Sub X` is `{"Fn::Sub": X}`.
fn intrinsic(tag: &str, inner: Value) -> Value {
    let (name, inner) = match (tag, inner) {
        ("Ref", inner) => ("Ref".to_owned(), inner),
        ("GetAtt", Value::String(path)) => {
            let (resource, attribute) = path
                .split_once('.')
                .expect("!GetAtt names a resource and an attribute");
            ("Fn::GetAtt".to_owned(), json!([resource, attribute]))
        }
        (tag, inner) => (format!("Fn::{tag}"), inner),
    };
    Value::Object(Map::from_iter([(name, inner)]))
}
