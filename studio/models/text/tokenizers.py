"""Tokenizers of transformers, made from the vocabulary in a folder and nothing else."""

from pathlib import Path
from typing import Any

from studio.models.errors import ModelError
from studio.models.pipelines.config import Config, read_config

_LIMIT = 16 << 20
_LENGTH = 77


def tokenizer_in(folder: Path, words: int) -> Any:
    """Return the CLIPTokenizer or BertTokenizer whose vocabulary lies in a folder.

    words: how many tokens the encoder knows.

    Raises:
        ModelError: the vocabulary is missing, damaged, or larger than what the encoder knows.
    """
    told = _settings(folder)
    made = _bert(folder, told) if (folder / "vocab.txt").is_file() else _clip(folder, told)
    if len(made) > words:
        raise ModelError(
            f"The tokenizer “{folder.parent.name}/{folder.name}” knows {len(made):,} tokens, but "
            f"its text encoder {words:,}: they do not belong together. Get the model again."
        )
    return made


def _clip(folder: Path, told: Config) -> Any:
    from transformers import CLIPTokenizer

    vocabulary, merges = _pairs(folder)
    end = _word(told, "eos_token", "<|endoftext|>")
    return CLIPTokenizer(
        vocab=vocabulary,
        merges=merges,
        bos_token=_word(told, "bos_token", "<|startoftext|>"),
        eos_token=end,
        unk_token=_word(told, "unk_token", "<|endoftext|>"),
        pad_token=_word(told, "pad_token", end),
        model_max_length=_length(told),
    )


def _bert(folder: Path, told: Config) -> Any:
    from transformers import BertTokenizer

    words = _lines(folder / "vocab.txt")
    return BertTokenizer(
        vocab={word: place for place, word in enumerate(words)},
        do_lower_case=told.get("do_lower_case", True) is not False,
        model_max_length=_length(told),
    )


def _pairs(folder: Path) -> tuple[dict[str, int], list[Any]]:
    """Return the vocabulary and the merges, from the files of old or from tokenizer.json."""
    if (folder / "vocab.json").is_file():
        words: object = read_config(folder / "vocab.json", _LIMIT)
        lines: object = [n for n in _lines(folder / "merges.txt") if not n.startswith("#version")]
    else:
        model = read_config(folder / "tokenizer.json", _LIMIT).get("model")
        known = model if isinstance(model, dict) else {}
        words, lines = known.get("vocab"), known.get("merges")
    if not isinstance(words, dict) or not all(isinstance(n, int) for n in words.values()):
        raise _damaged(folder)
    if not isinstance(lines, list):
        raise _damaged(folder)
    pairs = [tuple(each.split(" ")) if isinstance(each, str) else tuple(each) for each in lines]
    if any(len(pair) != 2 for pair in pairs):
        raise _damaged(folder)
    return words, pairs


def _settings(folder: Path) -> Config:
    found: dict[str, Any] = {}
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        if (folder / name).is_file():
            found |= read_config(folder / name)
    return found


def _word(told: Config, name: str, default: str) -> str:
    value = told.get(name)
    if isinstance(value, dict):
        value = value.get("content")
    return value if isinstance(value, str) else default


def _length(told: Config) -> int:
    value = told.get("model_max_length")
    return value if isinstance(value, int) and 3 <= value <= _LENGTH else _LENGTH


def _lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > _LIMIT:
            raise _damaged(path.parent)
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(path.parent) from error
    return [line.rstrip("\r") for line in text.split("\n") if line.rstrip("\r")]


def _damaged(folder: Path) -> ModelError:
    return ModelError(
        f"The tokenizer “{folder.parent.name}/{folder.name}” lacks its vocabulary, or it is "
        "damaged. Copy or download the model again."
    )
