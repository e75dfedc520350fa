//! Real PDFs merged, the volume judged by qpdf.

use fanfold_bind::{BindError, BindOptions, Binder, Input, Summary};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The corpus beside the project; `None`, with a note, where it is absent outside CI.
fn corpus(folder: &str) -> Option<Vec<PathBuf>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/corpus/pdf")
        .join(folder);
    let Ok(entries) = std::fs::read_dir(&path) else {
        assert!(
            std::env::var_os("CI").is_none(),
            "the corpus is missing: {}",
            path.display()
        );
        eprintln!("no corpus at {}: not checked", path.display());
        return None;
    };
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pdf"))
        .collect();
    files.sort();
    Some(files)
}

fn has_qpdf() -> bool {
    let found = Command::new("qpdf").arg("--version").output().is_ok();
    assert!(found || std::env::var_os("CI").is_none(), "qpdf is missing");
    found
}

/// What qpdf finds wrong with a file.
fn complaints(path: &Path) -> Option<String> {
    let output = Command::new("qpdf")
        .arg("--check")
        .arg(path)
        .output()
        .expect("qpdf runs");
    let text = [output.stdout, output.stderr].concat();
    (!output.status.success()).then(|| String::from_utf8_lossy(&text).into_owned())
}

fn qpdf_pages(path: &Path) -> Option<usize> {
    let output = Command::new("qpdf")
        .arg("--show-npages")
        .arg(path)
        .output()
        .expect("qpdf runs");
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

fn merge(files: &[&Path]) -> Result<(Vec<u8>, Summary), BindError> {
    let mut binder = Binder::new(Vec::new(), BindOptions::default())?;
    for file in files {
        let bytes = std::fs::read(file).expect("a readable file");
        binder.add(Input {
            name: &file.to_string_lossy(),
            title: None,
            bytes: &bytes,
        })?;
    }
    binder.finish_into()
}

/// qpdf itself complains about these when it merges them alone: what is wrong is inside streams, which a
/// merge does not touch.
const INNER_FAULTS: [&str; 0] = [];

#[test]
fn merges_of_good_files_are_valid() {
    let Some(files) = corpus("good") else { return };
    if !has_qpdf() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("volume.pdf");
    let mut wrong = Vec::new();
    let mut readable: Vec<&Path> = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let neighbour = &files[(index + 1) % files.len()];
        let pair: Vec<&Path> = vec![file, neighbour];
        match merge(&[file]) {
            Ok(_) => readable.push(file),
            Err(BindError::Encrypted { .. }) => continue,
            Err(error) => wrong.push(error.to_string()),
        }
        let Ok((bytes, summary)) = merge(&pair) else {
            continue;
        };
        std::fs::write(&out, bytes).expect("written");
        let name = file.file_name().expect("a name").to_string_lossy();
        if let Some(complaint) = complaints(&out).filter(|_| !INNER_FAULTS.contains(&&*name)) {
            wrong.push(format!("{name} + next: {complaint}"));
        }
        let expected: Option<usize> = pair.iter().map(|path| qpdf_pages(path)).sum();
        if expected != Some(summary.pages) || qpdf_pages(&out) != expected {
            wrong.push(format!(
                "{name} + next: {} pages, not {expected:?}",
                summary.pages
            ));
        }
    }
    let (bytes, _) = merge(&readable).expect("a volume of all");
    std::fs::write(&out, bytes).expect("written");
    wrong.extend(complaints(&out));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn bad_files_are_refused_by_name_or_merged() {
    let Some(files) = corpus("bad") else { return };
    for file in &files {
        let name = file.to_string_lossy().into_owned();
        match merge(&[file]) {
            Ok((bytes, summary)) => {
                let document = lopdf::Document::load_mem(&bytes).expect("a readable volume");
                assert_eq!(document.get_pages().len(), summary.pages, "{name}");
            }
            Err(error) => assert!(error.to_string().contains(&name), "{error}"),
        }
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let Some(files) = corpus("good") else { return };
    let some: Vec<&Path> = files.iter().step_by(7).map(PathBuf::as_path).collect();
    let readable: Vec<&Path> = some
        .into_iter()
        .filter(|file| merge(&[file]).is_ok())
        .collect();
    assert_eq!(
        merge(&readable).expect("a volume").0,
        merge(&readable).expect("a volume").0
    );
}

#[test]
fn a_merge_that_is_stopped_after_each_input_gives_the_same_bytes() {
    let Some(files) = corpus("good") else { return };
    let all: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let readable: Vec<&Path> = all
        .into_iter()
        .filter(|file| merge(&[file]).is_ok())
        .collect();
    let (expected, summary) = merge(&readable).expect("a volume");
    let mut out = Vec::new();
    let mut binder = Binder::new(Vec::new(), BindOptions::default()).expect("a volume");
    for file in readable {
        let bytes = std::fs::read(file).expect("a readable file");
        binder
            .add(Input {
                name: &file.to_string_lossy(),
                title: None,
                bytes: &bytes,
            })
            .expect("a readable file");
        let (written, state) = binder.suspend();
        out.extend(written);
        binder = Binder::resume(Vec::new(), BindOptions::default(), &state).expect("its state");
    }
    let (rest, same) = binder.finish_into().expect("a volume");
    out.extend(rest);
    assert!(out == expected, "other bytes");
    assert_eq!(same, summary);
}
