//! Conversions into sRGB (CSS Color 4 §9–12). What is out of gamut is clipped per component.

use cssparser::color::PredefinedColorSpace;

pub(super) type Triple = [f32; 3];
type Matrix = [Triple; 3];

/// D65 XYZ to linear sRGB.
const XYZ_TO_SRGB: Matrix = [
    [3.240_97, -1.537_383_2, -0.498_610_76],
    [-0.969_243_65, 1.875_967_5, 0.041_555_06],
    [0.055_630_08, -0.203_976_96, 1.056_971_5],
];
/// Bradford adaptation from D50 to D65.
const D50_TO_D65: Matrix = [
    [0.955_473_4, -0.023_098_54, 0.063_259_31],
    [-0.028_369_7, 1.009_995_5, 0.021_041_4],
    [0.012_314_0, -0.020_507_7, 1.330_365_9],
];
const SRGB_TO_XYZ: Matrix = [
    [0.412_390_8, 0.357_584_34, 0.180_480_8],
    [0.212_639, 0.715_168_7, 0.072_192_32],
    [0.019_330_82, 0.119_194_78, 0.950_532_15],
];
/// Bradford adaptation from D65 to D50.
const D65_TO_D50: Matrix = [
    [1.047_929_8, 0.022_946_79, -0.050_192_22],
    [0.029_627_82, 0.990_434_5, -0.017_073_83],
    [-0.009_243_06, 0.015_055_19, 0.751_874_3],
];
/// Linear sRGB to Oklab's cones, and their cube roots to Oklab.
const SRGB_TO_CONES: Matrix = [
    [0.412_221_46, 0.536_332_5, 0.051_445_995],
    [0.211_903_5, 0.680_699_5, 0.107_396_96],
    [0.088_302_46, 0.281_718_85, 0.629_978_7],
];
const CONES_TO_OKLAB: Matrix = [
    [0.210_454_26, 0.793_617_8, -0.004_072_047],
    [1.977_998_5, -2.428_592_2, 0.450_593_7],
    [0.025_904_037, 0.782_771_77, -0.808_675_77],
];
const P3_TO_XYZ: Matrix = [
    [0.486_570_95, 0.265_667_7, 0.198_217_29],
    [0.228_974_56, 0.691_738_5, 0.079_286_91],
    [0.0, 0.045_113_38, 1.043_944_4],
];
const A98_TO_XYZ: Matrix = [
    [0.576_669_04, 0.185_558_24, 0.188_228_65],
    [0.297_344_98, 0.627_363_57, 0.075_291_46],
    [0.027_031_36, 0.070_688_85, 0.991_337_5],
];
const PROPHOTO_TO_XYZ_D50: Matrix = [
    [0.797_766_6, 0.135_181_3, 0.031_347_73],
    [0.288_074_82, 0.711_835_2, 0.000_089_93],
    [0.0, 0.0, 0.825_104_6],
];
const REC2020_TO_XYZ: Matrix = [
    [0.636_958_05, 0.144_616_9, 0.168_880_98],
    [0.262_700_2, 0.677_998_1, 0.059_301_72],
    [0.0, 0.028_072_69, 1.060_985_1],
];

fn apply(matrix: &Matrix, [x, y, z]: Triple) -> Triple {
    matrix.map(|row| row[0] * x + row[1] * y + row[2] * z)
}

/// The sRGB transfer function, extended to negative values.
pub(super) fn encode(linear: f32) -> f32 {
    let size = linear.abs();
    let encoded = if size <= 0.003_130_8 {
        12.92 * size
    } else {
        1.055 * size.powf(1.0 / 2.4) - 0.055
    };
    encoded.copysign(linear)
}

pub(super) fn decode(encoded: f32) -> f32 {
    let size = encoded.abs();
    let linear = if size <= 0.040_45 {
        size / 12.92
    } else {
        ((size + 0.055) / 1.055).powf(2.4)
    };
    linear.copysign(encoded)
}

fn from_xyz(xyz: Triple) -> Triple {
    apply(&XYZ_TO_SRGB, xyz).map(encode)
}

/// `hsl()`: hue in degrees, the rest in `0..=1`.
pub(super) fn hsl(hue: f32, saturation: f32, lightness: f32) -> Triple {
    let reach = saturation * lightness.min(1.0 - lightness);
    let channel = |offset: f32| {
        let k = (offset + hue / 30.0) % 12.0;
        lightness - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    };
    [channel(0.0), channel(8.0), channel(4.0)]
}

/// `hwb()`: hue in degrees, the rest in `0..=1`.
pub(super) fn hwb(hue: f32, white: f32, black: f32) -> Triple {
    if white + black >= 1.0 {
        return [white / (white + black); 3];
    }
    hsl(hue, 1.0, 0.5).map(|channel| channel * (1.0 - white - black) + white)
}

/// CIE Lab with the D50 white.
pub(super) fn lab(lightness: f32, a: f32, b: f32) -> Triple {
    const KAPPA: f32 = 24389.0 / 27.0;
    const EPSILON: f32 = 216.0 / 24389.0;
    let y = (lightness + 16.0) / 116.0;
    let (x, z) = (a / 500.0 + y, y - b / 200.0);
    let cube = |t: f32| {
        if t.powi(3) > EPSILON {
            t.powi(3)
        } else {
            (116.0 * t - 16.0) / KAPPA
        }
    };
    let luminance = if lightness > KAPPA * EPSILON {
        y.powi(3)
    } else {
        lightness / KAPPA
    };
    let d50 = [cube(x) * D50[0], luminance * D50[1], cube(z) * D50[2]];
    from_xyz(apply(&D50_TO_D65, d50))
}

/// The white of D50.
const D50: Triple = [0.3457 / 0.3585, 1.0, (1.0 - 0.3457 - 0.3585) / 0.3585];

/// sRGB in CIE Lab with the D50 white.
pub(super) fn to_lab(srgb: Triple) -> Triple {
    const KAPPA: f32 = 24389.0 / 27.0;
    const EPSILON: f32 = 216.0 / 24389.0;
    let d50 = apply(&D65_TO_D50, apply(&SRGB_TO_XYZ, srgb.map(decode)));
    let [x, y, z] = [0, 1, 2].map(|at| {
        let value = d50[at] / D50[at];
        if value > EPSILON {
            value.cbrt()
        } else {
            (KAPPA * value + 16.0) / 116.0
        }
    });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// sRGB in Oklab.
pub(super) fn to_oklab(srgb: Triple) -> Triple {
    let cones = apply(&SRGB_TO_CONES, srgb.map(decode));
    apply(&CONES_TO_OKLAB, cones.map(f32::cbrt))
}

/// The hue of `hsl()` and `hwb()` in degrees; none of a grey.
pub(super) fn hue([r, g, b]: Triple) -> Option<f32> {
    let most = r.max(g).max(b);
    let reach = most - r.min(g).min(b);
    if reach <= 1e-5 {
        return None;
    }
    let sixth = if most == r {
        (g - b) / reach
    } else if most == g {
        (b - r) / reach + 2.0
    } else {
        (r - g) / reach + 4.0
    };
    Some((sixth * 60.0).rem_euclid(360.0))
}

/// Oklab.
pub(super) fn oklab(lightness: f32, a: f32, b: f32) -> Triple {
    let l = (lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
    let m = (lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
    let s = (lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
    [
        4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
        -1.268_438 * l + 2.609_757_4 * m - 0.341_319_38 * s,
        -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
    ]
    .map(encode)
}

/// `color()` in one of the predefined spaces.
pub(super) fn predefined(space: PredefinedColorSpace, components: Triple) -> Triple {
    match space {
        PredefinedColorSpace::Srgb => components,
        PredefinedColorSpace::SrgbLinear => components.map(encode),
        PredefinedColorSpace::DisplayP3 => from_xyz(apply(&P3_TO_XYZ, components.map(decode))),
        PredefinedColorSpace::DisplayP3Linear => from_xyz(apply(&P3_TO_XYZ, components)),
        PredefinedColorSpace::A98Rgb => {
            let linear = components.map(|value| value.abs().powf(563.0 / 256.0).copysign(value));
            from_xyz(apply(&A98_TO_XYZ, linear))
        }
        PredefinedColorSpace::ProphotoRgb => {
            let linear = components.map(|value| {
                let size = value.abs();
                let linear = if size <= 16.0 / 512.0 {
                    size / 16.0
                } else {
                    size.powf(1.8)
                };
                linear.copysign(value)
            });
            from_xyz(apply(&D50_TO_D65, apply(&PROPHOTO_TO_XYZ_D50, linear)))
        }
        PredefinedColorSpace::Rec2020 => {
            let linear = components.map(|value| {
                let size = value.abs();
                let linear = if size < 0.081_242_86 {
                    size / 4.5
                } else {
                    ((size + 0.099_296_83) / 1.099_296_8).powf(1.0 / 0.45)
                };
                linear.copysign(value)
            });
            from_xyz(apply(&REC2020_TO_XYZ, linear))
        }
        PredefinedColorSpace::XyzD50 => from_xyz(apply(&D50_TO_D65, components)),
        PredefinedColorSpace::XyzD65 => from_xyz(components),
    }
}
