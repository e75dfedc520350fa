//! The press by what is on its pages.

mod blend;
mod breaks;
mod clip_path;
mod color_fonts;
mod columns;
mod flex;
mod floats;
mod fonts;
mod footnotes;
mod forms;
mod grid;
mod images;
mod margin_boxes;
mod oracles;
mod overflow;
mod positions;
mod read;
mod replaced;
mod sizes;
mod static_positions;
mod svg_text;
mod tables;
mod text;
