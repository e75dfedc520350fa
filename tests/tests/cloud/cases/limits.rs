//! Documents that take more than there is.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::json;

use crate::faults::Fault;
use crate::kit::{kit, kit_with};
use crate::processes::Signal;
use crate::suite::{Suite, batch_of};

/// A picture of 81 million pixels, a third of a megabyte as a file and as many megabytes as a picture:
/// the function that draws it is killed for its memory. The document fails, and no other one.
pub(crate) async fn memory(suite: &Suite, name: &str) {
    let before = suite.stack.ended_for_memory();
    let document = json!({"id": "large", "html": picture(9_000, 9_000)});
    let batch = suite.hand_in(name, kit_with("interactive", document)).await;
    // On a slow machine an attempt's time may be over before its memory is.
    suite
        .is_as_undisturbed(&batch, &[("large", &["killed", "timeout"])])
        .await;
    assert!(
        suite.stack.ended_for_memory() > before,
        "its function was killed for its memory"
    );
}

/// Pictures that take minutes, in a function that gives a document seconds, and do not stop when told
/// to before the next one.
pub(crate) async fn time(suite: &Suite, name: &str) {
    let mut html = String::new();
    for n in 0..22 {
        html.push_str(&picture(2_500, 2_500 + n));
    }
    let batch = suite
        .hand_in(
            name,
            kit_with("interactive", json!({"id": "slow", "html": html})),
        )
        .await;
    // An optimised program may have them all, and no memory left, before its time is over.
    suite
        .is_as_undisturbed(&batch, &[("slow", &["timeout", "killed"])])
        .await;
}

/// A function that hangs: the platform ends it when its time is over, and its messages come back.
pub(crate) async fn frozen(suite: &Suite, name: &str) {
    let parts = format!("{}/parts/", batch_of(name));
    let rule = suite
        .rules()
        .add(Fault::KillBefore(Signal::STOP), 2, 1, move |seen| {
            seen.writes(&parts)
        });
    let batch = suite.hand_in(name, kit("interactive")).await;
    suite.is_as_undisturbed(&batch, &[]).await;
    assert_eq!(rule.happened(), 1);
}

/// A picture of one colour, half transparent, as HTML.
fn picture(width: u32, height: u32) -> String {
    let mut row = vec![0];
    row.extend([0x40, 0x80, 0xC0, 0x7F].repeat(width as usize));
    let mut pixels = ZlibEncoder::new(Vec::new(), Compression::best());
    for _ in 0..height {
        std::io::Write::write_all(&mut pixels, &row).expect("memory can be written");
    }
    let pixels = pixels.finish().expect("memory can be written");
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    // Eight bits of each of four channels (PNG, clause 11.2.2).
    let header = [
        &width.to_be_bytes()[..],
        &height.to_be_bytes(),
        &[8, 6, 0, 0, 0],
    ]
    .concat();
    for (kind, data) in [
        (b"IHDR", &header),
        (b"IDAT", &pixels),
        (b"IEND", &Vec::new()),
    ] {
        png.extend(
            u32::try_from(data.len())
                .expect("a chunk is short")
                .to_be_bytes(),
        );
        let from = png.len();
        png.extend_from_slice(kind);
        png.extend(data);
        let mut sum = flate2::Crc::new();
        sum.update(&png[from..]);
        png.extend(sum.sum().to_be_bytes());
    }
    let mut html = String::new();
    write!(
        html,
        "<img width=100 src=\"data:image/png;base64,{}\">",
        STANDARD.encode(png)
    )
    .expect("memory can be written");
    html
}
