//! From the store to the output folder: documents and volumes under their output names, and
//! `report.json`. Files are linked, not copied, where the file system can.

use std::fs;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use fanfold_cloud::{Key, LocalStore};
use fanfold_job::report::VolumeReport;
use fanfold_job::settled::{DocumentResult, Status};
use fanfold_job::{BatchKeys, OutputName};
use fanfold_ledger::{Absent, Ledger, Progress, Results};
use serde::Serialize;

use crate::failure::Failure;
use crate::output::{self, Output};

/// How many failures are kept for the summary.
const FAILURES_SHOWN: usize = 20;

/// What was delivered.
#[derive(Debug, Default)]
pub(crate) struct Delivered {
    /// The first failed documents.
    pub(crate) failures: Vec<DocumentResult>,
    /// Volumes in order.
    pub(crate) volumes: Vec<VolumeReport>,
}

/// Delivers a finished batch.
pub(crate) async fn deliver(
    ledger: &Ledger,
    store: &LocalStore,
    progress: &Progress,
    seconds: f64,
    out: &Path,
) -> Result<Delivered, Failure> {
    let keys = BatchKeys::new(&progress.accepted.tenant, &progress.accepted.batch_id);
    let mut delivered = Delivered::default();
    if let Some(merged) = &progress.merged {
        let volumes = ledger.volumes(&progress.accepted, merged, 0, merged.count());
        for volume in volumes.await.map_err(Failure::new)? {
            if let Some(key) = &volume.key {
                place(store, key, &volume.output, out)?;
            }
            delivered.volumes.push(VolumeReport::from(&volume));
        }
    }
    let mut report = Report::begin(out, progress, seconds)?;
    let (accepted, plans) = (&progress.accepted, &progress.plans);
    let mut results = Results::new(ledger.clone(), accepted, plans, 0, Absent::Refuse);
    while let Some(ended) = results.next().await.map_err(Failure::new)? {
        let result = ended.result;
        match result.status {
            Status::Ok => place(store, &keys.part(&result.output), &result.output, out)?,
            Status::Failed if delivered.failures.len() < FAILURES_SHOWN => {
                delivered.failures.push(result.clone());
            }
            Status::Failed => {}
        }
        report.document(&result)?;
    }
    report.finish(&delivered.volumes)?;
    Ok(delivered)
}

/// Puts an object into the output folder, replacing another file of that name.
fn place(store: &LocalStore, key: &str, output: &OutputName, out: &Path) -> Result<(), Failure> {
    let from = store.path(&Key::new(key).map_err(Failure::new)?)?;
    let to = out.join(output.as_str());
    put(&from, &to).map_err(|error| Failure::file(&to, &error))
}

fn put(from: &Path, to: &Path) -> io::Result<()> {
    if same_file(from, to) {
        return Ok(());
    }
    let temporary = match output::beside(to) {
        Ok(temporary) => temporary,
        Err(_) => return Err(ErrorKind::InvalidFilename.into()),
    };
    let link = || match fs::hard_link(from, &temporary) {
        // Left by a run that was killed just here.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            fs::remove_file(&temporary)?;
            fs::hard_link(from, &temporary)
        }
        linked => linked,
    };
    match (link(), to.parent()) {
        (Err(error), Some(folder)) if error.kind() == ErrorKind::NotFound && from.exists() => {
            fs::create_dir_all(folder)?;
            link()?;
        }
        (Err(error), _) if error.kind() == ErrorKind::NotFound => return Err(error),
        // A file system without links.
        (Err(_), _) => drop(fs::copy(from, &temporary)?),
        (Ok(()), _) => {}
    }
    fs::rename(&temporary, to).inspect_err(|_| {
        // The error of the rename is what is told.
        let _ = fs::remove_file(&temporary);
    })
}

/// Whether two paths are links to one file.
fn same_file(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let id = |path: &Path| {
            fs::symlink_metadata(path)
                .ok()
                .map(|it| (it.dev(), it.ino()))
        };
        id(a).is_some_and(|found| id(b) == Some(found))
    }
    #[cfg(not(unix))]
    {
        let _ = (a, b);
        false
    }
}

/// `report.json`, written as the results are read: it can be longer than memory.
#[derive(Debug)]
struct Report {
    path: PathBuf,
    to: BufWriter<Output>,
    first: bool,
}

/// What stands before the documents; the fields of [`fanfold_job::report::BatchReport`].
#[derive(Serialize)]
struct Head<'a> {
    batch_id: &'a str,
    status: fanfold_job::report::BatchStatus,
    total: u64,
    succeeded: u64,
    failed: u64,
    pages: u64,
    seconds: f64,
}

impl Report {
    fn begin(out: &Path, progress: &Progress, seconds: f64) -> Result<Self, Failure> {
        let path = out.join("report.json");
        let to = BufWriter::new(Output::open(&path)?);
        let mut report = Self {
            path,
            to,
            first: true,
        };
        let head = Head {
            batch_id: progress.accepted.batch_id.as_str(),
            status: progress.status(),
            total: progress.accepted.plan.documents,
            succeeded: progress.tally.succeeded,
            failed: progress.tally.failed,
            pages: progress.tally.pages,
            seconds: (seconds * 1000.0).round() / 1000.0,
        };
        let head = serde_json::to_string(&head).map_err(Failure::new)?;
        let open = head.strip_suffix('}').unwrap_or(&head);
        report.write(&format!("{open},\n\"documents\":["))?;
        Ok(report)
    }

    fn document(&mut self, result: &DocumentResult) -> Result<(), Failure> {
        let comma = if std::mem::replace(&mut self.first, false) {
            ""
        } else {
            ","
        };
        let line = serde_json::to_string(result).map_err(Failure::new)?;
        self.write(&format!("{comma}\n{line}"))
    }

    fn finish(mut self, volumes: &[VolumeReport]) -> Result<(), Failure> {
        let lines: Result<Vec<_>, _> = volumes.iter().map(serde_json::to_string).collect();
        let lines = lines.map_err(Failure::new)?.join(",\n");
        self.write(&format!("],\n\"volumes\":[\n{lines}]}}\n"))?;
        let Self { path, to, .. } = self;
        let output = to
            .into_inner()
            .map_err(|error| Failure::file(&path, error.error()))?;
        output.finish()
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        self.to
            .write_all(text.as_bytes())
            .map_err(|error| Failure::file(&self.path, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_put_in_place_again_and_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("from");
        let to = folder.path().join("new/to.pdf");
        fs::write(&from, "1").unwrap();
        put(&from, &to).unwrap();
        put(&from, &to).unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"1");
        fs::remove_file(&to).unwrap();
        fs::write(&to, "somebody's").unwrap();
        fs::write(output::beside(&to).unwrap(), "left over").unwrap();
        put(&from, &to).unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"1");
        assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 1);
        assert!(put(&folder.path().join("none"), &to).is_err());
        assert_eq!(fs::read(&to).unwrap(), b"1");
    }
}
