//! The real binder: the bind, fed entry by entry.

use std::io::Write;

use fanfold_bind::{BindError as PdfError, BindOptions, Binder as Pdf, Input, OutlineMode};
use fanfold_job::{OnFailure, Outline};

use crate::{BindError, Binder, Bound, Entry, Part, VolumeOptions};

/// Binds with fanfold-bind.
#[derive(Debug, Clone, Copy, Default)]
pub struct PdfBinder;

impl Binder for PdfBinder {
    fn bind(
        &self,
        options: VolumeOptions,
        entries: &mut dyn Iterator<Item = Entry>,
        out: &mut dyn Write,
    ) -> Result<Bound, BindError> {
        let outline = match options.outline {
            Outline::Documents => OutlineMode::Documents,
            Outline::Inputs => OutlineMode::Inputs,
            Outline::None => OutlineMode::None,
        };
        let mut pdf = Pdf::new(
            out,
            BindOptions {
                outline,
                ..BindOptions::default()
            },
        )
        .map_err(volume_error)?;
        let mut left_out = 0;
        for Entry { title, part } in entries {
            let reason = match part {
                Part::Placeholder(message) => {
                    pdf.add_placeholder(&title, &message)
                        .map_err(volume_error)?;
                    continue;
                }
                Part::Pdf(bytes) => match pdf.add(Input {
                    name: &title,
                    title: Some(&title),
                    bytes: &bytes,
                }) {
                    Ok(_) => continue,
                    Err(PdfError::Output(error)) => return Err(error.into()),
                    Err(error) => error.to_string(),
                },
            };
            // A part that was accepted as a document and cannot be bound is a document that failed.
            left_out += 1;
            match options.on_failure {
                OnFailure::Skip => {}
                OnFailure::Placeholder => {
                    pdf.add_placeholder(&title, &reason).map_err(volume_error)?;
                }
                OnFailure::Fail => return Err(BindError::Part { title, reason }),
            }
        }
        let summary = pdf.finish().map_err(volume_error)?;
        for warning in &summary.warnings {
            tracing::debug!(
                warning = warning.message,
                "a volume lacks something of a part"
            );
        }
        Ok(Bound {
            pages: summary.pages as u64,
            left_out,
        })
    }
}

fn volume_error(error: PdfError) -> BindError {
    match error {
        PdfError::Output(error) => BindError::Io(error),
        other => BindError::Volume(other.to_string()),
    }
}
