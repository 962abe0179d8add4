"""Every token stands in the row once, by length, and what is read of it is known."""

from __future__ import annotations

import torch

from xharness.train.layout import PaddedPlaces, pack

LENGTHS = torch.tensor([3, 40, 17, 38, 1, 5, 40, 2])
TOKENS = torch.arange(40) < LENGTHS[:, None]


def test_the_row_holds_every_token_once_by_length() -> None:
    row = pack(TOKENS, 4)
    assert sorted(row.places.tolist()) == TOKENS.flatten().nonzero()[:, 0].tolist()
    assert sum(row.sizes) == int(LENGTHS.sum()) == sum(tokens_of(group.seen) for group in row.groups)
    widths = [group.seen.shape[2] for group in row.groups]
    assert widths == sorted(widths, reverse=True)
    assert row.last is None
    assert pack(TOKENS, 4, torch.ones_like(TOKENS)).last is None


def test_the_row_knows_what_is_read() -> None:
    read = torch.arange(40)[None] % 7 == torch.tensor([4, 1, 0, 5, 6, 6, 2, 9])[:, None]
    row = pack(TOKENS, 4, read)
    assert row.last is not None
    wanted = (TOKENS & read).flatten().nonzero()[:, 0]
    assert sorted(row.places[row.last.tokens].tolist()) == wanted.tolist()
    assert row.last.sizes == [tokens_of(group.looking) for group in row.last.groups]
    assert sum(row.last.sizes) == len(wanted)


def test_spread_out_and_collected_again() -> None:
    tokens = torch.randn(int(LENGTHS.sum()), 4, 5)
    (group,) = pack(torch.ones(1, len(tokens), dtype=torch.bool), 4).groups
    assert torch.equal(group.seen.collect(group.seen.spread(tokens)), tokens)
    parts = torch.split(tokens, (row := pack(TOKENS, 4)).sizes)
    for each, part in zip(row.groups, parts, strict=True):
        spread = each.seen.spread(part)
        assert spread.shape == (*each.seen.shape, 5)
        assert torch.equal(each.seen.collect(spread), part)
        if each.mask is not None:
            assert not spread.transpose(1, 2)[~each.mask[:, 0, 0]].any()


def tokens_of(spread: PaddedPlaces) -> int:
    return len(spread.places) // spread.shape[1]
