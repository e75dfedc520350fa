//! Merges PDF files: `bind OUT.pdf A.pdf B.pdf …`

use fanfold_bind::{BindOptions, Binder, Input};
use std::error::Error;
use std::fs::{self, File};
use std::io::BufWriter;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments
        .next()
        .ok_or("usage: bind OUT.pdf A.pdf B.pdf …")?;
    let mut binder = Binder::new(BufWriter::new(File::create(out)?), BindOptions::default())?;
    for name in arguments {
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
