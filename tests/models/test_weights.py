import json

import torch

from studio.models.header import Header
from studio.models.weights import build_network


def test_a_network_is_described_without_memory(tmp_path, tiny_config):
    header = Header.model_validate_json(json.dumps(tiny_config))
    network = build_network(tmp_path, header, torch.bfloat16)
    assert all(p.is_meta for p in network.parameters())
    assert (network.dtype, network.sigma_data, network.space_to_depth) == (torch.bfloat16, 0.44, 2)
    assert all(name.startswith("model.") for name in network.state_dict())
