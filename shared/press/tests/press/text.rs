//! Lines: first lines and letters, leaders, tabs, hyphens, case, alignment, and time.

use crate::read::{Document, draw, print};

const PAGE: &str = "<style>@page{size:400px 600px;margin:0} body{margin:0;font:20px/30px \
                    'Liberation Mono'} p,pre,ol{margin:0}</style>";

/// Advance of every character of the fixture's font.
const ADVANCE: f32 = 12.002;
/// The height of lower case in it by that of capitals.
const SMALL_CAPITAL: f32 = 1082.0 / 1349.0;

fn document(html: &str) -> Option<Document> {
    print(&format!("{PAGE}{html}"))
}

/// The words as they are read, line by line.
fn lines(document: &Document) -> Vec<String> {
    let mut words: Vec<_> = document.words.iter().collect();
    words.sort_by(|a, b| (a.page, a.y).partial_cmp(&(b.page, b.y)).expect("finite"));
    words
        .chunk_by(|a, b| a.page == b.page && (a.y - b.y).abs() < 5.0)
        .map(|line| {
            let mut line = line.to_vec();
            line.sort_by(|a, b| a.x.total_cmp(&b.x));
            let texts: Vec<&str> = line.iter().map(|word| word.text.as_str()).collect();
            texts.join(" ")
        })
        .collect()
}

#[track_caller]
fn assert_lines(html: &str, expected: &[&str]) {
    if let Some(document) = document(html) {
        assert_eq!(lines(&document), expected, "{html}");
    }
}

#[track_caller]
fn assert_x(html: &str, word: &str, expected: f32) {
    if let Some(document) = document(html) {
        let x = document.only(word).x;
        assert!(
            (x - expected).abs() < 0.6,
            "{word} at {x}, expected {expected}: {html}"
        );
    }
}

#[test]
fn only_the_first_line_changes_case() {
    assert_lines(
        "<style>p::first-line{text-transform:uppercase}</style>\
         <p style='width:130px'>one two <b>three</b> four straße</p>",
        &["ONE TWO", "three four", "straße"],
    );
    // The first line of a block is that of its first block.
    assert_lines(
        "<style>div::first-line{text-transform:uppercase}</style><div><p>one</p><p>two</p></div>",
        &["ONE", "two"],
    );
}

#[test]
fn closed_details_hide_their_text_too() {
    let content = "<summary>Sum</summary>bare<p>block</p>";
    assert_lines(&format!("<details>{content}</details>"), &["▸ Sum"]);
    assert_lines(
        &format!("<details open>{content}</details>"),
        &["▾ Sum", "bare", "block"],
    );
}

#[test]
fn a_larger_first_line_takes_fewer_words() {
    assert_lines(
        "<style>p::first-line{font-size:40px}</style><p style='width:150px'>aa bb cc dd ee</p>",
        &["aa bb", "cc dd ee"],
    );
}

#[test]
fn the_first_letter_takes_its_punctuation_and_may_float() {
    assert_x(
        "<style>p::first-letter{margin-right:50px}</style><p><i>“Ab</i>c</p>",
        "bc",
        2.0 * ADVANCE + 50.0,
    );
    assert_x(
        "<style>p::first-letter{float:left;width:80px}</style><p>Abc</p>",
        "bc",
        80.0,
    );
}

#[test]
fn leaders_fill_their_line() {
    let html = "<style>p::after{content:leader('.') '12'}</style><p style='width:360px'>abc</p>";
    assert_x(html, "abc", 0.0);
    let Some(document) = document(html) else {
        return;
    };
    let dots = document
        .words
        .iter()
        .map(|word| word.text.matches('.').count());
    assert_eq!(dots.sum::<usize>(), 24, "{:?}", document.words);
}

#[test]
fn tabs_count_the_spaces_of_their_block_and_stay_in_place() {
    let inline = "display:inline-block;white-space:pre-wrap;padding-right:10px";
    assert_x(
        "<pre style='tab-size:4'><small style='font-size:50%'>&#9;x</small></pre>",
        "x",
        4.0 * ADVANCE,
    );
    // A box is as wide as its tabs make it: they hang only where they do not fit.
    assert_x(
        &format!("<b style='{inline};tab-size:4'>a&#9;b</b>x"),
        "x",
        5.0 * ADVANCE + 10.0,
    );
    assert_x(
        &format!("<b style='{inline};tab-size:40px'>a &#9; &#9;</b>x"),
        "x",
        80.0 + 10.0,
    );
    // Justified lines keep what tab stops align.
    let html = "<pre style='white-space:pre-wrap;text-align:justify;width:200px'>a b&#9;c d efghijklm</pre>";
    assert_x(html, "b", 2.0 * ADVANCE);
    assert_x(html, "c", 8.0 * ADVANCE);
    assert_x(html, "d", 200.0 - ADVANCE);
}

#[test]
fn spaces_of_every_kind_hang_together() {
    for spaces in ["\u{3000}\u{3000}", "\u{2003} \u{2003}", "\u{3000} \u{2009}"] {
        assert_x(
            &format!("<b style='display:inline-block;padding-right:10px'>ab{spaces}</b>x"),
            "x",
            2.0 * ADVANCE + 10.0,
        );
        assert_lines(
            &format!("<div style='width:{}px'>ab{spaces}cd</div>", 3.5 * ADVANCE),
            &["ab", "cd"],
        );
    }
}

#[test]
fn tabs_go_to_the_next_stop() {
    assert_x("<pre>ab&#9;x</pre>", "x", 8.0 * ADVANCE);
    assert_x(
        "<pre style='tab-size:4'>abcde&#9;x</pre>",
        "x",
        8.0 * ADVANCE,
    );
    assert_x("<pre style='tab-size:50px'>abcdef&#9;x</pre>", "x", 100.0);
}

#[test]
fn hyphenation_obeys_its_limits() {
    let word =
        |css: &str| format!("<p lang=en-US style=\"hyphens:auto;width:90px;{css}\">extensive</p>");
    assert_lines(&word(""), &["exten‐", "sive"]);
    assert_lines(&word("hyphenate-character:'='"), &["exten=", "sive"]);
    assert_lines(&word("hyphenate-limit-chars:10"), &["extensive"]);
    assert_lines(&word("hyphenate-limit-chars:5 2 7"), &["ex‐", "tensive"]);
    assert_lines(
        "<p lang=en-US style='hyphens:auto;width:130px;hyphenate-limit-zone:80%'>aaa extensive</p>",
        &["aaa", "extensive"],
    );
}

#[test]
fn case_follows_the_language() {
    for (language, css, text, expected) in [
        ("tr", "uppercase", "izmir", "İZMİR"),
        ("el", "uppercase", "θεϊκό", "ΘΕΪΚΟ"),
        ("nl", "capitalize", "ijsland", "IJsland"),
        ("en", "capitalize", "jean-luc d’arc", "Jean-Luc D’arc"),
        ("en", "full-width", "a1", "ａ１"),
    ] {
        let html = format!("<p lang={language} style='text-transform:{css}'>{text}</p>");
        assert_lines(&html, &[expected]);
    }
}

#[test]
fn small_capitals_are_made_where_the_font_has_none() {
    // Lower case is drawn in capitals as high as itself; the text is still what was written.
    assert_x(
        "<p><span style='font-variant:small-caps'>Abcd</span> x</p>",
        "x",
        (1.0 + 3.0 * SMALL_CAPITAL + 1.0) * ADVANCE,
    );
}

#[test]
fn indents_hang_and_repeat() {
    let html =
        |css: &str| format!("<p style='width:100px;text-indent:{css}'>aa bb cc dd<br>ee</p>");
    for (css, first, second, third) in [
        ("40px", 40.0, 0.0, 0.0),
        ("40px hanging", 0.0, 40.0, 40.0),
        ("40px each-line", 40.0, 0.0, 40.0),
    ] {
        assert_x(&html(css), "aa", first);
        let Some(document) = document(&html(css)) else {
            return;
        };
        let starts: Vec<f32> = lines_starts(&document);
        assert!((starts[1] - second).abs() < 0.6, "{css}: {starts:?}");
        let last = starts[starts.len() - 1];
        assert!((last - third).abs() < 0.6, "{css}: {starts:?}");
    }
}

#[test]
fn preserved_spaces_hang_at_a_soft_break_and_have_their_room_elsewhere() {
    let right =
        |text: &str| format!("<p style='white-space:pre-wrap;width:84px;text-align:right'>{text}");
    assert_x(&right("abcd    ef"), "abcd", 84.0 - 4.0 * ADVANCE);
    assert_x(&right("ab   \ncd"), "ab", 84.0 - 5.0 * ADVANCE);
    assert_x(&right("cd\nab   "), "ab", 84.0 - 5.0 * ADVANCE);
    // As much of them hangs as does not fit.
    assert_x(&right("ab        \ncd"), "ab", 84.0 - 7.0 * ADVANCE);
    let rtl = "<p dir=rtl style='white-space:pre-wrap;width:60px'>\u{5d0}\u{5d1}    \u{5d2}\u{5d3}";
    assert_x(rtl, "\u{5d1}\u{5d0}", 60.0 - 2.0 * ADVANCE);
    assert_x(
        "<p style='white-space:pre-wrap;float:left'>ab   </p><p>cd",
        "cd",
        5.0 * ADVANCE,
    );
    assert_x(
        "<p style='white-space:pre-wrap;width:84px;text-align:justify'>ab cd    ef",
        "cd",
        84.0 - 2.0 * ADVANCE,
    );
    // They are in their inline box all the same.
    let html = format!(
        "{PAGE}<p style='white-space:pre-wrap;width:60px'><span style='background:blue'>abcd    ef"
    );
    let Some(picture) = draw(&html) else { return };
    assert_eq!(picture.at(94, 15), [0, 0, 255]);
    assert_eq!(picture.at(98, 15), [255, 255, 255]);
}

fn lines_starts(document: &Document) -> Vec<f32> {
    let mut words: Vec<_> = document.words.iter().collect();
    words.sort_by(|a, b| a.y.total_cmp(&b.y));
    let lines = words.chunk_by(|a, b| (a.y - b.y).abs() < 5.0);
    lines
        .map(|line| line.iter().map(|word| word.x).fold(f32::INFINITY, f32::min))
        .collect()
}

#[test]
fn what_is_too_wide_ends_with_an_ellipsis() {
    let html = |css: &str| {
        format!(
            "<p style=\"width:100px;white-space:nowrap;overflow:hidden;{css}\">abcdefghijkl</p>"
        )
    };
    assert_lines(&html("text-overflow:ellipsis"), &["abcdefg…"]);
    assert_lines(&html("text-overflow:'!!'"), &["abcdef!!"]);
    assert_lines(&html(""), &["abcdefghijkl"]);
    assert_lines(
        "<div style='line-clamp:2;width:62px'><p>aa bb</p><p>cc dd</p><p>ee</p></div>",
        &["aa bb", "cc d…"],
    );
}

#[test]
fn cloned_decorations_take_room_on_each_line() {
    let html = |css: &str| {
        format!("<p style='width:100px'><span style='padding:0 25px;{css}'>aa bb</span></p>")
    };
    assert_x(&html("box-decoration-break:clone"), "bb", 25.0);
    assert_x(&html(""), "bb", 0.0);
}

#[test]
fn an_empty_inline_box_with_edges_takes_room() {
    assert_x("<p><span style='padding:0 10px'></span>x</p>", "x", 20.0);
}

#[test]
fn floats_after_all_text_are_kept() {
    assert_x(
        "<p>a<span style='float:right;width:50px'>zz</span></p>",
        "zz",
        350.0,
    );
}

#[test]
fn lists_count_backwards_and_in_any_style() {
    for (html, expected) in [
        ("<ol reversed><li>a<li>b</ol>", ["2. a", "1. b"]),
        (
            "<ol reversed><li>a<li hidden>x</li><div style='counter-increment:list-item -2'></div><li>b</ol>",
            ["4. a", "1. b"],
        ),
        (
            "<style>p{counter-increment:x -1}p::after{content:counters(x,'.')}</style><div style='counter-reset:x 9'><div style='counter-reset:reversed(x)'><p>a</div><p>b</div>",
            ["a9.1", "b8"],
        ),
        (
            "<ol reversed style='counter-reset:none'><li>a<li>b</ol>",
            ["2. a", "1. b"],
        ),
        (
            "<ol reversed start=8 style='counter-reset:other'><li>a<li>b</ol>",
            ["8. a", "7. b"],
        ),
        (
            "<ol style='list-style:symbols(\"+\" \"-\")'><li>a<li>b</ol>",
            ["+ a", "- b"],
        ),
        (
            "<ol style='list-style:upper-roman' start=4><li>a<li>b</ol>",
            ["IV. a", "V. b"],
        ),
        (
            "<ul style='counter-reset:reversed(list-item)'><li style='list-style:decimal'>a<li style='list-style:decimal'>b</ul>",
            ["2. a", "1. b"],
        ),
        (
            "<style>p{counter-increment:x -2}p::before{content:counter(x)' '}</style><div style='counter-reset:reversed(x)'><p>a<p>b</div>",
            ["4 a", "2 b"],
        ),
        (
            "<style>p{counter-increment:x -1}p::before{content:counter(x)' '}div::before{counter-reset:reversed(x);content:''}</style><div><p>a<p>b</div>",
            ["2 a", "1 b"],
        ),
        (
            "<style>p{counter-increment:x -2}p::before{content:counter(x)' '}</style><div style='counter-reset:reversed(x) 9'><p>a<p>b</div>",
            ["7 a", "5 b"],
        ),
        (
            "<ol style='counter-reset:reversed(list-item) 5'><li>a<li>b</ol>",
            ["4. a", "3. b"],
        ),
        (
            "<ol style='counter-reset:reversed(list-item)'><li>a<li style='counter-set:list-item 10'>b</ol>",
            ["11. a", "10. b"],
        ),
    ] {
        assert_lines(
            &format!("<div style='margin-left:100px'>{html}</div>"),
            &expected,
        );
    }
}

#[test]
fn a_soft_hyphen_after_a_space_divides_where_its_hyphen_fits() {
    let text = "aaa &shy;bbbbbbbb";
    for (width, expected) in [
        ("30px", ["aaa -", "bbbbbbbb"]),
        ("20px", ["aaa", "bbbbbbbb"]),
    ] {
        let html = format!(
            "<p style='width:{width};font:10px monospace;hyphenate-character:\"-\"'>{text}"
        );
        assert_lines(&html, &expected);
    }
}

#[test]
fn balanced_lines_are_about_as_long() {
    let text = "aaaa bbbb cccc dddd eeee";
    for (style, expected) in [
        ("text-wrap:wrap", &["aaaa bbbb cccc dddd", "eeee"][..]),
        ("text-wrap:balance", &["aaaa bbbb cccc", "dddd eeee"]),
        (
            "text-wrap:wrap balance;text-indent:50px",
            &["aaaa bbbb", "cccc dddd eeee"],
        ),
        ("text-wrap:balance nowrap", &["aaaa bbbb cccc dddd eeee"]),
        (
            "text-wrap-style:balance;width:170px",
            &["aaaa bbbb cccc dddd eeee"],
        ),
    ] {
        assert_lines(
            &format!("<p style='width:130px;font:10px monospace;{style}'>{text}</p>"),
            expected,
        );
    }
    // Forced breaks stay where they are, and floats have what is beside them.
    for other in [
        "<p style='width:130px;font:10px monospace;text-wrap:balance'>aaaa bbbb cccc dddd<br>eeee</p>",
        "<i style='float:left;width:40px;height:9px'></i><p style='width:170px;font:10px monospace;text-wrap:balance'>aaaa bbbb cccc dddd eeee</p>",
    ] {
        assert_lines(other, &["aaaa bbbb cccc dddd", "eeee"]);
    }
}

#[test]
fn overflow_wrap_breaks_before_what_follows_a_space() {
    assert_lines(
        "<p style='width:90px;overflow-wrap:anywhere'>abcde, .efgh</p>",
        &["abcde,", ".efgh"],
    );
}

#[test]
fn a_line_of_many_spans_is_drawn() {
    // In quadratic time this would take a minute.
    let spans: String = (0..10_000)
        .map(|index| format!("<span style='color:#{:03x}'>w{index}</span> ", index % 4096))
        .collect();
    let Some(document) = document(&format!("<p style='white-space:nowrap'>{spans}</p>")) else {
        return;
    };
    document.only("w0");
}

#[test]
fn normal_lines_are_as_high_as_the_font() {
    // Liberation Serif: 0.891 + 0.216 of the size, without its line gap.
    let Some(document) = document("<p style='font:100px Liberation Serif'>a<br>b</p>") else {
        return;
    };
    let between = document.only("b").y - document.only("a").y;
    assert!((between - 110.74).abs() < 0.2, "{between}");
}

#[test]
fn keyword_sizes_follow_the_table() {
    // From 20 px: the keywords beside are 19.2 px and 24 px.
    for (css, size) in [("small", 14.222), ("smaller", 19.2), ("larger", 24.0)] {
        let html = format!("<p><span style='font-size:{css}'>aaaaaaaaaa</span> b</p>");
        assert_x(&html, "b", 6.001 * size + ADVANCE);
    }
}

#[test]
fn ch_and_ex_are_measured_by_the_font() {
    // A zero of Liberation Mono is 0.6 em wide: ten of them hold ten characters and no more.
    let Some(document) = print(
        "<style>body{margin:0;font:20px monospace}p{width:10ch;margin:0}</style>\
         <p>abcde fghi</p><p>klmno pqrst</p>",
    ) else {
        return;
    };
    assert_eq!(document.only("abcde").y, document.only("fghi").y);
    assert!(document.only("pqrst").y > document.only("klmno").y);
}

#[test]
fn form_controls_show_what_they_hold() {
    let html = "<input value=typed><input type=hidden value=hidden><input placeholder=hint>\
                <input type=submit><button>Push</button><select><option>One<option selected>Two</select>\
                <textarea>Area</textarea><input type=password value=secret>";
    let Some(document) = print(html) else { return };
    let mut words: Vec<&str> = document
        .words
        .iter()
        .map(|word| word.text.as_str())
        .collect();
    words.sort_unstable();
    assert_eq!(words, ["Area", "Push", "Submit", "Two", "hint", "typed"]);
}

#[test]
fn faded_inline_boxes_are_blended_each_as_one() {
    let html = String::from(
        "<style>@page{margin:0}body{margin:0;font:20px/20px monospace}p{margin:0;white-space:nowrap}</style>\
         <p><b style='opacity:.5;background:#f00'>&nbsp;&nbsp;\
         <b style='opacity:.5;background:#00f'>&nbsp;&nbsp;</b></b>",
    );
    let Some(picture) = draw(&html) else { return };
    let near = |x: usize, expected: [u8; 3]| {
        let found = picture.at(x, 10);
        let same = found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 2);
        assert!(same, "{found:?} at {x}");
    };
    near(6, [255, 127, 127]);
    near(40, [191, 127, 191]);
}

#[test]
fn text_shadows_are_drawn_and_not_text() {
    let html = "<style>@page{size:200px;margin:0}p{font:50px/1 monospace;margin:0;color:blue;text-shadow:100px 0 red,0 100px 5px lime}</style><p>\u{2588}";
    if let Some(document) = print(html) {
        assert_eq!(document.words.len(), 1, "{:?}", document.words);
    }
    let Some(picture) = draw(html) else {
        return;
    };
    assert_eq!(picture.at(15, 25), [0, 0, 255]);
    assert_eq!(picture.at(115, 25), [255, 0, 0]);
    let [r, g, b] = picture.at(15, 125);
    assert!(g > 250 && r < 60 && b < 60, "{r} {g} {b}");
}

#[test]
fn counters_at_other_places_are_known() {
    let html = "<style>@page{size:200px;margin:0}h1{counter-increment:part;break-before:page}\
                a::after{content:target-counter(attr(href),part,upper-roman)' p'target-counter(attr(href),page)}</style>\
                <a href='#b'></a><h1 id=a>one</h1><h1 id=b>two</h1>";
    let Some(document) = print(html) else {
        return;
    };
    assert_eq!(document.only("II").page, 1);
    assert_eq!(document.only("p3").page, 1);
    assert_lines(
        "<style>section{counter-reset:n} h1{counter-increment:n;font-size:20px;margin:0} \
         a::after{content:target-counters(attr(href), n, '.') ' ' target-counters('#x', n, '-', lower-alpha)}\
         i::after{content:'(' target-counters('#none', n, '.') counter(n, none) ')'}</style>\
         <section><h1>a</h1><h1>b</h1><section><h1>c</h1><section><h1>d</h1><h1 id=x>e</h1></section></section>\
         </section><a href='#x'></a> <i></i>",
        &["a", "b", "c", "d", "e", "2.1.2 b-a-b ()"],
    );
}

#[test]
fn names_alone_in_a_block_are_found() {
    for target in [
        "<div><a name=t></a></div>",
        "<div><b><a id=t></a></b> </div>",
        "<p>b</p><a name=t></a>",
        "<table><td><a name=t></a></table>",
    ] {
        let html = format!(
            "<style>a::after{{content:target-counter(attr(href),page)}}</style><a href='#t'>p</a>\
             <p style='break-before:page'>a</p>{target}"
        );
        let Some(document) = print(&html) else { return };
        assert_eq!(document.only("p2").page, 1, "{target}");
    }
}

#[test]
fn what_is_not_drawn_makes_no_line_higher() {
    let Some(plain) = print(&format!("{PAGE}<p>a<p>b")) else {
        return;
    };
    let html = format!("{PAGE}<p>a<span>&#x2060;</span><span>&#x200f;</span><p>b");
    let Some(document) = print(&html) else { return };
    assert_eq!(document.only("b").y, plain.only("b").y);
}

#[test]
fn the_end_of_an_isolate_behind_a_forced_break_makes_no_line() {
    let Some(plain) = print(&format!("{PAGE}<p>a<p>b")) else {
        return;
    };
    for inside in [
        "<dd style='display:inline;margin-left:9px'>a<br></dd> ",
        "<bdi>a<span style='white-space:pre'>\n</span></bdi>",
        "<span style='direction:rtl;unicode-bidi:embed'>a<br></span>",
    ] {
        let html = format!("{PAGE}<p>{inside}<p>b");
        let Some(document) = print(&html) else { return };
        assert_eq!(document.only("b").y, plain.only("b").y, "{inside}");
    }
}

#[test]
fn a_block_overrides_the_order_of_its_text() {
    for html in [
        "<p style='direction:rtl;unicode-bidi:bidi-override'>cba</p>",
        "<div style='direction:rtl;unicode-bidi:isolate-override'>cba<p>p</div>",
        "<table><td style='direction:rtl;unicode-bidi:bidi-override'>c<b>ba</b></table>",
    ] {
        let Some(document) = document(html) else {
            return;
        };
        let mut letters = document.words.iter().map(|word| &*word.text);
        assert!(letters.any(|word| word == "abc"), "{html}");
    }
    let html = "<p style='unicode-bidi:bidi-override'>א<i style='padding:0 40px'>ב</i>ג</p>";
    let Some(document) = document(html) else {
        return;
    };
    let place = |letter: &str| document.only(letter).x;
    assert!(place("א") < place("ב") && place("ב") < place("ג"));
}

#[test]
fn quotation_marks_belong_to_the_text_around() {
    let html = "<p lang=en>e <q lang=de>d <q lang=fr>f <q>g</q></q></q>";
    let Some(document) = print(html) else { return };
    let words: Vec<&str> = document.words.iter().map(|word| &*word.text).collect();
    assert_eq!(words, ["e", "“d", "‚f", "«g»‘”"]);
}

#[test]
fn a_text_says_its_direction() {
    for (html, left) in [
        ("<p dir=auto>x אב</p>", true),
        ("<p dir=auto>12 <b dir=ltr>c</b> אב x</p>", false),
        ("<p dir=auto>12</p><p>x</p>", true),
        ("<p dir=auto><b dir=no>אב</b> x</p>", false),
        (
            "<p dir=rtl><bdi dir=no style='display:block'>x</bdi></p>",
            true,
        ),
        ("<input dir=auto value='אב x' style='width:300px'>", false),
        (
            "<p style='unicode-bidi:plaintext;white-space:pre'>אב\nx</p>",
            true,
        ),
    ] {
        let Some(document) = document(html) else {
            return;
        };
        let word = document
            .words
            .iter()
            .find(|word| word.text.ends_with('x') || word.text.starts_with('x'));
        let x = word.expect("it is there").x;
        assert_eq!(x < 100.0, left, "{x}: {html}");
    }
}

#[test]
fn lengths_are_calculated_with_functions() {
    for (value, x) in [
        ("calc(20px * sin(90deg))", 20.0),
        ("calc(10px * sqrt(16) - 1px * pow(2, 3))", 32.0),
        ("hypot(30px, 40px)", 50.0),
        ("calc(1px * log(8, 2) + 1px * exp(0))", 4.0),
        ("calc(10px * tan(atan2(3px, 1px)) * cos(acos(1)))", 30.0),
    ] {
        assert_x(&format!("<p style='margin-left:{value}'>x</p>"), "x", x);
    }
}

#[test]
fn an_inline_box_that_a_block_splits_has_lines_for_its_edges() {
    let page = |style: &str, inside: &str| {
        print(&format!(
            "<style>@page{{size:300px 200px;margin:0}}body{{margin:0;font:12px/20px 'DejaVu Sans'}}</style>\
             <span style='{style}'>{inside}</span><div>end"
        ))
    };
    let place = |style: &str, inside: &str| {
        let document = page(style, inside)?;
        Some((
            (document.only("block").y / 20.0) as usize,
            (document.only("end").y / 20.0) as usize,
        ))
    };
    let block = "<div>block</div>";
    let cases = [
        ("", block, (0, 1)),
        ("border:solid", block, (1, 3)),
        ("padding-left:1px", block, (1, 2)),
        ("margin-right:1px", block, (0, 2)),
        ("padding-left:1px", "text<div>block</div>", (1, 2)),
        ("padding-left:1px;direction:rtl", block, (0, 2)),
        ("padding-left:1px;box-decoration-break:clone", block, (1, 3)),
    ];
    for (style, inside, expected) in cases {
        let Some(found) = place(style, inside) else {
            return;
        };
        assert_eq!(found, expected, "{style} {inside}");
    }
}

#[test]
fn inline_boxes_without_text_have_a_line_height() {
    let lines = |body: &str| {
        let style = "<style>@page{size:400px 300px;margin:0}body{margin:0;font:10px/1 'DejaVu Sans'} \
                     b{font-size:30px}</style>";
        let document = print(&format!("{style}<div>{body}</div><div>END"))?;
        let top = print(&format!("{style}<div>END"))?.only("END").y;
        Some(document.only("END").y - top)
    };
    for (body, height) in [
        ("a <b></b>", 30.0),
        ("a <b> </b>", 30.0),
        ("a<br><b></b>", 10.0),
        ("<b></b>", 0.0),
        ("<b>a<br><br></b>", 60.0),
        ("a <i><b><br></b></i>a", 40.0),
        ("a <b style='vertical-align:40px;line-height:0'></b>", 52.0),
        (
            "a <b style='vertical-align:top;line-height:50px'></b>",
            50.0,
        ),
    ] {
        let Some(found) = lines(body) else { return };
        assert!((found - height).abs() < 3.0, "{body}: {found} px");
    }
    // At the end of a line within the text, it is on that line.
    let html = "<style>body{margin:0;font:10px/20px 'DejaVu Sans Mono'}</style><p style='width:36px;margin:0'>\
                aaaa <b style='line-height:60px'></b>bbbb<br>cccc";
    let Some(document) = print(html) else { return };
    let [a, b, c] = ["aaaa", "bbbb", "cccc"].map(|word| document.only(word).y);
    assert!(
        (b - a - 40.0).abs() < 2.0 && (c - b - 20.0).abs() < 2.0,
        "{a} {b} {c}"
    );
}

#[test]
fn backgrounds_are_cut_to_text() {
    let style = "<style>@page{size:200px 100px;margin:0} body{margin:0;font:50px/1 'Noto Sans'} \
                 .t{background:linear-gradient(red,red),blue;background-clip:text} i{font-style:normal}</style>";
    let red = [255, 0, 0];
    for html in [
        "<div class=t style='color:transparent'>MMMM</div>",
        "<div class=t style='-webkit-text-fill-color:transparent'>M<b>MMM</b></div>",
        "<div><i class=t style='color:transparent'>MM<b>MM</b></i></div>",
        "<div style='background:linear-gradient(red,red) text;color:transparent'><p style='margin:0'>MMMM</div>",
    ] {
        let html = format!("{style}{html}");
        let Some(picture) = draw(&html) else { return };
        let seen: std::collections::BTreeSet<[u8; 3]> = (0..50)
            .flat_map(|y| (0..199).map(move |x| (x, y)))
            .map(|(x, y)| picture.at(x, y))
            .collect();
        assert!(seen.contains(&red) && seen.contains(&[255; 3]), "{html}");
        // Where both backgrounds are cut alike, the lower one shines through at most at the letters' edges.
        assert!(seen.iter().all(|pixel| pixel[0] > 128), "{html}");
        let words = print(&html).map(|document| document.words);
        let words = words.iter().flatten().map(|word| word.text.as_str());
        assert_eq!(words.collect::<String>(), "MMMM", "{html}");
    }
}

#[test]
fn a_place_for_a_break_is_not_part_of_the_text() {
    let Some(document) = print("<p>one<wbr>two") else {
        return;
    };
    document.only("onetwo");
}
