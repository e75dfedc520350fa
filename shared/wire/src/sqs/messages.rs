//! Sending, receiving and deleting messages.

use std::collections::BTreeSet;
use std::time::Duration;

use data_encoding::HEXLOWER;
use fanfold_cloud::{
    CloudError, MAX_BATCH_ENTRIES, MAX_MESSAGE_BYTES, OutgoingMessage, Queue, Receipt,
    ReceivedMessage, delete_one, send_one,
};
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};

use super::attributes::number;
use super::failure::SqsError;
use super::registry::Queues;
use super::{Answer, name_of, text};

/// The longest delay and the longest visibility, in seconds.
const MAX_DELAY: u64 = 900;
const MAX_VISIBILITY: u64 = 43_200;

fn md5(text: &str) -> String {
    HEXLOWER.encode(&Md5::digest(text.as_bytes()))
}

/// A number of seconds, or what holds when none is given.
fn seconds(input: &Value, name: &str, most: u64, without: u64) -> Result<Duration, SqsError> {
    let value = &input[name];
    let given = match value.is_null() {
        true => Some(without),
        false => value.as_u64(),
    };
    given
        .filter(|&given| given <= most)
        .map(Duration::from_secs)
        .ok_or_else(|| SqsError::bad_parameter(format!("{name} is {value}; it is 0 to {most}")))
}

/// The message that a request or an entry describes.
fn outgoing(input: &Value, delay: u64) -> Result<OutgoingMessage, SqsError> {
    let body = text(input, "MessageBody")?;
    if body.is_empty() {
        return Err(SqsError::missing("the message has no body"));
    }
    let refused = |character: char| !matches!(character, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    if let Some(character) = body.chars().find(|&character| refused(character)) {
        return Err(SqsError::bad_contents(format!(
            "a message must not hold U+{:04X}",
            u32::from(character)
        )));
    }
    if body.len() > MAX_MESSAGE_BYTES {
        return Err(SqsError::bad_parameter(format!(
            "a message has at most {MAX_MESSAGE_BYTES} bytes, not {}",
            body.len()
        )));
    }
    let attributes = input["MessageAttributes"].as_object();
    if attributes.is_some_and(|attributes| !attributes.is_empty()) {
        return Err(SqsError::unsupported(
            "messages have no message attributes here",
        ));
    }
    Ok(OutgoingMessage {
        body: body.to_owned(),
        delay: seconds(input, "DelaySeconds", MAX_DELAY, delay)?,
        group: input["MessageGroupId"].as_str().map(str::to_owned),
    })
}

pub(super) async fn send(queues: &Queues, input: &Value) -> Answer {
    let name = name_of(input)?;
    let queue = queues.queue(name)?;
    let delay = number(&queues.describe(name)?.0, "DelaySeconds");
    let message = outgoing(input, delay)?;
    let md5 = md5(&message.body);
    let id = send_one(&queue, message).await?;
    Ok(json!({"MessageId": id.0, "MD5OfMessageBody": md5}))
}

/// The entries of a batch and their ids, which must be distinct.
fn entries(input: &Value) -> Result<Vec<(&str, &Value)>, SqsError> {
    let entries = input["Entries"].as_array().map_or(&[][..], Vec::as_slice);
    if entries.is_empty() {
        return Err(SqsError::empty_batch("the batch has no entries"));
    }
    if entries.len() > MAX_BATCH_ENTRIES {
        return Err(SqsError::too_many_entries(format!(
            "a batch has at most {MAX_BATCH_ENTRIES} entries, not {}",
            entries.len()
        )));
    }
    let mut seen = BTreeSet::new();
    let mut read = Vec::with_capacity(entries.len());
    for entry in entries {
        let id = text(entry, "Id")?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if id.is_empty() || id.len() > 80 || !id.bytes().all(allowed) {
            let what = "an entry's id has 1 to 80 letters, digits, hyphens and underscores";
            return Err(SqsError::bad_id(what));
        }
        if !seen.insert(id) {
            return Err(SqsError::same_ids(format!("two entries have the id {id}")));
        }
        read.push((id, entry));
    }
    Ok(read)
}

/// The answer to a batch.
#[derive(Default)]
struct Results {
    successful: Vec<Value>,
    failed: Vec<Value>,
}

impl Results {
    fn put(&mut self, id: &str, result: Result<Map<String, Value>, SqsError>) {
        match result {
            Ok(mut entry) => {
                entry.insert("Id".into(), id.into());
                self.successful.push(entry.into());
            }
            Err(error) => self.failed.push(json!({
                "Id": id,
                "SenderFault": error.by_sender(),
                "Code": error.code,
                "Message": error.message,
            })),
        }
    }

    fn into_json(self) -> Value {
        let mut answer = Map::new();
        answer.insert("Successful".into(), self.successful.into());
        if !self.failed.is_empty() {
            answer.insert("Failed".into(), self.failed.into());
        }
        answer.into()
    }
}

pub(super) async fn send_batch(queues: &Queues, input: &Value) -> Answer {
    let name = name_of(input)?;
    let queue = queues.queue(name)?;
    let delay = number(&queues.describe(name)?.0, "DelaySeconds");
    let entries = entries(input)?;
    let bytes: usize = entries
        .iter()
        .filter_map(|(_, entry)| entry["MessageBody"].as_str())
        .map(str::len)
        .sum();
    if bytes > MAX_MESSAGE_BYTES {
        return Err(SqsError::too_long(format!(
            "a batch has at most {MAX_MESSAGE_BYTES} bytes together, not {bytes}"
        )));
    }
    let (mut results, mut good, mut messages) = (Results::default(), Vec::new(), Vec::new());
    for (id, entry) in entries {
        match outgoing(entry, delay) {
            Ok(message) => {
                good.push((id, md5(&message.body)));
                messages.push(message);
            }
            Err(error) => results.put(id, Err(error)),
        }
    }
    if !messages.is_empty() {
        let sent = queue.send_batch(messages).await?;
        for ((id, md5), sent) in good.into_iter().zip(sent) {
            let entry = sent.map_err(SqsError::from).map(|message| {
                let mut entry = Map::new();
                entry.insert("MessageId".into(), message.0.into());
                entry.insert("MD5OfMessageBody".into(), md5.into());
                entry
            });
            results.put(id, entry);
        }
    }
    Ok(results.into_json())
}

pub(super) async fn receive(queues: &Queues, input: &Value) -> Answer {
    let name = name_of(input)?;
    let queue = queues.queue(name)?;
    let (attributes, ..) = queues.describe(name)?;
    let max = &input["MaxNumberOfMessages"];
    let max = match max.is_null() {
        true => Some(1),
        false => max.as_u64().filter(|max| (1..=10).contains(max)),
    };
    let max = max
        .and_then(|max| usize::try_from(max).ok())
        .ok_or_else(|| SqsError::bad_parameter("MaxNumberOfMessages is 1 to 10"))?;
    let without = number(&attributes, "ReceiveMessageWaitTimeSeconds");
    let wait = seconds(input, "WaitTimeSeconds", 20, without)?;
    let without = number(&attributes, "VisibilityTimeout");
    let visibility = seconds(input, "VisibilityTimeout", MAX_VISIBILITY, without)?;
    let asked: BTreeSet<&str> = ["AttributeNames", "MessageSystemAttributeNames"]
        .iter()
        .filter_map(|names| input[*names].as_array())
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let received = queue.receive(max, wait, visibility).await?;
    if received.is_empty() {
        return Ok(json!({}));
    }
    let messages: Vec<Value> = received
        .into_iter()
        .map(|message| shown(message, &asked))
        .collect();
    Ok(json!({"Messages": messages}))
}

fn shown(message: ReceivedMessage, asked: &BTreeSet<&str>) -> Value {
    let mut attributes = Map::new();
    let mut put = |name: &str, value: String| {
        if asked.contains(name) || asked.contains("All") {
            attributes.insert(name.to_owned(), value.into());
        }
    };
    put("ApproximateReceiveCount", message.receive_count.to_string());
    put("SentTimestamp", message.sent_ms.to_string());
    put("SenderId", crate::ACCOUNT.to_owned());
    if let Some(group) = message.group {
        put("MessageGroupId", group);
    }
    let mut shown = json!({
        "MessageId": message.id.0,
        "ReceiptHandle": message.receipt.0,
        "MD5OfBody": md5(&message.body),
        "Body": message.body,
    });
    if !attributes.is_empty() {
        shown["Attributes"] = attributes.into();
    }
    shown
}

fn receipt(input: &Value) -> Result<Receipt, SqsError> {
    Ok(Receipt(text(input, "ReceiptHandle")?.to_owned()))
}

/// The error of an action on a delivery.
fn of_delivery(error: CloudError) -> SqsError {
    match error {
        CloudError::Invalid { what } => SqsError::bad_receipt(what),
        CloudError::NotFound { what } => {
            SqsError::not_in_flight(format!("{what} is not in flight"))
        }
        error => error.into(),
    }
}

pub(super) async fn delete(queues: &Queues, input: &Value) -> Answer {
    let queue = queues.queue(name_of(input)?)?;
    delete_one(&queue, &receipt(input)?)
        .await
        .map_err(of_delivery)?;
    Ok(Value::Null)
}

pub(super) async fn delete_batch(queues: &Queues, input: &Value) -> Answer {
    let queue = queues.queue(name_of(input)?)?;
    let mut results = Results::default();
    for (id, entry) in entries(input)? {
        let deleted = match receipt(entry) {
            Ok(receipt) => delete_one(&queue, &receipt).await.map_err(of_delivery),
            Err(error) => Err(error),
        };
        results.put(id, deleted.map(|()| Map::new()));
    }
    Ok(results.into_json())
}

async fn change(queue: &dyn Queue, input: &Value) -> Result<(), SqsError> {
    if input["VisibilityTimeout"].is_null() {
        return Err(SqsError::missing("VisibilityTimeout is missing"));
    }
    let visibility = seconds(input, "VisibilityTimeout", MAX_VISIBILITY, 0)?;
    let receipt = receipt(input)?;
    queue
        .change_visibility(&receipt, visibility)
        .await
        .map_err(of_delivery)
}

pub(super) async fn change_visibility(queues: &Queues, input: &Value) -> Answer {
    let queue = queues.queue(name_of(input)?)?;
    change(&queue, input).await?;
    Ok(Value::Null)
}

pub(super) async fn change_visibility_batch(queues: &Queues, input: &Value) -> Answer {
    let queue = queues.queue(name_of(input)?)?;
    let mut results = Results::default();
    for (id, entry) in entries(input)? {
        let changed = change(&queue, entry).await;
        results.put(id, changed.map(|()| Map::new()));
    }
    Ok(results.into_json())
}
