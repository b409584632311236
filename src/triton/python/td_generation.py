"""How the next token of a text is chosen: the settings of transformers' GenerationConfig, in numpy. Stands beside model.py."""

import numpy as np

NEVER = np.float32(-np.inf)


class Random:
    """SplitMix32, the finaliser of MurmurHash3: the same numbers of a seed everywhere."""

    def __init__(self, seed):
        self.state = seed & 0xFFFFFFFF

    def next(self):
        self.state = (self.state + 0x9E3779B9) & 0xFFFFFFFF
        mixed = self.state
        mixed = ((mixed ^ (mixed >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
        mixed = ((mixed ^ (mixed >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
        return (mixed ^ (mixed >> 16)) / 2**32


def choose(logits, row):
    """The next token of a row: `row` has tokens, prompt_length, limits (least and most new tokens), settings, random."""
    scores = process(np.array(logits, dtype=np.float32), row)
    if not row.settings["do_sample"]:
        return int(np.argmax(scores))
    return draw(softmax(scores), row.random)


def process(scores, row):
    """The processors in the order of transformers; a token at minus infinity is never chosen."""
    settings, tokens = row.settings, row.tokens
    new = len(tokens) - row.prompt_length
    ends = settings["eos_token_id"]
    if settings["repetition_penalty"] != 1:
        penalize(scores, tokens, settings["repetition_penalty"])
    if settings["no_repeat_ngram_size"] > 0:
        forbid_repeated(scores, tokens, settings["no_repeat_ngram_size"])
    for word in settings["bad_words_ids"]:
        if len(word) == 1 and word[0] in ends:
            continue
        before = len(tokens) - (len(word) - 1)
        if before >= 0 and tokens[before:] == word[:-1]:
            scores[word[-1]] = NEVER
    if new < row.limits[0]:
        scores[known(ends, scores)] = NEVER
    if settings["forced_bos_token_id"] is not None and len(tokens) == 1:
        force(scores, [settings["forced_bos_token_id"]])
    if settings["forced_eos_token_id"] and new == row.limits[1] - 1:
        force(scores, settings["forced_eos_token_id"])
    scores[known(settings["suppress_tokens"], scores)] = NEVER
    # A forced first token is not what begins the text.
    first = 1 if row.prompt_length == 1 and settings["forced_bos_token_id"] is not None else 0
    if new == first:
        scores[known(settings["begin_suppress_tokens"], scores)] = NEVER
    return warp(scores, settings) if settings["do_sample"] else scores


def warp(scores, settings):
    if settings["temperature"] != 1:
        scores = (scores.astype(np.float64) / settings["temperature"]).astype(np.float32)
    count = settings["top_k"]
    if 0 < count < len(scores):
        scores[scores < np.sort(scores)[-count]] = NEVER
    if settings["top_p"] < 1:
        probabilities = softmax(scores)
        # Likeliest last; of equal ones the first token comes last, and the likeliest stays whatever the share.
        order = np.lexsort((-np.arange(len(scores)), probabilities))
        order = order[probabilities[order] > 0]
        scores[order[:-1][np.cumsum(probabilities[order[:-1]]) <= 1 - settings["top_p"]]] = NEVER
    if settings["min_p"] > 0:
        scores[scores < np.float64(np.max(scores)) + np.log(settings["min_p"])] = NEVER
    return scores


def known(tokens, scores):
    return [token for token in tokens if token < len(scores)]


def penalize(scores, tokens, penalty):
    seen = np.unique(tokens)
    values = scores[seen].astype(np.float64)
    scores[seen] = np.where(values < 0, values * penalty, values / penalty).astype(np.float32)


def forbid_repeated(scores, tokens, size):
    """No run of `size` tokens occurs twice: what followed the last ones before is forbidden now."""
    end = len(tokens) - size + 1
    for start in range(max(end, 0)):
        if tokens[start : start + size - 1] == tokens[end : end + size - 1]:
            scores[tokens[start + size - 1]] = NEVER


def force(scores, tokens):
    scores[:] = NEVER
    scores[tokens] = 0


def softmax(scores):
    powers = np.exp(scores.astype(np.float64) - np.float64(np.max(scores)))
    return powers / np.cumsum(powers)[-1]


def draw(probabilities, random):
    """The index at which the sum of probabilities passes a random number."""
    rests = np.subtract.accumulate(np.concatenate([[random.next()], probabilities]))[1:]
    below = np.flatnonzero(rests < 0)
    # Rounding: the probabilities sum to a little less than 1.
    return int(below[0]) if len(below) else int(np.flatnonzero(probabilities)[-1])


class TextStream:
    """Text of tokens as they come: a character whose bytes are spread over several tokens appears when it is whole."""

    def __init__(self, decode):
        self.decode, self.tokens, self.given, self.context = decode, [], 0, 0

    def push(self, token):
        self.tokens.append(token)
        text = self.pending()
        if text == "" or text.endswith("\ufffd"):
            return ""
        self.context, self.given = self.given, len(self.tokens)
        return text

    def end(self):
        text = self.pending()
        self.given = len(self.tokens)
        return text

    def pending(self):
        before = self.decode(self.tokens[self.context : self.given])
        return self.decode(self.tokens[self.context :])[len(before) :]


class StoppedText:
    """Cuts a text before the first of some strings: what may be the beginning of one is held back until that is known."""

    def __init__(self, stops):
        self.stops, self.held, self.stopped = stops, "", False

    def push(self, piece):
        if self.stopped:
            return ""
        text = self.held + piece
        places = [text.find(stop) for stop in self.stops if stop in text]
        if places:
            self.stopped, self.held = True, ""
            return text[: min(places)]
        begun = [count for stop in self.stops for count in range(1, len(stop)) if text.endswith(stop[:count])]
        kept = len(text) - max(begun, default=0)
        self.held = text[kept:]
        return text[:kept]

    def end(self):
        text, self.held = self.held, ""
        return text
