//! `color-mix()` (CSS Color 5 §3), with the conversions out of sRGB that it needs (CSS Color 4 §9, §10).

use super::color_space as space;
use super::color_space::{Triple, decode};
use super::problem::unsupported;
use super::{Parse, keyword};
use cssparser::{Parser, match_ignore_ascii_case};
use fanfold_geometry::Color;

/// Where two colours are mixed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum MixSpace {
    /// Any whose components are mixed each by itself.
    Rectangular(Rectangular),
    /// One with a hue, and the way round its circle.
    Polar(Polar, Way),
}

/// A space without a hue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rectangular {
    /// `srgb`.
    Srgb,
    /// `srgb-linear`; `xyz` mixes the same, as it is a matrix away.
    Linear,
    /// `lab`.
    Lab,
    /// `oklab`.
    Oklab,
}

/// A space with a hue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Polar {
    /// `hsl`.
    Hsl,
    /// `hwb`.
    Hwb,
    /// `lch`.
    Lch,
    /// `oklch`.
    Oklch,
}

/// Hue interpolation (CSS Color 4 §12.4).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    /// The shorter arc.
    Shorter,
    /// The longer arc.
    Longer,
    /// Upwards.
    Increasing,
    /// Downwards.
    Decreasing,
}

impl MixSpace {
    /// What follows `in`.
    pub(crate) fn parse(input: &mut Parser<'_>) -> Parse<Self> {
        let name = input.expect_ident_cloned()?;
        let rectangular = match_ignore_ascii_case! { &name,
            "srgb" => Some(Rectangular::Srgb),
            "srgb-linear" | "xyz" | "xyz-d50" | "xyz-d65" => Some(Rectangular::Linear),
            "lab" => Some(Rectangular::Lab),
            "oklab" => Some(Rectangular::Oklab),
            _ => None,
        };
        if let Some(space) = rectangular {
            return Ok(Self::Rectangular(space));
        }
        let polar = match_ignore_ascii_case! { &name,
            "hsl" => Polar::Hsl,
            "hwb" => Polar::Hwb,
            "lch" => Polar::Lch,
            "oklch" => Polar::Oklch,
            _ => return Err(unsupported(format!("color-mix() in {name}"))),
        };
        let way = input.try_parse(|input| -> Parse<Way> {
            let ways = [
                ("shorter", Way::Shorter),
                ("longer", Way::Longer),
                ("increasing", Way::Increasing),
                ("decreasing", Way::Decreasing),
            ];
            let way = keyword(input, &ways)?;
            input.expect_ident_matching("hue")?;
            Ok(way)
        });
        Ok(Self::Polar(polar, way.unwrap_or(Way::Shorter)))
    }

    /// `share` of `second` in `first`, premultiplied.
    pub(crate) fn mix(self, first: Color, second: Color, share: f32) -> Color {
        let blend = |left: f32, right: f32| left + (right - left) * share;
        let a = blend(first.a, second.a);
        if a <= 0.0 {
            return Color::TRANSPARENT;
        }
        let plain = |left: f32, right: f32| blend(left * first.a, right * second.a) / a;
        let triple = |color: Color| [color.r, color.g, color.b];
        let [r, g, b] = match self {
            Self::Rectangular(kind) => {
                let (left, right) = (kind.of(triple(first)), kind.of(triple(second)));
                kind.back([0, 1, 2].map(|at| plain(left[at], right[at])))
            }
            Self::Polar(kind, way) => {
                let (left, right) = (kind.of(triple(first)), kind.of(triple(second)));
                let hue = match (left.hue, right.hue) {
                    (Some(left), Some(right)) => blend(left, left + way.round(right - left)),
                    // A colour without a hue takes the other's (CSS Color 4 §12.2).
                    (left, right) => left.or(right).unwrap_or(0.0),
                };
                let rest = [0, 1].map(|at| plain(left.rest[at], right.rest[at]));
                kind.back(hue.rem_euclid(360.0), rest)
            }
        };
        Color {
            r: r.clamp(0.0, 1.0),
            g: g.clamp(0.0, 1.0),
            b: b.clamp(0.0, 1.0),
            a,
            cmyk: None,
        }
    }
}

impl Way {
    /// The degrees to go for a difference of hues.
    fn round(self, difference: f32) -> f32 {
        let up = difference.rem_euclid(360.0);
        let down = up - 360.0;
        match self {
            Self::Shorter if up > 180.0 => down,
            Self::Shorter => up,
            Self::Longer if up > 0.0 && up < 180.0 => down,
            Self::Longer | Self::Increasing => up,
            Self::Decreasing if up > 0.0 => down,
            Self::Decreasing => 0.0,
        }
    }
}

impl Rectangular {
    fn of(self, srgb: Triple) -> Triple {
        match self {
            Self::Srgb => srgb,
            Self::Linear => srgb.map(decode),
            Self::Lab => space::to_lab(srgb),
            Self::Oklab => space::to_oklab(srgb),
        }
    }

    fn back(self, [one, two, three]: Triple) -> Triple {
        match self {
            Self::Srgb => [one, two, three],
            Self::Linear => [one, two, three].map(space::encode),
            Self::Lab => space::lab(one, two, three),
            Self::Oklab => space::oklab(one, two, three),
        }
    }
}

/// A colour in a space with a hue.
struct Hued {
    /// In degrees; none of a grey.
    hue: Option<f32>,
    /// The two other components.
    rest: [f32; 2],
}

impl Polar {
    fn of(self, srgb: Triple) -> Hued {
        // Greys come out of the conversions with some 1e-5 of chroma.
        let polar = |[lightness, a, b]: Triple, least: f32| {
            let chroma = a.hypot(b);
            Hued {
                hue: (chroma > least).then(|| b.atan2(a).to_degrees()),
                rest: [lightness, chroma],
            }
        };
        let (most, least) = (
            srgb.iter().copied().fold(f32::MIN, f32::max),
            srgb.iter().copied().fold(f32::MAX, f32::min),
        );
        match self {
            Self::Lch => polar(space::to_lab(srgb), 0.02),
            Self::Oklch => polar(space::to_oklab(srgb), 2e-4),
            Self::Hwb => Hued {
                hue: space::hue(srgb),
                rest: [least, 1.0 - most],
            },
            Self::Hsl => {
                let lightness = f32::midpoint(most, least);
                let room = lightness.min(1.0 - lightness);
                let saturation = match room > 0.0 {
                    true => (most - lightness) / room,
                    false => 0.0,
                };
                Hued {
                    hue: space::hue(srgb),
                    rest: [saturation, lightness],
                }
            }
        }
    }

    fn back(self, hue: f32, [one, two]: [f32; 2]) -> Triple {
        let (sin, cos) = hue.to_radians().sin_cos();
        match self {
            Self::Hsl => space::hsl(hue, one, two),
            Self::Hwb => space::hwb(hue, one, two),
            Self::Lch => space::lab(one, two * cos, two * sin),
            Self::Oklch => space::oklab(one, two * cos, two * sin),
        }
    }
}
