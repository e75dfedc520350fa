//! SVG images as vectors: usvg resolves the document, its tree becomes display items.

mod adapt;
mod amount;
mod draw;
mod text;

use crate::images::Natural;
use crate::press::Limits;
use fanfold_geometry::{Color, Px, Rect, Transform};
use fanfold_paint::{Drawing, Item, Path};
use fanfold_style::parse_color;
use fanfold_text::Fonts;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use usvg::roxmltree::{Document, Node, ParsingOptions};

/// The namespace of SVG's elements.
const NAMESPACE: &str = "http://www.w3.org/2000/svg";
/// Elements, attributes and texts that an SVG document may have.
const MOST_NODES: u32 = 500_000;

/// The size of what has none (CSS Images 3 §5.3).
const DEFAULT: (Px, Px) = (Px(300.0), Px(150.0));

/// A parsed SVG image.
#[derive(Debug)]
pub(crate) struct SvgImage {
    drawing: Arc<Drawing>,
    natural: Natural,
    /// What the coordinates are of: `viewBox`, or one px a unit.
    view: Option<View>,
    /// What is below it, in an image by itself: browsers draw its root as CSS has it.
    background: Option<Color>,
    missing: Option<&'static str>,
}

/// `viewBox` and `preserveAspectRatio` (SVG 2 §8.2).
#[derive(Clone, Copy, Debug)]
struct View {
    width: f32,
    height: f32,
    fit: Fit,
}

#[derive(Clone, Copy, Debug)]
enum Fit {
    /// Both axes on their own.
    Stretch,
    /// As large as fits, or as covers; the rest is split by these parts.
    Keep { covers: bool, x: f32, y: f32 },
}

impl SvgImage {
    /// Reads an SVG document, its text in `fonts`: one that is an image by itself, or an element of the page.
    /// `resources` gives the bytes of images that it refers to by URL.
    ///
    /// # Errors
    /// Why it is none, as a sentence.
    pub(crate) fn parse(
        text: &str,
        limits: Limits,
        fonts: &Fonts,
        is_image: bool,
        resources: &(dyn Fn(&str) -> Option<Arc<Vec<u8>>> + '_),
    ) -> Result<Self, String> {
        let source = xml(text)?;
        let root = source.root_element();
        if !root.has_tag_name((NAMESPACE, "svg")) {
            // Forgotten often, in `data:` URLs above all.
            if root.has_tag_name("svg") && root.tag_name().namespace().is_none() {
                return Self::parse(
                    &adapt::named(text, root),
                    limits,
                    fonts,
                    is_image,
                    resources,
                );
            }
            return Err("not an SVG document".into());
        }
        amount::check(&source)?;
        let length = |name: &str| root.attribute(name).and_then(length);
        let (width, height) = (length("width"), length("height"));
        let own = View::of(root);
        let background = root.attribute("style").and_then(background);
        let natural = Natural {
            width,
            height,
            ratio: own.map(|view| view.width / view.height),
        };
        // An image of a size of its own scales as one of pixels does, in every browser; an element does not.
        let scaled = || {
            let whole = width.zip(height);
            // All of whose parts are of its viewport is the same at any size: made for one, it stretches.
            let size = whole.or_else(|| of_viewport(root).then_some(DEFAULT));
            size.and_then(|(width, height)| View::stretched(width, height))
        };
        let view = own.or_else(|| scaled().filter(|_| is_image));
        // The tree is made at the size of its own units, so that one size serves all boxes.
        let size = match view {
            Some(view) => (view.width, view.height),
            None => (
                natural.width.unwrap_or(DEFAULT.0).0,
                natural.height.unwrap_or(DEFAULT.1).0,
            ),
        };
        let has_paths =
            (source.descendants()).any(|node| node.has_tag_name((NAMESPACE, "textPath")));
        let carries = !has_paths || amount::paths_may_carry(&source);
        let sized = adapt::adapted(text, &source, size, carries);
        let images = images_of(&source, resources);
        let faces = text::Faces::new(fonts);
        let options = usvg::Options {
            font_resolver: faces.resolver(),
            font_size: 16.0,
            font_family: "serif".into(),
            image_href_resolver: usvg::ImageHrefResolver {
                // Never from a file, as the default would.
                resolve_string: Box::new(move |url, options| hrefs_data(images.get(url)?, options)),
                ..usvg::ImageHrefResolver::default()
            },
            ..usvg::Options::default()
        };
        let source = xml(&sized)?;
        // Its layout of text asserts more than it has checked: an image must not take its document down.
        let made = AssertUnwindSafe(|| usvg::Tree::from_xmltree(&source, &options));
        let tree = catch_unwind(made)
            .map_err(|_| "its text cannot be laid out".to_owned())?
            .map_err(|error| error.to_string())?;
        let items = draw::items(&tree, limits, &faces)?;
        Ok(Self {
            drawing: Arc::new(Drawing::new(items)),
            natural,
            view,
            background: background.filter(|_| is_image),
            missing: missing(&source).or((!carries).then_some("textPath")),
        })
    }

    /// Its natural dimensions.
    pub(crate) fn natural(&self) -> Natural {
        self.natural
    }

    /// What it has that is not drawn.
    pub(crate) fn missing(&self) -> Option<&str> {
        self.missing
    }

    /// Draws it in a viewport (SVG 2 §8.2); what sticks out is cut off where it `clips`.
    pub(crate) fn draw(&self, viewport: Rect, clips: bool, items: &mut Vec<Item>) {
        let (w, h) = (viewport.width.0, viewport.height.0);
        if !(w > 0.0 && h > 0.0) {
            return;
        }
        let shift = Transform::translate(viewport.x, viewport.y);
        let place = match self.view {
            None => shift,
            Some(view) => view.place(w, h).map_or(shift, |fit| shift.then_inner(fit)),
        };
        if clips {
            items.push(Item::PushClip(Path::rect(viewport)));
        }
        if let Some(color) = self.background {
            items.push(Item::FillPath {
                path: Path::rect(viewport),
                even_odd: false,
                color,
            });
        }
        items.push(Item::PushTransform(place));
        items.push(Item::Drawing(Arc::clone(&self.drawing)));
        items.push(Item::Pop);
        if clips {
            items.push(Item::Pop);
        }
    }
}

/// Whether all that an image draws is measured in percentages of its viewport, each axis by itself.
fn of_viewport(root: Node<'_, '_>) -> bool {
    const PLAIN: [&str; 5] = ["g", "rect", "ellipse", "title", "desc"];
    const EXTENTS: [&str; 8] = ["x", "y", "width", "height", "cx", "cy", "rx", "ry"];
    const OTHER: [&str; 6] = ["fill", "opacity", "fill-opacity", "id", "version", "space"];
    let mut elements = root.descendants().filter(Node::is_element).skip(1);
    elements.all(|node| {
        PLAIN.contains(&node.tag_name().name())
            && node.attributes().all(|found| {
                let (name, value) = (found.name(), found.value().trim());
                EXTENTS.contains(&name) && (value.ends_with('%') || value == "0")
                    || OTHER.contains(&name) && !value.contains("url")
            })
    })
}

/// The background colour of a root's `style`.
fn background(style: &str) -> Option<Color> {
    let (mut ordinary, mut important) = (None, None);
    for declaration in declarations(style) {
        let Some((name, value)) = declaration.split_once(':') else {
            continue;
        };
        let name = name.trim().to_ascii_lowercase();
        let (value, target) = match value.rsplit_once('!') {
            Some((value, word)) if word.trim().eq_ignore_ascii_case("important") => {
                (value, &mut important)
            }
            _ => (value, &mut ordinary),
        };
        match (&*name, parse_color(value.trim())) {
            ("background-color" | "background", Some(color)) => *target = Some(color),
            // The shorthand resets it; images in it are not drawn.
            ("background", None) => *target = Some(Color::TRANSPARENT),
            _ => {}
        }
    }
    important.or(ordinary).filter(|color| color.a > 0.0)
}

/// The declarations of a `style` attribute: semicolons in brackets and strings part none.
fn declarations(style: &str) -> impl Iterator<Item = &str> {
    let (mut depth, mut quote) = (0_u32, None);
    style.split(move |character: char| {
        match (character, quote) {
            (_, Some(end)) if character == end => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) => quote = Some(character),
            ('(', None) => depth += 1,
            (')', None) => depth = depth.saturating_sub(1),
            (';', None) => return depth == 0,
            _ => {}
        }
        false
    })
}

/// What a document has that is not drawn.
fn missing(source: &Document<'_>) -> Option<&'static str> {
    let names = ["filter", "foreignObject"];
    let mut elements = source.descendants().filter(|node| node.is_element());
    elements.find_map(|node| {
        let own = node.tag_name();
        let found = names.into_iter().find(|name| *name == own.name());
        found.filter(|_| own.namespace() == Some(NAMESPACE))
    })
}

fn xml(text: &str) -> Result<Document<'_>, String> {
    let options = ParsingOptions {
        // Authoring programs write document types.
        allow_dtd: true,
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|error| error.to_string())
}

/// The images that a document's elements refer to, other than `data:` ones.
fn images_of(
    source: &Document<'_>,
    resources: &(dyn Fn(&str) -> Option<Arc<Vec<u8>>> + '_),
) -> BTreeMap<String, Arc<Vec<u8>>> {
    const XLINK: &str = "http://www.w3.org/1999/xlink";
    source
        .descendants()
        .filter(|node| node.has_tag_name((NAMESPACE, "image")))
        .filter_map(|node| {
            node.attribute("href")
                .or_else(|| node.attribute((XLINK, "href")))
        })
        .filter(|url| !url.starts_with("data:"))
        .filter_map(|url| Some((url.to_owned(), resources(url)?)))
        .collect()
}

/// An image's bytes as usvg wants them.
fn hrefs_data(data: &Arc<Vec<u8>>, options: &usvg::Options<'_>) -> Option<usvg::ImageKind> {
    let resolve = usvg::ImageHrefResolver::default_data_resolver();
    resolve("text/plain", Arc::clone(data), options)
}

impl View {
    fn of(root: Node<'_, '_>) -> Option<Self> {
        let parts: Vec<f32> = root
            .attribute("viewBox")?
            .split([' ', ',', '\t', '\n', '\r'])
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()
            .ok()?;
        let &[_, _, width, height] = parts.as_slice() else {
            return None;
        };
        if !(width > 0.0 && height > 0.0 && width.is_finite() && height.is_finite()) {
            return None;
        }
        let mut fit = Fit::Keep {
            covers: false,
            x: 0.5,
            y: 0.5,
        };
        if let Some(value) = root.attribute("preserveAspectRatio") {
            let mut words = value.split_ascii_whitespace();
            let align = words.next().unwrap_or_default();
            let part = |from: usize| match align.get(from..from + 3) {
                Some("Min") => 0.0,
                Some("Max") => 1.0,
                _ => 0.5,
            };
            fit = if align == "none" {
                Fit::Stretch
            } else {
                Fit::Keep {
                    covers: words.next() == Some("slice"),
                    x: part(1),
                    y: part(5),
                }
            };
        }
        Some(Self { width, height, fit })
    }

    /// Of what has a size and no `viewBox`.
    fn stretched(width: Px, height: Px) -> Option<Self> {
        (width > Px::ZERO && height > Px::ZERO).then_some(Self {
            width: width.0,
            height: height.0,
            fit: Fit::Stretch,
        })
    }

    /// From units to a viewport of this size.
    fn place(self, width: f32, height: f32) -> Option<Transform> {
        let (sx, sy) = (width / self.width, height / self.height);
        let place = match self.fit {
            Fit::Stretch => Transform {
                a: sx,
                d: sy,
                ..Transform::IDENTITY
            },
            Fit::Keep { covers, x, y } => {
                let scale = if covers { sx.max(sy) } else { sx.min(sy) };
                Transform {
                    a: scale,
                    d: scale,
                    e: (width - self.width * scale) * x,
                    f: (height - self.height * scale) * y,
                    ..Transform::IDENTITY
                }
            }
        };
        (place.a.is_finite() && place.d.is_finite()).then_some(place)
    }
}

/// A root's `width` or `height`; percentages and font-relative units are no natural size.
fn length(text: &str) -> Option<Px> {
    let text = text.trim();
    let end = text
        .find(|c: char| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E') || c == '%')
        .unwrap_or(text.len());
    let value: f32 = text[..end].trim().parse().ok()?;
    let scale = match text[end..].to_ascii_lowercase().as_str() {
        "" | "px" => 1.0,
        "pt" => 96.0 / 72.0,
        "pc" => 16.0,
        "in" => 96.0,
        "cm" => 96.0 / 2.54,
        "mm" => 96.0 / 25.4,
        "q" => 96.0 / 101.6,
        _ => return None,
    };
    let px = value * scale;
    (px >= 0.0 && px.is_finite()).then_some(Px(px))
}
