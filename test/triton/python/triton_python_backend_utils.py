"""Stand-in for the module that Triton's Python backend gives to a model: the parts that ours uses."""

import json

import networks
import numpy as np

TRITONSERVER_MEMORY_CPU = 0
TRITONSERVER_RESPONSE_COMPLETE_FINAL = 1


class PreferredMemory:
    def __init__(self, type, id=0):
        self.type, self.id = type, id


class TritonError:
    UNKNOWN, INTERNAL, NOT_FOUND, INVALID_ARG, UNAVAILABLE, UNSUPPORTED, ALREADY_EXISTS, CANCELLED = range(8)

    def __init__(self, message, code=INTERNAL):
        self._message, self._code = message, code

    def message(self):
        return self._message

    def code(self):
        return self._code


class Tensor:
    def __init__(self, name, array):
        if name == "":
            raise RuntimeError("Tensor name cannot be an empty string.")
        self._name, self._array = name, np.ascontiguousarray(array)

    def name(self):
        return self._name

    def as_numpy(self):
        return self._array


class InferenceRequest:
    def __init__(
        self, inputs, requested_output_names=(), model_name=None, preferred_memory=None, parameters=None
    ):
        self._inputs, self._outputs, self._model = list(inputs), list(requested_output_names), model_name
        self._parameters = parameters or {}
        self.sent, self.ended, self.cancelled = [], False, False

    def inputs(self):
        return self._inputs

    def parameters(self):
        return json.dumps(self._parameters)

    def get_response_sender(self):
        return self

    def is_cancelled(self):
        return self.cancelled

    def send(self, response=None, flags=0):
        if self.ended:
            raise RuntimeError("a response after the last one")
        self.ended = flags == TRITONSERVER_RESPONSE_COMPLETE_FINAL
        if response is not None:
            self.sent.append(response)

    def exec(self):
        try:
            outputs = networks.run(self._model, {tensor.name(): tensor.as_numpy() for tensor in self._inputs})
        except networks.Refused as error:
            return InferenceResponse(error=TritonError(str(error), TritonError.UNAVAILABLE))
        return InferenceResponse([Tensor(name, outputs[name]) for name in self._outputs or outputs])


class InferenceResponse:
    def __init__(self, output_tensors=(), error=None):
        self._outputs, self._error = list(output_tensors), error

    def output_tensors(self):
        return self._outputs

    def has_error(self):
        return self._error is not None

    def error(self):
        return self._error


def get_input_tensor_by_name(request, name):
    return next((tensor for tensor in request.inputs() if tensor.name() == name), None)
