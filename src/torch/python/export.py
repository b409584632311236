"""Traces a checkpoint of Transformers with torch.onnx.export.

    python export.py CHECKPOINT TASK OUTPUT_FOLDER REFUSAL_FILE

writes model.onnx and its data into OUTPUT_FOLDER. What is wrong with the checkpoint is written to REFUSAL_FILE as JSON, with exit code 3;
any other failure is an exception, whose traceback goes to stderr.
"""

import inspect
import json
import pathlib
import sys

import onnx
import torch
import transformers

CLASSES = {
    "text-classification": ("AutoModelForSequenceClassification", ["logits"]),
    "zero-shot-classification": ("AutoModelForSequenceClassification", ["logits"]),
    "text-ranking": ("AutoModelForSequenceClassification", ["logits"]),
    "token-classification": ("AutoModelForTokenClassification", ["logits"]),
    "question-answering": ("AutoModelForQuestionAnswering", ["start_logits", "end_logits"]),
    "fill-mask": ("AutoModelForMaskedLM", ["logits"]),
    "feature-extraction": ("AutoModel", ["last_hidden_state"]),
}
OPSET = 18


class ByName(torch.nn.Module):
    """The model with its outputs as a tuple, in the order of their names."""

    def __init__(self, model, inputs, outputs):
        super().__init__()
        self.model, self.inputs, self.outputs = model, inputs, outputs

    def forward(self, *tensors):
        result = self.model(**dict(zip(self.inputs, tensors)))
        return tuple(result[name] for name in self.outputs)


def refuse(file, code, found):
    pathlib.Path(file).write_text(json.dumps({"code": code, "found": found}))
    sys.exit(3)


def step(text):
    print(f"td: {text}", flush=True)


def load(checkpoint, class_name, refusal):
    """The model, whole: a weight that is missing would be drawn at random."""
    model, info = getattr(transformers, class_name).from_pretrained(
        checkpoint,
        attn_implementation="eager",
        local_files_only=True,
        use_safetensors=True,
        trust_remote_code=False,
        output_loading_info=True,
    )
    for key in ("missing_keys", "mismatched_keys"):
        names = sorted(str(entry[0] if isinstance(entry, tuple) else entry) for entry in info.get(key) or [])
        if names:
            refuse(refusal, key.replace("_", "-"), names[:8])
    return model.float().eval()


def example(model):
    """Two texts, one of them padded: neither size is 1, and the mask is not all ones, so nothing is traced away."""
    accepted = inspect.signature(model.forward).parameters
    ids = torch.arange(2, 18).reshape(2, 8) % model.config.vocab_size
    mask = torch.ones_like(ids)
    mask[1, 6:] = 0
    tensors = {"input_ids": ids, "attention_mask": mask}
    if "token_type_ids" in accepted and (getattr(model.config, "type_vocab_size", 0) or 0) > 1:
        tensors["token_type_ids"] = torch.zeros_like(ids)
    return tensors


def without_traces(path):
    """Where each node stands in whose source code is nobody's business, and differs from machine to machine."""
    model = onnx.load(path, load_external_data=False)
    model.doc_string = ""
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    for item in (*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output):
        item.doc_string = ""
        del item.metadata_props[:]
    onnx.save(model, path)


def main(checkpoint, task, output, refusal):
    class_name, outputs = CLASSES[task]
    step("loading")
    model = load(checkpoint, class_name, refusal)
    tensors = example(model)
    step("tracing")
    axes = {0: torch.export.Dim("batch_size"), 1: torch.export.Dim.AUTO}
    path = str(pathlib.Path(output) / "model.onnx")
    with torch.no_grad():
        torch.onnx.export(
            ByName(model, list(tensors), outputs).eval(),
            tuple(tensors.values()),
            path,
            input_names=list(tensors),
            output_names=outputs,
            dynamic_shapes={"tensors": tuple(axes for _ in tensors)},
            opset_version=OPSET,
            external_data=True,
            dynamo=True,
            verbose=False,
        )
    without_traces(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
