//! Scripts of a text (UAX #24): which characters are shaped together.

use unicode_bidi::{BidiDataSource, HardcodedBidiData};
use unicode_script::{Script, UnicodeScript};

/// Brackets nested deeper than this keep the script they stand in.
const BRACKETS: usize = 32;

/// Stretches of one script: where each ends, and its script.
pub(crate) type ScriptRuns = Vec<(usize, Script)>;

/// Resolves Common and Inherited characters by what stands before them, or by the first script where
/// nothing does (UAX #24 §5.2); a closing bracket gets its opening one's script (§5.1).
///
/// A text without any script is Latin: digits and signs then share plans with the text around.
pub(crate) fn script_runs(text: &str) -> ScriptRuns {
    let mut runs: ScriptRuns = Vec::new();
    let mut current: Option<Script> = None;
    let mut brackets: Vec<(char, Script)> = Vec::new();
    for (offset, character) in text.char_indices() {
        let mut script = own_script(character, current);
        if script.is_none()
            && may_be_bracket(character)
            && let Some(bracket) = HardcodedBidiData.bidi_matched_opening_bracket(character)
        {
            if bracket.is_open {
                if let Some(current) = current
                    && brackets.len() < BRACKETS
                {
                    brackets.push((bracket.opening, current));
                }
            } else if let Some(at) = brackets
                .iter()
                .rposition(|(open, _)| *open == bracket.opening)
            {
                script = Some(brackets[at].1);
                brackets.truncate(at);
            }
        }
        let Some(script) = script else { continue };
        match current {
            Some(known) if known == script => {}
            None => current = Some(script),
            Some(known) => {
                runs.push((offset, known));
                current = Some(script);
            }
        }
    }
    runs.push((text.len(), current.unwrap_or(Script::Latin)));
    runs
}

/// Leaves out most of what is no bracket before the tables are asked.
fn may_be_bracket(character: char) -> bool {
    matches!(character, '(' | ')' | '[' | ']' | '{' | '}') || character >= '\u{F00}'
}

/// A character's script, none where it takes that of its surroundings.
fn own_script(character: char, current: Option<Script>) -> Option<Script> {
    if character.is_ascii() {
        return character.is_ascii_alphabetic().then_some(Script::Latin);
    }
    let script = character.script();
    if !matches!(script, Script::Common | Script::Inherited) {
        return Some(script);
    }
    // Marks and punctuation of a few scripts, such as the danda and the Arabic comma.
    let extension = character.script_extension();
    if extension.is_common() || extension.is_inherited() {
        return None;
    }
    match current {
        Some(current) if extension.contains_script(current) => None,
        _ => extension.iter().next(),
    }
}

/// Scripts whose letters join: no space between them, and forms that depend on the neighbours.
pub(crate) fn is_cursive(script: Script) -> bool {
    matches!(
        script,
        Script::Arabic
            | Script::Syriac
            | Script::Mandaic
            | Script::Nko
            | Script::Mongolian
            | Script::Phags_Pa
            | Script::Adlam
            | Script::Hanifi_Rohingya
            | Script::Manichaean
            | Script::Psalter_Pahlavi
            | Script::Sogdian
    )
}
