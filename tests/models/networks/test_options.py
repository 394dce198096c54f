import json

import pytest
from pydantic import ValidationError

from studio.models.networks.options import SongUNetOptions
from studio.models.networks.song_unet import SongUNet

SOUND = {"img_resolution": 32, "in_channels": 3, "out_channels": 3}


def test_defaults_are_those_of_the_network():
    options = SongUNetOptions.model_validate_json(json.dumps(SOUND)).model_dump()
    assert SongUNet.__init__.__kwdefaults__ == {
        name: value for name, value in options.items() if name not in SOUND
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"model_channels": 10**12},
        {"model_channels": "128"},
        {"model_channels": 7},
        {"num_blocks": 10**9},
        {"num_blocks": 1.5},
        {"channel_mult": [1] * 1000},
        {"channel_mult": []},
        {"channel_mult": [1, 0]},
        {"img_resolution": 30},
        {"img_resolution": 10**6},
        {"label_dim": -1},
        {"dropout": 1.0},
        {"embedding_type": "sine"},
        {"encoder_type": None},
        {"resample_filter": [1, 2, 1]},
        {"resample_filter": [1, -1]},
        {"resample_filter": [float("nan"), 1]},
        {"exec": "print()"},
    ],
    ids=str,
)
def test_wrong_options_are_refused(wrong):
    with pytest.raises(ValidationError):
        SongUNetOptions.model_validate_json(json.dumps(SOUND | wrong))
