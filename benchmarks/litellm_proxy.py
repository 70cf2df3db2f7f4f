"""litellm's own proxy, in an environment of its own: its extras would bring a second web stack into ours.

uv makes the environment the first time (about 150 packages) and keeps it; the version is that of our lock file.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from vos.embedded.valkey import free_port

START_SECONDS = 600.0


@contextmanager
def proxy(provider_url: str) -> Iterator[tuple[str, str]]:
    """Serve the model ``stub`` of ``provider_url``; gives the proxy's own address for OpenAI's protocol, and the key to it."""
    port, key = free_port(), f"sk-{secrets.token_hex(32)}"
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder, "proxy.yaml")
        configuration.write_text(_configuration(provider_url), encoding="utf-8")
        with Path(folder, "log").open("w+b") as log:
            process = subprocess.Popen(_command(configuration, port), env=_environment(key), stdout=log, stderr=log, cwd=folder)
            try:
                _wait(process, port, Path(folder, "log"))
                yield f"http://127.0.0.1:{port}/v1", key
            finally:
                process.terminate()
                process.wait(30)


def _configuration(provider_url: str) -> str:
    return (
        "model_list:\n"
        f"  - model_name: stub\n    litellm_params: {{model: openai/stub, api_base: '{provider_url}', api_key: none}}\n"
        "litellm_settings: {telemetry: false, drop_params: true}\n"
    )


def _command(configuration: Path, port: int) -> list[str]:
    wanted = f"litellm[proxy]=={version('litellm')}"
    start = ["litellm", "--config", str(configuration), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    return [uv(), "run", "--quiet", "--no-project", "--python", sys.executable, "--with", wanted, *start]


def uv() -> str:
    """The uv that makes environments for benchmarks alone. Raises RuntimeError where there is none."""
    brought = Path(__file__).resolve().parents[1] / ".data" / "uv" / "bin" / "uv"
    found = os.environ.get("VOS_UV") or shutil.which("uv") or (str(brought) if brought.exists() else None)
    if found is None:
        raise RuntimeError("uv is needed to bring what is compared with; scripts/boot brings it.")
    return found


def _environment(key: str) -> dict[str, str]:
    # As its makers advise for production, and without calls to the outside. It does not start without a key.
    settings = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION", "LITELLM_LOG": "ERROR"}
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "VIRTUAL_ENV"}}
    return kept | settings | {"LITELLM_MASTER_KEY": key}


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"litellm's proxy ended at once:\n{log.read_text(errors='replace')[-2000:]}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/liveliness", timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("litellm's proxy did not start in time.")
