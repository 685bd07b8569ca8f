"""The language of sentences that agree: all of it is known."""

import pytest
import torch

from playground.datasets import sentences
from playground.datasets.sentences import STOP, VOCABULARY, WORDS, Config, figures, language, load, valid, well_formed
from playground.kinds.tokens import END, to_tokens


def written(*texts: str) -> torch.Tensor:
    return to_tokens([text.split() for text in texts], VOCABULARY, 8)


def test_there_are_27_words_and_11520_sentences_of_at_most_8_places():
    assert len(WORDS) == len(set(WORDS)) == 27
    assert ("", *WORDS, STOP) == VOCABULARY
    assert language().shape == (11_520, 8)
    assert len(language().unique(dim=0)) == 11_520
    assert set(language().ne(END).sum(1).tolist()) == {6, 7, 8}


def test_every_sentence_of_the_language_is_valid_and_well_formed():
    assert valid(language()).all()
    assert well_formed(language()).all()


def test_every_single_change_of_number_makes_a_sentence_invalid_but_keeps_it_well_formed():
    other = {}
    for singular, plural in (sentences.DETERMINERS, sentences.NOUNS, sentences.VERBS):
        other |= dict(zip(singular, plural, strict=True)) | dict(zip(plural, singular, strict=True))
    swap = torch.tensor([VOCABULARY.index(other.get(word, word)) for word in VOCABULARY])
    for place in range(8):
        changed = language().clone()
        changed[:, place] = swap[changed[:, place]]
        broken = changed[:, place] != language()[:, place]
        assert not valid(changed[broken]).any()
        assert well_formed(changed[broken]).all()


def test_a_random_word_in_a_random_place_is_valid_only_where_the_enumeration_has_it():
    random = torch.Generator().manual_seed(0)
    known = {tuple(row) for row in language().tolist()}
    changed = language()[torch.randperm(11_520, generator=random)[:2000]].clone()
    changed[torch.arange(2000), torch.randint(8, (2000,), generator=random)] = torch.randint(29, (2000,), generator=random)
    expected = [tuple(row) in known for row in changed.tolist()]
    assert 0 < sum(expected) < 2000
    # what follows the end of a text is no part of it, and such a text may be valid although the row is not listed
    blank_inside = [0 in row[: max((n for n, t in enumerate(row) if t), default=0)] for row in changed.tolist()]
    found = valid(changed).tolist()
    assert all(f == e for f, e, inside in zip(found, expected, blank_inside, strict=True) if not inside)


@pytest.mark.parametrize(
    ("text", "right", "formed"),
    [
        ("two shy cats chase a dog .", True, True),
        ("two cats chases a dog .", False, True),
        ("a cats chase a dog .", False, True),
        ("two cats chase a dogs .", False, True),
        ("two cats chase a dog", False, False),
        ("cats chase a dog .", False, False),
        ("two shy shy cats chase a dog", False, False),
        (". . . . . . . .", False, False),
        ("", False, False),
    ],
)
def test_validity_and_form_by_example(text, right, formed):
    assert valid(written(text)).tolist() == [right]
    assert well_formed(written(text)).tolist() == [formed]


def test_figures_by_hand():
    config = Config()
    training = load(config, None).values
    is_new = ~torch.tensor([(training == row).all(1).any().item() for row in language()[:200]])
    new, old = language()[:200][is_new][:1], training[:2]
    wrong = written("two cats chases a dog .", "dog dog dog")
    assert figures(torch.cat([new, old, wrong]), config) == pytest.approx(
        {"valid": 3 / 5, "agreement": 3 / 4, "new among valid": 1 / 3}
    )
    assert figures(wrong[1:], config) == {"valid": 0.0, "agreement": 0.0, "new among valid": 0.0}


def test_training_sentences_are_4000_different_ones_that_the_seed_fixes():
    samples = load(Config(), None)
    assert samples.values.shape == (4000, 8) and len(samples.values.unique(dim=0)) == 4000
    assert samples.labels is None
    torch.testing.assert_close(samples.values, load(Config(), None).values)
    assert (load(Config(seed=1), None).values != samples.values).any()
    assert figures(samples.values, Config()) == {"valid": 1.0, "agreement": 1.0, "new among valid": 0.0}


@pytest.mark.parametrize("settings", [{"count": 99}, {"count": 11_521}, {"count": "4000"}, {"seed": -1}])
def test_a_config_out_of_range_is_refused(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        Config(**settings)
