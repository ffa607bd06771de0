"""Receipts: a sale with what came back of it."""

from tests.domain.documents import Counter, goods, sell

from trastienda.domain.receipts import Receipt
from trastienda.domain.shop import Shop


def annulled(counter: Counter) -> bool:
    return Receipt(counter.sale, counter.returns, Shop()).annulled


def test_a_sale_of_which_everything_came_back_is_annulled() -> None:
    first, second = goods(), goods()
    counter = Counter(sell((first, 2000), (second, 1000)))
    assert not annulled(counter)
    counter.give_back((first.code, 1000))
    assert not annulled(counter)
    counter.give_back((first.code, 1000))
    assert not annulled(counter)
    counter.give_back((second.code, 1000))
    assert annulled(counter)


def test_one_return_of_everything_annuls_a_sale() -> None:
    counter = Counter(sell((goods(), 2000)))
    counter.give_back()
    assert annulled(counter)
