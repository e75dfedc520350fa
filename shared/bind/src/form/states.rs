//! Check boxes in a state that they have no picture of, as LibreOffice writes them: `Yes`, where there are
//! `Off` and `on`.
//!
//! Their own file shows nothing in them. Readers that draw fields anew (`NeedAppearances`) would draw a mark
//! in the volume, though, when another input's form brings the font for it.

use super::dictionary_mut;
use crate::source::Source;
use lopdf::{Dictionary, Object, ObjectId, StringFormat};

/// The font that readers draw marks with (Acrobat's name for ZapfDingbats).
const MARKS: &[u8] = b"ZaDb";

/// Lets readers draw blanks where the input's form has no font for marks. `resources` are the form's.
pub(super) fn keep_blank(
    source: &mut Source,
    fields: &[ObjectId],
    resources: &[(Vec<u8>, Object)],
) {
    let has_marks = resources.iter().any(|(category, fonts)| {
        let fonts = source.resolve(fonts).as_dict();
        category == b"Font" && fonts.is_ok_and(|fonts| fonts.has(MARKS))
    });
    if has_marks {
        return;
    }
    for &id in fields {
        let Some(mut look) = look_of_unknown_state(source, id) else {
            continue;
        };
        // The mark (ISO 32000-1 table 189).
        look.set("CA", Object::String(b" ".to_vec(), StringFormat::Literal));
        if let Some(widget) = dictionary_mut(source, id) {
            widget.set("MK", look);
        }
    }
}

/// What a widget says of its look, when it is on in a way that it has no appearance for.
fn look_of_unknown_state(source: &Source, id: ObjectId) -> Option<Dictionary> {
    let widget = source.document.objects.get(&id)?.as_dict().ok()?;
    let state = source.get(widget, b"AS").as_name().ok()?;
    let appearances = source.get(widget, b"AP").as_dict().ok()?;
    let states = source.get(appearances, b"N").as_dict().ok()?;
    if state == b"Off" || !matches!(source.get(states, state), Object::Null) {
        return None;
    }
    let look = source.get(widget, b"MK").as_dict();
    Some(look.cloned().unwrap_or_default())
}
