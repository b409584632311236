"""Finds the entities in texts: a model of Triton's Python backend that asks a token classifier.

TEXT -> for each row a JSON list of {"entity_group", "score", "word", "start", "end"}, places in characters. The parameter
aggregation_strategy (simple, first, average, max) is that of transformers' pipeline; "word" is the text itself from start to end.
"""

import numpy as np
from td_texts import Job, Options, TextModel, softmax, strings

STRATEGIES = ("simple", "first", "average", "max")


class TritonPythonModel(TextModel):
    def initialize(self, args):
        super().initialize(args)
        self.labels = self.settings["labels"]
        self.continuation = self.settings["continuation"]
        self.strategy = self.settings["aggregation_strategy"]

    def read(self, request):
        texts = strings(request, "TEXT", self.max_characters)
        strategy = Options(request).choice("aggregation_strategy", self.strategy, STRATEGIES)
        return Job(self.shape(request, "TEXT"), texts, strategy=strategy)

    def answer(self, job, outputs):
        return [
            self.entities(text, encoding, softmax(output["logits"]), job.facts["strategy"])
            for text, encoding, output in zip(job.texts, job.encodings, outputs)
        ]

    def entities(self, text, encoding, scores, strategy):
        words = []
        for token, row in self.tokens(text, encoding, scores):
            if strategy != "simple" and words and token["continues"]:
                words[-1]["rows"].append(row)
                words[-1]["end"] = max(words[-1]["end"], token["end"])
            else:
                words.append({"start": token["start"], "end": token["end"], "rows": [row]})
        groups = []
        for word in words:
            label, score = self.labelled(word["rows"], strategy)
            begins, tag = (label[0] == "B", label[2:]) if label[:2] in ("B-", "I-") else (False, label)
            if groups and not begins and groups[-1]["tag"] == tag:
                groups[-1]["words"].append((word, score))
            else:
                groups.append({"tag": tag, "words": [(word, score)]})
        return [self.entity(text, **group) for group in groups if group["tag"] != "O"]

    def tokens(self, text, encoding, scores):
        """The tokens of the text itself, spaces around them left out."""
        first = True
        for index, (start, end) in enumerate(encoding.offsets):
            if encoding.special_tokens_mask[index]:
                continue
            while start < end and text[start].isspace():
                start += 1
            while start < end and text[end - 1].isspace():
                end -= 1
            # Spaces, and SentencePiece's sign for them, are in no entity.
            if start == end or not encoding.tokens[index].strip("\u2581"):
                continue
            if self.continuation is not None:
                continues = encoding.tokens[index].startswith(self.continuation)
            else:
                around = text[start - 1 : start + 1]
                continues = start > 0 and not any(letter.isspace() for letter in around)
            yield {"start": start, "end": end, "continues": continues and not first}, scores[index]
            first = False

    def labelled(self, rows, strategy):
        """What the scores [tokens, labels] of a word say."""
        row = rows[0]
        if strategy == "max":
            row = max(rows, key=np.max)
        elif strategy == "average":
            row = np.mean(rows, axis=0)
        label = int(np.argmax(row))
        return self.labels[label], float(row[label])

    def entity(self, text, tag, words):
        start, end = words[0][0]["start"], max(word["end"] for word, _ in words)
        score = sum(score for _, score in words) / len(words)
        return {"entity_group": tag, "score": score, "word": text[start:end], "start": start, "end": end}
