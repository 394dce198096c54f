"""What a run begins from that trains a model of latents further."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from studio.models.codecs.latent import LatentCodec
from studio.models.condition import Given
from studio.models.info import ModelInfo
from studio.models.latent.model import LatentModel
from studio.models.latent.tuned import TunedBase, TunedHeader
from studio.models.networks.preconditioned import Preconditioned
from studio.models.open import inspect_model, load_model
from studio.models.presets.keeping import content_key
from studio.training.errors import TrainingError
from studio.training.latents.network import ToldUNet
from studio.training.lora import add_lora, public_layers
from studio.training.network import model_file
from studio.training.pictures import Pictures
from studio.training.sections import About, RunSettings

CLASS = "{class}"
"""What stands in a prompt for the name of the class."""


def latent_base(settings: RunSettings, folder: Path) -> ModelInfo | None:
    """Return the model of latents that a run begins from, None where it begins from another.

    Raises:
        TrainingError: there is no model of that name.
        ModelError: it is damaged.
    """
    if not settings.network.init:
        return None
    info = inspect_model(model_file(settings.network.init, folder))
    return info if info.pixels > 1 else None


class LatentBeginning:
    """Open the model that is trained further, and make its network one that can be trained.

    Raises:
        TrainingError: it cannot be trained, or the run asks for what it cannot have.
        ModelError: it is damaged.
    """

    def __init__(self, settings: RunSettings, info: ModelInfo, device: torch.device) -> None:
        _check(settings, info)
        self._settings, self.info = settings, info
        model = load_model(info.path, device, torch.float32)
        if not isinstance(model, LatentModel):
            raise TrainingError(f"“{info.name}” has no network of latents that could be trained.")
        self._model = model
        assert isinstance(model.codec, LatentCodec)
        self.codec = model.codec

    def told(self, pictures: Pictures) -> tuple[Pictures, tuple[str, ...]]:
        """Return the pictures with classes that have prompts, and these prompts.

        Raises:
            TrainingError: the classes of the pictures are not those of a model without prompts.
        """
        template, classes = self._settings.data.prompt, pictures.classes
        if not self.info.text:
            if classes and len(classes) != len(self.info.classes):
                raise TrainingError(
                    f"“{self.info.name}” knows {len(self.info.classes)} classes and the pictures "
                    f"have {len(classes)}; set [data] classes to false."
                )
            return pictures, ()
        if not classes and template != CLASS:
            one = torch.zeros_like(pictures.labels)
            return replace(pictures, classes=(template[:200],), labels=one), (template,)
        return pictures, tuple(template.replace(CLASS, name) for name in classes)

    def header(
        self,
        network: Preconditioned,
        pictures: Pictures,
        prompts: Sequence[str],
        shape: tuple[int, int, int],
        about: About,
    ) -> TunedHeader:
        """Return the description of a network that `build` made; shape: that of the latents."""
        lora = self._settings.lora
        card = {key: value for key, value in about.model_dump().items() if value}
        base = TunedBase(
            name=self.info.name[:200],
            path=str(Path(self.info.path).absolute()),
            content=content_key(self.info.path),
        )
        return TunedHeader(
            base=base,
            image=shape,
            sigma_data=self.info.sigma_data,
            sigma_min=self.info.sigma_min,
            sigma_max=self.info.sigma_max,
            classes=tuple(name[:200] for name in pictures.classes),
            prompts=tuple(prompts),
            rank=lora.rank,
            alpha=lora.alpha or float(lora.rank),
            layers=public_layers(network),
            **card,
        )

    def build(
        self, prompts: Sequence[str], size: tuple[int, int], seed: int, dtype: torch.dtype
    ) -> Preconditioned:
        """Return the network, with weights in float32, computing in `dtype`; size: in pixels."""
        torch.manual_seed(seed)
        model, wish = self._model, self._settings.lora
        given: Given = {}
        if self.info.text:
            texts = [*prompts, ""]
            with torch.no_grad():
                given = model.condition(len(texts), prompts=texts, size=size).wanted
        told = ToldUNet(model.network.requires_grad_(True), given, self.codec)
        network = Preconditioned(told, self.info.sigma_data, dtype=dtype, factors=model.factors)
        if wish.rank:
            add_lora(network, wish, own_classes=False)
        return network


def _check(settings: RunSettings, info: ModelInfo) -> None:
    if settings.augment.p:
        raise TrainingError(
            f"“{info.name}” sees latents, which the augmentations of pixels do not suit; set "
            "[augment] p to 0. [data] mirror works."
        )
    if settings.loss.spec.outputs > 1:
        raise TrainingError(
            f"[loss] kind “{settings.loss.kind}” learns a variance, for which “{info.name}” has no "
            "channels; choose another."
        )
