"""Networks that a model may ask in tests: their outputs are arithmetic of the tokens, and padding does not change them.

{"name": {"outputs": {"logits": width}, "per_token": whether outputs have a column for each token, "refuses": token id or null}}
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
