//! What reading one input may cost, whatever its bytes say.

use crate::Limits;

/// Memory for the values of one input, estimated. Files of 100 MB of text and pictures need a tenth.
const MOST_VALUE_BYTES: usize = 768 << 20;
/// Every byte may be looked at this many times: once while scanning, once while reading, and again where
/// streams without a usable length are searched for their end.
const LOOKS: usize = 6;
/// Small files may look a little longer.
const SPARE_WORK: usize = 1 << 20;

/// Why an input cannot be read.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// The bytes are not what they should be.
    Damaged(&'static str),
    /// A password is needed, or a way of encryption that is not known.
    Locked,
    /// More than one of the [`Limits`].
    Over {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: u64,
    },
}

/// What is left of the bounds.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    values: usize,
    work: usize,
    work_limit: usize,
    inflated: usize,
    inflated_limit: usize,
}

impl Budget {
    pub(super) fn new(file: usize, limits: &Limits) -> Self {
        let work = file.saturating_mul(LOOKS).saturating_add(SPARE_WORK);
        Self {
            values: MOST_VALUE_BYTES,
            work,
            work_limit: work,
            inflated: limits.inflated,
            inflated_limit: limits.inflated,
        }
    }

    /// Takes memory for a value.
    pub(super) fn hold(&mut self, bytes: usize) -> Result<(), Fault> {
        self.values = self.values.checked_sub(bytes).ok_or(Fault::Over {
            what: "bytes of objects in memory",
            limit: MOST_VALUE_BYTES as u64,
        })?;
        Ok(())
    }

    /// Gives memory back: the values are gone again.
    pub(super) fn release(&mut self, bytes: usize) {
        self.values = self.values.saturating_add(bytes);
    }

    /// Memory that is left for values.
    pub(super) fn held_left(&self) -> usize {
        self.values
    }

    /// Takes time for looking at so many bytes. Only files whose objects lie inside each other, again and
    /// again, run out of it.
    pub(super) fn look(&mut self, bytes: usize) -> Result<(), Fault> {
        self.work = self.work.checked_sub(bytes).ok_or(Fault::Over {
            what: "bytes of objects that lie inside each other",
            limit: self.work_limit as u64,
        })?;
        Ok(())
    }

    /// How much may still be inflated.
    pub(super) fn inflatable(&self) -> usize {
        self.inflated
    }

    /// Takes inflated bytes, which may then be looked at in turn.
    pub(super) fn inflate(&mut self, bytes: usize) -> Result<(), Fault> {
        self.inflated = self
            .inflated
            .checked_sub(bytes)
            .ok_or_else(|| self.too_much_inflated())?;
        let work = bytes.saturating_mul(LOOKS);
        self.work = self.work.saturating_add(work);
        self.work_limit = self.work_limit.saturating_add(work);
        Ok(())
    }

    /// The fault of a decompression bomb.
    pub(super) fn too_much_inflated(&self) -> Fault {
        Fault::Over {
            what: "inflated bytes of object streams",
            limit: self.inflated_limit as u64,
        }
    }
}
