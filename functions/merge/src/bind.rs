//! The real binder: the bind, fed entry by entry.

use std::io::Write;

use fanfold_bind::{
    BindError as PdfError, BindOptions, Binder as Pdf, FormMode, Input, OutlineMode, Permissions,
    Protection, Recompress, Stamp, StampPlace,
};
use fanfold_job::settled::WARNINGS_OF_VOLUME;
use fanfold_job::{Forbidden, Forms, OnFailure, Outline, StampPlace as Place};
use serde::{Deserialize, Serialize};

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
                (pdf, LeftOut::default())
            }
            Some(paused) => {
                let (left_out, state) = LeftOut::split(paused).ok_or(BindError::Stale)?;
                let pdf = Pdf::resume(out, bind_options, state).map_err(volume_error)?;
                (pdf, left_out)
            }
        };
        for feed in entries {
            let Feed::Entry(Entry { title, part }) = feed else {
                return Ok(Binding::Paused(left_out.before(&pdf.suspend().1)));
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
            left_out.count += 1;
            if left_out.why.len() < WARNINGS_OF_VOLUME {
                left_out.why.push(format!("{title}: {reason}"));
            }
            match options.on_failure {
                OnFailure::Skip => {}
                OnFailure::Placeholder => {
                    pdf.add_placeholder(&title, &reason).map_err(volume_error)?;
                }
                OnFailure::Fail => return Err(BindError::Part { title, reason }),
            }
        }
        let summary = pdf.finish().map_err(volume_error)?;
        let untold = left_out.count - left_out.why.len() as u64 + summary.more_warnings;
        let mut warnings = left_out.why;
        for warning in summary.warnings {
            warnings.push(format!("{}: {}", warning.input, warning.message));
        }
        Ok(Binding::Whole(Bound {
            pages: summary.pages as u64,
            left_out: left_out.count,
            warnings,
            untold,
        }))
    }
}

/// Parts that cannot be bound; a paused volume's are the first line of its state, before the bind's own.
#[derive(Debug, Default, Serialize, Deserialize)]
struct LeftOut {
    count: u64,
    /// The first ones, and why.
    why: Vec<String>,
}

impl LeftOut {
    fn before(&self, state: &[u8]) -> Vec<u8> {
        // JSON has no line break outside of its own escapes; numbers and text always have a form in it.
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes.extend_from_slice(state);
        bytes
    }

    fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let end = bytes.iter().position(|&byte| byte == b'\n')?;
        let left_out = serde_json::from_slice(&bytes[..end]).ok()?;
        Some((left_out, &bytes[end + 1..]))
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
        recompress: match dressing.recompress {
            true => Recompress::All,
            false => Recompress::Never,
        },
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

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &[u8] = b"%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Annots[4 0 R]>> endobj
4 0 obj <</Type/Annot/Subtype/Widget/FT/Sig/T(s)/Rect[0 0 9 9]/P 3 0 R/V<</Type/Sig/Filter/F>>>> endobj
trailer <</Root 1 0 R/Size 5>>
%%EOF
";

    #[test]
    fn what_a_volume_lacks_is_said_over_a_pause_too() {
        let entry = |title: &str, pdf: &'static [u8]| {
            Feed::Entry(Entry {
                title: title.into(),
                part: Part::Pdf(pdf.into()),
            })
        };
        let mut out = Vec::new();
        let mut bind = |paused: Option<&[u8]>, feed: Vec<Feed>| {
            PdfBinder
                .bind(
                    VolumeOptions::default(),
                    paused,
                    &mut feed.into_iter(),
                    &mut out,
                )
                .unwrap()
        };
        let first = vec![entry("a", PAGE), entry("b", b"no PDF"), Feed::Pause];
        let Binding::Paused(state) = bind(None, first) else {
            panic!("it is paused");
        };
        let Binding::Whole(bound) = bind(Some(&state), vec![entry("c", PAGE)]) else {
            panic!("it is whole");
        };
        assert_eq!((bound.pages, bound.left_out), (2, 1));
        let said = |title: &str, word: &str| {
            let mut warnings = bound.warnings.iter();
            warnings.any(|text| text.starts_with(title) && text.contains(word))
        };
        assert!(said("b: ", "PDF"), "{:?}", bound.warnings);
        assert!(said("a: ", "signature"), "{:?}", bound.warnings);
        assert!(said("c: ", "signature"), "{:?}", bound.warnings);
    }
}
