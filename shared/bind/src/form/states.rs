//! Check boxes that are on, in a form without the font for their marks, as LibreOffice writes them.
//!
//! Readers that draw fields anew (`NeedAppearances`) show no mark in them. In the volume they would, when another
//! input's form brings the font.

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
        let Some(mut look) = look_of_marked(source, id) else {
            continue;
        };
        // The mark (ISO 32000-1 table 189).
        look.set("CA", Object::String(b" ".to_vec(), StringFormat::Literal));
        if let Some(widget) = dictionary_mut(source, id) {
            widget.set("MK", look);
        }
    }
}

/// What a widget says of its look, when it is a button that is on. Its appearances stay, and are what most
/// readers show.
fn look_of_marked(source: &Source, id: ObjectId) -> Option<Dictionary> {
    let widget = source.document.objects.get(&id)?.as_dict().ok()?;
    let state = source.get(widget, b"AS").as_name().ok()?;
    if state == b"Off" {
        return None;
    }
    let look = source.get(widget, b"MK").as_dict();
    Some(look.cloned().unwrap_or_default())
}
