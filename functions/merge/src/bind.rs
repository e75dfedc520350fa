//! The real binder: the bind, fed entry by entry.

use std::io::Write;

use fanfold_bind::{
    BindError as PdfError, BindOptions, Binder as Pdf, FormMode, Input, OutlineMode, Permissions,
    Protection, Stamp, StampPlace,
};
use fanfold_job::{Forbidden, Forms, OnFailure, Outline, StampPlace as Place};

use crate::{BindError, Binder, Binding, Bound, Entry, Feed, Part, VolumeOptions};

/// Binds with fanfold-bind.
#[derive(Debug, Clone, Copy, Default)]
pub struct PdfBinder;

impl Binder for PdfBinder {
    fn bind(
        &self,
        options: VolumeOptions,
        paused: Option<&[u8]>,
        entries: &mut dyn Iterator<Item = Feed>,
        out: &mut dyn Write,
    ) -> Result<Binding, BindError> {
        let bind_options = bind_options(&options);
        // The state is the bind's, behind the number of parts that were left out.
        let (mut pdf, mut left_out) = match paused {
            None => {
                let mut pdf = Pdf::new(out, bind_options).map_err(volume_error)?;
                if let Some(bytes) = &options.cover {
                    let cover = Input {
                        name: "the cover",
                        title: None,
                        bytes,
                    };
                    pdf.add_cover(cover).map_err(volume_error)?;
                }
                (pdf, 0)
            }
            Some(paused) => {
                let (left_out, state) = paused.split_first_chunk().ok_or(BindError::Stale)?;
                let pdf = Pdf::resume(out, bind_options, state).map_err(volume_error)?;
                (pdf, u64::from_le_bytes(*left_out))
            }
        };
        for feed in entries {
            let Feed::Entry(Entry { title, part }) = feed else {
                let mut state = u64::to_le_bytes(left_out).to_vec();
                state.extend(pdf.suspend().1);
                return Ok(Binding::Paused(state));
            };
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
        Ok(Binding::Whole(Bound {
            pages: summary.pages as u64,
            left_out,
        }))
    }
}

fn bind_options(options: &VolumeOptions) -> BindOptions {
    let dressing = &options.dressing;
    let place = match dressing.stamp_place {
        Place::TopLeft => StampPlace::TopLeft,
        Place::Top => StampPlace::Top,
        Place::TopRight => StampPlace::TopRight,
        Place::BottomLeft => StampPlace::BottomLeft,
        Place::Bottom => StampPlace::Bottom,
        Place::BottomRight => StampPlace::BottomRight,
    };
    let allows = |what| !dressing.forbid.contains(&what);
    BindOptions {
        outline: match options.outline {
            Outline::Documents => OutlineMode::Documents,
            Outline::Inputs => OutlineMode::Inputs,
            Outline::None => OutlineMode::None,
        },
        stamp: dressing.stamp.as_ref().map(|text| Stamp {
            text: text.clone(),
            place,
            ..Stamp::default()
        }),
        contents: dressing.contents.clone(),
        separators: dressing.separators,
        right_hand: dressing.right_hand,
        recompress: dressing.recompress,
        forms: match dressing.forms {
            Forms::Keep => FormMode::Keep,
            Forms::Join => FormMode::Join,
            Forms::Flatten => FormMode::Flatten,
        },
        protection: dressing.passwords.as_ref().map(|passwords| Protection {
            user_password: passwords.user.clone(),
            owner_password: passwords.owner.clone(),
            permissions: Permissions {
                print: allows(Forbidden::Print),
                modify: allows(Forbidden::Modify),
                copy: allows(Forbidden::Copy),
                annotate: allows(Forbidden::Annotate),
            },
            seed: options.seed.clone().into_bytes(),
        }),
        ..BindOptions::default()
    }
}

fn volume_error(error: PdfError) -> BindError {
    match error {
        PdfError::Output(error) => BindError::Io(error),
        PdfError::State => BindError::Stale,
        other => BindError::Volume(other.to_string()),
    }
}
