import numpy as np
import torch

from studio.models.networks.block import UNetBlock


def test_attention_is_the_softmax_of_products_over_all_pixels():
    block = UNetBlock(8, 8, 16, attention=True).double()
    torch.nn.init.normal_(block.proj.weight)
    x = torch.randn(2, 8, 3, 5, dtype=torch.float64)
    # qkv as the public code lays it out: reshape to (B, C, 3, HW), then one softmax per pixel.
    qkv = block.qkv(block.norm2(x)).reshape(2, 8, 3, 15).detach().numpy()
    q, k, v = qkv[:, :, 0], qkv[:, :, 1], qkv[:, :, 2]
    scores = np.exp(np.einsum("bcq,bck->bqk", q, k) / np.sqrt(8))
    weights = scores / scores.sum(axis=2, keepdims=True)
    mixed = np.einsum("bqk,bck->bcq", weights, v).reshape(2, 8, 3, 5)
    wanted = (x + block.proj(torch.from_numpy(mixed))) * np.sqrt(0.5)
    torch.testing.assert_close(block._attend(x), wanted)


def test_a_new_block_is_nearly_its_skip_connection():
    block = UNetBlock(8, 8, 16)
    x, emb = torch.randn(2, 8, 4, 4), torch.randn(2, 16)
    torch.testing.assert_close(block(x, emb), x * np.sqrt(0.5), atol=1e-3, rtol=0)


def test_shapes_and_the_layers_that_are_left_out():
    emb = torch.randn(2, 16)
    x = torch.randn(2, 8, 4, 4)
    assert UNetBlock(8, 12, 16)(x, emb).shape == (2, 12, 4, 4)
    assert UNetBlock(8, 8, 16, up=True)(x, emb).shape == (2, 8, 8, 8)
    assert UNetBlock(8, 8, 16, down=True)(x, emb).shape == (2, 8, 2, 2)
    assert UNetBlock(8, 8, 16).skip is None
    assert "norm2.weight" not in UNetBlock(8, 8, 16).state_dict()


def test_the_embedding_moves_the_output():
    block = UNetBlock(8, 8, 16)
    torch.nn.init.normal_(block.conv1.weight)
    x = torch.randn(1, 8, 4, 4)
    assert not torch.allclose(block(x, torch.zeros(1, 16)), block(x, torch.ones(1, 16)))


def test_dropout_acts_in_training_only():
    block = UNetBlock(8, 8, 16, dropout=0.5)
    torch.nn.init.normal_(block.conv1.weight)
    x, emb = torch.randn(1, 8, 4, 4), torch.randn(1, 16)
    assert not torch.equal(block(x, emb), block(x, emb))
    block.eval()
    assert torch.equal(block(x, emb), block(x, emb))
