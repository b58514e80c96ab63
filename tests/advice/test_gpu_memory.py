"""The memory estimate beside figures that others have published."""

from __future__ import annotations

import pytest

from harness.advice.facts import Facts
from harness.advice.gpu_memory import METHODS, SIZES_B, adapter_parameters, card_for, estimate_memory, shape
from harness.advice.memory_figures import FIGURES, TORCHTUNE, compare_memory
from harness.advice.tuning_needs import fitting_methods, training_hours, tuning_cost


def test_shape_is_that_of_the_llama_family() -> None:
    hidden, layers = shape(6.74e9)
    assert hidden == pytest.approx(4096, rel=0.03)  # LLaMA 7B
    assert layers == pytest.approx(32, rel=0.03)


def test_adapter_of_a_7b_model_has_forty_million_parameters() -> None:
    # PEFT counts 39,976,960 for Llama 2 7B, rank 16, all linear layers
    assert adapter_parameters(6.74e9) == pytest.approx(39_976_960, rel=0.05)


@pytest.mark.parametrize("figure", [f for f in FIGURES if f.relation == "about" and f.source != TORCHTUNE])
def test_estimate_is_within_a_fifth_of_what_is_published(figure: object) -> None:
    error = compare_memory(figure).error  # type: ignore[arg-type]
    assert error is not None
    assert abs(error) <= 0.20, f"{figure}: {error:+.0%}"


@pytest.mark.parametrize("figure", [f for f in FIGURES if f.relation == "fits"])
def test_jobs_known_to_fit_are_estimated_to_fit(figure: object) -> None:
    assert compare_memory(figure).holds  # type: ignore[arg-type]


@pytest.mark.parametrize("figure", [f for f in FIGURES if f.source == TORCHTUNE])
def test_estimate_errs_on_the_safe_side_of_what_was_measured(figure: object) -> None:
    """A lean, compiled trainer needs less than the estimate: telling people too little would cost them a card."""
    error = compare_memory(figure).error  # type: ignore[arg-type]
    assert error is not None
    assert 0 <= error <= 0.40, f"{figure}: {error:+.0%}"


def test_every_figure_names_its_source() -> None:
    assert all(len(f.source) > 10 for f in FIGURES)


@pytest.mark.parametrize("size", SIZES_B)
def test_leaner_methods_need_less(size: float) -> None:
    totals = [estimate_memory(size, method).total_gb for method in METHODS]
    assert totals == sorted(totals, reverse=True)


@pytest.mark.parametrize("method", METHODS)
def test_more_parameters_need_more(method: str) -> None:
    totals = [estimate_memory(size, method).total_gb for size in SIZES_B]  # type: ignore[arg-type]
    assert totals == sorted(totals)


def test_size_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        estimate_memory(0, "lora")


def test_cards() -> None:
    assert card_for(estimate_memory(7, "qlora").total_gb) == 16
    assert card_for(estimate_memory(70, "qlora").total_gb) == 48
    assert card_for(5000) is None


def test_methods_that_fit_a_24_gb_card() -> None:
    assert fitting_methods(7, 24) == ("lora", "qlora")
    assert fitting_methods(70, 24) == ()


def test_cost_follows_the_price_given() -> None:
    cost = tuning_cost(Facts(gpu_hour_price=2.0, labelled_examples=1000, model_billions=7))
    assert cost.training == (pytest.approx(cost.gpu_hours * 2),) * 2
    assert cost.currency == ""
    assert training_hours(14, 1000, "qlora") == pytest.approx(2 * training_hours(7, 1000, "qlora"))


def test_cost_without_a_price_is_a_range_with_its_source() -> None:
    cost = tuning_cost(Facts())
    assert cost.training[0] < cost.training[1]
    assert "2026" in cost.basis
