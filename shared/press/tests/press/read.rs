//! Reads a printed document back with poppler's `pdftotext -bbox`.

use fanfold_press::{Fetch, FetchError, Options, Press};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock};

/// Pages on which eight lines have room.
pub(crate) const PAGE: &str = "<style>@page{size:200px 200px;margin:20px} body{margin:0;font:16px/20px \
                               'DejaVu Sans'} p{margin:0}</style>";

/// Lines of a word each: `{name}0` and so on.
pub(crate) fn lines(name: &str, count: usize) -> String {
    (0..count).map(|line| format!("{name}{line}<br>")).collect()
}

pub(crate) static PRESS: LazyLock<Press> = LazyLock::new(Press::new);

/// What documents here need from outside: fonts whose letters are boxes of half an em by 0.7, that grow with
/// `wght` (100 to 900: 0.3 to 1 em wide) and `opsz` (12 to 144: 0.1 em narrower), and lean with `slnt`.
pub(crate) struct Fixtures;

impl Fetch for Fixtures {
    fn fetch(&self, url: &str) -> Result<Arc<[u8]>, FetchError> {
        let bytes: &[u8] = match url {
            "boxes.ttf" => include_bytes!("../fonts/boxes.ttf"),
            "boxes.woff" => include_bytes!("../fonts/boxes.woff"),
            "boxes.woff2" => include_bytes!("../fonts/boxes.woff2"),
            "layers.ttf" => include_bytes!("../fonts/layers.ttf"),
            "bitmaps.ttf" => include_bytes!("../fonts/bitmaps.ttf"),
            "pictures.ttf" => include_bytes!("../fonts/pictures.ttf"),
            "out-of-range.ttf" => include_bytes!("../fonts/out-of-range.ttf"),
            _ => return Err(FetchError::NotFound),
        };
        Ok(bytes.into())
    }
}

/// A word and where it is, in CSS pixels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Word {
    pub(crate) page: usize,
    pub(crate) text: String,
    pub(crate) x: f32,
    pub(crate) y: f32,
}

/// A printed document.
pub(crate) struct Document {
    /// Page sizes in CSS pixels.
    pub(crate) pages: Vec<(f32, f32)>,
    pub(crate) words: Vec<Word>,
}

impl Document {
    /// The only place of a word.
    #[track_caller]
    pub(crate) fn only(&self, text: &str) -> &Word {
        let found: Vec<&Word> = self.words.iter().filter(|word| word.text == text).collect();
        assert_eq!(
            found.len(),
            1,
            "{text:?} is there once: {found:?} of {:?}",
            self.words
        );
        found[0]
    }

    /// The pages a word is on.
    pub(crate) fn pages_of(&self, text: &str) -> Vec<usize> {
        let found = self.words.iter().filter(|word| word.text == text);
        found.map(|word| word.page).collect()
    }
}

/// Prints `html` and reads it back; none where poppler is not installed, which CI does not accept.
pub(crate) fn print(html: &str) -> Option<Document> {
    let pdf = PRESS
        .print(html, &Fixtures, &Options::default())
        .expect("the document prints");
    let output = through("pdftotext", &["-bbox", "-q", "-", "-"], pdf.bytes)?;
    let text = String::from_utf8(output).expect("pdftotext writes UTF-8");
    let mut document = Document {
        pages: Vec::new(),
        words: Vec::new(),
    };
    for line in text.lines().map(str::trim) {
        if line.starts_with("<page ") {
            document
                .pages
                .push((attribute(line, "width"), attribute(line, "height")));
        } else if line.starts_with("<word ") {
            let inner = line.split_once('>').expect("a tag ends").1;
            document.words.push(Word {
                page: document.pages.len(),
                text: inner.trim_end_matches("</word>").to_owned(),
                x: attribute(line, "xMin"),
                y: attribute(line, "yMin"),
            });
        }
    }
    Some(document)
}

/// A page as a picture, one pixel a CSS pixel.
pub(crate) struct Picture {
    width: usize,
    rgb: Vec<u8>,
}

impl Picture {
    /// A pixel as red, green and blue.
    pub(crate) fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let at = (y * self.width + x) * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }
}

/// Prints `html` and draws its first page; none where poppler is not installed.
pub(crate) fn draw(html: &str) -> Option<Picture> {
    draw_page(html, 1)
}

/// The same of another page.
pub(crate) fn draw_page(html: &str, page: usize) -> Option<Picture> {
    let pdf = PRESS
        .print(html, &Fixtures, &Options::default())
        .expect("the document prints");
    let page = page.to_string();
    let arguments = [
        "-r",
        "96",
        "-aa",
        "no",
        "-f",
        &page,
        "-l",
        &page,
        "-singlefile",
    ];
    let output = through("pdftoppm", &arguments, pdf.bytes)?;
    let mut fields = output.splitn(4, |byte| byte.is_ascii_whitespace());
    assert_eq!(fields.next(), Some(b"P6".as_slice()), "a picture");
    let width = fields.next().expect("a width");
    let width = std::str::from_utf8(width).expect("digits");
    fields.next().expect("a height");
    let rest = fields.next().expect("pixels");
    let depth = rest
        .iter()
        .position(|byte| *byte == b'\n')
        .expect("a depth");
    Some(Picture {
        width: width.parse().expect("a number"),
        rgb: rest[depth + 1..].to_vec(),
    })
}

/// What one of poppler's programs makes of a PDF; none where it is not installed, which CI does not accept.
pub(crate) fn through(program: &str, arguments: &[&str], pdf: Vec<u8>) -> Option<Vec<u8>> {
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        let ci = std::env::var_os("CI").is_some();
        assert!(!ci, "CI must have {program} (poppler-utils)");
        eprintln!("skipped reading the PDF back: {program} is not installed");
        return None;
    };
    let mut input = child.stdin.take().expect("standard input is piped");
    // Both pipes have limits: one thread feeds while this one reads.
    let feeder = std::thread::spawn(move || input.write_all(&pdf));
    let output = child.wait_with_output().expect("the program ends");
    feeder.join().expect("no panic").expect("the program reads");
    Some(output.stdout)
}

/// A length of a tag, from points.
fn attribute(tag: &str, name: &str) -> f32 {
    let start = format!(" {name}=\"");
    let rest = tag.split_once(&start).expect("the attribute is there").1;
    let value = rest.split_once('"').expect("an attribute ends").0;
    value.parse::<f32>().expect("a number") / 0.75
}
