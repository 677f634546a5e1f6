"""Money: whole micro-dollars everywhere inside, dollars only where a person reads or types them."""

from decimal import ROUND_UP, Decimal

from spadework.core.errors import InvalidInput

MICRO_USD_PER_USD = 1_000_000


def from_usd(text: str | Decimal | int) -> int:
    """Micro-dollars for an amount in dollars such as "2.50"; a fraction of one rounds up.

    Raises:
        InvalidInput: the text is not a finite, non-negative amount; nothing was changed.
    """
    try:
        amount = Decimal(str(text))
        if not amount.is_finite() or amount < 0:
            raise ValueError(text)
    except (ArithmeticError, ValueError) as error:
        raise InvalidInput(f"{text!r} is not an amount in dollars. Write it like 2.50.") from error
    return int((amount * MICRO_USD_PER_USD).to_integral_value(rounding=ROUND_UP))


def show(micro_usd: int) -> str:
    """The amount as people read it: two decimals from one cent up, four below, never a false zero."""
    dollars = Decimal(micro_usd) / MICRO_USD_PER_USD
    if micro_usd == 0:
        return "$0.00"
    if abs(micro_usd) < 10_000:
        return f"${dollars:.4f}" if abs(micro_usd) >= 100 else f"${dollars:.6f}"
    return f"${dollars:,.2f}"
