use std::time::Duration;

use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};
use fanfold_cloud::AwsCloud;

use crate::Server;

/// Makes a queue; gives its URL.
pub(crate) async fn create(cloud: &AwsCloud, name: &str, attributes: &[(&str, &str)]) -> String {
    let mut request = cloud.sqs().create_queue().queue_name(name);
    for (name, value) in attributes {
        request = request.attributes(QueueAttributeName::from(*name), *value);
    }
    request
        .send()
        .await
        .unwrap()
        .queue_url()
        .unwrap()
        .to_owned()
}

fn entry(id: &str, body: &str) -> SendMessageBatchRequestEntry {
    SendMessageBatchRequestEntry::builder()
        .id(id)
        .message_body(body)
        .build()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_entry_fails_alone_and_a_batch_as_a_whole() {
    let server = Server::start().await;
    let cloud = server.cloud();
    let url = create(&cloud, "work", &[]).await;
    let send = || cloud.sqs().send_message_batch().queue_url(&url);
    let answer = send()
        .entries(entry("a", "good"))
        .entries(entry("b", "bad\u{1}"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.successful()[0].id(), "a");
    let md5 = answer.successful()[0].md5_of_message_body();
    assert_eq!(md5, "755f85c2723bb39381c7379a604160d8", "of `good`");
    let failed = &answer.failed()[0];
    assert_eq!(
        (failed.id(), failed.code(), failed.sender_fault()),
        ("b", "InvalidMessageContents", true)
    );
    let half = "x".repeat(600 * 1024);
    let too_long = send()
        .entries(entry("a", &half))
        .entries(entry("b", &half))
        .send()
        .await
        .unwrap_err();
    assert!(
        too_long
            .as_service_error()
            .unwrap()
            .is_batch_request_too_long()
    );
    let same = send()
        .entries(entry("a", "x"))
        .entries(entry("a", "y"))
        .send()
        .await
        .unwrap_err();
    assert!(
        same.as_service_error()
            .unwrap()
            .is_batch_entry_ids_not_distinct()
    );
    let eleven = (0..11)
        .map(|number| entry(&number.to_string(), "x"))
        .collect();
    let many = send().set_entries(Some(eleven)).send().await.unwrap_err();
    assert!(
        many.as_service_error()
            .unwrap()
            .is_too_many_entries_in_batch_request()
    );
    let nowhere = cloud
        .sqs()
        .send_message()
        .queue_url(format!("{url}x"))
        .message_body("x")
        .send()
        .await
        .unwrap_err();
    assert!(
        nowhere
            .as_service_error()
            .unwrap()
            .is_queue_does_not_exist()
    );
    assert_eq!(
        nowhere.code(),
        Some("AWS.SimpleQueueService.NonExistentQueue")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attributes_hold_and_can_be_changed() {
    let server = Server::start().await;
    let cloud = server.cloud();
    let url = create(
        &cloud,
        "work",
        &[("VisibilityTimeout", "1"), ("DelaySeconds", "1")],
    )
    .await;
    let same = create(&cloud, "work", &[("VisibilityTimeout", "1")]).await;
    assert_eq!(url, same);
    let other = cloud
        .sqs()
        .create_queue()
        .queue_name("work")
        .attributes(QueueAttributeName::VisibilityTimeout, "2");
    assert!(
        other
            .send()
            .await
            .unwrap_err()
            .as_service_error()
            .unwrap()
            .is_queue_name_exists()
    );
    cloud
        .sqs()
        .send_message()
        .queue_url(&url)
        .message_body("x")
        .send()
        .await
        .unwrap();
    let receive = async |wait: i32| {
        let answer = cloud
            .sqs()
            .receive_message()
            .queue_url(&url)
            .wait_time_seconds(wait)
            .send()
            .await
            .unwrap();
        answer.messages.unwrap_or_default()
    };
    assert!(receive(0).await.is_empty(), "delayed");
    assert_eq!(receive(5).await.len(), 1);
    assert!(receive(0).await.is_empty(), "invisible");
    assert_eq!(receive(5).await.len(), 1, "visible again after a second");
    cloud
        .sqs()
        .set_queue_attributes()
        .queue_url(&url)
        .attributes(QueueAttributeName::VisibilityTimeout, "600")
        .send()
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(receive(5).await.len(), 1);
    let all = cloud
        .sqs()
        .get_queue_attributes()
        .queue_url(&url)
        .attribute_names(QueueAttributeName::All)
        .send()
        .await
        .unwrap();
    let value = |name| all.attributes().unwrap()[&name].clone();
    assert_eq!(value(QueueAttributeName::VisibilityTimeout), "600");
    assert_eq!(
        value(QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
        "1"
    );
    cloud
        .sqs()
        .purge_queue()
        .queue_url(&url)
        .send()
        .await
        .unwrap();
    let left = cloud
        .sqs()
        .get_queue_attributes()
        .queue_url(&url)
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
        .send()
        .await
        .unwrap();
    assert_eq!(
        left.attributes().unwrap()[&QueueAttributeName::ApproximateNumberOfMessagesNotVisible],
        "0"
    );
}
