"""Runs Python models as Triton would: reads cases from stdin, writes a result for each to stdout, both as JSON.

[{"model": folder of the version, "config": model configuration, "calls": [[request, ...], ...], "networks": {name: ...}}, ...]
Values that are no strings are numbers: {"type": "bool", "data": [...]}. The answer to a request of a decoupled model is {"stream":
[response, ...]}. A request, which may be "cancelled", is {"inputs": {"TEXT": [base64, ...] or rows of them}, "parameters": {...}}; a call is a batch of them. The tokenizer panics
on texts that hold one of the words in "refused". "networks" are what a model may ask: see networks.py.
"""

import base64
import importlib.util
import json
import os
import sys
import time

import networks
import numpy as np
import triton_python_backend_utils as pb_utils


class Panic(BaseException):
    """Stands for pyo3_runtime.PanicException, which is no Exception either."""


class PanickingTokenizer:
    """The tokenizer, but for texts that make it panic."""

    def __init__(self, tokenizer, refused):
        self._tokenizer, self._refused = tokenizer, refused

    def __getattr__(self, name):
        return getattr(self._tokenizer, name)

    def encode_batch(self, texts):
        for text in texts:
            if any(word in str(text) for word in self._refused):
                raise Panic("index out of bounds")
        return self._tokenizer.encode_batch(texts)


def request(spec):
    tensors = []
    for name, values in spec["inputs"].items():
        if isinstance(values, dict):
            tensors.append(pb_utils.Tensor(name, np.array(values["data"], dtype=values["type"])))
            continue
        rows = [value if isinstance(value, list) else [value] for value in values]
        array = np.empty((len(rows), len(rows[0]) if rows else 1), dtype=object)
        for place, row in enumerate(rows):
            array[place] = [base64.b64decode(value) for value in row]
        tensors.append(pb_utils.Tensor(name, array))
    made = pb_utils.InferenceRequest(tensors, parameters=spec["parameters"])
    made.cancelled = spec.get("cancelled", False)
    return made


def answer(response):
    if response.has_error():
        error = response.error()
        names = [name for name, value in vars(pb_utils.TritonError).items() if name.isupper() and value == error.code()]
        return {"error": error.message(), "code": names[0]}
    return {
        tensor.name(): {"dtype": str(tensor.as_numpy().dtype), "data": tensor.as_numpy().tolist()}
        for tensor in response.output_tensors()
    }


def run(case):
    sys.path.insert(0, case["model"])
    networks.use(case["networks"])
    spec = importlib.util.spec_from_file_location("model", os.path.join(case["model"], "model.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model = module.TritonPythonModel()
    try:
        model.initialize({"model_config": json.dumps(case["config"])})
    except Exception as error:
        return {"initialize": str(error)}
    if case["refused"]:
        texts = model.text_tokenizer
        texts.tokenizer = PanickingTokenizer(texts.tokenizer, case["refused"])
    responses = [call(model, [request(spec) for spec in specs]) for specs in case["calls"]]
    if hasattr(model, "finalize"):
        model.finalize()
    return {"responses": responses}


def call(model, requests):
    responses = model.execute(requests)
    if responses is not None:
        return [answer(response) for response in responses]
    # A model may answer when `execute` has long returned.
    until = time.monotonic() + 10
    while not all(request.ended for request in requests) and time.monotonic() < until:
        time.sleep(0.01)
    if not all(request.ended for request in requests):
        raise RuntimeError("a request has no last response")
    return [{"stream": [answer(response) for response in request.sent]} for request in requests]


sys.dont_write_bytecode = True
json.dump([run(case) for case in json.load(sys.stdin)], sys.stdout)
