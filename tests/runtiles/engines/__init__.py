import pytest

# Its assertions should explain themselves like those of a test module.
pytest.register_assert_rewrite("tests.runtiles.engines.contract")
