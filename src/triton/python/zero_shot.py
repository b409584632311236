"""Sorts texts into classes that the request names: a model of Triton's Python backend that asks an entailment model.

TEXT, CANDIDATE_LABELS -> for each row JSON {"sequence", "labels", "scores"}, best first, as transformers' pipeline gives them.
Parameters: hypothesis_template, multi_label.
"""

import numpy as np
import triton_python_backend_utils as pb_utils
from td_texts import BadRequest, Job, Options, TextModel, softmax, strings


class TritonPythonModel(TextModel):
    pairs = True

    def read(self, request):
        texts = strings(request, "TEXT", self.max_characters)
        labels = strings(request, "CANDIDATE_LABELS", self.max_characters)
        options = Options(request)
        template = options.text("hypothesis_template", self.settings["hypothesis_template"])
        if "{}" not in template:
            raise BadRequest("hypothesis_template must have a place for the label: {}")
        if self.config.get("max_batch_size", 0) > 0:
            rows, width = self.shape(request, "CANDIDATE_LABELS")
            if rows != len(texts):
                raise BadRequest(f"TEXT has {len(texts)} rows, but CANDIDATE_LABELS has {rows}")
            labels = [labels[row * width : (row + 1) * width] for row in range(rows)]
        else:
            labels = [labels for _ in texts]
        if any(len(row) == 0 for row in labels):
            raise BadRequest("CANDIDATE_LABELS has no labels")
        most = self.settings["max_labels"]
        if any(len(row) > most for row in labels):
            raise BadRequest(f"CANDIDATE_LABELS has more than {most} labels")
        pairs = [(text, template.replace("{}", label)) for text, row in zip(texts, labels) for label in row]
        return Job(
            self.shape(request, "TEXT"),
            pairs,
            sequences=texts,
            labels=labels,
            multi_label=options.boolean("multi_label", False),
        )

    def answer(self, job, outputs):
        answers = []
        start = 0
        for sequence, labels in zip(job.facts["sequences"], job.facts["labels"]):
            logits = np.array([output["logits"] for output in outputs[start : start + len(labels)]])
            start += len(labels)
            scores = self.scores(logits, job.facts["multi_label"] or len(labels) == 1)
            order = np.argsort(-scores, kind="stable")
            answers.append(
                {
                    "sequence": sequence,
                    "labels": [labels[index] for index in order],
                    "scores": [float(scores[index]) for index in order],
                }
            )
        return answers

    def scores(self, logits, independent):
        """logits: [labels, classes of the entailment model]."""
        entailment, contradiction = self.settings["entailment"], self.settings["contradiction"]
        if independent:
            return softmax(logits[:, [contradiction, entailment]])[:, 1]
        return softmax(logits[:, entailment])
