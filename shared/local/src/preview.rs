//! `fanfold preview`: a bundle or page in the browser, drawn again whenever one of its files changes.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use fanfold_press::{Options, Press};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::arguments::Preview;
use crate::failure::Failure;
use crate::output;
use crate::render::Subject;
use crate::serve::serve_router;

/// How often the files are looked at.
const EVERY: Duration = Duration::from_millis(300);

/// How many files are watched; a bundle has at most 1,000.
const MAX_FILES: usize = 2000;

/// What is shown.
#[derive(Clone, Debug, Default)]
struct Drawn {
    version: u64,
    /// The last PDF that could be made.
    pdf: Arc<Vec<u8>>,
    /// Why there is no newer one.
    error: Option<String>,
    pages: usize,
    warnings: Vec<String>,
    milliseconds: u128,
}

/// Shows the bundle until the process is told to stop.
pub(crate) async fn run(arguments: Preview) -> Result<(), Failure> {
    if !arguments.source.exists() {
        return Err(Failure::new("there is no such folder or page")
            .at(arguments.source.display())
            .advise("name a bundle's folder"));
    }
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port));
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Failure::new(error)
            .at(address)
            .advise("choose another --port")
    })?;
    let address = listener.local_addr().map_err(Failure::new)?;
    output::print(&format!(
        "Preview at http://{address}/ — stop with Ctrl-C.\n"
    ));
    let shown = Arc::new(watch::Sender::new(Drawn::default()));
    let drawing = tokio::task::spawn_blocking({
        let shown = shown.clone();
        move || draw_for_ever(&arguments, &shown)
    });
    let router = Router::new()
        .route("/", get(async || Html(PAGE)))
        .route("/state", get(state))
        .route("/document.pdf", get(document))
        .with_state(shown.clone());
    let served = serve_router(listener, router).await;
    // The drawing thread sees that nobody looks any more.
    drawing.abort();
    shown.send_modify(|drawn| drawn.version = u64::MAX);
    served
}

fn draw_for_ever(arguments: &Preview, shown: &watch::Sender<Drawn>) {
    let press = Press::new();
    let options = Options::default();
    let mut seen = None;
    while shown.borrow().version != u64::MAX {
        let now = stamps(arguments);
        if seen.as_ref() != Some(&now) {
            seen = Some(now);
            draw(arguments, &press, &options, shown);
        }
        std::thread::sleep(EVERY);
    }
}

fn draw(arguments: &Preview, press: &Press, options: &Options, shown: &watch::Sender<Drawn>) {
    let subject = Subject {
        source: &arguments.source,
        data: arguments.data.as_deref(),
        locale: &arguments.locale,
        base_dir: None,
        standard: None,
    };
    let started = std::time::Instant::now();
    let made = subject.render(press, options);
    shown.send_modify(|drawn| {
        if drawn.version == u64::MAX {
            return;
        }
        drawn.version += 1;
        drawn.milliseconds = started.elapsed().as_millis();
        match made {
            Ok(pdf) => {
                drawn.pdf = Arc::new(pdf.bytes);
                drawn.pages = pdf.pages;
                drawn.error = None;
                drawn.warnings = pdf
                    .diagnostics
                    .iter()
                    .map(|it| it.message.clone())
                    .collect();
            }
            Err(error) => drawn.error = Some(error.to_string()),
        }
    });
}

/// What tells that a file has changed.
fn stamps(arguments: &Preview) -> BTreeMap<PathBuf, (u64, Option<SystemTime>)> {
    let mut stamps = BTreeMap::new();
    let root = match arguments.source.is_dir() {
        true => Some(arguments.source.as_path()),
        false => arguments.source.parent(),
    };
    let root = root
        .filter(|root| !root.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    note(root, 0, &mut stamps);
    if let Some(data) = &arguments.data
        && let Ok(found) = fs::metadata(data)
    {
        stamps.insert(data.clone(), (found.len(), found.modified().ok()));
    }
    stamps
}

fn note(folder: &Path, depth: usize, stamps: &mut BTreeMap<PathBuf, (u64, Option<SystemTime>)>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let Ok(found) = entry.metadata() else {
            continue;
        };
        if stamps.len() >= MAX_FILES || entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if found.is_dir() && depth < 8 {
            note(&entry.path(), depth + 1, stamps);
        } else if found.is_file() {
            stamps.insert(entry.path(), (found.len(), found.modified().ok()));
        }
    }
}

async fn state(State(shown): State<Arc<watch::Sender<Drawn>>>) -> axum::Json<serde_json::Value> {
    let drawn = shown.borrow().clone();
    axum::Json(serde_json::json!({
        "version": drawn.version,
        "error": drawn.error,
        "pages": drawn.pages,
        "warnings": drawn.warnings,
        "milliseconds": drawn.milliseconds,
    }))
}

async fn document(State(shown): State<Arc<watch::Sender<Drawn>>>) -> Response {
    let pdf = shown.borrow().pdf.clone();
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, pdf.to_vec()).into_response()
}

/// The page: the PDF in the browser's own viewer, and what is wrong above it.
const PAGE: &str = r##"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Fanfold preview</title>
<style>
html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; font: 14px/1.4 system-ui, sans-serif; background: #e9e6df; color: #1d2733; }
#said { padding: .4rem .8rem; } #error { white-space: pre-wrap; margin: 0; padding: .6rem .8rem; background: #b3261e; color: #fff; }
#error:empty { display: none; } iframe { flex: 1; border: 0; }
</style></head><body><div id="said">Drawing…</div><pre id="error"></pre><iframe title="The document"></iframe>
<script>
let version = 0;
async function look() {
  try {
    const state = await (await fetch("/state")).json();
    document.getElementById("error").textContent = state.error || "";
    if (state.version !== version) {
      version = state.version;
      document.getElementById("said").textContent = state.pages + " page(s), " + state.milliseconds + " ms"
        + (state.warnings.length ? " — " + state.warnings.length + " warning(s): " + state.warnings.slice(0, 3).join("; ") : "");
      if (!state.error) document.querySelector("iframe").src = "/document.pdf?v=" + version;
    }
  } catch { document.getElementById("said").textContent = "The preview has stopped."; }
  setTimeout(look, 400);
}
look();
</script></body></html>
"##;
