"""Every token stands in the row once, by length, and what is read of it is known."""

from __future__ import annotations

import torch

from xharness.train.by_length import AttentionByLength, PaddedPlaces
from xharness.train.layout import LastBlock, PackedBatch, pack

LENGTHS = torch.tensor([3, 40, 17, 38, 1, 5, 40, 2])
TOKENS = torch.arange(40) < LENGTHS[:, None]


def test_the_row_holds_every_token_once_by_length() -> None:
    row = pack(TOKENS, 4)
    assert sorted(row.places.tolist()) == TOKENS.flatten().nonzero()[:, 0].tolist()
    attend = by_length(row)
    assert sum(attend.seen) == int(LENGTHS.sum()) == sum(tokens_of(group.seen) for group in attend.groups)
    assert attend.looking == attend.seen
    widths = [group.seen.shape[2] for group in attend.groups]
    assert widths == sorted(widths, reverse=True)
    assert row.last is None
    assert pack(TOKENS, 4, torch.ones_like(TOKENS)).last is None


def test_the_row_knows_what_is_read() -> None:
    read = torch.arange(40)[None] % 7 == torch.tensor([4, 1, 0, 5, 6, 6, 2, 9])[:, None]
    row = pack(TOKENS, 4, read)
    assert row.last is not None
    wanted = (TOKENS & read).flatten().nonzero()[:, 0]
    assert sorted(row.places[row.last.tokens].tolist()) == wanted.tolist()
    attend = by_length(row.last)
    assert attend.looking == [tokens_of(group.looking) for group in attend.groups]
    assert sum(attend.looking) == len(wanted)
    assert attend.seen == by_length(row).seen


def test_spread_out_and_collected_again() -> None:
    tokens = torch.randn(int(LENGTHS.sum()), 4, 5)
    (group,) = by_length(pack(torch.ones(1, len(tokens), dtype=torch.bool), 4)).groups
    assert torch.equal(group.seen.collect(group.seen.spread(tokens)), tokens)
    attend = by_length(pack(TOKENS, 4))
    for each, part in zip(attend.groups, torch.split(tokens, attend.seen), strict=True):
        spread = each.seen.spread(part)
        assert spread.shape == (*each.seen.shape, 5)
        assert torch.equal(each.seen.collect(spread), part)
        if each.mask is not None:
            assert not spread.transpose(1, 2)[~each.mask[:, 0, 0]].any()


def by_length(row: PackedBatch | LastBlock) -> AttentionByLength:
    assert isinstance(row.attend, AttentionByLength)
    return row.attend


def tokens_of(spread: PaddedPlaces) -> int:
    return len(spread.places) // spread.shape[1]
