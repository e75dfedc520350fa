//! Prints an HTML file: `cargo run -p fanfold-press --example print -- page.html page.pdf`.

use fanfold_press::{Fetch, FetchError, Options, Press, decode_html};
use std::path::PathBuf;
use std::sync::Arc;

/// Files below the page's folder.
struct Folder(PathBuf);

impl Fetch for Folder {
    fn fetch(&self, url: &str) -> Result<Arc<[u8]>, FetchError> {
        let path = url.strip_prefix("file://").unwrap_or(url);
        let path = path.split(['?', '#']).next().unwrap_or(path);
        let bytes = std::fs::read(self.0.join(path))
            .map_err(|error| FetchError::Failed(error.to_string()))?;
        Ok(bytes.into())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let page = PathBuf::from(arguments.next().ok_or("name an HTML file")?);
    let output = arguments
        .next()
        .map_or_else(|| page.with_extension("pdf"), PathBuf::from);
    let folder = Folder(page.parent().map(PathBuf::from).unwrap_or_default());
    let bytes = std::fs::read(&page)?;
    let html = decode_html(&bytes);
    let pdf = Press::new().print(&html, &folder, &Options::default())?;
    for diagnostic in &pdf.diagnostics {
        let place = &diagnostic.place;
        eprintln!(
            "{}:{}:{}: {}",
            place.source, place.line, place.column, diagnostic.message
        );
    }
    std::fs::write(&output, &pdf.bytes)?;
    eprintln!("{} pages, {} bytes", pdf.pages, pdf.bytes.len());
    Ok(())
}
