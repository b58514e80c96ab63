"""Texts folded: what is form goes, what is content stays, and every sign knows where it stood."""

from __future__ import annotations

import unicodedata

import pytest

from harness.evidence.fold import fold, spans, stands

SAME = [  # a page's text, and a quote of it in another form
    ("The owner’s permit costs “nine” euros – a year.", 'The owner\'s permit costs "nine" euros - a year.'),
    ("„Ruhetag“ ist der Montag—immer.", "«Ruhetag» ist der Montag - immer."),
    ('A **permit** costs [nine euros](fees.md "fees"), _not_ ten.', "A permit costs nine euros, not ten."),
    ("Run `make all` first.\n\n```sh\nmake all\n```", "run make all first. make all"),
    ("## Fees\n\n- nine euros\n- ten euros", "Fees nine euros ten euros"),
    ("| class | fee |\n|:---|---:|\n| small | 9 |", "class fee small 9"),
    ("a snake\\_case name and 5 \\* 3", "a snake_case name and 5 * 3"),
    ("Fish &amp; chips&nbsp;cost&#32;9&thinsp;&euro;", "Fish & chips cost 9 €"),
    ("<b>Open</b> daily<br>from <i>nine</i>.", "Open daily from nine."),
    ("The ﬁrst ofﬁce", "the first office"),
    ("Ｂｅｒｔｈ １２", "Berth 12"),
    ("can\u00adcel\u200bled in\u00a0time\u2009now", "cancelled in time now"),
    ("Paid within a week.[3] Refunds are slow[^1].", "Paid within a week. Refunds are slow."),
    ("Paid within a week¹ at most²", "Paid within a week at most"),
    (unicodedata.normalize("NFD", "Der Schlüssel liegt in Köln."), "Der Schlüssel liegt in Köln."),
    (unicodedata.normalize("NFD", "대여 기간은 삼 일입니다."), "대여 기간은 삼 일입니다."),
    ("STRASSE", "Straße"),
    ("皮划艇，最多可借 3 天。", "皮划艇,最多可借3天。"),
    ("النُّسخة مُجّانيـــة", "النسخة مجانية"),
    ("It opens at nine", "It opens at nine."),  # a full stop that the list item has not
    ("The hall opens at nine, weather permitting, and closes at ten.", "The hall opens at nine ... and closes at ten."),
    ("The hall opens at nine, weather permitting.", "The hall opens [...] permitting."),
    ("- [ ] Lock the shed", "Lock the shed"),
    ("> Lock the shed\n> at night", "Lock the shed at night"),
    ("Open 9 – 17", "open 9-17"),
]


@pytest.mark.parametrize(("page", "quote"), SAME)
def test_a_quote_in_another_form_stands(page: str, quote: str) -> None:
    assert stands(quote, f"Before it. {page}\n\nAfter it." if page[0].isalnum() else f"Before it.\n\n{page}\n\nAfter.")


@pytest.mark.parametrize(
    ("page", "quote"),
    [
        ("The fee is 3.5 euros.", "The fee is 35 euros."),
        ("The **fee** is 3.5 euros.", "The fee is 3!"),
        ("It was -5 °C.", "It was 5 °C."),
        ("Write it in C++ only.", "Write it in C only."),
        ("The trial lasts 14 days.", "The trial lasts 15 days."),
        ("Résumé needed.", "Resume needed."),
        ("It closes at ten. It opens at nine.", "It opens ... at ten."),  # the parts stand in the other order
        ("anything", "..."),
    ],
)
def test_another_text_does_not(page: str, quote: str) -> None:
    assert not stands(quote, page)


def test_spans_are_those_of_the_original() -> None:
    page = "x &amp; **The “small” berth** costs 9&nbsp;euros. y"
    (span,) = spans('the "small" berth costs 9 euros', page)
    assert page[slice(*span)] == "The “small” berth** costs 9&nbsp;euros"
    assert [page[slice(*part)] for part in spans("The ... 9", page)] == ["The", "9"]


def test_every_sign_has_a_place() -> None:
    for page, _ in SAME:
        place = fold(page)
        assert len(place.text) == len(place.starts) == len(place.ends)
        assert all(0 <= a <= b <= len(page) for a, b in zip(place.starts, place.ends, strict=True))
        assert list(place.starts) == sorted(place.starts)
