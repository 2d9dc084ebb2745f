"""What a provider's models cost, as the user states it; it comes before the list prices.

As text: a model's name or pattern, then US dollars for a million tokens of input and of output, and
where they differ from input, of what is read from a cache and of what is written to one.
"""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_serializer,
    model_validator,
)

from ccproxy_tui.wildcards import compile_pattern

_NAMES = ("input", "output", "cache_read", "cache_write")
_FORM = "write a model or pattern, then $ per million tokens: INPUT OUTPUT [CACHED [CACHE WRITE]]"

_Dollars = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class ModelPrice(BaseModel):
    """US dollars for a million tokens of the models whose name fits; the first that fits counts."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, protected_namespaces=()
    )

    model: str = Field(min_length=1)
    """A model's name, or a pattern with * (any run) and ? (one character)."""
    input: _Dollars
    output: _Dollars
    cache_read: _Dollars | None = None
    cache_write: _Dollars | None = None
    """None of both: the same as input."""

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("cache_write") is not None:
            read = value.get("cache_read")
            return {**value, "cache_read": value.get("input") if read is None else read}
        if not isinstance(value, str):
            return value
        model, *amounts = value.split()
        try:
            numbers = [float(amount.removeprefix("$")) for amount in amounts]
        except ValueError as error:
            raise ValueError(_FORM) from error
        if not 2 <= len(numbers) <= len(_NAMES):
            raise ValueError(_FORM)
        return {"model": model, **dict(zip(_NAMES, numbers, strict=False))}

    @field_validator("model")
    @classmethod
    def _check_model(cls, model: str) -> str:
        """A line of text ends a name at the first space."""
        if model.split() != [model]:
            raise ValueError("a model's name or pattern has no spaces; ? stands for one")
        return model

    @model_serializer
    def _write(self) -> str:
        return str(self)

    @property
    def rates(self) -> tuple[float, float, float, float]:
        """Give all four amounts: input, output, read from a cache, written to one."""
        read, write = self.cache_read, self.cache_write
        return (
            self.input,
            self.output,
            self.input if read is None else read,
            self.input if write is None else write,
        )

    def __str__(self) -> str:
        amounts = [self.input, self.output]
        amounts += [one for one in (self.cache_read, self.cache_write) if one is not None]
        return " ".join([self.model, *(repr(amount).removesuffix(".0") for amount in amounts)])


def _lines(value: Any) -> Any:
    """Take lines of text, or a list, leaving out what is blank."""
    if isinstance(value, str):
        value = value.splitlines()
    if isinstance(value, list | tuple):
        return tuple(one for one in value if not isinstance(one, str) or one.strip())
    return value


Prices = Annotated[tuple[ModelPrice, ...], BeforeValidator(_lines)]


def find_price(prices: Iterable[ModelPrice], model: str) -> ModelPrice | None:
    """Return the price of a model, None when nothing is said of it."""
    fits = (one for one in prices if compile_pattern(one.model).fullmatch(model))
    return next(fits, None)
