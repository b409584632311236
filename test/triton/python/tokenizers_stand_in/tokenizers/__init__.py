"""Stand-in for the package `tokenizers` where it is not installed: BERT's WordPiece, and what model.py calls of it.

Of a pair whose texts are both far too long, the odd token may go to the other text than in the real package.
"""

import json
import re
import unicodedata


class Encoding:
    def __init__(self, ids, type_ids):
        self.ids, self.type_ids = ids, type_ids


class Tokenizer:
    @staticmethod
    def from_file(path):
        with open(path, encoding="utf-8") as file:
            return Tokenizer(json.load(file))

    def __init__(self, settings):
        kinds = [settings[part]["type"] for part in ("normalizer", "pre_tokenizer", "model", "post_processor")]
        if kinds != ["BertNormalizer", "BertPreTokenizer", "WordPiece", "TemplateProcessing"]:
            raise ValueError(f"the stand-in knows BERT's tokenizer only, not {kinds}")
        self.model, self.normalizer, self.template = (
            settings["model"],
            settings["normalizer"],
            settings["post_processor"],
        )
        self.added = {token["content"]: token["id"] for token in settings["added_tokens"]}
        self.splitter = re.compile("|".join(re.escape(text) for text in sorted(self.added, key=len, reverse=True)))
        self.max_length, self.cut_left = None, False

    def no_padding(self):
        pass

    def no_truncation(self):
        pass

    def num_special_tokens_to_add(self, is_pair):
        return sum("SpecialToken" in part for part in self.template["pair" if is_pair else "single"])

    def enable_truncation(self, max_length, direction="right"):
        self.max_length, self.cut_left = max_length, direction == "left"

    def encode_batch(self, inputs):
        return [self._encode(*((text, None) if isinstance(text, str) else text)) for text in inputs]

    def _encode(self, text, pair):
        sequences = {"A": self._tokens(text)}
        if pair is not None:
            sequences["B"] = self._tokens(pair)
        if self.max_length is not None:
            self._truncate(sequences, self.max_length - self.num_special_tokens_to_add(pair is not None))
        ids, type_ids = [], []
        for part in self.template["single" if pair is None else "pair"]:
            ((kind, piece),) = part.items()
            if kind == "Sequence":
                added = sequences[piece["id"]]
            else:
                added = self.template["special_tokens"][piece["id"]]["ids"]
            ids += added
            type_ids += [piece["type_id"]] * len(added)
        return Encoding(ids, type_ids)

    def _truncate(self, sequences, room):
        """The longer of two is cut first; when both must be, the room is halved and the longer one gets the odd token.

        Which one is longer is decided after each was cut to `max_length` by itself, as tokenizers 0.23 does.
        """
        if sum(len(ids) for ids in sequences.values()) <= room:
            return
        lengths = {name: min(len(ids), self.max_length) for name, ids in sequences.items()}
        if len(lengths) == 1:
            lengths["A"] = room
        else:
            short, long = sorted(lengths, key=lengths.get) if lengths["A"] != lengths["B"] else ("A", "B")
            lengths[short] = min(lengths[short], room // 2)
            lengths[long] = room - lengths[short]
        for name, length in lengths.items():
            ids = sequences[name]
            sequences[name] = ids[len(ids) - length :] if self.cut_left else ids[:length]

    def _tokens(self, text):
        ids, start = [], 0
        for match in self.splitter.finditer(text):
            ids += self._words(text[start : match.start()])
            ids.append(self.added[match.group()])
            start = match.end()
        return ids + self._words(text[start:])

    def _words(self, text):
        return [id for word in self._split(self._normalize(text)) for id in self._pieces(word)]

    def _normalize(self, text):
        if self.normalizer["clean_text"]:
            kept = (c for c in text if c not in "\0\ufffd" and not _is_control(c))
            text = "".join(" " if _is_space(c) else c for c in kept)
        if self.normalizer["handle_chinese_chars"]:
            text = "".join(f" {c} " if _is_chinese(c) else c for c in text)
        lowercase, strip = self.normalizer["lowercase"], self.normalizer["strip_accents"]
        if strip or (strip is None and lowercase):
            text = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
        return "".join(c.lower() for c in text) if lowercase else text

    def _split(self, text):
        word = ""
        for character in text:
            if _is_space(character) or _is_punctuation(character):
                if word:
                    yield word
                word = ""
                if not _is_space(character):
                    yield character
            else:
                word += character
        if word:
            yield word

    def _pieces(self, word):
        vocabulary, prefix = self.model["vocab"], self.model["continuing_subword_prefix"]
        unknown = [vocabulary[self.model["unk_token"]]]
        if len(word) > self.model["max_input_chars_per_word"]:
            return unknown
        ids, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = (prefix if start else "") + word[start:end]
                if piece in vocabulary:
                    ids.append(vocabulary[piece])
                    start = end
                    break
            else:
                return unknown
        return ids


def _is_space(c):
    return c in "\t\n\r" or c.isspace()


def _is_control(c):
    return c not in "\t\n\r" and unicodedata.category(c) in ("Cc", "Cf", "Cn", "Co")


def _is_punctuation(c):
    return 33 <= ord(c) <= 47 or 58 <= ord(c) <= 64 or 91 <= ord(c) <= 96 or 123 <= ord(c) <= 126 or unicodedata.category(c).startswith("P")


def _is_chinese(c):
    ranges = (
        (0x4E00, 0x9FFF),
        (0x3400, 0x4DBF),
        (0x20000, 0x2A6DF),
        (0x2A700, 0x2B73F),
        (0x2B740, 0x2B81F),
        (0x2B920, 0x2CEAF),
        (0xF900, 0xFAFF),
        (0x2F800, 0x2FA1F),
    )
    return any(low <= ord(c) <= high for low, high in ranges)
