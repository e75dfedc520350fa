//! Sizes of a grid's tracks (CSS Grid 2 §11).

use fanfold_geometry::Px;
use fanfold_style::computed::{Breadth, TrackSize};
use fanfold_style::values::LengthPercentage;
use std::ops::Range;

/// What an item asks of the tracks it covers: its outer min-content and max-content sizes.
#[derive(Clone, Debug)]
pub(super) struct Contribution {
    pub(super) tracks: Range<usize>,
    pub(super) min: Px,
    pub(super) max: Px,
}

/// The space that tracks are sized in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Available {
    /// None under a max-content constraint.
    pub(super) size: Option<Px>,
    pub(super) gap: Px,
    /// `auto` tracks share what is left over.
    pub(super) stretches: bool,
}

struct Track {
    size: TrackSize,
    base: Px,
    limit: Px,
    /// The factor of a flexible track.
    flex: Option<f32>,
}

impl Track {
    fn is_intrinsic(&self) -> bool {
        !matches!(self.size.min, Breadth::Length(_))
    }
}

/// A length that is definite in this space.
fn definite(length: LengthPercentage, available: Option<Px>) -> Option<Px> {
    match available {
        Some(available) => Some(crate::layout::bounded(length.resolve(available)).max(Px::ZERO)),
        None => length
            .to_length()
            .map(|length| crate::layout::bounded(length).max(Px::ZERO)),
    }
}

/// Sizes tracks for the items in them; those with 0 in `collapsed` places are left out by their size.
pub(super) fn sized(sizes: &[TrackSize], items: &[Contribution], available: Available) -> Vec<Px> {
    let mut tracks: Vec<Track> = sizes
        .iter()
        .map(|size| initial(*size, available.size))
        .collect();
    let gap = available.gap;
    for item in items.iter().filter(|item| item.tracks.len() == 1) {
        if let Some(track) = tracks.get_mut(item.tracks.start) {
            contribute(track, item, available.size);
        }
    }
    let mut spanning: Vec<&Contribution> =
        items.iter().filter(|item| item.tracks.len() > 1).collect();
    spanning.sort_by_key(|item| item.tracks.len());
    for item in spanning {
        span(&mut tracks, item, gap);
    }
    for track in &mut tracks {
        if !track.limit.is_finite() && track.flex.is_none() && track.is_intrinsic() {
            track.limit = track.base;
        }
        track.limit = track.limit.max(track.base);
    }
    let gaps = gap * tracks.len().saturating_sub(1) as f32;
    maximize(&mut tracks, available.size.map(|size| size - gaps));
    flex(
        &mut tracks,
        items,
        available.size.map(|size| size - gaps),
        gap,
    );
    if available.stretches
        && let Some(size) = available.size
    {
        let free = size - gaps - tracks.iter().map(|track| track.base).sum::<Px>();
        let autos =
            |track: &&mut Track| track.size.max == Breadth::Auto && track.size.fit.is_none();
        let count = tracks.iter_mut().filter(autos).count();
        if count > 0 && free > Px::ZERO {
            for track in tracks.iter_mut().filter(autos) {
                track.base += free / count as f32;
            }
        }
    }
    tracks.into_iter().map(|track| track.base).collect()
}

fn initial(size: TrackSize, available: Option<Px>) -> Track {
    let as_auto = |breadth: Breadth| match breadth {
        // A percentage of nothing definite is `auto` (§7.2.1).
        Breadth::Length(length) if definite(length, available).is_none() => Breadth::Auto,
        other => other,
    };
    let size = TrackSize {
        min: as_auto(size.min),
        max: as_auto(size.max),
        fit: size.fit,
    };
    let length = |breadth: Breadth| match breadth {
        Breadth::Length(length) => definite(length, available),
        _ => None,
    };
    let base = length(size.min).unwrap_or_default();
    let limit = length(size.max).unwrap_or(Px::INFINITY).max(base);
    let flex = match size.max {
        Breadth::Flex(factor) => Some(factor),
        _ => None,
    };
    Track {
        size,
        base,
        limit,
        flex,
    }
}

/// An item in one track (§11.5 step 2).
fn contribute(track: &mut Track, item: &Contribution, available: Option<Px>) {
    match track.size.min {
        Breadth::Auto | Breadth::MinContent => {
            let most = match track.size.max {
                Breadth::Length(length) => definite(length, available).unwrap_or(Px::INFINITY),
                _ => Px::INFINITY,
            };
            let least = if track.size.min == Breadth::Auto {
                item.min.min(most)
            } else {
                item.min
            };
            track.base = track.base.max(least);
        }
        Breadth::MaxContent => track.base = track.base.max(item.max),
        _ => {}
    }
    let limit = match track.size.max {
        Breadth::MinContent => item.min,
        Breadth::Auto | Breadth::MaxContent => {
            let fit = track.size.fit.and_then(|fit| definite(fit, available));
            item.max.min(fit.unwrap_or(Px::INFINITY))
        }
        _ => return,
    };
    let known = if track.limit.is_finite() {
        track.limit
    } else {
        Px::ZERO
    };
    track.limit = known.max(limit).max(track.base);
}

/// An item in several tracks (§11.5 steps 3 and 4): what they lack of it is spread over those that grow
/// with their content, or over the flexible ones where there are any.
fn span(tracks: &mut [Track], item: &Contribution, gap: Px) {
    let Some(covered) = tracks.get_mut(item.tracks.clone()) else {
        return;
    };
    let gaps = gap * covered.len().saturating_sub(1) as f32;
    let flexible = covered.iter().any(|track| track.flex.is_some());
    let grows = |track: &Track| track.is_intrinsic() && (!flexible || track.flex.is_some());
    let lacking = item.min - gaps - covered.iter().map(|track| track.base).sum::<Px>();
    let count = covered.iter().filter(|track| grows(track)).count();
    if lacking > Px::ZERO && count > 0 {
        let factors: f32 = covered.iter().filter_map(|track| track.flex).sum();
        let mut rest = lacking;
        if !flexible {
            // Up to their limits first, all alike.
            let mut open: Vec<usize> = (0..covered.len())
                .filter(|index| grows(&covered[*index]) && covered[*index].limit.is_finite())
                .collect();
            while rest > Px(0.001) && !open.is_empty() {
                let share = rest / open.len() as f32;
                open.retain(|index| {
                    let track = &mut covered[*index];
                    let more = share.min((track.limit - track.base).max(Px::ZERO));
                    track.base += more;
                    rest -= more;
                    more >= share
                });
            }
        }
        for track in covered.iter_mut().filter(|track| grows(track)) {
            let part = match track.flex {
                Some(factor) if factors > 0.0 => factor / factors,
                _ => 1.0 / count as f32,
            };
            track.base += rest * part;
        }
    }
    let unlimited = |track: &Track| {
        track.flex.is_none()
            && matches!(
                track.size.max,
                Breadth::Auto | Breadth::MinContent | Breadth::MaxContent
            )
    };
    let height = |track: &Track| {
        if track.limit.is_finite() {
            track.limit
        } else {
            track.base
        }
    };
    let lacking = item.max - gaps - covered.iter().map(height).sum::<Px>();
    let count = covered.iter().filter(|track| unlimited(track)).count();
    if flexible || count == 0 {
        return;
    }
    for track in covered.iter_mut().filter(|track| unlimited(track)) {
        track.limit = height(track) + lacking.max(Px::ZERO) / count as f32;
    }
}

/// Grows tracks to their limits (§11.6).
fn maximize(tracks: &mut [Track], available: Option<Px>) {
    let Some(available) = available else {
        for track in tracks.iter_mut().filter(|track| track.flex.is_none()) {
            if track.limit.is_finite() {
                track.base = track.limit;
            }
        }
        return;
    };
    let mut free = available - tracks.iter().map(|track| track.base).sum::<Px>();
    let mut open: Vec<usize> = (0..tracks.len())
        .filter(|index| tracks[*index].flex.is_none() && tracks[*index].limit > tracks[*index].base)
        .collect();
    // Each round ends with nothing left, or with one track fewer.
    while free > Px(0.001) && !open.is_empty() {
        let share = free / open.len() as f32;
        open.retain(|index| {
            let track = &mut tracks[*index];
            let more = share.min(track.limit - track.base);
            track.base += more;
            free -= more;
            more >= share
        });
    }
}

/// Sizes flexible tracks (§11.7).
fn flex(tracks: &mut [Track], items: &[Contribution], available: Option<Px>, gap: Px) {
    let factors: f32 = tracks.iter().filter_map(|track| track.flex).sum();
    if factors <= 0.0 {
        return;
    }
    let fraction = match available {
        Some(available) => {
            let all: Vec<usize> = (0..tracks.len()).collect();
            fraction(tracks, &all, available)
        }
        None => {
            let own = tracks.iter().filter_map(|track| {
                let factor = track.flex.filter(|factor| *factor > 0.0)?;
                Some(track.base / factor.max(1.0))
            });
            let crossing = items.iter().filter_map(|item| {
                let covered = tracks.get(item.tracks.clone())?;
                if !covered.iter().any(|track| track.flex.is_some()) {
                    return None;
                }
                let all: Vec<usize> = item.tracks.clone().collect();
                let gaps = gap * covered.len().saturating_sub(1) as f32;
                Some(fraction(tracks, &all, item.max - gaps))
            });
            own.chain(crossing).fold(Px::ZERO, Px::max)
        }
    };
    for track in tracks {
        if let Some(factor) = track.flex {
            track.base = track.base.max(fraction * factor);
        }
    }
}

/// The size of 1fr in a space (§11.7.1): tracks whose base is more than their part count as fixed.
fn fraction(tracks: &[Track], covered: &[usize], space: Px) -> Px {
    let mut fixed: Vec<bool> = vec![false; covered.len()];
    for _ in 0..=covered.len() {
        let (mut left, mut factors) = (space, 0.0);
        for (position, index) in covered.iter().enumerate() {
            let track = &tracks[*index];
            match track.flex {
                Some(factor) if !fixed[position] => factors += factor,
                _ => left -= track.base,
            }
        }
        let fraction = (left / factors.max(1.0)).max(Px::ZERO);
        let mut changed = false;
        for (position, index) in covered.iter().enumerate() {
            let track = &tracks[*index];
            if let Some(factor) = track.flex.filter(|_| !fixed[position])
                && track.base > fraction * factor + Px(0.001)
            {
                fixed[position] = true;
                changed = true;
            }
        }
        if !changed {
            return fraction;
        }
    }
    Px::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTO: TrackSize = TrackSize::AUTO;

    fn fr(factor: f32) -> TrackSize {
        TrackSize {
            max: Breadth::Flex(factor),
            ..AUTO
        }
    }

    fn item(tracks: Range<usize>, min: f32, max: f32) -> Contribution {
        Contribution {
            tracks,
            min: Px(min),
            max: Px(max),
        }
    }

    fn space(size: f32) -> Available {
        Available {
            size: Some(Px(size)),
            gap: Px(10.0),
            stretches: true,
        }
    }

    #[test]
    fn fractions_share_what_other_tracks_leave() {
        let items = [item(0..1, 20.0, 50.0)];
        let sizes = sized(&[AUTO, fr(1.0), fr(2.0)], &items, space(220.0));
        assert_eq!(sizes, [Px(50.0), Px(50.0), Px(100.0)]);
    }

    #[test]
    fn a_fraction_is_not_less_than_its_content() {
        let items = [item(0..1, 120.0, 120.0)];
        let sizes = sized(&[fr(1.0), fr(1.0)], &items, space(210.0));
        assert_eq!(sizes, [Px(120.0), Px(80.0)]);
    }

    #[test]
    fn what_spans_is_spread() {
        let items = [item(0..2, 110.0, 110.0)];
        let available = Available {
            size: None,
            gap: Px(10.0),
            stretches: false,
        };
        assert_eq!(
            sized(&[AUTO, AUTO], &items, available),
            [Px(50.0), Px(50.0)]
        );
    }
}
