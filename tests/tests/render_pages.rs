//! The press end to end: fixtures are printed and the PDF is read back with `pdftotext -bbox`.
//!
//! Where poppler is not installed these tests say so and check only what needs no reader; in CI
//! (`CI` is set) its absence is a failure.

use fanfold_press::{Fetch, FetchError, Limits, Options, Pdf, Press, PressError};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

static PRESS: LazyLock<Press> = LazyLock::new(Press::new);

/// No document here needs anything from outside.
struct Nothing;

impl Fetch for Nothing {
    fn fetch(&self, _url: &str) -> Result<Arc<[u8]>, FetchError> {
        Err(FetchError::NotFound)
    }
}

fn fixture(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/render")
        .join(name);
    std::fs::read_to_string(&path).expect("the fixture is there")
}

fn print(html: &str) -> Pdf {
    PRESS
        .print(html, &Nothing, &Options::default())
        .expect("the document prints")
}

/// A word and where it is, in CSS pixels.
#[derive(Clone, Debug, PartialEq)]
struct Word {
    page: usize,
    text: String,
    x: f32,
    y: f32,
    right: f32,
}

/// What `pdftotext` prints; none without poppler.
fn pdftotext(pdf: &Pdf, options: &[&str]) -> Option<String> {
    let child = Command::new("pdftotext")
        .args(options)
        .args(["-q", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI must have pdftotext (poppler-utils)"
        );
        eprintln!("skipped reading the PDF back: pdftotext is not installed");
        return None;
    };
    let mut input = child.stdin.take().expect("standard input is piped");
    input
        .write_all(&pdf.bytes)
        .expect("pdftotext reads its input");
    drop(input);
    let output = child.wait_with_output().expect("pdftotext ends");
    Some(String::from_utf8(output.stdout).expect("pdftotext writes UTF-8"))
}

/// The words of a PDF; none without poppler.
fn words(pdf: &Pdf) -> Option<Vec<Word>> {
    let text = pdftotext(pdf, &["-bbox"])?;
    let mut page = 0;
    let mut words = Vec::new();
    for line in text.lines().map(str::trim) {
        page += usize::from(line.starts_with("<page "));
        let Some(rest) = line.strip_prefix("<word ") else {
            continue;
        };
        let value = |name: &str| -> f32 {
            let start = rest
                .find(&format!("{name}=\""))
                .expect("a word has its box")
                + name.len()
                + 2;
            let end = rest[start..].find('"').expect("an attribute ends") + start;
            rest[start..end].parse::<f32>().expect("a number") / 0.75
        };
        let inner = rest.split_once('>').expect("a tag ends").1;
        words.push(Word {
            page,
            text: inner.trim_end_matches("</word>").to_owned(),
            x: value("xMin"),
            y: value("yMin"),
            right: value("xMax"),
        });
    }
    Some(words)
}

fn find<'w>(words: &'w [Word], text: &str) -> &'w Word {
    let found = words.iter().find(|word| word.text == text);
    found.unwrap_or_else(|| panic!("{text:?} is not on any page: {words:?}"))
}

#[track_caller]
fn near(actual: f32, expected: f32) {
    assert!(
        (actual - expected).abs() < 0.6,
        "{actual} is not {expected}"
    );
}

#[test]
fn rows_go_on_under_a_repeated_header() {
    let pdf = print(&fixture("rows-over-pages.html"));
    assert_eq!(pdf.pages, 3);
    let Some(words) = words(&pdf) else { return };
    let headers: Vec<&Word> = words.iter().filter(|word| word.text == "Amount").collect();
    assert_eq!(
        headers.iter().map(|word| word.page).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    near(headers[1].y, headers[2].y);
    let amounts: Vec<f32> = words
        .iter()
        .filter(|word| word.text.ends_with(".00"))
        .map(|word| word.text.parse().expect("an amount"))
        .collect();
    let expected: Vec<f32> = (1..=60).map(|row| row as f32 * 37.0).collect();
    assert_eq!(amounts, expected, "every row once, in order");
    for page in 1..=3 {
        let numbers: Vec<&str> = words
            .iter()
            .skip_while(|word| !(word.page == page && word.text == "Page"))
            .map(|word| word.text.as_str())
            .take(4)
            .collect();
        assert_eq!(numbers, ["Page", &page.to_string(), "of", "3"]);
    }
}

#[test]
fn margins_collapse() {
    let pdf = print(&fixture("collapsing-margins.html"));
    let Some(words) = words(&pdf) else { return };
    let top = find(&words, "alpha").y;
    let line = |text: &str| find(&words, text).y - top;
    near(line("bravo"), 20.0 + 30.0);
    near(line("charlie"), line("bravo") + 20.0 + 25.0);
    near(line("delta"), line("charlie") + 20.0);
    near(line("echo"), line("delta") + 20.0 + 20.0 - 15.0);
    near(line("foxtrot"), line("echo") + 20.0 + 40.0);
    near(line("golf"), line("foxtrot") + 20.0 + 1.0 + 9.0);
}

#[test]
fn headings_stay_with_what_follows() {
    let pdf = print(&fixture("keep-with-next.html"));
    // The second page is a left one, so the break to the right comes on the third.
    assert_eq!(pdf.pages, 3);
    let Some(words) = words(&pdf) else { return };
    assert_eq!(find(&words, "eight").page, 1);
    assert_eq!(
        find(&words, "heading").page,
        2,
        "two lines fit under it, but not all three lines split"
    );
    assert_eq!(find(&words, "first").page, 2);
    assert_eq!(find(&words, "third").page, 2);
    assert_eq!(find(&words, "righthand").page, 3);
}

#[test]
fn floats_and_positions() {
    let pdf = print(&fixture("floats.html"));
    let Some(words) = words(&pdf) else { return };
    near(find(&words, "leftfloat").x, 0.0);
    near(find(&words, "rightfloat").x, 320.0);
    near(find(&words, "beside").x, 100.0);
    near(find(&words, "beside").y, find(&words, "leftfloat").y);
    let line = find(&words, "leftfloat").y;
    near(find(&words, "below").y, line + 50.0);
    near(find(&words, "below").x, 0.0);
    near(find(&words, "corner").right, 390.0);
    near(
        find(&words, "corner").y,
        line + 50.0 + 20.0 + 100.0 - 20.0 - 20.0,
    );
    near(find(&words, "after").y, line + 50.0 + 20.0 + 100.0);
}

#[test]
fn four_scripts_come_back_as_text() {
    let pdf = print(&fixture("scripts.html"));
    let Some(words) = words(&pdf) else { return };
    let text = pdftotext(&pdf, &[]).unwrap_or_default();
    for phrase in ["नमस्ते दुनिया", "வணக்கம் உலகம்", "مرحبا بالعالم"]
    {
        assert!(text.contains(phrase), "{phrase} is not in {text}");
    }
    // Right to left: the paragraph starts at the right edge, as do the table's columns.
    // With -bbox, poppler gives such words in visual order.
    let visual: String = "مرحبا".chars().rev().collect();
    near(find(&words, &visual).right, 380.0);
    assert!(find(&words, "FIRST").x > find(&words, "SECOND").x);
    assert!(find(&words, "SECOND").x > find(&words, "THIRD").x);
    let (marker, item) = (find(&words, ".1"), find(&words, "ITEM"));
    assert!(marker.x > item.right, "the marker is on the start side");
}

#[test]
fn a_row_taller_than_a_page_is_split() {
    let pdf = print(&fixture("tall-row.html"));
    let Some(words) = words(&pdf) else { return };
    let lines: Vec<String> = words
        .iter()
        .filter(|word| word.text.starts_with('w'))
        .map(|word| word.text.clone())
        .collect();
    let expected: Vec<String> = (1..=20).map(|line| format!("w{line}")).collect();
    assert_eq!(lines, expected, "every line once, in order");
    assert_eq!(words.iter().filter(|word| word.text == "short").count(), 1);
    let heads = words.iter().filter(|word| word.text == "HEAD").count();
    assert_eq!(heads, pdf.pages);
    for row in ["span", "r1", "r2", "r3"] {
        assert_eq!(
            words.iter().filter(|word| word.text == row).count(),
            1,
            "{row}"
        );
    }
}

#[test]
fn hostile_documents_end() {
    let deep = format!(
        "{}deep{}",
        "<div style='padding:1px'>".repeat(2000),
        "</div>".repeat(2000)
    );
    let tables = format!(
        "{}nested{}",
        "<table><tr><td>".repeat(60),
        "</table>".repeat(60)
    );
    let tiny = "<style>@page{size:10px 10px;margin:40px}</style>".to_owned() + &"word ".repeat(20);
    let huge = "<style>@page{size:A6}</style><p style='font-size:1e30px;margin:-1e30px'>a<p style='line-height:0;\
                letter-spacing:-1e9px;width:calc(1e38px*1e9)'>b"
        .to_owned();
    let floats = "<style>@page{size:A6}</style>".to_owned()
        + &"<div style='float:left;width:60%;height:1500px'>f</div>".repeat(5)
        + "tail";
    let kept =
        "<style>@page{size:A6} *{break-inside:avoid;break-before:avoid;break-after:avoid}</style>"
            .to_owned()
            + &"<div><p>kept together, all of it, for ever and ever</p></div>".repeat(60);
    let spans = "<table>".to_owned() + &"<tr><td rowspan=65534 colspan=1000>s<td>t".repeat(40);
    for html in [&deep, &tables, &tiny, &huge, &floats, &kept, &spans] {
        let pdf = print(html);
        assert!(pdf.pages >= 1);
        assert!(pdf.bytes.starts_with(b"%PDF-"));
    }
    let Some(words) = words(&print(&kept)) else {
        return;
    };
    assert_eq!(
        words.iter().filter(|word| word.text == "together,").count(),
        60
    );
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let html = fixture("rows-over-pages.html");
    let first = print(&html);
    let fresh = Press::new()
        .print(&html, &Nothing, &Options::default())
        .expect("it prints");
    assert_eq!(first.bytes, fresh.bytes);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(|| print(&html).bytes)).collect();
        for thread in threads {
            assert_eq!(thread.join().expect("no panic"), first.bytes);
        }
    });
}

#[test]
fn limits_are_errors_that_name_them() {
    let limit = |change: &dyn Fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        let options = Options {
            limits,
            ..Options::default()
        };
        PRESS
            .print(&fixture("rows-over-pages.html"), &Nothing, &options)
            .expect_err("over the limit")
    };
    assert!(matches!(
        limit(&|limits| limits.pages = 2),
        PressError::Limit {
            what: "pages",
            limit: 2
        }
    ));
    assert!(matches!(
        limit(&|limits| limits.boxes = 50),
        PressError::Limit {
            what: "boxes",
            limit: 50
        }
    ));
    assert!(matches!(
        limit(&|limits| limits.html_bytes = 9),
        PressError::Limit { .. }
    ));
    // Text that is written once and generated many times.
    let long = "a ".repeat(1 << 20);
    let refused = |paragraph: &str, times: usize| {
        let body = paragraph.repeat(times);
        let html = format!("<style>p::before{{content:'{long}'}}</style>{body}");
        match PRESS.print(&html, &Nothing, &Options::default()) {
            Err(PressError::Limit { what, .. }) => what,
            other => panic!("over the limit: {:?}", other.map(|pdf| pdf.pages)),
        }
    };
    let paragraph = format!("<p>{long}{long}{long}{long}</p>");
    assert_eq!(refused(&paragraph, 1), "bytes of text in one paragraph");
    assert_eq!(refused("<p></p>", 70), "bytes of text in all boxes");
    let options = Options {
        cancel: Some(Arc::new(AtomicBool::new(true))),
        ..Options::default()
    };
    let stopped = PRESS.print("<p>x", &Nothing, &options);
    assert!(matches!(stopped, Err(PressError::Cancelled)));
}

#[test]
fn floats_one_below_the_other_go_on_over_pages() {
    let float = |index| format!("<div style='float:left;width:60%;height:90px'>f{index}</div> ");
    let floats: String = (0..20).map(float).collect();
    let text = "some words between the floats ".repeat(3);
    let page = "<style>@page{size:300px 220px;margin:10px}</style>";
    for (case, html) in [
        ("alone", format!("{page}{floats}")),
        ("before a paragraph", format!("{page}{floats}<p>end")),
        ("in a line", format!("{page}<p>{floats}{text}")),
        ("in a block each", {
            let block = |index| format!("<div>{}</div>", float(index));
            page.to_owned() + &(0..20).map(block).collect::<String>()
        }),
    ] {
        let Some(words) = words(&print(&html)) else {
            return;
        };
        for index in 0..20 {
            let name = format!("f{index}");
            let found: Vec<&Word> = words.iter().filter(|word| word.text == name).collect();
            assert_eq!(found.len(), 1, "{name} is there once, {case}");
            assert!(found[0].y < 210.0, "{name} is on the page, {case}");
        }
        let last = find(&words, "f19");
        assert!((9..=19).contains(&(last.page - 1)), "{last:?}, {case}");
    }
}

#[test]
fn flexible_lengths_start_from_the_base_size() {
    let html = "<style>@page{size:500px 200px;margin:0} body{margin:0} div div{flex:1}</style>\
                <div style='display:flex;width:400px'><div>Opening</div><div>P</div>\
                <div style='flex:2'>C</div></div>\
                <div style='display:flex;width:400px'><div style='min-width:200px'>Least</div>\
                <div>Q</div><div>R</div></div>";
    let Some(words) = words(&print(html)) else {
        return;
    };
    for (name, x) in [("P", 100.0), ("C", 200.0), ("Q", 200.0), ("R", 300.0)] {
        near(find(&words, name).x, x);
    }
}

#[test]
fn tables_too_deep_for_boxes_keep_their_text() {
    for levels in [60, 78, 79, 80, 81, 82, 100, 150] {
        let tables: String = (0..levels)
            .map(|level| format!("<table cellpadding=0 cellspacing=0><tr><td>w{level}"))
            .collect();
        let html = format!("<style>@page{{size:4000px 4000px}}</style>{tables}");
        let Some(text) = pdftotext(&print(&html), &[]) else {
            return;
        };
        let last = format!("w{}", levels - 1);
        assert!(text.contains(&last), "{last} is not in {text}");
    }
}

#[test]
fn what_floats_leave_no_room_for_goes_to_their_last_page() {
    let page = "<style>@page{size:300px 200px;margin:10px} body{margin:0}</style>";
    let lines = |name: &str, count: usize| -> String {
        (0..count)
            .map(|line| format!("<div>{name}{line}</div>"))
            .collect()
    };
    let float =
        |width: u32, inner: String| format!("<div style='float:left;width:{width}%'>{inner}</div>");
    let wide = float(100, lines("f", 40));
    let columns = float(50, lines("f", 40)) + &float(50, lines("g", 30));
    for after in [
        "END",
        "<p>END</p>",
        "<p style='clear:both'>END</p>",
        "<table><tr><td>END</table>",
        "<div><div><p>END</p></div></div>",
    ] {
        for floats in [&wide, &columns, &format!("<div>{columns}</div>")] {
            let html = format!("{page}{floats}{after}");
            let Some(words) = words(&print(&html)) else {
                return;
            };
            let count = |text: &str| words.iter().filter(|word| word.text == text).count();
            for line in 0..40 {
                assert_eq!(count(&format!("f{line}")), 1, "f{line}, {html}");
            }
            assert_eq!(count("END"), 1, "{html}");
            // Beside the longer column there is room.
            if *floats != wide && !after.contains("clear") {
                continue;
            }
            let (last, end) = (find(&words, "f39"), find(&words, "END"));
            assert!(
                end.page > last.page || (end.page == last.page && end.y > last.y),
                "{last:?} is above {end:?}, {html}"
            );
        }
    }
}
