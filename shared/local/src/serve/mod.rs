//! `fanfold serve`: the HTTP API, the uploads folder and a web page over the local cloud.

mod aws;
mod gateway;
mod guard;
mod objects;
mod problem;
mod uploads;

use std::collections::VecDeque;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::arguments::Serve;
use crate::failure::Failure;
use crate::host::uploaded::Announcer;
use crate::host::{Callable, Host, HostOptions, bundles};
use crate::output;

/// The web page.
const PAGE: &str = include_str!("page.html");

/// Where AWS's services are served, whatever the HTTP API listens on: they let everyone in.
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// How many batches the page shows of those that this server has seen.
const REMEMBERED: usize = 100;

/// How long work under way may take after the server was told to stop.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the handlers of one server share.
#[derive(Debug)]
struct Server {
    host: Host,
    functions: Callable,
    /// Who is told of files that come into the uploads folder, when the functions are processes.
    announcer: Option<Announcer>,
    requests: AtomicU64,
    batches: Mutex<VecDeque<Seen>>,
}

/// A batch that this server has seen accepted.
#[derive(Clone, Debug, Serialize)]
struct Seen {
    batch_id: String,
    name: String,
}

impl Server {
    fn next_request_id(&self) -> String {
        format!("local-{}", self.requests.fetch_add(1, Ordering::Relaxed))
    }

    fn batches(&self) -> MutexGuard<'_, VecDeque<Seen>> {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the batch that an answer of the HTTP API has accepted.
    fn note_batch(&self, answer: &Value) {
        let body = answer["body"]
            .as_str()
            .and_then(|body| serde_json::from_str::<Value>(body).ok());
        if let Some(id) = body.as_ref().and_then(|body| body["batch_id"].as_str()) {
            self.note(id, "Batch");
        }
    }

    /// Notes a batch for the page.
    fn note(&self, batch_id: &str, name: &str) {
        let mut batches = self.batches();
        if batches.iter().any(|seen| seen.batch_id == batch_id) {
            return;
        }
        batches.push_back(Seen {
            batch_id: batch_id.to_owned(),
            name: name.to_owned(),
        });
        if batches.len() > REMEMBERED {
            batches.pop_front();
        }
    }
}

/// Serves until the process is told to stop.
pub(crate) async fn run(arguments: &Serve) -> Result<(), Failure> {
    let listener = listen(SocketAddr::new(arguments.listen, arguments.port), "--port").await?;
    let address = listener.local_addr().map_err(Failure::new)?;
    let aws_listener = listen((LOOPBACK, arguments.aws_port()).into(), "--aws-port").await?;
    let aws_address = aws_listener.local_addr().map_err(Failure::new)?;
    let bundles = match &arguments.functions {
        None => bundles::find(&arguments.bundles)?,
        // Theirs are in them, and in the bucket.
        Some(_) => Vec::new(),
    };
    let host = Host::open(
        &arguments.data_dir,
        HostOptions {
            base_url: Some(format!("http://{address}")),
            jobs: arguments.jobs,
            bundles,
            ..HostOptions::default()
        },
    )?;
    let folder = arguments.data_dir.join("uploads");
    let uploads = uploads::Uploads::open(&folder, &arguments.data_dir.join("uploads.json"))?;
    let aws = aws::Aws::open(arguments, &host, aws_address)?;
    // From here on: whoever reads that it serves may tell it to stop.
    let stop = stop_signal();
    output::print(&format!(
        "Fanfold serves http://{address}/\n  uploads   {}\n  data      {}\n  AWS       {} (S3, SQS, Lambda; any access key that is its own secret)\nendpoints {}\nStop with Ctrl-C.\n",
        folder.display(),
        arguments.data_dir.display(),
        aws.endpoint(),
        aws.addresses(&format!("http://{address}")),
    ));
    let workers = aws.start(&host)?;
    let server = Arc::new(Server {
        functions: aws.functions(),
        announcer: aws.announcer(),
        host,
        requests: AtomicU64::new(1),
        batches: Mutex::default(),
    });
    let serving_aws = tokio::spawn(axum::serve(aws_listener, aws.router()).into_future());
    let watching = tokio::spawn(uploads.watch(server.clone()));
    let served = serve(listener, router(server, address), stop).await;
    watching.abort();
    workers.stop(PATIENCE).await;
    aws.stop().await;
    serving_aws.abort();
    served
}

async fn listen(address: SocketAddr, option: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(format!("cannot listen: {error}"))
            .at(address)
            .advise(format!(
                "choose another port with {option}, or 0 for any free one"
            ))
    })
}

/// Answers connections until the process is told to stop; then lets those under way finish.
async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Failure> {
    let stopping = watch::Sender::new(false);
    let (told, mut over) = (stopping.clone(), stopping.subscribe());
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        told.send_replace(true);
    });
    let late = async {
        // The sender lives until the end of this function, so waiting cannot fail.
        let _ = over.wait_for(|stop| *stop).await;
        tokio::time::sleep(PATIENCE).await;
    };
    tokio::select! {
        served = serving.into_future() => served.map_err(Failure::new),
        () = late => Ok(()),
    }
}

/// Waits for Ctrl-C or a request to end; what comes from the call on counts.
pub(crate) fn stop_signal() -> impl Future<Output = ()> + Send + 'static {
    #[cfg(unix)]
    let signals = {
        use tokio::signal::unix::{SignalKind, signal};
        [SignalKind::interrupt(), SignalKind::terminate()].map(|kind| signal(kind).ok())
    };
    async move {
        #[cfg(unix)]
        if let [Some(mut interrupt), Some(mut end)] = signals {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = end.recv() => {}
            }
            return;
        }
        let _ = tokio::signal::ctrl_c().await;
    }
}

fn router(server: Arc<Server>, address: SocketAddr) -> Router {
    let policy = format!(
        "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; \
         script-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        script_hash(PAGE)
    );
    let policy = HeaderValue::try_from(policy).ok();
    let page = move || {
        let page = page(policy.clone());
        async move { page }
    };
    let listening = guard::Listening(address.ip());
    Router::new()
        .route("/", get(page))
        .route("/v1/{*rest}", any(gateway::pass))
        .route("/objects/{*key}", get(objects::get))
        .route("/local/batches", get(seen))
        .route("/local/parts/{batch}/{*output}", get(objects::part))
        .fallback(async || {
            problem::answer(
                axum::http::StatusCode::NOT_FOUND,
                "Not Found",
                "there is no such path",
            )
        })
        .layer(axum::middleware::from_fn_with_state(
            listening,
            guard::check,
        ))
        .with_state(server)
}

fn page(policy: Option<HeaderValue>) -> Response {
    let mut response = Html(PAGE).into_response();
    if let Some(policy) = policy {
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The hash by which the policy lets the page's own script run, and no other.
fn script_hash(page: &str) -> String {
    let script = page
        .split_once("<script>")
        .and_then(|(_, rest)| rest.split_once("</script>"))
        .map_or("", |(script, _)| script);
    STANDARD.encode(Sha256::digest(script))
}

async fn seen(State(server): State<Arc<Server>>) -> axum::Json<Vec<Seen>> {
    axum::Json(server.batches().iter().cloned().collect())
}

/// Serves one router on a listener, as [`run`] does; for the live preview.
pub(crate) fn serve_router(
    listener: TcpListener,
    router: Router,
) -> impl Future<Output = Result<(), Failure>> {
    serve(listener, router, stop_signal())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_whole_and_loads_nothing_from_elsewhere() {
        assert!(!script_hash(PAGE).is_empty());
        for outside in ["http://", "https://", "src=", "@import", "url("] {
            assert!(!PAGE.contains(outside), "{outside}");
        }
    }
}
