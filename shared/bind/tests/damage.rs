//! Damaged, hostile and locked inputs: repaired as qpdf repairs them, or refused by name.

use fanfold_bind::{BindError, BindOptions, Binder, Input, Summary};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

fn merge(bytes: &[u8]) -> Result<(Vec<u8>, Summary), BindError> {
    let mut binder = Binder::new(Vec::new(), BindOptions::default())?;
    binder.add(Input {
        name: "in.pdf",
        title: None,
        bytes,
    })?;
    binder.finish_into()
}

/// Pages of a volume, and the text of their contents, as lopdf reads them.
fn contents(volume: &[u8]) -> Vec<String> {
    let document = lopdf::Document::load_mem(volume).expect("a readable volume");
    let pages = document.get_pages();
    let text = |&page| {
        let content = document.get_page_content(page);
        String::from_utf8_lossy(&content).trim().to_owned()
    };
    pages.values().map(text).collect()
}

/// What the merge makes of a file: its pages' contents.
fn merged(bytes: &[u8]) -> Vec<String> {
    contents(&merge(bytes).expect("a volume").0)
}

/// A refusal's message; it must have the file's name.
fn refusal(bytes: &[u8]) -> String {
    let message = merge(bytes).expect_err("a refusal").to_string();
    assert!(message.contains("in.pdf"), "{message}");
    message
}

/// Objects, numbered from 1, with a table.
fn file(objects: &[&str]) -> Vec<u8> {
    file_with("%PDF-1.4\n", objects, "/Root 1 0 R")
}

fn file_with(header: &str, objects: &[&str], trailer: &str) -> Vec<u8> {
    let mut text = header.to_owned();
    let mut table = String::new();
    for (index, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", text.len());
        let _ = writeln!(text, "{} 0 obj\n{object}\nendobj", index + 1);
    }
    let (start, size) = (text.len(), objects.len() + 1);
    let _ = write!(
        text,
        "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}{trailer}>>\nstartxref\n{start}\n%%EOF\n"
    );
    text.into_bytes()
}

const CATALOG: &str = "<</Type/Catalog/Pages 2 0 R>>";

/// Two pages: `one` and `two`.
fn two_pages() -> Vec<u8> {
    file(&TWO_PAGES)
}

const TWO_PAGES: [&str; 6] = [
    CATALOG,
    "<</Type/Pages/Count 2/Kids[3 0 R 4 0 R]/MediaBox[0 0 100 200]>>",
    "<</Type/Page/Parent 2 0 R/Contents 5 0 R>>",
    "<</Type/Page/Parent 2 0 R/Contents 6 0 R>>",
    "<</Length 3>>\nstream\none\nendstream",
    "<</Length 3>>\nstream\ntwo\nendstream",
];

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    assert!(text.contains(from), "{from} is not there");
    text.replacen(from, to, 1).into_bytes()
}

fn zlib(data: &[u8]) -> Vec<u8> {
    fanfold_pdf::deflate(data, 9)
}

/// A file of binary parts, which searching must make sense of: it has no table.
fn loose(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.5\n".to_vec();
    for part in parts {
        bytes.extend_from_slice(part);
        bytes.push(b'\n');
    }
    bytes
}

fn object_stream(number: u32, count: usize, first: usize, data: &[u8]) -> Vec<u8> {
    let data = zlib(data);
    let mut bytes = format!(
        "{number} 0 obj<</Type/ObjStm/N {count}/First {first}/Filter/FlateDecode/Length {}>>stream\n",
        data.len()
    )
    .into_bytes();
    bytes.extend_from_slice(&data);
    bytes.extend_from_slice(b"\nendstream endobj");
    bytes
}

#[test]
fn tables_that_lie_are_replaced_by_a_search() {
    let good = two_pages();
    let text = String::from_utf8(good.clone()).expect("text");
    let start = text.rfind("startxref\n").expect("a start") + 10;
    let xref = text.find("xref\n0").expect("a table");
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("as it was", good.clone()),
        (
            "garbage before the header",
            [b"GARBAGE\n\n".as_slice(), &good].concat(),
        ),
        (
            "garbage behind the end",
            [&good, b"\n<html>not PDF</html>".repeat(500).as_slice()].concat(),
        ),
        (
            "startxref leads elsewhere",
            replaced(&good, &text[start..], "7\n%%EOF"),
        ),
        (
            "startxref leads out of the file",
            replaced(&good, &text[start..], "99999999999\n%%EOF"),
        ),
        ("no startxref", good[..start - 10].to_vec()),
        ("no table and no trailer", good[..xref].to_vec()),
        (
            "subsection starts at 1",
            replaced(&good, "xref\n0 7", "xref\n1 7"),
        ),
        (
            "count too large",
            replaced(&good, "xref\n0 7", "xref\n0 4294967295"),
        ),
        (
            "count beyond counting",
            replaced(&good, "0 7\n", "0 99999999999999999999\n"),
        ),
        ("no Root", replaced(&good, "/Root 1 0 R", "")),
        (
            "Root is something else",
            replaced(&good, "/Root 1 0 R", "/Root 5 0 R"),
        ),
        (
            "Root has no type",
            replaced(&good, "/Type/Catalog", "/Type/Catalgg"),
        ),
        (
            "trailer has no end",
            replaced(&good, "1 0 R>>\nstart", "1 0 R\nstart"),
        ),
        (
            "table comes round to itself",
            replaced(&good, "/Root", &format!("/Prev {xref}/Root")),
        ),
        (
            "length too short",
            replaced(&good, "<</Length 3>>", "<</Length 1>>"),
        ),
        (
            "length too long",
            replaced(&good, "<</Length 3>>", "<</Length 3000>>"),
        ),
        (
            "length negative",
            replaced(&good, "<</Length 3>>", "<</Length -3>>"),
        ),
        ("length missing", replaced(&good, "<</Length 3>>", "<<>>")),
        (
            "length is its own stream",
            replaced(&good, "<</Length 3>>", "<</Length 5 0 R>>"),
        ),
        (
            "an endobj is missing",
            replaced(&good, ">>\nendobj\n4 0", ">>\n4 0"),
        ),
        ("no header", replaced(&good, "%PDF-1.4\n", "")),
        ("old ends of lines", text.replace('\n', "\r").into_bytes()),
    ];
    for (what, bytes) in cases {
        assert_eq!(merged(&bytes), ["one", "two"], "{what}");
    }
}

#[test]
fn every_shift_of_the_offsets_is_repaired() {
    let good = two_pages();
    for shift in (1..40).chain([500, 5000]) {
        let text = String::from_utf8(good.clone()).expect("text");
        let (objects, table) = text.split_once("xref\n").expect("a table");
        let shifted: String = table
            .lines()
            .map(|line| match line.strip_suffix(" 00000 n ") {
                Some(offset) => {
                    let offset: usize = offset.parse().expect("an offset");
                    format!("{:010} 00000 n \n", offset + shift)
                }
                None => format!("{line}\n"),
            })
            .collect();
        let bytes = format!("{objects}xref\n{shifted}").into_bytes();
        assert_eq!(merged(&bytes), ["one", "two"], "shifted by {shift}");
    }
}

#[test]
fn versions_are_read_newest_first() {
    let old = two_pages();
    let xref = String::from_utf8_lossy(&old)
        .find("xref\n0")
        .expect("a table");
    let mut new = old;
    let at = new.len();
    new.extend_from_slice(b"6 0 obj\n<</Length 3>>\nstream\nnew\nendstream\nendobj\n");
    let start = new.len();
    let table = format!(
        "xref\n6 1\n{at:010} 00000 n \ntrailer\n<</Size 7/Root 1 0 R/Prev {xref}>>\nstartxref\n{start}\n%%EOF\n"
    );
    new.extend_from_slice(table.as_bytes());
    assert_eq!(merged(&new), ["one", "new"]);
    // The same without any table: the last object of a number wins.
    let searched = replaced(
        &replaced(&new, "xref\n6 1", "x\n6 1"),
        "xref\n0 7",
        "x\n0 7",
    );
    assert_eq!(merged(&searched), ["one", "new"]);
}

#[test]
fn every_version_of_the_header_is_read() {
    for version in [
        "1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.0", "9.x",
    ] {
        let bytes = file_with(&format!("%PDF-{version}\n"), &TWO_PAGES, "/Root 1 0 R");
        assert_eq!(merged(&bytes), ["one", "two"], "{version}");
    }
}

#[test]
fn page_trees_out_of_order_give_their_pages() {
    let page = "<</Type/Page/Contents 5 0 R/MediaBox[0 0 9 9]>>";
    let content = "<</Length 3>>\nstream\none\nendstream";
    let pages = |objects: &[&str]| merged(&file(objects)).len();
    let cycle = [
        "<</Pages 2 0 R>>",
        "<</Kids[3 0 R 2 0 R 4 0 R]>>",
        page,
        "<</Kids[2 0 R 4 0 R]>>",
        content,
    ];
    assert_eq!(pages(&cycle), 1, "a tree that comes back to itself");
    let bare = [
        "<</Pages 2 0 R>>",
        "<</Kids[3 0 R 4 0 R]/Count -7>>",
        "<</Contents 5 0 R>>",
        page,
        content,
    ];
    assert_eq!(pages(&bare), 2, "no types, no parents, a wrong count");
    let direct = [
        "<</Pages<</Type/Pages/Kids[<</Type/Page/Contents 5 0 R>>3 0 R]>> >>",
        "0",
        page,
        "0",
        content,
    ];
    assert_eq!(pages(&direct), 2, "direct nodes");
    let twice = [
        CATALOG,
        "<</Type/Pages/Kids[3 0 R 3 0 R]>>",
        page,
        "0",
        content,
    ];
    assert_eq!(pages(&twice), 2, "a page twice");
    let gap = [
        CATALOG,
        "<</Type/Pages/Kids[9 0 R 3 0 R null 7]>>",
        page,
        "0",
        content,
    ];
    assert_eq!(pages(&gap), 1, "kids that are not there");
    let lost = ["<</Type/Catalog>>", "0", page, page, content];
    assert_eq!(pages(&lost), 2, "no tree at all");
    let middle = [
        "<</Pages 4 0 R>>",
        "<</Type/Pages/Kids[3 0 R 4 0 R]>>",
        page,
        "<</Type/Pages/Parent 2 0 R/Kids[6 0 R]>>",
        content,
        page,
    ];
    assert_eq!(pages(&middle), 2, "the catalog leads into the middle");
}

#[test]
fn inherited_attributes_survive_repair() {
    let (volume, _) = merge(&replaced(&two_pages(), "xref\n0 7", "xref\n9 7")).expect("a volume");
    let document = lopdf::Document::load_mem(&volume).expect("a readable volume");
    for page in document.get_pages().values() {
        let page = document.get_dictionary(*page).expect("a page");
        let corners = page
            .get(b"MediaBox")
            .and_then(lopdf::Object::as_array)
            .expect("a box");
        assert_eq!(corners[2..], [100.into(), 200.into()]);
    }
}

#[test]
fn object_streams_are_found_without_a_table() {
    let inside = b"1 0 2 30 3 70 <</Type/Catalog/Pages 2 0 R>>  <</Type/Pages/Count 1/Kids[3 0 R]>>     <</Type/Page/Contents 5 0 R>>";
    let content = b"5 0 obj<</Length 3>>stream\none\nendstream endobj";
    let stream = object_stream(8, 3, 14, inside);
    assert_eq!(merged(&loose(&[&stream, content])), ["one"]);
    // A count that promises more, an older object of the same number, a cut in the compressed data.
    let more = object_stream(8, 4_000_000_000, 14, inside);
    assert_eq!(merged(&loose(&[&more, content])), ["one"]);
    let older = b"3 0 obj<</Type/Page/Contents 6 0 R>>endobj 6 0 obj<</Length 3>>stream\nold\nendstream endobj";
    assert_eq!(merged(&loose(&[older, &stream, content])), ["one"]);
    let damaged = replaced(
        b"x",
        "x",
        "8 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length 2>>stream\nzz\nendstream endobj",
    );
    assert!(refusal(&loose(&[&damaged, content])).contains("no pages"));
}

#[test]
fn what_is_no_pdf_is_refused() {
    for (bytes, reason) in [
        (b"".as_slice(), "empty"),
        (b"\x89PNG\r\n\x1a\n", "not a PDF"),
        (b"<html>startxref 0</html>", "not a PDF"),
        (b"%PDF-1.7\n%%EOF", "no objects"),
        (b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj", "no pages"),
    ] {
        let message = refusal(bytes);
        assert!(message.contains(reason), "{message}");
    }
}

/// Quick even in a build that checks everything; the machine may be busy.
fn in_time(what: &str, bytes: &[u8]) {
    let start = Instant::now();
    if let Err(error) = merge(bytes) {
        assert!(error.to_string().contains("in.pdf"), "{what}: {error}");
    }
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{what}: {:?}",
        start.elapsed()
    );
}

#[test]
fn bombs_are_refused_in_time() {
    let nested = |open: &str, count: usize| {
        let object = open.repeat(count);
        file(&[
            "<</Type/Catalog/Pages 2 0 R/X 3 0 R>>",
            "<</Kids[]>>",
            &object,
        ])
    };
    in_time("arrays in arrays", &nested("[", 200_000));
    in_time("dictionaries in dictionaries", &nested("<</A", 200_000));
    in_time("strings without end", &nested("9 0 obj(", 50_000));
    in_time(
        "streams in streams",
        &nested("9 0 obj<</Length 9 0 R>>stream\n", 20_000),
    );
    in_time("trailers in trailers", &nested("trailer(", 400_000));
    let chain: Vec<u8> = (1..30_000)
        .flat_map(|number| {
            format!(
                "{number} 0 obj<</Type/Pages/Kids[{} 0 R]>>endobj\n",
                number + 1
            )
            .into_bytes()
        })
        .collect();
    in_time(
        "a page tree like a rope",
        &[chain, b"trailer<</Root<</Pages 1 0 R>> >>".to_vec()].concat(),
    );
    let zeros = zlib(&vec![b'0'; 300 << 20]);
    let stream = |dictionary: &str| {
        let head = format!(
            "7 0 obj<<{dictionary}/Filter/FlateDecode/Length {}>>stream\n",
            zeros.len()
        );
        [head.as_bytes(), &zeros, b"\nendstream endobj"].concat()
    };
    let message = refusal(&loose(&[&stream("/Type/ObjStm/N 9/First 9")]));
    assert!(message.contains("over the limit"), "{message}");
    let mut table = loose(&[&stream(
        "/Type/XRef/W[1 1 1]/Size 99999999/Root 1 0 R/DecodeParms<</Predictor 12/Columns 3>>",
    )]);
    table.extend_from_slice(b"startxref 9 %%EOF");
    let message = refusal(&table);
    assert!(message.contains("over the limit"), "{message}");
}

#[test]
fn arrays_that_do_not_fit_are_refused() {
    // 16 MB of text that would be 900 MB of values.
    let many = "0 ".repeat(8 << 20);
    let bytes = file(&[
        "<</Type/Catalog/Pages 2 0 R/X[3 0 R]>>",
        "<</Kids[]>>",
        &format!("[{many}]"),
    ]);
    let message = refusal(&bytes);
    assert!(message.contains("over the limit"), "{message}");
}

/// A small generator (xorshift), so that damage is the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (below.max(1) as u64)).unwrap_or(0)
    }

    fn damage(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.roll(8) {
            let at = self.roll(bytes.len());
            match self.roll(5) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..(at + self.roll(50)).min(bytes.len()))),
                2 => {
                    let piece = bytes[at..(at + self.roll(50)).min(bytes.len())].to_vec();
                    let to = self.roll(bytes.len());
                    bytes.splice(to..to, piece);
                }
                3 => {
                    // Digits matter most: lengths, counts, offsets, numbers.
                    let digits: Vec<usize> = (0..bytes.len())
                        .filter(|&at| bytes[at].is_ascii_digit())
                        .collect();
                    if let Some(&at) = digits.get(self.roll(digits.len())) {
                        bytes[at] = b'0' + u8::try_from(self.roll(10)).unwrap_or(0);
                    }
                }
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = u8::try_from(self.roll(256)).unwrap_or(0);
                    }
                }
            }
        }
    }
}

/// Merged or refused by name; a volume has the pages that the summary counts.
fn survives(what: &str, bytes: &[u8]) {
    let start = Instant::now();
    match merge(bytes) {
        Ok((volume, summary)) => assert_eq!(contents(&volume).len(), summary.pages, "{what}"),
        Err(error) => assert!(error.to_string().contains("in.pdf"), "{what}: {error}"),
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{what}");
}

#[test]
fn what_can_be_read_of_damaged_data_is_whole_in_the_volume() {
    let packed = zlib(&b"0 0 9 9 re f ".repeat(1000));
    let damaged = [
        packed[..packed.len() - 4].to_vec(),
        packed[..packed.len() / 2].to_vec(),
        b"not compressed at all".to_vec(),
    ];
    for data in damaged {
        let bytes = loose(&[
            b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj",
            b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj",
            format!("4 0 obj<</Filter/FlateDecode/Length {}>>stream", data.len()).as_bytes(),
            &data,
            b"endstream endobj trailer<</Root 1 0 R>>",
        ]);
        let volume = merge(&bytes).expect("a volume").0;
        let document = lopdf::Document::load_mem(&volume).expect("a readable volume");
        let streams: Vec<&lopdf::Stream> = document
            .objects
            .values()
            .filter_map(|object| object.as_stream().ok())
            .filter(|stream| !stream.dict.has(b"Type"))
            .collect();
        assert_eq!(streams.len(), 1);
        assert!(fanfold_pdf::is_whole(&streams[0].content, 1 << 20));
        let readable = fanfold_pdf::inflate(&data, 1 << 20).unwrap_or_default();
        assert_eq!(
            contents(&volume),
            [String::from_utf8_lossy(&readable).trim()]
        );
    }
}

#[test]
fn numbers_too_large_for_integers_stay_readable() {
    let bytes = replaced(
        &two_pages(),
        "/Contents 5 0 R",
        "/Contents 5 0 R/Dur 710075000000000000000000",
    );
    let volume = merge(&bytes).expect("a volume").0;
    let document = lopdf::Document::load_mem(&volume).expect("a readable volume");
    let page = document
        .get_dictionary(document.get_pages()[&1])
        .expect("a page");
    assert!(
        matches!(page.get(b"Dur"), Ok(lopdf::Object::Real(_))),
        "{page:?}"
    );
}

#[test]
fn every_cut_and_a_thousand_damages_are_survived() {
    let good = two_pages();
    for length in 0..good.len() {
        survives(&format!("cut at {length}"), &good[..length]);
    }
    let inside = b"1 0 2 30 3 70 <</Type/Catalog/Pages 2 0 R>>  <</Type/Pages/Count 1/Kids[3 0 R]>>     <</Type/Page/Contents 5 0 R>>";
    let streams = loose(&[
        &object_stream(8, 3, 14, inside),
        b"5 0 obj<</Length 3>>stream\none\nendstream endobj",
    ]);
    for seed in 1..500 {
        for original in [&good, &streams] {
            let mut bytes = original.clone();
            Dice(seed * 0x9e37_79b9).damage(&mut bytes);
            survives(&format!("seed {seed}"), &bytes);
        }
    }
}

/// For as many seconds as `FANFOLD_FUZZ_SECONDS` says: damage to the files of `FANFOLD_FUZZ_FOLDER`.
/// What fails is kept in the folder for temporary files.
#[test]
fn damage_to_real_files_is_survived() {
    let seconds = std::env::var("FANFOLD_FUZZ_SECONDS").ok();
    let (Some(seconds), Some(folder)) = (
        seconds.and_then(|seconds| seconds.parse().ok()),
        std::env::var_os("FANFOLD_FUZZ_FOLDER"),
    ) else {
        return;
    };
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut failures = Vec::new();
    for seed in 1_u64.. {
        for path in &files {
            let mut bytes = std::fs::read(path).expect("a file");
            Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)).damage(&mut bytes);
            let what = format!("{} with seed {seed}", path.display());
            if std::panic::catch_unwind(|| survives(&what, &bytes)).is_err() {
                let name = path.file_name().expect("a name").to_string_lossy();
                let kept = std::env::temp_dir().join(format!("fuzz-{seed}-{name}"));
                std::fs::write(&kept, &bytes).expect("written");
                failures.push(kept);
            }
            if Instant::now() > end {
                eprintln!("{seed} rounds over {} files", files.len());
                assert!(failures.is_empty(), "see {failures:?}");
                return;
            }
        }
    }
}

#[test]
fn pages_have_no_more_than_pages_may_have() {
    // With kids, readers take a page for a node of the tree; a number is no content.
    let volume = merge(&file(&[
        CATALOG,
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 9 9]>>",
        "<</Type/Page/Parent 2 0 R/Kids[3 0 R]/Count 1/Contents[7 4 0 R 9 0 R 3 0 R]>>",
        "<</Length 3>>\nstream\n0 g\nendstream",
    ]));
    let document = lopdf::Document::load_mem(&volume.expect("a volume").0).expect("readable");
    let page = document
        .get_dictionary(document.get_pages()[&1])
        .expect("a page");
    assert!(!page.has(b"Kids") && !page.has(b"Count"));
    let contents = page.get(b"Contents").and_then(lopdf::Object::as_array);
    assert_eq!(contents.map(Vec::len).ok(), Some(1));
}

#[test]
fn a_key_whose_length_is_not_said_may_be_long() {
    let locked = include_bytes!("no-key-length.pdf");
    let mut binder = Binder::new(Vec::new(), BindOptions::default()).expect("memory takes all");
    let input = Input {
        name: "locked.pdf",
        title: None,
        bytes: locked,
    };
    binder.add(input).expect("an empty password opens it");
    let (bytes, _) = binder.finish_into().expect("memory takes all");
    let document = lopdf::Document::load_mem(&bytes).expect("readable");
    let page = document.get_pages()[&1];
    assert_eq!(document.get_page_content(page).trim_ascii(), b"one");
}

/// Text as LZW codes that stand for one letter each: their width grows all the same.
fn lzw(letters: &[u8], early: usize, last: usize) -> Vec<u8> {
    let (mut bits, mut held, mut packed) = (0_u64, 0, Vec::new());
    let codes = letters.iter().map(|&letter| usize::from(letter));
    let codes = std::iter::once(256).chain(codes).chain([last, 257, 0]);
    for (at, code) in codes.enumerate() {
        // The first letter and the one before it make no entry.
        let width = match 258 + at.saturating_sub(2) + early {
            0..=511 => 9,
            512..=1023 => 10,
            _ => 11,
        };
        bits = (bits & 0xff) << width | code as u64;
        held += width;
        while held >= 8 {
            held -= 8;
            packed.push((bits >> held & 0xff) as u8);
        }
    }
    packed
}

/// The stream of the one page of a volume.
fn content_stream(volume: &[u8]) -> lopdf::Stream {
    let document = lopdf::Document::load_mem(volume).expect("a readable volume");
    let page = document.get_pages()[&1];
    let stream = document.get_page_contents(page)[0];
    let stream = document.get_object(stream).and_then(|it| it.as_stream());
    stream.expect("a stream").clone()
}

#[test]
fn whole_lzw_streams_stay_however_their_parameters_are_written() {
    let letters: Vec<u8> = (0..900_u32).map(|at| b' ' + (at * at % 89) as u8).collect();
    let (whole, damaged) = (lzw(&letters, 0, 65), lzw(&letters, 0, 1900));
    let page_of = |entries: &str, data: &[u8]| {
        let stand_in = "x".repeat(data.len());
        let stream = format!(
            "<</Length {}{entries}>>\nstream\n{stand_in}\nendstream",
            data.len()
        );
        let mut bytes = file(&[
            CATALOG,
            "<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 100 200]>>",
            "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
            &stream,
            "<</EarlyChange 0>>",
            "0",
            "[5 0 R]",
        ]);
        let at = bytes
            .windows(data.len())
            .position(|window| window == stand_in.as_bytes())
            .expect("the data");
        bytes[at..at + data.len()].copy_from_slice(data);
        content_stream(&merge(&bytes).expect("a volume").0)
    };
    for entries in [
        "/Filter/LZWDecode/DecodeParms<</EarlyChange 0>>",
        "/Filter/LZWDecode/DecodeParms 5 0 R",
        "/Filter/LZWDecode/DecodeParms<</EarlyChange 6 0 R>>",
        "/Filter[/LZWDecode]/DecodeParms[<</EarlyChange 0>>]",
        "/Filter[/LZWDecode]/DecodeParms[5 0 R]",
        "/Filter[/LZWDecode]/DecodeParms 7 0 R",
    ] {
        assert!(page_of(entries, &whole).content == whole, "{entries}");
        let readable = page_of(entries, &damaged).content;
        let readable = fanfold_pdf::inflate(&readable, 1 << 20);
        assert!(readable.as_ref() == Some(&letters), "{entries}");
    }
    let early = lzw(&letters, 1, 65);
    assert!(page_of("/Filter/LZWDecode", &early).content == early);
    // Nobody knows what is meant.
    let unclear = "/Filter/LZWDecode/DecodeParms<</EarlyChange/No>>";
    assert!(page_of(unclear, &damaged).content == damaged);
    // The text form goes, the codes stay.
    let mut text = String::new();
    whole.iter().for_each(|byte| {
        let _ = write!(text, "{byte:02x}");
    });
    text.push('>');
    let entries = "/Filter[/ASCIIHexDecode/LZWDecode]/DecodeParms[null 5 0 R]";
    assert!(page_of(entries, text.as_bytes()).content == whole);
}
