// @ts-nocheck
// biome-ignore-all format: generated
// biome-ignore-all lint: generated
// biome-ignore-all assist: generated
// Generated from deploy.config.schema.json by `npm run generate`.

export const validate = validate10;

const schema11 = {"title":"DeployConfig","type":"object","required":["models","targets"],"additionalProperties":false,"properties":{"$schema":{"title":"Schema","type":"string","examples":["./node_modules/transformer-deploy/deploy.config.schema.json"]},"models":{"title":"Models","type":"object","minProperties":1,"propertyNames":{"$ref":"#/definitions/Name"},"additionalProperties":{"$ref":"#/definitions/Model"},"examples":[{"intents":{"source":"./models/support-intents"}}]},"targets":{"title":"Targets","type":"object","minProperties":1,"propertyNames":{"$ref":"#/definitions/Name"},"additionalProperties":{"$ref":"#/definitions/Target"},"examples":[{"cpu":{"engine":"onnxruntime","precisions":["fp32","int8-dynamic"]}}]},"triton":{"$ref":"#/definitions/Triton"},"benchmark":{"$ref":"#/definitions/Benchmark"},"validation":{"$ref":"#/definitions/Validation"},"auto":{"$ref":"#/definitions/Auto"},"cache":{"$ref":"#/definitions/Cache"},"architectures":{"title":"Architecture plug-ins","type":"array","items":{"type":"string","pattern":".","patternErrorMessage":"the path of a module"},"uniqueItems":true,"examples":[["./my-architecture.ts"]]},"outDir":{"title":"Output folder","type":"string","pattern":".","patternErrorMessage":"the path of a folder","examples":["dist"]}},"definitions":{"Name":{"title":"Name","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_-]*$","patternErrorMessage":"letters, digits, _ and -, beginning with a letter or digit (a dot would make Triton look for a backend)","examples":["intents"]},"Model":{"title":"Model","type":"object","required":["source"],"additionalProperties":false,"examples":[{"source":"./models/support-intents","task":"text-classification"}],"properties":{"source":{"title":"Source","type":["string","object"],"pattern":"^(hub:[^/@\\s]+(/[^/@\\s]+)?(@\\S+)?|(?!hub:|https?://)[\\s\\S]+)$","patternErrorMessage":"a folder, 'hub:org/name@revision' or { onnx: path }","required":["onnx"],"additionalProperties":false,"properties":{"onnx":{"title":"ONNX file","type":"string","pattern":"\\.onnx$","patternErrorMessage":"the path of a file that ends in .onnx","examples":["./model.onnx"]}},"examples":["./models/support-intents","hub:google-bert/bert-base-uncased@main",{"onnx":"./model.onnx"}]},"tokenizer":{"title":"Tokenizer","type":"string","pattern":"^(?!hub:|https?://)[\\s\\S]+$","patternErrorMessage":"a folder","examples":["./models/support-intents"]},"task":{"$ref":"#/definitions/Task"},"shapes":{"title":"Shapes","type":"object","additionalProperties":false,"properties":{"batch":{"title":"Batch","type":"array","items":{"type":"integer","minimum":1},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"sequence":{"title":"Sequence","type":"array","items":{"type":"integer","minimum":1},"minItems":3,"maxItems":3,"examples":[[16,64,128]]}},"examples":[{"batch":[1,8,32],"sequence":[16,64,128]}]},"calibration":{"$ref":"#/definitions/Calibration"},"quantization":{"$ref":"#/definitions/Quantization"},"evaluation":{"$ref":"#/definitions/Evaluation"},"tolerance":{"title":"Tolerance","type":"object","additionalProperties":false,"properties":{"fp32":{"$ref":"#/definitions/Difference"},"fp16":{"$ref":"#/definitions/Difference"},"bf16":{"$ref":"#/definitions/Difference"},"fp8":{"$ref":"#/definitions/Difference"},"int8":{"$ref":"#/definitions/Difference"},"int8-dynamic":{"$ref":"#/definitions/Difference"},"int8-weight":{"$ref":"#/definitions/Difference"},"int4-weight":{"$ref":"#/definitions/Difference"},"auto":{"$ref":"#/definitions/Difference"}},"examples":[{"fp32":0.0001,"fp16":0.02}]},"labels":{"title":"Labels","type":"array","items":{"type":"string","pattern":".","patternErrorMessage":"a name"},"minItems":1,"uniqueItems":true,"examples":[["negative","positive"]]},"exporter":{"title":"Exporter","type":"string","enum":["td","torch"],"examples":["td"]}}},"Task":{"title":"Task","type":"string","enum":["text-classification","token-classification","question-answering","fill-mask","feature-extraction","sentence-similarity","text-ranking","text-generation","text2text-generation","zero-shot-classification","image-classification","automatic-speech-recognition"],"examples":["text-classification"]},"Range":{"title":"Range","type":"array","items":{"type":"integer","minimum":1},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"Calibration":{"title":"Calibration","type":"object","required":["data"],"additionalProperties":false,"examples":[{"data":"./data/calibration.jsonl","samples":256,"method":"percentile"}],"properties":{"data":{"title":"Data","type":"string","pattern":"\\.jsonl$","patternErrorMessage":"the path of a .jsonl file","examples":["./data/calibration.jsonl"]},"samples":{"title":"Samples","type":"integer","minimum":1,"examples":[256]},"method":{"title":"Method","type":"string","enum":["min-max","moving-average","percentile","percentile-99.99","percentile-99.999","entropy","mse"],"examples":["percentile"]}}},"Quantization":{"title":"Quantization","type":"object","additionalProperties":false,"examples":[{"exclude":["classifier"],"smoothing":true}],"properties":{"reduceRange":{"title":"Reduced range","type":"boolean","examples":[true]},"smoothing":{"title":"Smoothing","type":"boolean","examples":[true]},"embeddings":{"title":"Embeddings","type":"boolean","examples":[true]},"exclude":{"title":"Excluded","type":"array","items":{"type":"string","pattern":".","patternErrorMessage":"a path of the model"},"minItems":1,"uniqueItems":true,"examples":[["classifier","bert.encoder.layer.11"]]},"blockSize":{"title":"Block size","type":"integer","enum":[16,32,64,128],"examples":[32]}}},"Evaluation":{"title":"Evaluation","type":"object","required":["data"],"additionalProperties":false,"examples":[{"data":"./data/eval.jsonl","metric":"accuracy","maxDrop":0.01}],"properties":{"data":{"title":"Data","type":"string","pattern":"\\.jsonl$","patternErrorMessage":"the path of a .jsonl file","examples":["./data/eval.jsonl"]},"metric":{"$ref":"#/definitions/Metric"},"maxDrop":{"title":"Largest drop","type":"number","minimum":0,"maximum":1,"examples":[0.01]}}},"Metric":{"title":"Metric","type":"string","enum":["accuracy","f1-macro","f1","exact-match","recall@1","mrr","spearman","ndcg@10","perplexity"],"examples":["accuracy"]},"Difference":{"title":"Difference","type":"number","exclusiveMinimum":0,"examples":[0.001]},"Target":{"title":"Target","type":"object","required":["engine","precisions"],"additionalProperties":false,"examples":[{"engine":"onnxruntime","device":"cpu","precisions":["fp32","int8-dynamic"]},{"engine":"tensorrt","gpu":"sm_90","precisions":["fp16"],"image":"nvcr.io/nvidia/tritonserver:26.06-py3"}],"properties":{"engine":{"title":"Engine","type":"string","enum":["onnxruntime","tensorrt"],"examples":["onnxruntime"]},"device":{"title":"Device","type":"string","enum":["cpu","cuda","webgpu"],"examples":["cpu"]},"gpu":{"title":"GPU","type":"string","pattern":"^sm_[1-9][0-9]{1,2}$","patternErrorMessage":"sm_ and the compute capability without its dot, such as 'sm_90' for 9.0","examples":["sm_90"]},"precisions":{"title":"Precisions","type":"array","items":{"title":"Precision","type":"string","enum":["fp32","fp16","bf16","fp8","int8","int8-dynamic","int8-weight","int4-weight","auto"],"examples":["int8-dynamic"]},"minItems":1,"uniqueItems":true,"examples":[["fp32","int8-dynamic"]]},"image":{"title":"Image","type":"string","pattern":"^\\S+$","patternErrorMessage":"the name of a container image","examples":["nvcr.io/nvidia/tritonserver:26.06-py3"]},"trtexec":{"title":"Path of trtexec","type":"string","pattern":"\\S","patternErrorMessage":"the path of a file","examples":["/usr/src/tensorrt/bin/trtexec"]},"command":{"title":"Command","type":"array","items":{"type":"string","pattern":"\\S","patternErrorMessage":"a word of a command line"},"minItems":1,"examples":[["./on-gpu-node.sh","{program}"]]},"engineOptions":{"$ref":"#/definitions/EngineOptions"}}},"Precision":{"title":"Precision","type":"string","enum":["fp32","fp16","bf16","fp8","int8","int8-dynamic","int8-weight","int4-weight","auto"],"examples":["int8-dynamic"]},"EngineOptions":{"title":"Engine options","type":"object","additionalProperties":false,"examples":[{"workspaceMiB":4096,"builderOptimizationLevel":4}],"properties":{"workspaceMiB":{"title":"Workspace","type":"integer","minimum":1,"examples":[4096]},"builderOptimizationLevel":{"title":"Builder optimization level","type":"integer","minimum":0,"maximum":5,"examples":[3]},"maxAuxStreams":{"title":"Auxiliary streams","type":"integer","minimum":0,"examples":[0]},"tilingOptimizationLevel":{"title":"Tiling optimization level","type":"integer","minimum":0,"maximum":3,"examples":[1]},"hardwareCompatibility":{"title":"Hardware compatibility","type":"string","enum":["none","ampere+","sameComputeCapability"],"examples":["ampere+"]},"versionCompatible":{"title":"Version compatible","type":"boolean","examples":[true]},"excludeLeanRuntime":{"title":"Exclude lean runtime","type":"boolean","examples":[true]},"stripWeights":{"title":"Strip weights","type":"boolean","examples":[true]},"refit":{"title":"Refit","type":"boolean","examples":[true]},"sparsity":{"title":"Sparsity","type":"string","enum":["disable","enable","force"],"examples":["enable"]},"tf32":{"title":"TF32","type":"boolean","examples":[true]},"cudaGraphs":{"title":"CUDA graphs","type":"boolean","examples":[false]},"timingCache":{"title":"Timing cache","type":"string","pattern":"\\S","patternErrorMessage":"the path of a file","examples":["./h100.timing-cache"]},"plugins":{"title":"Plug-ins","type":"array","items":{"type":"string","pattern":"\\S","patternErrorMessage":"the path of a shared library"},"examples":[["./libmine.so"]]},"profiles":{"title":"Optimization profiles","type":"array","items":{"$ref":"#/definitions/EngineProfile"},"minItems":1,"examples":[[{"batch":[1,1,1],"sequence":[1,32,128]}]]},"timeoutMinutes":{"title":"Time-out","type":"number","exclusiveMinimum":0,"examples":[120]}}},"EngineProfile":{"title":"Optimization profile","type":"object","required":["batch","sequence"],"additionalProperties":false,"examples":[{"batch":[1,1,1],"sequence":[1,32,128]}],"properties":{"batch":{"title":"Sizes","type":"array","items":{"type":"integer","minimum":0},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"sequence":{"title":"Sizes","type":"array","items":{"type":"integer","minimum":0},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"past":{"title":"Sizes","type":"array","items":{"type":"integer","minimum":0},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"dimensions":{"title":"Dimensions","type":"object","additionalProperties":{"$ref":"#/definitions/Sizes"},"examples":[{"frames":[1,100,3000]}]}}},"Sizes":{"title":"Sizes","type":"array","items":{"type":"integer","minimum":0},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"Triton":{"title":"Triton","type":"object","additionalProperties":false,"examples":[{"repository":"triton","maxBatchSize":32,"dynamicBatching":true}],"properties":{"repository":{"title":"Repository","type":"string","pattern":"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$","patternErrorMessage":"a path inside outDir, without ..","examples":["triton"]},"maxBatchSize":{"title":"Largest batch","type":"integer","minimum":0,"examples":[32]},"dynamicBatching":{"title":"Dynamic batching","type":["boolean","object"],"additionalProperties":false,"properties":{"maxQueueDelayMicroseconds":{"title":"Queue delay","type":"integer","minimum":0,"examples":[200]},"preferredBatchSizes":{"title":"Preferred batch sizes","type":"array","items":{"type":"integer","minimum":1},"uniqueItems":true,"examples":[[8,16]]},"preserveOrdering":{"title":"Order","type":"boolean","examples":[true]},"priorityLevels":{"title":"Priority levels","type":"integer","minimum":1,"examples":[2]},"defaultPriorityLevel":{"title":"Usual priority","type":"integer","minimum":1,"examples":[2]},"queuePolicy":{"title":"Queue policy","type":"object","additionalProperties":false,"properties":{"timeoutMicroseconds":{"title":"Time-out","type":"integer","minimum":0,"examples":[500000]},"timeoutAction":{"title":"After the time-out","type":"string","enum":["reject","delay"],"examples":["reject"]},"allowTimeoutOverride":{"title":"Time-outs of requests","type":"boolean","examples":[true]},"maxSize":{"title":"Longest queue","type":"integer","minimum":0,"examples":[512]}},"examples":[{"timeoutMicroseconds":500000,"maxSize":512}]},"priorityQueuePolicies":{"title":"Queue policies by priority","type":"object","additionalProperties":{"title":"Queue policy","type":"object","additionalProperties":false,"properties":{"timeoutMicroseconds":{"title":"Time-out","type":"integer","minimum":0,"examples":[500000]},"timeoutAction":{"title":"After the time-out","type":"string","enum":["reject","delay"],"examples":["reject"]},"allowTimeoutOverride":{"title":"Time-outs of requests","type":"boolean","examples":[true]},"maxSize":{"title":"Longest queue","type":"integer","minimum":0,"examples":[512]}},"examples":[{"timeoutMicroseconds":500000,"maxSize":512}]},"propertyNames":{"pattern":"^[1-9][0-9]*$"},"examples":[{"1":{"maxSize":16}}]}},"examples":[true,{"maxQueueDelayMicroseconds":200}]},"compat":{"title":"Compatibility","type":"string","enum":["none","els-rd"],"examples":["els-rd"]},"instances":{"title":"Instances of networks","type":"object","additionalProperties":false,"properties":{"count":{"title":"Count","type":"integer","minimum":1,"examples":[2]},"kind":{"title":"Kind","type":"string","enum":["auto","cpu","gpu"],"examples":["gpu"]},"gpus":{"title":"GPUs","type":"array","items":{"type":"integer","minimum":0},"uniqueItems":true,"examples":[[0,1]]},"profiles":{"title":"Optimization profiles","type":"array","items":{"type":"integer","minimum":0},"uniqueItems":true,"examples":[[0,1]]},"rateLimiter":{"title":"Rate limiter","type":"object","additionalProperties":false,"properties":{"resources":{"title":"Resources","type":"array","items":{"type":"object","additionalProperties":false,"required":["name","count"],"properties":{"name":{"title":"Name","type":"string","pattern":"^[A-Za-z0-9_.-]+$","patternErrorMessage":"letters, digits, _ . -","examples":["gpu-memory"]},"count":{"title":"Count","type":"integer","minimum":1,"examples":[4]},"global":{"title":"Global","type":"boolean","examples":[true]}},"examples":[{"name":"gpu-memory","count":4}]},"examples":[[{"name":"gpu-memory","count":4}]]},"priority":{"title":"Priority","type":"integer","minimum":1,"examples":[2]}},"examples":[{"resources":[{"name":"gpu-memory","count":4}],"priority":1}]}},"examples":[{"count":2,"gpus":[0,1]}]},"pythonInstances":{"title":"Instances of Python models","type":"integer","minimum":1,"examples":[2]},"threads":{"title":"Threads","type":"object","additionalProperties":false,"properties":{"intraOp":{"title":"Within an operator","type":"integer","minimum":0,"examples":[4]},"interOp":{"title":"Between operators","type":"integer","minimum":0,"examples":[1]},"parallel":{"title":"Parallel execution","type":"boolean","examples":[false]}},"examples":[{"intraOp":4}]},"responseCache":{"title":"Response cache","type":"boolean","examples":[true]},"versionPolicy":{"title":"Version policy","type":"object","additionalProperties":false,"minProperties":1,"maxProperties":1,"properties":{"latest":{"title":"Newest","type":"integer","minimum":1,"examples":[2]},"all":{"title":"All","type":"boolean","enum":[true],"examples":[true]},"specific":{"title":"Listed","type":"array","minItems":1,"items":{"type":"integer","minimum":1},"uniqueItems":true,"examples":[[1]]}},"examples":[{"latest":1}]},"accelerators":{"title":"Execution accelerators","type":"object","additionalProperties":false,"properties":{"gpu":{"title":"On GPUs","type":"array","items":{"type":"object","additionalProperties":false,"required":["name"],"properties":{"name":{"title":"Name","type":"string","enum":["tensorrt","cuda"],"examples":["tensorrt"]},"parameters":{"title":"Parameters","type":"object","additionalProperties":{"type":"string"},"examples":[{"precision_mode":"FP16"}]}},"examples":[{"name":"tensorrt"}]},"examples":[[{"name":"tensorrt"}]]},"cpu":{"title":"On CPUs","type":"array","items":{"type":"object","additionalProperties":false,"required":["name"],"properties":{"name":{"title":"Name","type":"string","enum":["openvino"],"examples":["openvino"]},"parameters":{"title":"Parameters","type":"object","additionalProperties":{"type":"string"},"examples":[{}]}},"examples":[{"name":"openvino"}]},"examples":[[{"name":"openvino"}]]}},"examples":[{"gpu":[{"name":"tensorrt","parameters":{"precision_mode":"FP16"}}]}]},"checksum":{"title":"Checksums","type":"boolean","examples":[true]},"backend":{"title":"Backend of language models","type":"string","enum":["onnx","vllm","tensorrt-llm"],"examples":["vllm"]},"backendOptions":{"title":"Options of that backend","type":"object","additionalProperties":{"title":"Option","type":["string","number","boolean","array","object"],"items":{"title":"Element","type":["string","number","boolean"],"examples":[8]},"additionalProperties":{"title":"Member","type":["string","number","boolean","array"],"items":{"title":"Element","type":["string","number","boolean"],"examples":[8]},"examples":[4096]},"examples":[0.9,{"max_tokens":4096}]},"examples":[{"gpu_memory_utilization":0.9}]}}},"Benchmark":{"title":"Benchmark","type":"object","additionalProperties":false,"examples":[{"shapes":[[1,16],[1,128],[8,128]]}],"properties":{"shapes":{"title":"Shapes","type":"array","items":{"type":"array","items":{"type":"integer","minimum":1},"minItems":2,"maxItems":2},"minItems":1,"examples":[[[1,16],[1,128],[8,128]]]},"warmup":{"title":"Warm-up","type":"integer","minimum":0,"examples":[5]},"runs":{"title":"Runs","type":"integer","minimum":1,"examples":[50]},"minSeconds":{"title":"Least duration","type":"number","minimum":0,"maximum":3600,"examples":[1]},"threads":{"title":"Threads","type":"integer","minimum":1,"examples":[2]}}},"Validation":{"title":"Validation","type":"object","additionalProperties":false,"examples":[{"samples":64,"seed":0}],"properties":{"samples":{"title":"Samples","type":"integer","minimum":1,"examples":[64]},"seed":{"title":"Seed","type":"integer","minimum":0,"examples":[0]}}},"Auto":{"title":"Auto","type":"object","additionalProperties":false,"examples":[{"maxMinutes":10}],"properties":{"maxMinutes":{"title":"Longest search","type":"number","exclusiveMinimum":0,"maximum":1440,"examples":[10]}}},"Cache":{"title":"Cache","type":"object","additionalProperties":false,"examples":[{"directory":"~/.cache/transformer-deploy","maxSize":"50 GB"}],"properties":{"directory":{"title":"Directory","type":"string","pattern":".","patternErrorMessage":"the path of a folder","examples":["~/.cache/transformer-deploy"]},"maxSize":{"title":"Largest size","type":"string","pattern":"^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$","patternErrorMessage":"a size such as '50 GB' (MB, GB or TB)","examples":["50 GB"]},"remote":{"title":"Remote cache","type":"object","required":["url"],"additionalProperties":false,"properties":{"url":{"title":"Address","type":"string","writeOnly":true,"pattern":"^https?://[^\\s@]+$","patternErrorMessage":"an http or https address without user or password","examples":["https://cache.example.com/transformer-deploy"]},"token":{"title":"Token","type":"object","required":["env"],"additionalProperties":false,"properties":{"env":{"title":"Variable","type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_]*$","patternErrorMessage":"the name of an environment variable","examples":["TD_CACHE_TOKEN"]}},"examples":[{"env":"TD_CACHE_TOKEN"}],"writeOnly":true}},"examples":[{"url":"https://cache.example.com/td","token":{"env":"TD_CACHE_TOKEN"}}]}}},"EnvironmentReference":{"title":"Environment variable","type":"object","required":["env"],"additionalProperties":false,"properties":{"env":{"title":"Variable","type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_]*$","patternErrorMessage":"the name of an environment variable","examples":["TD_CACHE_TOKEN"]}},"examples":[{"env":"TD_CACHE_TOKEN"}]}}};
const schema12 = {"title":"Name","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_-]*$","patternErrorMessage":"letters, digits, _ and -, beginning with a letter or digit (a dot would make Triton look for a backend)","examples":["intents"]};
const schema33 = {"title":"Triton","type":"object","additionalProperties":false,"examples":[{"repository":"triton","maxBatchSize":32,"dynamicBatching":true}],"properties":{"repository":{"title":"Repository","type":"string","pattern":"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$","patternErrorMessage":"a path inside outDir, without ..","examples":["triton"]},"maxBatchSize":{"title":"Largest batch","type":"integer","minimum":0,"examples":[32]},"dynamicBatching":{"title":"Dynamic batching","type":["boolean","object"],"additionalProperties":false,"properties":{"maxQueueDelayMicroseconds":{"title":"Queue delay","type":"integer","minimum":0,"examples":[200]},"preferredBatchSizes":{"title":"Preferred batch sizes","type":"array","items":{"type":"integer","minimum":1},"uniqueItems":true,"examples":[[8,16]]},"preserveOrdering":{"title":"Order","type":"boolean","examples":[true]},"priorityLevels":{"title":"Priority levels","type":"integer","minimum":1,"examples":[2]},"defaultPriorityLevel":{"title":"Usual priority","type":"integer","minimum":1,"examples":[2]},"queuePolicy":{"title":"Queue policy","type":"object","additionalProperties":false,"properties":{"timeoutMicroseconds":{"title":"Time-out","type":"integer","minimum":0,"examples":[500000]},"timeoutAction":{"title":"After the time-out","type":"string","enum":["reject","delay"],"examples":["reject"]},"allowTimeoutOverride":{"title":"Time-outs of requests","type":"boolean","examples":[true]},"maxSize":{"title":"Longest queue","type":"integer","minimum":0,"examples":[512]}},"examples":[{"timeoutMicroseconds":500000,"maxSize":512}]},"priorityQueuePolicies":{"title":"Queue policies by priority","type":"object","additionalProperties":{"title":"Queue policy","type":"object","additionalProperties":false,"properties":{"timeoutMicroseconds":{"title":"Time-out","type":"integer","minimum":0,"examples":[500000]},"timeoutAction":{"title":"After the time-out","type":"string","enum":["reject","delay"],"examples":["reject"]},"allowTimeoutOverride":{"title":"Time-outs of requests","type":"boolean","examples":[true]},"maxSize":{"title":"Longest queue","type":"integer","minimum":0,"examples":[512]}},"examples":[{"timeoutMicroseconds":500000,"maxSize":512}]},"propertyNames":{"pattern":"^[1-9][0-9]*$"},"examples":[{"1":{"maxSize":16}}]}},"examples":[true,{"maxQueueDelayMicroseconds":200}]},"compat":{"title":"Compatibility","type":"string","enum":["none","els-rd"],"examples":["els-rd"]},"instances":{"title":"Instances of networks","type":"object","additionalProperties":false,"properties":{"count":{"title":"Count","type":"integer","minimum":1,"examples":[2]},"kind":{"title":"Kind","type":"string","enum":["auto","cpu","gpu"],"examples":["gpu"]},"gpus":{"title":"GPUs","type":"array","items":{"type":"integer","minimum":0},"uniqueItems":true,"examples":[[0,1]]},"profiles":{"title":"Optimization profiles","type":"array","items":{"type":"integer","minimum":0},"uniqueItems":true,"examples":[[0,1]]},"rateLimiter":{"title":"Rate limiter","type":"object","additionalProperties":false,"properties":{"resources":{"title":"Resources","type":"array","items":{"type":"object","additionalProperties":false,"required":["name","count"],"properties":{"name":{"title":"Name","type":"string","pattern":"^[A-Za-z0-9_.-]+$","patternErrorMessage":"letters, digits, _ . -","examples":["gpu-memory"]},"count":{"title":"Count","type":"integer","minimum":1,"examples":[4]},"global":{"title":"Global","type":"boolean","examples":[true]}},"examples":[{"name":"gpu-memory","count":4}]},"examples":[[{"name":"gpu-memory","count":4}]]},"priority":{"title":"Priority","type":"integer","minimum":1,"examples":[2]}},"examples":[{"resources":[{"name":"gpu-memory","count":4}],"priority":1}]}},"examples":[{"count":2,"gpus":[0,1]}]},"pythonInstances":{"title":"Instances of Python models","type":"integer","minimum":1,"examples":[2]},"threads":{"title":"Threads","type":"object","additionalProperties":false,"properties":{"intraOp":{"title":"Within an operator","type":"integer","minimum":0,"examples":[4]},"interOp":{"title":"Between operators","type":"integer","minimum":0,"examples":[1]},"parallel":{"title":"Parallel execution","type":"boolean","examples":[false]}},"examples":[{"intraOp":4}]},"responseCache":{"title":"Response cache","type":"boolean","examples":[true]},"versionPolicy":{"title":"Version policy","type":"object","additionalProperties":false,"minProperties":1,"maxProperties":1,"properties":{"latest":{"title":"Newest","type":"integer","minimum":1,"examples":[2]},"all":{"title":"All","type":"boolean","enum":[true],"examples":[true]},"specific":{"title":"Listed","type":"array","minItems":1,"items":{"type":"integer","minimum":1},"uniqueItems":true,"examples":[[1]]}},"examples":[{"latest":1}]},"accelerators":{"title":"Execution accelerators","type":"object","additionalProperties":false,"properties":{"gpu":{"title":"On GPUs","type":"array","items":{"type":"object","additionalProperties":false,"required":["name"],"properties":{"name":{"title":"Name","type":"string","enum":["tensorrt","cuda"],"examples":["tensorrt"]},"parameters":{"title":"Parameters","type":"object","additionalProperties":{"type":"string"},"examples":[{"precision_mode":"FP16"}]}},"examples":[{"name":"tensorrt"}]},"examples":[[{"name":"tensorrt"}]]},"cpu":{"title":"On CPUs","type":"array","items":{"type":"object","additionalProperties":false,"required":["name"],"properties":{"name":{"title":"Name","type":"string","enum":["openvino"],"examples":["openvino"]},"parameters":{"title":"Parameters","type":"object","additionalProperties":{"type":"string"},"examples":[{}]}},"examples":[{"name":"openvino"}]},"examples":[[{"name":"openvino"}]]}},"examples":[{"gpu":[{"name":"tensorrt","parameters":{"precision_mode":"FP16"}}]}]},"checksum":{"title":"Checksums","type":"boolean","examples":[true]},"backend":{"title":"Backend of language models","type":"string","enum":["onnx","vllm","tensorrt-llm"],"examples":["vllm"]},"backendOptions":{"title":"Options of that backend","type":"object","additionalProperties":{"title":"Option","type":["string","number","boolean","array","object"],"items":{"title":"Element","type":["string","number","boolean"],"examples":[8]},"additionalProperties":{"title":"Member","type":["string","number","boolean","array"],"items":{"title":"Element","type":["string","number","boolean"],"examples":[8]},"examples":[4096]},"examples":[0.9,{"max_tokens":4096}]},"examples":[{"gpu_memory_utilization":0.9}]}}};
const schema34 = {"title":"Benchmark","type":"object","additionalProperties":false,"examples":[{"shapes":[[1,16],[1,128],[8,128]]}],"properties":{"shapes":{"title":"Shapes","type":"array","items":{"type":"array","items":{"type":"integer","minimum":1},"minItems":2,"maxItems":2},"minItems":1,"examples":[[[1,16],[1,128],[8,128]]]},"warmup":{"title":"Warm-up","type":"integer","minimum":0,"examples":[5]},"runs":{"title":"Runs","type":"integer","minimum":1,"examples":[50]},"minSeconds":{"title":"Least duration","type":"number","minimum":0,"maximum":3600,"examples":[1]},"threads":{"title":"Threads","type":"integer","minimum":1,"examples":[2]}}};
const schema35 = {"title":"Validation","type":"object","additionalProperties":false,"examples":[{"samples":64,"seed":0}],"properties":{"samples":{"title":"Samples","type":"integer","minimum":1,"examples":[64]},"seed":{"title":"Seed","type":"integer","minimum":0,"examples":[0]}}};
const schema36 = {"title":"Auto","type":"object","additionalProperties":false,"examples":[{"maxMinutes":10}],"properties":{"maxMinutes":{"title":"Longest search","type":"number","exclusiveMinimum":0,"maximum":1440,"examples":[10]}}};
const schema37 = {"title":"Cache","type":"object","additionalProperties":false,"examples":[{"directory":"~/.cache/transformer-deploy","maxSize":"50 GB"}],"properties":{"directory":{"title":"Directory","type":"string","pattern":".","patternErrorMessage":"the path of a folder","examples":["~/.cache/transformer-deploy"]},"maxSize":{"title":"Largest size","type":"string","pattern":"^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$","patternErrorMessage":"a size such as '50 GB' (MB, GB or TB)","examples":["50 GB"]},"remote":{"title":"Remote cache","type":"object","required":["url"],"additionalProperties":false,"properties":{"url":{"title":"Address","type":"string","writeOnly":true,"pattern":"^https?://[^\\s@]+$","patternErrorMessage":"an http or https address without user or password","examples":["https://cache.example.com/transformer-deploy"]},"token":{"title":"Token","type":"object","required":["env"],"additionalProperties":false,"properties":{"env":{"title":"Variable","type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_]*$","patternErrorMessage":"the name of an environment variable","examples":["TD_CACHE_TOKEN"]}},"examples":[{"env":"TD_CACHE_TOKEN"}],"writeOnly":true}},"examples":[{"url":"https://cache.example.com/td","token":{"env":"TD_CACHE_TOKEN"}}]}}};
const func2 = Object.prototype.hasOwnProperty;
const pattern0 = new RegExp("^[A-Za-z0-9][A-Za-z0-9_-]*$", "u");
const pattern15 = new RegExp("^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$", "u");
const pattern16 = new RegExp("^[1-9][0-9]*$", "u");
const pattern17 = new RegExp("^[A-Za-z0-9_.-]+$", "u");
const pattern5 = new RegExp(".", "u");
const pattern19 = new RegExp("^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$", "u");
const pattern20 = new RegExp("^https?://[^\\s@]+$", "u");
const pattern21 = new RegExp("^[A-Za-z_][A-Za-z0-9_]*$", "u");
const schema13 = {"title":"Model","type":"object","required":["source"],"additionalProperties":false,"examples":[{"source":"./models/support-intents","task":"text-classification"}],"properties":{"source":{"title":"Source","type":["string","object"],"pattern":"^(hub:[^/@\\s]+(/[^/@\\s]+)?(@\\S+)?|(?!hub:|https?://)[\\s\\S]+)$","patternErrorMessage":"a folder, 'hub:org/name@revision' or { onnx: path }","required":["onnx"],"additionalProperties":false,"properties":{"onnx":{"title":"ONNX file","type":"string","pattern":"\\.onnx$","patternErrorMessage":"the path of a file that ends in .onnx","examples":["./model.onnx"]}},"examples":["./models/support-intents","hub:google-bert/bert-base-uncased@main",{"onnx":"./model.onnx"}]},"tokenizer":{"title":"Tokenizer","type":"string","pattern":"^(?!hub:|https?://)[\\s\\S]+$","patternErrorMessage":"a folder","examples":["./models/support-intents"]},"task":{"$ref":"#/definitions/Task"},"shapes":{"title":"Shapes","type":"object","additionalProperties":false,"properties":{"batch":{"title":"Batch","type":"array","items":{"type":"integer","minimum":1},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"sequence":{"title":"Sequence","type":"array","items":{"type":"integer","minimum":1},"minItems":3,"maxItems":3,"examples":[[16,64,128]]}},"examples":[{"batch":[1,8,32],"sequence":[16,64,128]}]},"calibration":{"$ref":"#/definitions/Calibration"},"quantization":{"$ref":"#/definitions/Quantization"},"evaluation":{"$ref":"#/definitions/Evaluation"},"tolerance":{"title":"Tolerance","type":"object","additionalProperties":false,"properties":{"fp32":{"$ref":"#/definitions/Difference"},"fp16":{"$ref":"#/definitions/Difference"},"bf16":{"$ref":"#/definitions/Difference"},"fp8":{"$ref":"#/definitions/Difference"},"int8":{"$ref":"#/definitions/Difference"},"int8-dynamic":{"$ref":"#/definitions/Difference"},"int8-weight":{"$ref":"#/definitions/Difference"},"int4-weight":{"$ref":"#/definitions/Difference"},"auto":{"$ref":"#/definitions/Difference"}},"examples":[{"fp32":0.0001,"fp16":0.02}]},"labels":{"title":"Labels","type":"array","items":{"type":"string","pattern":".","patternErrorMessage":"a name"},"minItems":1,"uniqueItems":true,"examples":[["negative","positive"]]},"exporter":{"title":"Exporter","type":"string","enum":["td","torch"],"examples":["td"]}}};
const schema14 = {"title":"Task","type":"string","enum":["text-classification","token-classification","question-answering","fill-mask","feature-extraction","sentence-similarity","text-ranking","text-generation","text2text-generation","zero-shot-classification","image-classification","automatic-speech-recognition"],"examples":["text-classification"]};
const schema15 = {"title":"Calibration","type":"object","required":["data"],"additionalProperties":false,"examples":[{"data":"./data/calibration.jsonl","samples":256,"method":"percentile"}],"properties":{"data":{"title":"Data","type":"string","pattern":"\\.jsonl$","patternErrorMessage":"the path of a .jsonl file","examples":["./data/calibration.jsonl"]},"samples":{"title":"Samples","type":"integer","minimum":1,"examples":[256]},"method":{"title":"Method","type":"string","enum":["min-max","moving-average","percentile","percentile-99.99","percentile-99.999","entropy","mse"],"examples":["percentile"]}}};
const schema16 = {"title":"Quantization","type":"object","additionalProperties":false,"examples":[{"exclude":["classifier"],"smoothing":true}],"properties":{"reduceRange":{"title":"Reduced range","type":"boolean","examples":[true]},"smoothing":{"title":"Smoothing","type":"boolean","examples":[true]},"embeddings":{"title":"Embeddings","type":"boolean","examples":[true]},"exclude":{"title":"Excluded","type":"array","items":{"type":"string","pattern":".","patternErrorMessage":"a path of the model"},"minItems":1,"uniqueItems":true,"examples":[["classifier","bert.encoder.layer.11"]]},"blockSize":{"title":"Block size","type":"integer","enum":[16,32,64,128],"examples":[32]}}};
const schema19 = {"title":"Difference","type":"number","exclusiveMinimum":0,"examples":[0.001]};
const pattern1 = new RegExp("^(hub:[^/@\\s]+(/[^/@\\s]+)?(@\\S+)?|(?!hub:|https?://)[\\s\\S]+)$", "u");
const pattern2 = new RegExp("\\.onnx$", "u");
const pattern3 = new RegExp("^(?!hub:|https?://)[\\s\\S]+$", "u");
const pattern4 = new RegExp("\\.jsonl$", "u");
const schema17 = {"title":"Evaluation","type":"object","required":["data"],"additionalProperties":false,"examples":[{"data":"./data/eval.jsonl","metric":"accuracy","maxDrop":0.01}],"properties":{"data":{"title":"Data","type":"string","pattern":"\\.jsonl$","patternErrorMessage":"the path of a .jsonl file","examples":["./data/eval.jsonl"]},"metric":{"$ref":"#/definitions/Metric"},"maxDrop":{"title":"Largest drop","type":"number","minimum":0,"maximum":1,"examples":[0.01]}}};
const schema18 = {"title":"Metric","type":"string","enum":["accuracy","f1-macro","f1","exact-match","recall@1","mrr","spearman","ndcg@10","perplexity"],"examples":["accuracy"]};

function validate12(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.data === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "data"},message:"must have required property '"+"data"+"'",schema:schema17.required,parentSchema:schema17,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!(((key0 === "data") || (key0 === "metric")) || (key0 === "maxDrop"))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema17,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.data !== undefined){
let data0 = data.data;
if(typeof data0 === "string"){
if(!pattern4.test(data0)){
const err2 = {instancePath:instancePath+"/data",schemaPath:"#/properties/data/pattern",keyword:"pattern",params:{pattern: "\\.jsonl$"},message:"must match pattern \""+"\\.jsonl$"+"\"",schema:"\\.jsonl$",parentSchema:schema17.properties.data,data:data0};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
else {
const err3 = {instancePath:instancePath+"/data",schemaPath:"#/properties/data/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema17.properties.data.type,parentSchema:schema17.properties.data,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.metric !== undefined){
let data1 = data.metric;
if(typeof data1 !== "string"){
const err4 = {instancePath:instancePath+"/metric",schemaPath:"#/definitions/Metric/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema18.type,parentSchema:schema18,data:data1};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if(!(((((((((data1 === "accuracy") || (data1 === "f1-macro")) || (data1 === "f1")) || (data1 === "exact-match")) || (data1 === "recall@1")) || (data1 === "mrr")) || (data1 === "spearman")) || (data1 === "ndcg@10")) || (data1 === "perplexity"))){
const err5 = {instancePath:instancePath+"/metric",schemaPath:"#/definitions/Metric/enum",keyword:"enum",params:{allowedValues: schema18.enum},message:"must be equal to one of the allowed values",schema:schema18.enum,parentSchema:schema18,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.maxDrop !== undefined){
let data2 = data.maxDrop;
if((typeof data2 == "number") && (isFinite(data2))){
if(data2 > 1 || isNaN(data2)){
const err6 = {instancePath:instancePath+"/maxDrop",schemaPath:"#/properties/maxDrop/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1},message:"must be <= 1",schema:1,parentSchema:schema17.properties.maxDrop,data:data2};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(data2 < 0 || isNaN(data2)){
const err7 = {instancePath:instancePath+"/maxDrop",schemaPath:"#/properties/maxDrop/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema17.properties.maxDrop,data:data2};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
else {
const err8 = {instancePath:instancePath+"/maxDrop",schemaPath:"#/properties/maxDrop/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema17.properties.maxDrop.type,parentSchema:schema17.properties.maxDrop,data:data2};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
}
else {
const err9 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema17.type,parentSchema:schema17,data};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
validate12.errors = vErrors;
return errors === 0;
}


function validate11(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.source === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "source"},message:"must have required property '"+"source"+"'",schema:schema13.required,parentSchema:schema13,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!(func2.call(schema13.properties, key0))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema13,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.source !== undefined){
let data0 = data.source;
if((typeof data0 !== "string") && (!(data0 && typeof data0 == "object" && !Array.isArray(data0)))){
const err2 = {instancePath:instancePath+"/source",schemaPath:"#/properties/source/type",keyword:"type",params:{type: schema13.properties.source.type},message:"must be string,object",schema:schema13.properties.source.type,parentSchema:schema13.properties.source,data:data0};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(typeof data0 === "string"){
if(!pattern1.test(data0)){
const err3 = {instancePath:instancePath+"/source",schemaPath:"#/properties/source/pattern",keyword:"pattern",params:{pattern: "^(hub:[^/@\\s]+(/[^/@\\s]+)?(@\\S+)?|(?!hub:|https?://)[\\s\\S]+)$"},message:"must match pattern \""+"^(hub:[^/@\\s]+(/[^/@\\s]+)?(@\\S+)?|(?!hub:|https?://)[\\s\\S]+)$"+"\"",schema:"^(hub:[^/@\\s]+(/[^/@\\s]+)?(@\\S+)?|(?!hub:|https?://)[\\s\\S]+)$",parentSchema:schema13.properties.source,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0.onnx === undefined){
const err4 = {instancePath:instancePath+"/source",schemaPath:"#/properties/source/required",keyword:"required",params:{missingProperty: "onnx"},message:"must have required property '"+"onnx"+"'",schema:schema13.properties.source.required,parentSchema:schema13.properties.source,data:data0};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
for(const key1 in data0){
if(!(key1 === "onnx")){
const err5 = {instancePath:instancePath+"/source",schemaPath:"#/properties/source/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema13.properties.source,data:data0};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data0.onnx !== undefined){
let data1 = data0.onnx;
if(typeof data1 === "string"){
if(!pattern2.test(data1)){
const err6 = {instancePath:instancePath+"/source/onnx",schemaPath:"#/properties/source/properties/onnx/pattern",keyword:"pattern",params:{pattern: "\\.onnx$"},message:"must match pattern \""+"\\.onnx$"+"\"",schema:"\\.onnx$",parentSchema:schema13.properties.source.properties.onnx,data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
else {
const err7 = {instancePath:instancePath+"/source/onnx",schemaPath:"#/properties/source/properties/onnx/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema13.properties.source.properties.onnx.type,parentSchema:schema13.properties.source.properties.onnx,data:data1};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
}
}
if(data.tokenizer !== undefined){
let data2 = data.tokenizer;
if(typeof data2 === "string"){
if(!pattern3.test(data2)){
const err8 = {instancePath:instancePath+"/tokenizer",schemaPath:"#/properties/tokenizer/pattern",keyword:"pattern",params:{pattern: "^(?!hub:|https?://)[\\s\\S]+$"},message:"must match pattern \""+"^(?!hub:|https?://)[\\s\\S]+$"+"\"",schema:"^(?!hub:|https?://)[\\s\\S]+$",parentSchema:schema13.properties.tokenizer,data:data2};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
else {
const err9 = {instancePath:instancePath+"/tokenizer",schemaPath:"#/properties/tokenizer/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema13.properties.tokenizer.type,parentSchema:schema13.properties.tokenizer,data:data2};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data.task !== undefined){
let data3 = data.task;
if(typeof data3 !== "string"){
const err10 = {instancePath:instancePath+"/task",schemaPath:"#/definitions/Task/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema14.type,parentSchema:schema14,data:data3};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
if(!((((((((((((data3 === "text-classification") || (data3 === "token-classification")) || (data3 === "question-answering")) || (data3 === "fill-mask")) || (data3 === "feature-extraction")) || (data3 === "sentence-similarity")) || (data3 === "text-ranking")) || (data3 === "text-generation")) || (data3 === "text2text-generation")) || (data3 === "zero-shot-classification")) || (data3 === "image-classification")) || (data3 === "automatic-speech-recognition"))){
const err11 = {instancePath:instancePath+"/task",schemaPath:"#/definitions/Task/enum",keyword:"enum",params:{allowedValues: schema14.enum},message:"must be equal to one of the allowed values",schema:schema14.enum,parentSchema:schema14,data:data3};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data.shapes !== undefined){
let data4 = data.shapes;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
for(const key2 in data4){
if(!((key2 === "batch") || (key2 === "sequence"))){
const err12 = {instancePath:instancePath+"/shapes",schemaPath:"#/properties/shapes/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties",schema:false,parentSchema:schema13.properties.shapes,data:data4};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data4.batch !== undefined){
let data5 = data4.batch;
if(Array.isArray(data5)){
if(data5.length > 3){
const err13 = {instancePath:instancePath+"/shapes/batch",schemaPath:"#/properties/shapes/properties/batch/maxItems",keyword:"maxItems",params:{limit: 3},message:"must NOT have more than 3 items",schema:3,parentSchema:schema13.properties.shapes.properties.batch,data:data5};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
if(data5.length < 3){
const err14 = {instancePath:instancePath+"/shapes/batch",schemaPath:"#/properties/shapes/properties/batch/minItems",keyword:"minItems",params:{limit: 3},message:"must NOT have fewer than 3 items",schema:3,parentSchema:schema13.properties.shapes.properties.batch,data:data5};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
const len0 = data5.length;
for(let i0=0; i0<len0; i0++){
let data6 = data5[i0];
if(!(((typeof data6 == "number") && (!(data6 % 1) && !isNaN(data6))) && (isFinite(data6)))){
const err15 = {instancePath:instancePath+"/shapes/batch/" + i0,schemaPath:"#/properties/shapes/properties/batch/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema13.properties.shapes.properties.batch.items.type,parentSchema:schema13.properties.shapes.properties.batch.items,data:data6};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
if((typeof data6 == "number") && (isFinite(data6))){
if(data6 < 1 || isNaN(data6)){
const err16 = {instancePath:instancePath+"/shapes/batch/" + i0,schemaPath:"#/properties/shapes/properties/batch/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema13.properties.shapes.properties.batch.items,data:data6};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
}
}
else {
const err17 = {instancePath:instancePath+"/shapes/batch",schemaPath:"#/properties/shapes/properties/batch/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema13.properties.shapes.properties.batch.type,parentSchema:schema13.properties.shapes.properties.batch,data:data5};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
if(data4.sequence !== undefined){
let data7 = data4.sequence;
if(Array.isArray(data7)){
if(data7.length > 3){
const err18 = {instancePath:instancePath+"/shapes/sequence",schemaPath:"#/properties/shapes/properties/sequence/maxItems",keyword:"maxItems",params:{limit: 3},message:"must NOT have more than 3 items",schema:3,parentSchema:schema13.properties.shapes.properties.sequence,data:data7};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
if(data7.length < 3){
const err19 = {instancePath:instancePath+"/shapes/sequence",schemaPath:"#/properties/shapes/properties/sequence/minItems",keyword:"minItems",params:{limit: 3},message:"must NOT have fewer than 3 items",schema:3,parentSchema:schema13.properties.shapes.properties.sequence,data:data7};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
const len1 = data7.length;
for(let i1=0; i1<len1; i1++){
let data8 = data7[i1];
if(!(((typeof data8 == "number") && (!(data8 % 1) && !isNaN(data8))) && (isFinite(data8)))){
const err20 = {instancePath:instancePath+"/shapes/sequence/" + i1,schemaPath:"#/properties/shapes/properties/sequence/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema13.properties.shapes.properties.sequence.items.type,parentSchema:schema13.properties.shapes.properties.sequence.items,data:data8};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
if((typeof data8 == "number") && (isFinite(data8))){
if(data8 < 1 || isNaN(data8)){
const err21 = {instancePath:instancePath+"/shapes/sequence/" + i1,schemaPath:"#/properties/shapes/properties/sequence/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema13.properties.shapes.properties.sequence.items,data:data8};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
}
}
else {
const err22 = {instancePath:instancePath+"/shapes/sequence",schemaPath:"#/properties/shapes/properties/sequence/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema13.properties.shapes.properties.sequence.type,parentSchema:schema13.properties.shapes.properties.sequence,data:data7};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
}
else {
const err23 = {instancePath:instancePath+"/shapes",schemaPath:"#/properties/shapes/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema13.properties.shapes.type,parentSchema:schema13.properties.shapes,data:data4};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
if(data.calibration !== undefined){
let data9 = data.calibration;
if(data9 && typeof data9 == "object" && !Array.isArray(data9)){
if(data9.data === undefined){
const err24 = {instancePath:instancePath+"/calibration",schemaPath:"#/definitions/Calibration/required",keyword:"required",params:{missingProperty: "data"},message:"must have required property '"+"data"+"'",schema:schema15.required,parentSchema:schema15,data:data9};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
for(const key3 in data9){
if(!(((key3 === "data") || (key3 === "samples")) || (key3 === "method"))){
const err25 = {instancePath:instancePath+"/calibration",schemaPath:"#/definitions/Calibration/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties",schema:false,parentSchema:schema15,data:data9};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
if(data9.data !== undefined){
let data10 = data9.data;
if(typeof data10 === "string"){
if(!pattern4.test(data10)){
const err26 = {instancePath:instancePath+"/calibration/data",schemaPath:"#/definitions/Calibration/properties/data/pattern",keyword:"pattern",params:{pattern: "\\.jsonl$"},message:"must match pattern \""+"\\.jsonl$"+"\"",schema:"\\.jsonl$",parentSchema:schema15.properties.data,data:data10};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
else {
const err27 = {instancePath:instancePath+"/calibration/data",schemaPath:"#/definitions/Calibration/properties/data/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema15.properties.data.type,parentSchema:schema15.properties.data,data:data10};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
if(data9.samples !== undefined){
let data11 = data9.samples;
if(!(((typeof data11 == "number") && (!(data11 % 1) && !isNaN(data11))) && (isFinite(data11)))){
const err28 = {instancePath:instancePath+"/calibration/samples",schemaPath:"#/definitions/Calibration/properties/samples/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema15.properties.samples.type,parentSchema:schema15.properties.samples,data:data11};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
if((typeof data11 == "number") && (isFinite(data11))){
if(data11 < 1 || isNaN(data11)){
const err29 = {instancePath:instancePath+"/calibration/samples",schemaPath:"#/definitions/Calibration/properties/samples/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema15.properties.samples,data:data11};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
}
if(data9.method !== undefined){
let data12 = data9.method;
if(typeof data12 !== "string"){
const err30 = {instancePath:instancePath+"/calibration/method",schemaPath:"#/definitions/Calibration/properties/method/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema15.properties.method.type,parentSchema:schema15.properties.method,data:data12};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
if(!(((((((data12 === "min-max") || (data12 === "moving-average")) || (data12 === "percentile")) || (data12 === "percentile-99.99")) || (data12 === "percentile-99.999")) || (data12 === "entropy")) || (data12 === "mse"))){
const err31 = {instancePath:instancePath+"/calibration/method",schemaPath:"#/definitions/Calibration/properties/method/enum",keyword:"enum",params:{allowedValues: schema15.properties.method.enum},message:"must be equal to one of the allowed values",schema:schema15.properties.method.enum,parentSchema:schema15.properties.method,data:data12};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
}
else {
const err32 = {instancePath:instancePath+"/calibration",schemaPath:"#/definitions/Calibration/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema15.type,parentSchema:schema15,data:data9};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
if(data.quantization !== undefined){
let data13 = data.quantization;
if(data13 && typeof data13 == "object" && !Array.isArray(data13)){
for(const key4 in data13){
if(!(((((key4 === "reduceRange") || (key4 === "smoothing")) || (key4 === "embeddings")) || (key4 === "exclude")) || (key4 === "blockSize"))){
const err33 = {instancePath:instancePath+"/quantization",schemaPath:"#/definitions/Quantization/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties",schema:false,parentSchema:schema16,data:data13};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
if(data13.reduceRange !== undefined){
let data14 = data13.reduceRange;
if(typeof data14 !== "boolean"){
const err34 = {instancePath:instancePath+"/quantization/reduceRange",schemaPath:"#/definitions/Quantization/properties/reduceRange/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema16.properties.reduceRange.type,parentSchema:schema16.properties.reduceRange,data:data14};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
if(data13.smoothing !== undefined){
let data15 = data13.smoothing;
if(typeof data15 !== "boolean"){
const err35 = {instancePath:instancePath+"/quantization/smoothing",schemaPath:"#/definitions/Quantization/properties/smoothing/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema16.properties.smoothing.type,parentSchema:schema16.properties.smoothing,data:data15};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
if(data13.embeddings !== undefined){
let data16 = data13.embeddings;
if(typeof data16 !== "boolean"){
const err36 = {instancePath:instancePath+"/quantization/embeddings",schemaPath:"#/definitions/Quantization/properties/embeddings/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema16.properties.embeddings.type,parentSchema:schema16.properties.embeddings,data:data16};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
if(data13.exclude !== undefined){
let data17 = data13.exclude;
if(Array.isArray(data17)){
if(data17.length < 1){
const err37 = {instancePath:instancePath+"/quantization/exclude",schemaPath:"#/definitions/Quantization/properties/exclude/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema16.properties.exclude,data:data17};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
const len2 = data17.length;
for(let i2=0; i2<len2; i2++){
let data18 = data17[i2];
if(typeof data18 === "string"){
if(!pattern5.test(data18)){
const err38 = {instancePath:instancePath+"/quantization/exclude/" + i2,schemaPath:"#/definitions/Quantization/properties/exclude/items/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\"",schema:".",parentSchema:schema16.properties.exclude.items,data:data18};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
else {
const err39 = {instancePath:instancePath+"/quantization/exclude/" + i2,schemaPath:"#/definitions/Quantization/properties/exclude/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema16.properties.exclude.items.type,parentSchema:schema16.properties.exclude.items,data:data18};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
}
let i3 = data17.length;
let j0;
if(i3 > 1){
const indices0 = {};
for(;i3--;){
let item0 = data17[i3];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
const err40 = {instancePath:instancePath+"/quantization/exclude",schemaPath:"#/definitions/Quantization/properties/exclude/uniqueItems",keyword:"uniqueItems",params:{i: i3, j: j0},message:"must NOT have duplicate items (items ## "+j0+" and "+i3+" are identical)",schema:true,parentSchema:schema16.properties.exclude,data:data17};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
break;
}
indices0[item0] = i3;
}
}
}
else {
const err41 = {instancePath:instancePath+"/quantization/exclude",schemaPath:"#/definitions/Quantization/properties/exclude/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema16.properties.exclude.type,parentSchema:schema16.properties.exclude,data:data17};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
if(data13.blockSize !== undefined){
let data19 = data13.blockSize;
if(!(((typeof data19 == "number") && (!(data19 % 1) && !isNaN(data19))) && (isFinite(data19)))){
const err42 = {instancePath:instancePath+"/quantization/blockSize",schemaPath:"#/definitions/Quantization/properties/blockSize/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema16.properties.blockSize.type,parentSchema:schema16.properties.blockSize,data:data19};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
if(!((((data19 === 16) || (data19 === 32)) || (data19 === 64)) || (data19 === 128))){
const err43 = {instancePath:instancePath+"/quantization/blockSize",schemaPath:"#/definitions/Quantization/properties/blockSize/enum",keyword:"enum",params:{allowedValues: schema16.properties.blockSize.enum},message:"must be equal to one of the allowed values",schema:schema16.properties.blockSize.enum,parentSchema:schema16.properties.blockSize,data:data19};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
}
else {
const err44 = {instancePath:instancePath+"/quantization",schemaPath:"#/definitions/Quantization/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema16.type,parentSchema:schema16,data:data13};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
}
if(data.evaluation !== undefined){
if(!(validate12(data.evaluation, {instancePath:instancePath+"/evaluation",parentData:data,parentDataProperty:"evaluation",rootData}))){
vErrors = vErrors === null ? validate12.errors : vErrors.concat(validate12.errors);
errors = vErrors.length;
}
}
if(data.tolerance !== undefined){
let data21 = data.tolerance;
if(data21 && typeof data21 == "object" && !Array.isArray(data21)){
for(const key5 in data21){
if(!(func2.call(schema13.properties.tolerance.properties, key5))){
const err45 = {instancePath:instancePath+"/tolerance",schemaPath:"#/properties/tolerance/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties",schema:false,parentSchema:schema13.properties.tolerance,data:data21};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
if(data21.fp32 !== undefined){
let data22 = data21.fp32;
if((typeof data22 == "number") && (isFinite(data22))){
if(data22 <= 0 || isNaN(data22)){
const err46 = {instancePath:instancePath+"/tolerance/fp32",schemaPath:"#/definitions/Difference/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema19,data:data22};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
else {
const err47 = {instancePath:instancePath+"/tolerance/fp32",schemaPath:"#/definitions/Difference/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema19.type,parentSchema:schema19,data:data22};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data21.fp16 !== undefined){
let data23 = data21.fp16;
if((typeof data23 == "number") && (isFinite(data23))){
if(data23 <= 0 || isNaN(data23)){
const err48 = {instancePath:instancePath+"/tolerance/fp16",schemaPath:"#/definitions/Difference/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema19,data:data23};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
else {
const err49 = {instancePath:instancePath+"/tolerance/fp16",schemaPath:"#/definitions/Difference/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema19.type,parentSchema:schema19,data:data23};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
if(data21.bf16 !== undefined){
let data24 = data21.bf16;
if((typeof data24 == "number") && (isFinite(data24))){
if(data24 <= 0 || isNaN(data24)){
const err50 = {instancePath:instancePath+"/tolerance/bf16",schemaPath:"#/definitions/Difference/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema19,data:data24};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
else {
const err51 = {instancePath:instancePath+"/tolerance/bf16",schemaPath:"#/definitions/Difference/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema19.type,parentSchema:schema19,data:data24};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
}
if(data21.fp8 !== undefined){
let data25 = data21.fp8;
if((typeof data25 == "number") && (isFinite(data25))){
if(data25 <= 0 || isNaN(data25)){
const err52 = {instancePath:instancePath+"/tolerance/fp8",schemaPath:"#/definitions/Difference/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema19,data:data25};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
}
else {
const err53 = {instancePath:instancePath+"/tolerance/fp8",schemaPath:"#/definitions/Difference/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema19.type,parentSchema:schema19,data:data25};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
if(data21.int8 !== undefined){
let data26 = data21.int8;
if((typeof data26 == "number") && (isFinite(data26))){
if(data26 <= 0 || isNaN(data26)){
const err54 = {instancePath:instancePath+"/tolerance/int8",schemaPath:"#/definitions/Difference/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema19,data:data26};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
else {
const err55 = {instancePath:instancePath+"/tolerance/int8",schemaPath:"#/definitions/Difference/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema19.type,parentSchema:schema19,data:data26};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
}
if(data21["int8-dynamic"] !== undefined){
let data27 = data21["int8-dynamic"];
if((typeof data27 == "number") && (isFinite(data27))){
if(data27 <= 0 || isNaN(data27)){
const err56 = {instancePath:instancePath+"/tolerance/int8-dynamic",schemaPath:"#/definitions/Difference/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema19,data:data27};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
}
else {
const err57 = {instancePath:instancePath+"/tolerance/int8-dynamic",schemaPath:"#/definitions/Difference/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema19.type,parentSchema:schema19,data:data27};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
if(data21["int8-weight"] !== undefined){
let data28 = data21["int8-weight"];
if((typeof data28 == "number") && (isFinite(data28))){
if(data28 <= 0 || isNaN(data28)){
const err58 = {instancePath:instancePath+"/tolerance/int8-weight",schemaPath:"#/definitions/Difference/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema19,data:data28};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
else {
const err59 = {instancePath:instancePath+"/tolerance/int8-weight",schemaPath:"#/definitions/Difference/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema19.type,parentSchema:schema19,data:data28};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
if(data21["int4-weight"] !== undefined){
let data29 = data21["int4-weight"];
if((typeof data29 == "number") && (isFinite(data29))){
if(data29 <= 0 || isNaN(data29)){
const err60 = {instancePath:instancePath+"/tolerance/int4-weight",schemaPath:"#/definitions/Difference/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema19,data:data29};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
else {
const err61 = {instancePath:instancePath+"/tolerance/int4-weight",schemaPath:"#/definitions/Difference/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema19.type,parentSchema:schema19,data:data29};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
if(data21.auto !== undefined){
let data30 = data21.auto;
if((typeof data30 == "number") && (isFinite(data30))){
if(data30 <= 0 || isNaN(data30)){
const err62 = {instancePath:instancePath+"/tolerance/auto",schemaPath:"#/definitions/Difference/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema19,data:data30};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
else {
const err63 = {instancePath:instancePath+"/tolerance/auto",schemaPath:"#/definitions/Difference/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema19.type,parentSchema:schema19,data:data30};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
}
}
else {
const err64 = {instancePath:instancePath+"/tolerance",schemaPath:"#/properties/tolerance/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema13.properties.tolerance.type,parentSchema:schema13.properties.tolerance,data:data21};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
}
if(data.labels !== undefined){
let data31 = data.labels;
if(Array.isArray(data31)){
if(data31.length < 1){
const err65 = {instancePath:instancePath+"/labels",schemaPath:"#/properties/labels/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema13.properties.labels,data:data31};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
const len3 = data31.length;
for(let i4=0; i4<len3; i4++){
let data32 = data31[i4];
if(typeof data32 === "string"){
if(!pattern5.test(data32)){
const err66 = {instancePath:instancePath+"/labels/" + i4,schemaPath:"#/properties/labels/items/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\"",schema:".",parentSchema:schema13.properties.labels.items,data:data32};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
}
else {
const err67 = {instancePath:instancePath+"/labels/" + i4,schemaPath:"#/properties/labels/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema13.properties.labels.items.type,parentSchema:schema13.properties.labels.items,data:data32};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
}
let i5 = data31.length;
let j1;
if(i5 > 1){
const indices1 = {};
for(;i5--;){
let item1 = data31[i5];
if(typeof item1 !== "string"){
continue;
}
if(typeof indices1[item1] == "number"){
j1 = indices1[item1];
const err68 = {instancePath:instancePath+"/labels",schemaPath:"#/properties/labels/uniqueItems",keyword:"uniqueItems",params:{i: i5, j: j1},message:"must NOT have duplicate items (items ## "+j1+" and "+i5+" are identical)",schema:true,parentSchema:schema13.properties.labels,data:data31};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
break;
}
indices1[item1] = i5;
}
}
}
else {
const err69 = {instancePath:instancePath+"/labels",schemaPath:"#/properties/labels/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema13.properties.labels.type,parentSchema:schema13.properties.labels,data:data31};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
}
if(data.exporter !== undefined){
let data33 = data.exporter;
if(typeof data33 !== "string"){
const err70 = {instancePath:instancePath+"/exporter",schemaPath:"#/properties/exporter/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema13.properties.exporter.type,parentSchema:schema13.properties.exporter,data:data33};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
if(!((data33 === "td") || (data33 === "torch"))){
const err71 = {instancePath:instancePath+"/exporter",schemaPath:"#/properties/exporter/enum",keyword:"enum",params:{allowedValues: schema13.properties.exporter.enum},message:"must be equal to one of the allowed values",schema:schema13.properties.exporter.enum,parentSchema:schema13.properties.exporter,data:data33};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
}
else {
const err72 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema13.type,parentSchema:schema13,data};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
validate11.errors = vErrors;
return errors === 0;
}

const schema29 = {"title":"Target","type":"object","required":["engine","precisions"],"additionalProperties":false,"examples":[{"engine":"onnxruntime","device":"cpu","precisions":["fp32","int8-dynamic"]},{"engine":"tensorrt","gpu":"sm_90","precisions":["fp16"],"image":"nvcr.io/nvidia/tritonserver:26.06-py3"}],"properties":{"engine":{"title":"Engine","type":"string","enum":["onnxruntime","tensorrt"],"examples":["onnxruntime"]},"device":{"title":"Device","type":"string","enum":["cpu","cuda","webgpu"],"examples":["cpu"]},"gpu":{"title":"GPU","type":"string","pattern":"^sm_[1-9][0-9]{1,2}$","patternErrorMessage":"sm_ and the compute capability without its dot, such as 'sm_90' for 9.0","examples":["sm_90"]},"precisions":{"title":"Precisions","type":"array","items":{"title":"Precision","type":"string","enum":["fp32","fp16","bf16","fp8","int8","int8-dynamic","int8-weight","int4-weight","auto"],"examples":["int8-dynamic"]},"minItems":1,"uniqueItems":true,"examples":[["fp32","int8-dynamic"]]},"image":{"title":"Image","type":"string","pattern":"^\\S+$","patternErrorMessage":"the name of a container image","examples":["nvcr.io/nvidia/tritonserver:26.06-py3"]},"trtexec":{"title":"Path of trtexec","type":"string","pattern":"\\S","patternErrorMessage":"the path of a file","examples":["/usr/src/tensorrt/bin/trtexec"]},"command":{"title":"Command","type":"array","items":{"type":"string","pattern":"\\S","patternErrorMessage":"a word of a command line"},"minItems":1,"examples":[["./on-gpu-node.sh","{program}"]]},"engineOptions":{"$ref":"#/definitions/EngineOptions"}}};
const pattern9 = new RegExp("^sm_[1-9][0-9]{1,2}$", "u");
const pattern10 = new RegExp("^\\S+$", "u");
const pattern11 = new RegExp("\\S", "u");
const schema30 = {"title":"Engine options","type":"object","additionalProperties":false,"examples":[{"workspaceMiB":4096,"builderOptimizationLevel":4}],"properties":{"workspaceMiB":{"title":"Workspace","type":"integer","minimum":1,"examples":[4096]},"builderOptimizationLevel":{"title":"Builder optimization level","type":"integer","minimum":0,"maximum":5,"examples":[3]},"maxAuxStreams":{"title":"Auxiliary streams","type":"integer","minimum":0,"examples":[0]},"tilingOptimizationLevel":{"title":"Tiling optimization level","type":"integer","minimum":0,"maximum":3,"examples":[1]},"hardwareCompatibility":{"title":"Hardware compatibility","type":"string","enum":["none","ampere+","sameComputeCapability"],"examples":["ampere+"]},"versionCompatible":{"title":"Version compatible","type":"boolean","examples":[true]},"excludeLeanRuntime":{"title":"Exclude lean runtime","type":"boolean","examples":[true]},"stripWeights":{"title":"Strip weights","type":"boolean","examples":[true]},"refit":{"title":"Refit","type":"boolean","examples":[true]},"sparsity":{"title":"Sparsity","type":"string","enum":["disable","enable","force"],"examples":["enable"]},"tf32":{"title":"TF32","type":"boolean","examples":[true]},"cudaGraphs":{"title":"CUDA graphs","type":"boolean","examples":[false]},"timingCache":{"title":"Timing cache","type":"string","pattern":"\\S","patternErrorMessage":"the path of a file","examples":["./h100.timing-cache"]},"plugins":{"title":"Plug-ins","type":"array","items":{"type":"string","pattern":"\\S","patternErrorMessage":"the path of a shared library"},"examples":[["./libmine.so"]]},"profiles":{"title":"Optimization profiles","type":"array","items":{"$ref":"#/definitions/EngineProfile"},"minItems":1,"examples":[[{"batch":[1,1,1],"sequence":[1,32,128]}]]},"timeoutMinutes":{"title":"Time-out","type":"number","exclusiveMinimum":0,"examples":[120]}}};
const schema31 = {"title":"Optimization profile","type":"object","required":["batch","sequence"],"additionalProperties":false,"examples":[{"batch":[1,1,1],"sequence":[1,32,128]}],"properties":{"batch":{"title":"Sizes","type":"array","items":{"type":"integer","minimum":0},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"sequence":{"title":"Sizes","type":"array","items":{"type":"integer","minimum":0},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"past":{"title":"Sizes","type":"array","items":{"type":"integer","minimum":0},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"dimensions":{"title":"Dimensions","type":"object","additionalProperties":{"$ref":"#/definitions/Sizes"},"examples":[{"frames":[1,100,3000]}]}}};
const schema32 = {"title":"Sizes","type":"array","items":{"type":"integer","minimum":0},"minItems":3,"maxItems":3,"examples":[[1,8,32]]};

function validate17(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.batch === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "batch"},message:"must have required property '"+"batch"+"'",schema:schema31.required,parentSchema:schema31,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.sequence === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "sequence"},message:"must have required property '"+"sequence"+"'",schema:schema31.required,parentSchema:schema31,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
for(const key0 in data){
if(!((((key0 === "batch") || (key0 === "sequence")) || (key0 === "past")) || (key0 === "dimensions"))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema31,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.batch !== undefined){
let data0 = data.batch;
if(Array.isArray(data0)){
if(data0.length > 3){
const err3 = {instancePath:instancePath+"/batch",schemaPath:"#/properties/batch/maxItems",keyword:"maxItems",params:{limit: 3},message:"must NOT have more than 3 items",schema:3,parentSchema:schema31.properties.batch,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(data0.length < 3){
const err4 = {instancePath:instancePath+"/batch",schemaPath:"#/properties/batch/minItems",keyword:"minItems",params:{limit: 3},message:"must NOT have fewer than 3 items",schema:3,parentSchema:schema31.properties.batch,data:data0};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
let data1 = data0[i0];
if(!(((typeof data1 == "number") && (!(data1 % 1) && !isNaN(data1))) && (isFinite(data1)))){
const err5 = {instancePath:instancePath+"/batch/" + i0,schemaPath:"#/properties/batch/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.batch.items.type,parentSchema:schema31.properties.batch.items,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if((typeof data1 == "number") && (isFinite(data1))){
if(data1 < 0 || isNaN(data1)){
const err6 = {instancePath:instancePath+"/batch/" + i0,schemaPath:"#/properties/batch/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.batch.items,data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
}
}
else {
const err7 = {instancePath:instancePath+"/batch",schemaPath:"#/properties/batch/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema31.properties.batch.type,parentSchema:schema31.properties.batch,data:data0};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.sequence !== undefined){
let data2 = data.sequence;
if(Array.isArray(data2)){
if(data2.length > 3){
const err8 = {instancePath:instancePath+"/sequence",schemaPath:"#/properties/sequence/maxItems",keyword:"maxItems",params:{limit: 3},message:"must NOT have more than 3 items",schema:3,parentSchema:schema31.properties.sequence,data:data2};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if(data2.length < 3){
const err9 = {instancePath:instancePath+"/sequence",schemaPath:"#/properties/sequence/minItems",keyword:"minItems",params:{limit: 3},message:"must NOT have fewer than 3 items",schema:3,parentSchema:schema31.properties.sequence,data:data2};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
const len1 = data2.length;
for(let i1=0; i1<len1; i1++){
let data3 = data2[i1];
if(!(((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3))) && (isFinite(data3)))){
const err10 = {instancePath:instancePath+"/sequence/" + i1,schemaPath:"#/properties/sequence/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.sequence.items.type,parentSchema:schema31.properties.sequence.items,data:data3};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
if((typeof data3 == "number") && (isFinite(data3))){
if(data3 < 0 || isNaN(data3)){
const err11 = {instancePath:instancePath+"/sequence/" + i1,schemaPath:"#/properties/sequence/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.sequence.items,data:data3};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
}
}
else {
const err12 = {instancePath:instancePath+"/sequence",schemaPath:"#/properties/sequence/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema31.properties.sequence.type,parentSchema:schema31.properties.sequence,data:data2};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data.past !== undefined){
let data4 = data.past;
if(Array.isArray(data4)){
if(data4.length > 3){
const err13 = {instancePath:instancePath+"/past",schemaPath:"#/properties/past/maxItems",keyword:"maxItems",params:{limit: 3},message:"must NOT have more than 3 items",schema:3,parentSchema:schema31.properties.past,data:data4};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
if(data4.length < 3){
const err14 = {instancePath:instancePath+"/past",schemaPath:"#/properties/past/minItems",keyword:"minItems",params:{limit: 3},message:"must NOT have fewer than 3 items",schema:3,parentSchema:schema31.properties.past,data:data4};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
const len2 = data4.length;
for(let i2=0; i2<len2; i2++){
let data5 = data4[i2];
if(!(((typeof data5 == "number") && (!(data5 % 1) && !isNaN(data5))) && (isFinite(data5)))){
const err15 = {instancePath:instancePath+"/past/" + i2,schemaPath:"#/properties/past/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.past.items.type,parentSchema:schema31.properties.past.items,data:data5};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
if((typeof data5 == "number") && (isFinite(data5))){
if(data5 < 0 || isNaN(data5)){
const err16 = {instancePath:instancePath+"/past/" + i2,schemaPath:"#/properties/past/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.past.items,data:data5};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
}
}
else {
const err17 = {instancePath:instancePath+"/past",schemaPath:"#/properties/past/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema31.properties.past.type,parentSchema:schema31.properties.past,data:data4};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
if(data.dimensions !== undefined){
let data6 = data.dimensions;
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
for(const key1 in data6){
let data7 = data6[key1];
if(Array.isArray(data7)){
if(data7.length > 3){
const err18 = {instancePath:instancePath+"/dimensions/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/Sizes/maxItems",keyword:"maxItems",params:{limit: 3},message:"must NOT have more than 3 items",schema:3,parentSchema:schema32,data:data7};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
if(data7.length < 3){
const err19 = {instancePath:instancePath+"/dimensions/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/Sizes/minItems",keyword:"minItems",params:{limit: 3},message:"must NOT have fewer than 3 items",schema:3,parentSchema:schema32,data:data7};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
const len3 = data7.length;
for(let i3=0; i3<len3; i3++){
let data8 = data7[i3];
if(!(((typeof data8 == "number") && (!(data8 % 1) && !isNaN(data8))) && (isFinite(data8)))){
const err20 = {instancePath:instancePath+"/dimensions/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + i3,schemaPath:"#/definitions/Sizes/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema32.items.type,parentSchema:schema32.items,data:data8};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
if((typeof data8 == "number") && (isFinite(data8))){
if(data8 < 0 || isNaN(data8)){
const err21 = {instancePath:instancePath+"/dimensions/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + i3,schemaPath:"#/definitions/Sizes/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema32.items,data:data8};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
}
}
else {
const err22 = {instancePath:instancePath+"/dimensions/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/Sizes/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema32.type,parentSchema:schema32,data:data7};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
}
else {
const err23 = {instancePath:instancePath+"/dimensions",schemaPath:"#/properties/dimensions/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.dimensions.type,parentSchema:schema31.properties.dimensions,data:data6};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
}
else {
const err24 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.type,parentSchema:schema31,data};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
validate17.errors = vErrors;
return errors === 0;
}


function validate16(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(func2.call(schema30.properties, key0))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema30,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.workspaceMiB !== undefined){
let data0 = data.workspaceMiB;
if(!(((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0))) && (isFinite(data0)))){
const err1 = {instancePath:instancePath+"/workspaceMiB",schemaPath:"#/properties/workspaceMiB/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema30.properties.workspaceMiB.type,parentSchema:schema30.properties.workspaceMiB,data:data0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if((typeof data0 == "number") && (isFinite(data0))){
if(data0 < 1 || isNaN(data0)){
const err2 = {instancePath:instancePath+"/workspaceMiB",schemaPath:"#/properties/workspaceMiB/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema30.properties.workspaceMiB,data:data0};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
}
if(data.builderOptimizationLevel !== undefined){
let data1 = data.builderOptimizationLevel;
if(!(((typeof data1 == "number") && (!(data1 % 1) && !isNaN(data1))) && (isFinite(data1)))){
const err3 = {instancePath:instancePath+"/builderOptimizationLevel",schemaPath:"#/properties/builderOptimizationLevel/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema30.properties.builderOptimizationLevel.type,parentSchema:schema30.properties.builderOptimizationLevel,data:data1};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if((typeof data1 == "number") && (isFinite(data1))){
if(data1 > 5 || isNaN(data1)){
const err4 = {instancePath:instancePath+"/builderOptimizationLevel",schemaPath:"#/properties/builderOptimizationLevel/maximum",keyword:"maximum",params:{comparison: "<=", limit: 5},message:"must be <= 5",schema:5,parentSchema:schema30.properties.builderOptimizationLevel,data:data1};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if(data1 < 0 || isNaN(data1)){
const err5 = {instancePath:instancePath+"/builderOptimizationLevel",schemaPath:"#/properties/builderOptimizationLevel/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema30.properties.builderOptimizationLevel,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
}
if(data.maxAuxStreams !== undefined){
let data2 = data.maxAuxStreams;
if(!(((typeof data2 == "number") && (!(data2 % 1) && !isNaN(data2))) && (isFinite(data2)))){
const err6 = {instancePath:instancePath+"/maxAuxStreams",schemaPath:"#/properties/maxAuxStreams/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema30.properties.maxAuxStreams.type,parentSchema:schema30.properties.maxAuxStreams,data:data2};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if((typeof data2 == "number") && (isFinite(data2))){
if(data2 < 0 || isNaN(data2)){
const err7 = {instancePath:instancePath+"/maxAuxStreams",schemaPath:"#/properties/maxAuxStreams/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema30.properties.maxAuxStreams,data:data2};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
}
if(data.tilingOptimizationLevel !== undefined){
let data3 = data.tilingOptimizationLevel;
if(!(((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3))) && (isFinite(data3)))){
const err8 = {instancePath:instancePath+"/tilingOptimizationLevel",schemaPath:"#/properties/tilingOptimizationLevel/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema30.properties.tilingOptimizationLevel.type,parentSchema:schema30.properties.tilingOptimizationLevel,data:data3};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if((typeof data3 == "number") && (isFinite(data3))){
if(data3 > 3 || isNaN(data3)){
const err9 = {instancePath:instancePath+"/tilingOptimizationLevel",schemaPath:"#/properties/tilingOptimizationLevel/maximum",keyword:"maximum",params:{comparison: "<=", limit: 3},message:"must be <= 3",schema:3,parentSchema:schema30.properties.tilingOptimizationLevel,data:data3};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if(data3 < 0 || isNaN(data3)){
const err10 = {instancePath:instancePath+"/tilingOptimizationLevel",schemaPath:"#/properties/tilingOptimizationLevel/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema30.properties.tilingOptimizationLevel,data:data3};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
}
if(data.hardwareCompatibility !== undefined){
let data4 = data.hardwareCompatibility;
if(typeof data4 !== "string"){
const err11 = {instancePath:instancePath+"/hardwareCompatibility",schemaPath:"#/properties/hardwareCompatibility/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema30.properties.hardwareCompatibility.type,parentSchema:schema30.properties.hardwareCompatibility,data:data4};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
if(!(((data4 === "none") || (data4 === "ampere+")) || (data4 === "sameComputeCapability"))){
const err12 = {instancePath:instancePath+"/hardwareCompatibility",schemaPath:"#/properties/hardwareCompatibility/enum",keyword:"enum",params:{allowedValues: schema30.properties.hardwareCompatibility.enum},message:"must be equal to one of the allowed values",schema:schema30.properties.hardwareCompatibility.enum,parentSchema:schema30.properties.hardwareCompatibility,data:data4};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data.versionCompatible !== undefined){
let data5 = data.versionCompatible;
if(typeof data5 !== "boolean"){
const err13 = {instancePath:instancePath+"/versionCompatible",schemaPath:"#/properties/versionCompatible/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.versionCompatible.type,parentSchema:schema30.properties.versionCompatible,data:data5};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data.excludeLeanRuntime !== undefined){
let data6 = data.excludeLeanRuntime;
if(typeof data6 !== "boolean"){
const err14 = {instancePath:instancePath+"/excludeLeanRuntime",schemaPath:"#/properties/excludeLeanRuntime/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.excludeLeanRuntime.type,parentSchema:schema30.properties.excludeLeanRuntime,data:data6};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
if(data.stripWeights !== undefined){
let data7 = data.stripWeights;
if(typeof data7 !== "boolean"){
const err15 = {instancePath:instancePath+"/stripWeights",schemaPath:"#/properties/stripWeights/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.stripWeights.type,parentSchema:schema30.properties.stripWeights,data:data7};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data.refit !== undefined){
let data8 = data.refit;
if(typeof data8 !== "boolean"){
const err16 = {instancePath:instancePath+"/refit",schemaPath:"#/properties/refit/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.refit.type,parentSchema:schema30.properties.refit,data:data8};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data.sparsity !== undefined){
let data9 = data.sparsity;
if(typeof data9 !== "string"){
const err17 = {instancePath:instancePath+"/sparsity",schemaPath:"#/properties/sparsity/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema30.properties.sparsity.type,parentSchema:schema30.properties.sparsity,data:data9};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if(!(((data9 === "disable") || (data9 === "enable")) || (data9 === "force"))){
const err18 = {instancePath:instancePath+"/sparsity",schemaPath:"#/properties/sparsity/enum",keyword:"enum",params:{allowedValues: schema30.properties.sparsity.enum},message:"must be equal to one of the allowed values",schema:schema30.properties.sparsity.enum,parentSchema:schema30.properties.sparsity,data:data9};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
if(data.tf32 !== undefined){
let data10 = data.tf32;
if(typeof data10 !== "boolean"){
const err19 = {instancePath:instancePath+"/tf32",schemaPath:"#/properties/tf32/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.tf32.type,parentSchema:schema30.properties.tf32,data:data10};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
if(data.cudaGraphs !== undefined){
let data11 = data.cudaGraphs;
if(typeof data11 !== "boolean"){
const err20 = {instancePath:instancePath+"/cudaGraphs",schemaPath:"#/properties/cudaGraphs/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.cudaGraphs.type,parentSchema:schema30.properties.cudaGraphs,data:data11};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
if(data.timingCache !== undefined){
let data12 = data.timingCache;
if(typeof data12 === "string"){
if(!pattern11.test(data12)){
const err21 = {instancePath:instancePath+"/timingCache",schemaPath:"#/properties/timingCache/pattern",keyword:"pattern",params:{pattern: "\\S"},message:"must match pattern \""+"\\S"+"\"",schema:"\\S",parentSchema:schema30.properties.timingCache,data:data12};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
else {
const err22 = {instancePath:instancePath+"/timingCache",schemaPath:"#/properties/timingCache/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema30.properties.timingCache.type,parentSchema:schema30.properties.timingCache,data:data12};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data.plugins !== undefined){
let data13 = data.plugins;
if(Array.isArray(data13)){
const len0 = data13.length;
for(let i0=0; i0<len0; i0++){
let data14 = data13[i0];
if(typeof data14 === "string"){
if(!pattern11.test(data14)){
const err23 = {instancePath:instancePath+"/plugins/" + i0,schemaPath:"#/properties/plugins/items/pattern",keyword:"pattern",params:{pattern: "\\S"},message:"must match pattern \""+"\\S"+"\"",schema:"\\S",parentSchema:schema30.properties.plugins.items,data:data14};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
else {
const err24 = {instancePath:instancePath+"/plugins/" + i0,schemaPath:"#/properties/plugins/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema30.properties.plugins.items.type,parentSchema:schema30.properties.plugins.items,data:data14};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
}
else {
const err25 = {instancePath:instancePath+"/plugins",schemaPath:"#/properties/plugins/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema30.properties.plugins.type,parentSchema:schema30.properties.plugins,data:data13};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
if(data.profiles !== undefined){
let data15 = data.profiles;
if(Array.isArray(data15)){
if(data15.length < 1){
const err26 = {instancePath:instancePath+"/profiles",schemaPath:"#/properties/profiles/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema30.properties.profiles,data:data15};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
const len1 = data15.length;
for(let i1=0; i1<len1; i1++){
if(!(validate17(data15[i1], {instancePath:instancePath+"/profiles/" + i1,parentData:data15,parentDataProperty:i1,rootData}))){
vErrors = vErrors === null ? validate17.errors : vErrors.concat(validate17.errors);
errors = vErrors.length;
}
}
}
else {
const err27 = {instancePath:instancePath+"/profiles",schemaPath:"#/properties/profiles/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema30.properties.profiles.type,parentSchema:schema30.properties.profiles,data:data15};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
if(data.timeoutMinutes !== undefined){
let data17 = data.timeoutMinutes;
if((typeof data17 == "number") && (isFinite(data17))){
if(data17 <= 0 || isNaN(data17)){
const err28 = {instancePath:instancePath+"/timeoutMinutes",schemaPath:"#/properties/timeoutMinutes/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema30.properties.timeoutMinutes,data:data17};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
else {
const err29 = {instancePath:instancePath+"/timeoutMinutes",schemaPath:"#/properties/timeoutMinutes/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema30.properties.timeoutMinutes.type,parentSchema:schema30.properties.timeoutMinutes,data:data17};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
}
else {
const err30 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema30.type,parentSchema:schema30,data};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
validate16.errors = vErrors;
return errors === 0;
}


function validate15(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.engine === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "engine"},message:"must have required property '"+"engine"+"'",schema:schema29.required,parentSchema:schema29,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.precisions === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "precisions"},message:"must have required property '"+"precisions"+"'",schema:schema29.required,parentSchema:schema29,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
for(const key0 in data){
if(!((((((((key0 === "engine") || (key0 === "device")) || (key0 === "gpu")) || (key0 === "precisions")) || (key0 === "image")) || (key0 === "trtexec")) || (key0 === "command")) || (key0 === "engineOptions"))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema29,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.engine !== undefined){
let data0 = data.engine;
if(typeof data0 !== "string"){
const err3 = {instancePath:instancePath+"/engine",schemaPath:"#/properties/engine/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.engine.type,parentSchema:schema29.properties.engine,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(!((data0 === "onnxruntime") || (data0 === "tensorrt"))){
const err4 = {instancePath:instancePath+"/engine",schemaPath:"#/properties/engine/enum",keyword:"enum",params:{allowedValues: schema29.properties.engine.enum},message:"must be equal to one of the allowed values",schema:schema29.properties.engine.enum,parentSchema:schema29.properties.engine,data:data0};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.device !== undefined){
let data1 = data.device;
if(typeof data1 !== "string"){
const err5 = {instancePath:instancePath+"/device",schemaPath:"#/properties/device/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.device.type,parentSchema:schema29.properties.device,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if(!(((data1 === "cpu") || (data1 === "cuda")) || (data1 === "webgpu"))){
const err6 = {instancePath:instancePath+"/device",schemaPath:"#/properties/device/enum",keyword:"enum",params:{allowedValues: schema29.properties.device.enum},message:"must be equal to one of the allowed values",schema:schema29.properties.device.enum,parentSchema:schema29.properties.device,data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.gpu !== undefined){
let data2 = data.gpu;
if(typeof data2 === "string"){
if(!pattern9.test(data2)){
const err7 = {instancePath:instancePath+"/gpu",schemaPath:"#/properties/gpu/pattern",keyword:"pattern",params:{pattern: "^sm_[1-9][0-9]{1,2}$"},message:"must match pattern \""+"^sm_[1-9][0-9]{1,2}$"+"\"",schema:"^sm_[1-9][0-9]{1,2}$",parentSchema:schema29.properties.gpu,data:data2};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
else {
const err8 = {instancePath:instancePath+"/gpu",schemaPath:"#/properties/gpu/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.gpu.type,parentSchema:schema29.properties.gpu,data:data2};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.precisions !== undefined){
let data3 = data.precisions;
if(Array.isArray(data3)){
if(data3.length < 1){
const err9 = {instancePath:instancePath+"/precisions",schemaPath:"#/properties/precisions/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema29.properties.precisions,data:data3};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
const len0 = data3.length;
for(let i0=0; i0<len0; i0++){
let data4 = data3[i0];
if(typeof data4 !== "string"){
const err10 = {instancePath:instancePath+"/precisions/" + i0,schemaPath:"#/properties/precisions/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.precisions.items.type,parentSchema:schema29.properties.precisions.items,data:data4};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
if(!(((((((((data4 === "fp32") || (data4 === "fp16")) || (data4 === "bf16")) || (data4 === "fp8")) || (data4 === "int8")) || (data4 === "int8-dynamic")) || (data4 === "int8-weight")) || (data4 === "int4-weight")) || (data4 === "auto"))){
const err11 = {instancePath:instancePath+"/precisions/" + i0,schemaPath:"#/properties/precisions/items/enum",keyword:"enum",params:{allowedValues: schema29.properties.precisions.items.enum},message:"must be equal to one of the allowed values",schema:schema29.properties.precisions.items.enum,parentSchema:schema29.properties.precisions.items,data:data4};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
let i1 = data3.length;
let j0;
if(i1 > 1){
const indices0 = {};
for(;i1--;){
let item0 = data3[i1];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
const err12 = {instancePath:instancePath+"/precisions",schemaPath:"#/properties/precisions/uniqueItems",keyword:"uniqueItems",params:{i: i1, j: j0},message:"must NOT have duplicate items (items ## "+j0+" and "+i1+" are identical)",schema:true,parentSchema:schema29.properties.precisions,data:data3};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
break;
}
indices0[item0] = i1;
}
}
}
else {
const err13 = {instancePath:instancePath+"/precisions",schemaPath:"#/properties/precisions/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema29.properties.precisions.type,parentSchema:schema29.properties.precisions,data:data3};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data.image !== undefined){
let data5 = data.image;
if(typeof data5 === "string"){
if(!pattern10.test(data5)){
const err14 = {instancePath:instancePath+"/image",schemaPath:"#/properties/image/pattern",keyword:"pattern",params:{pattern: "^\\S+$"},message:"must match pattern \""+"^\\S+$"+"\"",schema:"^\\S+$",parentSchema:schema29.properties.image,data:data5};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
else {
const err15 = {instancePath:instancePath+"/image",schemaPath:"#/properties/image/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.image.type,parentSchema:schema29.properties.image,data:data5};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data.trtexec !== undefined){
let data6 = data.trtexec;
if(typeof data6 === "string"){
if(!pattern11.test(data6)){
const err16 = {instancePath:instancePath+"/trtexec",schemaPath:"#/properties/trtexec/pattern",keyword:"pattern",params:{pattern: "\\S"},message:"must match pattern \""+"\\S"+"\"",schema:"\\S",parentSchema:schema29.properties.trtexec,data:data6};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
else {
const err17 = {instancePath:instancePath+"/trtexec",schemaPath:"#/properties/trtexec/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.trtexec.type,parentSchema:schema29.properties.trtexec,data:data6};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
if(data.command !== undefined){
let data7 = data.command;
if(Array.isArray(data7)){
if(data7.length < 1){
const err18 = {instancePath:instancePath+"/command",schemaPath:"#/properties/command/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema29.properties.command,data:data7};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
const len1 = data7.length;
for(let i2=0; i2<len1; i2++){
let data8 = data7[i2];
if(typeof data8 === "string"){
if(!pattern11.test(data8)){
const err19 = {instancePath:instancePath+"/command/" + i2,schemaPath:"#/properties/command/items/pattern",keyword:"pattern",params:{pattern: "\\S"},message:"must match pattern \""+"\\S"+"\"",schema:"\\S",parentSchema:schema29.properties.command.items,data:data8};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
else {
const err20 = {instancePath:instancePath+"/command/" + i2,schemaPath:"#/properties/command/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.command.items.type,parentSchema:schema29.properties.command.items,data:data8};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
}
else {
const err21 = {instancePath:instancePath+"/command",schemaPath:"#/properties/command/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema29.properties.command.type,parentSchema:schema29.properties.command,data:data7};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data.engineOptions !== undefined){
if(!(validate16(data.engineOptions, {instancePath:instancePath+"/engineOptions",parentData:data,parentDataProperty:"engineOptions",rootData}))){
vErrors = vErrors === null ? validate16.errors : vErrors.concat(validate16.errors);
errors = vErrors.length;
}
}
}
else {
const err22 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema29.type,parentSchema:schema29,data};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
validate15.errors = vErrors;
return errors === 0;
}


function validate10(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.models === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "models"},message:"must have required property '"+"models"+"'",schema:schema11.required,parentSchema:schema11,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.targets === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "targets"},message:"must have required property '"+"targets"+"'",schema:schema11.required,parentSchema:schema11,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
for(const key0 in data){
if(!(func2.call(schema11.properties, key0))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema11,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.$schema !== undefined){
let data0 = data.$schema;
if(typeof data0 !== "string"){
const err3 = {instancePath:instancePath+"/$schema",schemaPath:"#/properties/%24schema/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema11.properties.$schema.type,parentSchema:schema11.properties.$schema,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.models !== undefined){
let data1 = data.models;
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
if(Object.keys(data1).length < 1){
const err4 = {instancePath:instancePath+"/models",schemaPath:"#/properties/models/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties",schema:1,parentSchema:schema11.properties.models,data:data1};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
for(const key1 in data1){
const _errs6 = errors;
if(typeof key1 === "string"){
if(!pattern0.test(key1)){
const err5 = {instancePath:instancePath+"/models",schemaPath:"#/definitions/Name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_-]*$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_-]*$"+"\"",schema:"^[A-Za-z0-9][A-Za-z0-9_-]*$",parentSchema:schema12,data:key1,propertyName:key1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
else {
const err6 = {instancePath:instancePath+"/models",schemaPath:"#/definitions/Name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:key1,propertyName:key1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
var valid1 = _errs6 === errors;
if(!valid1){
const err7 = {instancePath:instancePath+"/models",schemaPath:"#/properties/models/propertyNames",keyword:"propertyNames",params:{propertyName: key1},message:"property name must be valid",schema:schema11.properties.models.propertyNames,parentSchema:schema11.properties.models,data:data1};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
for(const key2 in data1){
if(!(validate11(data1[key2], {instancePath:instancePath+"/models/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),parentData:data1,parentDataProperty:key2,rootData}))){
vErrors = vErrors === null ? validate11.errors : vErrors.concat(validate11.errors);
errors = vErrors.length;
}
}
}
else {
const err8 = {instancePath:instancePath+"/models",schemaPath:"#/properties/models/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema11.properties.models.type,parentSchema:schema11.properties.models,data:data1};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.targets !== undefined){
let data3 = data.targets;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(Object.keys(data3).length < 1){
const err9 = {instancePath:instancePath+"/targets",schemaPath:"#/properties/targets/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties",schema:1,parentSchema:schema11.properties.targets,data:data3};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
for(const key3 in data3){
const _errs13 = errors;
if(typeof key3 === "string"){
if(!pattern0.test(key3)){
const err10 = {instancePath:instancePath+"/targets",schemaPath:"#/definitions/Name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_-]*$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_-]*$"+"\"",schema:"^[A-Za-z0-9][A-Za-z0-9_-]*$",parentSchema:schema12,data:key3,propertyName:key3};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
else {
const err11 = {instancePath:instancePath+"/targets",schemaPath:"#/definitions/Name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:key3,propertyName:key3};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
var valid4 = _errs13 === errors;
if(!valid4){
const err12 = {instancePath:instancePath+"/targets",schemaPath:"#/properties/targets/propertyNames",keyword:"propertyNames",params:{propertyName: key3},message:"property name must be valid",schema:schema11.properties.targets.propertyNames,parentSchema:schema11.properties.targets,data:data3};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
for(const key4 in data3){
if(!(validate15(data3[key4], {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"),parentData:data3,parentDataProperty:key4,rootData}))){
vErrors = vErrors === null ? validate15.errors : vErrors.concat(validate15.errors);
errors = vErrors.length;
}
}
}
else {
const err13 = {instancePath:instancePath+"/targets",schemaPath:"#/properties/targets/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema11.properties.targets.type,parentSchema:schema11.properties.targets,data:data3};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data.triton !== undefined){
let data5 = data.triton;
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
for(const key5 in data5){
if(!(func2.call(schema33.properties, key5))){
const err14 = {instancePath:instancePath+"/triton",schemaPath:"#/definitions/Triton/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties",schema:false,parentSchema:schema33,data:data5};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
if(data5.repository !== undefined){
let data6 = data5.repository;
if(typeof data6 === "string"){
if(!pattern15.test(data6)){
const err15 = {instancePath:instancePath+"/triton/repository",schemaPath:"#/definitions/Triton/properties/repository/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$"},message:"must match pattern \""+"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$"+"\"",schema:"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$",parentSchema:schema33.properties.repository,data:data6};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
else {
const err16 = {instancePath:instancePath+"/triton/repository",schemaPath:"#/definitions/Triton/properties/repository/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema33.properties.repository.type,parentSchema:schema33.properties.repository,data:data6};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data5.maxBatchSize !== undefined){
let data7 = data5.maxBatchSize;
if(!(((typeof data7 == "number") && (!(data7 % 1) && !isNaN(data7))) && (isFinite(data7)))){
const err17 = {instancePath:instancePath+"/triton/maxBatchSize",schemaPath:"#/definitions/Triton/properties/maxBatchSize/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.maxBatchSize.type,parentSchema:schema33.properties.maxBatchSize,data:data7};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if((typeof data7 == "number") && (isFinite(data7))){
if(data7 < 0 || isNaN(data7)){
const err18 = {instancePath:instancePath+"/triton/maxBatchSize",schemaPath:"#/definitions/Triton/properties/maxBatchSize/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema33.properties.maxBatchSize,data:data7};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
}
if(data5.dynamicBatching !== undefined){
let data8 = data5.dynamicBatching;
if((typeof data8 !== "boolean") && (!(data8 && typeof data8 == "object" && !Array.isArray(data8)))){
const err19 = {instancePath:instancePath+"/triton/dynamicBatching",schemaPath:"#/definitions/Triton/properties/dynamicBatching/type",keyword:"type",params:{type: schema33.properties.dynamicBatching.type},message:"must be boolean,object",schema:schema33.properties.dynamicBatching.type,parentSchema:schema33.properties.dynamicBatching,data:data8};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
for(const key6 in data8){
if(!(((((((key6 === "maxQueueDelayMicroseconds") || (key6 === "preferredBatchSizes")) || (key6 === "preserveOrdering")) || (key6 === "priorityLevels")) || (key6 === "defaultPriorityLevel")) || (key6 === "queuePolicy")) || (key6 === "priorityQueuePolicies"))){
const err20 = {instancePath:instancePath+"/triton/dynamicBatching",schemaPath:"#/definitions/Triton/properties/dynamicBatching/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties",schema:false,parentSchema:schema33.properties.dynamicBatching,data:data8};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
if(data8.maxQueueDelayMicroseconds !== undefined){
let data9 = data8.maxQueueDelayMicroseconds;
if(!(((typeof data9 == "number") && (!(data9 % 1) && !isNaN(data9))) && (isFinite(data9)))){
const err21 = {instancePath:instancePath+"/triton/dynamicBatching/maxQueueDelayMicroseconds",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/maxQueueDelayMicroseconds/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.dynamicBatching.properties.maxQueueDelayMicroseconds.type,parentSchema:schema33.properties.dynamicBatching.properties.maxQueueDelayMicroseconds,data:data9};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
if((typeof data9 == "number") && (isFinite(data9))){
if(data9 < 0 || isNaN(data9)){
const err22 = {instancePath:instancePath+"/triton/dynamicBatching/maxQueueDelayMicroseconds",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/maxQueueDelayMicroseconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema33.properties.dynamicBatching.properties.maxQueueDelayMicroseconds,data:data9};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
}
if(data8.preferredBatchSizes !== undefined){
let data10 = data8.preferredBatchSizes;
if(Array.isArray(data10)){
const len0 = data10.length;
for(let i0=0; i0<len0; i0++){
let data11 = data10[i0];
if(!(((typeof data11 == "number") && (!(data11 % 1) && !isNaN(data11))) && (isFinite(data11)))){
const err23 = {instancePath:instancePath+"/triton/dynamicBatching/preferredBatchSizes/" + i0,schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/preferredBatchSizes/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.dynamicBatching.properties.preferredBatchSizes.items.type,parentSchema:schema33.properties.dynamicBatching.properties.preferredBatchSizes.items,data:data11};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
if((typeof data11 == "number") && (isFinite(data11))){
if(data11 < 1 || isNaN(data11)){
const err24 = {instancePath:instancePath+"/triton/dynamicBatching/preferredBatchSizes/" + i0,schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/preferredBatchSizes/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema33.properties.dynamicBatching.properties.preferredBatchSizes.items,data:data11};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
}
let i1 = data10.length;
let j0;
if(i1 > 1){
const indices0 = {};
for(;i1--;){
let item0 = data10[i1];
if(!(((typeof item0 == "number") && (!(item0 % 1) && !isNaN(item0))) && (isFinite(item0)))){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
const err25 = {instancePath:instancePath+"/triton/dynamicBatching/preferredBatchSizes",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/preferredBatchSizes/uniqueItems",keyword:"uniqueItems",params:{i: i1, j: j0},message:"must NOT have duplicate items (items ## "+j0+" and "+i1+" are identical)",schema:true,parentSchema:schema33.properties.dynamicBatching.properties.preferredBatchSizes,data:data10};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
break;
}
indices0[item0] = i1;
}
}
}
else {
const err26 = {instancePath:instancePath+"/triton/dynamicBatching/preferredBatchSizes",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/preferredBatchSizes/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema33.properties.dynamicBatching.properties.preferredBatchSizes.type,parentSchema:schema33.properties.dynamicBatching.properties.preferredBatchSizes,data:data10};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
if(data8.preserveOrdering !== undefined){
let data12 = data8.preserveOrdering;
if(typeof data12 !== "boolean"){
const err27 = {instancePath:instancePath+"/triton/dynamicBatching/preserveOrdering",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/preserveOrdering/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema33.properties.dynamicBatching.properties.preserveOrdering.type,parentSchema:schema33.properties.dynamicBatching.properties.preserveOrdering,data:data12};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
if(data8.priorityLevels !== undefined){
let data13 = data8.priorityLevels;
if(!(((typeof data13 == "number") && (!(data13 % 1) && !isNaN(data13))) && (isFinite(data13)))){
const err28 = {instancePath:instancePath+"/triton/dynamicBatching/priorityLevels",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/priorityLevels/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.dynamicBatching.properties.priorityLevels.type,parentSchema:schema33.properties.dynamicBatching.properties.priorityLevels,data:data13};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
if((typeof data13 == "number") && (isFinite(data13))){
if(data13 < 1 || isNaN(data13)){
const err29 = {instancePath:instancePath+"/triton/dynamicBatching/priorityLevels",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/priorityLevels/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema33.properties.dynamicBatching.properties.priorityLevels,data:data13};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
}
if(data8.defaultPriorityLevel !== undefined){
let data14 = data8.defaultPriorityLevel;
if(!(((typeof data14 == "number") && (!(data14 % 1) && !isNaN(data14))) && (isFinite(data14)))){
const err30 = {instancePath:instancePath+"/triton/dynamicBatching/defaultPriorityLevel",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/defaultPriorityLevel/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.dynamicBatching.properties.defaultPriorityLevel.type,parentSchema:schema33.properties.dynamicBatching.properties.defaultPriorityLevel,data:data14};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
if((typeof data14 == "number") && (isFinite(data14))){
if(data14 < 1 || isNaN(data14)){
const err31 = {instancePath:instancePath+"/triton/dynamicBatching/defaultPriorityLevel",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/defaultPriorityLevel/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema33.properties.dynamicBatching.properties.defaultPriorityLevel,data:data14};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
}
if(data8.queuePolicy !== undefined){
let data15 = data8.queuePolicy;
if(data15 && typeof data15 == "object" && !Array.isArray(data15)){
for(const key7 in data15){
if(!((((key7 === "timeoutMicroseconds") || (key7 === "timeoutAction")) || (key7 === "allowTimeoutOverride")) || (key7 === "maxSize"))){
const err32 = {instancePath:instancePath+"/triton/dynamicBatching/queuePolicy",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/queuePolicy/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key7},message:"must NOT have additional properties",schema:false,parentSchema:schema33.properties.dynamicBatching.properties.queuePolicy,data:data15};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
if(data15.timeoutMicroseconds !== undefined){
let data16 = data15.timeoutMicroseconds;
if(!(((typeof data16 == "number") && (!(data16 % 1) && !isNaN(data16))) && (isFinite(data16)))){
const err33 = {instancePath:instancePath+"/triton/dynamicBatching/queuePolicy/timeoutMicroseconds",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/queuePolicy/properties/timeoutMicroseconds/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.dynamicBatching.properties.queuePolicy.properties.timeoutMicroseconds.type,parentSchema:schema33.properties.dynamicBatching.properties.queuePolicy.properties.timeoutMicroseconds,data:data16};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
if((typeof data16 == "number") && (isFinite(data16))){
if(data16 < 0 || isNaN(data16)){
const err34 = {instancePath:instancePath+"/triton/dynamicBatching/queuePolicy/timeoutMicroseconds",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/queuePolicy/properties/timeoutMicroseconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema33.properties.dynamicBatching.properties.queuePolicy.properties.timeoutMicroseconds,data:data16};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
}
if(data15.timeoutAction !== undefined){
let data17 = data15.timeoutAction;
if(typeof data17 !== "string"){
const err35 = {instancePath:instancePath+"/triton/dynamicBatching/queuePolicy/timeoutAction",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/queuePolicy/properties/timeoutAction/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema33.properties.dynamicBatching.properties.queuePolicy.properties.timeoutAction.type,parentSchema:schema33.properties.dynamicBatching.properties.queuePolicy.properties.timeoutAction,data:data17};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
if(!((data17 === "reject") || (data17 === "delay"))){
const err36 = {instancePath:instancePath+"/triton/dynamicBatching/queuePolicy/timeoutAction",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/queuePolicy/properties/timeoutAction/enum",keyword:"enum",params:{allowedValues: schema33.properties.dynamicBatching.properties.queuePolicy.properties.timeoutAction.enum},message:"must be equal to one of the allowed values",schema:schema33.properties.dynamicBatching.properties.queuePolicy.properties.timeoutAction.enum,parentSchema:schema33.properties.dynamicBatching.properties.queuePolicy.properties.timeoutAction,data:data17};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
if(data15.allowTimeoutOverride !== undefined){
let data18 = data15.allowTimeoutOverride;
if(typeof data18 !== "boolean"){
const err37 = {instancePath:instancePath+"/triton/dynamicBatching/queuePolicy/allowTimeoutOverride",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/queuePolicy/properties/allowTimeoutOverride/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema33.properties.dynamicBatching.properties.queuePolicy.properties.allowTimeoutOverride.type,parentSchema:schema33.properties.dynamicBatching.properties.queuePolicy.properties.allowTimeoutOverride,data:data18};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data15.maxSize !== undefined){
let data19 = data15.maxSize;
if(!(((typeof data19 == "number") && (!(data19 % 1) && !isNaN(data19))) && (isFinite(data19)))){
const err38 = {instancePath:instancePath+"/triton/dynamicBatching/queuePolicy/maxSize",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/queuePolicy/properties/maxSize/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.dynamicBatching.properties.queuePolicy.properties.maxSize.type,parentSchema:schema33.properties.dynamicBatching.properties.queuePolicy.properties.maxSize,data:data19};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
if((typeof data19 == "number") && (isFinite(data19))){
if(data19 < 0 || isNaN(data19)){
const err39 = {instancePath:instancePath+"/triton/dynamicBatching/queuePolicy/maxSize",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/queuePolicy/properties/maxSize/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema33.properties.dynamicBatching.properties.queuePolicy.properties.maxSize,data:data19};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
}
}
}
else {
const err40 = {instancePath:instancePath+"/triton/dynamicBatching/queuePolicy",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/queuePolicy/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema33.properties.dynamicBatching.properties.queuePolicy.type,parentSchema:schema33.properties.dynamicBatching.properties.queuePolicy,data:data15};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
}
if(data8.priorityQueuePolicies !== undefined){
let data20 = data8.priorityQueuePolicies;
if(data20 && typeof data20 == "object" && !Array.isArray(data20)){
for(const key8 in data20){
const _errs54 = errors;
if(typeof key8 === "string"){
if(!pattern16.test(key8)){
const err41 = {instancePath:instancePath+"/triton/dynamicBatching/priorityQueuePolicies",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/priorityQueuePolicies/propertyNames/pattern",keyword:"pattern",params:{pattern: "^[1-9][0-9]*$"},message:"must match pattern \""+"^[1-9][0-9]*$"+"\"",schema:"^[1-9][0-9]*$",parentSchema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.propertyNames,data:key8,propertyName:key8};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
var valid14 = _errs54 === errors;
if(!valid14){
const err42 = {instancePath:instancePath+"/triton/dynamicBatching/priorityQueuePolicies",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/priorityQueuePolicies/propertyNames",keyword:"propertyNames",params:{propertyName: key8},message:"property name must be valid",schema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.propertyNames,parentSchema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies,data:data20};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
for(const key9 in data20){
let data21 = data20[key9];
if(data21 && typeof data21 == "object" && !Array.isArray(data21)){
for(const key10 in data21){
if(!((((key10 === "timeoutMicroseconds") || (key10 === "timeoutAction")) || (key10 === "allowTimeoutOverride")) || (key10 === "maxSize"))){
const err43 = {instancePath:instancePath+"/triton/dynamicBatching/priorityQueuePolicies/" + key9.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key10},message:"must NOT have additional properties",schema:false,parentSchema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties,data:data21};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
if(data21.timeoutMicroseconds !== undefined){
let data22 = data21.timeoutMicroseconds;
if(!(((typeof data22 == "number") && (!(data22 % 1) && !isNaN(data22))) && (isFinite(data22)))){
const err44 = {instancePath:instancePath+"/triton/dynamicBatching/priorityQueuePolicies/" + key9.replace(/~/g, "~0").replace(/\//g, "~1")+"/timeoutMicroseconds",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/properties/timeoutMicroseconds/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.timeoutMicroseconds.type,parentSchema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.timeoutMicroseconds,data:data22};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
if((typeof data22 == "number") && (isFinite(data22))){
if(data22 < 0 || isNaN(data22)){
const err45 = {instancePath:instancePath+"/triton/dynamicBatching/priorityQueuePolicies/" + key9.replace(/~/g, "~0").replace(/\//g, "~1")+"/timeoutMicroseconds",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/properties/timeoutMicroseconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.timeoutMicroseconds,data:data22};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
}
if(data21.timeoutAction !== undefined){
let data23 = data21.timeoutAction;
if(typeof data23 !== "string"){
const err46 = {instancePath:instancePath+"/triton/dynamicBatching/priorityQueuePolicies/" + key9.replace(/~/g, "~0").replace(/\//g, "~1")+"/timeoutAction",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/properties/timeoutAction/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.timeoutAction.type,parentSchema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.timeoutAction,data:data23};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
if(!((data23 === "reject") || (data23 === "delay"))){
const err47 = {instancePath:instancePath+"/triton/dynamicBatching/priorityQueuePolicies/" + key9.replace(/~/g, "~0").replace(/\//g, "~1")+"/timeoutAction",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/properties/timeoutAction/enum",keyword:"enum",params:{allowedValues: schema33.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.timeoutAction.enum},message:"must be equal to one of the allowed values",schema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.timeoutAction.enum,parentSchema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.timeoutAction,data:data23};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data21.allowTimeoutOverride !== undefined){
let data24 = data21.allowTimeoutOverride;
if(typeof data24 !== "boolean"){
const err48 = {instancePath:instancePath+"/triton/dynamicBatching/priorityQueuePolicies/" + key9.replace(/~/g, "~0").replace(/\//g, "~1")+"/allowTimeoutOverride",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/properties/allowTimeoutOverride/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.allowTimeoutOverride.type,parentSchema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.allowTimeoutOverride,data:data24};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
if(data21.maxSize !== undefined){
let data25 = data21.maxSize;
if(!(((typeof data25 == "number") && (!(data25 % 1) && !isNaN(data25))) && (isFinite(data25)))){
const err49 = {instancePath:instancePath+"/triton/dynamicBatching/priorityQueuePolicies/" + key9.replace(/~/g, "~0").replace(/\//g, "~1")+"/maxSize",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/properties/maxSize/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.maxSize.type,parentSchema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.maxSize,data:data25};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
if((typeof data25 == "number") && (isFinite(data25))){
if(data25 < 0 || isNaN(data25)){
const err50 = {instancePath:instancePath+"/triton/dynamicBatching/priorityQueuePolicies/" + key9.replace(/~/g, "~0").replace(/\//g, "~1")+"/maxSize",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/properties/maxSize/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.maxSize,data:data25};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
}
}
else {
const err51 = {instancePath:instancePath+"/triton/dynamicBatching/priorityQueuePolicies/" + key9.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.type,parentSchema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties,data:data21};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
}
}
else {
const err52 = {instancePath:instancePath+"/triton/dynamicBatching/priorityQueuePolicies",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/priorityQueuePolicies/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies.type,parentSchema:schema33.properties.dynamicBatching.properties.priorityQueuePolicies,data:data20};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
}
}
}
if(data5.compat !== undefined){
let data26 = data5.compat;
if(typeof data26 !== "string"){
const err53 = {instancePath:instancePath+"/triton/compat",schemaPath:"#/definitions/Triton/properties/compat/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema33.properties.compat.type,parentSchema:schema33.properties.compat,data:data26};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
if(!((data26 === "none") || (data26 === "els-rd"))){
const err54 = {instancePath:instancePath+"/triton/compat",schemaPath:"#/definitions/Triton/properties/compat/enum",keyword:"enum",params:{allowedValues: schema33.properties.compat.enum},message:"must be equal to one of the allowed values",schema:schema33.properties.compat.enum,parentSchema:schema33.properties.compat,data:data26};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
if(data5.instances !== undefined){
let data27 = data5.instances;
if(data27 && typeof data27 == "object" && !Array.isArray(data27)){
for(const key11 in data27){
if(!(((((key11 === "count") || (key11 === "kind")) || (key11 === "gpus")) || (key11 === "profiles")) || (key11 === "rateLimiter"))){
const err55 = {instancePath:instancePath+"/triton/instances",schemaPath:"#/definitions/Triton/properties/instances/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key11},message:"must NOT have additional properties",schema:false,parentSchema:schema33.properties.instances,data:data27};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
}
if(data27.count !== undefined){
let data28 = data27.count;
if(!(((typeof data28 == "number") && (!(data28 % 1) && !isNaN(data28))) && (isFinite(data28)))){
const err56 = {instancePath:instancePath+"/triton/instances/count",schemaPath:"#/definitions/Triton/properties/instances/properties/count/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.instances.properties.count.type,parentSchema:schema33.properties.instances.properties.count,data:data28};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
if((typeof data28 == "number") && (isFinite(data28))){
if(data28 < 1 || isNaN(data28)){
const err57 = {instancePath:instancePath+"/triton/instances/count",schemaPath:"#/definitions/Triton/properties/instances/properties/count/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema33.properties.instances.properties.count,data:data28};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
}
if(data27.kind !== undefined){
let data29 = data27.kind;
if(typeof data29 !== "string"){
const err58 = {instancePath:instancePath+"/triton/instances/kind",schemaPath:"#/definitions/Triton/properties/instances/properties/kind/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema33.properties.instances.properties.kind.type,parentSchema:schema33.properties.instances.properties.kind,data:data29};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
if(!(((data29 === "auto") || (data29 === "cpu")) || (data29 === "gpu"))){
const err59 = {instancePath:instancePath+"/triton/instances/kind",schemaPath:"#/definitions/Triton/properties/instances/properties/kind/enum",keyword:"enum",params:{allowedValues: schema33.properties.instances.properties.kind.enum},message:"must be equal to one of the allowed values",schema:schema33.properties.instances.properties.kind.enum,parentSchema:schema33.properties.instances.properties.kind,data:data29};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
if(data27.gpus !== undefined){
let data30 = data27.gpus;
if(Array.isArray(data30)){
const len1 = data30.length;
for(let i2=0; i2<len1; i2++){
let data31 = data30[i2];
if(!(((typeof data31 == "number") && (!(data31 % 1) && !isNaN(data31))) && (isFinite(data31)))){
const err60 = {instancePath:instancePath+"/triton/instances/gpus/" + i2,schemaPath:"#/definitions/Triton/properties/instances/properties/gpus/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.instances.properties.gpus.items.type,parentSchema:schema33.properties.instances.properties.gpus.items,data:data31};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
if((typeof data31 == "number") && (isFinite(data31))){
if(data31 < 0 || isNaN(data31)){
const err61 = {instancePath:instancePath+"/triton/instances/gpus/" + i2,schemaPath:"#/definitions/Triton/properties/instances/properties/gpus/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema33.properties.instances.properties.gpus.items,data:data31};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
}
let i3 = data30.length;
let j1;
if(i3 > 1){
const indices1 = {};
for(;i3--;){
let item1 = data30[i3];
if(!(((typeof item1 == "number") && (!(item1 % 1) && !isNaN(item1))) && (isFinite(item1)))){
continue;
}
if(typeof indices1[item1] == "number"){
j1 = indices1[item1];
const err62 = {instancePath:instancePath+"/triton/instances/gpus",schemaPath:"#/definitions/Triton/properties/instances/properties/gpus/uniqueItems",keyword:"uniqueItems",params:{i: i3, j: j1},message:"must NOT have duplicate items (items ## "+j1+" and "+i3+" are identical)",schema:true,parentSchema:schema33.properties.instances.properties.gpus,data:data30};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
break;
}
indices1[item1] = i3;
}
}
}
else {
const err63 = {instancePath:instancePath+"/triton/instances/gpus",schemaPath:"#/definitions/Triton/properties/instances/properties/gpus/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema33.properties.instances.properties.gpus.type,parentSchema:schema33.properties.instances.properties.gpus,data:data30};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
}
if(data27.profiles !== undefined){
let data32 = data27.profiles;
if(Array.isArray(data32)){
const len2 = data32.length;
for(let i4=0; i4<len2; i4++){
let data33 = data32[i4];
if(!(((typeof data33 == "number") && (!(data33 % 1) && !isNaN(data33))) && (isFinite(data33)))){
const err64 = {instancePath:instancePath+"/triton/instances/profiles/" + i4,schemaPath:"#/definitions/Triton/properties/instances/properties/profiles/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.instances.properties.profiles.items.type,parentSchema:schema33.properties.instances.properties.profiles.items,data:data33};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
if((typeof data33 == "number") && (isFinite(data33))){
if(data33 < 0 || isNaN(data33)){
const err65 = {instancePath:instancePath+"/triton/instances/profiles/" + i4,schemaPath:"#/definitions/Triton/properties/instances/properties/profiles/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema33.properties.instances.properties.profiles.items,data:data33};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
}
}
let i5 = data32.length;
let j2;
if(i5 > 1){
const indices2 = {};
for(;i5--;){
let item2 = data32[i5];
if(!(((typeof item2 == "number") && (!(item2 % 1) && !isNaN(item2))) && (isFinite(item2)))){
continue;
}
if(typeof indices2[item2] == "number"){
j2 = indices2[item2];
const err66 = {instancePath:instancePath+"/triton/instances/profiles",schemaPath:"#/definitions/Triton/properties/instances/properties/profiles/uniqueItems",keyword:"uniqueItems",params:{i: i5, j: j2},message:"must NOT have duplicate items (items ## "+j2+" and "+i5+" are identical)",schema:true,parentSchema:schema33.properties.instances.properties.profiles,data:data32};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
break;
}
indices2[item2] = i5;
}
}
}
else {
const err67 = {instancePath:instancePath+"/triton/instances/profiles",schemaPath:"#/definitions/Triton/properties/instances/properties/profiles/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema33.properties.instances.properties.profiles.type,parentSchema:schema33.properties.instances.properties.profiles,data:data32};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
}
if(data27.rateLimiter !== undefined){
let data34 = data27.rateLimiter;
if(data34 && typeof data34 == "object" && !Array.isArray(data34)){
for(const key12 in data34){
if(!((key12 === "resources") || (key12 === "priority"))){
const err68 = {instancePath:instancePath+"/triton/instances/rateLimiter",schemaPath:"#/definitions/Triton/properties/instances/properties/rateLimiter/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key12},message:"must NOT have additional properties",schema:false,parentSchema:schema33.properties.instances.properties.rateLimiter,data:data34};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
}
if(data34.resources !== undefined){
let data35 = data34.resources;
if(Array.isArray(data35)){
const len3 = data35.length;
for(let i6=0; i6<len3; i6++){
let data36 = data35[i6];
if(data36 && typeof data36 == "object" && !Array.isArray(data36)){
if(data36.name === undefined){
const err69 = {instancePath:instancePath+"/triton/instances/rateLimiter/resources/" + i6,schemaPath:"#/definitions/Triton/properties/instances/properties/rateLimiter/properties/resources/items/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'",schema:schema33.properties.instances.properties.rateLimiter.properties.resources.items.required,parentSchema:schema33.properties.instances.properties.rateLimiter.properties.resources.items,data:data36};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
if(data36.count === undefined){
const err70 = {instancePath:instancePath+"/triton/instances/rateLimiter/resources/" + i6,schemaPath:"#/definitions/Triton/properties/instances/properties/rateLimiter/properties/resources/items/required",keyword:"required",params:{missingProperty: "count"},message:"must have required property '"+"count"+"'",schema:schema33.properties.instances.properties.rateLimiter.properties.resources.items.required,parentSchema:schema33.properties.instances.properties.rateLimiter.properties.resources.items,data:data36};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
for(const key13 in data36){
if(!(((key13 === "name") || (key13 === "count")) || (key13 === "global"))){
const err71 = {instancePath:instancePath+"/triton/instances/rateLimiter/resources/" + i6,schemaPath:"#/definitions/Triton/properties/instances/properties/rateLimiter/properties/resources/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key13},message:"must NOT have additional properties",schema:false,parentSchema:schema33.properties.instances.properties.rateLimiter.properties.resources.items,data:data36};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
if(data36.name !== undefined){
let data37 = data36.name;
if(typeof data37 === "string"){
if(!pattern17.test(data37)){
const err72 = {instancePath:instancePath+"/triton/instances/rateLimiter/resources/" + i6+"/name",schemaPath:"#/definitions/Triton/properties/instances/properties/rateLimiter/properties/resources/items/properties/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9_.-]+$"},message:"must match pattern \""+"^[A-Za-z0-9_.-]+$"+"\"",schema:"^[A-Za-z0-9_.-]+$",parentSchema:schema33.properties.instances.properties.rateLimiter.properties.resources.items.properties.name,data:data37};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
}
else {
const err73 = {instancePath:instancePath+"/triton/instances/rateLimiter/resources/" + i6+"/name",schemaPath:"#/definitions/Triton/properties/instances/properties/rateLimiter/properties/resources/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema33.properties.instances.properties.rateLimiter.properties.resources.items.properties.name.type,parentSchema:schema33.properties.instances.properties.rateLimiter.properties.resources.items.properties.name,data:data37};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
}
if(data36.count !== undefined){
let data38 = data36.count;
if(!(((typeof data38 == "number") && (!(data38 % 1) && !isNaN(data38))) && (isFinite(data38)))){
const err74 = {instancePath:instancePath+"/triton/instances/rateLimiter/resources/" + i6+"/count",schemaPath:"#/definitions/Triton/properties/instances/properties/rateLimiter/properties/resources/items/properties/count/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.instances.properties.rateLimiter.properties.resources.items.properties.count.type,parentSchema:schema33.properties.instances.properties.rateLimiter.properties.resources.items.properties.count,data:data38};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
if((typeof data38 == "number") && (isFinite(data38))){
if(data38 < 1 || isNaN(data38)){
const err75 = {instancePath:instancePath+"/triton/instances/rateLimiter/resources/" + i6+"/count",schemaPath:"#/definitions/Triton/properties/instances/properties/rateLimiter/properties/resources/items/properties/count/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema33.properties.instances.properties.rateLimiter.properties.resources.items.properties.count,data:data38};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
}
}
if(data36.global !== undefined){
let data39 = data36.global;
if(typeof data39 !== "boolean"){
const err76 = {instancePath:instancePath+"/triton/instances/rateLimiter/resources/" + i6+"/global",schemaPath:"#/definitions/Triton/properties/instances/properties/rateLimiter/properties/resources/items/properties/global/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema33.properties.instances.properties.rateLimiter.properties.resources.items.properties.global.type,parentSchema:schema33.properties.instances.properties.rateLimiter.properties.resources.items.properties.global,data:data39};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
}
}
else {
const err77 = {instancePath:instancePath+"/triton/instances/rateLimiter/resources/" + i6,schemaPath:"#/definitions/Triton/properties/instances/properties/rateLimiter/properties/resources/items/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema33.properties.instances.properties.rateLimiter.properties.resources.items.type,parentSchema:schema33.properties.instances.properties.rateLimiter.properties.resources.items,data:data36};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
}
}
else {
const err78 = {instancePath:instancePath+"/triton/instances/rateLimiter/resources",schemaPath:"#/definitions/Triton/properties/instances/properties/rateLimiter/properties/resources/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema33.properties.instances.properties.rateLimiter.properties.resources.type,parentSchema:schema33.properties.instances.properties.rateLimiter.properties.resources,data:data35};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
}
if(data34.priority !== undefined){
let data40 = data34.priority;
if(!(((typeof data40 == "number") && (!(data40 % 1) && !isNaN(data40))) && (isFinite(data40)))){
const err79 = {instancePath:instancePath+"/triton/instances/rateLimiter/priority",schemaPath:"#/definitions/Triton/properties/instances/properties/rateLimiter/properties/priority/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.instances.properties.rateLimiter.properties.priority.type,parentSchema:schema33.properties.instances.properties.rateLimiter.properties.priority,data:data40};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
if((typeof data40 == "number") && (isFinite(data40))){
if(data40 < 1 || isNaN(data40)){
const err80 = {instancePath:instancePath+"/triton/instances/rateLimiter/priority",schemaPath:"#/definitions/Triton/properties/instances/properties/rateLimiter/properties/priority/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema33.properties.instances.properties.rateLimiter.properties.priority,data:data40};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
}
}
}
else {
const err81 = {instancePath:instancePath+"/triton/instances/rateLimiter",schemaPath:"#/definitions/Triton/properties/instances/properties/rateLimiter/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema33.properties.instances.properties.rateLimiter.type,parentSchema:schema33.properties.instances.properties.rateLimiter,data:data34};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
}
}
else {
const err82 = {instancePath:instancePath+"/triton/instances",schemaPath:"#/definitions/Triton/properties/instances/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema33.properties.instances.type,parentSchema:schema33.properties.instances,data:data27};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
}
if(data5.pythonInstances !== undefined){
let data41 = data5.pythonInstances;
if(!(((typeof data41 == "number") && (!(data41 % 1) && !isNaN(data41))) && (isFinite(data41)))){
const err83 = {instancePath:instancePath+"/triton/pythonInstances",schemaPath:"#/definitions/Triton/properties/pythonInstances/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.pythonInstances.type,parentSchema:schema33.properties.pythonInstances,data:data41};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
if((typeof data41 == "number") && (isFinite(data41))){
if(data41 < 1 || isNaN(data41)){
const err84 = {instancePath:instancePath+"/triton/pythonInstances",schemaPath:"#/definitions/Triton/properties/pythonInstances/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema33.properties.pythonInstances,data:data41};
if(vErrors === null){
vErrors = [err84];
}
else {
vErrors.push(err84);
}
errors++;
}
}
}
if(data5.threads !== undefined){
let data42 = data5.threads;
if(data42 && typeof data42 == "object" && !Array.isArray(data42)){
for(const key14 in data42){
if(!(((key14 === "intraOp") || (key14 === "interOp")) || (key14 === "parallel"))){
const err85 = {instancePath:instancePath+"/triton/threads",schemaPath:"#/definitions/Triton/properties/threads/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key14},message:"must NOT have additional properties",schema:false,parentSchema:schema33.properties.threads,data:data42};
if(vErrors === null){
vErrors = [err85];
}
else {
vErrors.push(err85);
}
errors++;
}
}
if(data42.intraOp !== undefined){
let data43 = data42.intraOp;
if(!(((typeof data43 == "number") && (!(data43 % 1) && !isNaN(data43))) && (isFinite(data43)))){
const err86 = {instancePath:instancePath+"/triton/threads/intraOp",schemaPath:"#/definitions/Triton/properties/threads/properties/intraOp/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.threads.properties.intraOp.type,parentSchema:schema33.properties.threads.properties.intraOp,data:data43};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
if((typeof data43 == "number") && (isFinite(data43))){
if(data43 < 0 || isNaN(data43)){
const err87 = {instancePath:instancePath+"/triton/threads/intraOp",schemaPath:"#/definitions/Triton/properties/threads/properties/intraOp/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema33.properties.threads.properties.intraOp,data:data43};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
}
}
if(data42.interOp !== undefined){
let data44 = data42.interOp;
if(!(((typeof data44 == "number") && (!(data44 % 1) && !isNaN(data44))) && (isFinite(data44)))){
const err88 = {instancePath:instancePath+"/triton/threads/interOp",schemaPath:"#/definitions/Triton/properties/threads/properties/interOp/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.threads.properties.interOp.type,parentSchema:schema33.properties.threads.properties.interOp,data:data44};
if(vErrors === null){
vErrors = [err88];
}
else {
vErrors.push(err88);
}
errors++;
}
if((typeof data44 == "number") && (isFinite(data44))){
if(data44 < 0 || isNaN(data44)){
const err89 = {instancePath:instancePath+"/triton/threads/interOp",schemaPath:"#/definitions/Triton/properties/threads/properties/interOp/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema33.properties.threads.properties.interOp,data:data44};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
}
}
}
if(data42.parallel !== undefined){
let data45 = data42.parallel;
if(typeof data45 !== "boolean"){
const err90 = {instancePath:instancePath+"/triton/threads/parallel",schemaPath:"#/definitions/Triton/properties/threads/properties/parallel/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema33.properties.threads.properties.parallel.type,parentSchema:schema33.properties.threads.properties.parallel,data:data45};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
}
}
else {
const err91 = {instancePath:instancePath+"/triton/threads",schemaPath:"#/definitions/Triton/properties/threads/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema33.properties.threads.type,parentSchema:schema33.properties.threads,data:data42};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
}
if(data5.responseCache !== undefined){
let data46 = data5.responseCache;
if(typeof data46 !== "boolean"){
const err92 = {instancePath:instancePath+"/triton/responseCache",schemaPath:"#/definitions/Triton/properties/responseCache/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema33.properties.responseCache.type,parentSchema:schema33.properties.responseCache,data:data46};
if(vErrors === null){
vErrors = [err92];
}
else {
vErrors.push(err92);
}
errors++;
}
}
if(data5.versionPolicy !== undefined){
let data47 = data5.versionPolicy;
if(data47 && typeof data47 == "object" && !Array.isArray(data47)){
if(Object.keys(data47).length > 1){
const err93 = {instancePath:instancePath+"/triton/versionPolicy",schemaPath:"#/definitions/Triton/properties/versionPolicy/maxProperties",keyword:"maxProperties",params:{limit: 1},message:"must NOT have more than 1 properties",schema:1,parentSchema:schema33.properties.versionPolicy,data:data47};
if(vErrors === null){
vErrors = [err93];
}
else {
vErrors.push(err93);
}
errors++;
}
if(Object.keys(data47).length < 1){
const err94 = {instancePath:instancePath+"/triton/versionPolicy",schemaPath:"#/definitions/Triton/properties/versionPolicy/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties",schema:1,parentSchema:schema33.properties.versionPolicy,data:data47};
if(vErrors === null){
vErrors = [err94];
}
else {
vErrors.push(err94);
}
errors++;
}
for(const key15 in data47){
if(!(((key15 === "latest") || (key15 === "all")) || (key15 === "specific"))){
const err95 = {instancePath:instancePath+"/triton/versionPolicy",schemaPath:"#/definitions/Triton/properties/versionPolicy/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key15},message:"must NOT have additional properties",schema:false,parentSchema:schema33.properties.versionPolicy,data:data47};
if(vErrors === null){
vErrors = [err95];
}
else {
vErrors.push(err95);
}
errors++;
}
}
if(data47.latest !== undefined){
let data48 = data47.latest;
if(!(((typeof data48 == "number") && (!(data48 % 1) && !isNaN(data48))) && (isFinite(data48)))){
const err96 = {instancePath:instancePath+"/triton/versionPolicy/latest",schemaPath:"#/definitions/Triton/properties/versionPolicy/properties/latest/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.versionPolicy.properties.latest.type,parentSchema:schema33.properties.versionPolicy.properties.latest,data:data48};
if(vErrors === null){
vErrors = [err96];
}
else {
vErrors.push(err96);
}
errors++;
}
if((typeof data48 == "number") && (isFinite(data48))){
if(data48 < 1 || isNaN(data48)){
const err97 = {instancePath:instancePath+"/triton/versionPolicy/latest",schemaPath:"#/definitions/Triton/properties/versionPolicy/properties/latest/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema33.properties.versionPolicy.properties.latest,data:data48};
if(vErrors === null){
vErrors = [err97];
}
else {
vErrors.push(err97);
}
errors++;
}
}
}
if(data47.all !== undefined){
let data49 = data47.all;
if(typeof data49 !== "boolean"){
const err98 = {instancePath:instancePath+"/triton/versionPolicy/all",schemaPath:"#/definitions/Triton/properties/versionPolicy/properties/all/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema33.properties.versionPolicy.properties.all.type,parentSchema:schema33.properties.versionPolicy.properties.all,data:data49};
if(vErrors === null){
vErrors = [err98];
}
else {
vErrors.push(err98);
}
errors++;
}
if(!(data49 === true)){
const err99 = {instancePath:instancePath+"/triton/versionPolicy/all",schemaPath:"#/definitions/Triton/properties/versionPolicy/properties/all/enum",keyword:"enum",params:{allowedValues: schema33.properties.versionPolicy.properties.all.enum},message:"must be equal to one of the allowed values",schema:schema33.properties.versionPolicy.properties.all.enum,parentSchema:schema33.properties.versionPolicy.properties.all,data:data49};
if(vErrors === null){
vErrors = [err99];
}
else {
vErrors.push(err99);
}
errors++;
}
}
if(data47.specific !== undefined){
let data50 = data47.specific;
if(Array.isArray(data50)){
if(data50.length < 1){
const err100 = {instancePath:instancePath+"/triton/versionPolicy/specific",schemaPath:"#/definitions/Triton/properties/versionPolicy/properties/specific/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema33.properties.versionPolicy.properties.specific,data:data50};
if(vErrors === null){
vErrors = [err100];
}
else {
vErrors.push(err100);
}
errors++;
}
const len4 = data50.length;
for(let i7=0; i7<len4; i7++){
let data51 = data50[i7];
if(!(((typeof data51 == "number") && (!(data51 % 1) && !isNaN(data51))) && (isFinite(data51)))){
const err101 = {instancePath:instancePath+"/triton/versionPolicy/specific/" + i7,schemaPath:"#/definitions/Triton/properties/versionPolicy/properties/specific/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.versionPolicy.properties.specific.items.type,parentSchema:schema33.properties.versionPolicy.properties.specific.items,data:data51};
if(vErrors === null){
vErrors = [err101];
}
else {
vErrors.push(err101);
}
errors++;
}
if((typeof data51 == "number") && (isFinite(data51))){
if(data51 < 1 || isNaN(data51)){
const err102 = {instancePath:instancePath+"/triton/versionPolicy/specific/" + i7,schemaPath:"#/definitions/Triton/properties/versionPolicy/properties/specific/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema33.properties.versionPolicy.properties.specific.items,data:data51};
if(vErrors === null){
vErrors = [err102];
}
else {
vErrors.push(err102);
}
errors++;
}
}
}
let i8 = data50.length;
let j3;
if(i8 > 1){
const indices3 = {};
for(;i8--;){
let item3 = data50[i8];
if(!(((typeof item3 == "number") && (!(item3 % 1) && !isNaN(item3))) && (isFinite(item3)))){
continue;
}
if(typeof indices3[item3] == "number"){
j3 = indices3[item3];
const err103 = {instancePath:instancePath+"/triton/versionPolicy/specific",schemaPath:"#/definitions/Triton/properties/versionPolicy/properties/specific/uniqueItems",keyword:"uniqueItems",params:{i: i8, j: j3},message:"must NOT have duplicate items (items ## "+j3+" and "+i8+" are identical)",schema:true,parentSchema:schema33.properties.versionPolicy.properties.specific,data:data50};
if(vErrors === null){
vErrors = [err103];
}
else {
vErrors.push(err103);
}
errors++;
break;
}
indices3[item3] = i8;
}
}
}
else {
const err104 = {instancePath:instancePath+"/triton/versionPolicy/specific",schemaPath:"#/definitions/Triton/properties/versionPolicy/properties/specific/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema33.properties.versionPolicy.properties.specific.type,parentSchema:schema33.properties.versionPolicy.properties.specific,data:data50};
if(vErrors === null){
vErrors = [err104];
}
else {
vErrors.push(err104);
}
errors++;
}
}
}
else {
const err105 = {instancePath:instancePath+"/triton/versionPolicy",schemaPath:"#/definitions/Triton/properties/versionPolicy/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema33.properties.versionPolicy.type,parentSchema:schema33.properties.versionPolicy,data:data47};
if(vErrors === null){
vErrors = [err105];
}
else {
vErrors.push(err105);
}
errors++;
}
}
if(data5.accelerators !== undefined){
let data52 = data5.accelerators;
if(data52 && typeof data52 == "object" && !Array.isArray(data52)){
for(const key16 in data52){
if(!((key16 === "gpu") || (key16 === "cpu"))){
const err106 = {instancePath:instancePath+"/triton/accelerators",schemaPath:"#/definitions/Triton/properties/accelerators/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key16},message:"must NOT have additional properties",schema:false,parentSchema:schema33.properties.accelerators,data:data52};
if(vErrors === null){
vErrors = [err106];
}
else {
vErrors.push(err106);
}
errors++;
}
}
if(data52.gpu !== undefined){
let data53 = data52.gpu;
if(Array.isArray(data53)){
const len5 = data53.length;
for(let i9=0; i9<len5; i9++){
let data54 = data53[i9];
if(data54 && typeof data54 == "object" && !Array.isArray(data54)){
if(data54.name === undefined){
const err107 = {instancePath:instancePath+"/triton/accelerators/gpu/" + i9,schemaPath:"#/definitions/Triton/properties/accelerators/properties/gpu/items/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'",schema:schema33.properties.accelerators.properties.gpu.items.required,parentSchema:schema33.properties.accelerators.properties.gpu.items,data:data54};
if(vErrors === null){
vErrors = [err107];
}
else {
vErrors.push(err107);
}
errors++;
}
for(const key17 in data54){
if(!((key17 === "name") || (key17 === "parameters"))){
const err108 = {instancePath:instancePath+"/triton/accelerators/gpu/" + i9,schemaPath:"#/definitions/Triton/properties/accelerators/properties/gpu/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key17},message:"must NOT have additional properties",schema:false,parentSchema:schema33.properties.accelerators.properties.gpu.items,data:data54};
if(vErrors === null){
vErrors = [err108];
}
else {
vErrors.push(err108);
}
errors++;
}
}
if(data54.name !== undefined){
let data55 = data54.name;
if(typeof data55 !== "string"){
const err109 = {instancePath:instancePath+"/triton/accelerators/gpu/" + i9+"/name",schemaPath:"#/definitions/Triton/properties/accelerators/properties/gpu/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema33.properties.accelerators.properties.gpu.items.properties.name.type,parentSchema:schema33.properties.accelerators.properties.gpu.items.properties.name,data:data55};
if(vErrors === null){
vErrors = [err109];
}
else {
vErrors.push(err109);
}
errors++;
}
if(!((data55 === "tensorrt") || (data55 === "cuda"))){
const err110 = {instancePath:instancePath+"/triton/accelerators/gpu/" + i9+"/name",schemaPath:"#/definitions/Triton/properties/accelerators/properties/gpu/items/properties/name/enum",keyword:"enum",params:{allowedValues: schema33.properties.accelerators.properties.gpu.items.properties.name.enum},message:"must be equal to one of the allowed values",schema:schema33.properties.accelerators.properties.gpu.items.properties.name.enum,parentSchema:schema33.properties.accelerators.properties.gpu.items.properties.name,data:data55};
if(vErrors === null){
vErrors = [err110];
}
else {
vErrors.push(err110);
}
errors++;
}
}
if(data54.parameters !== undefined){
let data56 = data54.parameters;
if(data56 && typeof data56 == "object" && !Array.isArray(data56)){
for(const key18 in data56){
let data57 = data56[key18];
if(typeof data57 !== "string"){
const err111 = {instancePath:instancePath+"/triton/accelerators/gpu/" + i9+"/parameters/" + key18.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/Triton/properties/accelerators/properties/gpu/items/properties/parameters/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema33.properties.accelerators.properties.gpu.items.properties.parameters.additionalProperties.type,parentSchema:schema33.properties.accelerators.properties.gpu.items.properties.parameters.additionalProperties,data:data57};
if(vErrors === null){
vErrors = [err111];
}
else {
vErrors.push(err111);
}
errors++;
}
}
}
else {
const err112 = {instancePath:instancePath+"/triton/accelerators/gpu/" + i9+"/parameters",schemaPath:"#/definitions/Triton/properties/accelerators/properties/gpu/items/properties/parameters/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema33.properties.accelerators.properties.gpu.items.properties.parameters.type,parentSchema:schema33.properties.accelerators.properties.gpu.items.properties.parameters,data:data56};
if(vErrors === null){
vErrors = [err112];
}
else {
vErrors.push(err112);
}
errors++;
}
}
}
else {
const err113 = {instancePath:instancePath+"/triton/accelerators/gpu/" + i9,schemaPath:"#/definitions/Triton/properties/accelerators/properties/gpu/items/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema33.properties.accelerators.properties.gpu.items.type,parentSchema:schema33.properties.accelerators.properties.gpu.items,data:data54};
if(vErrors === null){
vErrors = [err113];
}
else {
vErrors.push(err113);
}
errors++;
}
}
}
else {
const err114 = {instancePath:instancePath+"/triton/accelerators/gpu",schemaPath:"#/definitions/Triton/properties/accelerators/properties/gpu/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema33.properties.accelerators.properties.gpu.type,parentSchema:schema33.properties.accelerators.properties.gpu,data:data53};
if(vErrors === null){
vErrors = [err114];
}
else {
vErrors.push(err114);
}
errors++;
}
}
if(data52.cpu !== undefined){
let data58 = data52.cpu;
if(Array.isArray(data58)){
const len6 = data58.length;
for(let i10=0; i10<len6; i10++){
let data59 = data58[i10];
if(data59 && typeof data59 == "object" && !Array.isArray(data59)){
if(data59.name === undefined){
const err115 = {instancePath:instancePath+"/triton/accelerators/cpu/" + i10,schemaPath:"#/definitions/Triton/properties/accelerators/properties/cpu/items/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'",schema:schema33.properties.accelerators.properties.cpu.items.required,parentSchema:schema33.properties.accelerators.properties.cpu.items,data:data59};
if(vErrors === null){
vErrors = [err115];
}
else {
vErrors.push(err115);
}
errors++;
}
for(const key19 in data59){
if(!((key19 === "name") || (key19 === "parameters"))){
const err116 = {instancePath:instancePath+"/triton/accelerators/cpu/" + i10,schemaPath:"#/definitions/Triton/properties/accelerators/properties/cpu/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key19},message:"must NOT have additional properties",schema:false,parentSchema:schema33.properties.accelerators.properties.cpu.items,data:data59};
if(vErrors === null){
vErrors = [err116];
}
else {
vErrors.push(err116);
}
errors++;
}
}
if(data59.name !== undefined){
let data60 = data59.name;
if(typeof data60 !== "string"){
const err117 = {instancePath:instancePath+"/triton/accelerators/cpu/" + i10+"/name",schemaPath:"#/definitions/Triton/properties/accelerators/properties/cpu/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema33.properties.accelerators.properties.cpu.items.properties.name.type,parentSchema:schema33.properties.accelerators.properties.cpu.items.properties.name,data:data60};
if(vErrors === null){
vErrors = [err117];
}
else {
vErrors.push(err117);
}
errors++;
}
if(!(data60 === "openvino")){
const err118 = {instancePath:instancePath+"/triton/accelerators/cpu/" + i10+"/name",schemaPath:"#/definitions/Triton/properties/accelerators/properties/cpu/items/properties/name/enum",keyword:"enum",params:{allowedValues: schema33.properties.accelerators.properties.cpu.items.properties.name.enum},message:"must be equal to one of the allowed values",schema:schema33.properties.accelerators.properties.cpu.items.properties.name.enum,parentSchema:schema33.properties.accelerators.properties.cpu.items.properties.name,data:data60};
if(vErrors === null){
vErrors = [err118];
}
else {
vErrors.push(err118);
}
errors++;
}
}
if(data59.parameters !== undefined){
let data61 = data59.parameters;
if(data61 && typeof data61 == "object" && !Array.isArray(data61)){
for(const key20 in data61){
let data62 = data61[key20];
if(typeof data62 !== "string"){
const err119 = {instancePath:instancePath+"/triton/accelerators/cpu/" + i10+"/parameters/" + key20.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/Triton/properties/accelerators/properties/cpu/items/properties/parameters/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema33.properties.accelerators.properties.cpu.items.properties.parameters.additionalProperties.type,parentSchema:schema33.properties.accelerators.properties.cpu.items.properties.parameters.additionalProperties,data:data62};
if(vErrors === null){
vErrors = [err119];
}
else {
vErrors.push(err119);
}
errors++;
}
}
}
else {
const err120 = {instancePath:instancePath+"/triton/accelerators/cpu/" + i10+"/parameters",schemaPath:"#/definitions/Triton/properties/accelerators/properties/cpu/items/properties/parameters/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema33.properties.accelerators.properties.cpu.items.properties.parameters.type,parentSchema:schema33.properties.accelerators.properties.cpu.items.properties.parameters,data:data61};
if(vErrors === null){
vErrors = [err120];
}
else {
vErrors.push(err120);
}
errors++;
}
}
}
else {
const err121 = {instancePath:instancePath+"/triton/accelerators/cpu/" + i10,schemaPath:"#/definitions/Triton/properties/accelerators/properties/cpu/items/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema33.properties.accelerators.properties.cpu.items.type,parentSchema:schema33.properties.accelerators.properties.cpu.items,data:data59};
if(vErrors === null){
vErrors = [err121];
}
else {
vErrors.push(err121);
}
errors++;
}
}
}
else {
const err122 = {instancePath:instancePath+"/triton/accelerators/cpu",schemaPath:"#/definitions/Triton/properties/accelerators/properties/cpu/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema33.properties.accelerators.properties.cpu.type,parentSchema:schema33.properties.accelerators.properties.cpu,data:data58};
if(vErrors === null){
vErrors = [err122];
}
else {
vErrors.push(err122);
}
errors++;
}
}
}
else {
const err123 = {instancePath:instancePath+"/triton/accelerators",schemaPath:"#/definitions/Triton/properties/accelerators/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema33.properties.accelerators.type,parentSchema:schema33.properties.accelerators,data:data52};
if(vErrors === null){
vErrors = [err123];
}
else {
vErrors.push(err123);
}
errors++;
}
}
if(data5.checksum !== undefined){
let data63 = data5.checksum;
if(typeof data63 !== "boolean"){
const err124 = {instancePath:instancePath+"/triton/checksum",schemaPath:"#/definitions/Triton/properties/checksum/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema33.properties.checksum.type,parentSchema:schema33.properties.checksum,data:data63};
if(vErrors === null){
vErrors = [err124];
}
else {
vErrors.push(err124);
}
errors++;
}
}
if(data5.backend !== undefined){
let data64 = data5.backend;
if(typeof data64 !== "string"){
const err125 = {instancePath:instancePath+"/triton/backend",schemaPath:"#/definitions/Triton/properties/backend/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema33.properties.backend.type,parentSchema:schema33.properties.backend,data:data64};
if(vErrors === null){
vErrors = [err125];
}
else {
vErrors.push(err125);
}
errors++;
}
if(!(((data64 === "onnx") || (data64 === "vllm")) || (data64 === "tensorrt-llm"))){
const err126 = {instancePath:instancePath+"/triton/backend",schemaPath:"#/definitions/Triton/properties/backend/enum",keyword:"enum",params:{allowedValues: schema33.properties.backend.enum},message:"must be equal to one of the allowed values",schema:schema33.properties.backend.enum,parentSchema:schema33.properties.backend,data:data64};
if(vErrors === null){
vErrors = [err126];
}
else {
vErrors.push(err126);
}
errors++;
}
}
if(data5.backendOptions !== undefined){
let data65 = data5.backendOptions;
if(data65 && typeof data65 == "object" && !Array.isArray(data65)){
for(const key21 in data65){
let data66 = data65[key21];
if((((!data66 || typeof data66 != "object") && (typeof data66 !== "string")) && (!((typeof data66 == "number") && (isFinite(data66))))) && (typeof data66 !== "boolean")){
const err127 = {instancePath:instancePath+"/triton/backendOptions/" + key21.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/Triton/properties/backendOptions/additionalProperties/type",keyword:"type",params:{type: schema33.properties.backendOptions.additionalProperties.type},message:"must be string,number,boolean,array,object",schema:schema33.properties.backendOptions.additionalProperties.type,parentSchema:schema33.properties.backendOptions.additionalProperties,data:data66};
if(vErrors === null){
vErrors = [err127];
}
else {
vErrors.push(err127);
}
errors++;
}
if(Array.isArray(data66)){
const len7 = data66.length;
for(let i11=0; i11<len7; i11++){
let data67 = data66[i11];
if(((typeof data67 !== "string") && (!((typeof data67 == "number") && (isFinite(data67))))) && (typeof data67 !== "boolean")){
const err128 = {instancePath:instancePath+"/triton/backendOptions/" + key21.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + i11,schemaPath:"#/definitions/Triton/properties/backendOptions/additionalProperties/items/type",keyword:"type",params:{type: schema33.properties.backendOptions.additionalProperties.items.type},message:"must be string,number,boolean",schema:schema33.properties.backendOptions.additionalProperties.items.type,parentSchema:schema33.properties.backendOptions.additionalProperties.items,data:data67};
if(vErrors === null){
vErrors = [err128];
}
else {
vErrors.push(err128);
}
errors++;
}
}
}
if(data66 && typeof data66 == "object" && !Array.isArray(data66)){
for(const key22 in data66){
let data68 = data66[key22];
if((((typeof data68 !== "string") && (!((typeof data68 == "number") && (isFinite(data68))))) && (typeof data68 !== "boolean")) && (!(Array.isArray(data68)))){
const err129 = {instancePath:instancePath+"/triton/backendOptions/" + key21.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + key22.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/Triton/properties/backendOptions/additionalProperties/additionalProperties/type",keyword:"type",params:{type: schema33.properties.backendOptions.additionalProperties.additionalProperties.type},message:"must be string,number,boolean,array",schema:schema33.properties.backendOptions.additionalProperties.additionalProperties.type,parentSchema:schema33.properties.backendOptions.additionalProperties.additionalProperties,data:data68};
if(vErrors === null){
vErrors = [err129];
}
else {
vErrors.push(err129);
}
errors++;
}
if(Array.isArray(data68)){
const len8 = data68.length;
for(let i12=0; i12<len8; i12++){
let data69 = data68[i12];
if(((typeof data69 !== "string") && (!((typeof data69 == "number") && (isFinite(data69))))) && (typeof data69 !== "boolean")){
const err130 = {instancePath:instancePath+"/triton/backendOptions/" + key21.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + key22.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + i12,schemaPath:"#/definitions/Triton/properties/backendOptions/additionalProperties/additionalProperties/items/type",keyword:"type",params:{type: schema33.properties.backendOptions.additionalProperties.additionalProperties.items.type},message:"must be string,number,boolean",schema:schema33.properties.backendOptions.additionalProperties.additionalProperties.items.type,parentSchema:schema33.properties.backendOptions.additionalProperties.additionalProperties.items,data:data69};
if(vErrors === null){
vErrors = [err130];
}
else {
vErrors.push(err130);
}
errors++;
}
}
}
}
}
}
}
else {
const err131 = {instancePath:instancePath+"/triton/backendOptions",schemaPath:"#/definitions/Triton/properties/backendOptions/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema33.properties.backendOptions.type,parentSchema:schema33.properties.backendOptions,data:data65};
if(vErrors === null){
vErrors = [err131];
}
else {
vErrors.push(err131);
}
errors++;
}
}
}
else {
const err132 = {instancePath:instancePath+"/triton",schemaPath:"#/definitions/Triton/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema33.type,parentSchema:schema33,data:data5};
if(vErrors === null){
vErrors = [err132];
}
else {
vErrors.push(err132);
}
errors++;
}
}
if(data.benchmark !== undefined){
let data70 = data.benchmark;
if(data70 && typeof data70 == "object" && !Array.isArray(data70)){
for(const key23 in data70){
if(!(((((key23 === "shapes") || (key23 === "warmup")) || (key23 === "runs")) || (key23 === "minSeconds")) || (key23 === "threads"))){
const err133 = {instancePath:instancePath+"/benchmark",schemaPath:"#/definitions/Benchmark/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key23},message:"must NOT have additional properties",schema:false,parentSchema:schema34,data:data70};
if(vErrors === null){
vErrors = [err133];
}
else {
vErrors.push(err133);
}
errors++;
}
}
if(data70.shapes !== undefined){
let data71 = data70.shapes;
if(Array.isArray(data71)){
if(data71.length < 1){
const err134 = {instancePath:instancePath+"/benchmark/shapes",schemaPath:"#/definitions/Benchmark/properties/shapes/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema34.properties.shapes,data:data71};
if(vErrors === null){
vErrors = [err134];
}
else {
vErrors.push(err134);
}
errors++;
}
const len9 = data71.length;
for(let i13=0; i13<len9; i13++){
let data72 = data71[i13];
if(Array.isArray(data72)){
if(data72.length > 2){
const err135 = {instancePath:instancePath+"/benchmark/shapes/" + i13,schemaPath:"#/definitions/Benchmark/properties/shapes/items/maxItems",keyword:"maxItems",params:{limit: 2},message:"must NOT have more than 2 items",schema:2,parentSchema:schema34.properties.shapes.items,data:data72};
if(vErrors === null){
vErrors = [err135];
}
else {
vErrors.push(err135);
}
errors++;
}
if(data72.length < 2){
const err136 = {instancePath:instancePath+"/benchmark/shapes/" + i13,schemaPath:"#/definitions/Benchmark/properties/shapes/items/minItems",keyword:"minItems",params:{limit: 2},message:"must NOT have fewer than 2 items",schema:2,parentSchema:schema34.properties.shapes.items,data:data72};
if(vErrors === null){
vErrors = [err136];
}
else {
vErrors.push(err136);
}
errors++;
}
const len10 = data72.length;
for(let i14=0; i14<len10; i14++){
let data73 = data72[i14];
if(!(((typeof data73 == "number") && (!(data73 % 1) && !isNaN(data73))) && (isFinite(data73)))){
const err137 = {instancePath:instancePath+"/benchmark/shapes/" + i13+"/" + i14,schemaPath:"#/definitions/Benchmark/properties/shapes/items/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.shapes.items.items.type,parentSchema:schema34.properties.shapes.items.items,data:data73};
if(vErrors === null){
vErrors = [err137];
}
else {
vErrors.push(err137);
}
errors++;
}
if((typeof data73 == "number") && (isFinite(data73))){
if(data73 < 1 || isNaN(data73)){
const err138 = {instancePath:instancePath+"/benchmark/shapes/" + i13+"/" + i14,schemaPath:"#/definitions/Benchmark/properties/shapes/items/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema34.properties.shapes.items.items,data:data73};
if(vErrors === null){
vErrors = [err138];
}
else {
vErrors.push(err138);
}
errors++;
}
}
}
}
else {
const err139 = {instancePath:instancePath+"/benchmark/shapes/" + i13,schemaPath:"#/definitions/Benchmark/properties/shapes/items/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema34.properties.shapes.items.type,parentSchema:schema34.properties.shapes.items,data:data72};
if(vErrors === null){
vErrors = [err139];
}
else {
vErrors.push(err139);
}
errors++;
}
}
}
else {
const err140 = {instancePath:instancePath+"/benchmark/shapes",schemaPath:"#/definitions/Benchmark/properties/shapes/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema34.properties.shapes.type,parentSchema:schema34.properties.shapes,data:data71};
if(vErrors === null){
vErrors = [err140];
}
else {
vErrors.push(err140);
}
errors++;
}
}
if(data70.warmup !== undefined){
let data74 = data70.warmup;
if(!(((typeof data74 == "number") && (!(data74 % 1) && !isNaN(data74))) && (isFinite(data74)))){
const err141 = {instancePath:instancePath+"/benchmark/warmup",schemaPath:"#/definitions/Benchmark/properties/warmup/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.warmup.type,parentSchema:schema34.properties.warmup,data:data74};
if(vErrors === null){
vErrors = [err141];
}
else {
vErrors.push(err141);
}
errors++;
}
if((typeof data74 == "number") && (isFinite(data74))){
if(data74 < 0 || isNaN(data74)){
const err142 = {instancePath:instancePath+"/benchmark/warmup",schemaPath:"#/definitions/Benchmark/properties/warmup/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema34.properties.warmup,data:data74};
if(vErrors === null){
vErrors = [err142];
}
else {
vErrors.push(err142);
}
errors++;
}
}
}
if(data70.runs !== undefined){
let data75 = data70.runs;
if(!(((typeof data75 == "number") && (!(data75 % 1) && !isNaN(data75))) && (isFinite(data75)))){
const err143 = {instancePath:instancePath+"/benchmark/runs",schemaPath:"#/definitions/Benchmark/properties/runs/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.runs.type,parentSchema:schema34.properties.runs,data:data75};
if(vErrors === null){
vErrors = [err143];
}
else {
vErrors.push(err143);
}
errors++;
}
if((typeof data75 == "number") && (isFinite(data75))){
if(data75 < 1 || isNaN(data75)){
const err144 = {instancePath:instancePath+"/benchmark/runs",schemaPath:"#/definitions/Benchmark/properties/runs/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema34.properties.runs,data:data75};
if(vErrors === null){
vErrors = [err144];
}
else {
vErrors.push(err144);
}
errors++;
}
}
}
if(data70.minSeconds !== undefined){
let data76 = data70.minSeconds;
if((typeof data76 == "number") && (isFinite(data76))){
if(data76 > 3600 || isNaN(data76)){
const err145 = {instancePath:instancePath+"/benchmark/minSeconds",schemaPath:"#/definitions/Benchmark/properties/minSeconds/maximum",keyword:"maximum",params:{comparison: "<=", limit: 3600},message:"must be <= 3600",schema:3600,parentSchema:schema34.properties.minSeconds,data:data76};
if(vErrors === null){
vErrors = [err145];
}
else {
vErrors.push(err145);
}
errors++;
}
if(data76 < 0 || isNaN(data76)){
const err146 = {instancePath:instancePath+"/benchmark/minSeconds",schemaPath:"#/definitions/Benchmark/properties/minSeconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema34.properties.minSeconds,data:data76};
if(vErrors === null){
vErrors = [err146];
}
else {
vErrors.push(err146);
}
errors++;
}
}
else {
const err147 = {instancePath:instancePath+"/benchmark/minSeconds",schemaPath:"#/definitions/Benchmark/properties/minSeconds/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema34.properties.minSeconds.type,parentSchema:schema34.properties.minSeconds,data:data76};
if(vErrors === null){
vErrors = [err147];
}
else {
vErrors.push(err147);
}
errors++;
}
}
if(data70.threads !== undefined){
let data77 = data70.threads;
if(!(((typeof data77 == "number") && (!(data77 % 1) && !isNaN(data77))) && (isFinite(data77)))){
const err148 = {instancePath:instancePath+"/benchmark/threads",schemaPath:"#/definitions/Benchmark/properties/threads/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.threads.type,parentSchema:schema34.properties.threads,data:data77};
if(vErrors === null){
vErrors = [err148];
}
else {
vErrors.push(err148);
}
errors++;
}
if((typeof data77 == "number") && (isFinite(data77))){
if(data77 < 1 || isNaN(data77)){
const err149 = {instancePath:instancePath+"/benchmark/threads",schemaPath:"#/definitions/Benchmark/properties/threads/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema34.properties.threads,data:data77};
if(vErrors === null){
vErrors = [err149];
}
else {
vErrors.push(err149);
}
errors++;
}
}
}
}
else {
const err150 = {instancePath:instancePath+"/benchmark",schemaPath:"#/definitions/Benchmark/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema34.type,parentSchema:schema34,data:data70};
if(vErrors === null){
vErrors = [err150];
}
else {
vErrors.push(err150);
}
errors++;
}
}
if(data.validation !== undefined){
let data78 = data.validation;
if(data78 && typeof data78 == "object" && !Array.isArray(data78)){
for(const key24 in data78){
if(!((key24 === "samples") || (key24 === "seed"))){
const err151 = {instancePath:instancePath+"/validation",schemaPath:"#/definitions/Validation/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key24},message:"must NOT have additional properties",schema:false,parentSchema:schema35,data:data78};
if(vErrors === null){
vErrors = [err151];
}
else {
vErrors.push(err151);
}
errors++;
}
}
if(data78.samples !== undefined){
let data79 = data78.samples;
if(!(((typeof data79 == "number") && (!(data79 % 1) && !isNaN(data79))) && (isFinite(data79)))){
const err152 = {instancePath:instancePath+"/validation/samples",schemaPath:"#/definitions/Validation/properties/samples/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema35.properties.samples.type,parentSchema:schema35.properties.samples,data:data79};
if(vErrors === null){
vErrors = [err152];
}
else {
vErrors.push(err152);
}
errors++;
}
if((typeof data79 == "number") && (isFinite(data79))){
if(data79 < 1 || isNaN(data79)){
const err153 = {instancePath:instancePath+"/validation/samples",schemaPath:"#/definitions/Validation/properties/samples/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema35.properties.samples,data:data79};
if(vErrors === null){
vErrors = [err153];
}
else {
vErrors.push(err153);
}
errors++;
}
}
}
if(data78.seed !== undefined){
let data80 = data78.seed;
if(!(((typeof data80 == "number") && (!(data80 % 1) && !isNaN(data80))) && (isFinite(data80)))){
const err154 = {instancePath:instancePath+"/validation/seed",schemaPath:"#/definitions/Validation/properties/seed/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema35.properties.seed.type,parentSchema:schema35.properties.seed,data:data80};
if(vErrors === null){
vErrors = [err154];
}
else {
vErrors.push(err154);
}
errors++;
}
if((typeof data80 == "number") && (isFinite(data80))){
if(data80 < 0 || isNaN(data80)){
const err155 = {instancePath:instancePath+"/validation/seed",schemaPath:"#/definitions/Validation/properties/seed/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema35.properties.seed,data:data80};
if(vErrors === null){
vErrors = [err155];
}
else {
vErrors.push(err155);
}
errors++;
}
}
}
}
else {
const err156 = {instancePath:instancePath+"/validation",schemaPath:"#/definitions/Validation/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema35.type,parentSchema:schema35,data:data78};
if(vErrors === null){
vErrors = [err156];
}
else {
vErrors.push(err156);
}
errors++;
}
}
if(data.auto !== undefined){
let data81 = data.auto;
if(data81 && typeof data81 == "object" && !Array.isArray(data81)){
for(const key25 in data81){
if(!(key25 === "maxMinutes")){
const err157 = {instancePath:instancePath+"/auto",schemaPath:"#/definitions/Auto/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key25},message:"must NOT have additional properties",schema:false,parentSchema:schema36,data:data81};
if(vErrors === null){
vErrors = [err157];
}
else {
vErrors.push(err157);
}
errors++;
}
}
if(data81.maxMinutes !== undefined){
let data82 = data81.maxMinutes;
if((typeof data82 == "number") && (isFinite(data82))){
if(data82 > 1440 || isNaN(data82)){
const err158 = {instancePath:instancePath+"/auto/maxMinutes",schemaPath:"#/definitions/Auto/properties/maxMinutes/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1440},message:"must be <= 1440",schema:1440,parentSchema:schema36.properties.maxMinutes,data:data82};
if(vErrors === null){
vErrors = [err158];
}
else {
vErrors.push(err158);
}
errors++;
}
if(data82 <= 0 || isNaN(data82)){
const err159 = {instancePath:instancePath+"/auto/maxMinutes",schemaPath:"#/definitions/Auto/properties/maxMinutes/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema36.properties.maxMinutes,data:data82};
if(vErrors === null){
vErrors = [err159];
}
else {
vErrors.push(err159);
}
errors++;
}
}
else {
const err160 = {instancePath:instancePath+"/auto/maxMinutes",schemaPath:"#/definitions/Auto/properties/maxMinutes/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema36.properties.maxMinutes.type,parentSchema:schema36.properties.maxMinutes,data:data82};
if(vErrors === null){
vErrors = [err160];
}
else {
vErrors.push(err160);
}
errors++;
}
}
}
else {
const err161 = {instancePath:instancePath+"/auto",schemaPath:"#/definitions/Auto/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema36.type,parentSchema:schema36,data:data81};
if(vErrors === null){
vErrors = [err161];
}
else {
vErrors.push(err161);
}
errors++;
}
}
if(data.cache !== undefined){
let data83 = data.cache;
if(data83 && typeof data83 == "object" && !Array.isArray(data83)){
for(const key26 in data83){
if(!(((key26 === "directory") || (key26 === "maxSize")) || (key26 === "remote"))){
const err162 = {instancePath:instancePath+"/cache",schemaPath:"#/definitions/Cache/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key26},message:"must NOT have additional properties",schema:false,parentSchema:schema37,data:data83};
if(vErrors === null){
vErrors = [err162];
}
else {
vErrors.push(err162);
}
errors++;
}
}
if(data83.directory !== undefined){
let data84 = data83.directory;
if(typeof data84 === "string"){
if(!pattern5.test(data84)){
const err163 = {instancePath:instancePath+"/cache/directory",schemaPath:"#/definitions/Cache/properties/directory/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\"",schema:".",parentSchema:schema37.properties.directory,data:data84};
if(vErrors === null){
vErrors = [err163];
}
else {
vErrors.push(err163);
}
errors++;
}
}
else {
const err164 = {instancePath:instancePath+"/cache/directory",schemaPath:"#/definitions/Cache/properties/directory/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema37.properties.directory.type,parentSchema:schema37.properties.directory,data:data84};
if(vErrors === null){
vErrors = [err164];
}
else {
vErrors.push(err164);
}
errors++;
}
}
if(data83.maxSize !== undefined){
let data85 = data83.maxSize;
if(typeof data85 === "string"){
if(!pattern19.test(data85)){
const err165 = {instancePath:instancePath+"/cache/maxSize",schemaPath:"#/definitions/Cache/properties/maxSize/pattern",keyword:"pattern",params:{pattern: "^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$"},message:"must match pattern \""+"^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$"+"\"",schema:"^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$",parentSchema:schema37.properties.maxSize,data:data85};
if(vErrors === null){
vErrors = [err165];
}
else {
vErrors.push(err165);
}
errors++;
}
}
else {
const err166 = {instancePath:instancePath+"/cache/maxSize",schemaPath:"#/definitions/Cache/properties/maxSize/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema37.properties.maxSize.type,parentSchema:schema37.properties.maxSize,data:data85};
if(vErrors === null){
vErrors = [err166];
}
else {
vErrors.push(err166);
}
errors++;
}
}
if(data83.remote !== undefined){
let data86 = data83.remote;
if(data86 && typeof data86 == "object" && !Array.isArray(data86)){
if(data86.url === undefined){
const err167 = {instancePath:instancePath+"/cache/remote",schemaPath:"#/definitions/Cache/properties/remote/required",keyword:"required",params:{missingProperty: "url"},message:"must have required property '"+"url"+"'",schema:schema37.properties.remote.required,parentSchema:schema37.properties.remote,data:data86};
if(vErrors === null){
vErrors = [err167];
}
else {
vErrors.push(err167);
}
errors++;
}
for(const key27 in data86){
if(!((key27 === "url") || (key27 === "token"))){
const err168 = {instancePath:instancePath+"/cache/remote",schemaPath:"#/definitions/Cache/properties/remote/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key27},message:"must NOT have additional properties",schema:false,parentSchema:schema37.properties.remote,data:data86};
if(vErrors === null){
vErrors = [err168];
}
else {
vErrors.push(err168);
}
errors++;
}
}
if(data86.url !== undefined){
let data87 = data86.url;
if(typeof data87 === "string"){
if(!pattern20.test(data87)){
const err169 = {instancePath:instancePath+"/cache/remote/url",schemaPath:"#/definitions/Cache/properties/remote/properties/url/pattern",keyword:"pattern",params:{pattern: "^https?://[^\\s@]+$"},message:"must match pattern \""+"^https?://[^\\s@]+$"+"\"",schema:"^https?://[^\\s@]+$",parentSchema:schema37.properties.remote.properties.url,data:data87};
if(vErrors === null){
vErrors = [err169];
}
else {
vErrors.push(err169);
}
errors++;
}
}
else {
const err170 = {instancePath:instancePath+"/cache/remote/url",schemaPath:"#/definitions/Cache/properties/remote/properties/url/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema37.properties.remote.properties.url.type,parentSchema:schema37.properties.remote.properties.url,data:data87};
if(vErrors === null){
vErrors = [err170];
}
else {
vErrors.push(err170);
}
errors++;
}
}
if(data86.token !== undefined){
let data88 = data86.token;
if(data88 && typeof data88 == "object" && !Array.isArray(data88)){
if(data88.env === undefined){
const err171 = {instancePath:instancePath+"/cache/remote/token",schemaPath:"#/definitions/Cache/properties/remote/properties/token/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema37.properties.remote.properties.token.required,parentSchema:schema37.properties.remote.properties.token,data:data88};
if(vErrors === null){
vErrors = [err171];
}
else {
vErrors.push(err171);
}
errors++;
}
for(const key28 in data88){
if(!(key28 === "env")){
const err172 = {instancePath:instancePath+"/cache/remote/token",schemaPath:"#/definitions/Cache/properties/remote/properties/token/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key28},message:"must NOT have additional properties",schema:false,parentSchema:schema37.properties.remote.properties.token,data:data88};
if(vErrors === null){
vErrors = [err172];
}
else {
vErrors.push(err172);
}
errors++;
}
}
if(data88.env !== undefined){
let data89 = data88.env;
if(typeof data89 === "string"){
if(!pattern21.test(data89)){
const err173 = {instancePath:instancePath+"/cache/remote/token/env",schemaPath:"#/definitions/Cache/properties/remote/properties/token/properties/env/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z_][A-Za-z0-9_]*$"},message:"must match pattern \""+"^[A-Za-z_][A-Za-z0-9_]*$"+"\"",schema:"^[A-Za-z_][A-Za-z0-9_]*$",parentSchema:schema37.properties.remote.properties.token.properties.env,data:data89};
if(vErrors === null){
vErrors = [err173];
}
else {
vErrors.push(err173);
}
errors++;
}
}
else {
const err174 = {instancePath:instancePath+"/cache/remote/token/env",schemaPath:"#/definitions/Cache/properties/remote/properties/token/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema37.properties.remote.properties.token.properties.env.type,parentSchema:schema37.properties.remote.properties.token.properties.env,data:data89};
if(vErrors === null){
vErrors = [err174];
}
else {
vErrors.push(err174);
}
errors++;
}
}
}
else {
const err175 = {instancePath:instancePath+"/cache/remote/token",schemaPath:"#/definitions/Cache/properties/remote/properties/token/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema37.properties.remote.properties.token.type,parentSchema:schema37.properties.remote.properties.token,data:data88};
if(vErrors === null){
vErrors = [err175];
}
else {
vErrors.push(err175);
}
errors++;
}
}
}
else {
const err176 = {instancePath:instancePath+"/cache/remote",schemaPath:"#/definitions/Cache/properties/remote/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema37.properties.remote.type,parentSchema:schema37.properties.remote,data:data86};
if(vErrors === null){
vErrors = [err176];
}
else {
vErrors.push(err176);
}
errors++;
}
}
}
else {
const err177 = {instancePath:instancePath+"/cache",schemaPath:"#/definitions/Cache/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema37.type,parentSchema:schema37,data:data83};
if(vErrors === null){
vErrors = [err177];
}
else {
vErrors.push(err177);
}
errors++;
}
}
if(data.architectures !== undefined){
let data90 = data.architectures;
if(Array.isArray(data90)){
const len11 = data90.length;
for(let i15=0; i15<len11; i15++){
let data91 = data90[i15];
if(typeof data91 === "string"){
if(!pattern5.test(data91)){
const err178 = {instancePath:instancePath+"/architectures/" + i15,schemaPath:"#/properties/architectures/items/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\"",schema:".",parentSchema:schema11.properties.architectures.items,data:data91};
if(vErrors === null){
vErrors = [err178];
}
else {
vErrors.push(err178);
}
errors++;
}
}
else {
const err179 = {instancePath:instancePath+"/architectures/" + i15,schemaPath:"#/properties/architectures/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema11.properties.architectures.items.type,parentSchema:schema11.properties.architectures.items,data:data91};
if(vErrors === null){
vErrors = [err179];
}
else {
vErrors.push(err179);
}
errors++;
}
}
let i16 = data90.length;
let j4;
if(i16 > 1){
const indices4 = {};
for(;i16--;){
let item4 = data90[i16];
if(typeof item4 !== "string"){
continue;
}
if(typeof indices4[item4] == "number"){
j4 = indices4[item4];
const err180 = {instancePath:instancePath+"/architectures",schemaPath:"#/properties/architectures/uniqueItems",keyword:"uniqueItems",params:{i: i16, j: j4},message:"must NOT have duplicate items (items ## "+j4+" and "+i16+" are identical)",schema:true,parentSchema:schema11.properties.architectures,data:data90};
if(vErrors === null){
vErrors = [err180];
}
else {
vErrors.push(err180);
}
errors++;
break;
}
indices4[item4] = i16;
}
}
}
else {
const err181 = {instancePath:instancePath+"/architectures",schemaPath:"#/properties/architectures/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema11.properties.architectures.type,parentSchema:schema11.properties.architectures,data:data90};
if(vErrors === null){
vErrors = [err181];
}
else {
vErrors.push(err181);
}
errors++;
}
}
if(data.outDir !== undefined){
let data92 = data.outDir;
if(typeof data92 === "string"){
if(!pattern5.test(data92)){
const err182 = {instancePath:instancePath+"/outDir",schemaPath:"#/properties/outDir/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\"",schema:".",parentSchema:schema11.properties.outDir,data:data92};
if(vErrors === null){
vErrors = [err182];
}
else {
vErrors.push(err182);
}
errors++;
}
}
else {
const err183 = {instancePath:instancePath+"/outDir",schemaPath:"#/properties/outDir/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema11.properties.outDir.type,parentSchema:schema11.properties.outDir,data:data92};
if(vErrors === null){
vErrors = [err183];
}
else {
vErrors.push(err183);
}
errors++;
}
}
}
else {
const err184 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema11.type,parentSchema:schema11,data};
if(vErrors === null){
vErrors = [err184];
}
else {
vErrors.push(err184);
}
errors++;
}
validate10.errors = vErrors;
return errors === 0;
}
