//! Merges PDF files: `bind OUT.pdf A.pdf B.pdf …`. Without a volume there is no file.

use fanfold_bind::{BindOptions, Binder, Input};
use std::error::Error;
use std::fs::{self, File};
use std::io::BufWriter;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(out) = arguments.next() else {
        eprintln!("usage: bind OUT.pdf A.pdf B.pdf …");
        return ExitCode::from(2);
    };
    match merge(&out, arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            // It may not be there.
            drop(fs::remove_file(out));
            ExitCode::FAILURE
        }
    }
}

fn merge(out: &str, inputs: impl Iterator<Item = String>) -> Result<(), Box<dyn Error>> {
    let mut binder = Binder::new(BufWriter::new(File::create(out)?), BindOptions::default())?;
    for name in inputs {
        binder.add(Input {
            name: &name,
            title: None,
            bytes: &fs::read(&name)?,
        })?;
    }
    let summary = binder.finish()?;
    for warning in &summary.warnings {
        eprintln!("{}: {}", warning.input, warning.message);
    }
    eprintln!(
        "{} documents, {} pages, {} bytes",
        summary.documents, summary.pages, summary.bytes
    );
    Ok(())
}
