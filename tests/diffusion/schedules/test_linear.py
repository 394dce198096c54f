from studio.diffusion import schedule


def test_levels_are_even():
    assert schedule("linear", 5, 1.0, 9.0) == (9.0, 7.0, 5.0, 3.0, 1.0, 0.0)
    assert schedule("linear", 5, 0.002, 80.0) == (80.0, 60.0005, 40.001, 20.0015, 0.002, 0.0)
