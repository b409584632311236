"""Continues texts, or writes texts of texts: a model of Triton's Python backend that asks a decoder, one token after another.

The keys and values of what was read are kept (KV cache) and given to the network with each token. All texts of a call go through
the network together; each has its own settings, and leaves the batch when it is over. Where td.json says "decoupled", text_input is
answered with text_output, in pieces where `stream` is true; else TEXT is answered row by row.
"""

import json
import os

import numpy as np
import triton_python_backend_utils as pb_utils
from td_generation import Random, StoppedText, TextStream, choose
from td_texts import NUMPY_TYPES, BadRequest, NetworkError, TextTokenizer, ask, failure, read_settings, string, strings

NUMBERS = {"TYPE_FP32": np.float32, "TYPE_FP16": np.float16, **NUMPY_TYPES}


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_integer(value, least):
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < 2**53


# What a request may set: name -> what it must be, and whether a value is that.
PARAMETERS = {
    "max_new_tokens": ("an integer, 1 or more", lambda value: is_integer(value, 1)),
    "min_new_tokens": ("an integer, 0 or more", lambda value: is_integer(value, 0)),
    "do_sample": ("true or false", lambda value: isinstance(value, bool)),
    "temperature": ("a number, 0 or more", lambda value: is_number(value) and value >= 0),
    "top_k": ("an integer, 0 or more", lambda value: is_integer(value, 0)),
    "top_p": ("a number from 0 to 1", lambda value: is_number(value) and 0 <= value <= 1),
    "min_p": ("a number from 0 to 1", lambda value: is_number(value) and 0 <= value <= 1),
    "repetition_penalty": ("a number above 0", lambda value: is_number(value) and value > 0),
    "no_repeat_ngram_size": ("an integer, 0 or more", lambda value: is_integer(value, 0)),
    "seed": ("an integer, 0 or more", lambda value: is_integer(value, 0)),
    "num_beams": ("1: beams are not searched here", lambda value: is_integer(value, 1) and value == 1),
    "stop": (
        "a list of up to 16 texts that are not empty",
        lambda value: isinstance(value, list)
        and len(value) <= 16
        and all(isinstance(stop, str) and stop for stop in value),
    ),
}
# As vLLM calls them.
ALIASES = {"max_tokens": "max_new_tokens", "min_tokens": "min_new_tokens"}


def read_parameters(text, defaults):
    """Settings over defaults, and where the text stops."""
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise BadRequest("sampling_parameters must be a JSON object")
    settings, stops = dict(defaults), []
    for alias, value in given.items():
        name = ALIASES.get(alias, alias)
        if name not in PARAMETERS:
            raise BadRequest(f"there is no sampling parameter '{alias}'; there are {', '.join(PARAMETERS)}")
        expected, accepts = PARAMETERS[name]
        if not accepts(value):
            raise BadRequest(f"{alias} must be {expected}")
        if name == "stop":
            stops = value
        else:
            settings[name] = value
    # A temperature of 0 is no division by it: the likeliest token is taken.
    if "temperature" in given:
        settings["do_sample"] = given.get("do_sample", given["temperature"] > 0) and given["temperature"] > 0
        settings["temperature"] = given["temperature"] or 1
    return settings, stops


class Row:
    """A text that is being written."""

    def __init__(self, tokens, settings, stops, positions, decode, give):
        self.tokens, self.prompt_length, self.settings = list(tokens), len(tokens), settings
        most = settings["max_new_tokens"]
        most = settings["max_length"] - len(tokens) if most is None else most
        least = max(settings["min_new_tokens"], settings["min_length"] - len(tokens))
        self.limits = (least, most if positions is None else min(most, positions - len(tokens)))
        self.random = Random(settings["seed"])
        self.stream, self.text, self.give = TextStream(decode), StoppedText(stops), give
        self.failed = None

    def push(self, token):
        """Takes a token; whether the text goes on."""
        self.tokens.append(token)
        self.give(self.text.push(self.stream.push(token)))
        new = len(self.tokens) - self.prompt_length
        return not self.text.stopped and token not in self.settings["eos_token_id"] and new < self.limits[1]

    def end(self):
        self.give(self.text.push(self.stream.end()))
        self.give(self.text.end())


class TritonPythonModel:
    def initialize(self, args):
        folder = os.path.dirname(os.path.abspath(__file__))
        self.settings = settings = read_settings(folder)
        config = json.loads(args["model_config"])
        self.output = config["output"][0]["name"]
        self.input = config["input"][0]["name"]
        self.text_tokenizer = TextTokenizer(folder, settings, False, None)
        self.defaults = settings["generation"]
        self.positions = settings["positions"]
        self.decoupled = settings["decoupled"]
        self.decoder = settings["decoder"]
        self.encoder = settings["encoder"]
        # Engines have one network for the first call, and one for the others.
        self.later = settings["decoder_with_past"] or self.decoder
        self.cache = [tensor for tensor in self.later["inputs"] if tensor["name"].startswith("past_key_values.")]
        self.names = [tensor["name"] for tensor in self.decoder["inputs"]]

    def decode(self, ids):
        return self.text_tokenizer.tokenizer.decode(ids, skip_special_tokens=True) if ids else ""

    def execute(self, requests):
        texts = [Writing(self, request) for request in requests]
        self.write([row for text in texts for row in text.rows])
        responses = [text.finish() for text in texts]
        return None if self.decoupled else responses

    def encode(self, text):
        (encoding,) = self.text_tokenizer.encode([self.settings["prefix"] + text])
        if isinstance(encoding, BaseException):
            raise BadRequest(f"the tokenizer refuses the text: {encoding}")
        if not encoding.ids:
            raise BadRequest("the text has no tokens")
        limit = self.settings["max_length"] if self.encoder else self.positions
        if limit is not None and len(encoding.ids) > limit:
            raise BadRequest(f"the text has {len(encoding.ids)} tokens, but the model reads {limit} at most")
        return encoding.ids

    def write(self, rows):
        """Writes all texts to their end. An error of the network ends those that were going on."""
        if not rows:
            return
        try:
            state = self.encoded(rows) if self.encoder else self.padded(rows)
            logits, state = self.step(state, state.pop("tokens"))
            while rows:
                going = [place for place, row in enumerate(rows) if row.push(choose(logits[place], row))]
                if not going:
                    return
                if len(going) < len(rows):
                    state = {name: values[going] if name != "columns" else values for name, values in state.items()}
                    rows = [rows[place] for place in going]
                logits, state = self.step(state, np.array([[row.tokens[-1]] for row in rows], dtype=np.int64))
        except NetworkError as error:
            for row in rows:
                row.failed = error

    def padded(self, rows):
        """Prompts of any lengths: the newest token of each is in the last column."""
        columns = max(len(row.tokens) for row in rows)
        tokens = np.zeros((len(rows), columns), dtype=np.int64)
        for place, row in enumerate(rows):
            tokens[place, columns - len(row.tokens) :] = row.tokens
        padding = np.array([columns - len(row.tokens) for row in rows])
        return {"tokens": tokens, "padding": padding, "columns": 0, **self.empty_cache(len(rows))}

    def encoded(self, rows):
        """What the decoder is told of the texts that are read, once."""
        columns = max(len(row.source) for row in rows)
        ids = np.full((len(rows), columns), self.settings["pad_token_id"], dtype=np.int64)
        mask = np.zeros((len(rows), columns), dtype=np.int64)
        for place, row in enumerate(rows):
            ids[place, : len(row.source)] = row.source
            mask[place, : len(row.source)] = 1
        given = {"input_ids": ids, "attention_mask": mask}
        inputs = {
            tensor["name"]: given[tensor["name"]].astype(NUMBERS[tensor["type"]]) for tensor in self.encoder["inputs"]
        }
        hidden = ask(self.encoder["name"], inputs, ["last_hidden_state"])["last_hidden_state"]
        state = {"encoder_hidden_states": hidden, "columns": 0, **self.empty_cache(len(rows))}
        if "encoder_attention_mask" in self.names:
            state["encoder_attention_mask"] = mask
        return {**state, "tokens": np.array([row.tokens for row in rows], dtype=np.int64)}

    def empty_cache(self, rows):
        return {
            tensor["name"]: np.zeros((rows, tensor["dims"][1], 0, tensor["dims"][3]), dtype=NUMBERS[tensor["type"]])
            for tensor in self.cache
        }

    def step(self, state, tokens):
        """Reads tokens [rows, columns] that follow what is in the cache: logits of the last column, and the state with them."""
        columns = state["columns"] + tokens.shape[1]
        inputs = {name: values for name, values in state.items() if name not in ("padding", "columns")}
        inputs["input_ids"] = tokens
        if self.encoder:
            inputs["use_cache_branch"] = np.array([state["columns"] > 0])
        else:
            mask = (np.arange(columns)[None, :] >= state["padding"][:, None]).astype(np.int64)
            inputs["attention_mask"] = mask
            positions = np.where(mask == 1, np.cumsum(mask, axis=1) - 1, 1)
            inputs["position_ids"] = positions[:, -tokens.shape[1] :]
        network = self.later if state["columns"] > 0 else self.decoder
        types = {tensor["name"]: NUMBERS.get(tensor["type"], np.bool_) for tensor in network["inputs"]}
        present = {tensor["name"]: tensor["name"].replace("past_key_values.", "present.", 1) for tensor in self.cache}
        # What a network does not give stays as it is: of the encoder's tokens, what the first call has made of them.
        present = {name: output for name, output in present.items() if output in network["outputs"]}
        outputs = ask(
            network["name"],
            {name: inputs[name].astype(type) for name, type in types.items()},
            ["logits", *present.values()],
        )
        after = {name: outputs[output] for name, output in present.items()}
        return outputs["logits"][:, -1], {**state, **after, "columns": columns}


class Writing:
    """What becomes of one request."""

    def __init__(self, model, request):
        self.model, self.request, self.error, self.rows, self.pieces = model, request, None, [], []
        self.sender = request.get_response_sender() if model.decoupled else None
        self.streams = False
        try:
            self.read()
        except Exception as error:
            self.error, self.rows = error, []

    def read(self):
        model = self.model
        texts = strings(self.request, model.input, model.settings["max_characters"])
        parameters, prepends = "{}", model.settings["prepend_input"]
        if model.decoupled:
            if len(texts) != 1:
                raise BadRequest(f"{model.input} must be one text")
            self.streams = self.flag("stream", False)
            prepends = not self.streams and prepends and not self.flag("exclude_input_in_output", False)
            given = pb_utils.get_input_tensor_by_name(self.request, "sampling_parameters")
            if given is not None:
                (value,) = given.as_numpy().reshape(-1)
                parameters = string("sampling_parameters", 0, value, model.settings["max_characters"])
        settings, stops = read_parameters(parameters, model.defaults)
        for text in texts:
            tokens = model.encode(text)
            place = len(self.pieces)
            self.pieces.append([text] if prepends else [])
            start = [model.settings["start_token_id"]] if model.encoder else tokens
            row = Row(start, settings, stops, model.positions, model.decode, lambda piece, at=place: self.give(at, piece))
            if row.limits[1] < 1:
                raise BadRequest(f"the text has {len(start)} tokens and leaves no room for new ones")
            row.source = tokens
            self.rows.append(row)

    def flag(self, name, default):
        tensor = pb_utils.get_input_tensor_by_name(self.request, name)
        return default if tensor is None else bool(tensor.as_numpy().reshape(-1)[0])

    def give(self, place, piece):
        if piece == "":
            return
        if self.streams:
            self.sender.send(self.response([piece], [1]))
        else:
            self.pieces[place].append(piece)

    def response(self, texts, shape):
        tensor = np.array(texts, dtype=object).reshape(shape)
        return pb_utils.InferenceResponse([pb_utils.Tensor(self.model.output, tensor)])

    def finish(self):
        """The last response, or with a sender that it was sent."""
        failed = self.error or next((row.failed for row in self.rows if row.failed), None)
        if failed is None:
            for row in self.rows:
                row.end()
        if failed is not None:
            last = failure(failed)
        elif self.streams:
            last = None
        else:
            shape = pb_utils.get_input_tensor_by_name(self.request, self.model.input).as_numpy().shape
            last = self.response(["".join(pieces) for pieces in self.pieces], shape)
        if self.sender is None:
            return last
        if last is not None:
            self.sender.send(last)
        self.sender.send(flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)
        return None
