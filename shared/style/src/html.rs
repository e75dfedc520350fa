//! HTML → [`Dom`], tolerant as browsers are (HTML standard §13.2), within limits.
//!
//! html5ever's tree builder writes into a scratch tree, since it moves nodes about; the result is
//! then laid down in document order.

mod elements;
mod encoding;
mod feed;
mod limit;
mod simple;
mod sink;

pub(crate) use encoding::decode_css;
pub use encoding::{decode_html, decode_text};

use crate::dom::{Dom, Node, NodeData, NodeId};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use limit::Limited;
use sink::{Scratch, ScratchData, Sink};

/// Deepest element level; what is deeper moves up to it, as in browsers.
pub(crate) const DEEPEST: usize = 512;
/// Most formatting elements open at once: the parser opens each again in every later block.
pub(crate) const MOST_FORMATTING: usize = 64;
/// Most nodes in a document.
pub(crate) const MOST_NODES: usize = 2_000_000;

/// A parsed document and what was noticed on the way.
pub(crate) struct Parsed {
    /// The tree.
    pub(crate) dom: Dom,
    /// The source line of each node's start tag.
    pub(crate) lines: Vec<u32>,
    /// Line of the first element that was too deep.
    pub(crate) flattened: Option<u32>,
    /// Line where the node limit was met; the rest is not there.
    pub(crate) truncated: Option<u32>,
}

/// Parses `html`.
pub(crate) fn parse(html: &str) -> Parsed {
    parse_within(html, MOST_NODES)
}

fn parse_within(html: &str, most_nodes: usize) -> Parsed {
    let mut reading = tokenizer(html, most_nodes);
    if !feed::in_pieces(&reading, &StrTendril::from_slice(html)) {
        reading = tokenizer(html, most_nodes);
        feed::carefully(&reading, html);
    }
    finish(reading)
}

/// A tokenizer that has read nothing yet.
fn tokenizer(html: &str, most_nodes: usize) -> Tokenizer<Limited> {
    let options = TreeBuilderOpts {
        scripting_enabled: false,
        ..TreeBuilderOpts::default()
    };
    let builder = TreeBuilder::new(Sink::of(html), options);
    Tokenizer::new(Limited::new(builder, most_nodes), TokenizerOpts::default())
}

/// The document when all is read.
fn finish(tokenizer: Tokenizer<Limited>) -> Parsed {
    tokenizer.end();
    let flattened = tokenizer.sink.flattened();
    let truncated = tokenizer.sink.truncated();
    let scratch = tokenizer.sink.into_scratch();
    let (dom, lines) = in_order(scratch);
    Parsed {
        dom,
        lines,
        flattened,
        truncated,
    }
}

/// Lays the scratch tree down in document order.
fn in_order(mut scratch: Vec<Scratch>) -> (Dom, Vec<u32>) {
    let mut dom = Dom {
        nodes: Vec::with_capacity(scratch.len()),
    };
    let mut lines = Vec::with_capacity(scratch.len());
    dom.nodes.push(node(NodeData::Document, None));
    lines.push(1);
    // Each frame is a scratch node still to be placed and its new parent with its level.
    let mut stack: Vec<(usize, NodeId, usize)> = Vec::new();
    push_children(&mut stack, &scratch, 0, NodeId::DOCUMENT, 0);
    while let Some((index, parent, level)) = stack.pop() {
        let line = scratch[index].line;
        let data = match std::mem::take(&mut scratch[index].data) {
            ScratchData::Element(element) => NodeData::Element(element),
            ScratchData::Text(text) => NodeData::Text(Box::from(&*text)),
            ScratchData::Comment => NodeData::Comment,
            ScratchData::Document => continue,
        };
        let id = append(&mut dom, parent, data);
        lines.push(line);
        // Foster parenting can still lead below the limit: such children become siblings.
        let (under, level) = if level >= DEEPEST {
            (parent, level)
        } else {
            (id, level + 1)
        };
        push_children(&mut stack, &scratch, index, under, level);
    }
    (dom, lines)
}

fn push_children(
    stack: &mut Vec<(usize, NodeId, usize)>,
    scratch: &[Scratch],
    index: usize,
    parent: NodeId,
    level: usize,
) {
    let mut child = scratch[index].last_child;
    while let Some(at) = child {
        stack.push((at.index(), parent, level));
        child = scratch[at.index()].previous;
    }
}

fn append(dom: &mut Dom, parent: NodeId, data: NodeData) -> NodeId {
    let id = NodeId::new(dom.nodes.len());
    let last = dom.nodes[parent.index()].last_child.replace(id);
    let mut new = node(data, Some(parent));
    new.previous_sibling = last;
    dom.nodes.push(new);
    match last {
        Some(last) => dom.nodes[last.index()].next_sibling = Some(id),
        None => dom.nodes[parent.index()].first_child = Some(id),
    }
    id
}

fn node(data: NodeData, parent: Option<NodeId>) -> Node {
    Node {
        data,
        parent,
        first_child: None,
        last_child: None,
        previous_sibling: None,
        next_sibling: None,
    }
}

#[cfg(test)]
mod tests {
    use super::{DEEPEST, MOST_NODES, Parsed, feed, finish, parse, parse_within, tokenizer};
    use crate::dom::{Dom, NodeData, NodeId};
    use html5ever::tokenizer::BufferQueue;

    fn outline(dom: &Dom, id: NodeId) -> String {
        let mut text = String::new();
        for child in dom.children(id) {
            match &dom.node(child).data {
                NodeData::Element(element) => {
                    text.push_str(&format!("<{}>{}</>", element.name, outline(dom, child)));
                }
                NodeData::Text(run) => text.push_str(run),
                NodeData::Document | NodeData::Comment => {}
            }
        }
        text
    }

    #[test]
    fn builds_the_tree_browsers_build() {
        let dom = parse(
            "<!doctype html><title>T</title><p>a<p>b<table><tr><td>c</table><b>d<i>e</b>f</i>",
        )
        .dom;
        assert_eq!(
            outline(&dom, NodeId::DOCUMENT),
            "<html><head><title>T</></><body><p>a</><p>b</><table><tbody><tr><td>c</></></></>\
             <b>d<i>e</></><i>f</></></>"
        );
    }

    /// The document as the tokenizer alone reads it.
    fn tokenized(html: &str) -> Parsed {
        let tokenizer = tokenizer(html, MOST_NODES);
        feed::hand_over(&tokenizer, &BufferQueue::default(), html);
        finish(tokenizer)
    }

    /// All that a document says of its nodes.
    fn told(parsed: &Parsed) -> String {
        let mut text = String::new();
        for (node, line) in parsed.dom.nodes.iter().zip(&parsed.lines) {
            match &node.data {
                // Elements without a tag are on some line near.
                NodeData::Element(element) if element.attributes.is_empty() => {
                    text.push_str(&format!("{element:?}"));
                }
                NodeData::Element(element) => text.push_str(&format!("{line} {element:?}")),
                NodeData::Text(run) => text.push_str(&format!("{run:?}")),
                NodeData::Document | NodeData::Comment => {}
            }
            text.push_str(&format!(" in {:?}\n", node.parent));
        }
        text
    }

    #[test]
    fn simple_source_is_read_as_the_tokenizer_reads_it() {
        const PARTS: &[&str] = &[
            "<!doctype html>",
            "<p>",
            "</p>",
            "<p class=\"a b\" id='c'>",
            "<td colspan=2 rowspan=3>",
            "<tr\n  class=x\n>",
            "<table>",
            "</table >",
            "<b a=1 a=2>",
            "<i hidden>",
            "<meta charset=\"utf-8\">",
            "<meta http-equiv=Content-Type content='text/html;charset=x'>",
            "<link rel=stylesheet charset=utf-8>",
            "</i x=y>",
            "<br/>",
            "<br / >",
            "<img src=a/b.png alt=\"<&amp;>\"/>",
            "<img alt='a > b' src=\"x\ny\">",
            "<DIV Class=A>",
            "</div>",
            "<a =b>",
            "<a b= c>",
            "<a b=>",
            "<a b=\"c\"d>",
            "<a b='",
            "<svg viewBox=\"0 0 1 1\"><path d='M0,0'/><title>t</title>",
            "<![CDATA[<p>]]>",
            "</svg>",
            "<style>p > a { }</style>",
            "<title>a < b &lt; c</title>",
            "<textarea>\n<p></textarea>",
            "<pre>\nx",
            "<select><option selected>o</select>",
            "<!-- <p> -->",
            "<? x >",
            "text",
            " \n ",
            "line\r\nbreak\r",
            "a &amp; b &copy c &",
            "1 < 2 <3 </ ",
            "\0",
            "\u{2014}<x-y z>",
            "'",
            "\"",
            ">",
        ];
        let mut random = 1u64;
        for _ in 0..4000 {
            let parts = (0..12).map(|_| {
                // Knuth's MMIX generator; its high bits are the random ones.
                random = random.wrapping_mul(6_364_136_223_846_793_005);
                random = random.wrapping_add(1_442_695_040_888_963_407);
                PARTS[(random >> 33) as usize % PARTS.len()]
            });
            let html: String = parts.collect();
            assert_eq!(told(&parse(&html)), told(&tokenized(&html)), "{html:?}");
        }
    }

    #[test]
    fn nodes_are_in_document_order() {
        // Foster parenting moves `x` before the table.
        let dom = parse("<table>x<tr><td>y").dom;
        for (index, node) in dom.nodes.iter().enumerate() {
            if let Some(parent) = node.parent {
                assert!(parent.index() < index);
            }
            if let Some(previous) = node.previous_sibling {
                assert!(previous.index() < index);
            }
        }
        assert!(outline(&dom, NodeId::DOCUMENT).contains("x<table>"));
    }

    #[test]
    fn deep_nesting_is_flattened_in_linear_time() {
        let parsed = parse(&"<div>".repeat(100_000));
        assert!(parsed.flattened.is_some());
        let deepest = (0..parsed.dom.nodes.len())
            .map(|index| {
                std::iter::successors(Some(NodeId::new(index)), |id| parsed.dom.node(*id).parent)
                    .count()
            })
            .max();
        assert!(
            deepest.is_some_and(|deepest| deepest <= DEEPEST + 8),
            "{deepest:?}"
        );
    }

    #[test]
    fn content_after_a_deep_part_is_where_it_belongs() {
        let html = format!(
            "{}x{}<p id=after>y",
            "<div>".repeat(2000),
            "</div>".repeat(2000)
        );
        let dom = parse(&html).dom;
        let after = (0..dom.nodes.len()).map(NodeId::new).find(|id| {
            dom.element(*id)
                .is_some_and(|element| element.id.as_deref() == Some("after"))
        });
        let parent = after
            .and_then(|id| dom.node(id).parent)
            .and_then(|id| dom.element(id));
        assert_eq!(parent.map(|element| &*element.name), Some("body"));
    }

    #[test]
    fn attributes_are_limited_in_linear_time() {
        let many =
            |count: usize| -> String { (0..count).map(|index| format!(" a{index}='>'")).collect() };
        for begin in ["<", "< ", "<1", "&am", "</ >", "x"] {
            let html = format!("{begin}<div id=many{}/>y", many(100_000));
            let dom = parse(&html).dom;
            let many = (0..dom.nodes.len())
                .filter_map(|index| dom.element(NodeId::new(index)))
                .find(|element| element.id.as_deref() == Some("many"));
            let many = many.expect("the tag");
            assert_eq!(many.attribute("a10"), Some(">"), "{begin}");
            assert_eq!(many.attribute("a2500"), None, "{begin}");
        }
        let html = format!(
            "<!-- <i x=\" --><p>x<div id=many{}>y</div><script>a<b {}</script><title>c <d {}</title>z",
            many(300_000),
            "w ".repeat(9_000),
            "v ".repeat(9_000),
        );
        let dom = parse(&html).dom;
        let many = (0..dom.nodes.len())
            .filter_map(|index| dom.element(NodeId::new(index)))
            .find(|element| element.id.as_deref() == Some("many"));
        assert!(many.is_some());
        let text = outline(&dom, NodeId::DOCUMENT);
        assert!(text.contains("<p>x</><div>y</>"), "{}", &text[..200]);
        // What only looks like a tag is all there.
        assert_eq!(text.matches("v ").count(), 9_000);
        assert!(text.ends_with("</>z</></>"));
    }

    #[test]
    fn long_values_and_comments_are_kept() {
        let value = "a / 'b' > ".repeat(50_000);
        let html = format!("<!-- {value} --><p title=\"{value}\">x</p><p {value}>y");
        let dom = parse(&html).dom;
        let titled = (0..dom.nodes.len())
            .filter_map(|index| dom.element(NodeId::new(index)))
            .find_map(|element| element.attribute("title"));
        assert_eq!(titled.map(str::len), Some(value.len()));
        assert!(outline(&dom, NodeId::DOCUMENT).contains("<p>x</>"));
    }

    #[test]
    fn nodes_are_limited() {
        let parsed = parse_within(&"<p>\n".repeat(10_000), 1_000);
        assert!(parsed.dom.nodes.len() <= 1_010);
        assert!(parsed.truncated.is_some_and(|line| line > 100));
    }
}
