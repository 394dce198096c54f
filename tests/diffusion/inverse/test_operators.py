"""Every degradation against the identities of linear algebra, for every size that is tried."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.diffusion import OPERATORS
from studio.diffusion.inverse.degrade import degradation

LINEAR = tuple(id for id in OPERATORS if id != "jpeg")
EDGES = st.sampled_from(("reflect", "zero", "wrap"))
TURNS = st.floats(-180, 180)
FILTERS = st.sampled_from(("average", "bicubic"))
KNOBS = {
    "super_resolution": {"factor": st.integers(2, 16), "filter": FILTERS},
    "colourise": {"weights": st.sampled_from(("mean", "orthonormal"))},
    "deblur_uniform": {"size": st.integers(2, 9), "edges": EDGES},
    "deblur_gaussian": {"std": st.floats(0.3, 1.0), "edges": EDGES},
    "deblur_anisotropic": {
        "along": st.floats(0.3, 1.0), "across": st.floats(0.3, 1.0), "angle": TURNS
    },
    "deblur_motion": {"length": st.floats(1, 5), "angle": TURNS},
    "fourier": {
        "pattern": st.sampled_from(("cartesian", "random", "radial")),
        "share": st.floats(0.05, 1),
        "centre": st.floats(0, 0.5),
        "seed": st.integers(0, 9),
    },
    "radon": {"angles": st.integers(1, 8), "span": st.floats(20, 360)},
}  # fmt: skip


def random(seed, *shape):
    source = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=source, dtype=torch.float64)


@st.composite
def operators(draw, ids=LINEAR):
    """Return an operator and the seed of what it is tried with; every size that can be, is."""
    id = draw(st.sampled_from(ids))
    least = 8 if id.startswith("deblur") else 2
    shape = (
        draw(st.integers(2 if id == "colourise" else 1, 4)),
        draw(st.integers(least, 13)),
        draw(st.integers(least, 13)),
    )
    seed = draw(st.integers(0, 99))
    knobs = {name: draw(values) for name, values in KNOBS.get(id, {}).items()}
    if "factor" in knobs:
        knobs["factor"] = min(knobs["factor"], *shape[1:])
    if id.startswith("deblur"):
        knobs["cutoff"] = draw(st.sampled_from((0.0, 0.05)))
        if id == "deblur_uniform":
            knobs["size"] = min(knobs["size"], *shape[1:])
    mask = (random(seed, 1, *shape[1:]) > 0.3).double()
    mask[0, 0, 0], mask[0, -1, -1] = 0, 1
    kernel = random(seed + 1, draw(st.integers(1, least)), draw(st.integers(1, least))) + 2
    spec = OPERATORS[id]
    operator = spec.make(shape, mask=mask, kernel=kernel, **spec.values(knobs))
    operator.spec = spec
    return operator, seed


def matrix(operator):
    """Return the operator as a matrix (m, n), one unit picture at a time."""
    count = math.prod(operator.shape)
    units = torch.eye(count, dtype=torch.float64).reshape(-1, *operator.shape)
    return operator.apply(units).flatten(1).mT


def close(a, b, tolerance=1e-6):
    return float((a - b).abs().max()) < tolerance


@settings(max_examples=150, deadline=None)
@given(operators())
def test_the_adjoint_is_the_transpose(case):
    operator, seed = case
    x, y = random(seed, 2, *operator.shape), random(seed + 1, 2, *operator.measured)
    forth = (operator.apply(x) * y).flatten(1).sum(1)
    back = (x * operator.adjoint(y)).flatten(1).sum(1)
    assert close(forth, back)
    assert torch.equal(operator.pull(x, y), operator.adjoint(y))


@settings(max_examples=100, deadline=None)
@given(operators())
def test_what_is_undone_and_done_again_is_the_same(case):
    operator, seed = case
    y = operator.apply(random(seed, 2, *operator.shape))
    back = operator.pinv(y)
    assert close(operator.apply(back), y)
    assert close(operator.pinv(operator.apply(back)), back)


@settings(max_examples=100, deadline=None)
@given(operators())
def test_the_decomposition_is_one(case):
    operator, seed = case
    svd, count = operator.svd, math.prod(operator.shape)
    units = torch.eye(count, dtype=torch.float64)
    v, u = svd.v(units).flatten(1).mT, svd.u(units).flatten(1).mT
    s = svd.singulars
    assert s.shape == (count,) and s.dtype == torch.float64 and bool((s >= 0).all())
    assert close(v.mT @ v, units) and close(v @ v.mT, units)
    assert close(u.mT @ u, torch.diag((s > 0).double()))
    assert close((u * s) @ v.mT, matrix(operator))
    x, y = random(seed, 2, *operator.shape), random(seed + 1, 2, *operator.measured)
    assert close(svd.vt(x), x.flatten(1) @ v) and close(svd.v(svd.vt(x)), x)
    assert close(svd.ut(y), y.flatten(1) @ u)
    assert svd.rank == np.linalg.matrix_rank(matrix(operator).numpy(), tol=1e-9 * float(s.max()))


@settings(max_examples=60, deadline=None)
@given(operators(), st.floats(0.1, 4), st.floats(0.01, 2))
def test_solving_is_that_of_the_dense_matrix(case, a, b):
    operator, seed = case
    y, h = random(seed, 2, *operator.measured), matrix(operator)
    dense = torch.linalg.solve(a * h @ h.mT + b * torch.eye(len(h)).double(), y.flatten(1).mT).mT
    assert close(operator.solve(y, a, b).flatten(1), dense)
    inside = operator.apply(random(seed, 2, *operator.shape))
    undone = a * operator.apply(operator.adjoint(operator.solve(inside, a, 0)))
    assert close(undone, inside, 1e-5)


@settings(max_examples=60, deadline=None)
@given(operators(), st.sampled_from((torch.float32, torch.float64)))
def test_everything_keeps_its_dtype_and_no_row_depends_on_another(case, dtype):
    operator, seed = case
    x = random(seed, 3, *operator.shape).to(dtype)
    y = operator.apply(x)
    assert tuple(y.shape) == (3, *operator.measured)
    found = (y, operator.adjoint(y), operator.pinv(y), operator.solve(y, 1, 0.5))
    alone = operator.apply(x[1:2])
    again = (alone, operator.adjoint(alone), operator.pinv(y[1:2]), operator.solve(y[1:2], 1, 0.5))
    for whole, one in zip(found, again, strict=True):
        assert whole.dtype == dtype
        assert close(whole[1:2], one, 1e-3 if dtype == torch.float32 else 1e-9)


@settings(max_examples=40, deadline=None)
@given(operators(("inpaint", "fourier", "radon")))
def test_what_is_not_counted_is_always_empty(case):
    operator, _ = case
    rows = matrix(operator).abs().amax(1) > 1e-12
    counted = operator.counted()
    assert torch.equal(torch.ones_like(rows) if counted is None else counted.flatten() > 0, rows)


@settings(max_examples=60, deadline=None)
@given(operators(tuple(OPERATORS)))
def test_it_can_be_shown(case):
    operator, seed = case
    picture = operator.picture(operator.apply(random(seed, 2, *operator.shape)))
    assert picture.ndim == 4 and len(picture) == 2 and bool(picture.isfinite().all())


@settings(max_examples=60, deadline=None)
@given(operators(tuple(OPERATORS)))
def test_its_baseline_is_a_picture_of_the_old_size(case):
    operator, seed = case
    y = operator.apply(random(seed, 2, *operator.shape))
    plain = operator.spec.baseline(operator, y)
    assert tuple(plain.shape) == (2, *operator.shape) and bool(plain.isfinite().all())


def test_every_degradation_that_takes_a_mask_or_a_kernel_says_so_when_it_lacks():
    for spec in OPERATORS.values():
        if spec.takes_mask or spec.takes_kernel:
            with pytest.raises(ValueError, match="There is no"):
                degradation([(spec.id, {})], (3, 16, 16))
        else:
            degradation([(spec.id, {})], (3, 16, 16))
