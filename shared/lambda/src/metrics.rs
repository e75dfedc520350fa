//! Metrics as log lines in CloudWatch's Embedded Metric Format: no agent, no call, no waiting.

use std::io::Write;

use serde_json::{Map, Value, json};

/// What a metric counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Milliseconds.
    Milliseconds,
    /// Bytes.
    Bytes,
}

/// The metrics of one invocation.
#[derive(Debug, Clone)]
pub struct Metrics {
    function: &'static str,
    values: Vec<(&'static str, Unit, f64)>,
}

impl Metrics {
    /// No metrics yet, of the function with this name.
    pub fn new(function: &'static str) -> Self {
        Self {
            function,
            values: Vec::new(),
        }
    }

    /// Adds a value; the same name may have several.
    pub fn add(&mut self, name: &'static str, unit: Unit, value: f64) {
        if self.values.len() < 1_000 && value.is_finite() {
            self.values.push((name, unit, value));
        }
    }

    /// The line, dated `now_ms` of the Unix epoch; none when there is nothing to say.
    pub fn line(&self, now_ms: u64) -> Option<String> {
        if self.values.is_empty() {
            return None;
        }
        let mut metrics: Vec<Value> = Vec::new();
        let mut fields: Map<String, Value> = Map::new();
        for &(name, unit, value) in &self.values {
            match fields.get_mut(name).and_then(Value::as_array_mut) {
                // EMF takes at most 100 values of a metric in one line.
                Some(values) if values.len() < 100 => values.push(json!(value)),
                Some(_) => {}
                None => {
                    fields.insert(name.to_owned(), json!([value]));
                    let unit = match unit {
                        Unit::Count => "Count",
                        Unit::Milliseconds => "Milliseconds",
                        Unit::Bytes => "Bytes",
                    };
                    metrics.push(json!({"Name": name, "Unit": unit}));
                }
            }
        }
        let mut line = json!({
            "_aws": {
                "Timestamp": now_ms,
                "CloudWatchMetrics": [{"Namespace": "Fanfold", "Dimensions": [["function"]], "Metrics": metrics}],
            },
            "function": self.function,
        });
        if let Value::Object(object) = &mut line {
            object.extend(fields);
        }
        Some(line.to_string())
    }

    /// Writes the line to standard output, where CloudWatch reads it.
    pub fn emit(&self, now_ms: u64) {
        if let Some(line) = self.line(now_ms) {
            // Nobody can be told that standard output is closed.
            let _ = writeln!(std::io::stdout().lock(), "{line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_in_embedded_metric_format() {
        let mut metrics = Metrics::new("render");
        assert_eq!(metrics.line(0), None);
        metrics.add("DocumentsSucceeded", Unit::Count, 3.0);
        metrics.add("DocumentTime", Unit::Milliseconds, 1.5);
        metrics.add("DocumentTime", Unit::Milliseconds, 2.5);
        let line: Value = serde_json::from_str(&metrics.line(7).unwrap()).unwrap();
        assert_eq!(line["_aws"]["Timestamp"], 7);
        assert_eq!(
            line["_aws"]["CloudWatchMetrics"][0]["Metrics"][1],
            json!({"Name": "DocumentTime", "Unit": "Milliseconds"})
        );
        assert_eq!(line["DocumentTime"], json!([1.5, 2.5]));
        assert_eq!(line["function"], "render");
    }
}
