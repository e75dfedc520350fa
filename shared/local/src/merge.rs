//! `fanfold merge`: PDFs on disk become one.

use std::fs;
use std::path::Path;

use fanfold_bind::{BindOptions, Binder, Input};

use crate::arguments::Merge;
use crate::failure::Failure;
use crate::output::Output;

/// Merges the files, in order, reading one at a time.
pub(crate) fn run(arguments: &Merge) -> Result<(), Failure> {
    let output = Output::open(&arguments.output)?;
    let failed = |error| Failure::new(error).at(arguments.output.display());
    let mut binder = Binder::new(output, BindOptions::default()).map_err(failed)?;
    for path in &arguments.inputs {
        let bytes = fs::read(path).map_err(|error| Failure::file(path, &error))?;
        let name = path.display().to_string();
        let title = title_of(path);
        // The error names the input itself.
        binder
            .add(Input {
                name: &name,
                title: Some(&title),
                bytes: &bytes,
            })
            .map_err(Failure::new)?;
    }
    let (output, summary) = binder.finish_into().map_err(failed)?;
    for warning in &summary.warnings {
        eprintln!("warning: {}: {}", warning.input, warning.message);
    }
    output.finish()
}

/// An input's outline entry: its file name without `.pdf`.
fn title_of(path: &Path) -> String {
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    let stem = name
        .strip_suffix(".pdf")
        .or_else(|| name.strip_suffix(".PDF"));
    stem.unwrap_or(&name).to_owned()
}
