//! What has been there before: binary trees of the positions of the last 32 KB, one for each hash of three
//! bytes, in which newer positions stand above older ones and all are sorted by what follows them.

/// How far back a match can lie (RFC 1951 §3.2.5).
const WINDOW: usize = 1 << 15;
/// The longest match.
pub(super) const LONGEST: usize = 258;
/// The shortest.
pub(super) const SHORTEST: usize = 3;
const HASH_BITS: u32 = 15;
/// Nodes that are looked at for each position.
const DEPTH: usize = 96;
const NONE: u32 = u32::MAX;

/// The same bytes, so many bytes before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) length: u16,
    pub(super) distance: u16,
}

/// The trees.
pub(super) struct Finder {
    roots: Vec<u32>,
    /// Of each position of the window, those before it and those behind it in the order of what follows.
    kids: Vec<[u32; 2]>,
}

impl Finder {
    pub(super) fn new() -> Self {
        Self {
            roots: vec![NONE; 1 << HASH_BITS],
            kids: vec![[NONE; 2]; WINDOW],
        }
    }

    pub(super) fn clear(&mut self) {
        self.roots.fill(NONE);
    }

    /// Notes the position, and gives what has been there before and goes on as the data does, up to `end`: each
    /// longer than the one before, and with the least distance of its length that is known.
    ///
    /// Positions are sorted by all that follows, beyond `end` too: what a later one is spared to compare
    /// depends on it.
    pub(super) fn find(
        &mut self,
        data: &[u8],
        at: usize,
        end: usize,
        mut found: impl FnMut(Match),
    ) {
        let here = &data[at..data.len().min(at + LONGEST)];
        let most = end - at;
        if here.len() < SHORTEST {
            return;
        }
        let start = u32::from_le_bytes([here[0], here[1], here[2], 0]);
        let hash = start.wrapping_mul(0x9E37_79B1) >> (32 - HASH_BITS);
        let mut node = std::mem::replace(&mut self.roots[hash as usize], at as u32);
        // Where the next smaller and the next larger one go.
        let mut open = [(at % WINDOW, 0), (at % WINDOW, 1)];
        let mut common = [0, 0];
        let mut best = SHORTEST - 1;
        for _ in 0..DEPTH {
            let there = node as usize;
            if node == NONE || at - there >= WINDOW {
                break;
            }
            let least = common[0].min(common[1]);
            let ahead = here[least..].iter().zip(&data[there + least..]);
            let length = least + ahead.take_while(|(one, other)| one == other).count();
            if length.min(most) > best {
                best = length.min(most);
                found(Match {
                    length: best as u16,
                    distance: (at - there) as u16,
                });
            }
            let kids = self.kids[there % WINDOW];
            if length == here.len() {
                // It takes the place of the other, which is the same as far as can be seen.
                for side in 0..2 {
                    let (parent, place) = open[side];
                    self.kids[parent][place] = kids[side];
                }
                return;
            }
            let is_larger = data[there + length] > here[length];
            let side = usize::from(is_larger);
            let (parent, place) = open[side];
            self.kids[parent][place] = node;
            // Behind a smaller one come those between it and the position, and the other way round.
            open[side] = (there % WINDOW, 1 - side);
            common[side] = length;
            node = kids[1 - side];
        }
        for (parent, place) in open {
            self.kids[parent][place] = NONE;
        }
    }
}
