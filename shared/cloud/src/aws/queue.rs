//! An SQS standard queue.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName,
    QueueAttributeName, SendMessageBatchRequestEntry,
};

use super::failure;
use crate::broker::check_batch;
use crate::error::{CloudError, CloudResult};
use crate::ports::{
    MAX_BATCH_ENTRIES, MessageId, OutgoingMessage, Queue, QueueDepth, Receipt, ReceivedMessage,
};

/// An SQS queue.
#[derive(Clone, Debug)]
pub struct SqsQueue {
    client: Client,
    url: String,
}

impl SqsQueue {
    pub(super) fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// The queue's name: the last segment of its URL.
    fn name(&self) -> &str {
        self.url.rsplit('/').next().unwrap_or(&self.url)
    }
}

/// Whole seconds, rounded up: a shorter delay or visibility than asked for would break promises.
fn seconds(duration: Duration) -> i32 {
    let whole = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    i32::try_from(whole).unwrap_or(i32::MAX)
}

/// The results of a batch request in the order of its entries, whose ids are their numbers.
fn results<T>(
    name: &str,
    entries: usize,
    succeeded: Vec<(String, T)>,
    failed: &[BatchResultErrorEntry],
) -> Vec<CloudResult<T>> {
    let mut results: Vec<CloudResult<T>> = (0..entries)
        .map(|_| {
            Err(CloudError::unavailable(format!(
                "the answer of {name} for an entry"
            )))
        })
        .collect();
    let mut place = |id: &str, result| {
        if let Some(slot) = id.parse::<usize>().ok().and_then(|at| results.get_mut(at)) {
            *slot = result;
        }
    };
    for entry in failed {
        let what = format!(
            "{name}: {}: {}",
            entry.code(),
            entry.message().unwrap_or_default()
        );
        let error = if entry.sender_fault() {
            CloudError::Invalid { what }
        } else if entry.code().contains("hrottl") {
            CloudError::throttled(what)
        } else {
            CloudError::unavailable(what)
        };
        place(entry.id(), Err(error));
    }
    for (id, value) in succeeded {
        place(&id, Ok(value));
    }
    results
}

fn number<T: std::str::FromStr>(message: &Message, name: &MessageSystemAttributeName) -> Option<T> {
    message.attributes()?.get(name)?.parse().ok()
}

fn received(message: Message) -> Option<ReceivedMessage> {
    let group = message
        .attributes()
        .and_then(|attributes| attributes.get(&MessageSystemAttributeName::MessageGroupId))
        .cloned();
    Some(ReceivedMessage {
        receive_count: number(
            &message,
            &MessageSystemAttributeName::ApproximateReceiveCount,
        )
        .unwrap_or(1),
        sent_ms: number(&message, &MessageSystemAttributeName::SentTimestamp).unwrap_or(0),
        group,
        id: MessageId(message.message_id?),
        receipt: Receipt(message.receipt_handle?),
        body: message.body?,
    })
}

#[async_trait]
impl Queue for SqsQueue {
    async fn send_batch(
        &self,
        messages: Vec<OutgoingMessage>,
    ) -> CloudResult<Vec<CloudResult<MessageId>>> {
        check_batch(&messages)?;
        let count = messages.len();
        let mut request = self.client.send_message_batch().queue_url(&self.url);
        for (at, message) in messages.into_iter().enumerate() {
            let entry = SendMessageBatchRequestEntry::builder()
                .id(at.to_string())
                .message_body(message.body)
                .delay_seconds(seconds(message.delay))
                .set_message_group_id(message.group)
                .build()
                .map_err(|error| CloudError::invalid(error.to_string()))?;
            request = request.entries(entry);
        }
        let answer = request
            .send()
            .await
            .map_err(|error| failure::map(self.name(), error))?;
        let succeeded = answer
            .successful
            .into_iter()
            .map(|entry| (entry.id, MessageId(entry.message_id)))
            .collect();
        Ok(results(self.name(), count, succeeded, &answer.failed))
    }

    async fn receive(
        &self,
        max: usize,
        wait: Duration,
        visibility: Duration,
    ) -> CloudResult<Vec<ReceivedMessage>> {
        let answer = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(i32::try_from(max.clamp(1, MAX_BATCH_ENTRIES)).unwrap_or(1))
            .wait_time_seconds(seconds(wait).min(20))
            .visibility_timeout(seconds(visibility))
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .send()
            .await
            .map_err(|error| failure::map(self.name(), error))?;
        Ok(answer
            .messages
            .unwrap_or_default()
            .into_iter()
            .filter_map(received)
            .collect())
    }

    async fn delete_batch(&self, receipts: &[Receipt]) -> CloudResult<Vec<CloudResult<()>>> {
        if receipts.is_empty() {
            return Ok(Vec::new());
        }
        let mut request = self.client.delete_message_batch().queue_url(&self.url);
        for (at, receipt) in receipts.iter().enumerate() {
            let entry = DeleteMessageBatchRequestEntry::builder()
                .id(at.to_string())
                .receipt_handle(&receipt.0)
                .build()
                .map_err(|error| CloudError::invalid(error.to_string()))?;
            request = request.entries(entry);
        }
        let answer = request
            .send()
            .await
            .map_err(|error| failure::map(self.name(), error))?;
        // A receipt of a message that is deleted already: what was asked for is so.
        let (gone, failed): (Vec<_>, Vec<_>) = answer
            .failed
            .into_iter()
            .partition(|entry| entry.code().ends_with("ReceiptHandleIsInvalid"));
        let succeeded = answer
            .successful
            .into_iter()
            .map(|entry| entry.id)
            .chain(gone.into_iter().map(|entry| entry.id))
            .map(|id| (id, ()))
            .collect();
        Ok(results(self.name(), receipts.len(), succeeded, &failed))
    }

    async fn change_visibility(&self, receipt: &Receipt, visibility: Duration) -> CloudResult<()> {
        let changed = self
            .client
            .change_message_visibility()
            .queue_url(&self.url)
            .receipt_handle(&receipt.0)
            .visibility_timeout(seconds(visibility))
            .send()
            .await;
        match changed {
            Ok(_) => Ok(()),
            Err(error) => {
                // SQS says so in one of three ways when the message is deleted or visible again.
                let gone = error.as_service_error().is_some_and(|error| {
                    error.is_message_not_inflight()
                        || error.is_receipt_handle_is_invalid()
                        || error
                            .meta()
                            .code()
                            .is_some_and(|code| code.contains("InvalidParameterValue"))
                });
                if gone {
                    return Err(CloudError::not_found(format!(
                        "a delivery of {}",
                        self.name()
                    )));
                }
                Err(failure::map(self.name(), error))
            }
        }
    }

    async fn depth(&self) -> CloudResult<QueueDepth> {
        let answer = self
            .client
            .get_queue_attributes()
            .queue_url(&self.url)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesDelayed)
            .send()
            .await
            .map_err(|error| failure::map(self.name(), error))?;
        let read = |name| {
            answer
                .attributes()
                .and_then(|all| all.get(&name)?.parse().ok())
                .unwrap_or_default()
        };
        Ok(QueueDepth {
            visible: read(QueueAttributeName::ApproximateNumberOfMessages),
            in_flight: read(QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
            delayed: read(QueueAttributeName::ApproximateNumberOfMessagesDelayed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_never_fewer_than_asked_for() {
        assert_eq!(seconds(Duration::ZERO), 0);
        assert_eq!(seconds(Duration::from_millis(1)), 1);
        assert_eq!(seconds(Duration::from_secs(3)), 3);
    }

    #[test]
    fn each_entry_of_a_batch_gets_its_own_result() {
        let failed = [
            ("1", "ThrottlingException", false),
            ("2", "InvalidMessageContents", true),
        ]
        .map(|(id, code, fault)| {
            BatchResultErrorEntry::builder()
                .id(id)
                .code(code)
                .sender_fault(fault)
                .build()
                .unwrap()
        });
        let succeeded = vec![("0".to_owned(), 7), ("77".to_owned(), 8)];
        let results = results("q", 4, succeeded, &failed);
        assert_eq!(*results[0].as_ref().unwrap(), 7);
        assert!(matches!(results[1], Err(CloudError::Throttled { .. })));
        assert!(matches!(results[2], Err(CloudError::Invalid { .. })));
        assert!(
            results[3].as_ref().unwrap_err().is_transient(),
            "no answer for the entry"
        );
    }
}
