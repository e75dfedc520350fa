//! What the fuzzer runs, and the test that replays what it found: functions from bytes to nothing, which
//! may refuse their input but neither panic, hang nor take more than a gigabyte.

use fanfold_bind::{BindOptions, Binder, FormMode, Input, Recompress};
use fanfold_job::{Defaults, Format, Manifest};
use fanfold_press::{Fetch, FetchError, Options, Press};
use fanfold_template::{Inline, Markup};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// A target's name and what it runs.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// Every target.
pub(crate) const TARGETS: &[Target] = &[
    ("html", html),
    ("css", css),
    ("font", font),
    ("image", image),
    ("pdf", pdf),
    ("template", template),
    ("manifest", manifest),
];

/// One for the process, as a warm function has it: caches are under test too.
static PRESS: LazyLock<Press> = LazyLock::new(Press::new);

/// A press that is soon replaced: fonts and images are kept for as long as theirs, and would fill the
/// fuzzer's memory.
fn short_lived() -> Arc<Press> {
    static PRESS: Mutex<(u32, Option<Arc<Press>>)> = Mutex::new((0, None));
    let mut held = PRESS.lock().unwrap_or_else(PoisonError::into_inner);
    held.0 += 1;
    if held.0.is_multiple_of(200) {
        held.1 = None;
    }
    Arc::clone(held.1.get_or_insert_with(|| Arc::new(Press::new())))
}

/// The one resource that a page has.
struct One(Arc<[u8]>);

impl Fetch for One {
    fn fetch(&self, url: &str) -> Result<Arc<[u8]>, FetchError> {
        if url == "one" {
            Ok(Arc::clone(&self.0))
        } else {
            Err(FetchError::Failed("there is no other".to_owned()))
        }
    }
}

fn options() -> Options {
    let mut options = Options::default();
    // Nothing is learnt from the second hundred pages, and a fuzzer lives by its rate.
    options.limits.pages = 100;
    options.limits.boxes = 50_000;
    options.limits.image_pixels = 4_000_000;
    options
}

fn print(html: &str, resource: &[u8]) {
    if let Ok(pdf) = PRESS.print(html, &One(resource.into()), &options()) {
        assert!(pdf.pages > 0, "a document without a page");
        assert!(pdf.bytes.starts_with(b"%PDF-"), "a document that is no PDF");
    }
}

fn html(data: &[u8]) {
    print(&String::from_utf8_lossy(data), &[]);
}

/// A page with something of everything, for style sheets to act on.
fn css(data: &[u8]) {
    const PAGE: &str = r##"<html lang=en><head><title>t</title><link rel=stylesheet href=one></head><body>
<h1 id=a class="b c">Head <em>line</em></h1><p>Some text with <b>bold</b>, <i>italic</i> &amp; a
<a href="#a">link</a>, <span class=s>a span <small>in</small> it</span>.<br>Next line.
<ul><li>one<li>two<ol start=3><li>three</ol></ul>
<table border=1><caption>c</caption><thead><tr><th>A<th>B</thead><tfoot><tr><td colspan=2>F</tfoot>
<tr><td rowspan=2>1<td>2<tr><td>3</table>
<div class=f>float</div><div class=x><div>one</div><div>two</div><div>three</div></div>
<div dir=rtl>&#x627;&#x644; abc</div><pre>a	b
 c</pre><img src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw=="><hr>
<blockquote>quote</blockquote><p class=last>The end of the page, in a paragraph of two lines or three.</body></html>"##;
    print(PAGE, data);
}

fn font(data: &[u8]) {
    const PAGE: &str = "<style>@font-face { font-family: f; src: url(one) }
        body { font-family: f; hyphens: auto } b { font-variant: small-caps; letter-spacing: 1px }</style>
        <p lang=en>AVATAR office fjord 0123456789 <b>Bold text</b> <i>italic</i><p>&#x645;&#x631;&#x62d;&#x628;&#x627;
        &#x928;&#x92e;&#x938;&#x94d;&#x924;&#x947; &#x4f60;&#x597d;
        <p>ABDLFGRSTCX &#x1f600; &#x1f469;&#x200d;&#x1f4bb; <span style='color: #0808'>FLA&#x1f600;</span>
        <span style='text-shadow: 1px 1px red'>FLA&#x1f600;</span>";
    let _ = short_lived().print(PAGE, &One(data.into()), &options());
}

fn image(data: &[u8]) {
    const PAGE: &str = "<img src=one><img src=one width=20 height=10 style='object-fit: cover'>
        <div style='height: 30px; background: url(one) 3px 3px / 7px repeat; border: 3px solid;
        border-image: url(one) 1 round'></div>";
    let _ = short_lived().print(PAGE, &One(data.into()), &options());
}

/// Merges of the input twice, so that equal names meet.
fn pdf(data: &[u8]) {
    for forms in [FormMode::Keep, FormMode::Join, FormMode::Flatten] {
        merge(data, forms);
    }
}

fn merge(data: &[u8], forms: FormMode) {
    let options = BindOptions {
        forms,
        recompress: Recompress::First(8 << 20),
        ..BindOptions::default()
    };
    let Ok(mut binder) = Binder::new(Vec::new(), options) else {
        return;
    };
    for name in ["a.pdf", "b.pdf"] {
        let input = Input {
            name,
            title: None,
            bytes: data,
        };
        if binder.add(input).is_err() {
            return;
        }
    }
    if let Ok((volume, summary)) = binder.finish_into() {
        let read = lopdf::Document::load_mem(&volume).expect("a volume is readable");
        assert_eq!(read.get_pages().len(), summary.pages, "pages of the volume");
    }
}

fn template(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (source, markup) = match text.strip_prefix('#') {
        Some(_) => (&*text, Markup::Markdown),
        None => (&*text, Markup::Html),
    };
    let data = serde_json::json!({
        "name": "Asha & Co", "amount": "1234567.895", "date": "2026-02-28", "rows": [{"a": 1}, {"a": 2.5}],
        "none": null, "deep": {"er": {"text": "x\ny"}},
    });
    let limits = fanfold_template::Limits {
        fuel: 100_000,
        output_bytes: 1 << 20,
        ..Default::default()
    };
    if let Ok(document) = Inline::new(markup, source) {
        let _ = document.render(Some(&data), "hi-IN", &limits);
    }
}

fn manifest(data: &[u8]) {
    let limits = fanfold_job::Limits::default();
    let (kind, rest) = data.split_first().unwrap_or((&0, &[]));
    let format = match kind % 3 {
        0 => Format::Json,
        1 => Format::JsonLines,
        _ => Format::Csv,
    };
    let mut defaults = Defaults::default();
    if kind & 4 != 0 {
        defaults.bundle = Some("invoice".to_owned());
    }
    if let Ok(manifest) = Manifest::read(format, rest, &defaults, &limits) {
        for document in manifest.documents(rest, &limits).take(10_000) {
            let _ = document;
        }
    }
}
