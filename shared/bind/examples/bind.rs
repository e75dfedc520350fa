//! Merges PDF files: `bind [--forms=join|--forms=flatten] OUT.pdf A.pdf B.pdf …`. Without a volume there is
//! no file.

use fanfold_bind::{BindOptions, Binder, FormMode, Input, Recompress};
use std::error::Error;
use std::fs::{self, File};
use std::io::BufWriter;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    let forms = match arguments.peek().map(String::as_str) {
        Some("--forms=join") => FormMode::Join,
        Some("--forms=flatten") => FormMode::Flatten,
        _ => FormMode::Keep,
    };
    if forms != FormMode::Keep {
        arguments.next();
    }
    let Some(out) = arguments.next() else {
        eprintln!("usage: bind [--forms=join|--forms=flatten] OUT.pdf A.pdf B.pdf …");
        return ExitCode::from(2);
    };
    match merge(&out, forms, arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            // It may not be there.
            drop(fs::remove_file(out));
            ExitCode::FAILURE
        }
    }
}

fn merge(
    out: &str,
    forms: FormMode,
    inputs: impl ExactSizeIterator<Item = String>,
) -> Result<(), Box<dyn Error>> {
    let options = BindOptions {
        forms,
        recompress: Recompress::of_inputs(inputs.len()),
        ..BindOptions::default()
    };
    let mut binder = Binder::new(BufWriter::new(File::create(out)?), options)?;
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
