//! Where counters begin that count down to their last item.

use super::Builder;
use super::count::is_list;
use crate::boxes::content::following;
use fanfold_style::computed::{Display, GeneratedStyle};
use fanfold_style::{NodeId, Pseudo};

/// Elements that a document's reversed counters are counted over, in all.
const MOST_STEPS: usize = 1_000_000;

impl Builder<'_> {
    /// The value that a `reversed()` counter without one starts from at `node` (CSS Lists 3 §4.4.2).
    pub(super) fn reversed_start(&mut self, node: NodeId, name: &str) -> i32 {
        let styled = self.input.styled;
        let dom = &styled.dom;
        // Siblings count another where one is around it (§4.4.2).
        let nested = self.counters.is_nested(name);
        let around = dom.node(node).parent.filter(|_| !nested);
        let root = around.unwrap_or(node);
        let first = dom.node(node).first_child;
        let next = first.or_else(|| following(dom, node, root));
        self.reversed_from(next, root, around, name)
    }

    /// The same of a counter of a pseudo-element of `node`, which what follows inside the element sees.
    pub(super) fn reversed_start_of_pseudo(
        &mut self,
        node: NodeId,
        pseudo: Pseudo,
        name: &str,
    ) -> i32 {
        if pseudo != Pseudo::Before {
            return 0;
        }
        let first = self.input.styled.dom.node(node).first_child;
        self.reversed_from(first, node, Some(node), name)
    }

    /// What the elements from `next` on to the end of `root` make of it; `around` is their parent.
    fn reversed_from(
        &mut self,
        next: Option<NodeId>,
        root: NodeId,
        around: Option<NodeId>,
        name: &str,
    ) -> i32 {
        let styled = self.input.styled;
        let dom = &styled.dom;
        let after = |node| following(dom, node, root);
        let (mut start, mut last) = (0_i32, 0_i32);
        let mut next = next;
        while let Some(at) = next {
            self.reversed_steps += 1;
            if self.reversed_steps > MOST_STEPS {
                break;
            }
            next = after(at);
            let Some(element) = dom.element(at) else {
                continue;
            };
            let style = styled.style(at);
            if style.box_.display == Display::None {
                continue;
            }
            let own = &style.generated;
            let of_list = name == &*self.list_item && is_list(&element.name);
            if of_list || own.counter_reset.iter().any(|(reset, ..)| &**reset == name) {
                // Another counter: in place of this one, or inside.
                if dom.node(at).parent == around {
                    break;
                }
                continue;
            }
            next = dom.node(at).first_child.or(next);
            let is_item = name == &*self.list_item && style.box_.display == Display::ListItem;
            let by = incremented(own, name).unwrap_or(if is_item { -1 } else { 0 });
            // What is added for a value that is set, instead of what the element adds to the counter.
            let mut count = |by: i32, set: Option<i32>| {
                let negated = by.saturating_neg();
                start = start.saturating_add(set.unwrap_or(negated));
                last = if negated == 0 { last } else { negated };
            };
            let value = element.attribute("value").filter(|_| is_item);
            let set = value.and_then(|value| value.trim().parse().ok());
            let set = set.or_else(|| {
                let found = own.counter_set.iter().find(|(set, _)| &**set == name);
                found.map(|(_, value)| *value)
            });
            count(by, set);
            if set.is_some() {
                break;
            }
            for pseudo in [Pseudo::Before, Pseudo::After] {
                if let Some(style) = styled.pseudo(at, pseudo) {
                    count(incremented(&style.generated, name).unwrap_or(0), None);
                }
            }
        }
        start.saturating_add(last)
    }
}

/// What a box adds to the counter.
fn incremented(own: &GeneratedStyle, name: &str) -> Option<i32> {
    let found = own.counter_increment.iter().find(|(of, _)| &**of == name);
    found.map(|(_, by)| *by)
}
