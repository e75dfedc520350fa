//! Documents that say how they behave, and what draws and binds them.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fanfold_job::Document;
use fanfold_job::settled::ErrorKind;
use fanfold_merge::{BindError, Binder, Binding, Bound, Feed, Part, VolumeOptions};
use fanfold_render::{RenderError, RenderInput, RenderLimits, RenderedPart, Renderer, Threads};
use tokio::time::sleep_until;

use crate::world::{Process, Random};

/// How a document behaves: said by its data.
pub(crate) fn kind_of(seed: u64, number: u64, bad_one_in: u64) -> &'static str {
    let random = Random::new(seed ^ number.wrapping_mul(0xA24B_AED4_963E_E407));
    match random.one_in(bad_one_in) {
        false => "good",
        true => ["fail", "kill", "panic"][(random.next() % 3) as usize],
    }
}

/// What a good document becomes.
pub(crate) fn part_of(number: &str) -> String {
    format!("%SIM {number}\n")
}

/// Draws at once; the time it takes is [`SimThreads`]'.
#[derive(Debug)]
pub(crate) struct SimRenderer(pub(crate) Arc<Process>);

impl Renderer for SimRenderer {
    fn render(
        &self,
        document: &Document,
        _: &RenderInput,
        _: &RenderLimits,
    ) -> Result<RenderedPart, RenderError> {
        let text = |name: &str| {
            let value = document.data.as_ref().and_then(|data| data.get(name));
            value
                .and_then(|value| value.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        match text("kind").as_str() {
            "fail" => Err(RenderError::permanent(ErrorKind::BadData, "as asked")),
            "panic" => panic!("as asked"),
            "kill" => {
                self.0.die();
                Err(RenderError::transient(
                    ErrorKind::Other,
                    "a process that died",
                ))
            }
            _ => Ok(RenderedPart {
                pages: 2,
                pdf: Bytes::from(part_of(&text("n"))),
            }),
        }
    }

    fn pages(&self, pdf: &[u8]) -> Option<u32> {
        pdf.starts_with(b"%SIM").then_some(2)
    }
}

/// Draws on the process's share of a core, in virtual time.
#[derive(Debug)]
pub(crate) struct SimThreads {
    pub(crate) process: Arc<Process>,
    pub(crate) draw: Duration,
}

impl Threads for SimThreads {
    fn start(&self, work: Box<dyn FnOnce() + Send>) {
        let (process, done) = (Arc::clone(&self.process), self.process.compute(self.draw));
        tokio::spawn(async move {
            sleep_until(done).await;
            if !process.is_dead() {
                work();
            }
        });
    }
}

/// Concatenates.
#[derive(Debug)]
pub(crate) struct SimBinder;

impl Binder for SimBinder {
    fn bind(
        &self,
        _: VolumeOptions,
        paused: Option<&[u8]>,
        entries: &mut dyn Iterator<Item = Feed>,
        out: &mut dyn Write,
    ) -> Result<Binding, BindError> {
        let mut pages = paused.map_or(0, |state| {
            u64::from_le_bytes(state.try_into().expect("its own state"))
        });
        for feed in entries {
            let Feed::Entry(entry) = feed else {
                return Ok(Binding::Paused(u64::to_le_bytes(pages).to_vec()));
            };
            match entry.part {
                Part::Pdf(pdf) => out.write_all(&pdf)?,
                Part::Placeholder(_) => out.write_all(b"%PLACEHOLDER\n")?,
            }
            pages += 2;
        }
        Ok(Binding::Whole(Bound {
            pages,
            left_out: 0,
            warnings: Vec::new(),
            untold: 0,
        }))
    }
}
