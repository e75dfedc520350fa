//! Documents by chance: every formatting context in every other, with breaks, sizes and edges, on small pages.
//!
//! Nothing in them hides or moves text: no clipping at a height, no negative margins, no offsets. So each word
//! (`w0w`, `w1w`, …) is to be seen once.

use std::fmt::Write;

/// Boxes in one another.
const DEEPEST: u32 = 4;

/// A document, its seed's alone.
pub(crate) fn document(seed: u64) -> String {
    let mut document = Generator {
        state: seed,
        words: 0,
        html: String::new(),
    };
    // Streams of neighbouring seeds are not one another's, shifted.
    document.state = document.next();
    let size = document.one(&[
        "300px 400px",
        "600px 300px",
        "400px 150px",
        "800px 900px",
        "500px 90px",
    ]);
    let margin = document.one(&["0", "10px", "5% 20px", "20px 10px 30px"]);
    let font = document.one(&["10px/1", "12px/1.2", "16px/normal", "14px/24px"]);
    let body = document.one(&["0", "8px", "0 20px"]);
    // A third have a first page, or right ones, of another width.
    let other = match seed % 6 {
        1 => "@page:first{margin-right:60px}",
        4 => "@page:right{margin-left:0;margin-right:0}",
        _ => "",
    };
    let style = format!(
        "@page{{size:{size};margin:{margin}}}{other} body{{margin:{body};font:{font} 'DejaVu Sans'}} \
         .n{{float:footnote}}"
    );
    let _ = write!(
        document.html,
        "<!DOCTYPE html><meta charset=utf-8><style>{style}</style>"
    );
    for _ in 0..document.count(1, 4) {
        document.block(0);
    }
    document.html
}

struct Generator {
    state: u64,
    words: u32,
    html: String,
}

impl Generator {
    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `least` to one below `most`.
    fn count(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most - least)
    }

    /// In so many of a hundred cases.
    fn in_hundred(&mut self, cases: u64) -> bool {
        self.next() % 100 < cases
    }

    fn one(&mut self, of: &[&'static str]) -> &'static str {
        of[self.count(0, of.len() as u64) as usize]
    }

    /// One of these values of a property, in so many of a hundred cases.
    fn property(&mut self, cases: u64, name: &str, values: &[&'static str]) {
        if self.in_hundred(cases) {
            let value = self.one(values);
            let _ = write!(self.html, "{name}:{value};");
        }
    }

    fn words(&mut self, most: u64) {
        for index in 0..self.count(1, most) {
            let space = if index > 0 { " " } else { "" };
            let _ = write!(self.html, "{space}w{}w", self.words);
            self.words += 1;
        }
    }

    fn breaks(&mut self) {
        let before = ["avoid", "avoid", "page", "column", "left", "always"];
        self.property(20, "break-before", &before);
        self.property(15, "break-after", &["avoid", "avoid", "page", "recto"]);
        self.property(15, "break-inside", &["avoid"]);
        self.property(5, "page", &["a", "b"]);
    }

    /// Sizes of what is not broken: text that sticks out of it is cut off at the page's end.
    fn small_sizes(&mut self) {
        self.property(10, "width", &["50%", "120px", "max-content"]);
        self.property(10, "margin", &["10px", "auto", "5px 0"]);
        self.property(10, "padding", &["10px", "2px"]);
        self.property(10, "border", &["2px solid"]);
    }

    fn sizes(&mut self) {
        let heights = ["0", "20px", "130px", "450px", "1100px", "50%", "100%"];
        self.property(12, "height", &heights);
        self.property(8, "min-height", &["50px", "600px", "30%"]);
        self.property(4, "max-height", &["40px", "200px"]);
        self.property(8, "width", &["50%", "120px", "max-content", "min-content"]);
        self.property(
            10,
            "margin",
            &["10px", "auto", "30px 0", "0 auto", "200px 0"],
        );
        let paddings = ["10px", "2px", "10%", "150px 0 0", "0 0 150px"];
        self.property(10, "padding", &paddings);
        self.property(10, "border", &["2px solid", "20px solid"]);
        self.property(5, "box-sizing", &["border-box"]);
        self.property(5, "box-decoration-break", &["clone"]);
    }

    fn text_style(&mut self) {
        let aligns = ["right", "center", "justify"];
        self.property(10, "text-align", &aligns);
        self.property(8, "white-space", &["pre-wrap", "pre-line", "break-spaces"]);
        self.property(6, "direction", &["rtl"]);
        self.property(8, "orphans", &["1", "3", "5"]);
        self.property(8, "widows", &["1", "3", "5"]);
    }

    fn inline(&mut self, depth: u32) {
        for _ in 0..self.count(1, 5) {
            match self.count(0, 20) {
                0..=8 => self.words(8),
                9 => self.html.push_str("<br>"),
                10 => self.html.push_str("&nbsp;"),
                11 | 12 => {
                    self.html.push_str("<i style='float:");
                    let side = self.one(&["left", "right"]);
                    let _ = write!(self.html, "{side};");
                    self.sizes();
                    self.html.push_str("'>");
                    self.words(3);
                    self.html.push_str("</i>");
                }
                13 => {
                    self.html.push_str("<b class=n>");
                    self.words(4);
                    self.html.push_str("</b>");
                }
                14 => {
                    self.html.push_str("<span style='display:inline-block;");
                    self.small_sizes();
                    self.property(30, "vertical-align", &["top", "bottom", "middle"]);
                    self.html.push_str("'>");
                    self.words(4);
                    self.html.push_str("</span>");
                }
                15 if depth < 2 => {
                    self.html.push_str("<span style='position:absolute'>");
                    self.words(3);
                    self.html.push_str("</span>");
                }
                _ if depth < 3 => {
                    self.html.push_str("<span style='");
                    let aligns = ["top", "bottom", "super", "middle", "5px"];
                    self.property(25, "vertical-align", &aligns);
                    self.property(15, "font-size", &["30px", "6px"]);
                    self.property(15, "padding", &["5px", "40px 0"]);
                    self.property(15, "line-height", &["1", "40px"]);
                    self.property(10, "position", &["relative"]);
                    self.property(10, "box-decoration-break", &["clone"]);
                    self.html.push_str("'>");
                    self.inline(depth + 1);
                    self.html.push_str("</span>");
                }
                _ => self.words(3),
            }
            let space = self.one(&["", " ", " "]);
            self.html.push_str(space);
        }
    }

    fn block(&mut self, depth: u32) {
        match self.count(0, 14) {
            kind if kind < 5 || depth >= DEEPEST => {
                self.html.push_str("<p style='");
                self.breaks();
                self.sizes();
                self.text_style();
                self.html.push_str("'>");
                self.inline(0);
                self.html.push_str("</p>");
            }
            5 | 6 => self.table(depth),
            7 => {
                let list = self.one(&["ul", "ol"]);
                let _ = write!(self.html, "<{list} style='");
                self.property(20, "list-style-position", &["inside"]);
                let _ = write!(self.html, "'>");
                for _ in 0..self.count(1, 4) {
                    self.html.push_str("<li style='");
                    self.breaks();
                    self.html.push_str("'>");
                    if self.in_hundred(40) {
                        self.block(depth + 1);
                    } else {
                        self.words(12);
                    }
                    if self.in_hundred(10) {
                        self.block(depth + 1);
                    }
                }
                let _ = write!(self.html, "</{list}>");
            }
            12 => self.chain(depth),
            13 => self.spanned_columns(depth),
            8 if self.in_hundred(30) => {
                self.html.push_str("<fieldset style='");
                self.breaks();
                self.sizes();
                self.html.push_str("'><legend>");
                self.words(3);
                self.html.push_str("</legend>");
                self.block(depth + 1);
                self.html.push_str("</fieldset>");
            }
            _ => self.container(depth),
        }
    }

    fn container(&mut self, depth: u32) {
        let display = self.one(&[
            "",
            "",
            "display:flow-root",
            "display:flex",
            "display:flex;flex-direction:column",
            "display:flex;flex-wrap:wrap",
            "display:flex;align-items:center;gap:10px",
            "display:grid;grid-template-columns:auto 1fr",
            "display:grid;grid-template-rows:700px 50px",
            "display:grid;grid-template-columns:1fr 1fr;grid-auto-rows:40px",
            "display:grid",
            "columns:2",
            "columns:3;column-fill:auto",
            "columns:100px;column-rule:1px solid",
            "position:relative",
            "position:absolute",
            "float:left",
            "float:right;width:50%",
        ]);
        self.html.push_str("<div style='");
        self.breaks();
        if display.starts_with("columns") {
            // Columns too low for a line go on to the side, off the page.
            self.small_sizes();
        } else {
            self.sizes();
        }
        self.text_style();
        let _ = write!(self.html, "{display}'>");
        for _ in 0..self.count(1, 4) {
            self.block(depth + 1);
        }
        self.html.push_str("</div>");
    }

    /// A heading that stays with what it is of, and what has no box of its own.
    fn chain(&mut self, depth: u32) {
        for _ in 0..self.count(1, 4) {
            let picture = self.one(&["20px", "60px", "50%;height:100px", "350px"]);
            match self.count(0, 5) {
                0 => {
                    let _ = write!(
                        self.html,
                        "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'/>\" \
                         style='width:{picture};"
                    );
                    self.property(50, "display", &["block"]);
                    self.property(20, "float", &["left", "right"]);
                    self.html.push_str("'>");
                    self.words(4);
                }
                1 => {
                    self.html.push_str("<div style='display:contents'>");
                    self.words(4);
                    self.block(depth + 1);
                    self.html.push_str("</div>");
                }
                2 => {
                    self.html.push_str("<div style='break-inside:avoid'>");
                    self.block(depth + 1);
                    self.block(depth + 1);
                    self.html.push_str("</div>");
                }
                3 => {
                    self.html.push_str("<div style='position:relative;");
                    self.sizes();
                    self.html.push_str("'>");
                    self.words(6);
                    self.html.push_str("<div style='position:absolute;");
                    self.property(50, "top", &["0", "30px"]);
                    self.property(50, "left", &["0", "30px"]);
                    self.html.push_str("'>");
                    self.words(9);
                    self.html.push_str("</div>");
                    self.block(depth + 1);
                    self.html.push_str("</div>");
                }
                _ => {
                    self.html
                        .push_str("<h3 style='break-after:avoid;margin:5px 0'>");
                    self.words(6);
                    self.html.push_str("</h3>");
                }
            }
        }
        self.block(depth + 1);
    }

    /// Columns around what spans them.
    fn spanned_columns(&mut self, depth: u32) {
        self.html.push_str("<div style='columns:2;");
        self.breaks();
        self.small_sizes();
        self.html.push_str("'>");
        for _ in 0..self.count(1, 4) {
            if self.in_hundred(50) {
                self.block(depth + 1);
            }
            self.html.push_str("<h4 style='column-span:all;");
            self.breaks();
            self.small_sizes();
            self.html.push_str("'>");
            self.inline(1);
            self.html.push_str("</h4>");
        }
        if self.in_hundred(50) {
            self.block(depth + 1);
        }
        self.html.push_str("</div>");
    }

    fn table(&mut self, depth: u32) {
        self.html.push_str("<table style='");
        self.breaks();
        self.property(30, "border-collapse", &["collapse"]);
        self.property(30, "width", &["100%", "50%"]);
        self.property(5, "height", &["300px", "50%"]);
        let border = self.one(&["", " border=1"]);
        let _ = write!(self.html, "'{border}>");
        if self.in_hundred(15) {
            self.html.push_str("<caption style='");
            self.property(50, "caption-side", &["bottom"]);
            self.breaks();
            self.html.push_str("'>");
            self.words(6);
            self.html.push_str("</caption>");
        }
        let (head, foot) = (self.in_hundred(25), self.in_hundred(15));
        if head {
            self.html.push_str("<thead><tr><th>H<th>H</thead>");
        }
        if foot {
            self.html.push_str("<tfoot><tr><td>F</tfoot>");
        }
        for _ in 0..self.count(1, 3) {
            self.html.push_str("<tbody style='");
            self.breaks();
            self.html.push_str("'>");
            for _ in 0..self.count(1, 6) {
                self.html.push_str("<tr style='");
                self.breaks();
                self.property(20, "height", &["60px", "300px"]);
                self.html.push_str("'>");
                for _ in 0..self.count(1, 4) {
                    let rows = self.one(&["1", "1", "1", "2", "3", "9"]);
                    let columns = self.one(&["1", "1", "1", "2"]);
                    let _ = write!(self.html, "<td rowspan={rows} colspan={columns} style='");
                    self.property(10, "position", &["relative"]);
                    self.property(5, "break-inside", &["avoid"]);
                    if depth < 2 && self.in_hundred(20) {
                        self.html.push_str("'>");
                        self.block(depth + 2);
                    } else {
                        self.property(40, "vertical-align", &["top", "bottom"]);
                        self.html.push_str("'>");
                        self.words(6);
                    }
                }
                self.html.push_str("</tr>");
            }
            self.html.push_str("</tbody>");
        }
        self.html.push_str("</table>");
    }
}
