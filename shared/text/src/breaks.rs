//! Break opportunities: UAX #14 as CSS Text 3 §5 tailors it, hyphens, and emergency breaks.

use crate::clusters::Clusters;
use crate::hyphenation;
use crate::paragraph::{Break, BreakKind, LineBreakRules, Span, Strictness};
use icu_segmenter::options::{LineBreakOptions, LineBreakStrictness, LineBreakWordOption};
use icu_segmenter::{LineSegmenter, LineSegmenterBorrowed};
use smallvec::SmallVec;
use std::ops::Range;

/// Finds all opportunities of `text`; each is where a cluster starts.
pub(crate) fn find(
    text: &str,
    spans: &[Span],
    ranges: &[Range<usize>],
    clusters: &Clusters,
) -> Vec<Break> {
    let mut breaks = Vec::new();
    let mut ways: SmallVec<[Way; 4]> = SmallVec::new();
    for span in spans {
        let way = Way::of(&span.rules);
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    if let &[way] = &ways[..] {
        segment(text, way, spans, &mut |offset, kind| {
            breaks.push(Break { offset, kind });
        });
    } else {
        // Each way is asked about the whole text, and believed where its spans are.
        for way in ways {
            let mut at = 0;
            segment(text, way, spans, &mut |offset, kind| {
                let span = span_before(ranges, offset, &mut at);
                if spans
                    .get(span)
                    .is_some_and(|span| Way::of(&span.rules) == way)
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

/// `word-break` and `line-break`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Way {
    wrap: Wrap,
    strictness: Strictness,
}

impl Way {
    fn of(rules: &LineBreakRules) -> Self {
        Self {
            wrap: Wrap::of(rules),
            strictness: rules.strictness,
        }
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
fn segment(text: &str, way: Way, spans: &[Span], found: &mut impl FnMut(usize, BreakKind)) {
    let usual = way.wrap == Wrap::Normal && way.strictness != Strictness::Anywhere;
    if usual && is_plain(text) {
        return segment_plain(text, found);
    }
    let mut last = 0;
    for offset in segmenter(text, way, spans).segment_str(text) {
        for (slash, _) in text[last..offset].match_indices('/') {
            let after = last + slash + 1;
            if after < offset && divides(text, after) {
                found(after, BreakKind::Soft);
            }
        }
        if 0 < offset && offset < text.len() {
            found(offset, kind(&text[..offset]));
        }
        last = offset;
    }
}

/// Whether the slash that ends at `after` parts a number from what is none, as in `INV/2026`. LB25 keeps it in
/// numbers alone since Unicode 16, the segmenter before all of them.
fn divides(text: &str, after: usize) -> bool {
    if !text[after..].starts_with(|next: char| next.is_ascii_digit()) {
        return false;
    }
    let before = text[..after].trim_end_matches(['/', '.', ',', ':', ';']);
    !before.ends_with(char::is_numeric)
}

/// Letters, digits, spaces, and infix separators that follow neither a space nor nothing.
pub(crate) fn is_plain(text: &str) -> bool {
    let mut before = b' ';
    text.bytes().all(|byte| {
        let plain = match byte {
            b' ' => true,
            b'.' | b',' | b':' | b';' => before != b' ',
            _ => byte.is_ascii_alphanumeric(),
        };
        before = byte;
        plain
    })
}

/// UAX #14 for plain text: after spaces, and nowhere else (LB 13, LB 18, LB 23, LB 25, LB 28, LB 29).
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

fn segmenter(text: &str, way: Way, spans: &[Span]) -> LineSegmenterBorrowed<'static> {
    let mut options = LineBreakOptions::default();
    options.strictness = Some(match way.strictness {
        Strictness::Loose => LineBreakStrictness::Loose,
        Strictness::Normal => LineBreakStrictness::Normal,
        Strictness::Strict => LineBreakStrictness::Strict,
        Strictness::Anywhere => LineBreakStrictness::Anywhere,
    });
    options.word_option = Some(match way.wrap {
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
    if rules.nowrap {
        return;
    }
    if span.atomic.is_some() {
        // Not even a no-break space keeps a line from breaking beside an atomic (CSS Text 3 §5.1).
        let before = text[..range.start].ends_with('\u{A0}');
        let after = text[range.end..].starts_with('\u{A0}');
        let beside = [(before, range.start), (after, range.end)];
        breaks.extend(
            beside
                .into_iter()
                .filter(|(is, _)| *is)
                .map(|(_, offset)| Break {
                    offset,
                    kind: BreakKind::Soft,
                }),
        );
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
        let language = span.language.as_deref();
        hyphenation::find(
            &text[range.clone()],
            language,
            rules.hyphen_limits,
            |offset| {
                breaks.push(Break {
                    offset: range.start + offset,
                    kind: BreakKind::Hyphen,
                });
            },
        );
    }
    if rules.emergency || rules.anywhere {
        let bytes = text.as_bytes();
        let inside = clusters.within(range).filter(|&offset| {
            // Before a space there is nothing to gain: it hangs.
            offset > 0 && bytes[offset] != b' '
        });
        breaks.extend(inside.map(|offset| Break {
            offset,
            kind: BreakKind::Emergency,
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_breaks_as_all_text_does() {
        let way = Way::of(&LineBreakRules::default());
        let pieces = ["a", "Z", "1", "9", " ", ".", ",", ":", ";"];
        let count = pieces.len();
        // All texts of five pieces.
        for number in 0..count.pow(5) {
            let text: String = (0..5)
                .map(|place| pieces[number / count.pow(place) % count])
                .collect();
            if !is_plain(&text) {
                continue;
            }
            let mut plain = Vec::new();
            segment_plain(&text, &mut |offset, _| plain.push(offset));
            let segmenter = segmenter(&text, way, &[]);
            let all: Vec<usize> = segmenter
                .segment_str(&text)
                .filter(|&offset| 0 < offset && offset < text.len())
                .collect();
            assert_eq!(plain, all, "{text:?}");
        }
    }
}
