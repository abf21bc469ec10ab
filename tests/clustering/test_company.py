from math import isclose, log

from hypothesis import given
from hypothesis import strategies as st

from aggregator.clustering.company import Company
from aggregator.clustering.settings import Settings

SETTINGS = Settings()


def company_of(sizes: list[int]) -> Company:
    company = Company()
    for size in sizes:
        for members in range(size):
            company.regrouped(0, members, members + 1)
    return company


def test_nothing_is_known_of_an_empty_window():
    assert isclose(Company().log_odds(0, SETTINGS), 0.0, abs_tol=1e-12)


def test_where_all_are_alone_a_likeness_proves_less():
    assert company_of([1] * 500).log_odds(0, SETTINGS) < -2.0


def test_where_none_is_alone_it_proves_no_more_than_the_bound():
    assert company_of([10] * 500).log_odds(0, SETTINGS) == SETTINGS.company_most


def test_token_spaces_are_counted_by_themselves():
    company = company_of([1] * 500)
    assert isclose(company.log_odds(1, SETTINGS), 0.0, abs_tol=1e-12)


@given(st.lists(st.integers(1, 6), max_size=30))
def test_it_depends_on_the_events_there_are_and_not_on_their_past(sizes):
    grown = company_of([size + 2 for size in sizes])
    for size in sizes:
        grown.regrouped(0, size + 2, size + 1)
        grown.regrouped(0, size + 1, size)
    alone, accompanied = sum(size == 1 for size in sizes), sum(size for size in sizes if size > 1)
    usual, prior = SETTINGS.company_usual, SETTINGS.company_prior
    odds = (accompanied + prior * usual) / (alone + prior * (1 - usual)) / (usual / (1 - usual))
    assert isclose(grown.log_odds(0, SETTINGS), min(SETTINGS.company_most, log(odds)), abs_tol=1e-9)
