"""Finds answers to questions in texts: a model of Triton's Python backend that asks an extractive question answerer.

QUESTION, CONTEXT -> for each row JSON {"score", "start", "end", "answer"}, places in characters; a list of them where top_k is more
than 1. Long contexts are read in windows that overlap by `stride` tokens. Parameters: top_k, max_answer_len, handle_impossible_answer,
align_to_words, as in transformers' pipeline.
"""

import unicodedata

import numpy as np
from td_texts import BadRequest, Job, Options, TextModel, strings

# Scripts that are written without spaces: a letter there is not part of a longer word.
UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0xA4CF), (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x20000, 0x3FFFF))


def in_word(letter):
    code = ord(letter)
    return unicodedata.category(letter)[0] in "LMN" and not any(first <= code <= last for first, last in UNSPACED)


class Window:
    """A stretch of the context as the network reads it: tokens `first` to `last` of the encoding, `offset` columns further left."""

    def __init__(self, first, last, start):
        self.first, self.last, self.start = first, last, start


class TritonPythonModel(TextModel):
    pairs = True
    truncates = False

    def read(self, request):
        questions = strings(request, "QUESTION", self.max_characters)
        contexts = strings(request, "CONTEXT", self.max_characters)
        if len(questions) != len(contexts):
            raise BadRequest(f"QUESTION has {len(questions)} rows, but CONTEXT has {len(contexts)}")
        options = Options(request)
        return Job(
            self.shape(request, "QUESTION"),
            list(zip(questions, contexts)),
            top_k=options.integer("top_k", 1, 1, 100),
            max_answer_len=options.integer("max_answer_len", 15, 1, 1000),
            handle_impossible_answer=options.boolean("handle_impossible_answer", False),
            align_to_words=options.boolean("align_to_words", True),
        )

    def rows(self, job):
        rows, job.windows = [], []
        for row, encoding in enumerate(job.encodings):
            windows = self.windows(row, encoding)
            job.windows.append(windows)
            for window in windows:
                rows.append((self.cut(encoding.ids, encoding, window), self.cut(encoding.type_ids, encoding, window)))
        return rows

    def context(self, encoding):
        """First token of the context, and the one after its last."""
        places = [place for place, sequence in enumerate(encoding.sequence_ids) if sequence == 1]
        return (places[0], places[-1] + 1) if places else (0, 0)

    def windows(self, row, encoding):
        first, last = self.context(encoding)
        if first == last:
            raise BadRequest(f"row {row}: CONTEXT has no tokens")
        around = len(encoding.ids) - (last - first)
        room = self.max_length - around
        if room < max(1, self.max_length // 4):
            raise BadRequest(f"row {row}: QUESTION is too long: of {self.max_length} tokens it leaves {room} for the context")
        # At least half of a window is new.
        step = max(room - self.settings["stride"], (room + 1) // 2)
        windows = [Window(first, min(first + room, last), first)]
        while windows[-1].last < last:
            start = windows[-1].first + step
            windows.append(Window(start, min(start + room, last), first))
        return windows

    def cut(self, values, encoding, window):
        first, last = self.context(encoding)
        return [*values[:first], *values[window.first : window.last], *values[last:]]

    def answer(self, job, outputs):
        answers, outputs = [], iter(outputs)
        for (_, context), encoding, windows in zip(job.texts, job.encodings, job.windows):
            found, least_null = [], 1000000.0
            for window in windows:
                output = next(outputs)
                null = self.add_answers(found, context, encoding, window, output, job.facts)
                least_null = min(least_null, null)
            if job.facts["handle_impossible_answer"]:
                found.append({"score": least_null, "start": 0, "end": 0, "answer": ""})
            found.sort(key=lambda answer: -answer["score"])
            top_k = job.facts["top_k"]
            answers.append(found[0] if top_k == 1 else found[:top_k])
        return answers

    def add_answers(self, found, context, encoding, window, output, facts):
        """Adds a window's best answers to `found`; gives the score of there being none."""
        begin, count = window.start, window.last - window.first
        # The first token, the tokenizer's own, says that there is no answer: it takes part whether that is asked for or not.
        columns = np.concatenate([[0], np.arange(begin, begin + count)])
        starts = output["start_logits"][columns].astype(np.float64)
        ends = output["end_logits"][columns].astype(np.float64)
        total = log_total(starts) + log_total(ends)
        for first, last, both in best_spans(starts[1:], ends[1:], facts["max_answer_len"], facts["top_k"]):
            score = float(np.exp(both - total))
            start = encoding.offsets[window.first + first][0]
            end = encoding.offsets[window.first + last][1]
            start, end = trimmed(context, start, end)
            if facts["align_to_words"]:
                start, end = whole_words(context, start, end)
            answer = context[start:end]
            same = next((other for other in found if other["answer"].lower() == answer.lower()), None)
            if same:
                same["score"] += score
            else:
                found.append({"score": score, "start": start, "end": end, "answer": answer})
        return float(np.exp(starts[0] + ends[0] - total))


def log_total(logits):
    """What a softmax divides by, as a logarithm."""
    largest = np.max(logits)
    return largest + np.log(np.sum(np.exp(logits - largest)))


def best_spans(starts, ends, longest, count):
    """(first, last, sum) of the `count` likeliest spans of up to `longest` tokens: by sums of logits, which are exact, so that
    equal ones stay in order."""
    width = min(longest, len(starts))
    places = np.arange(len(starts))[:, None] + np.arange(width)[None, :]
    inside = places < len(ends)
    sums = np.where(inside, starts[:, None] + ends[np.minimum(places, len(ends) - 1)], -np.inf).reshape(-1)
    for place in np.argsort(-sums, kind="stable")[:count]:
        first, further = divmod(int(place), width)
        if first + further < len(ends):
            yield first, first + further, sums[place]


def trimmed(text, start, end):
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def whole_words(text, start, end):
    while 0 < start < len(text) and in_word(text[start - 1]) and in_word(text[start]):
        start -= 1
    while 0 < end < len(text) and in_word(text[end - 1]) and in_word(text[end]):
        end += 1
    return start, end
