//! How far the batch is, for a person: a bar on a terminal, lines elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use fanfold_job::report::BatchStatus;
use fanfold_ledger::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// How often a line is written when there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Shows progress on standard error.
#[derive(Debug)]
pub(crate) struct Display {
    bar: Option<ProgressBar>,
    last_line: Instant,
}

impl Display {
    /// A display for a batch of `total` documents.
    pub(crate) fn new(total: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let template = "{spinner} {wide_bar:.cyan/blue} {pos}/{len}  {per_sec}  {eta}  {msg}";
            let bar = ProgressBar::new(total);
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self {
            bar,
            last_line: Instant::now(),
        }
    }

    /// Shows where the batch is.
    pub(crate) fn show(&mut self, progress: &Progress) {
        let tally = &progress.tally;
        let doing = match progress.status() {
            BatchStatus::Stitching => "stitching",
            _ => "rendering",
        };
        let failed = match tally.failed {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        };
        if let Some(bar) = &self.bar {
            bar.set_position(tally.processed());
            bar.set_message(format!("{doing}{failed}"));
        } else if self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            let total = progress.accepted.plan.documents;
            eprintln!(
                "{doing}: {} of {total} documents{failed}",
                tally.processed()
            );
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
