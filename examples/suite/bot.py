"""The system under test: a bot for a bicycle shop. Ask your own here: a question in, a text out, that is all."""

PAGES = {
    "open": "We are open from 9 to 18, on Saturdays from 10 to 14.",
    "deposit": "The deposit for a rented bike is 80 euros.",
    "rent": "A rented bike costs 15 euros a day.",
    "child": "Child seats cost 3 euros a day.",
    "puncture": "Mending a puncture costs 9 euros and takes one hour.",
    "brake": "New brake pads cost 24 euros, fitting included.",
    "service": "A yearly service costs 65 euros.",
    "guarantee": "New bikes have a guarantee of five years.",
    "return": "You can return a new bike within 30 days.",
    "park": "Customers park free of charge behind the shop.",
}


def answer(question: str) -> str:
    """The first page whose word stands in the question."""
    return next((page for word, page in PAGES.items() if word in question.lower()), "I do not know.")


def greet(question: str) -> str:
    """Small talk, as another system with a data set of its own."""
    return "Hello! How can I help?" if "hello" in question.lower() else "Goodbye!"
