import pytest
import torch

from studio.models import ModelError
from studio.models.codecs.latent import LatentCodec

EXACT = {"atol": 1e-5, "rtol": 1e-5}


@pytest.fixture
def pixels():
    torch.manual_seed(3)
    return torch.rand(3, 3, 32, 24) * 2 - 1


def test_latents_are_the_mean_of_the_library_shifted_and_scaled(kl, pixels):
    codec = LatentCodec(kl)
    with torch.no_grad():
        mean = kl.encode(pixels).latent_dist.mean
        z = codec.encode(pixels)
        torch.testing.assert_close(z, (mean - 0.1) * 0.4, **EXACT)
        torch.testing.assert_close(codec.decode(z), kl.decode(mean).sample, **EXACT)
    assert codec.factor == 4


def test_a_quantised_autoencoder_gives_what_the_library_gives(vq, pixels):
    codec = LatentCodec(vq)
    with torch.no_grad():
        latents = vq.encode(pixels).latents
        torch.testing.assert_close(codec.encode(pixels), latents * 0.7, **EXACT)
        torch.testing.assert_close(codec.decode(latents * 0.7), vq.decode(latents).sample, **EXACT)
        assert torch.equal(codec.encode(pixels, seeds=[1, 2, 3]), codec.encode(pixels))


def test_figures_for_each_channel_and_another_range_of_pixels(kl, pixels):
    scale, shift = [0.1, 0.2, 0.3, 0.4], [1.0, -1.0, 0.5, 0.0]
    codec = LatentCodec(kl, scale, shift, pixel_range=(0.0, 1.0))
    with torch.no_grad():
        mean = kl.encode((pixels + 1) / 2).latent_dist.mean
        wanted = torch.stack([(mean[:, i] - shift[i]) * scale[i] for i in range(4)], 1)
        torch.testing.assert_close(codec.encode(pixels), wanted, **EXACT)
        torch.testing.assert_close(codec.decode(wanted), kl.decode(mean).sample * 2 - 1, **EXACT)


def test_a_draw_depends_on_its_seed_alone(kl, pixels):
    codec = LatentCodec(kl)
    with torch.no_grad():
        all_of_them, one = codec.encode(pixels, [7, 8, 9]), codec.encode(pixels[1:2], [8])
        torch.testing.assert_close(all_of_them[1:2], one, **EXACT)
        found = kl.encode(pixels[1:2]).latent_dist
        noise = torch.randn(4, 8, 6, generator=torch.Generator().manual_seed(8))
        drawn = (found.mean + found.std * noise - 0.1) * 0.4
    torch.testing.assert_close(one, drawn, **EXACT)
    assert not torch.allclose(codec.encode(pixels), all_of_them)


def test_sides_that_do_not_divide_are_refused(kl):
    with pytest.raises(ModelError, match="32x30 has no latents"):
        LatentCodec(kl).encode(torch.zeros(1, 3, 30, 32))


@pytest.mark.parametrize("budget", [None, 0, 40_000])
def test_a_batch_is_what_its_pictures_are_alone(kl, budget):
    torch.manual_seed(4)
    z = torch.randn(3, 4, 9, 7)
    codec = LatentCodec(kl, budget=budget)
    each = torch.cat([codec.decode(row[None]) for row in z])
    torch.testing.assert_close(codec.decode(z), each, **EXACT)


def test_gradients_pass_through_also_in_parts(kl):
    codec = LatentCodec(kl, budget=0)
    z = torch.randn(1, 4, 40, 33, dtype=torch.float64, requires_grad=True)
    codec.decode(z)[0, :, 70, 60].sum().backward()
    assert z.grad is not None and z.grad.dtype == torch.float64
    assert z.grad[0, :, 17, 15].abs().min() > 0


def worst_step(found, whole):
    """Return how much the steps that parts add from column to column stand out where most."""
    added = (found - whole).diff(dim=-1).abs().mean((0, 1, 2))
    return (added.max() / added.median()).item()


def test_parts_are_blended_into_each_other(kl):
    torch.manual_seed(5)
    coarse = torch.randn(1, 4, 6, 12)
    z = torch.nn.functional.interpolate(coarse, size=(32, 88), mode="bicubic")
    codec = LatentCodec(kl)
    whole, parts = codec.decode(z), LatentCodec(kl, budget=0).decode(z)
    hard = torch.cat([codec.decode(z[..., i : i + 22]) for i in range(0, 88, 22)], -1)
    assert worst_step(hard, whole) > 5
    assert worst_step(parts, whole) < 0.5 * worst_step(hard, whole)
    assert (parts - whole).square().mean() < 0.2 * whole.var()


def test_half_precision_that_overflows_is_computed_again_in_float32(kl, monkeypatch):
    half = type(kl).from_config(kl.config)
    half.load_state_dict(kl.state_dict())
    half.to(torch.bfloat16)
    codec = LatentCodec(half)
    z = torch.randn(2, 4, 6, 6)
    assert torch.isfinite(codec.decode(z)).all() and half.dtype == torch.bfloat16
    own = half.decode

    def overflowing(latents):
        found = own(latents)
        if latents.dtype == torch.bfloat16:
            found.sample[0, 0, 0, 0] = float("nan")
        return found

    monkeypatch.setattr(half, "decode", overflowing)
    found = codec.decode(z)
    assert half.dtype == torch.float32
    torch.testing.assert_close(found, LatentCodec(kl).decode(z), atol=0.05, rtol=0.05)
    codec.preview_with("full")
    assert codec.preview(z).shape == (2, 24, 24, 3)


def test_an_autoencoder_that_asks_for_float32_gets_it(kl):
    config = {**kl.config, "force_upcast": True}
    half = type(kl).from_config(config).half()
    LatentCodec(half)
    assert half.dtype == torch.float32


def test_when_memory_runs_out_smaller_parts_are_taken(kl, monkeypatch):
    codec, asked = LatentCodec(kl), []
    own = kl.decode

    def short(latents):
        asked.append(latents.shape[2] * latents.shape[3])
        if asked[-1] > 1100:
            raise RuntimeError("DefaultCPUAllocator: not enough memory")
        return own(latents)

    monkeypatch.setattr(kl, "decode", short)
    z = torch.randn(1, 4, 40, 40)
    parts = codec.decode(z)
    assert asked[0] == 1600 and asked[-1] == 1024
    monkeypatch.undo()
    torch.testing.assert_close(parts, LatentCodec(kl, budget=0).decode(z), **EXACT)
    monkeypatch.setattr(
        kl, "decode", lambda z: (_ for _ in ()).throw(RuntimeError("out of memory"))
    )
    with pytest.raises(RuntimeError, match="out of memory"):
        codec.decode(z)


def test_pictures_are_the_decoded_bytes(kl):
    codec, z = LatentCodec(kl), torch.randn(2, 4, 5, 6)
    wanted = (codec.decode(z) * 127.5 + 128).clip(0, 255).byte().permute(0, 2, 3, 1)
    assert torch.equal(codec.pictures(z), wanted)
    assert torch.equal(codec.pictures(z, each=True), wanted)
    codec.preview_with("full")
    assert torch.equal(codec.preview(z), wanted)


def test_the_tiny_preview_is_the_tiny_autoencoders(kl, tiny):
    codec, z = LatentCodec(kl, tiny=tiny), torch.randn(2, 4, 5, 6)
    assert codec.previews == ("linear", "tiny", "full")
    codec.preview_with("tiny")
    wanted = (tiny.decode(z).sample * 127.5 + 128).clip(0, 255).byte().permute(0, 2, 3, 1)
    assert torch.equal(codec.preview(z), wanted)


def test_previews_that_are_not_there_are_refused(kl, vq, tiny):
    codec = LatentCodec(kl)
    assert codec.previews == ("linear", "full")
    with pytest.raises(ModelError, match="no preview “tiny”; choose one of: linear, full"):
        codec.preview_with("tiny")
    with pytest.raises(ModelError, match="tiny autoencoder is for latents of 4 channels at 1/4"):
        LatentCodec(vq, tiny=tiny)


def test_a_preview_brings_nothing_to_the_device(kl, tiny, monkeypatch):
    """What comes from the host would make the device wait; it is there from the first time on."""
    codec = LatentCodec(kl, tiny=tiny, budget=0)
    z = torch.randn(1, 4, 40, 33)
    for name in codec.previews:
        codec.preview_with(name)
        codec.preview(z)
    monkeypatch.setattr(codec, "_scale", None)
    monkeypatch.setattr("studio.models.codecs.latent.spare_bytes", None)
    monkeypatch.setattr("studio.models.codecs.linear.read_kept", None)
    monkeypatch.setattr(torch.Tensor, "item", None)
    monkeypatch.setattr(torch, "tensor", None)
    for name in codec.previews:
        codec.preview_with(name)
        codec.preview(z)
