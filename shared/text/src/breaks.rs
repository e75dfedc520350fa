//! Break opportunities: UAX #14 as CSS Text 3 §5 tailors it, hyphens, and emergency breaks.

use crate::clusters::Clusters;
use crate::hyphenation;
use crate::paragraph::{Break, BreakKind, LineBreakRules, Span};
use icu_segmenter::options::{LineBreakOptions, LineBreakStrictness, LineBreakWordOption};
use icu_segmenter::{LineSegmenter, LineSegmenterBorrowed};
use std::ops::Range;

/// Finds all opportunities of `text`; each is where a cluster starts.
pub(crate) fn find(
    text: &str,
    spans: &[Span],
    ranges: &[Range<usize>],
    clusters: &Clusters,
) -> Vec<Break> {
    let mut breaks = Vec::new();
    let mut wraps = spans.iter().map(|span| Wrap::of(&span.rules));
    let first = wraps.next().unwrap_or(Wrap::Normal);
    if wraps.all(|wrap| wrap == first) {
        segment(text, first, spans, &mut |offset, kind| {
            breaks.push(Break { offset, kind });
        });
    } else {
        // Each way of wrapping is asked about the whole text, and believed where its spans are.
        for wrap in [Wrap::Normal, Wrap::BreakAll, Wrap::KeepAll] {
            let mut at = 0;
            segment(text, wrap, spans, &mut |offset, kind| {
                let span = span_before(ranges, offset, &mut at);
                if spans
                    .get(span)
                    .is_some_and(|span| Wrap::of(&span.rules) == wrap)
                {
                    breaks.push(Break { offset, kind });
                }
            });
        }
        breaks.sort_by_key(|found| found.offset);
    }
    let ruled = spans
        .iter()
        .any(|span| span.rules != LineBreakRules::default());
    if ruled {
        forbid(&mut breaks, spans, ranges);
    }
    let simple = breaks.len();
    for (span, range) in spans.iter().zip(ranges) {
        add_optional(text, span, range.clone(), clusters, &mut breaks);
    }
    if breaks.len() != simple {
        breaks.sort_by_key(|found| (found.offset, rank(found.kind)));
        breaks.dedup_by_key(|found| found.offset);
    }
    breaks.retain(|found| {
        found.offset < text.len()
            && (found.kind == BreakKind::Mandatory
                || clusters.start_of(found.offset) == Some(found.offset))
    });
    breaks
}

/// Which opportunity stays where two meet: the least.
fn rank(kind: BreakKind) -> u8 {
    match kind {
        BreakKind::Mandatory => 0,
        BreakKind::Soft => 1,
        BreakKind::Hyphen => 2,
        BreakKind::Emergency => 3,
    }
}

/// `word-break`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrap {
    Normal,
    BreakAll,
    KeepAll,
}

impl Wrap {
    fn of(rules: &LineBreakRules) -> Self {
        match rules {
            LineBreakRules {
                break_all: true, ..
            } => Self::BreakAll,
            LineBreakRules { keep_all: true, .. } => Self::KeepAll,
            _ => Self::Normal,
        }
    }
}

/// Calls `found` for each opportunity of UAX #14, in order.
fn segment(text: &str, wrap: Wrap, spans: &[Span], found: &mut impl FnMut(usize, BreakKind)) {
    if wrap == Wrap::Normal && is_plain(text) {
        return segment_plain(text, found);
    }
    for offset in segmenter(text, wrap, spans).segment_str(text) {
        if 0 < offset && offset < text.len() {
            found(offset, kind(&text[..offset]));
        }
    }
}

/// Letters, digits, spaces and a few signs that never let a line break beside a letter.
fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b' ')
}

/// UAX #14 for plain text: after spaces, and nowhere else (LB 18, LB 23, LB 28).
fn segment_plain(text: &str, found: &mut impl FnMut(usize, BreakKind)) {
    let bytes = text.as_bytes();
    for (at, pair) in bytes.windows(2).enumerate() {
        if pair[0] == b' ' && pair[1] != b' ' {
            found(at + 1, BreakKind::Soft);
        }
    }
}

/// What kind of break stands after `before`.
fn kind(before: &str) -> BreakKind {
    match before.chars().next_back() {
        Some('\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}') => {
            BreakKind::Mandatory
        }
        Some('\u{AD}') => BreakKind::Hyphen,
        _ => BreakKind::Soft,
    }
}

fn segmenter(text: &str, wrap: Wrap, spans: &[Span]) -> LineSegmenterBorrowed<'static> {
    let mut options = LineBreakOptions::default();
    options.strictness = Some(LineBreakStrictness::Normal);
    options.word_option = Some(match wrap {
        Wrap::Normal => LineBreakWordOption::Normal,
        Wrap::BreakAll => LineBreakWordOption::BreakAll,
        Wrap::KeepAll => LineBreakWordOption::KeepAll,
    });
    let language = spans.iter().find_map(|span| span.language.as_deref());
    let locale = language.and_then(|language| {
        let primary = language.split(['-', '_']).next().unwrap_or_default();
        matches!(primary, "ja" | "zh")
            .then(|| primary.parse().ok())
            .flatten()
    });
    options.content_locale = locale.as_ref();
    if text.chars().any(needs_dictionary) {
        LineSegmenter::new_dictionary(options)
    } else {
        LineSegmenter::new_for_non_complex_scripts(options)
    }
}

/// Scripts written without spaces, whose words are in dictionaries: Thai, Lao, Myanmar, Khmer.
fn needs_dictionary(character: char) -> bool {
    matches!(
        character,
        '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
            | '\u{19E0}'..='\u{19FF}' | '\u{A9E0}'..='\u{A9FF}' | '\u{AA60}'..='\u{AA7F}'
    )
}

/// The span that holds the character before `offset`; `at` is where the last answer was.
fn span_before(ranges: &[Range<usize>], offset: usize, at: &mut usize) -> usize {
    while *at + 1 < ranges.len() && ranges[*at].end < offset {
        *at += 1;
    }
    *at
}

/// Takes away what the spans forbid. Between two spans the one that allows more has its way: their
/// parent's `white-space` is what counts (CSS Text 3 §5.1), and it allows at least as much as that of a
/// child that forbids wrapping.
fn forbid(breaks: &mut Vec<Break>, spans: &[Span], ranges: &[Range<usize>]) {
    let mut at = 0;
    breaks.retain(|found| {
        let before = span_before(ranges, found.offset, &mut at);
        let rules = |span: usize| spans.get(span).map(|span| span.rules).unwrap_or_default();
        let after = (before..ranges.len()).find(|&next| ranges[next].end > found.offset);
        match found.kind {
            BreakKind::Mandatory => true,
            BreakKind::Hyphen => !rules(before).nowrap && !rules(before).no_soft_hyphens,
            _ => !rules(before).nowrap || !rules(after.unwrap_or(before)).nowrap,
        }
    });
}

/// Adds what the span's rules allow beyond UAX #14.
fn add_optional(
    text: &str,
    span: &Span,
    range: Range<usize>,
    clusters: &Clusters,
    breaks: &mut Vec<Break>,
) {
    let rules = span.rules;
    if rules.nowrap || span.atomic.is_some() {
        return;
    }
    if rules.break_spaces {
        let spaces = text[range.clone()].match_indices(' ');
        breaks.extend(spaces.map(|(at, _)| Break {
            offset: range.start + at + 1,
            kind: BreakKind::Soft,
        }));
    }
    if rules.hyphenate {
        hyphenation::find(&text[range.clone()], span.language.as_deref(), |offset| {
            breaks.push(Break {
                offset: range.start + offset,
                kind: BreakKind::Hyphen,
            });
        });
    }
    if rules.emergency || rules.anywhere {
        let bytes = text.as_bytes();
        let inside = clusters.within(range).filter(|&offset| {
            // Before and after a space there is nothing to gain: it hangs.
            offset > 0 && bytes[offset] != b' ' && bytes[offset - 1] != b' '
        });
        breaks.extend(inside.map(|offset| Break {
            offset,
            kind: BreakKind::Emergency,
        }));
    }
}
