"""Values and names nobody has seen: each function draws one string from a seeded `random.Random`.

Example: `draw(rng, "duration")` → `"18 months"`; `invented(rng)` → `"Kroalmesh"`.
"""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).parent
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ORG_ENDINGS = ("Ltd", "Group", "Works", "Foods", "Tools", "Partners", "Labs", "Bank", "Motors", "Textiles")
DISHES = ("soup", "salad", "bread", "cheese", "cake", "curry", "rice", "fruit", "fish", "pasta")
NUMBER_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve")


@cache
def lexicon() -> dict[str, Any]:
    """The word tables of `lexicon.json`: every fixed word that can occur in a generated page."""
    tables: dict[str, Any] = json.loads((HERE / "lexicon.json").read_text(encoding="utf-8"))
    return tables


def word(rng: Random, table: str) -> str:
    """One word of a table of the lexicon."""
    chosen: str = rng.choice(lexicon()[table])
    return chosen


SPELT = frozenset(
    ("Plume",)
)  # words that the syllables spell by chance and that something real, or a scenario, is named


def invented(rng: Random) -> str:
    """A capitalised name of two or three invented syllables."""
    name = "".join(_syllable(rng) for _ in range(rng.choice((2, 2, 2, 3)))).capitalize()
    return invented(rng) if name in SPELT else name


def _syllable(rng: Random) -> str:
    return word(rng, "onset") + word(rng, "nucleus") + (word(rng, "coda") if rng.random() < 0.6 else "")


def person(rng: Random) -> str:
    """First and last name, each ordinary or invented; sometimes one name or a title."""
    first = word(rng, "first") if rng.random() < 0.6 else invented(rng)
    last = word(rng, "last") if rng.random() < 0.5 else invented(rng)
    form = rng.random()
    if form < 0.1:
        return f"{rng.choice(('Dr', 'Ms', 'Mr', 'Professor'))} {last}"
    return first if form < 0.2 else f"{first} {last}"


def verb(rng: Random) -> tuple[str, str]:
    """(base form, past participle)."""
    base, past = word(rng, "verb").split("|")
    return base, past


def phrase(rng: Random) -> str:
    """A noun phrase without article."""
    form = rng.random()
    if form < 0.75:
        return f"{word(rng, 'adj')} {word(rng, 'noun')}"
    return (
        f"{word(rng, 'noun')} {word(rng, 'noun')}"
        if form < 0.9
        else f"{word(rng, 'adj')} {word(rng, 'adj')} {word(rng, 'noun')}"
    )


def with_article(noun: str) -> str:
    """The phrase after `a` or `an`."""
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"


def date(rng: Random) -> str:
    """A calendar date in one of five layouts."""
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1995, 2031)
    name = MONTHS[month - 1]
    layouts = (
        f"{day} {name}",
        f"{name} {day}",
        f"{day} {name} {year}",
        f"{year}-{month:02d}-{day:02d}",
        f"{name} {day}, {year}",
    )
    return rng.choice(layouts)


def iso_date(rng: Random) -> str:
    """A date as YYYY-MM-DD, the layout of update stamps."""
    return f"{rng.randint(2015, 2030)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"


def duration(rng: Random) -> str:
    """A number (digits or a word) and a unit of time."""
    unit = rng.choice(("minutes", "hours", "days", "working days", "weeks", "months", "years", "seconds"))
    number = rng.choice(NUMBER_WORDS) if rng.random() < 0.3 else str(rng.randint(2, 90))
    return f"{number} {unit}"


def price(rng: Random) -> str:
    """An amount of money in one of four layouts."""
    amount = rng.randint(2, 999)
    layouts = (
        f"{amount} {word(rng, 'currency')}",
        f"${amount}",
        f"${amount}.{rng.randint(0, 99):02d}",
        f"{rng.randint(1, 40)},{rng.randint(0, 999):03d} {word(rng, 'currency')}",
        f"EUR {amount}",
    )
    return rng.choice(layouts)


def clock_time(rng: Random) -> str:
    """A time of day."""
    hour, minute = rng.randint(6, 22), rng.choice(("00", "15", "30", "45", "05", "20", "40"))
    return rng.choice(
        (
            f"{hour}:{minute}",
            f"{hour:02d}:{minute}",
            f"{rng.randint(1, 12)} {rng.choice(('am', 'pm'))}",
            f"{rng.randint(1, 12)}:{minute} {rng.choice(('am', 'pm'))}",
        )
    )


def code(rng: Random) -> str:
    """A product or inventory code."""
    letters = "".join(rng.choices(string.ascii_uppercase, k=rng.randint(1, 3)))
    digits = "".join(rng.choices(string.digits, k=rng.randint(2, 4)))
    return rng.choice(
        (f"{letters}-{digits}", f"{letters}{digits}", f"{letters}-{digits}-{rng.choice(string.ascii_uppercase)}")
    )


def email(rng: Random) -> str:
    """An address at an invented domain."""
    user = rng.choice(
        (word(rng, "first"), word(rng, "last"), word(rng, "noun"), "help", "info", "office", invented(rng))
    ).lower()
    return f"{user}@{invented(rng).lower()}.{rng.choice(('com', 'org', 'net', 'example'))}"


def org_name(rng: Random) -> str:
    """The name of an invented organisation."""
    name = invented(rng)
    return rng.choice(
        (
            name,
            f"{name} {rng.choice(ORG_ENDINGS)}",
            f"{name} and {invented(rng)}",
        )
    )


def action(rng: Random) -> str:
    """An instruction without subject: `restart the router`."""
    base, _ = verb(rng)
    tail = rng.choice(
        (
            "",
            "",
            f" with {person(rng)}",
            f" in the {word(rng, 'place')}",
            f" and wait {duration(rng)}",
            f" at {clock_time(rng)}",
        )
    )
    return (
        f"{base} the {phrase(rng)}{tail}"
        if rng.random() < 0.8
        else rng.choice(
            (f"call {ext(rng)}", f"write to {email(rng)}", f"fill in form {code(rng)}", f"speak to {word(rng, 'team')}")
        )
    )


def reason(rng: Random) -> str:
    """A subordinate clause."""
    state = rng.choice((word(rng, "adj"), verb(rng)[1], "too " + word(rng, "adj")))
    return f"the {phrase(rng)} {rng.choice(('is', 'was'))} {state}"


def ext(rng: Random) -> str:
    """A short telephone extension."""
    return str(rng.randint(10, 9999))


DRAWS: dict[str, Callable[[Random], str]] = {
    "duration": duration,
    "price": price,
    "colour": lambda r: word(r, "colour"),
    "material": lambda r: word(r, "material"),
    "weight": lambda r: f"{rng_number(r, 900)} {r.choice(('kg', 'grams', 'kilograms', 'tonnes', 'pounds'))}",
    "code": code,
    "orgname": org_name,
    "date": date,
    "person": person,
    "version": lambda r: ".".join(str(r.randint(0, 19)) for _ in range(r.choice((2, 3)))),
    "temperature": lambda r: f"{r.randint(5, 95)} {r.choice(('degrees', 'degrees Celsius', 'C'))}",
    "role": lambda r: word(r, "role"),
    "city": lambda r: word(r, "city") if r.random() < 0.4 else invented(r),
    "ext": ext,
    "email": email,
    "room": lambda r: r.choice(
        (
            f"room {r.randint(1, 480)}",
            f"room {r.choice('ABCDEFGH')}{r.randint(1, 60)}",
            f"office {r.randint(1, 300)}",
            f"the {word(r, 'place')}",
        )
    ),
    "language": lambda r: word(r, "language"),
    "topic": lambda r: word(r, "topic"),
    "weekday": lambda r: r.choice(WEEKDAYS),
    "age": lambda r: f"{r.randint(18, 90)} years old",
    "animal": lambda r: with_article(
        f"{word(r, 'adj')} {r.choice(('dog', 'cat', 'rabbit', 'goat', 'horse', 'parrot', 'fish', 'snake'))}"
    ),
    "number": lambda r: str(r.randint(2, 200)) if r.random() < 0.7 else r.choice(NUMBER_WORDS),
    "time": clock_time,
    "length": lambda r: f"{rng_number(r, 400)} {r.choice(('metres', 'feet', 'm', 'centimetres'))}",
    "year": lambda r: str(r.randint(1650, 2030)),
    "count": lambda r: rng_number(r, 4000),
    "pin": lambda r: r.choice((str(r.randint(1000, 99999)), f"{r.randint(10, 999)}{r.choice('ABCDXZ#')}")),
    "place2": lambda r: f"{invented(r)} {r.choice(('Road', 'Square', 'Street', 'Bridge', 'Park', 'Lane', 'Gate'))}",
    "thing": lambda r: with_article(phrase(r)),
    "money": lambda r: f"{r.randint(2, 900)} {r.choice(('million', 'thousand', 'billion'))} {word(r, 'currency')}",
    "days": lambda r: f"{r.randint(2, 40)} {r.choice(('days', 'working days'))}",
    "percent": lambda r: r.choice(
        (f"{r.randint(1, 99)}%", f"{r.randint(1, 99)} percent", f"{r.randint(1, 99)}.{r.randint(1, 9)}%")
    ),
    "url": lambda r: f"www.{invented(r).lower()}.{r.choice(('com', 'org', 'net', 'example'))}",
    "place": lambda r: (
        f"the {word(r, 'place')}"
        if r.random() < 0.6
        else f"{invented(r)} {r.choice(('Hall', 'House', 'Centre', 'Hotel', 'School', 'Park'))}"
    ),
    "team": lambda r: word(r, "team") if r.random() < 0.7 else person(r),
    "food": lambda r: f"{r.choice(('hot', 'cold', 'fresh', 'spicy', 'sweet'))} {r.choice(DISHES)}",
    "storage": lambda r: f"{r.randint(1, 900)} {r.choice(('GB', 'MB', 'gigabytes', 'TB'))}",
    "chars": lambda r: f"{r.randint(6, 32)} {r.choice(('characters', 'letters', 'signs', 'digits'))}",
    "action": action,
    "interval": lambda r: r.choice(
        (
            f"every {duration(r)}",
            f"every {r.choice(WEEKDAYS)}",
            "once a " + r.choice(("day", "week", "month", "year")),
            f"{r.choice(NUMBER_WORDS)} times a {r.choice(('day', 'week', 'month', 'year'))}",
        )
    ),
    "reason": reason,
}


def rng_number(rng: Random, top: int) -> str:
    """A whole or decimal number in digits."""
    return rng.choice((str(rng.randint(2, top)), str(rng.randint(2, top)), f"{rng.randint(1, 99)}.{rng.randint(1, 9)}"))


def draw(rng: Random, kind: str) -> str:
    """One value of a type named in `attributes.txt`."""
    return DRAWS[kind](rng)
