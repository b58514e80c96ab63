"""The price of holding answers to a JSON Schema: milliseconds a token, with it and without.

    python -m benchmarks.constrained_decoding [--model smollm2] [--schema scenarios/helpdesk/answer.schema.json]
                                              [--questions 12]

First the library alone on the tokens of a valid answer (llguidance, and xgrammar where it is installed), then a model
that answers the same prompts free and held, one at a time and in a batch. Times are the processor's, of one thread, so
that what else the machine does is not in them.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from pathlib import Path
from statistics import median

from harness.generation.constrained import guides_of
from harness.generation.load import load_tokenizer
from harness.generation.local import load_generator
from harness.prompts import render
from harness.structured import FormDemand, read_form
from harness.tuning.examples import general_replay
from harness.types import Decoding, Generation

ANSWER = {"status": "ok", "answer": "The limit is 50 GB a day for every member of the team.", "citations": ["S1"]}
SYSTEM = "Answer in one JSON object with the keys status (ok or refused), answer and citations, and nothing else."
SCHEMA = {
    "type": "object",
    "required": ["status", "answer", "citations"],
    "additionalProperties": False,
    "properties": {
        "status": {"enum": ["ok", "refused"]},
        "answer": {"type": "string"},
        "citations": {"type": "array", "items": {"type": "string"}},
    },
}


def library_prices(model: str, schema: str) -> None:
    """Milliseconds a token of each library that is here."""
    tokenizer, _ = load_tokenizer(model)
    tokens = tokenizer(json.dumps(ANSWER), add_special_tokens=False)["input_ids"]
    size = len(tokenizer)
    start = time.process_time()
    guides_of(tokenizer, schema, [tokenizer.eos_token_id], size, 1)
    print(f"llguidance: tokenizer and schema read in {time.process_time() - start:.2f} s, once")
    start = time.process_time()
    guides = guides_of(tokenizer, schema, [tokenizer.eos_token_id], size, 1)
    print(f"llguidance: a batch begins in {1e3 * (time.process_time() - start):.1f} ms")
    spans = []
    for token in tokens:
        start = time.process_time()
        assert bool(guides.allowed([0])[0, token]), tokenizer.decode([token])
        guides.take(0, token)
        spans.append(1e3 * (time.process_time() - start))
    print(f"llguidance: {sum(spans) / len(spans):.3f} ms a token, median {median(spans):.3f}, most {max(spans):.3f}")
    if importlib.util.find_spec("xgrammar") is not None:
        _xgrammar(tokenizer, schema, tokens, size)


def _xgrammar(tokenizer: object, schema: str, tokens: list[int], size: int) -> None:
    import xgrammar

    start = time.process_time()
    info = xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=size)
    grammar = xgrammar.GrammarCompiler(info, max_threads=1).compile_json_schema(schema, any_whitespace=False)
    print(f"xgrammar: tokenizer and schema read in {time.process_time() - start:.2f} s")
    matcher, mask, spans = xgrammar.GrammarMatcher(grammar), xgrammar.allocate_token_bitmask(1, size), []
    for token in tokens:
        start = time.process_time()
        matcher.fill_next_token_bitmask(mask)
        assert matcher.accept_token(token)
        spans.append(1e3 * (time.process_time() - start))
    print(f"xgrammar: {sum(spans) / len(spans):.3f} ms a token, median {median(spans):.3f}, most {max(spans):.3f}")


def model_prices(model: str, schema: str, questions: int) -> None:
    """A model free and held: milliseconds a token, and how many answers have the form."""
    generator = load_generator(model, threads=1)
    prompts = [render(example.user, SYSTEM) for example in general_replay()[:questions]]
    demand = FormDemand(schema=json.loads(schema))
    for name, decoding in (("free", Decoding(64)), ("held", Decoding(64, schema=schema))):
        generator.generate(prompts[:1], decoding)
        for words, sizes in (("one at a time", 1), ("in a batch", len(prompts))):
            start = time.process_time()
            replies = [
                r
                for at in range(0, len(prompts), sizes)
                for r in generator.generate(prompts[at : at + sizes], decoding)
            ]
            seconds = time.process_time() - start
            texts = [reply for reply in replies if isinstance(reply, Generation)]
            count = sum(reply.completion_tokens or 0 for reply in texts)
            form = sum(read_form(reply.text, demand).form.first_try for reply in texts)
            print(f"{name}, {words}: {1e3 * seconds / max(1, count):.2f} ms a token, {count} tokens, "
                  f"{form} of {len(texts)} answers have the form")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--schema", type=Path, default=None)
    parser.add_argument("--questions", type=int, default=12)
    options = parser.parse_args()
    schema = json.dumps(SCHEMA) if options.schema is None else options.schema.read_text()
    library_prices(options.model, schema)
    model_prices(options.model, schema, options.questions)


if __name__ == "__main__":
    main()
