"""The nine questions of the decision guide, as frozen values.

Source: "RAG vs Fine-Tuning: When to Use Each (and When to Combine Them)", section "Nine-Question Decision Checklist".
Wording, help and examples are our own; `yes_arrow` and `no_arrow` are the guide's arrows (None: continue).

One question: number 4, "Are more than 500 good labelled examples at hand?"; no -> RAG, yes -> continue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from harness.advice.recommendations import Outcome

MIN_EXAMPLES = 500  # the guide: tuning on fewer labelled examples usually hurts; "more than" this many is a yes
MIN_PAIRS = 200  # the guide: this many good preference pairs (DPO) stand in for the examples


class AnswerValue(StrEnum):
    """The answers that a team may give. A question that was not answered counts as unsure."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Question:
    """One of the nine: what is asked, how to decide, and what the guide's arrows say."""

    number: int
    topic: str  # two or three words, for tables
    text: str
    help: str
    find_out: str  # what to look at, or whom to ask, where nobody knows
    example_yes: str
    example_no: str
    yes_arrow: Outcome | None  # where the guide's arrow for a yes leads; None: on to the next question
    no_arrow: Outcome | None
    unsure_as: AnswerValue  # the reading of an unsure answer (docs/advice.md)


_YES, _NO = AnswerValue.YES, AnswerValue.NO

QUESTIONS: tuple[Question, ...] = (
    Question(
        1,
        "knowledge changes",
        "Does what the model must know change more often than once a month?",
        "Count changes that would make an answer wrong: prices, policies, releases, records. "
        "New documents count too. Typo fixes do not.",
        "look through three months of changes to the sources, and count those that would turn an answer wrong.",
        "A price list that is edited every week.",
        "A building code that is revised every three years.",
        "rag",
        None,
        _NO,
    ),
    Question(
        2,
        "traceable answers",
        "Must each answer lead back to the document it came from?",
        "Say yes if a user, an auditor or a regulator will ask where an answer comes from "
        "and a link to a passage is the only acceptable reply.",
        "ask whoever signs off on answers whether a reply without a link to its source would be sent back.",
        "A clinician must see the guideline paragraph behind each dose.",
        "Product descriptions that nobody checks against a file.",
        "rag",
        None,
        _NO,
    ),
    Question(
        3,
        "tone, style, format",
        "Is the trouble how answers are written: their voice, style or form?",
        "The facts are right but the text is not: wrong voice, wrong length, broken JSON. Prompting did not cure it.",
        "put ten real answers beside the ones you would have written, and note whether facts or wording differ.",
        "Replies are correct, yet read like an encyclopaedia instead of like us.",
        "Replies sound fine but name last year's prices.",
        "fine_tune",
        None,
        _NO,
    ),
    Question(
        4,
        "labelled examples",
        "Are more than 500 good labelled examples at hand?",
        "Question (with its context) and the answer you would be proud of, checked by a person. "
        "200 preference pairs, a better and a worse answer to the same prompt, can stand in: enter them as a fact.",
        "count the answers that a named person has read and approved; drafts, logs and generated pairs do not count.",
        "640 support replies, edited and approved by senior agents.",
        "Ten thousand raw chat logs nobody has read.",
        None,
        "rag",
        _YES,
    ),
    Question(
        5,
        "latency allows retrieval",
        "Can your product wait for retrieval?",
        "Searching and re-ranking adds roughly 100 to 500 ms before the first word.",
        "time what the product does now, and ask what delay its users leave at; subtract what the model itself takes.",
        "A chat window where two seconds are fine.",
        "Code completion on every keystroke, or a device without a network.",
        None,
        "fine_tune",
        _YES,
    ),
    Question(
        6,
        "GPU for training and serving",
        "Can your team train and serve a model on GPUs?",
        "Owned or rented both count, as long as somebody can run a training job and keep the tuned model up. "
        "A hosted API that tunes and serves for you is a yes as well.",
        "ask who would start the training job, and who would be called when the tuned model is down.",
        "One 24 GB card and an engineer who has trained an adapter before.",
        "Only a hosted model behind an API key, no tuning offered.",
        None,
        "rag",
        _YES,
    ),
    Question(
        7,
        "terminology as syntax",
        "Must the model use specialist terms the way a grammar is used: clause types, instrument names, codes?",
        "Not whether rare words occur, but whether the model must classify, combine and produce them correctly "
        "without being shown their meaning each time.",
        "give the model ten sentences full of your terms, explain none, and see whether it uses them rightly.",
        "Tagging contract clauses as indemnity, limitation or assignment.",
        "Answering in plain words from a glossary that can be retrieved.",
        "fine_tune",
        None,
        _NO,
    ),
    Question(
        8,
        "current facts and style",
        "Must the same answer be up to date and in one constant style?",
        "Both halves matter to the same answer: it must be true today, and it must sound or be shaped one way.",
        "take one real answer: would it be useless if either its facts were old or its style were wrong?",
        "Support answers in the company's voice with today's prices.",
        "An internal search box: facts matter, wording does not.",
        "both",
        None,
        _NO,
    ),
    Question(
        9,
        "regulated production use",
        "Will it serve in production on sensitive, regulated or legally binding content?",
        "Health, money, employment, law, children: a wrong or badly worded answer has consequences outside the chat.",
        "ask the legal or compliance department what follows from one wrong answer, and who is liable for it.",
        "An assistant that explains employees' parental leave rights.",
        "A tool that suggests names for internal projects.",
        "both",
        "rag",
        _NO,
    ),
)

BY_NUMBER: Mapping[int, Question] = MappingProxyType({q.number: q for q in QUESTIONS})


def answer_of(answers: Mapping[int, AnswerValue], number: int) -> AnswerValue:
    """The answer to a question; unsure when it was not answered."""
    return answers.get(number, AnswerValue.UNSURE)


def all_nine(answers: Mapping[int, AnswerValue]) -> dict[int, AnswerValue]:
    """The nine answers in order, unsure where there is none."""
    return {question.number: answer_of(answers, question.number) for question in QUESTIONS}


def read_unsure(answers: Mapping[int, AnswerValue]) -> dict[int, AnswerValue]:
    """All nine answers with every unsure one replaced by its fixed reading: no for 1-3 and 7-9, yes for 4-6."""
    return {n: BY_NUMBER[n].unsure_as if a is AnswerValue.UNSURE else a for n, a in all_nine(answers).items()}
