"""What the Python models of a repository share: texts of requests, their tokens, padding, errors, and asking a network.

Stands beside model.py. Needs numpy, which the Triton image has, and the package `tokenizers`; neither transformers nor torch.
"""

import json
import os

# One process per instance, and the model beside it wants the cores. An operator's own setting wins.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np
import triton_python_backend_utils as pb_utils
from tokenizers import Tokenizer

NUMPY_TYPES = {"TYPE_INT32": np.int32, "TYPE_INT64": np.int64}


class BadRequest(ValueError):
    """Something that the client has to change. Fails its own request and no other of the batch."""


class NetworkError(RuntimeError):
    """What a network answered instead of its outputs; goes to the client with the network's own code."""

    def __init__(self, error):
        super().__init__(error.message())
        self.code = error.code()


def failure(error):
    code = pb_utils.TritonError.INTERNAL
    if isinstance(error, BadRequest):
        code = pb_utils.TritonError.INVALID_ARG
    elif isinstance(error, NetworkError):
        code = error.code
    return pb_utils.InferenceResponse(error=pb_utils.TritonError(str(error), code))


def read_settings(folder):
    with open(os.path.join(folder, "td.json"), encoding="utf-8") as file:
        return json.load(file)


def strings(request, name, max_characters):
    """The texts of an input, in row-major order."""
    tensor = pb_utils.get_input_tensor_by_name(request, name)
    if tensor is None:
        raise BadRequest(f"input {name} is missing")
    return [string(name, row, value, max_characters) for row, value in enumerate(tensor.as_numpy().reshape(-1))]


def string(name, row, value, max_characters):
    # UTF-8 has at most 4 bytes a character: no need to decode what is certainly too long.
    if len(value) > 4 * max_characters:
        raise BadRequest(f"{name}, row {row}: longer than {max_characters} characters")
    try:
        text = value if isinstance(value, str) else bytes(value).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"{name}, row {row}: not UTF-8 at byte {error.start}") from None
    if len(text) > max_characters:
        raise BadRequest(f"{name}, row {row}: longer than {max_characters} characters")
    return text


class Options:
    """The parameters of a request, each of which may be left out."""

    def __init__(self, request):
        self.given = json.loads(request.parameters() or "{}")

    def choice(self, name, default, choices):
        value = self.given.get(name, default)
        if value not in choices:
            raise BadRequest(f"{name} must be one of {', '.join(choices)}")
        return value

    def integer(self, name, default, least, most):
        value = self.given.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise BadRequest(f"{name} must be an integer from {least} to {most}")
        return value

    def boolean(self, name, default):
        value = self.given.get(name, default)
        if not isinstance(value, bool):
            raise BadRequest(f"{name} must be true or false")
        return value

    def text(self, name, default):
        value = self.given.get(name, default)
        if not isinstance(value, str):
            raise BadRequest(f"{name} must be a text")
        return value


class TextTokenizer:
    """tokenizer.json of a folder, cutting texts to max_length tokens unless that is None."""

    def __init__(self, folder, settings, pairs, max_length):
        self.tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
        special = self.tokenizer.num_special_tokens_to_add(pairs)
        if settings["max_length"] <= special:
            raise ValueError(f"max_length is {settings['max_length']}, but {special} special tokens are added to a text")
        # tokenizer.json may carry truncation and padding of its own: ours replace them.
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        if max_length is not None:
            self.tokenizer.enable_truncation(max_length, direction=settings["truncation_side"])

    def encode(self, texts):
        """For each text its encoding, or the error that it caused."""
        if not texts:
            return []
        try:
            return self.tokenizer.encode_batch(texts)
        # Panics of the Rust code come as a BaseException that is no Exception; uncaught, they fail the whole batch.
        except BaseException as error:
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            if len(texts) == 1:
                return [error]
            return [encoding for text in texts for encoding in self.encode([text])]


def refuse_unencoded(encodings):
    for row, encoding in enumerate(encodings):
        if isinstance(encoding, BaseException):
            raise BadRequest(f"row {row}: the tokenizer refuses it: {encoding}")


class Padding:
    """Rows of tokens as tensors [rows, length], where length is one of a few."""

    def __init__(self, settings):
        self.buckets = settings["buckets"]
        self.left = settings["padding_side"] == "left"
        self.fill = {
            "input_ids": settings["pad_token_id"],
            "attention_mask": 0,
            "token_type_ids": settings["pad_token_type_id"],
        }

    def length(self, longest):
        # Triton merges requests only where their shapes are equal, so lengths are rounded up to a few.
        return next(bucket for bucket in self.buckets if bucket >= longest)

    def columns(self, count, length):
        """Where the tokens of a row stand."""
        return slice(length - count, length) if self.left else slice(0, count)

    def tensors(self, rows, length):
        """rows: (ids, type ids) each."""
        tensors = {name: np.full((len(rows), length), fill) for name, fill in self.fill.items()}
        for row, (ids, type_ids) in enumerate(rows):
            columns = self.columns(len(ids), length)
            tensors["input_ids"][row, columns] = ids
            tensors["attention_mask"][row, columns] = 1
            tensors["token_type_ids"][row, columns] = type_ids
        return tensors


def ask(model, tensors, outputs):
    """One call of another model of the repository: name -> array of each output."""
    request = pb_utils.InferenceRequest(
        model_name=model,
        requested_output_names=list(outputs),
        inputs=[pb_utils.Tensor(name, np.ascontiguousarray(values)) for name, values in tensors.items()],
        preferred_memory=pb_utils.PreferredMemory(pb_utils.TRITONSERVER_MEMORY_CPU, 0),
    )
    response = request.exec()
    if response.has_error():
        raise NetworkError(response.error())
    return {tensor.name(): tensor.as_numpy() for tensor in response.output_tensors()}


class Network:
    """The network beside a model, by td.json's "network": its name, its inputs and their types, its outputs."""

    def __init__(self, settings):
        self.padding = Padding(settings)
        network = settings["network"]
        self.name = network["name"]
        self.inputs = {name: NUMPY_TYPES[type] for name, type in network["inputs"].items()}
        self.outputs = network["outputs"]
        self.per_token = network["per_token"]
        self.max_rows = network["max_rows"]

    def run(self, rows):
        """For each row its outputs, padding cut off, or the error of its batch. Rows of one length go together."""
        results = [None] * len(rows)
        by_length = {}
        for index, (ids, _) in enumerate(rows):
            by_length.setdefault(self.padding.length(len(ids)), []).append(index)
        for length, indices in sorted(by_length.items()):
            for start in range(0, len(indices), self.max_rows):
                batch = indices[start : start + self.max_rows]
                for index, result in zip(batch, self.run_batch([rows[index] for index in batch], length)):
                    results[index] = result
        return results

    def run_batch(self, rows, length):
        tensors = self.padding.tensors(rows, length)
        try:
            outputs = ask(self.name, {name: tensors[name].astype(type) for name, type in self.inputs.items()}, self.outputs)
        except Exception as error:
            return [error] * len(rows)
        results = []
        for row, (ids, _) in enumerate(rows):
            columns = self.padding.columns(len(ids), length) if self.per_token else slice(None)
            results.append({name: outputs[name][row][columns].astype(np.float64) for name in self.outputs})
        return results


class Job:
    """What one request asks: `texts` for the tokenizer, and for each of them where it belongs is known to the model."""

    def __init__(self, shape, texts, **facts):
        self.shape = shape
        self.texts = texts
        self.facts = facts


class TextModel:
    """
    A model that asks a network about texts, and answers with JSON: a string for each row of the request. A kind of model says what it
    reads (`read`), which rows of tokens the network gets (`rows`), and what its outputs mean (`answer`).
    """

    pairs = False
    truncates = True

    def initialize(self, args):
        folder = os.path.dirname(os.path.abspath(__file__))
        self.settings = read_settings(folder)
        self.config = json.loads(args["model_config"])
        self.output = self.config["output"][0]["name"]
        self.max_characters = self.settings["max_characters"]
        self.max_length = self.settings["max_length"]
        self.text_tokenizer = TextTokenizer(
            folder, self.settings, self.pairs, self.max_length if self.truncates else None
        )
        self.network = Network(self.settings)

    def execute(self, requests):
        """One response per request, in order. All texts are tokenised in one call, and the network sees rows of all requests."""
        jobs = [attempt(self.read, request) for request in requests]
        good = [job for job in jobs if isinstance(job, Job)]
        encodings = iter(self.text_tokenizer.encode([text for job in good for text in job.texts]))
        for job in good:
            job.encodings = [next(encodings) for _ in job.texts]
        rows = [attempt(self.checked_rows, job) for job in jobs]
        outputs = iter(self.network.run([row for each in rows if not isinstance(each, Exception) for row in each]))
        responses = []
        for job, each in zip(jobs, rows):
            found = each if isinstance(each, Exception) else [next(outputs) for _ in each]
            responses.append(self.respond(job, found))
        return responses

    def checked_rows(self, job):
        if isinstance(job, Exception):
            return job
        refuse_unencoded(job.encodings)
        return self.rows(job)

    def rows(self, job):
        return [(encoding.ids, encoding.type_ids) for encoding in job.encodings]

    def respond(self, job, outputs):
        try:
            if isinstance(outputs, Exception):
                raise outputs
            for output in outputs:
                if isinstance(output, Exception):
                    raise output
            answers = [
                json.dumps(answer, ensure_ascii=False, separators=(",", ":")) for answer in self.answer(job, outputs)
            ]
            tensor = np.array(answers, dtype=object).reshape(job.shape)
            return pb_utils.InferenceResponse([pb_utils.Tensor(self.output, tensor)])
        except Exception as error:
            return failure(error)

    def shape(self, request, name):
        return pb_utils.get_input_tensor_by_name(request, name).as_numpy().shape


def attempt(work, argument):
    """What came of it, or the exception."""
    try:
        return work(argument)
    except Exception as error:
        return error


def softmax(values):
    powers = np.exp(values - np.max(values, axis=-1, keepdims=True))
    return powers / np.sum(powers, axis=-1, keepdims=True)
