"""Networks that a model may ask in tests: their outputs are arithmetic of the tokens, and padding does not change them.

{"name": {"outputs": {"logits": width}, "per_token": whether outputs have a column for each token, "refuses": token id or null}}
or {"name": {"vocabulary": number of tokens}}, a decoder whose cache holds the tokens themselves, or {"name": {"hidden": 1}}, an encoder. A decoder beside an encoder may be two networks:
with {"call": "first"}, and with {"call": "later"}.
"""

import numpy as np

_networks = {}


class Refused(Exception):
    pass


def use(networks):
    global _networks
    _networks = networks


def run(name, inputs):
    network = _networks[name]
    if "call" in network:
        return _call(network, inputs)
    if "vocabulary" in network:
        return _decoder(network, inputs)
    if "hidden" in network:
        return {"last_hidden_state": (inputs["input_ids"] * inputs["attention_mask"]).astype(np.float32)[:, :, None]}
    ids, mask = inputs["input_ids"], inputs["attention_mask"]
    if network["refuses"] is not None and network["refuses"] in ids:
        raise Refused("the network is out of memory")
    outputs = {}
    for place, (output, width) in enumerate(network["outputs"].items()):
        values = [[_values(row, column + 100 * place) for column in range(width)] for row in _rows(ids, mask)]
        if network["per_token"]:
            array = np.full((*ids.shape, width), np.nan, dtype=np.float32)
            for row, columns in enumerate(values):
                array[row, mask[row] == 1] = np.array(columns).T
            # Logits of one number for each token have no dimension for it.
            array = array[:, :, 0] if width == 1 else array
        else:
            array = np.array([[column[-1] for column in columns] for columns in values], dtype=np.float32)
        outputs[output] = array
    return outputs


def _rows(ids, mask):
    return [[int(token) for token in row[mask[at] == 1]] for at, row in enumerate(ids)]


def _values(row, column):
    """For each token a number from -5 to 5 that depends on it and on what stands before it."""
    state, values = 0, []
    for token in row:
        state = (state * 31 + token * 17 + column * 7919 + 13) % 1009
        values.append(state / 100 - 5)
    return values


def _decoder(network, inputs):
    ids = inputs["input_ids"].astype(np.float32)[:, None, :, None]
    cache = np.concatenate([inputs["past_key_values.0.key"], ids], axis=2)
    mask = inputs.get("attention_mask", np.ones(cache.shape[::2], dtype=np.int64))
    if "use_cache_branch" in inputs and bool(inputs["use_cache_branch"][0]) != (cache.shape[2] > ids.shape[2]):
        raise Refused("use_cache_branch is wrong")
    if network.get("refuses") is not None and network["refuses"] in inputs["input_ids"]:
        raise Refused("the network is out of memory")
    histories = []
    for row, tokens in enumerate(cache[:, 0, :, 0]):
        history = [int(token) for token in tokens[mask[row] == 1]]
        if "encoder_hidden_states" in inputs:
            shown = inputs["encoder_attention_mask"][row] == 1
            history = [int(token) for token in inputs["encoder_hidden_states"][row, shown, 0]] + history
        elif int(inputs["position_ids"][row, -1]) != len(history) - 1:
            raise Refused("position_ids are wrong")
        histories.append(history)
    logits = _logits(inputs["input_ids"].shape, histories, network["vocabulary"])
    return {"logits": logits, "present.0.key": cache, "present.0.value": cache + 1}


def _logits(shape, histories, vocabulary):
    """Of the last column, by all that was read before it."""
    logits = np.full((*shape, vocabulary), np.nan, dtype=np.float32)
    for row, history in enumerate(histories):
        state = 0
        for token in history:
            state = (state * 31 + token * 17 + 13) % 1009
        logits[row, -1] = [(state * 31 + token * 7919) % 1009 / 100 for token in range(vocabulary)]
    return logits


READ = {
    "first": ["encoder_hidden_states"],
    "later": [f"past_key_values.0.{side}.{part}" for side in ("encoder", "decoder") for part in ("key", "value")],
}


def _call(network, inputs):
    """One kind of a decoder's calls. The keys of the encoder's tokens are what the encoder gives; those of later calls are no output."""
    call = network["call"]
    if sorted(inputs) != sorted(["encoder_attention_mask", "input_ids", *READ[call]]):
        raise Refused(f"the {call} call reads other inputs")
    ids = inputs["input_ids"].astype(np.float32)[:, None, :, None]
    if call == "first":
        encoded, cache = inputs["encoder_hidden_states"][:, None], ids
    else:
        encoded, past = inputs["past_key_values.0.encoder.key"], inputs["past_key_values.0.decoder.key"]
        for side, keys in (("encoder", encoded), ("decoder", past)):
            if keys.shape[2] == 0 or np.any(inputs[f"past_key_values.0.{side}.value"] != keys + 1):
                raise Refused(f"the {side}'s cache is wrong")
        cache = np.concatenate([past, ids], axis=2)
    histories = [
        [int(token) for token in encoded[row, 0, inputs["encoder_attention_mask"][row] == 1, 0]]
        + [int(token) for token in cache[row, 0, :, 0]]
        for row in range(len(ids))
    ]
    given = {"decoder": cache, **({"encoder": encoded} if call == "first" else {})}
    logits = _logits(inputs["input_ids"].shape, histories, network["vocabulary"])
    outputs = {"logits": logits}
    for side, keys in given.items():
        outputs[f"present.0.{side}.key"], outputs[f"present.0.{side}.value"] = keys, keys + 1
    return outputs
