//! Renders bundle folders to HTML, to look at a template in another program.
//!
//! `cargo run -p fanfold-template --example html -- FOLDER LOCALE OUT.html [DATA.json]`; without data the bundle's
//! own sample is used.

use std::path::Path;
use std::process::ExitCode;

use fanfold_template::{Bundle, Limits};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let [folder, locale, out, data @ ..] = args else {
        return Err("give FOLDER LOCALE OUT.html [DATA.json]".into());
    };
    let bundle = Bundle::from_dir(Path::new(folder))?;
    let data = match data.first() {
        Some(path) => serde_json::from_slice(&std::fs::read(path)?)?,
        None => bundle.sample().cloned().unwrap_or_default(),
    };
    std::fs::write(out, bundle.render(&data, locale, &Limits::default())?)?;
    Ok(())
}
