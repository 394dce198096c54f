import json

from studio.diffusion.preconditioning import PRECONDITIONINGS
from studio.models.header import Header


def test_a_header_survives_being_written(tiny_config):
    header = Header.model_validate_json(json.dumps(tiny_config))
    assert Header.model_validate_json(header.metadata()["config"]) == header


def test_classes_without_names_are_numbered(tiny_config):
    del tiny_config["classes"]
    header = Header.model_validate_json(json.dumps(tiny_config))
    assert header.class_names == ("0", "1", "2")


def test_the_oldest_header_is_understood():
    # What stands in the first file of this format that was written.
    text = """{"network": "SongUNet", "preconditioning": "EDM", "space_to_depth": 2, "kwargs":
        {"img_resolution": 16, "in_channels": 12, "out_channels": 12, "label_dim": 14,
        "model_channels": 64, "channel_mult": [1, 2], "num_blocks": 2, "attn_resolutions": [8],
        "embedding_type": "positional", "encoder_type": "standard", "decoder_type": "standard"},
        "sigma_data": 0.4426043331623077, "image": [3, 32, 32], "labels": "one-hot", "kimg": 444}"""
    header = Header.model_validate_json(text)
    assert header.kwargs.model_channels == 64
    assert header.kwargs.resample_filter == (1, 1)


def test_a_preconditioning_is_named_with_its_knobs(tiny_config):
    tiny_config |= {"preconditioning": "vp", "knobs": {"m": 500.0}}
    header = Header.model_validate_json(json.dumps(tiny_config))
    assert header.factors(1.5) == PRECONDITIONINGS["vp"](1.5, m=500)
    assert Header.model_validate_json(header.metadata()["config"]) == header
    assert header.table == ()


def test_the_preconditioning_of_edm_knows_the_data(tiny_config):
    header = Header.model_validate_json(json.dumps(tiny_config))
    assert header.factors(2.0) == PRECONDITIONINGS["edm"](2.0, 0.44)
