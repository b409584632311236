"""The peers of bench/peers.mjs that need Python: PyTorch, and the files that ONNX Runtime's own tools make.

Reads one JSON object a line, answers with one JSON object a line. Packages: torch, transformers, onnx, onnxruntime; what is
missing is told in the answer to "open", and its rows are left out.
"""

import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")
models = {}
absent = {}


def open_models(checkpoint, plain, folder, threads):
    """Opens the PyTorch forms and writes the files of ONNX Runtime's tools. Returns those files by name."""
    files = {}
    try:
        import torch
        from transformers import AutoModelForSequenceClassification

        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        model = AutoModelForSequenceClassification.from_pretrained(checkpoint, dtype=torch.float32).eval()
        models["PyTorch eager"] = model
        try:
            from torch.ao.quantization import quantize_dynamic

            models["PyTorch dynamic int8"] = quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8)
        except Exception as error:
            absent["PyTorch dynamic int8"] = repr(error)
        models["torch.compile"] = torch.compile(model)
    except ImportError as error:
        absent["PyTorch"] = repr(error)
    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic as ort_quantize_dynamic

        files["ORT quantize_dynamic"] = f"{folder}/quantized.onnx"
        ort_quantize_dynamic(
            plain,
            files["ORT quantize_dynamic"],
            weight_type=QuantType.QInt8,
            per_channel=True,
            extra_options={"MatMulConstBOnly": True},
        )
    except Exception as error:
        files.pop("ORT quantize_dynamic", None)
        absent["ORT quantize_dynamic"] = repr(error)
    try:
        from onnxruntime.transformers import optimizer

        optimized = optimizer.optimize_model(plain, model_type="bert", num_heads=0, hidden_size=0, opt_level=0)
        files["ORT optimizer fp32"] = f"{folder}/optimized.onnx"
        optimized.save_model_to_file(files["ORT optimizer fp32"])
        files["ORT optimizer, quantize_dynamic"] = f"{folder}/optimized-quantized.onnx"
        ort_quantize_dynamic(
            files["ORT optimizer fp32"],
            files["ORT optimizer, quantize_dynamic"],
            weight_type=QuantType.QInt8,
            per_channel=True,
            extra_options={"MatMulConstBOnly": True},
        )
    except Exception as error:
        absent["ORT optimizer"] = repr(error)
    return {"files": files, "models": list(models), "absent": absent}


def run(name, ids, mask):
    """Milliseconds of one forward pass."""
    import torch

    feeds = {
        "input_ids": torch.tensor(ids, dtype=torch.int64),
        "attention_mask": torch.tensor(mask, dtype=torch.int64),
        "token_type_ids": torch.zeros(len(ids), len(ids[0]), dtype=torch.int64),
    }
    start = time.perf_counter()
    models[name](**feeds)
    return {"ms": (time.perf_counter() - start) * 1000}


answers = sys.stdout
sys.stdout = sys.stderr
for line in sys.stdin:
    request = json.loads(line)
    command = request.pop("command")
    try:
        answer = {"open": open_models, "run": run}[command](**request)
    except Exception as error:
        answer = {"error": repr(error)}
    print(json.dumps(answer), file=answers, flush=True)
