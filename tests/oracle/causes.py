"""Finds where two engines' pages part: the places themselves, not all the words behind them.

A word is measured from a neighbour: the word before it on its line, or the nearest one above it that it stands under.
It departs when its step from every neighbour is another than the reference's by more than 2 pt, and its place is not
the reference's either. So an early shift counts once, where it begins, and later ones are still found.
"""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher

import printed

NEAR = 2


@dataclass
class Departure:
    """A word of the reference, ours for it (None where it is missing), and how far ours went astray since the word before."""
    word: printed.Word
    mine: printed.Word | None
    before: printed.Word | None
    kind: str
    dx: float = 0
    dy: float = 0
    other: str = ''


@dataclass
class Compared:
    """Where ours departs from the reference; on how many steps both references agree, and on how many of these ours goes along."""
    departures: list
    agreed: int = 0
    along: int = 0


def neighbours(words):
    """For each word of the reference, by index: those it is measured from, nearest first."""
    pages = defaultdict(list)
    for index, word in enumerate(words):
        pages[word.page].append(index)
    found, last = [[] for _ in words], None
    for page in sorted(pages):
        order = sorted(pages[page], key=lambda index: (words[index].y, words[index].x))
        lines = []
        for index in order:
            word = words[index]
            if not lines or word.y - words[lines[-1][-1]].y > printed.BASELINE:
                lines.append([])
            line = lines[-1]
            left = [other for other in line if words[other].x <= word.x]
            if left:
                found[index].append(max(left, key=lambda other: words[other].x))
            found[index].extend(above(words, lines[:-1], word))
            if not found[index] and last is not None:
                found[index].append(last)
            line.append(index)
        last = order[-1]
    return found


def above(words, lines, word):
    """The nearest word over this one, and failing that one of the line before."""
    for line in reversed(lines[-40:]):
        over = [other for other in line if words[other].x < word.end and words[other].end > word.x]
        if over:
            return [min(over, key=lambda other: abs(words[other].x - word.x))]
    return [lines[-1][0]] if lines else []


def paired(ours, theirs, before):
    """Ours for each word of the reference: by the order in which they are read, the rest nearest to where their neighbours are."""
    ours = sorted(ours, key=reading)
    order = sorted(range(len(theirs)), key=lambda index: reading(theirs[index]))
    pairs, left = [None] * len(theirs), dict.fromkeys(range(len(ours)))
    for mine, its in aligned([word.key for word in ours], [theirs[index].key for index in order]):
        pairs[order[its]] = ours[mine]
        left.pop(mine)
    rest = defaultdict(list)
    for mine in left:
        rest[ours[mine].key].append(ours[mine])
    for index in order:
        word = theirs[index]
        if pairs[index] or not rest[word.key]:
            continue
        page, x, y = word.page, word.x, word.y
        for other in before[index]:
            if pairs[other]:
                page, x, y = expected(word, theirs[other], pairs[other])
                break
        best = min(rest[word.key], key=lambda it: (abs(it.page - page), abs(it.x - x) + abs(it.y - y)))
        rest[word.key].remove(best)
        pairs[index] = best
    return pairs


def reading(word):
    return word.page, word.y, word.x


def aligned(ours, theirs):
    """Pairs of places of equal words in the same order (patience difference: what occurs once on both sides parts the rest)."""
    once = [{key: places[0] for key, places in places_of(words).items() if len(places) == 1} for words in (ours, theirs)]
    anchors = ascending([(once[0][key], its) for key, its in once[1].items() if key and key in once[0]])
    start = (0, 0)
    for end in [*anchors, (len(ours), len(theirs))]:
        mine, its = ours[start[0]:end[0]], theirs[start[1]:end[1]]
        for block in SequenceMatcher(None, mine, its, autojunk=False).get_matching_blocks():
            for step in range(block.size):
                yield start[0] + block.a + step, start[1] + block.b + step
        if end[0] < len(ours):
            yield end
        start = (end[0] + 1, end[1] + 1)


def places_of(words):
    places = defaultdict(list)
    for place, key in enumerate(words):
        places[key].append(place)
    return places


def ascending(pairs):
    """The longest run of pairs that ascend on both sides; they come ascending on the second."""
    tops, tails, previous = [], [], {}
    for pair in pairs:
        place = bisect_left(tops, pair[0])
        previous[pair] = tails[place - 1] if place else None
        tops[place:place + 1] = [pair[0]]
        tails[place:place + 1] = [pair]
    run, pair = [], tails[-1] if tails else None
    while pair:
        run.append(pair)
        pair = previous[pair]
    return run[::-1]


def expected(word, other, mine):
    """Where a word would be if it were as far from its neighbour as in the reference."""
    if word.page != other.page:
        return mine.page + word.page - other.page, word.x, word.y
    return mine.page, mine.x + word.x - other.x, mine.y + word.y - other.y


def astray(word, mine, other, other_mine):
    """How far a word's step from its neighbour is from the reference's: (pages, x, y)."""
    page, x, y = expected(word, other, other_mine)
    # The end counts for x: words stretched or set in other letters part there.
    start, end = mine.x - x, mine.end - x - (word.end - word.x)
    return mine.page - page, start if abs(start) > abs(end) else end, mine.y - y


def steps(theirs, pairs, before):
    """For each word the least of its deviations from its neighbours' and from its own place; None where there is none."""
    found = []
    for index, word in enumerate(theirs):
        mine = pairs[index]
        if not mine:
            found.append(None)
            continue
        nearest = [astray(word, mine, theirs[other], pairs[other]) for other in before[index] if pairs[other]]
        nearest.append(astray(word, mine, word, word))
        # The first is told where all are off: it is the nearest neighbour's.
        best = min(nearest, key=size)
        found.append(best if size(best) <= NEAR or not before[index] else nearest[0])
    return found


def size(step):
    return float('inf') if step[0] else max(abs(step[1]), abs(step[2]))


def causes(ours, theirs, browser=None):
    """Compares ours with the reference; with another engine's words, says too whether it agrees with the reference there."""
    theirs_words, before = theirs[1], neighbours(theirs[1])
    pairs = paired(ours[1], theirs_words, before)
    mine = steps(theirs_words, pairs, before)
    if browser:
        others = paired(browser[1], theirs_words, before)
        seconds = steps(theirs_words, others, before)
    compared, lines = Compared([]), set()
    if browser:
        together = [index for index, step in enumerate(seconds) if step and size(step) <= NEAR]
        compared.agreed = len(together)
        compared.along = sum(mine[index] is not None and size(mine[index]) <= NEAR for index in together)
    for index in sorted(range(len(theirs_words)), key=lambda index: reading(theirs_words[index])):
        word, step = theirs_words[index], mine[index]
        if word.text in printed.MARKERS or step and size(step) <= NEAR:
            continue
        line = (word.page, round(word.y))
        neighbour = before[index][0] if before[index] else None
        if step and step[0] and neighbour is not None and shifted(theirs_words[neighbour], pairs[neighbour]):
            # Pages end elsewhere behind what is already elsewhere.
            continue
        kind = 'missing' if step is None else 'page' if step[0] else 'down' if abs(step[2]) > NEAR else 'across'
        if (line, kind) in lines:
            continue
        lines.add((line, kind))
        other = ''
        if browser:
            second = seconds[index]
            if second is None or step is None:
                other = 'agree' if second and step is None else 'ours' if step == second else 'other'
            elif size(second) <= NEAR:
                other = 'agree'
            else:
                apart = size(tuple(a - b for a, b in zip(step, second)))
                other = 'ours' if apart <= NEAR else 'other'
        compared.departures.append(
            Departure(word, pairs[index], theirs_words[neighbour] if neighbour is not None else None, kind, *(step or (0, 0, 0))[1:], other))
    return compared


def shifted(word, mine):
    return not mine or printed.apart(mine, word) > NEAR


def settled(difference):
    """The share of words within 2 pt after one offset a page, that of most words, is taken out."""
    pages = defaultdict(list)
    for mine, its in difference.pairs:
        if mine and its:
            pages[its.page].append((mine.page - its.page, mine.x - its.x, mine.end - its.end, mine.y - its.y))
    kept = 0
    for offsets in pages.values():
        best = 0
        for page in {offset[0] for offset in offsets}:
            here = sorted(y for other, x, end, y in offsets if other == page and max(abs(x), abs(end)) <= NEAR)
            for index, y in enumerate(here):
                best = max(best, bisect_left(here, y + 2 * NEAR) - index)
        kept += best
    return kept / len(difference.pairs) if difference.pairs else 1.0
