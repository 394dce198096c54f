"""Each degradation against the same thing said in another way."""

import io
import math

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.ndimage import convolve

from studio.diffusion import OPERATORS, KnobError, Measurement, measure
from studio.diffusion.inverse.chain import chain
from studio.diffusion.inverse.conjugate import conjugate_gradients
from studio.diffusion.inverse.degrade import baseline, degradation
from studio.diffusion.inverse.kernels import anisotropic, gaussian, motion
from studio.diffusion.inverse.through import Through

RNG = np.random.default_rng(3)


def pictures(*shape):
    return torch.from_numpy(RNG.uniform(-1, 1, shape))


def smooth(height, width):
    """Return a picture without sharp edges that is 0 at its sides: (1, 3, H, W)."""
    rows, columns = np.mgrid[:height, :width]
    plane = np.sin(np.pi * (rows + 0.5) / height) * np.sin(np.pi * (columns + 0.5) / width)
    return torch.from_numpy(np.stack([plane, plane**2, plane**3])[None])


def made(id, shape, mask=None, kernel=None, **knobs):
    spec = OPERATORS[id]
    return spec.make(shape, mask=mask, kernel=kernel, **spec.values(knobs))


def box(height, width):
    mask = torch.zeros(1, height, width)
    mask[:, height // 4 : height // 2, width // 4 : width // 2] = 1
    return mask


# Inpainting


def test_a_mask_hides_what_is_painted_by_half_or_more():
    mask = torch.tensor([[[0.0, 0.4, 0.5, 1.0]]])
    x = pictures(2, 3, 1, 4)
    operator = made("inpaint", (3, 1, 4), mask=mask)
    assert operator.known().tolist() == [[[1, 1, 0, 0]]]
    y = operator.apply(x)
    assert torch.equal(y[..., :2], x[..., :2]) and not y[..., 2:].any()
    filled = OPERATORS["inpaint"].baseline(operator, y)
    assert torch.allclose(filled[..., 2], x[..., :2].mean(-1))


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (torch.zeros(1, 5, 6), r"6 x 5 pixels, but the picture 8 x 8.*same size"),
        (torch.zeros(1, 8, 8), "mask is empty"),
        (torch.full((1, 8, 8), 0.2), "mask is empty"),
        (torch.ones(1, 8, 8), "covers the whole picture"),
        (torch.full((1, 8, 8), math.nan), "NaN"),
        (torch.full((1, 8, 8), 2.0), "outside 0 to 1"),
        (None, "no mask"),
    ],
)
def test_a_mask_of_no_use_is_refused(mask, said):
    with pytest.raises(ValueError, match=said):
        made("inpaint", (3, 8, 8), mask=mask)


# Super-resolution


@pytest.mark.parametrize(("height", "width"), [(32, 32), (13, 22)])
@pytest.mark.parametrize("factor", [2, 3, 4, 8])
def test_bicubic_shrinking_and_growing_is_that_of_pillow(height, width, factor):
    operator = made("super_resolution", (1, height, width), factor=factor, filter="bicubic")
    x = pictures(1, 1, height, width)
    y = operator.apply(x)
    assert operator.measured == (1, -(-height // factor), -(-width // factor))
    small = Image.fromarray(x[0, 0].float().numpy()).resize(
        y.shape[:1:-1], Image.Resampling.BICUBIC
    )
    assert np.abs(np.asarray(small) - y[0, 0].numpy()).max() < 1e-5
    large = Image.fromarray(y[0, 0].float().numpy()).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    assert np.abs(np.asarray(large) - operator.enlarged(y)[0, 0].numpy()).max() < 1e-5


def test_averages_are_those_of_blocks_and_the_last_ones_are_smaller():
    x = pictures(2, 3, 7, 9)
    y = made("super_resolution", (3, 7, 9), factor=4).apply(x)
    assert y.shape == (2, 3, 2, 3)
    assert torch.allclose(y[:, :, 0, 1], x[:, :, :4, 4:8].mean((2, 3)))
    assert torch.allclose(y[:, :, 1, 2], x[:, :, 4:, 8:].mean((2, 3)))


def test_a_slope_stays_where_it_is_when_it_is_enlarged():
    ramp = torch.arange(24.0).double().expand(1, 1, 24, 24)
    operator = made("super_resolution", (1, 24, 24), factor=4)
    plain = operator.enlarged(operator.apply(ramp))
    assert (plain - ramp)[..., 8:16].abs().max() < 1e-9


def test_a_factor_larger_than_the_picture_is_refused():
    with pytest.raises(KnobError, match=r"factor cannot be 16 .* 12 x 40 .* at most 12"):
        made("super_resolution", (3, 40, 12), factor=16)


# Colour


@pytest.mark.parametrize(
    ("weights", "grey"), [("mean", [1 / 3] * 3), ("luma", [0.299, 0.587, 0.114])]
)
def test_grey_is_a_sum_of_the_channels(weights, grey):
    x = pictures(2, 3, 4, 5)
    operator = made("colourise", (3, 4, 5), weights=weights)
    y = operator.apply(x)
    assert torch.allclose(y[:, 0], sum(g * x[:, c] for c, g in enumerate(grey)))
    plain = OPERATORS["colourise"].baseline(operator, y)
    assert torch.allclose(operator.apply(plain), y)
    assert torch.equal(plain[:, 0], plain[:, 2])


def test_orthonormal_grey_keeps_lengths_and_is_shown_as_grey():
    operator = made("colourise", (3, 4, 5), weights="orthonormal")
    assert sorted(set(operator.svd.singulars.numpy().round(12))) == [0, 1]
    white = torch.ones(1, 3, 4, 5).double()
    assert torch.allclose(operator.picture(operator.apply(white)), white[:, :1])


def test_grey_pictures_have_no_colour_to_restore():
    with pytest.raises(ValueError, match="one channel"):
        made("colourise", (1, 4, 5))
    with pytest.raises(KnobError, match="4 channels"):
        made("colourise", (4, 4, 5), weights="luma")


# Blur


@pytest.mark.parametrize(
    ("edges", "mode"), [("reflect", "reflect"), ("zero", "constant"), ("wrap", "wrap")]
)
def test_a_separable_blur_is_a_convolution_with_these_edges(edges, mode):
    x = pictures(1, 2, 9, 12)
    blurred = made("deblur_gaussian", (2, 9, 12), std=1.2, edges=edges, cutoff=0).apply(x)
    line = gaussian(1.2)
    for channel in range(2):
        expected = convolve(x[0, channel].numpy(), line[:, None] * line, mode=mode)
        assert np.abs(blurred[0, channel].numpy() - expected).max() < 1e-9


@pytest.mark.parametrize("size", [(3, 5), (4, 2), (1, 1), (7, 10)])
def test_an_own_kernel_is_convolved_around_the_edges(size):
    kernel = torch.from_numpy(RNG.uniform(0, 1, size))
    x = pictures(1, 1, 7, 10)
    blurred = made("deblur_kernel", (1, 7, 10), kernel=kernel, cutoff=0).apply(x)
    weights, plane, expected = (kernel / kernel.sum()).numpy(), x[0, 0].numpy(), 0
    for i in range(size[0]):
        for j in range(size[1]):
            shift = (i - size[0] // 2, j - size[1] // 2)
            expected = expected + weights[i, j] * np.roll(plane, shift, (0, 1))
    assert np.abs(blurred[0, 0].numpy() - expected).max() < 1e-9


def test_separable_blur_of_colours_has_its_singular_values_in_order():
    """Public code takes those of one channel for those of three in the wrong order."""
    operator = made("deblur_uniform", (3, 8, 9), size=3, edges="zero", cutoff=0)
    x = pictures(1, 3, 8, 9)
    through = operator.svd.u(operator.svd.singulars * operator.svd.vt(x))
    expected = convolve(x[0, 1].numpy(), np.full((3, 3), 1 / 9), mode="constant")
    assert np.abs(through[0, 1].numpy() - expected).max() < 1e-9


def test_a_blur_of_one_direction_lies_in_it():
    assert motion(5, 0).shape == (1, 5) and np.allclose(motion(5, 0), 0.2)
    assert motion(5, 90).shape == (5, 1) and np.allclose(motion(5, 90), 0.2)
    up = motion(6, 45)  # from the lower left to the upper right
    assert np.allclose(up, up.T[::-1, ::-1]) and np.allclose(
        np.fliplr(up), np.diag(np.diag(np.fliplr(up)))
    )
    wide = anisotropic(2, 0.5, 0)
    assert wide.sum() == pytest.approx(1) and wide[6, 9] > 10 * wide[9, 6]
    turned = anisotropic(2, 0.5, 90)
    assert np.allclose(turned, wide.T)


def test_detail_below_the_cut_off_is_lost():
    whole = made("deblur_gaussian", (1, 16, 16), std=2.0, cutoff=0)
    cut = made("deblur_gaussian", (1, 16, 16), std=2.0, cutoff=0.1)
    s = cut.svd.singulars
    assert cut.svd.rank < whole.svd.rank and float(s[s > 0].min()) > 0.1
    x = pictures(1, 1, 16, 16)
    assert float((cut.apply(x) - whole.apply(x)).abs().max()) < 0.5
    assert float((cut.pinv(whole.apply(x))).abs().max()) < 20


@pytest.mark.parametrize(
    ("kernel", "said"),
    [
        (None, "no kernel"),
        (torch.zeros(3, 3), "sums to 0"),
        (torch.tensor([[1.0, -1.0]]), "sums to 0"),
        (torch.tensor([[1.0, -3.0]]), "positive sum"),
        (torch.full((3, 3), math.nan), "NaN"),
        (torch.ones(3), "height and width"),
        (torch.ones(9, 3), "3 x 9 pixels wide, but the picture only 8 x 8"),
    ],
)
def test_a_kernel_of_no_use_is_refused(kernel, said):
    with pytest.raises(ValueError, match=said):
        made("deblur_kernel", (3, 8, 8), kernel=kernel)


@pytest.mark.parametrize(
    ("id", "knobs"),
    [
        ("deblur_uniform", {"size": 9}),
        ("deblur_gaussian", {"std": 3}),
        ("deblur_anisotropic", {"along": 3}),
        ("deblur_motion", {"length": 30}),
    ],
)
def test_a_blur_wider_than_the_picture_is_refused(id, knobs):
    with pytest.raises(ValueError, match="but the picture only 8 x 8"):
        made(id, (3, 8, 8), **knobs)


# Scanners


@pytest.mark.parametrize("pattern", ["cartesian", "random", "radial"])
@pytest.mark.parametrize(("height", "width"), [(32, 32), (15, 20)])
def test_frequencies_are_those_of_numpy_and_their_share_is_kept(pattern, height, width):
    operator = made("fourier", (2, height, width), pattern=pattern, share=0.4, centre=0.1)
    x = pictures(1, 2, height, width)
    y = operator.apply(x).numpy()
    spectrum = np.fft.fftshift(np.fft.fft2(x.numpy(), norm="ortho"), (-2, -1))
    counted = operator.counted().numpy()
    assert np.abs(y[:, :, 0] - spectrum.real * counted[:, 0]).max() < 1e-9
    assert np.abs(y[:, :, 1] - spectrum.imag * counted[:, 1]).max() < 1e-9
    assert counted[0, 0, height // 2, width // 2] == 1
    assert counted[0, 0].mean() == pytest.approx(0.4, abs=0.05)
    other = made("fourier", (2, height, width), pattern=pattern, share=0.4, seed=1)
    assert not torch.equal(other.counted(), operator.counted())


def test_all_frequencies_give_the_picture_back():
    x = pictures(2, 3, 9, 10)
    operator = made("fourier", (3, 9, 10), share=1.0)
    assert torch.allclose(operator.pinv(operator.apply(x)), x)
    assert torch.allclose(operator.svd.singulars, torch.ones(270).double())


@pytest.mark.parametrize(("height", "width"), [(8, 8), (7, 12)])
def test_every_projection_holds_the_whole_picture(height, width):
    operator = made("radon", (1, height, width), angles=11, span=180)
    x = pictures(1, 1, height, width)
    y = operator.apply(x)[0, 0] * max(height, width)
    assert torch.allclose(y.sum(1), x.sum().expand(11))
    straight = y[0, (y.shape[1] - width) // 2 :][:width]
    if (y.shape[1] - width) % 2 == 0:
        assert torch.allclose(straight, x[0, 0].sum(0))


def test_wider_detectors_see_the_mean_of_narrow_ones():
    x = smooth(10, 10)
    narrow = made("radon", (3, 10, 10), angles=6, detectors=15).apply(x)
    wide = made("radon", (3, 10, 10), angles=6, detectors=5).apply(x)
    assert torch.allclose(narrow.unflatten(3, (5, 3)).mean(4), wide)


def test_filtered_back_projection_finds_a_smooth_picture():
    x = smooth(48, 40)
    operator = made("radon", (3, 48, 40), angles=90)
    found = OPERATORS["radon"].baseline(operator, operator.apply(x))
    assert float((found - x).square().mean().sqrt()) < 0.01


def test_a_large_picture_is_projected_without_a_dense_matrix():
    operator = made("radon", (1, 80, 80), angles=4)
    x = smooth(80, 80)[:, :1]
    y = operator.apply(x)
    assert operator.svd is None
    assert torch.allclose(operator.apply(operator.pinv(y)), y, atol=1e-6)
    solved = operator.solve(y, 1.0, 0.1)
    again = operator.apply(operator.adjoint(solved)) + 0.1 * solved
    assert torch.allclose(again, y, atol=1e-8)


def test_more_projections_than_memory_holds_are_refused():
    with pytest.raises(KnobError, match=r"angles cannot be 720 .* 512 x 512 .* at most 76"):
        made("radon", (3, 512, 512), angles=720)
    with pytest.raises(KnobError, match=r"detectors cannot be 40 .* at most 12"):
        made("radon", (3, 8, 8), detectors=40)


# JPEG


def jpeg(x, quality, subsampled):
    """Return what Pillow makes of a picture (1, 3, H, W), through a file."""
    values = ((x[0] + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
    file = io.BytesIO()
    Image.fromarray(values).save(
        file, "JPEG", quality=quality, subsampling="4:2:0" if subsampled else "4:4:4"
    )
    back = np.asarray(Image.open(file)).astype(np.float64)
    return torch.from_numpy(back).permute(2, 0, 1)[None] / 127.5 - 1


@pytest.mark.parametrize("quality", [5, 30, 75])
@pytest.mark.parametrize(("height", "width"), [(32, 48), (21, 35)])
def test_jpeg_is_that_of_a_file_but_for_rounding(quality, height, width):
    noise = 0.05 * pictures(1, 3, height, width)
    x = smooth(height, width).flip(1) * 1.2 - 0.6 + noise
    x = ((x + 1) * 127.5).round() / 127.5 - 1
    file = jpeg(x, quality, subsampled=False)
    ours = made("jpeg", (3, height, width), quality=quality, subsampled=False).apply(x)
    assert float((file - ours).abs().mean()) < 1.5 / 127.5
    assert float((file - x).abs().mean()) > 2 * float((file - ours).abs().mean())


@pytest.mark.parametrize("shape", [(3, 32, 48), (1, 16, 8), (4, 8, 8)])
@pytest.mark.parametrize("subsampled", [False, True])
def test_jpeg_leaves_its_own_pictures_alone(shape, subsampled):
    shape = (shape[0], shape[1] * 2, shape[2] * 2)
    operator = made("jpeg", shape, quality=15, subsampled=subsampled)
    x = pictures(2, *shape)
    y = operator.apply(x)
    assert float((y - x).abs().max()) > 0.1
    assert float((operator.apply(operator.pinv(y)) - y).abs().max()) < 1e-9


@pytest.mark.parametrize("subsampled", [False, True])
def test_jpeg_pulls_back_as_if_it_did_not_round(subsampled):
    operator = made("jpeg", (3, 19, 22), quality=100, subsampled=subsampled)
    x, y = pictures(2, 3, 19, 22), pictures(2, 3, 19, 22)
    pulled = operator.pull(x, y)
    step = pictures(2, 3, 19, 22) * 50  # far above the steps of rounding
    change = operator.apply(x + step) - operator.apply(x)
    assert float((change * y).sum()) == pytest.approx(float((step * pulled).sum()), abs=1.0)
    if not subsampled:
        assert torch.allclose(pulled, y)


def test_jpeg_is_not_linear_and_says_so():
    operator = made("jpeg", (3, 16, 16))
    assert not operator.linear and operator.svd is None
    with pytest.raises(ValueError, match="JPEG is not linear"):
        operator.adjoint(pictures(1, 3, 16, 16))
    with pytest.raises(ValueError, match="JPEG is not linear"):
        operator.solve(pictures(1, 3, 16, 16), 1, 1)


# Chains


def test_a_chain_is_done_in_order_and_undone_from_its_end():
    steps = [("deblur_gaussian", {"std": 1.0}), ("super_resolution", {"factor": 2})]
    operator = degradation(steps, (3, 12, 16))
    x = pictures(2, 3, 12, 16)
    blur = made("deblur_gaussian", (3, 12, 16), std=1.0)
    shrink = made("super_resolution", (3, 12, 16), factor=2)
    assert torch.equal(operator.apply(x), shrink.apply(blur.apply(x)))
    name, plain = baseline(steps, operator, operator.apply(x))
    assert name == "bicubic + blurred picture" and plain.shape == x.shape


CHAINS = [
    [("deblur_gaussian", {"std": 0.8, "cutoff": 0.0}), ("super_resolution", {"factor": 3})],
    [("inpaint", {}), ("super_resolution", {"factor": 3}), ("denoise", {})],
    [("super_resolution", {"factor": 2}), ("colourise", {})],
    [("inpaint", {}), ("colourise", {})],
    [("deblur_motion", {"length": 4.0}), ("inpaint", {})],
    [("deblur_uniform", {"size": 3}), ("radon", {"angles": 5})],
    [("denoise", {}), ("inpaint", {})],
]


@pytest.mark.parametrize("steps", CHAINS, ids=lambda s: "-".join(id for id, _ in s))
def test_a_chain_has_the_products_of_one_matrix(steps):
    operator = degradation(steps, (3, 10, 12), mask=box(10, 12))
    units = torch.eye(360, dtype=torch.float64)
    h = operator.apply(units.reshape(-1, 3, 10, 12)).flatten(1).mT
    y = pictures(2, *operator.measured)
    assert torch.allclose(operator.adjoint(y).flatten(1), y.flatten(1) @ h)
    svd = operator.svd
    u, v = svd.u(units).flatten(1).mT, svd.v(units).flatten(1).mT
    assert float(((u * svd.singulars) @ v.mT - h).abs().max()) < 1e-9
    measured = operator.apply(pictures(2, 3, 10, 12))
    assert torch.allclose(operator.apply(operator.pinv(measured)), measured)
    rows = (h.abs().amax(1) > 1e-12).double()
    counted = operator.counted()
    assert torch.equal(rows, torch.ones_like(rows) if counted is None else counted.flatten())
    count = len(h)
    expected = torch.linalg.solve(2 * h @ h.mT + 0.3 * torch.eye(count), y.flatten(1).mT).mT
    assert torch.allclose(operator.solve(y, 2, 0.3).flatten(1), expected)


def test_a_large_chain_is_solved_without_a_decomposition():
    steps = [
        ("inpaint", {}),
        ("deblur_gaussian", {"std": 1.0}),
        ("super_resolution", {"factor": 4}),
    ]
    operator = degradation(steps, (1, 48, 64), mask=box(48, 64))
    assert operator.svd is None
    y = operator.apply(pictures(2, 1, 48, 64))
    assert torch.allclose(operator.apply(operator.pinv(y)), y, atol=1e-6)


def test_a_chain_with_jpeg_pulls_through_its_parts():
    steps = [("super_resolution", {"factor": 2}), ("jpeg", {"quality": 50})]
    operator = degradation(steps, (3, 32, 32))
    x, c = pictures(1, 3, 32, 32), pictures(1, 3, 16, 16)
    shrink, code = operator.parts
    assert torch.allclose(operator.pull(x, c), shrink.adjoint(code.pull(shrink.apply(x), c)))
    assert not operator.linear and operator.svd is None
    assert torch.allclose(operator.apply(operator.pinv(operator.apply(x))), operator.apply(x))
    with pytest.raises(ValueError, match="JPEG is not linear"):
        operator.solve(c, 1, 1)


def test_what_cannot_be_chained_is_refused():
    with pytest.raises(ValueError, match="needs a picture, but what comes before it leaves none"):
        degradation([("fourier", {}), ("colourise", {})], (3, 8, 8))
    with pytest.raises(KnobError, match="no degradation; choose"):
        degradation([], (3, 8, 8))
    with pytest.raises(KnobError, match=r"no degradation 'inpant'. Did you mean 'inpaint'"):
        degradation([("inpant", {})], (3, 8, 8))
    with pytest.raises(KnobError, match="Denoise has no knob"):
        degradation([("denoise", {"size": 1})], (3, 8, 8))
    with pytest.raises(ValueError, match="cannot follow"):
        chain([made("denoise", (3, 8, 8)), made("denoise", (3, 8, 9))])


# Latents


def test_a_latent_is_measured_through_its_decoder():
    mix = pictures(3, 2)

    def decode(z):
        return (
            (mix @ z.flatten(2))
            .tanh()
            .unflatten(2, z.shape[2:])
            .repeat_interleave(2, 2)
            .repeat_interleave(2, 3)
        )

    def encode(x):
        return (torch.linalg.pinv(mix) @ x[..., ::2, ::2].flatten(2).atanh()).unflatten(2, (4, 5))

    inner = made("super_resolution", (3, 8, 10), factor=2)
    operator = Through(inner, encode, decode, (2, 4, 5))
    z, c = 0.3 * pictures(2, 2, 4, 5), pictures(2, 3, 4, 5)
    assert torch.allclose(operator.apply(z), inner.apply(decode(z)))
    step = 1e-6 * pictures(2, 2, 4, 5)
    change = (operator.apply(z + step) - operator.apply(z - step)) / 2
    assert float((change * c).sum()) == pytest.approx(
        float((step * operator.pull(z, c)).sum()), rel=1e-6
    )
    assert operator.shown(z).shape == (2, 3, 8, 10) and operator.svd is None
    given = Measurement(operator=operator, y=measure(operator, z), original=decode(z))
    found = given.measures(z)
    assert bool((found["residual"] < 1e-9).all()) and bool((found["psnr"] > 90).all())
    with pytest.raises(ValueError, match="not linear"):
        operator.adjoint(c)
    masked = Through(made("inpaint", (3, 8, 10), mask=box(8, 10)), encode, decode, (2, 4, 5))
    assert masked.known().sum() == 4 * 5 - int(masked.known().eq(0).sum())
    assert masked.known()[0, 1, 1] == 0 and masked.known()[0, 0, 0] == 1


# Everything


def test_gradients_stop_where_a_row_is_done():
    h = torch.diag(torch.tensor([1.0, 2.0, 0.0])).double()
    y = torch.tensor([[1.0, 4.0, 0.0], [0.0, 0.0, 0.0], [1e-12, 0.0, 0.0]]).double()
    found = conjugate_gradients(lambda v: v @ h, y)
    assert torch.allclose(found, y @ torch.linalg.pinv(h))


@pytest.mark.parametrize(
    "id", ["inpaint", "super_resolution", "deblur_gaussian", "deblur_motion", "fourier", "jpeg"]
)
def test_large_pictures_need_no_large_matrix(id):
    mask = box(256, 320)
    operator = made(id, (3, 256, 320), mask=mask)
    x = smooth(256, 320)
    y = operator.apply(x)
    assert bool(y.isfinite().all())
    if operator.linear:
        assert operator.svd is not None
        assert float((operator.apply(operator.pinv(y)) - y).abs().max()) < 1e-6


def test_no_weights_or_negative_ones_are_refused():
    operator = made("denoise", (1, 2, 2))
    for a, b in ((0, 0), (-1, 1), (1, math.nan), (math.inf, 1)):
        with pytest.raises(ValueError, match="no meaning"):
            operator.solve(pictures(1, 1, 2, 2), a, b)
