//! Clusters of a paragraph, and their widths summed up.

use std::ops::Range;

/// Where clusters start, in logical order, with the widths of all before each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clusters {
    /// The widths in double precision: a text may be very long, and differences must stay exact.
    starts: Vec<(u32, f64)>,
    total: f64,
    /// Length of the text.
    end: usize,
}

impl Clusters {
    /// None yet, of a text that is `end` bytes long.
    pub(crate) fn new(end: usize) -> Self {
        Self {
            starts: Vec::with_capacity(end),
            total: 0.0,
            end,
        }
    }

    /// Adds the clusters of a run that starts at `start`, given in visual order; returns its width.
    pub(crate) fn push_run(&mut self, start: u32, widths: &[(u32, f32)], rtl: bool) -> f32 {
        let from = self.total;
        // The run's first bytes belong to its first cluster, whatever that is said to start at.
        self.push(start, 0.0);
        if rtl {
            widths
                .iter()
                .rev()
                .for_each(|&(cluster, width)| self.push(cluster, width));
        } else {
            widths
                .iter()
                .for_each(|&(cluster, width)| self.push(cluster, width));
        }
        (self.total - from).min(f64::from(f32::MAX)) as f32
    }

    fn push(&mut self, start: u32, width: f32) {
        if self.starts.last().is_none_or(|&(last, _)| last < start) {
            self.starts.push((start, self.total));
        }
        if width.is_finite() {
            self.total += f64::from(width);
        }
    }

    fn index(&self, offset: usize) -> usize {
        if self.end <= offset {
            return self.starts.len();
        }
        // All clusters up to there are of one byte, as in most texts.
        if let Some(&(start, _)) = self.starts.get(offset)
            && start as usize == offset
        {
            return offset + 1;
        }
        self.starts
            .partition_point(|&(start, _)| start as usize <= offset)
    }

    /// Widths of all clusters before the one at `offset`.
    pub(crate) fn position(&self, offset: usize) -> f64 {
        match self.index(offset) {
            0 => 0.0,
            // Past the last start: inside the last cluster, or at the end of the text.
            n if n == self.starts.len() && self.end <= offset => self.total,
            n => self.starts[n - 1].1,
        }
    }

    /// The start of the cluster that holds the byte at `offset`.
    pub(crate) fn start_of(&self, offset: usize) -> Option<usize> {
        let index = self.index(offset).checked_sub(1)?;
        Some(self.starts[index].0 as usize)
    }

    /// The starts in `range`.
    pub(crate) fn within(&self, range: Range<usize>) -> impl Iterator<Item = usize> {
        let from = self
            .starts
            .partition_point(|&(start, _)| (start as usize) < range.start);
        let starts = self.starts[from..].iter().map(|&(start, _)| start as usize);
        starts.take_while(move |&start| start < range.end)
    }
}
