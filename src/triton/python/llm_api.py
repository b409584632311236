"""Writes texts with the LLM API of TensorRT-LLM: a model of Triton's Python backend, for images that have that library.

model.yaml has the arguments of LLM() and, as triton_config, what config.pbtxt says, too. Inputs and outputs have the names of the
LLM-API repository that TensorRT-LLM ships: `streaming` asks for the text so far, again and again. Requests run side by side: each is a
coroutine of one event loop, and `execute` waits for none of them.
"""

import asyncio
import os
import threading

import numpy as np
import triton_python_backend_utils as pb_utils
import yaml

# Input "sampling_param_<name>" -> argument <name> of SamplingParams.
SAMPLING = (
    "best_of",
    "temperature",
    "top_k",
    "top_p",
    "frequency_penalty",
    "presence_penalty",
    "max_tokens",
    "seed",
    "exclude_input_from_output",
)
# Input "return_<name>" -> type of the output <name>.
DETAILS = {"finish_reason": object, "stop_reason": object, "cumulative_logprob": np.float32}
# How often to look whether the client has gone, in seconds.
CANCELLATION_PERIOD = 0.1


class BadRequest(ValueError):
    """Something that the client has to change."""


def text_of(name, value):
    try:
        return value if isinstance(value, str) else bytes(value).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"{name}: not UTF-8 at byte {error.start}") from None


def values_of(request, name):
    """The elements of an input, or None where it was not given."""
    tensor = pb_utils.get_input_tensor_by_name(request, name)
    return None if tensor is None else tensor.as_numpy().reshape(-1).tolist()


def value_of(request, name, default=None):
    values = values_of(request, name)
    if values is None:
        return default
    if len(values) != 1:
        raise BadRequest(f"{name} must be one value")
    return values[0]


def sampling_of(request):
    given = {name: value_of(request, f"sampling_param_{name}") for name in SAMPLING}
    stops = values_of(request, "sampling_param_stop")
    if stops is not None:
        given["stop"] = [text_of("sampling_param_stop", stop) for stop in stops]
    return {name: value for name, value in given.items() if value is not None}


def response_of(output, details):
    """What has been written so far: an element for each text of the answer."""
    texts = np.array([each.text for each in output.outputs], dtype=object)
    tensors = [pb_utils.Tensor("text_output", texts)]
    for name in details:
        found = [getattr(each, name) for each in output.outputs]
        if DETAILS[name] is object:
            values = np.array(["" if value is None else str(value) for value in found], dtype=object)
        else:
            values = np.array([np.nan if value is None else value for value in found], dtype=DETAILS[name])
        tensors.append(pb_utils.Tensor(name, values))
    return pb_utils.InferenceResponse(tensors)


class TritonPythonModel:
    def initialize(self, args):
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "model.yaml"), encoding="utf-8") as file:
            arguments = yaml.safe_load(file)
        del arguments["triton_config"]
        # Importing the library takes hold of the GPUs, which a process that only reads the configuration must not do.
        from tensorrt_llm import LLM, SamplingParams

        self.sampling_params = SamplingParams
        self.llm = LLM(**arguments)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.running = set()

    def execute(self, requests):
        for request in requests:
            future = asyncio.run_coroutine_threadsafe(self.answer(request), self.loop)
            self.running.add(future)
            future.add_done_callback(self.running.discard)
        return None

    def finalize(self):
        for future in list(self.running):
            future.result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.llm.shutdown()

    async def answer(self, request):
        sender = request.get_response_sender()
        try:
            await self.write(request, sender)
        except Exception as error:
            code = pb_utils.TritonError.INVALID_ARG if isinstance(error, BadRequest) else pb_utils.TritonError.INTERNAL
            sender.send(pb_utils.InferenceResponse(error=pb_utils.TritonError(str(error), code)))
        sender.send(flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)

    async def write(self, request, sender):
        prompt = value_of(request, "text_input")
        if prompt is None:
            raise BadRequest("input text_input is missing")
        prompt, sampling = text_of("text_input", prompt), sampling_of(request)
        streams = bool(value_of(request, "streaming", False))
        details = [name for name in DETAILS if value_of(request, f"return_{name}", False)]
        output = self.llm.generate_async(prompt, self.sampling_params(**sampling), streaming=streams)
        watch = asyncio.ensure_future(self.abort_when_cancelled(sender, output))
        try:
            async for written in output:
                if streams:
                    sender.send(response_of(written, details))
        finally:
            watch.cancel()
        if sender.is_cancelled():
            cancelled = pb_utils.TritonError("the request was cancelled", pb_utils.TritonError.CANCELLED)
            sender.send(pb_utils.InferenceResponse(error=cancelled))
        elif not streams:
            sender.send(response_of(output, details))

    async def abort_when_cancelled(self, sender, output):
        while not sender.is_cancelled():
            await asyncio.sleep(CANCELLATION_PERIOD)
        output.abort()
