//! `template.yaml`, read.

use serde_json::{Map, Value};

use crate::yaml;

/// The SAM template.
pub(crate) struct Stack(Value);

impl Stack {
    pub(crate) fn load() -> Self {
        Self(yaml::load("template.yaml"))
    }

    /// Logical ids and properties of all resources of a type, in the file's order.
    pub(crate) fn of_type<'a>(
        &'a self,
        kind: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let resources = self.0["Resources"]
            .as_object()
            .expect("there are resources");
        resources
            .iter()
            .filter(move |(_, resource)| resource["Type"] == kind)
            .map(|(id, resource)| (id.as_str(), &resource["Properties"]))
    }

    /// A resource as a whole.
    pub(crate) fn resource(&self, id: &str) -> &Value {
        let resource = &self.0["Resources"][id];
        assert!(resource.is_object(), "there is a resource {id}");
        resource
    }

    /// A resource's properties.
    pub(crate) fn properties(&self, id: &str) -> &Value {
        &self.resource(id)["Properties"]
    }

    /// A parameter.
    pub(crate) fn parameter(&self, id: &str) -> &Value {
        let parameter = &self.0["Parameters"][id];
        assert!(parameter.is_object(), "there is a parameter {id}");
        parameter
    }

    /// The names of all parameters.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &str> {
        self.0["Parameters"]
            .as_object()
            .expect("there are parameters")
            .keys()
            .map(String::as_str)
    }

    /// Properties that all functions share.
    pub(crate) fn function_globals(&self) -> &Value {
        &self.0["Globals"]["Function"]
    }

    /// The environment of a function: what all share, and its own.
    pub(crate) fn environment(&self, function: &str) -> Map<String, Value> {
        let mut all = Map::new();
        for variables in [
            &self.function_globals()["Environment"],
            &self.properties(function)["Environment"],
        ] {
            if let Some(variables) = variables["Variables"].as_object() {
                all.extend(variables.clone());
            }
        }
        all
    }

    /// The largest value that a number, or a reference to a parameter, can have.
    pub(crate) fn largest(&self, value: &Value) -> u64 {
        match &value["Ref"] {
            Value::String(parameter) => self.parameter(parameter)["MaxValue"]
                .as_u64()
                .expect("it has a largest value"),
            _ => value.as_u64().expect("it is a number or a parameter"),
        }
    }

    /// The smallest value that a number, or a reference to a parameter, can have.
    pub(crate) fn smallest(&self, value: &Value) -> u64 {
        match &value["Ref"] {
            Value::String(parameter) => self.parameter(parameter)["MinValue"]
                .as_u64()
                .expect("it has a smallest value"),
            _ => value.as_u64().expect("it is a number or a parameter"),
        }
    }
}

/// The logical id that a `Ref` or `Fn::GetAtt` points to.
pub(crate) fn target(reference: &Value) -> &str {
    let id = reference["Ref"]
        .as_str()
        .or_else(|| reference["Fn::GetAtt"][0].as_str());
    id.unwrap_or_else(|| panic!("{reference} refers to a resource"))
}

mod tests {
    use std::collections::BTreeSet;

    use super::Stack;
    use crate::yaml;

    #[test]
    fn the_three_functions_are_the_three_binaries() {
        let stack = Stack::load();
        let mut binaries = BTreeSet::new();
        for (id, _) in stack.of_type("AWS::Serverless::Function") {
            let metadata = &stack.resource(id)["Metadata"];
            assert_eq!(metadata["BuildMethod"], "rust-cargolambda", "{id}");
            let binary = metadata["BuildProperties"]["Binary"]
                .as_str()
                .expect("a binary is named");
            let manifest = yaml::root()
                .join("functions")
                .join(binary)
                .join("Cargo.toml");
            assert!(
                manifest.is_file(),
                "{id} builds the package in functions/{binary}"
            );
            binaries.insert(binary.to_owned());
        }
        assert_eq!(
            binaries,
            BTreeSet::from(["enqueue", "merge", "render"].map(String::from))
        );
        assert_eq!(stack.function_globals()["Runtime"], "provided.al2023");
        assert_eq!(
            stack.function_globals()["Architectures"][0]["Ref"],
            "Architecture"
        );
        assert_eq!(stack.parameter("Architecture")["Default"], "arm64");
    }

    #[test]
    fn every_function_has_a_role_and_logs_that_expire() {
        let stack = Stack::load();
        for (id, properties) in stack.of_type("AWS::Serverless::Function") {
            assert_eq!(
                stack.resource(super::target(&properties["Role"]))["Type"],
                "AWS::IAM::Role",
                "{id}"
            );
            let logs = stack.properties(super::target(&properties["LoggingConfig"]["LogGroup"]));
            assert!(logs["RetentionInDays"].is_object(), "{id}'s logs expire");
        }
    }

    #[test]
    fn the_bucket_is_private_encrypted_and_forgets() {
        let stack = Stack::load();
        let bucket = stack.properties("Bucket");
        for block in [
            "BlockPublicAcls",
            "BlockPublicPolicy",
            "IgnorePublicAcls",
            "RestrictPublicBuckets",
        ] {
            assert_eq!(
                bucket["PublicAccessBlockConfiguration"][block], true,
                "{block}"
            );
        }
        let rules = &bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"];
        assert!(rules[0]["ServerSideEncryptionByDefault"]["SSEAlgorithm"].is_string());
        assert_eq!(
            bucket["NotificationConfiguration"]["EventBridgeConfiguration"]["EventBridgeEnabled"],
            true
        );
        let lifecycle = bucket["LifecycleConfiguration"]["Rules"]
            .as_array()
            .expect("there are lifecycle rules");
        let prefixes: BTreeSet<_> = lifecycle
            .iter()
            .filter_map(|rule| rule["Prefix"].as_str())
            .collect();
        assert_eq!(prefixes, BTreeSet::from(["t/", "uploads/"]));
        assert!(
            lifecycle
                .iter()
                .any(|rule| rule["AbortIncompleteMultipartUpload"].is_object())
        );
        for rule in lifecycle
            .iter()
            .filter(|rule| rule["TagFilters"].is_array())
        {
            assert_eq!(
                rule["TagFilters"][0]["Value"].as_str(),
                Some(&*rule["ExpirationInDays"].to_string())
            );
        }
    }

    #[test]
    fn every_parameter_is_used() {
        let stack = Stack::load();
        let text = stack.0["Resources"].to_string()
            + &stack.0["Conditions"].to_string()
            + &stack.0["Globals"].to_string();
        for parameter in stack.parameters() {
            assert!(
                text.contains(&format!("{{\"Ref\":\"{parameter}\"}}")),
                "{parameter} is used"
            );
        }
    }

    #[test]
    fn what_can_go_wrong_raises_an_alarm() {
        let stack = Stack::load();
        let alarms: BTreeSet<_> = stack
            .of_type("AWS::CloudWatch::Alarm")
            .map(|(_, alarm)| {
                let subject = super::target(&alarm["Dimensions"][0]["Value"]);
                (
                    subject,
                    alarm["MetricName"].as_str().expect("a metric is named"),
                )
            })
            .collect();
        for (function, _) in stack.of_type("AWS::Serverless::Function") {
            assert!(
                alarms.contains(&(function, "Errors")) && alarms.contains(&(function, "Throttles")),
                "{function}"
            );
        }
        for (queue, metric) in [
            ("InteractiveQueue", "ApproximateAgeOfOldestMessage"),
            ("BulkQueue", "ApproximateAgeOfOldestMessage"),
            ("MergeQueue", "ApproximateAgeOfOldestMessage"),
            ("DeadLetterQueue", "NumberOfMessagesReceived"),
            ("UnsettledQueue", "ApproximateNumberOfMessagesVisible"),
        ] {
            assert!(alarms.contains(&(queue, metric)), "{queue}");
        }
    }

    #[test]
    fn the_dashboard_is_json() {
        let stack = Stack::load();
        let body = stack.properties("Dashboard")["DashboardBody"]["Fn::Sub"][0]
            .as_str()
            .expect("a text with variables");
        let dashboard: serde_json::Value = serde_json::from_str(body).expect("it is JSON");
        assert!(
            dashboard["widgets"]
                .as_array()
                .is_some_and(|widgets| !widgets.is_empty())
        );
    }
}
