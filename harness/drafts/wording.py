"""The prompts by which drafts are written and read back, and how a reply is read.

The same prompts for every generator. The worked examples follow the form of the sentence (an instruction or a
statement): with mixed ones a model of 135 M parameters asks "What does ... do?" of instructions
too (`docs/notes/log.md`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.drafts.draft import Topic
from harness.prompts import user_message
from harness.structured import without_marks
from harness.types import Message, Passage, Prompt

QUESTION_TOKENS = 40
ANSWER_TOKENS = 48
SILENCE = "The passages do not say."

_ASK = (
    "You write exam questions about a page. You are given the page's title and one sentence of it. Write one question "
    "that this sentence answers, in the language of the sentence. Name what the question is about. Reply with the "
    "question only."
)
_INSTRUCTIONS = (
    ("Pause an alarm", "From the menu, tap Clock > Alarms > Pause.", "How do I pause an alarm?"),
    ("Night bus", "To stop the bus, press the red button beside the door.", "How do I stop the night bus?"),
    ("Rent a canoe", "Fill in the form at the boathouse and pay a deposit.", "How do I rent a canoe?"),
    ("Camera", "Swipe left to switch to the front lens.", "How do I switch the camera to the front lens?"),
    ("Returns", "A helmet can be returned within 14 days.", "Within how many days can a helmet be returned?"),
)
_STATEMENTS = (
    ("Returns", "A helmet can be returned within 14 days.", "Within how many days can a helmet be returned?"),
    ("Garden shed", "The shed key is kept by the caretaker in room 4.", "Who keeps the key of the garden shed?"),
    ("Alarm tones", "Snooze repeats the alarm after five minutes.", "After how many minutes does Snooze repeat?"),
    ("Ferry", "Dogs travel free of charge on the lower deck.", "On which deck of the ferry do dogs travel free?"),
    ("Museum card", "The card is needed to borrow the audio guide.", "What is the museum card needed for?"),
)
_BOTH = (
    "You are given two questions. Write one question that asks for both answers, in the language of the questions. "
    "Keep every name and number. Reply with the question only."
)
_BOTH_EXAMPLES = (
    (
        "1. How long can a canoe be kept?\n2. What does a paddle cost?",
        "How long can a canoe be kept, and what does a paddle cost?",
    ),
    (
        "1. Who keeps the key of the garden shed?\n2. When is the garden shed locked?",
        "Who keeps the key of the garden shed, and when is it locked?",
    ),
)
_OPEN = (
    "You are given a page. Write one question that a reader of this page would ask next and that the page does not "
    "answer, in the language of the page. Name what the question is about. Reply with the question only."
)
_OPEN_EXAMPLES = (
    (
        "Title: Returns\nPage: A helmet can be returned within 14 days if the seal is unbroken.",
        "Who pays the postage of a helmet that is returned?",
    ),
    (
        "Title: Garden shed\nPage: The shed key is kept by the caretaker in room 4.",
        "In which year was the garden shed painted?",
    ),
)
_STYLE = (
    "Write the question as an impatient customer would type it into a chat, in the language of the question. Keep "
    "every name and number. Reply with the message only."
)
_STYLE_EXAMPLES = (
    ("How long can a canoe be kept?", "Hi, quick one: how long can I keep a canoe? Thanks!"),
    (
        "Who keeps the key of the garden shed?",
        "Hello! I stand before the garden shed and it is locked. Who keeps the key?",
    ),
)
_OTHERWISE = (
    "Say the question in other words, in its language. Keep every name and number. Reply with the question only."
)
_OTHERWISE_EXAMPLES = (
    ("How long can a canoe be kept?", "For what length of time may a canoe be kept?"),
    ("Who keeps the key of the garden shed?", "Which person has the key of the garden shed?"),
    ("How do I pause an alarm?", "What must I do to pause an alarm?"),
)
_READ = (
    "Answer the question from the passages in as few words as possible. If they do not say, answer exactly: " + SILENCE
)
# an instruction in English: it opens with an aim, a place to start from, or a verb that tells to do something
_TELLS = re.compile(
    r"(?:to|from|in order to|tap|press|touch|swipe|select|choose|open|click|enter|use|turn|connect|drag|hold|import|"
    r"add|set|move|go|fill|pay|send|call|ask|write|visit|sign|insert|remove|check|make|keep|switch|enable|disable)\b",
    re.IGNORECASE,
)


def question_prompt(topic: Topic) -> Prompt:
    """Asks for a question that the topic's first quote answers."""
    passage, quote = topic.passages[0], topic.quotes[0]
    examples = _INSTRUCTIONS if _TELLS.match(quote) else _STATEMENTS
    turns = [(f"Title: {title}\nSentence: {sentence}", question) for title, sentence, question in examples]
    return _chat(_ASK, turns, f"Title: {passage.title}\nSentence: {quote}")


def both_prompt(first: str, second: str) -> Prompt:
    """Asks for one question in place of two."""
    return _chat(_BOTH, _BOTH_EXAMPLES, f"1. {first}\n2. {second}")


def open_prompt(passage: Passage) -> Prompt:
    """Asks for a question that a page leaves open."""
    return _chat(_OPEN, _OPEN_EXAMPLES, f"Title: {passage.title}\nPage: {passage.text}")


def style_prompt(question: str) -> Prompt:
    """Asks for a question as people write in a hurry."""
    return _chat(_STYLE, _STYLE_EXAMPLES, question)


def paraphrase_prompt(question: str) -> Prompt:
    """Asks for a question in other words."""
    return _chat(_OTHERWISE, _OTHERWISE_EXAMPLES, question)


def reading_prompt(question: str, passages: Sequence[Passage]) -> Prompt:
    """Asks a question back: what would a reader of these passages answer?"""
    return (Message("system", _READ), Message("user", user_message(question, passages)))


def _chat(system: str, turns: Sequence[tuple[str, str]], last: str) -> Prompt:
    examples = [m for user, reply in turns for m in (Message("user", user), Message("assistant", reply))]
    return (Message("system", system), *examples, Message("user", last))


_LABEL = re.compile(r"^(?:question|q|message|answer|a)\s*:\s*|^\d+[.)]\s+|^[-*]\s+", re.IGNORECASE)
_MARKS = "?？؟"


def question_of(reply: str | None) -> str:
    """The question in a reply, up to its question mark; empty where there is none."""
    text = " ".join((reply or "").strip().strip("\"“”'*").split())
    text = _LABEL.sub("", text).strip("\"“”'* ")
    places = [at for at in (text.rfind(mark) for mark in _MARKS) if at >= 0]
    return text[: max(places) + 1] if places else ""


def message_of(reply: str | None) -> str:
    """A customer's message in a reply: its first line."""
    lines = (reply or "").strip().splitlines()
    return _LABEL.sub("", lines[0].strip().strip('"“”')) if lines else ""


def answer_of(reply: str | None) -> str:
    """The answer in a reply: its first line without labels and the full stop that closes it."""
    lines = without_marks(reply or "").strip().splitlines()
    text = _LABEL.sub("", lines[0].strip()) if lines else ""
    return text.strip("\"“”' ").removesuffix(".").strip()
