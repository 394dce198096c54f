"""Training a LoRA through peft: what is trained, and under which names it is written."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from torch import Tensor, nn

from studio.models.digest import file_digest
from studio.models.header import Header
from studio.models.lora.file import LABELS, PREFIX
from studio.models.lora.header import Base, LoraHeader
from studio.models.networks.layers import Conv2d
from studio.models.networks.preconditioned import Preconditioned
from studio.training.errors import TrainingError
from studio.training.latents.network import ToldUNet
from studio.training.lora_targets import PRESETS
from studio.training.sections import About, Lora

_ADAPTER = "default"
_WHOLE = ("model.map_label", "model.map_augment")


def lora_header(header: Header, wish: Lora, base: Path, base_name: str, about: About) -> LoraHeader:
    """Return the description of a LoRA for the model in the file `base`."""
    card = {key: value for key, value in about.model_dump().items() if value}
    return LoraHeader(
        rank=wish.rank,
        alpha=wish.alpha or float(wish.rank),
        targets=wish.targets,
        base=Base(
            name=base_name,
            file=base.name[:200],
            path=str(base.absolute()),
            sha256=file_digest(base),
        ),
        model=header,
        **card,
    )


def add_lora(network: Preconditioned, wish: Lora, *, own_classes: bool) -> None:
    """Put factors beside the layers that are aimed at; they alone are trained from now on.

    The embedding of classes that the model did not know is trained as well (`own_classes`).

    Raises:
        TrainingError: no layer is aimed at.
    """
    from peft import LoraConfig, inject_adapter_in_model

    from studio.training.resampled_lora import ResampledLora

    config = LoraConfig(
        r=wish.rank,
        lora_alpha=wish.alpha or wish.rank,  # type: ignore[arg-type]
        lora_dropout=wish.dropout,
        target_modules=_layers(network, wish.targets),
        bias="none",
    )
    config._register_custom_module({Conv2d: ResampledLora})
    network.requires_grad_(False)
    inject_adapter_in_model(config, network, adapter_name=_ADAPTER)
    if own_classes:
        network.get_parameter(f"{LABELS}.weight").requires_grad_(True)


def _layers(network: nn.Module, targets: Sequence[str]) -> list[str]:
    names = [
        name
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Conv2d | nn.Linear) and name not in _WHOLE
    ]
    chosen: set[str] = set()
    for target in targets:
        patterns = PRESETS.get(target, (target,))
        found = {name for name in names if any(fnmatchcase(name, each) for each in patterns)}
        if not found:
            raise TrainingError(
                f"[lora] targets: no layer is called “{target}”. Write {', '.join(PRESETS)}, or a "
                f"pattern such as *.{names[-1].rpartition('.')[2]} or {names[-1]}."
            )
        chosen |= found
    return [name for name in names if name in chosen]


def file_name(name: str) -> str:
    """Return the name in a LoRA file of a tensor of the network that is being trained."""
    return PREFIX + name.replace(f".{_ADAPTER}.weight", ".weight")


def file_tensors(network: Preconditioned, trained: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors of a network by the names of a LoRA file, which holds whole layers.

    Those of a network of latents have the names that the diffusers library gives them.
    """
    if isinstance(network.model, ToldUNet):
        return {_public(name): tensor for name, tensor in trained.items()}
    tensors = {file_name(name): tensor for name, tensor in trained.items()}
    if f"{LABELS}.weight" in trained:
        bias = dict(network.named_parameters()).get(f"{LABELS}.bias")
        if bias is not None:  # some networks have none there
            tensors[f"{PREFIX}{LABELS}.bias"] = bias.detach()
    return tensors


def public_layers(network: nn.Module) -> tuple[str, ...]:
    """Return the layers of a network of latents that have factors, as diffusers calls them."""
    names = (name for name, _ in network.named_modules() if name.endswith(".lora_A"))
    return tuple(_public(name).removesuffix(".lora_A").removeprefix("unet.") for name in names)


def _public(name: str) -> str:
    return name.removeprefix("model.").replace(f".{_ADAPTER}.weight", ".weight")
