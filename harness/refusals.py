"""Refusals in words: 'the passages do not say', however a model puts it.

Only a text that does nothing but refuse is a refusal: `"I'm sorry, but the passages do not say what a helmet costs."`
is one, `"The passages do not say when, but it costs 8 euros."` is an answer. Every sentence must refuse or be a
courtesy, and no clause may go on to say something. The scenario's own sentence counts in any language, other wordings
in English by the rules here, in the languages of `harness/language/refusals.py` by that table.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from harness.language.refusals import is_refusal_elsewhere

_NOT_A_WORD = r"[^\w]+"
# a clause after a comma stands for itself where it has a subject of its own
_SENTENCE_END = r"(?i)(?<=[.!?;:。！？])\s+|\n+|,\s*(?=(?:it|the|this|that|there|they|you|he|she|we|its)\b)"

# words that may stand before a refusal and after it; each is a regular expression over folded words
_LEAD = (
    r"(?:(?:final )?(?:answer|response|a)|antwort|réponse|respuesta)",
    r"(?:i am |i m )?(?:very |so |really )?(?:sorry|afraid)(?: that)?",
    r"i apologi[sz]e|my apologies|apologies|unfortunately|regrettably|sadly|however|but|well|hmm|leider",
    r"es tut mir leid|je suis désolée?|lo siento",
    r"(?:based|going|relying) (?:only |solely )?on {source}|according to {source}|from {source}|in {source}|given "
    r"{source}",
    r"(?:to be honest|honestly|as an ai(?: language)?(?: model| assistant)?|after (?:reading|reviewing|checking) "
    r"{source})",
)
_SOURCE = (
    r"(?:(?:any of |all of )?(?:the |these |this |those |my |your |its )?(?:provided |given |supplied |available |"
    r"above |"
    r"retrieved |shown |current |following )*(?:passages?|pages?|documents?|documentation|context|texts?|sources?|"
    r"excerpts?|articles?|materials?|corpus|knowledge base|handbook|information|data)"
    r"(?: (?:provided|given|supplied|available|above|shown|retrieved|here|i have|i was given|you provided|"
    r"you gave me|at hand|to me))*)"
)
# a plain noun of its own may be what the question is about: 'the data does not include names' answers
_OURS = (
    r"(?:(?:any of |all of )?(?:the |these |this |those )?(?:provided |given |supplied |available |above |"
    r"retrieved |shown )*"
    r"(?:passages?|pages?|documents?|context|texts?|sources?|excerpts?|articles?|corpus|knowledge base)"
    r"(?: (?:provided|given|supplied|available|above|shown|retrieved|here))*|"
    r"(?:the |this )?(?:provided|given|supplied|available|above) (?:information|data|materials?|documentation)|"
    r"(?:the )?(?:information|data|materials?|documentation) (?:provided|given|supplied|available|above))"
)
_NEWS = (
    r"(?:information|informations|details?|data|answers?|mention|figures?|facts?|reference|clue|indication|"
    r"evidence)"
)
_ABOUT = (
    r"(?: (?:about|on|regarding|concerning|as to|of|in|for|from|to (?:answer|say|tell|know|determine|find|decide|"
    r"confirm|provide|give)|what|how|who|whom|whose|when|where|which|whether|why|"
    r"if|that|this|it|anything|any|the|an?|specific|specifically|exactly|enough|sufficient|explicitly|directly|"
    r"available|"
    r"with|your|based|given|provided|found)(?: \w+){0,24})?"
)
_ADVERB = (
    r"(?: (?:really|actually|currently|simply|just|explicitly|specifically|directly|clearly|exactly|unfortunately|"
    r"honestly|seem to|appear to|yet|definitively))*"
)
_CORE = (
    rf"{_OURS} (?:does|do|did)(?: not){_ADVERB} (?:mention|state|specify|address|discuss|describe|explain|"
    rf"reveal|answer)"
    r"(?: \w+){0,24}",
    rf"{_OURS} (?:does|do|did)(?: not){_ADVERB} (?:say|mention|state|specify|tell|indicate|answer|address|explain|"
    rf"discuss|"
    rf"describe|reveal|clarify){_ABOUT}",
    rf"{_OURS} (?:does|do|did)(?: not){_ADVERB} (?:contain|include|provide|give|have|offer|hold)(?: \w+){{0,3}} "
    rf"{_NEWS}{_ABOUT}",
    rf"{_OURS} (?:contains?|includes?|provides?|gives?|has|have|offers?) no(?: \w+){{0,2}} {_NEWS}{_ABOUT}",
    rf"{_OURS} (?:says?|states?|mentions?) nothing{_ABOUT}",
    rf"there (?:is|are|was|were) (?:no|not any|not enough|insufficient|nothing)(?: \w+){{0,2}} {_NEWS}{_ABOUT}",
    rf"there (?:is|was) no (?:way|means) to (?:know|tell|say){_ABOUT}",
    rf"there (?:is|was) nothing (?:about|on) (?:this|that|it|\w+)(?: \w+){{0,8}} in {_SOURCE}",
    rf"(?:i|we){_ADVERB} (?:do|did|can|could|would)(?: not){_ADVERB} (?:know|say|tell(?: you)?|answer|"
    rf"determine){_ABOUT}",
    rf"(?:i|we){_ADVERB} (?:can|could)(?: not){_ADVERB} (?:find|provide|give|locate|see)(?: you)?(?: \w+){{0,3}} "
    rf"(?:{_NEWS}|this|that|it|anything|mention){_ABOUT}",
    rf"(?:i|we){_ADVERB} (?:do|did)(?: not){_ADVERB} (?:have|find|see|possess)(?: \w+){{0,3}} (?:{_NEWS}|knowledge|"
    rf"access|anything)"
    rf"{_ABOUT}",
    rf"(?:i|we) (?:have|found|find|see) (?:no|nothing|insufficient)(?: \w+){{0,2}} ?(?:{_NEWS}|idea|knowledge|"
    rf"clue)?{_ABOUT}",
    rf"(?:i|we) (?:am|are|was|were) (?:not (?:able|sure|certain|aware)|unable|unsure|uncertain)(?: to (?:answer|"
    rf"say|tell|find|"
    rf"determine|provide|help|know|locate))?(?: of| you)?{_ABOUT}",
    r"(?:i|we) can not help(?: you)? with (?:this|that|it|your question|this question|that question)",
    rf"(?:it|this|that|this question|that question|the question|the answer|the (?:requested |required "
    rf")?information|"
    rf"this information|that information) (?:is|was|can|could)(?: not){_ADVERB} (?:be )?(?:mentioned|stated|"
    rf"specified|"
    rf"answered|determined|indicated|addressed|known|clear)(?: (?:in|by|from|with|based on|using|given|anywhere "
    rf"in) {_SOURCE})?",
    rf"(?:it|this|that|the answer|the (?:requested |required )?information|this information|that information) "
    rf"(?:is|was|can|"
    rf"could)(?: not){_ADVERB} (?:be )?(?:given|provided|found|covered|available|contained|included|present) "
    rf"(?:in|by|from|anywhere in) {_SOURCE}",
    rf"(?:not|nowhere) (?:mentioned|stated|specified|answered|known|found|given|provided|indicated|available)"
    rf"(?: (?:in|by|from|anywhere in) {_SOURCE})?",
    rf"(?:no|not enough|insufficient|nothing)(?: \w+)? ?{_NEWS}(?: (?:is |was )?(?:available|found|given|"
    rf"provided))?(?: (?:on|"
    rf"about|in|to)(?: \w+){{1,8}})?",
    rf"(?:none of (?:the |these )?(?:(?:given|provided|retrieved) )?(?:passages|pages|documents|texts|sources|"
    rf"excerpts)|neither (?:of the )?"
    rf"(?:passages?|pages?|documents?|texts?|sources?)) (?:says?|states?|specif(?:y|ies)|answers?|mentions?(?: "
    rf"\w+){{0,16}}){_ABOUT}",
    rf"(?:it|the answer|the information|this information|that information) (?:is|was) (?:not|nowhere) in {_SOURCE}",
    r"no idea|i have no idea|unanswerable|can not say|can not be determined|can not be answered|do not know|dunno|"
    r"idk",
)
_COURTESY = (
    r"(?:please |kindly )?(?:contact|ask|check|consult|see|refer to|reach out|provide|rephrase|let me know|feel "
    r"free)"
    r"(?: \w+){0,20}",
    r"(?:is there|do you have|can i|could you|would you|if you|you (?:may|might|could|can|should))(?: \w+){0,24}",
    r"i hope (?:this|that) helps|thanks?(?: you)?(?: \w+){0,4}|sorry(?: about (?:this|that)| for \w+ \w+)?",
    r"(?:i am |i m )?(?:very |so )?sorry|i apologi[sz]e(?: for \w+ \w+)?|my apologies|unfortunately",
)
# a clause that goes on: what follows says something
_GOES_ON = (
    r"\b(?:but|so|however|therefore|except|although|though|because|since|instead|unless|only|rather|hence|thus|yet|"
    r"while|whereas|nevertheless|still|probably|likely|perhaps|maybe|guess|assume|believe|think)\b"
)
_SHORTENED = (
    (r"\bcannot\b|\bcan't\b", "can not"),
    (r"\bi'm\b", "i am"),
    (r"\b(there|it|that)'s\b", r"\1 is"),
    (r"n't\b", " not"),
)


def is_refusal(text: str, refusal: str | None) -> bool:
    """Whether the text refuses and does nothing else.

    Args:
        text: the answer, without citation marks.
        refusal: the scenario's own sentence for "the passages do not say".
    """
    own = _words(refusal) if refusal else ""
    if own and _words(text) == own:
        return True
    kinds = [_kind(sentence, own) for sentence in _compiled(_SENTENCE_END).split(text) if _words(sentence)]
    return ("refusal" in kinds and None not in kinds) or is_refusal_elsewhere(text, refusal)


def _kind(sentence: str, own: str) -> str | None:
    """The kind of one sentence: a refusal, a courtesy, or None for everything that says something."""
    rest = _without_lead(_words(sentence))
    if own and (rest == own or _without_lead(own) == rest):
        return "refusal"
    if rest == "" or _any_of(_COURTESY).fullmatch(rest):
        return "courtesy"
    if _compiled(_GOES_ON).search(rest) or any(c.isdigit() for c in rest.partition(" not ")[0]):
        return None
    tail = rest.removeprefix(f"{own} ") if own else rest
    if tail != rest and re.fullmatch(_ABOUT, f" {tail}"):
        return "refusal"
    return "refusal" if _any_of(_CORE).fullmatch(rest) else None


def _without_lead(words: str) -> str:
    while match := _lead().match(words):
        words = words[match.end() :]
    return words


@cache
def _lead() -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(part.replace("{source}", _SOURCE) for part in _LEAD) + r")(?: |$)")


@cache
def _any_of(parts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{part})" for part in parts))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when a text is first looked at: an import costs nothing."""
    return re.compile(pattern)


@lru_cache(maxsize=4096)
def _words(text: str) -> str:
    """The text's words in lower case, shortened forms written out."""
    text = text.casefold().replace("’", "'")
    for short, long in _SHORTENED:
        text = re.sub(short, long, text)
    return _compiled(_NOT_A_WORD).sub(" ", text).strip()
