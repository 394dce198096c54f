"""What other tools write into their pictures.

AUTOMATIC1111 (and Forge, SD.Next) writes a line of text, ComfyUI the graph that ran or the one on
the screen, InvokeAI and SwarmUI flat JSON. Each reader here only collects; `restoration` judges.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.library.chunks import MAX_TEXT
from studio.library.errors import PictureError
from studio.library.parameters import FIELDS, read_parameters
from studio.library.untrusted import read_json

_SAMPLING_NODES = ("KSampler", "KSamplerAdvanced", "SamplerCustom", "SamplerCustomAdvanced")
_WIDGETS = {  # Where a saved screen keeps the values of a node, in the order of its widgets.
    "KSampler": ("seed", "", "steps", "cfg", "sampler_name", "scheduler", "denoise"),
    "KSamplerAdvanced": ("", "noise_seed", "", "steps", "cfg", "sampler_name", "scheduler"),
}
_COMFY = {
    "seeds": ("seed", "noise_seed"),
    "steps": ("steps",),
    "guidance": ("cfg",),
    "sampler": ("sampler_name",),
    "schedule": ("scheduler",),
    "model": ("ckpt_name", "unet_name"),
    "sigma_min": ("sigma_min",),
    "sigma_max": ("sigma_max",),
    "schedule_knobs.rho": ("rho",),
    "strength": ("denoise",),
    "width": ("width",),
    "height": ("height",),
}
_COMFY_TEXTS = {"prompt": "positive", "negative_prompt": "negative"}
_INVOKE = {
    "seeds": ("seed",),
    "steps": ("steps",),
    "guidance": ("cfg_scale",),
    "sampler": ("scheduler",),
    "strength": ("strength",),
    "prompt": ("positive_prompt",),
    "negative_prompt": ("negative_prompt",),
    "width": ("width",),
    "height": ("height",),
    "guidance_rescale": ("cfg_rescale_multiplier",),
    "LoRAs": ("loras",),
    "ControlNets": ("controlnets",),
}
_SWARM = {
    "seeds": ("seed",),
    "steps": ("steps",),
    "guidance": ("cfgscale",),
    "sampler": ("sampler", "comfyuisampler", "autowebuisampler"),
    "schedule": ("scheduler", "comfyuischeduler"),
    "model": ("model",),
    "sigma_min": ("sigmamin",),
    "sigma_max": ("sigmamax",),
    "schedule_knobs.rho": ("rho",),
    "prompt": ("prompt",),
    "negative_prompt": ("negativeprompt",),
    "width": ("width",),
    "height": ("height",),
    "LoRAs": ("loras",),
}
_A1111 = FIELDS | {
    "Eta DDIM": "knobs.eta",
    "Sampler": "sampler",
    "Schedule type": "schedule",
    "Model": "model",
    "Denoising strength": "strength",
}
_NO_SAMPLER = "What ComfyUI wrote into this picture has no sampler that is known here."
_WITHOUT_LOSS = ("Model hash", "Version")


@dataclass(frozen=True, slots=True)
class Found:
    """What a tool wrote: values by the field of a recipe, or by plain words where it has none."""

    tool: str
    values: Mapping[str, Any] = field(default_factory=dict)


def from_a1111(text: str) -> Found:
    """Collect what AUTOMATIC1111 wrote under “parameters”, or SwarmUI, which uses the same name."""
    if text.lstrip().startswith("{"):
        return from_swarm(text)
    fields = read_parameters(text)
    if not fields:
        raise PictureError("What AUTOMATIC1111 wrote into this picture has no line of parameters.")
    named = {_A1111.get(name, name): v for name, v in fields.items() if name not in _WITHOUT_LOSS}
    return Found("AUTOMATIC1111", _with_sides(named))


def _with_sides(named: dict[str, Any]) -> dict[str, Any]:
    """Return the values with the sides that “Size: 512x768” tells."""
    width, _, height = str(named.get("Size", "")).partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        return named
    sides = {"width": width, "height": height}
    return {name: value for name, value in named.items() if name != "Size"} | sides


def from_swarm(text: str) -> Found:
    """Collect what SwarmUI wrote as `sui_image_params`."""
    data = _json(text, "SwarmUI")
    values = data.get("sui_image_params", data)
    if not isinstance(values, dict):
        raise PictureError("What SwarmUI wrote into this picture has no parameters.")
    return Found("SwarmUI", _picked(values, _SWARM))


def from_invoke(text: str) -> Found:
    """Collect what InvokeAI wrote under “invokeai_metadata”."""
    data = _json(text, "InvokeAI")
    model = data.get("model")
    name = model.get("name", model.get("model_name")) if isinstance(model, dict) else None
    return Found("InvokeAI", _picked(data, _INVOKE) | ({"model": name} if name else {}))


def from_comfy(text: str) -> Found:
    """Collect the settings of the first sampler in the graph that ComfyUI wrote under “prompt”."""
    nodes = {id: node for id, node in _json(text, "ComfyUI").items() if isinstance(node, dict)}
    sampling = [id for id, node in nodes.items() if node.get("class_type") in _SAMPLING_NODES]
    if not sampling:
        raise PictureError(_NO_SAMPLER)
    inputs: dict[str, Any] = {}
    for node in _upstream(nodes, sampling[0]):
        for name, value in (_named_by_class(node) | _inputs(node)).items():
            if not isinstance(value, list):
                inputs.setdefault(name, value)
    more = {"further samplers in the graph": len(sampling) - 1} if len(sampling) > 1 else {}
    texts = {field: _text_at(nodes, sampling[0], name) for field, name in _COMFY_TEXTS.items()}
    said = {field: text for field, text in texts.items() if text}
    return Found("ComfyUI", _picked(inputs, _COMFY) | said | more)


def from_comfy_screen(text: str) -> Found:
    """Collect the settings of the first sampler on the screen, ComfyUI's “workflow”."""
    nodes = _json(text, "ComfyUI").get("nodes")
    for node in nodes if isinstance(nodes, list) else ():
        widgets = _WIDGETS.get(str(node.get("type"))) if isinstance(node, dict) else None
        values = node.get("widgets_values") if widgets else None
        if widgets and isinstance(values, list):
            return Found("ComfyUI", _picked(dict(zip(widgets, values, strict=False)), _COMFY))
    raise PictureError(_NO_SAMPLER)


def _text_at(nodes: Mapping[str, dict[str, Any]], start: str, name: str) -> str:
    """Return the text of the nearest node that feeds an input of a sampler or of its guider."""
    links = (_inputs(node).get(name) for node in _upstream(nodes, start))
    sources = (link[0] for link in links if isinstance(link, list) and link)
    source = next((id for id in sources if isinstance(id, str) and id in nodes), None)
    if source is None:
        return ""
    texts = (_inputs(node).get("text") for node in _upstream(nodes, source))
    return next((text for text in texts if isinstance(text, str)), "")


def _upstream(nodes: Mapping[str, dict[str, Any]], start: str) -> Iterator[dict[str, Any]]:
    """Yield a node and everything that feeds it, the nearest first."""
    queue, seen = [start], {start}
    for id in queue:
        yield nodes[id]
        for value in _inputs(nodes[id]).values():
            source = value[0] if isinstance(value, list) and value else None
            if isinstance(source, str) and source in nodes and source not in seen:
                seen.add(source)
                queue.append(source)


def _named_by_class(node: Mapping[str, Any]) -> dict[str, str]:
    """Return what the class alone says of nodes such as KarrasScheduler and SamplerDPMPP_2M_SDE."""
    name = str(node.get("class_type"))
    if name.endswith("Scheduler"):
        return {"scheduler": name.removesuffix("Scheduler")}
    if name.startswith("Sampler") and name not in _SAMPLING_NODES:
        return {"sampler_name": name.removeprefix("Sampler")}
    return {}


def _inputs(node: Mapping[str, Any]) -> dict[str, Any]:
    inputs = node.get("inputs")
    return inputs if isinstance(inputs, dict) else {}


def _picked(values: Mapping[str, Any], names: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Return under our names what there is under any of theirs."""
    return {
        our: values[name]
        for our, theirs in names.items()
        for name in reversed(theirs)
        if values.get(name) is not None
    }


def _json(text: str, tool: str) -> dict[str, Any]:
    try:
        data = read_json(text, MAX_TEXT, constants=True)  # ComfyUI writes NaN.
    except ValueError as error:
        problem = f"cannot be read: {error}"
    else:
        if isinstance(data, dict):
            return data
        problem = "is not a set of fields"
    raise PictureError(f"What {tool} wrote into this picture {problem}.")
