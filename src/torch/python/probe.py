"""Prints, as JSON, the versions of everything that takes part in an export; null for what is not installed. Imports none of it."""

import importlib.metadata
import json
import platform


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


packages = ("torch", "transformers", "onnx", "onnxscript")
print(json.dumps({"python": platform.python_version(), **{name: version(name) for name in packages}}))
