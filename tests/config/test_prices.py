import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ccproxy_tui.config.models import Provider
from ccproxy_tui.config.prices import ModelPrice, find_price


def provider(prices: object) -> Provider:
    return Provider.model_validate({"name": "p", "base_url": "http://p/v1", "prices": prices})


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("m 1 2", (1, 2, None, None)),
        ("  m   $0.20 0.6  0.05 ", (0.2, 0.6, 0.05, None)),
        ("m 3 15 0.3 3.75", (3, 15, 0.3, 3.75)),
    ],
)
def test_a_line_says_what_a_model_costs(text: str, amounts: tuple[float | None, ...]) -> None:
    (price,) = provider(text).prices
    assert (price.input, price.output, price.cache_read, price.cache_write) == amounts
    assert provider([str(price)]).prices == (price,)


def test_lines_are_a_text_or_a_list_and_may_be_blank() -> None:
    assert provider("a 1 2\n\n b 3 4\n").prices == provider(["a 1 2", "b 3 4"]).prices


def test_what_is_written_to_the_cache_can_differ_alone() -> None:
    price = ModelPrice(model="m", input=2, output=4, cache_write=2.5)
    assert str(price) == "m 2 4 2 2.5"
    (read,) = provider(str(price)).prices
    assert (read.cache_read, read.cache_write) == (2, 2.5)


@pytest.mark.parametrize("text", ["m", "m 1", "m one two", "m 1 2 3 4 5", "m -1 2", "m nan 1"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        provider(text)
    assert caught.value.errors()[0]["loc"][:1] == ("prices",)


dollars = st.floats(0, 1_000_000, allow_nan=False)


@given(st.text(min_size=1), dollars, dollars, st.none() | dollars, st.none() | dollars)
def test_what_is_accepted_is_read_back_as_it_was(
    model: str, read: float, written: float, cache_read: float | None, cache_write: float | None
) -> None:
    table = {"model": model, "input": read, "output": written,
             "cache_read": cache_read, "cache_write": cache_write}  # fmt: skip
    try:
        price = ModelPrice.model_validate(table)
    except ValidationError:
        assert model.split() != [model]
    else:
        assert ModelPrice.model_validate(price.model_dump()) == price
        assert price.rates[2:] == tuple(
            read if amount is None else amount for amount in (cache_read, cache_write)
        )


@pytest.mark.parametrize("model", ["my model", "qwen 2", "a\nb", " ", "x ", "a\u3000b"])
def test_a_name_that_cannot_be_written_in_a_line_is_refused(model: str) -> None:
    with pytest.raises(ValidationError, match="no spaces"):
        provider([{"model": model, "input": 1, "output": 2}])


def test_the_first_that_fits_counts() -> None:
    prices = provider("qwen3-coder 1 1\nqwen3-* 2 2\n* 3 3").prices
    for model, dollars in (("qwen3-coder", 1), ("qwen3-max", 2), ("glm", 3)):
        found = find_price(prices, model)
        assert found is not None
        assert found.input == dollars
    assert find_price(prices[:2], "glm") is None
