//! Elements that links name: `target-text()` shows what is in them (CSS GCPM 3 §2.3, CSS Content 3 §4.2).

use super::content::text_of;
use fanfold_style::computed::TargetPart;
use fanfold_style::{Dom, NodeId};
use rustc_hash::FxHashMap;
use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;

/// Bytes of text that all the content of a document may take from its targets: each may have all the text.
const MOST_TEXT: usize = 16 << 20;

/// Elements by `id`, or by `name` where they are links; found when first asked for.
#[derive(Debug, Default)]
pub(crate) struct Targets {
    named: OnceCell<FxHashMap<Arc<str>, NodeId>>,
    /// Those asked for.
    texts: RefCell<FxHashMap<NodeId, Arc<str>>>,
    taken: Cell<usize>,
}

impl Targets {
    /// The text of the element that `url` names; empty where there is none in the document.
    pub(super) fn text(&self, dom: &Dom, url: &str, part: TargetPart) -> String {
        let named = self.named.get_or_init(|| names(dom));
        let Some(node) = url.strip_prefix('#').and_then(|name| named.get(name)) else {
            return String::new();
        };
        let mut texts = self.texts.borrow_mut();
        let text = texts
            .entry(*node)
            .or_insert_with(|| text_of(dom, *node).into());
        let end = match part {
            TargetPart::Content => text.len(),
            TargetPart::FirstLetter => {
                fanfold_text::first_letter(text).map_or(0, |letter| letter.end)
            }
        };
        let taken = self.taken.get() + end;
        if taken > MOST_TEXT {
            return String::new();
        }
        self.taken.set(taken);
        text[..end].to_owned()
    }

    /// Counts anew what is taken: the margin boxes of a page are gone before the next one's are made.
    pub(crate) fn begin_page(&self) {
        self.taken.set(0);
    }
}

fn names(dom: &Dom) -> FxHashMap<Arc<str>, NodeId> {
    let mut named = FxHashMap::default();
    for index in 0..dom.nodes.len() {
        let node = NodeId::new(index);
        let Some(element) = dom.element(node) else {
            continue;
        };
        let link = (&*element.name == "a").then(|| element.attribute("name"));
        for name in [element.id.as_deref(), link.flatten()]
            .into_iter()
            .flatten()
        {
            named.entry(name.into()).or_insert(node);
        }
    }
    named
}
