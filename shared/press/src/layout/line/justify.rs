//! Justification: where a line's free width goes (CSS Text 3 §6.4).

use super::LineInput;
use super::visual::{Visual, VisualContent};
use crate::layout::lines::Context;
use fanfold_geometry::Px;
use fanfold_style::computed::TextJustify;

/// Whether justification widens what comes after `character`.
pub(crate) fn is_opportunity(character: char, justify: TextJustify) -> bool {
    match justify {
        TextJustify::None => false,
        TextJustify::InterCharacter => true,
        TextJustify::InterWord => is_separator(character),
        TextJustify::Auto => is_separator(character) || is_ideographic(character),
    }
}

fn is_separator(character: char) -> bool {
    matches!(character, ' ' | '\u{A0}')
}

/// Ideographs and kana, which are set without spaces.
fn is_ideographic(character: char) -> bool {
    matches!(
        character,
        '\u{2E80}'..='\u{2FDF}' | '\u{3001}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}'
            | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
            | '\u{FF00}'..='\u{FF60}' | '\u{20000}'..='\u{3FFFF}'
    )
}

/// Gives each opportunity on the line its share of `free`; false where there is none. What tab stops align stays
/// where it is (CSS Text 3 §6.4).
pub(super) fn justify(
    cx: &Context<'_>,
    input: &LineInput,
    visuals: &mut [Visual],
    free: Px,
) -> bool {
    let paragraph = &cx.shaped.paragraph;
    let justify = cx.style.text.justify;
    // After the line's last character there is nothing to be set apart, nor in what hangs there.
    let end = visuals.iter().map(|visual| visual.end).max().unwrap_or(0);
    let end = end.min(input.kept);
    let mut tabs = input.tabs.iter().rev();
    let last_tab = tabs.find(|(tab, _)| *tab < input.kept);
    let from = last_tab.map_or(0, |(tab, _)| tab + 1);
    let counts: Vec<usize> = visuals
        .iter()
        .map(|visual| {
            let VisualContent::Text(text) = &visual.content else {
                return 0;
            };
            let Some(run) = text.run.as_ref().filter(|_| visual.start >= from) else {
                return 0;
            };
            let starts = paragraph.cluster_starts(run.range.clone());
            let found = starts.filter(|start| {
                let next = paragraph.text[*start..].chars().next();
                let last = next.is_none_or(|next| start + next.len_utf8() >= end as usize);
                !last && next.is_some_and(|next| is_opportunity(next, justify))
            });
            found.count()
        })
        .collect();
    let total: usize = counts.iter().sum();
    if total == 0 {
        return false;
    }
    let each = free / total as f32;
    for (visual, count) in visuals.iter_mut().zip(counts) {
        if let VisualContent::Text(text) = &mut visual.content
            && count > 0
        {
            text.space = each;
            text.justify = justify;
            text.width += each * count as f32;
            visual.width = text.width;
        }
    }
    true
}
