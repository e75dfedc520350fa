//! Colours as PDF wants them.

/// A colour in sRGB with straight alpha, each component in `0.0..=1.0`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Color {
    /// Red.
    pub r: f32,
    /// Green.
    pub g: f32,
    /// Blue.
    pub b: f32,
    /// Opacity: 0 is transparent.
    pub a: f32,
    /// The inks that a printer is to make it of, where the document says so; the rest is what it may
    /// look like.
    pub cmyk: Option<Cmyk>,
}

/// Parts of cyan, magenta, yellow and black, in thousandths (CSS Color 5 §8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cmyk(pub [u16; 4]);

impl Cmyk {
    /// From parts in `0.0..=1.0`, which others are clamped to.
    pub fn new(parts: [f32; 4]) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0..=1000"
        )]
        let thousandths = |part: f32| (part.clamp(0.0, 1.0) * 1000.0).round() as u16;
        Self(parts.map(thousandths))
    }
}

impl Color {
    /// Opaque black, the initial value of `color`.
    pub const BLACK: Self = Self::rgb(0.0, 0.0, 0.0);
    /// Opaque white.
    pub const WHITE: Self = Self::rgb(1.0, 1.0, 1.0);
    /// Transparent black, the initial value of `background-color`.
    pub const TRANSPARENT: Self = Self {
        r: 0.0,
        g: 0.0,
        b: 0.0,
        a: 0.0,
        cmyk: None,
    };

    /// An opaque colour.
    pub const fn rgb(r: f32, g: f32, b: f32) -> Self {
        Self {
            r,
            g,
            b,
            a: 1.0,
            cmyk: None,
        }
    }

    /// Whether painting with it changes nothing.
    pub fn is_transparent(self) -> bool {
        self.a <= 0.0
    }
}
