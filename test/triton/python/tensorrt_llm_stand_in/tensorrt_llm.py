"""Stand-in for the LLM API of TensorRT-LLM: the parts that ours uses, with the prompt's words, backwards, as the answer.

A model called "broken" does not start. The word "forever" makes an answer that ends when it is aborted.
"""

import asyncio
from dataclasses import dataclass


@dataclass
class SamplingParams:
    """Knows its fields only: an unknown one is a TypeError, as it is there."""

    max_tokens: int = 32
    best_of: int = 1
    temperature: float = None
    top_k: int = None
    top_p: float = None
    frequency_penalty: float = None
    presence_penalty: float = None
    seed: int = None
    stop: list = None
    exclude_input_from_output: bool = True


@dataclass
class CompletionOutput:
    text: str = ""
    finish_reason: str = None
    stop_reason: str = None
    cumulative_logprob: float = None


class RequestOutput:
    def __init__(self, words, params, streaming):
        self.words, self.params, self.streaming, self.aborted = words, params, streaming, False
        self.outputs = [CompletionOutput() for _ in range(params.best_of)]

    def abort(self):
        self.aborted = True

    async def __aiter__(self):
        said, reason = [], "length"
        for word in self.words:
            while word == "forever" and not self.aborted:
                await asyncio.sleep(0.01)
            if self.params.stop and word in self.params.stop:
                reason = "stop"
                break
            said.append(word)
            for output in self.outputs:
                output.text = " ".join(said)
                output.cumulative_logprob = -0.5 * len(said)
            if self.streaming and len(said) < len(self.words):
                yield self
        for output in self.outputs:
            output.finish_reason = reason
            output.stop_reason = word if reason == "stop" else None
        yield self


class LLM:
    def __init__(self, model, backend, **options):
        if model == "broken":
            raise ValueError(f"no checkpoint {model}")
        assert backend == "pytorch", backend
        self.options = options

    def generate_async(self, prompt, sampling_params, streaming=False):
        asyncio.get_running_loop()
        words = list(reversed(prompt.split()))[: sampling_params.max_tokens]
        if "refused" in words:
            raise ValueError("the prompt is too long")
        return RequestOutput(words, sampling_params, streaming)

    def shutdown(self):
        pass
