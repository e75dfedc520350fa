//! Emoji presentation: whether a character is drawn in colours or as text (UTS #51 §1.4.3).

use crate::itemise::is_invisible;
use crate::select::Choice;
use icu_properties::CodePointSetData;
use icu_properties::props::{EmojiModifier, EmojiPresentation};

/// How a cluster asks to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presentation {
    /// In black and white.
    Text,
    /// In colours.
    Emoji,
}

/// What a cluster that begins with `base` asks for by a variation selector or a modifier of skin colour, or
/// by its nature; none where it is to be drawn as the first font has it (CSS Fonts 4 §6.12, `normal`).
pub(crate) fn presentation(cluster: &str, base: char) -> Option<Presentation> {
    const TEXT: char = '\u{FE0E}';
    const EMOJI: char = '\u{FE0F}';
    let emoji = CodePointSetData::new::<EmojiPresentation>();
    let modifier = CodePointSetData::new::<EmojiModifier>();
    if cluster.len() > base.len_utf8() {
        for character in cluster.chars().skip(1) {
            match character {
                TEXT => return Some(Presentation::Text),
                EMOJI => return Some(Presentation::Emoji),
                other if modifier.contains(other) => return Some(Presentation::Emoji),
                _ => {}
            }
        }
    }
    emoji.contains(base).then_some(Presentation::Emoji)
}

impl Presentation {
    /// The first face of this kind that has all of a cluster.
    pub(crate) fn choose<'a>(self, choices: &'a [Choice], cluster: &str) -> Option<&'a Choice> {
        choices.iter().find(|choice| {
            choice.face.colors == (self == Self::Emoji)
                && cluster.chars().all(|c| is_invisible(c) || choice.covers(c))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_outrank_the_nature_of_a_character() {
        let of = |cluster: &str| presentation(cluster, cluster.chars().next().unwrap_or(' '));
        let (text, emoji) = (Some(Presentation::Text), Some(Presentation::Emoji));
        assert_eq!(of("\u{1F600}"), emoji);
        assert_eq!(of("\u{1F600}\u{FE0E}"), text);
        assert_eq!(of("\u{2764}"), None);
        assert_eq!(of("\u{2764}\u{FE0F}"), emoji);
        assert_eq!(of("\u{261D}\u{1F3FD}"), emoji);
        assert_eq!(of("1\u{FE0F}\u{20E3}"), emoji);
        assert_eq!(of("\u{1F1E9}\u{1F1EA}"), emoji);
        assert_eq!((of("1"), of("e\u{301}")), (None, None));
    }
}
