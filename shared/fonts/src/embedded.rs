//! The font files.

use std::fmt;
use std::io::Read as _;
use std::sync::OnceLock;

/// A font file in the program.
///
/// The files are compressed (zlib, RFC 1950): together they would be half of a function's binary, and a
/// document uses two or three of them.
#[derive(Clone, Copy)]
pub struct EmbeddedFace {
    /// Family name, as in the file's `name` table.
    pub family: &'static str,
    /// CSS weight.
    pub weight: u16,
    /// Italic or oblique.
    pub italic: bool,
    /// Where the file is in this crate.
    pub file: &'static str,
    packed: &'static [u8],
    unpacked: &'static OnceLock<Vec<u8>>,
}

impl EmbeddedFace {
    /// The file: an sfnt with TrueType outlines. Unpacked when it is first asked for, and then kept.
    pub fn data(&self) -> &'static [u8] {
        self.unpacked.get_or_init(|| {
            let mut data = Vec::with_capacity(self.packed.len() * 2);
            // The build packed it; a test unpacks every one. Without it, text has a face without glyphs.
            match flate2::read::ZlibDecoder::new(self.packed).read_to_end(&mut data) {
                Ok(_) => data,
                Err(_) => Vec::new(),
            }
        })
    }
}

impl fmt::Debug for EmbeddedFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmbeddedFace({})", self.file)
    }
}

macro_rules! faces {
    ($(($family:literal, $weight:literal, $italic:literal, $file:literal),)*) => {
        &[$(EmbeddedFace {
            family: $family,
            weight: $weight,
            italic: $italic,
            file: $file,
            packed: include_bytes!(concat!(env!("OUT_DIR"), "/", $file, ".z")),
            unpacked: {
                static UNPACKED: OnceLock<Vec<u8>> = OnceLock::new();
                &UNPACKED
            },
        }),*]
    };
}

/// Every embedded face, by family; within one upright before italic, regular before bold.
pub fn faces() -> &'static [EmbeddedFace] {
    static FACES: &[EmbeddedFace] = faces![
        (
            "Liberation Mono",
            400,
            false,
            "liberation/LiberationMono-Regular.ttf"
        ),
        (
            "Liberation Mono",
            700,
            false,
            "liberation/LiberationMono-Bold.ttf"
        ),
        (
            "Liberation Mono",
            400,
            true,
            "liberation/LiberationMono-Italic.ttf"
        ),
        (
            "Liberation Mono",
            700,
            true,
            "liberation/LiberationMono-BoldItalic.ttf"
        ),
        (
            "Liberation Sans",
            400,
            false,
            "liberation/LiberationSans-Regular.ttf"
        ),
        (
            "Liberation Sans",
            700,
            false,
            "liberation/LiberationSans-Bold.ttf"
        ),
        (
            "Liberation Sans",
            400,
            true,
            "liberation/LiberationSans-Italic.ttf"
        ),
        (
            "Liberation Sans",
            700,
            true,
            "liberation/LiberationSans-BoldItalic.ttf"
        ),
        (
            "Liberation Serif",
            400,
            false,
            "liberation/LiberationSerif-Regular.ttf"
        ),
        (
            "Liberation Serif",
            700,
            false,
            "liberation/LiberationSerif-Bold.ttf"
        ),
        (
            "Liberation Serif",
            400,
            true,
            "liberation/LiberationSerif-Italic.ttf"
        ),
        (
            "Liberation Serif",
            700,
            true,
            "liberation/LiberationSerif-BoldItalic.ttf"
        ),
        ("Carlito", 400, false, "carlito/Carlito-Regular.ttf"),
        ("Carlito", 700, false, "carlito/Carlito-Bold.ttf"),
        ("Carlito", 400, true, "carlito/Carlito-Italic.ttf"),
        ("Carlito", 700, true, "carlito/Carlito-BoldItalic.ttf"),
        ("Caladea", 400, false, "caladea/Caladea-Regular.ttf"),
        ("Caladea", 700, false, "caladea/Caladea-Bold.ttf"),
        ("Caladea", 400, true, "caladea/Caladea-Italic.ttf"),
        ("Caladea", 700, true, "caladea/Caladea-BoldItalic.ttf"),
        (
            "Noto Naskh Arabic",
            400,
            false,
            "noto/NotoNaskhArabic-Regular.ttf"
        ),
        (
            "Noto Naskh Arabic",
            700,
            false,
            "noto/NotoNaskhArabic-Bold.ttf"
        ),
        (
            "Noto Sans Arabic",
            400,
            false,
            "noto/NotoSansArabic-Regular.ttf"
        ),
        (
            "Noto Sans Arabic",
            700,
            false,
            "noto/NotoSansArabic-Bold.ttf"
        ),
        (
            "Noto Sans Bengali",
            400,
            false,
            "noto/NotoSansBengali-Regular.ttf"
        ),
        (
            "Noto Sans Bengali",
            700,
            false,
            "noto/NotoSansBengali-Bold.ttf"
        ),
        (
            "Noto Sans Devanagari",
            400,
            false,
            "noto/NotoSansDevanagari-Regular.ttf"
        ),
        (
            "Noto Sans Devanagari",
            700,
            false,
            "noto/NotoSansDevanagari-Bold.ttf"
        ),
        (
            "Noto Sans Gujarati",
            400,
            false,
            "noto/NotoSansGujarati-Regular.ttf"
        ),
        (
            "Noto Sans Gujarati",
            700,
            false,
            "noto/NotoSansGujarati-Bold.ttf"
        ),
        (
            "Noto Sans Hebrew",
            400,
            false,
            "noto/NotoSansHebrew-Regular.ttf"
        ),
        (
            "Noto Sans Hebrew",
            700,
            false,
            "noto/NotoSansHebrew-Bold.ttf"
        ),
        (
            "Noto Sans Tamil",
            400,
            false,
            "noto/NotoSansTamil-Regular.ttf"
        ),
        ("Noto Sans Tamil", 700, false, "noto/NotoSansTamil-Bold.ttf"),
        (
            "Noto Sans Telugu",
            400,
            false,
            "noto/NotoSansTelugu-Regular.ttf"
        ),
        (
            "Noto Sans Telugu",
            700,
            false,
            "noto/NotoSansTelugu-Bold.ttf"
        ),
        (
            "Noto Sans Thai",
            400,
            false,
            "noto/NotoSansThai-Regular.ttf"
        ),
        ("Noto Sans Thai", 700, false, "noto/NotoSansThai-Bold.ttf"),
        ("DejaVu Sans", 700, false, "dejavu/DejaVuSans-Bold.ttf"),
        ("DejaVu Sans", 400, false, "dejavu/DejaVuSans.ttf"),
    ];
    FACES
}
