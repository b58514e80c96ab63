"""Answers held to a schema: valid whenever they end, and the same on both paths."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from harness.errors import InputError
from harness.generation.constrained import guides_of, schema_fault
from harness.generation.endpoint import Endpoint
from harness.generation.server import ServerGenerator
from harness.structured import FormDemand, read_form
from harness.types import Decoding
from tests.generation.models import questions

SCHEMA = {
    "type": "object",
    "required": ["status", "answer", "citations"],
    "additionalProperties": False,
    "properties": {
        "status": {"enum": ["ok", "refused"]},
        "answer": {"type": "string", "maxLength": 12},
        "citations": {"type": "array", "items": {"enum": ["S1", "S2"]}, "maxItems": 2},
    },
}
TEXT = json.dumps(SCHEMA)
HELD = Decoding(max_new_tokens=90, schema=TEXT)


def test_every_answer_of_a_random_model_has_the_form(base):
    replies = base.generate(questions(9), HELD)
    assert all(reply.finish == "stop" for reply in replies)
    assert all(read_form(reply.text, FormDemand(schema=SCHEMA)).form.first_try for reply in replies)
    free = base.generate(questions(9), replace(HELD, schema=None))
    assert not any(read_form(reply.text, FormDemand(schema=SCHEMA)).form.first_try for reply in free)


def test_the_librarys_path_and_one_alone_give_the_same_answers(base):
    prompts = questions(5)
    ours = [reply.text for reply in base.generate(prompts, HELD)]
    library = replace(base, library_decoding=True, _encoded={})
    assert [reply.text for reply in library.generate(prompts, HELD)] == ours
    assert [base.generate([prompt], HELD)[0].text for prompt in prompts] == ours


def test_what_is_valid_is_allowed_token_by_token_to_its_end(base):
    tokenizer = base.loaded.tokenizer
    answer = json.dumps({"status": "ok", "answer": "9 euros", "citations": ["S1"]})
    tokens = tokenizer(answer, add_special_tokens=False)["input_ids"]
    guides = guides_of(tokenizer, TEXT, [tokenizer.eos_token_id], len(tokenizer), 1)
    for token in tokens:
        allowed = guides.allowed([0])[0]
        assert bool(allowed[token])
        assert not bool(allowed[tokenizer.eos_token_id])
        guides.take(0, token)
    last = guides.allowed([0])[0]
    assert last.nonzero().flatten().tolist() == [tokenizer.eos_token_id]


def test_a_schema_that_cannot_be_held_is_named():
    assert schema_fault(TEXT) is None
    fault = schema_fault(json.dumps({"type": "object", "properties": {"a": {"not": {"type": "string"}}}}))
    assert fault is None or "not" in fault
    assert schema_fault(json.dumps({"type": "nonsense"})) is not None


def test_a_schema_that_cannot_be_held_is_refused(base):
    with pytest.raises(InputError, match="answers cannot be held to it"):
        base.generate(questions(1), replace(HELD, schema=json.dumps({"type": "nonsense"})))


def test_a_server_is_asked_for_the_form():
    server = ServerGenerator(Endpoint("http://127.0.0.1:9/v1", "m"))
    body = server.body(questions(1)[0], HELD)
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert "response_format" not in server.body(questions(1)[0], Decoding())
