//! The variables that the template sets are the ones that the functions read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fanfold_lambda::Settings;
use serde_json::Value;

use crate::stack::Stack;
use crate::yaml;

const FUNCTIONS: [&str; 3] = ["EnqueueFunction", "RenderFunction", "MergeFunction"];

/// Variables named in the sources of `folder`, outside their tests.
fn named_in(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            named_in(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("it is text");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let literals = code
                .split('"')
                .filter(|literal| literal.starts_with("FANFOLD_"));
            names.extend(
                literals
                    .filter(|name| !name.contains(' '))
                    .map(str::to_owned),
            );
        }
    }
}

fn set_by(stack: &Stack, function: &str) -> BTreeSet<String> {
    stack.environment(function).keys().cloned().collect()
}

#[test]
fn every_variable_that_is_set_is_read_and_every_one_that_is_read_is_set() {
    let stack = Stack::load();
    let set: BTreeSet<String> = FUNCTIONS
        .iter()
        .flat_map(|function| set_by(&stack, function))
        .collect();
    let mut read = BTreeSet::new();
    for folder in [
        "shared/lambda/src",
        "functions/enqueue/src",
        "functions/render/src",
        "functions/merge/src",
    ] {
        named_in(&yaml::root().join(folder), &mut read);
    }
    assert_eq!(set, read, "left: template.yaml; right: the sources");
}

/// The values of a function's variables, with each parameter as `choose` has it.
fn values(stack: &Stack, function: &str, choose: &str) -> BTreeMap<String, String> {
    let environment = stack.environment(function);
    let value = |value: &Value| match value["Ref"].as_str() {
        Some(id) if stack.parameters().any(|parameter| parameter == id) => {
            let parameter = stack.parameter(id);
            let chosen = if parameter[choose].is_null() {
                &parameter["Default"]
            } else {
                &parameter[choose]
            };
            chosen.clone()
        }
        Some(resource) => resource.into(),
        None => value.clone(),
    };
    let text = |value: Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    environment
        .iter()
        .map(|(name, it)| (name.clone(), text(value(it))))
        .collect()
}

#[test]
fn whatever_the_parameters_allow_the_functions_accept() {
    let stack = Stack::load();
    for function in FUNCTIONS {
        for choose in ["Default", "MinValue", "MaxValue"] {
            let values = values(&stack, function, choose);
            let settings = Settings::from_env(|name| values.get(name).cloned());
            if let Err(e) = settings {
                panic!("{function} with each parameter's {choose}: {e}");
            }
        }
    }
}

#[test]
fn work_ends_before_its_function_does() {
    let stack = Stack::load();
    for function in FUNCTIONS {
        let values = values(&stack, function, "MaxValue");
        let settings =
            Settings::from_env(|name| values.get(name).cloned()).expect("it is accepted");
        let timeout = stack.properties(function)["Timeout"]
            .as_u64()
            .expect("a timeout is set");
        let has = |name: &str| values.contains_key(name);
        let end = settings.reserve.as_secs();
        if has("FANFOLD_BUDGET_SECONDS") {
            assert!(
                settings.budget.as_secs() + end <= timeout,
                "{function}: budget"
            );
        }
        if has("FANFOLD_HARD_LIMIT_SECONDS") {
            assert!(
                settings.hard_limit.as_secs() + end <= timeout,
                "{function}: hard limit"
            );
        }
        if has("FANFOLD_WAIT_SECONDS") {
            let api = stack.properties("ApiIntegration")["TimeoutInMillis"]
                .as_u64()
                .expect("a timeout is set");
            assert!(
                (settings.wait.as_secs() + end) * 1_000 <= api,
                "{function}: wait"
            );
        }
    }
}
