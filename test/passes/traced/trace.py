"""Traces checkpoints of test/reference with PyTorch, as Optimum (TorchScript) and torch.onnx (dynamo) do.

    python trace.py [CASE ...]

needs torch, transformers, onnx and onnxscript. Each case names the major version of transformers that traced it; with another one
installed it is left out. Inputs and outputs have the names and dynamic axes of the Hub's convention.
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
    "distilbert-dynamo-20": ("distilbert_seqcls", 5, "dynamo", 20, "sdpa"),
    "distilbert-qa-torchscript-17": ("distilbert_qa", 5, "torchscript", 17, "sdpa"),
    "distilbert-torchscript-14": ("distilbert_seqcls", 4, "torchscript", 14, "sdpa"),
    "electra-dynamo-18-eager": ("electra_seqcls", 5, "dynamo", 18, "eager"),
    "mpnet-torchscript-17-eager": ("mpnet_base", 5, "torchscript", 17, "eager"),
    "roberta-dynamo-18": ("roberta_seqcls", 5, "dynamo", 18, "sdpa"),
    "roberta-torchscript-14": ("roberta_seqcls", 4, "torchscript", 14, "sdpa"),
    "modernbert-torchscript-17": ("modernbert_seqcls", 5, "torchscript", 17, "sdpa"),
}

HERE = pathlib.Path(__file__).parent
AXES = {0: "batch_size", 1: "sequence_length"}


class Ordered(torch.nn.Module):
    """The model with its inputs and outputs by position."""

    def __init__(self, model, inputs, outputs):
        super().__init__()
        self.model, self.inputs, self.outputs = model, inputs, outputs

    def forward(self, *tensors):
        result = self.model(**dict(zip(self.inputs, tensors)))
        return tuple(result[name] for name in self.outputs)


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
    arguments = tuple(tensors[name] for name in inputs)
    out = HERE / case
    out.mkdir(exist_ok=True)
    path = out / "model.onnx"
    settings = {"input_names": inputs, "output_names": outputs, "opset_version": opset}
    module = Ordered(model, inputs, outputs)
    if exporter == "torchscript":
        sequence = example["inputs"]["input_ids"][1]
        axes = {name: AXES for name in inputs}
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
    for case in sys.argv[1:] or CASES:
        checkpoint, version, *settings = CASES[case]
        if version == major:
            trace(case, checkpoint, *settings)
        else:
            print(f"{case}: needs transformers {version}", file=sys.stderr)
