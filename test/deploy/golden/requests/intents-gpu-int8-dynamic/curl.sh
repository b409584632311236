#!/bin/sh
# sh curl.sh [URL]; over gRPC, in this folder:
#   grpcurl -plaintext -import-path .. -proto inference.proto -d @ localhost:8001 inference.GRPCInferenceService/ModelInfer < grpc.json
set -eu
url=${1:-http://localhost:8000}
cd "$(dirname "$0")"

# Tensors as JSON.
curl --silent --show-error --fail-with-body "$url/v2/models/intents-gpu-int8-dynamic/infer" --header 'Content-Type: application/json' --data-binary @request.json

# Tensors as bytes, there and back.
curl --silent --show-error --fail-with-body "$url/v2/models/intents-gpu-int8-dynamic/infer" --header 'Content-Type: application/octet-stream' --header 'Inference-Header-Content-Length: 139' --data-binary @request.bin --output "${TMPDIR:-/tmp}/response.bin"
