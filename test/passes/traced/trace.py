"""Traces checkpoints of test/reference with PyTorch, as Optimum (TorchScript) and torch.onnx (dynamo) do.

    python trace.py [CASE ...]

needs torch, transformers, onnx and onnxscript. Each case names the major version of transformers that traced it; with another one
installed it is left out. Inputs and outputs have the names and dynamic axes of the Hub's convention; decoders have their cache as
inputs and outputs, and `without positions` leaves it to the model where its words are.
"""

import json
import logging
import pathlib
import sys
import warnings

import onnx
import torch
import transformers

# case: (checkpoint, transformers, exporter, opset, attention)
CASES = {
    "albert-dynamo-23": ("albert_seqcls", 5, "dynamo", 23, "sdpa"),
    "albert-torchscript-14-eager": ("albert_seqcls", 4, "torchscript", 14, "eager"),
    "bert-dynamo-18": ("bert_seqcls", 5, "dynamo", 18, "sdpa"),
    "bert-dynamo-20-eager": ("bert_seqcls", 5, "dynamo", 20, "eager"),
    "bert-fill-mask-torchscript-17": ("bert_fillmask", 5, "torchscript", 17, "sdpa"),
    "bert-torchscript-11-eager": ("bert_seqcls", 4, "torchscript", 11, "eager"),
    "bert-torchscript-14": ("bert_seqcls", 4, "torchscript", 14, "sdpa"),
    "bert-torchscript-17": ("bert_seqcls", 5, "torchscript", 17, "sdpa"),
    "deberta-v3-torchscript-17": ("deberta_v3_seqcls", 5, "torchscript", 17, "eager"),
    "distilbert-dynamo-20": ("distilbert_seqcls", 5, "dynamo", 20, "sdpa"),
    "distilbert-qa-torchscript-17": ("distilbert_qa", 5, "torchscript", 17, "sdpa"),
    "distilbert-torchscript-14": ("distilbert_seqcls", 4, "torchscript", 14, "sdpa"),
    "electra-dynamo-18-eager": ("electra_seqcls", 5, "dynamo", 18, "eager"),
    "mpnet-torchscript-17-eager": ("mpnet_base", 5, "torchscript", 17, "eager"),
    "roberta-dynamo-18": ("roberta_seqcls", 5, "dynamo", 18, "sdpa"),
    "roberta-torchscript-14": ("roberta_seqcls", 4, "torchscript", 14, "sdpa"),
    "modernbert-torchscript-17": ("modernbert_seqcls", 5, "torchscript", 17, "sdpa"),
    "vit-torchscript-17": ("vit", 5, "torchscript", 17, "sdpa"),
}
DECODERS = {
    "bloom-torchscript-17": ("bloom", 5, "torchscript", 17, "eager", "without positions"),
    "gpt2-torchscript-14-eager": ("gpt2", 5, "torchscript", 14, "eager", "with positions"),
    "llama-dynamo-18": ("llama", 5, "dynamo", 18, "sdpa", "with positions"),
    "llama-torchscript-17": ("llama", 5, "torchscript", 17, "sdpa", "with positions"),
    "qwen2-torchscript-14": ("qwen2", 5, "torchscript", 14, "sdpa", "with positions"),
}

HERE = pathlib.Path(__file__).parent
AXES = {0: "batch_size", 1: "sequence_length"}
TOTAL = "past_sequence_length + sequence_length"
PAST = 5


class Ordered(torch.nn.Module):
    """The model with its inputs and outputs by position."""

    def __init__(self, model, inputs, outputs):
        super().__init__()
        self.model, self.inputs, self.outputs = model, inputs, outputs

    def forward(self, *tensors):
        result = self.model(**dict(zip(self.inputs, tensors)))
        return tuple(result[name] for name in self.outputs)


class WithCache(torch.nn.Module):
    """A decoder with the keys and values of its cache by position."""

    def __init__(self, model, inputs, layers):
        super().__init__()
        self.model, self.inputs, self.layers = model, inputs, layers

    def forward(self, *tensors):
        words = dict(zip(self.inputs, tensors))
        past = tensors[len(self.inputs) :]
        cache = transformers.DynamicCache()
        for layer in range(self.layers):
            cache.update(past[2 * layer], past[2 * layer + 1], layer)
        result = self.model(**words, past_key_values=cache, use_cache=True)
        layers = result.past_key_values.layers
        return (result.logits, *[tensor for layer in layers for tensor in (layer.keys, layer.values)])


def trace_decoder(case, checkpoint, exporter, opset, attention, positions):
    source = HERE.parent.parent / "reference" / checkpoint
    config = json.loads((source / "config.json").read_text())
    model_class = getattr(transformers, config["architectures"][0])
    model = model_class.from_pretrained(source, dtype=torch.float32, attn_implementation=attention).eval()
    sizes = model.config
    layers, heads = sizes.num_hidden_layers, sizes.num_attention_heads
    shape = (getattr(sizes, "num_key_value_heads", None) or heads, PAST, sizes.hidden_size // heads)

    ids = torch.arange(6).reshape(2, 3) + 5
    mask = torch.ones(2, PAST + 3, dtype=torch.int64)
    mask[1, :2] = 0
    words = {"input_ids": ids, "attention_mask": mask}
    if positions == "with positions":
        words["position_ids"] = (mask.cumsum(-1) - 1).clamp(min=0)[:, -3:]
    sides = [f"{layer}.{side}" for layer in range(layers) for side in ("key", "value")]
    past = [torch.randn(2, *shape) for _ in sides]
    axes = {name: AXES for name in [*words, "logits"]}
    axes["attention_mask"] = {0: "batch_size", 1: TOTAL}
    axes |= {f"past_key_values.{side}": {0: "batch_size", 2: "past_sequence_length"} for side in sides}
    axes |= {f"present.{side}": {0: "batch_size", 2: TOTAL} for side in sides}
    out = HERE / case
    out.mkdir(exist_ok=True)
    path = out / "model.onnx"
    settings = {
        "input_names": [*words, *(f"past_key_values.{side}" for side in sides)],
        "output_names": ["logits", *(f"present.{side}" for side in sides)],
        "opset_version": opset,
    }
    arguments = (*words.values(), *past)
    module = WithCache(model, list(words), layers)
    if exporter == "torchscript":
        torch.onnx.export(module, arguments, str(path), dynamic_axes=axes, dynamo=False, **settings)
    else:
        dims = tuple({axis: torch.export.Dim.DYNAMIC for axis in axes[name]} for name in settings["input_names"])
        shapes = {"tensors": dims}
        torch.onnx.export(
            module, arguments, str(path), dynamic_shapes=shapes, dynamo=True, external_data=False, **settings
        )
    finish(case, checkpoint, exporter, opset, attention)


def trace(case, checkpoint, exporter, opset, attention):
    source = HERE.parent.parent / "reference" / checkpoint
    config = json.loads((source / "config.json").read_text())
    example = json.loads((source / "meta.json").read_text())["cases"][0]
    inputs, outputs = list(example["inputs"]), list(example["outputs"])
    model_class = getattr(transformers, config["architectures"][0])
    model = model_class.from_pretrained(source, dtype=torch.float32, attn_implementation=attention).eval()

    ids = torch.arange(16).reshape(2, 8) + 5
    mask = torch.ones_like(ids)
    mask[1, 6:] = 0
    tensors = {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}
    if "pixel_values" in inputs:
        tensors["pixel_values"] = torch.randn(2, *example["inputs"]["pixel_values"][1:])
    arguments = tuple(tensors[name] for name in inputs)
    out = HERE / case
    out.mkdir(exist_ok=True)
    path = out / "model.onnx"
    settings = {"input_names": inputs, "output_names": outputs, "opset_version": opset}
    module = Ordered(model, inputs, outputs)
    if exporter == "torchscript":
        sequence = example["inputs"].get("input_ids", [1, -1])[1]
        axes = {name: {0: "batch_size"} if name == "pixel_values" else AXES for name in inputs}
        for name, shape in example["outputs"].items():
            has_sequence = len(shape) > 1 and shape[1] == sequence
            axes[name] = AXES if has_sequence else {0: "batch_size"}
        torch.onnx.export(module, arguments, str(path), dynamic_axes=axes, dynamo=False, **settings)
    else:
        dims = {axis: torch.export.Dim(name) for axis, name in AXES.items()}
        shapes = {"tensors": tuple(dims for _ in inputs)}
        torch.onnx.export(
            module, arguments, str(path), dynamic_shapes=shapes, dynamo=True, external_data=False, **settings
        )
    finish(case, checkpoint, exporter, opset, attention)


def finish(case, checkpoint, exporter, opset, attention):
    out = HERE / case
    path = out / "model.onnx"
    strip(path)
    facts = {
        "reference": checkpoint,
        "exporter": exporter,
        "opset": opset,
        "attention": attention,
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
    }
    (out / "case.json").write_text(json.dumps(facts, indent=2) + "\n")
    print(case, path.stat().st_size)


def strip(path):
    """Leaves out the stack traces that the dynamo exporter writes to every node: they name this machine's folders."""
    model = onnx.load(path)
    for message in [model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output]:
        message.ClearField("metadata_props")
        message.ClearField("doc_string")
    for tensor in model.graph.initializer:
        tensor.ClearField("metadata_props")
    path.write_bytes(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    torch.manual_seed(0)
    major = int(transformers.__version__.split(".")[0])
    for case in sys.argv[1:] or [*CASES, *DECODERS]:
        checkpoint, version, *settings = (CASES | DECODERS)[case]
        if version == major:
            (trace if case in CASES else trace_decoder)(case, checkpoint, *settings)
        else:
            print(f"{case}: needs transformers {version}", file=sys.stderr)
