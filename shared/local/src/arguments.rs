//! The command line.

use std::net::IpAddr;
use std::num::NonZero;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Turns templates and data into PDFs, thousands at a time, and stitches them into volumes.
#[derive(Debug, Parser)]
#[command(name = "fanfold", version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make one PDF of an HTML page, a Markdown file or a template bundle.
    Render(Render),
    /// Stitch PDFs into one, with an outline entry for each and its own outline below it.
    Merge(Merge),
    /// Make all documents and volumes of a manifest on this machine; run it again to go on after a stop.
    Batch(Batch),
    /// Serve the HTTP API, an uploads folder, a web page and AWS's S3, SQS and Lambda on this machine.
    Serve(Serve),
    /// Call one of the three functions with an event, as AWS Lambda does.
    Invoke(Invoke),
    /// Show a bundle in the browser and draw it again whenever one of its files changes.
    Preview(Preview),
    /// Not for people: ends the functions that `serve` has started, when that was killed.
    #[command(name = WATCHDOG, hide = true)]
    Watchdog,
}

/// The command that is no person's.
pub(crate) const WATCHDOG: &str = "watchdog";

#[derive(Debug, Args)]
pub(crate) struct Render {
    /// A page (`.html`, `.md`), a bundle's folder, or the name of a starter bundle.
    #[arg(value_name = "PAGE|BUNDLE")]
    pub(crate) source: PathBuf,
    /// JSON data for the template; a bundle without it gets its own sample.
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    /// Where the PDF goes; `-` is standard output. By default the source's name with `.pdf`.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The document's language, such as `hi-IN`.
    #[arg(long, value_name = "TAG", default_value = "")]
    pub(crate) locale: String,
    /// The folder that relative URLs of a page start from, and may not leave. By default the page's.
    #[arg(long, value_name = "DIR")]
    pub(crate) base_dir: Option<PathBuf>,
    /// A folder of fonts (`.ttf`, `.otf`, `.ttc`) to use by their family names. May be given again.
    #[arg(long, value_name = "DIR")]
    pub(crate) font_dir: Vec<PathBuf>,
    /// The PDF standard to keep to. By default the bundle's, else PDF 1.7.
    #[arg(long, value_enum)]
    pub(crate) standard: Option<Standard>,
}

/// PDF standards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Standard {
    #[value(name = "pdf-1.7")]
    Pdf17,
    #[value(name = "a-2b")]
    A2b,
    #[value(name = "a-3b")]
    A3b,
    #[value(name = "ua-1")]
    Ua1,
}

#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// Where the volume goes; `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// What the outline holds: an entry for each input with its own outline below, the inputs' own
    /// outlines, or nothing.
    #[arg(long, value_name = "WHAT", default_value = "documents")]
    pub(crate) outline: OutlineChoice,
    /// The volume's title.
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// A line over each page of the inputs, like "Page {page} of {pages}"; {title} is the input's.
    #[arg(long, value_name = "TEXT")]
    pub(crate) stamp: Option<String>,
    /// Where the stamp stands.
    #[arg(
        long,
        value_name = "PLACE",
        default_value = "bottom",
        requires = "stamp"
    )]
    pub(crate) stamp_place: StampChoice,
    /// A contents page in front, with this heading and a link to each input.
    #[arg(long, value_name = "HEADING", num_args = 0..=1, default_missing_value = "Contents")]
    pub(crate) contents: Option<String>,
    /// A PDF in front of everything.
    #[arg(long, value_name = "PDF")]
    pub(crate) cover: Option<PathBuf>,
    /// A page with its title before each input.
    #[arg(long)]
    pub(crate) separators: bool,
    /// Start each input on a right-hand page, behind a blank one where needed.
    #[arg(long)]
    pub(crate) right_hand: bool,
    /// What becomes of form fields: all stay, apart from those of other inputs; those of one name and kind
    /// become one field, with the first input's value; or what they show becomes content of the pages.
    #[arg(long, value_name = "WHAT", default_value = "keep")]
    pub(crate) forms: FormChoice,
    /// Compress all anew, smaller than zlib can: slower, some 5 MB of a usual document's data a second, and down
    /// to 1 MB of data in which little differs but nothing repeats. Of up to 400 inputs, the first 8 MB are packed
    /// like that anyway.
    #[arg(long)]
    pub(crate) recompress: bool,
    /// Start another volume rather than go over so many pages; FILE-2.pdf and so on follow FILE-1.pdf.
    /// An input is never taken apart.
    #[arg(long, value_name = "PAGES")]
    pub(crate) split_pages: Option<NonZero<usize>>,
    /// Start another volume rather than go over so many bytes (100k, 25M, 1G).
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub(crate) split_bytes: Option<u64>,
    /// Encrypt with AES-256; this file's first line is the password that opens the volume, its second,
    /// if any, the one that lifts the restrictions. An empty first line lets everyone open it.
    #[arg(long, value_name = "FILE")]
    pub(crate) passwords: Option<PathBuf>,
    /// What readers do not allow without the second password.
    #[arg(
        long,
        value_name = "WHAT",
        value_delimiter = ',',
        requires = "passwords"
    )]
    pub(crate) forbid: Vec<Forbidden>,
    /// The PDFs, in order.
    #[arg(value_name = "PDF", required = true)]
    pub(crate) inputs: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutlineChoice {
    Documents,
    Inputs,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormChoice {
    Keep,
    Join,
    Flatten,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StampChoice {
    TopLeft,
    Top,
    TopRight,
    BottomLeft,
    Bottom,
    BottomRight,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Forbidden {
    Print,
    Modify,
    Copy,
    Annotate,
}

/// A number of bytes, with k, M or G for powers of 1,024.
fn bytes(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text} is not a number of bytes; write 500k, 25M or 1G");
    let (digits, factor) = match text.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (&text[..at], 1 << 10),
        Some((at, 'm' | 'M')) => (&text[..at], 1 << 20),
        Some((at, 'g' | 'G')) => (&text[..at], 1 << 30),
        _ => (text, 1),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number
        .checked_mul(factor)
        .filter(|bytes| *bytes > 0)
        .ok_or_else(wrong)
}

#[derive(Debug, Args)]
pub(crate) struct Batch {
    /// The manifest: `.json`, `.jsonl` or `.csv`. Paths in it are relative to its folder.
    #[arg(value_name = "MANIFEST")]
    pub(crate) manifest: PathBuf,
    /// Where the documents, the volumes and `report.json` go.
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(crate) out: PathBuf,
    /// How many documents are drawn at once. By default one a core.
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZero<usize>>,
    /// The bundle of a CSV manifest without a `bundle` column.
    #[arg(long, value_name = "NAME")]
    pub(crate) bundle: Option<String>,
    /// A folder of bundles, besides `bundles` beside the manifest. May be given again.
    #[arg(long, value_name = "DIR")]
    pub(crate) bundles: Vec<PathBuf>,
    /// This is a worker, started by another `fanfold batch` after so many have died.
    #[arg(long, hide = true)]
    pub(crate) worker: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The port; 0 takes a free one.
    #[arg(long, default_value_t = 9000)]
    pub(crate) port: u16,
    /// The address to listen on. Others than loopback let everyone in who can reach it.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) listen: IpAddr,
    /// Where batches and uploads are kept.
    #[arg(long, value_name = "DIR", default_value = ".fanfold")]
    pub(crate) data_dir: PathBuf,
    /// How many documents are drawn at once. By default one a core.
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZero<usize>>,
    /// A folder of bundles, besides the starter bundles. May be given again.
    #[arg(long, value_name = "DIR", conflicts_with = "functions")]
    pub(crate) bundles: Vec<PathBuf>,
    /// The port of 127.0.0.1 where S3, SQS and Lambda's Invoke are served for `aws --endpoint-url` and
    /// SDKs; 0 takes a free one. By default 9002, or a free one with `--port 0`.
    #[arg(long, value_name = "PORT")]
    aws_port: Option<u16>,
    /// Run the functions' own binaries as Lambda does, from a folder with `render/bootstrap` and so on
    /// (cargo-lambda's) or `render` and so on (cargo's), instead of the code in this program.
    #[arg(long, value_name = "DIR")]
    pub(crate) functions: Option<PathBuf>,
    /// A parameter of template.yaml for the functions, such as RenderMemory=512. May be given again.
    #[arg(long, value_name = "NAME=VALUE", requires = "functions")]
    pub(crate) parameter: Vec<String>,
}

impl Serve {
    /// The port of AWS's services; 0 for a free one.
    pub(crate) fn aws_port(&self) -> u16 {
        let default = if self.port == 0 { 0 } else { 9002 };
        self.aws_port.unwrap_or(default)
    }
}

#[derive(Debug, Args)]
pub(crate) struct Invoke {
    /// The function.
    #[arg(value_enum)]
    pub(crate) function: Function,
    /// The event, a JSON file; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) event: PathBuf,
    /// Where batches are kept, as for `serve`.
    #[arg(long, value_name = "DIR", default_value = ".fanfold")]
    pub(crate) data_dir: PathBuf,
}

/// The three functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Function {
    Enqueue,
    Render,
    Merge,
}

#[derive(Debug, Args)]
pub(crate) struct Preview {
    /// A bundle's folder, or a page.
    #[arg(value_name = "BUNDLE")]
    pub(crate) source: PathBuf,
    /// JSON data instead of the bundle's sample.
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    /// The document's language.
    #[arg(long, value_name = "TAG", default_value = "")]
    pub(crate) locale: String,
    /// The port; 0 takes a free one.
    #[arg(long, default_value_t = 9001)]
    pub(crate) port: u16,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
