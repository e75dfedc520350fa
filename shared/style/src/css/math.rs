//! Trigonometric and exponential functions (CSS Values 4 §10.4, §10.5).

use super::numeric::Kind;
use cssparser::match_ignore_ascii_case;

/// A function of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MathFunction {
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Atan2,
    Pow,
    Sqrt,
    Hypot,
    Log,
    Exp,
}

impl MathFunction {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match_ignore_ascii_case! { name,
            "sin" => Self::Sin,
            "cos" => Self::Cos,
            "tan" => Self::Tan,
            "asin" => Self::Asin,
            "acos" => Self::Acos,
            "atan" => Self::Atan,
            "atan2" => Self::Atan2,
            "pow" => Self::Pow,
            "sqrt" => Self::Sqrt,
            "hypot" => Self::Hypot,
            "log" => Self::Log,
            "exp" => Self::Exp,
            _ => return None,
        })
    }

    /// Whether it has so many arguments.
    pub(super) fn takes(self, count: usize) -> bool {
        match self {
            Self::Atan2 | Self::Pow => count == 2,
            Self::Log => count == 1 || count == 2,
            Self::Hypot => count > 0,
            _ => count == 1,
        }
    }

    /// What it makes of arguments that are all of one kind.
    pub(super) fn kind(self, of: Kind) -> Option<Kind> {
        match self {
            Self::Sin | Self::Cos | Self::Tan => {
                matches!(of, Kind::Number | Kind::Angle).then_some(Kind::Number)
            }
            Self::Asin | Self::Acos | Self::Atan => (of == Kind::Number).then_some(Kind::Angle),
            Self::Atan2 => Some(Kind::Angle),
            Self::Hypot => Some(of),
            Self::Pow | Self::Sqrt | Self::Log | Self::Exp => {
                (of == Kind::Number).then_some(Kind::Number)
            }
        }
    }

    /// Its value; angles are in radians.
    pub(super) fn of(self, arguments: &[f32]) -> Option<f32> {
        let first = *arguments.first()?;
        let second = arguments.get(1).copied();
        Some(match self {
            Self::Sin => first.sin(),
            Self::Cos => first.cos(),
            Self::Tan => first.tan(),
            Self::Asin => first.asin(),
            Self::Acos => first.acos(),
            Self::Atan => first.atan(),
            Self::Atan2 => first.atan2(second?),
            Self::Pow => first.powf(second?),
            Self::Sqrt => first.sqrt(),
            Self::Hypot => arguments.iter().copied().fold(0.0, f32::hypot),
            Self::Log => second.map_or_else(|| first.ln(), |base| first.ln() / base.ln()),
            Self::Exp => first.exp(),
        })
    }
}
