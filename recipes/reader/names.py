"""Names for the reader's page kinds, beyond those of `recipes.pocket.values`: people, works, countries, long dates."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from recipes.pocket import values

# fmt: off
NATIONS = (
    "Norwegian", "Portuguese", "Canadian", "Indian", "Austrian", "Irish", "Chilean", "Polish", "Kenyan", "Japanese",
    "Dutch", "Greek", "Peruvian", "Finnish", "Turkish", "Welsh", "Korean", "Mexican", "Estonian", "Moroccan",
)
COUNTRIES = (
    "Norway", "Portugal", "Canada", "India", "Austria", "Ireland", "Chile", "Poland", "Kenya", "Japan", "Greece",
    "Peru", "Finland", "Turkey", "Wales", "South Korea", "Mexico", "Estonia", "Morocco", "the Netherlands",
)
FIRST = (
    "Ingrid", "Tomas", "Amara", "Rafael", "Yuki", "Henrik", "Leila", "Duncan", "Priya", "Matteo", "Agnes", "Viktor",
    "Noor", "Cedric", "Marisol", "Jonas", "Beatrix", "Kofi", "Sanne", "Wilfred", "Odile", "Anton", "Hana", "Gareth",
    "Mary", "John", "James", "Robert", "William", "Margaret", "Charles", "Edith", "Paul", "Alice", "George", "Rose",
)
LAST = (
    "Halvorsen", "Okafor", "Brandt", "Whitcombe", "Nakamura", "Delgado", "Pryce", "Lindqvist", "Moretti", "Achterberg",
    "Sandoval", "Kerrigan", "Varga", "Bellweather", "Tamm", "Osei", "Rasmussen", "Figueira", "Ashdown", "Petrov",
    "Johnson", "Clarke", "Harris", "Thompson", "Reed", "Marshall", "Wood", "Grant", "Ellis", "Porter",
)
TITLES = (
    "The Long Ferry", "Saltwater Letters", "A House of Bells", "Ninety Miles to Marrow", "The Quiet Ledger",
    "Under the Tin Moon", "Half a Kingdom", "Bread and Thunder", "The Borrowed Hour", "What the River Kept",
    "Lanterns of Ash", "The Second Postman", "Cold Orchard", "Goodbye, Mr Finch", "No Wind on Sunday", "Red Harbour",
)
BANDS = ("The Paper Foxes", "Cinder Lane", "Hollow Tuesday", "The Ninth Ferry", "Velvet Tram", "Owl Parliament")
GAMES = ("Thistle", "Crooked Queen", "Vierling", "Seven Gates", "Old Harbour", "Kettle", "Fox and Miller")
PROCESSES = ("Chemofixation", "Photolysation", "Thermoclasis", "Hydrogenesis", "Lithotrophy", "Osmoflexion")
FRONT = (
    "Ash", "Black", "Bram", "Brack", "Carl", "Clay", "Dun", "East", "Fair", "Glen", "Hart", "Hazel", "Kings", "Lang",
    "Marsh", "Mill", "North", "Pem", "Red", "Stan", "Thorn", "Wal", "Wes", "Win", "Wood",
)
BACK = (
    "bury", "field", "ford", "ham", "ley", "mouth", "port", "stead", "ton", "wick", "worth", "dale", "bridge", "by",
)
# fmt: on
PLAIN = 0.6  # share of names that are spelt as English ones: a word or two to the model, as in real text


def plain(rng: Random) -> str:
    """A name spelt like an English place, or an invented one that no model has seen."""
    return f"{rng.choice(FRONT)}{rng.choice(BACK)}" if rng.random() < PLAIN else values.invented(rng)


def surname(rng: Random) -> str:
    """A last name, ordinary or invented."""
    return rng.choice(LAST) if rng.random() < 0.6 else values.invented(rng)


def full_name(rng: Random) -> str:
    """First and last name, at times with a second first name or an initial."""
    form = rng.random()
    middle = f" {rng.choice(FIRST)}" if form < 0.1 else f" {rng.choice('ABCDEFGHJKLMRSTW')}." if form < 0.2 else ""
    return f"{rng.choice(FIRST)}{middle} {surname(rng)}"


def long_date(rng: Random) -> str:
    """A day with its year, as encyclopedias write it."""
    day, month, year = rng.randint(1, 28), rng.choice(values.MONTHS), rng.randint(1720, 2022)
    return f"{day} {month} {year}" if rng.random() < 0.6 else f"{month} {day}, {year}"


def nationality(rng: Random) -> str:
    """A nationality with its article."""
    return values.with_article(rng.choice(NATIONS))


DRAWS: dict[str, Callable[[Random], str]] = {
    "invented": plain,
    "city": lambda rng: values.word(rng, "city") if rng.random() < 0.4 else plain(rng),
    "place2": lambda rng: f"{plain(rng)} {rng.choice(('Road', 'Square', 'Street', 'Bridge', 'Park', 'Lane', 'Gate'))}",
    "person": lambda rng: full_name(rng) if rng.random() < 0.6 else values.person(rng),
    "surname": surname,
    "fullname": full_name,
    "first": lambda rng: rng.choice(FIRST),
    "longdate": long_date,
    "nationality": nationality,
    "nation": lambda rng: rng.choice(NATIONS),
    "country": lambda rng: rng.choice(COUNTRIES),
    "bignumber": lambda rng: f"{rng.randint(1, 98)},{rng.randint(0, 999):03d}",
    "title": lambda rng: rng.choice(TITLES),
    "stage": lambda rng: rng.choice(BANDS),
    "game": lambda rng: rng.choice(GAMES),
    "science": lambda rng: rng.choice(PROCESSES),
}
