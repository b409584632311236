"""Says what may stand where texts have a mask: a model of Triton's Python backend that asks a masked language model.

TEXT -> for each row a JSON list of {"score", "token", "token_str", "sequence"}, likeliest first; a list of such lists where a text has
several masks, as transformers' pipeline gives them. Parameter: top_k.
"""

import numpy as np
from td_texts import BadRequest, Job, Options, TextModel, softmax, strings


class TritonPythonModel(TextModel):
    def read(self, request):
        texts = strings(request, "TEXT", self.max_characters)
        top_k = Options(request).integer("top_k", self.settings["top_k"], 1, 1000)
        return Job(self.shape(request, "TEXT"), texts, top_k=top_k)

    def rows(self, job):
        mask = self.settings["mask_token_id"]
        for row, encoding in enumerate(job.encodings):
            if mask not in encoding.ids:
                raise BadRequest(f"row {row}: no {self.settings['mask_token']} in the first {self.max_length} tokens")
        return super().rows(job)

    def answer(self, job, outputs):
        answers = []
        for encoding, output in zip(job.encodings, outputs):
            mask = self.settings["mask_token_id"]
            found = [
                self.fillings(encoding.ids, place, output["logits"][place], job.facts["top_k"])
                for place, token in enumerate(encoding.ids)
                if token == mask
            ]
            answers.append(found[0] if len(found) == 1 else found)
        return answers

    def fillings(self, ids, place, logits, count):
        scores = softmax(logits)
        tokenizer = self.text_tokenizer.tokenizer
        fillings = []
        for token in np.argsort(-logits, kind="stable")[:count]:
            token = int(token)
            sequence = [*ids[:place], token, *ids[place + 1 :]]
            fillings.append(
                {
                    "score": float(scores[token]),
                    "token": token,
                    "token_str": tokenizer.decode([token], skip_special_tokens=False),
                    "sequence": tokenizer.decode(sequence, skip_special_tokens=True),
                }
            )
        return fillings
