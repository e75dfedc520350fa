//! The endpoint, asked by the AWS SDK through the project's own adapter: the contract of every store
//! and queue, and what S3 and SQS promise beyond it.
#![expect(clippy::unwrap_used, reason = "in a test an error is a failure")]

#[path = "../../../cloud/tests/contract/queue.rs"]
mod queue;
mod s3;
mod sqs;
#[path = "../../../cloud/tests/contract/store.rs"]
mod store;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use fanfold_cloud::aws::AwsOptions;
use fanfold_cloud::{AwsCloud, CloudError, CloudResult, LocalCloud, LocalOptions};
use fanfold_wire::endpoint::{Services, router};
use fanfold_wire::lambda::Asynchronous;
use fanfold_wire::s3::Buckets;
use fanfold_wire::sqs::Queues;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A server over a folder of its own.
struct Server {
    _folder: tempfile::TempDir,
    serving: JoinHandle<std::io::Result<()>>,
    endpoint: String,
}

/// There is no function that an event could be for.
struct NoFunctions;

#[async_trait::async_trait]
impl Asynchronous for NoFunctions {
    async fn accept(&self, function: &str, _: Value) -> CloudResult<()> {
        Err(CloudError::invalid(format!("there is no {function}")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Server {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cloud = LocalCloud::open(folder.path(), &LocalOptions::default()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let services = Services {
            buckets: Buckets::open(&cloud, "own-bucket").unwrap(),
            notify: None,
            queues: Queues::open(&cloud).unwrap(),
            functions: BTreeMap::new(),
            asynchronous: Arc::new(NoFunctions),
            credentials: fanfold_wire::Credentials::default(),
        };
        let serving =
            tokio::spawn(axum::serve(listener, router(services, address.port())).into_future());
        Self {
            _folder: folder,
            serving,
            endpoint: format!("http://{address}"),
        }
    }

    fn cloud(&self) -> AwsCloud {
        self.cloud_as("test", "test")
    }

    fn cloud_as(&self, access_key: &str, secret: &str) -> AwsCloud {
        AwsCloud::new(AwsOptions {
            region: "us-east-1".into(),
            endpoint_url: Some(self.endpoint.clone()),
            s3_endpoint_url: None,
            sqs_endpoint_url: None,
            credentials: Credentials::new(access_key, secret, None, None, "test"),
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_bucket_is_a_store() {
    let server = Server::start().await;
    store::check(&store::StoreUnderTest {
        store: Arc::new(server.cloud().store("own-bucket")),
        prefix: "t".into(),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn queues_are_queues() {
    const MAX_RECEIVE_COUNT: u32 = 4;
    let server = Server::start().await;
    let cloud = server.cloud();
    let dead = sqs::create(&cloud, "dead", &[]).await;
    let policy = format!(
        r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":"{MAX_RECEIVE_COUNT}"}}"#,
        Queues::arn("dead")
    );
    let work = sqs::create(&cloud, "work", &[("RedrivePolicy", &policy)]).await;
    queue::check(&queue::QueueUnderTest {
        queue: Arc::new(cloud.queue(work)),
        dead_letters: Arc::new(cloud.queue(dead)),
        max_receive_count: MAX_RECEIVE_COUNT,
        tick: Duration::from_secs(1),
    })
    .await;
}
