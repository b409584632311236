"""Turns text into the inputs of a transformer: a model of Triton's Python backend.

Beside this file stand td_texts.py, tokenizer.json (Hugging Face tokenizers) and td.json (lengths, padding, prompt).
"""

import json
import os

import numpy as np
import triton_python_backend_utils as pb_utils
from td_texts import (
    NUMPY_TYPES,
    BadRequest,
    Padding,
    TextTokenizer,
    failure,
    read_settings,
    refuse_unencoded,
    strings,
)


class TritonPythonModel:
    def initialize(self, args):
        folder = os.path.dirname(os.path.abspath(__file__))
        settings = read_settings(folder)
        config = json.loads(args["model_config"])
        self.has_pairs = any(tensor["name"] == "TEXT_PAIR" for tensor in config["input"])
        self.outputs = [(tensor["name"], NUMPY_TYPES[tensor["data_type"]]) for tensor in config["output"]]
        self.max_characters = settings["max_characters"]
        self.prompt = settings["prompt"]
        self.lower_case = settings["lower_case"]
        self.prompt_length = settings["prompt_length"]
        self.batches = config.get("max_batch_size", 0) > 0
        self.padding = Padding(settings)
        self.text_tokenizer = TextTokenizer(folder, settings, self.has_pairs, settings["max_length"])

    def execute(self, requests):
        """One response per request, in order. A request is a batch of texts; all are tokenised in one call."""
        responses = [None] * len(requests)
        texts, spans = [], []
        for index, request in enumerate(requests):
            try:
                rows = self.read(request)
                spans.append((index, len(texts), len(rows)))
                texts += rows
            except Exception as error:
                responses[index] = failure(error)

        encodings = self.text_tokenizer.encode(texts)
        for index, start, count in spans:
            try:
                responses[index] = self.respond(encodings[start : start + count])
            except Exception as error:
                responses[index] = failure(error)
        return responses

    def read(self, request):
        """The texts of a request, or its pairs of texts."""
        texts = [self.prepared(text) for text in strings(request, "TEXT", self.max_characters)]
        if not self.has_pairs:
            return texts
        seconds = strings(request, "TEXT_PAIR", self.max_characters)
        if len(texts) != len(seconds):
            raise BadRequest(f"TEXT has {len(texts)} rows, but TEXT_PAIR has {len(seconds)}")
        return list(zip(texts, seconds))

    def prepared(self, text):
        text = self.prompt + text
        return text.lower() if self.lower_case else text

    def respond(self, encodings):
        refuse_unencoded(encodings)
        length = self.padding.length(max((len(encoding.ids) for encoding in encodings), default=0))
        tensors = self.padding.tensors([(encoding.ids, encoding.type_ids) for encoding in encodings], length)
        lengths = np.full(len(encodings), self.prompt_length)
        tensors["prompt_length"] = lengths.reshape(-1, 1) if self.batches else lengths
        return pb_utils.InferenceResponse(
            [pb_utils.Tensor(name, tensors[name].astype(dtype)) for name, dtype in self.outputs]
        )
