//! The contract over the wire. The endpoint comes from `FANFOLD_CONTRACT_ENDPOINT`, because no test
//! may reach a real account by accident.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_sqs::types::QueueAttributeName;
use fanfold_cloud::AwsCloud;
use fanfold_cloud::aws::AwsOptions;

use crate::MAX_RECEIVE_COUNT;
use crate::queue::QueueUnderTest;
use crate::store::StoreUnderTest;

/// SQS counts in seconds.
const TICK: Duration = Duration::from_secs(1);

fn cloud() -> Option<AwsCloud> {
    let Ok(endpoint) = std::env::var("FANFOLD_CONTRACT_ENDPOINT") else {
        eprintln!("skipped: FANFOLD_CONTRACT_ENDPOINT names no endpoint that speaks S3 and SQS");
        return None;
    };
    Some(AwsCloud::new(AwsOptions {
        region: "us-east-1".into(),
        endpoint_url: Some(endpoint),
        s3_endpoint_url: None,
        sqs_endpoint_url: None,
        credentials: Credentials::new("test", "test", None, None, "contract"),
    }))
}

fn unique(name: &str) -> String {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    format!(
        "fanfold-{name}-{}-{}",
        std::process::id(),
        since.as_millis()
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs an endpoint that speaks S3 and SQS; shared/wire runs the same contract on its own"]
async fn s3() {
    let Some(cloud) = cloud() else { return };
    let bucket = unique("contract");
    cloud
        .s3()
        .create_bucket()
        .bucket(&bucket)
        .send()
        .await
        .unwrap();
    let store = Arc::new(cloud.store(bucket));
    crate::store::check(&StoreUnderTest {
        store,
        prefix: "t".into(),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs an endpoint that speaks S3 and SQS; shared/wire runs the same contract on its own"]
async fn sqs() {
    let Some(cloud) = cloud() else { return };
    let make = async |name: String, attributes: HashMap<QueueAttributeName, String>| {
        let made = cloud
            .sqs()
            .create_queue()
            .queue_name(name)
            .set_attributes(Some(attributes))
            .send()
            .await;
        made.unwrap().queue_url().unwrap().to_owned()
    };
    let dead = make(unique("dead"), HashMap::new()).await;
    let attributes = cloud
        .sqs()
        .get_queue_attributes()
        .queue_url(&dead)
        .attribute_names(QueueAttributeName::QueueArn)
        .send()
        .await
        .unwrap();
    let arn = &attributes.attributes().unwrap()[&QueueAttributeName::QueueArn];
    let policy =
        format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"{MAX_RECEIVE_COUNT}"}}"#);
    let redrive = HashMap::from([(QueueAttributeName::RedrivePolicy, policy)]);
    let work = make(unique("work"), redrive).await;
    crate::queue::check(&QueueUnderTest {
        queue: Arc::new(cloud.queue(work)),
        dead_letters: Arc::new(cloud.queue(dead)),
        max_receive_count: MAX_RECEIVE_COUNT,
        tick: TICK,
    })
    .await;
}
