//! Attributes of queues: which there are, what they may be, what they start as.

use std::collections::BTreeMap;

use serde_json::Value;

use super::failure::SqsError;

/// A queue's attributes as SQS gives them: all values are text.
pub(super) type Attributes = BTreeMap<String, String>;

/// Attributes that are numbers: name, least, most, and what it is without.
const NUMBERS: [(&str, u64, u64, u64); 5] = [
    ("DelaySeconds", 0, 900, 0),
    ("MaximumMessageSize", 1024, 1024 * 1024, 1024 * 1024),
    ("MessageRetentionPeriod", 60, 1_209_600, 345_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 20, 0),
    ("VisibilityTimeout", 0, 43_200, 30),
];

/// Attributes that are kept and have no effect here: messages are neither encrypted nor kept from
/// anybody, and do not expire.
const KEPT: [&str; 5] = [
    "Policy",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled",
    "RedriveAllowPolicy",
];

/// Where messages go that were received too often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RedrivePolicy {
    pub(super) dead_letters: String,
    pub(super) max_receive_count: u32,
}

/// A number's value; without one of its own, what it is without.
pub(super) fn number(attributes: &Attributes, name: &str) -> u64 {
    let without = NUMBERS.iter().find(|(known, ..)| *known == name);
    let value = attributes.get(name).and_then(|value| value.parse().ok());
    value.unwrap_or_else(|| without.map_or(0, |(.., without)| *without))
}

/// Checks attributes that somebody sets.
pub(super) fn check(given: &Value) -> Result<Attributes, SqsError> {
    let mut checked = Attributes::new();
    let Some(given) = given.as_object() else {
        return match given.is_null() {
            true => Ok(checked),
            false => Err(SqsError::malformed("Attributes is not a map")),
        };
    };
    for (name, value) in given {
        let value = value
            .as_str()
            .ok_or_else(|| SqsError::malformed(format!("the attribute {name} is not text")))?;
        if let Some((_, least, most, _)) = NUMBERS.iter().find(|(known, ..)| known == name) {
            let number = value.parse().ok();
            if !number.is_some_and(|number: u64| (*least..=*most).contains(&number)) {
                return Err(SqsError::bad_attribute(format!(
                    "{name} is {value:?}; it is a number from {least} to {most}"
                )));
            }
        } else if name == "RedrivePolicy" {
            if redrive_of(value)?.is_none() {
                return Err(SqsError::unsupported(
                    "a redrive policy can be changed, not taken away",
                ));
            }
        } else if name.starts_with("Fifo") || name == "ContentBasedDeduplication" {
            return Err(SqsError::unknown_attribute(
                "queues here are standard queues",
            ));
        } else if !KEPT.contains(&name.as_str()) {
            return Err(SqsError::unknown_attribute(format!(
                "there is no attribute {name}"
            )));
        }
        checked.insert(name.clone(), value.to_owned());
    }
    Ok(checked)
}

/// Reads a redrive policy; an empty one takes it away.
pub(super) fn redrive_of(text: &str) -> Result<Option<RedrivePolicy>, SqsError> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |what: &str| SqsError::bad_attribute(format!("RedrivePolicy: {what}"));
    let policy: Value = serde_json::from_str(text).map_err(|_| wrong("it is not JSON"))?;
    // SDKs send the count as a number or as text.
    let count = match &policy["maxReceiveCount"] {
        Value::String(text) => text.parse().ok(),
        number => number.as_u64(),
    };
    let count = count
        .filter(|count| (1..=1000).contains(count))
        .and_then(|count| u32::try_from(count).ok())
        .ok_or_else(|| wrong("maxReceiveCount is a number from 1 to 1000"))?;
    let dead_letters = policy["deadLetterTargetArn"]
        .as_str()
        .and_then(|arn| arn.strip_prefix("arn:")?.rsplit(':').next())
        .filter(|name| !name.is_empty())
        .ok_or_else(|| wrong("deadLetterTargetArn is the ARN of a queue"))?;
    Ok(Some(RedrivePolicy {
        dead_letters: dead_letters.to_owned(),
        max_receive_count: count,
    }))
}

/// The attributes that a queue has from the start.
pub(super) fn all(own: &Attributes) -> Attributes {
    let mut all: Attributes = NUMBERS
        .iter()
        .map(|(name, .., without)| ((*name).to_owned(), without.to_string()))
        .collect();
    all.extend(own.clone());
    all.retain(|_, value| !value.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn attributes_are_known_and_within_bounds() {
        let good = json!({"VisibilityTimeout": "0", "Policy": "{}", "RedrivePolicy":
            "{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:0:dead\",\"maxReceiveCount\":\"3\"}"});
        let checked = check(&good).unwrap();
        assert_eq!(
            (
                number(&checked, "VisibilityTimeout"),
                number(&checked, "DelaySeconds")
            ),
            (0, 0)
        );
        assert_eq!(all(&checked)["MessageRetentionPeriod"], "345600");
        let redrive = redrive_of(&checked["RedrivePolicy"]).unwrap().unwrap();
        assert_eq!(
            (redrive.dead_letters.as_str(), redrive.max_receive_count),
            ("dead", 3)
        );
        for bad in [
            json!({"VisibilityTimeout": "43201"}),
            json!({"VisibilityTimeout": 30}),
            json!({"DelaySeconds": "-1"}),
            json!({"Colour": "red"}),
            json!({"FifoQueue": "true"}),
            json!({"RedrivePolicy": "{\"maxReceiveCount\":3}"}),
            json!({"RedrivePolicy": "{\"deadLetterTargetArn\":\"arn:x:y\",\"maxReceiveCount\":0}"}),
            json!([1]),
        ] {
            assert!(check(&bad).is_err(), "{bad}");
        }
    }
}
