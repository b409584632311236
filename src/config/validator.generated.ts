// @ts-nocheck
// biome-ignore-all format: generated
// biome-ignore-all lint: generated
// biome-ignore-all assist: generated
// Generated from deploy.config.schema.json by `npm run generate`.

export const validate = validate10;

const schema11 = {"title":"DeployConfig","type":"object","required":["models","targets"],"additionalProperties":false,"properties":{"$schema":{"title":"Schema","type":"string","examples":["./node_modules/transformer-deploy/deploy.config.schema.json"]},"models":{"title":"Models","type":"object","minProperties":1,"propertyNames":{"$ref":"#/definitions/Name"},"additionalProperties":{"$ref":"#/definitions/Model"},"examples":[{"intents":{"source":"./models/support-intents"}}]},"targets":{"title":"Targets","type":"object","minProperties":1,"propertyNames":{"$ref":"#/definitions/Name"},"additionalProperties":{"$ref":"#/definitions/Target"},"examples":[{"cpu":{"engine":"onnxruntime","precisions":["fp32","int8-dynamic"]}}]},"triton":{"$ref":"#/definitions/Triton"},"benchmark":{"$ref":"#/definitions/Benchmark"},"validation":{"$ref":"#/definitions/Validation"},"auto":{"$ref":"#/definitions/Auto"},"cache":{"$ref":"#/definitions/Cache"},"architectures":{"title":"Architecture plug-ins","type":"array","items":{"type":"string","pattern":".","patternErrorMessage":"the path of a module"},"uniqueItems":true,"examples":[["./my-architecture.ts"]]},"outDir":{"title":"Output folder","type":"string","pattern":".","patternErrorMessage":"the path of a folder","examples":["dist"]}},"definitions":{"Name":{"title":"Name","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_-]*$","patternErrorMessage":"letters, digits, _ and -, beginning with a letter or digit (a dot would make Triton look for a backend)","examples":["intents"]},"Model":{"title":"Model","type":"object","required":["source"],"additionalProperties":false,"examples":[{"source":"./models/support-intents","task":"text-classification"}],"properties":{"source":{"title":"Source","type":["string","object"],"pattern":"^(hub:[^/@\\s]+(/[^/@\\s]+)?(@\\S+)?|(?!hub:|https?://)[\\s\\S]+)$","patternErrorMessage":"a folder, 'hub:org/name@revision' or { onnx: path }","required":["onnx"],"additionalProperties":false,"properties":{"onnx":{"title":"ONNX file","type":"string","pattern":"\\.onnx$","patternErrorMessage":"the path of a file that ends in .onnx","examples":["./model.onnx"]}},"examples":["./models/support-intents","hub:google-bert/bert-base-uncased@main",{"onnx":"./model.onnx"}]},"tokenizer":{"title":"Tokenizer","type":"string","pattern":"^(?!hub:|https?://)[\\s\\S]+$","patternErrorMessage":"a folder","examples":["./models/support-intents"]},"task":{"$ref":"#/definitions/Task"},"shapes":{"title":"Shapes","type":"object","additionalProperties":false,"properties":{"batch":{"title":"Batch","type":"array","items":{"type":"integer","minimum":1},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"sequence":{"title":"Sequence","type":"array","items":{"type":"integer","minimum":1},"minItems":3,"maxItems":3,"examples":[[16,64,128]]}},"examples":[{"batch":[1,8,32],"sequence":[16,64,128]}]},"calibration":{"$ref":"#/definitions/Calibration"},"quantization":{"$ref":"#/definitions/Quantization"},"evaluation":{"$ref":"#/definitions/Evaluation"},"tolerance":{"title":"Tolerance","type":"object","additionalProperties":false,"properties":{"fp32":{"$ref":"#/definitions/Difference"},"fp16":{"$ref":"#/definitions/Difference"},"bf16":{"$ref":"#/definitions/Difference"},"fp8":{"$ref":"#/definitions/Difference"},"int8":{"$ref":"#/definitions/Difference"},"int8-dynamic":{"$ref":"#/definitions/Difference"},"int8-weight":{"$ref":"#/definitions/Difference"},"int4-weight":{"$ref":"#/definitions/Difference"},"auto":{"$ref":"#/definitions/Difference"}},"examples":[{"fp32":0.0001,"fp16":0.02}]},"labels":{"title":"Labels","type":"array","items":{"type":"string","pattern":".","patternErrorMessage":"a name"},"minItems":1,"uniqueItems":true,"examples":[["negative","positive"]]},"exporter":{"title":"Exporter","type":"string","enum":["td","torch"],"examples":["td"]}}},"Task":{"title":"Task","type":"string","enum":["text-classification","token-classification","question-answering","fill-mask","feature-extraction","sentence-similarity","text-ranking","text-generation","text2text-generation","zero-shot-classification","image-classification","automatic-speech-recognition"],"examples":["text-classification"]},"Range":{"title":"Range","type":"array","items":{"type":"integer","minimum":1},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"Calibration":{"title":"Calibration","type":"object","required":["data"],"additionalProperties":false,"examples":[{"data":"./data/calibration.jsonl","samples":256,"method":"percentile"}],"properties":{"data":{"title":"Data","type":"string","pattern":"\\.jsonl$","patternErrorMessage":"the path of a .jsonl file","examples":["./data/calibration.jsonl"]},"samples":{"title":"Samples","type":"integer","minimum":1,"examples":[256]},"method":{"title":"Method","type":"string","enum":["min-max","moving-average","percentile","percentile-99.99","percentile-99.999","entropy","mse"],"examples":["percentile"]}}},"Quantization":{"title":"Quantization","type":"object","additionalProperties":false,"examples":[{"exclude":["classifier"],"smoothing":true}],"properties":{"reduceRange":{"title":"Reduced range","type":"boolean","examples":[true]},"smoothing":{"title":"Smoothing","type":"boolean","examples":[true]},"embeddings":{"title":"Embeddings","type":"boolean","examples":[true]},"exclude":{"title":"Excluded","type":"array","items":{"type":"string","pattern":".","patternErrorMessage":"a path of the model"},"minItems":1,"uniqueItems":true,"examples":[["classifier","bert.encoder.layer.11"]]},"blockSize":{"title":"Block size","type":"integer","enum":[16,32,64,128],"examples":[32]}}},"Evaluation":{"title":"Evaluation","type":"object","required":["data"],"additionalProperties":false,"examples":[{"data":"./data/eval.jsonl","metric":"accuracy","maxDrop":0.01}],"properties":{"data":{"title":"Data","type":"string","pattern":"\\.jsonl$","patternErrorMessage":"the path of a .jsonl file","examples":["./data/eval.jsonl"]},"metric":{"$ref":"#/definitions/Metric"},"maxDrop":{"title":"Largest drop","type":"number","minimum":0,"maximum":1,"examples":[0.01]}}},"Metric":{"title":"Metric","type":"string","enum":["accuracy","f1-macro","f1","exact-match","recall@1","mrr","spearman","ndcg@10","perplexity"],"examples":["accuracy"]},"Difference":{"title":"Difference","type":"number","exclusiveMinimum":0,"examples":[0.001]},"Target":{"title":"Target","type":"object","required":["engine","precisions"],"additionalProperties":false,"examples":[{"engine":"onnxruntime","device":"cpu","precisions":["fp32","int8-dynamic"]},{"engine":"tensorrt","gpu":"sm_90","precisions":["fp16"],"image":"nvcr.io/nvidia/tritonserver:26.06-py3"}],"properties":{"engine":{"title":"Engine","type":"string","enum":["onnxruntime","tensorrt"],"examples":["onnxruntime"]},"device":{"title":"Device","type":"string","enum":["cpu","cuda","webgpu"],"examples":["cpu"]},"provider":{"title":"Execution provider","type":"string","enum":["cuda","tensorrt"],"examples":["tensorrt"]},"providerOptions":{"$ref":"#/definitions/ProviderOptions"},"gpu":{"title":"GPU","type":"string","pattern":"^sm_[1-9][0-9]{1,2}$","patternErrorMessage":"sm_ and the compute capability without its dot, such as 'sm_90' for 9.0","examples":["sm_90"]},"precisions":{"title":"Precisions","type":"array","items":{"title":"Precision","type":"string","enum":["fp32","fp16","bf16","fp8","int8","int8-dynamic","int8-weight","int4-weight","auto"],"examples":["int8-dynamic"]},"minItems":1,"uniqueItems":true,"examples":[["fp32","int8-dynamic"]]},"image":{"title":"Image","type":"string","pattern":"^\\S+$","patternErrorMessage":"the name of a container image","examples":["nvcr.io/nvidia/tritonserver:26.06-py3"]},"trtexec":{"title":"Path of trtexec","type":"string","pattern":"\\S","patternErrorMessage":"the path of a file","examples":["/usr/src/tensorrt/bin/trtexec"]},"command":{"title":"Command","type":"array","items":{"type":"string","pattern":"\\S","patternErrorMessage":"a word of a command line"},"minItems":1,"examples":[["./on-gpu-node.sh","{program}"]]},"engineOptions":{"$ref":"#/definitions/EngineOptions"}}},"ProviderOptions":{"title":"Provider options","type":"object","additionalProperties":false,"examples":[{"trt_engine_cache_enable":true,"trt_engine_cache_path":"/var/cache/tensorrt"}],"properties":{"trt_max_workspace_size":{"title":"Workspace","type":"integer","minimum":1,"examples":[4294967296]},"trt_max_partition_iterations":{"title":"Partition iterations","type":"integer","minimum":1,"examples":[1000]},"trt_min_subgraph_size":{"title":"Smallest part","type":"integer","minimum":1,"examples":[5]},"trt_engine_cache_enable":{"title":"Engine cache","type":"boolean","examples":[true]},"trt_engine_cache_path":{"title":"Folder of the engine cache","type":"string","pattern":"\\S","patternErrorMessage":"the path of a folder","examples":["/var/cache/tensorrt"]},"trt_engine_cache_prefix":{"title":"Prefix in the engine cache","type":"string","pattern":"\\S","patternErrorMessage":"a part of a file name","examples":["intents"]},"trt_timing_cache_enable":{"title":"Timing cache","type":"boolean","examples":[true]},"trt_timing_cache_path":{"title":"Folder of the timing cache","type":"string","pattern":"\\S","patternErrorMessage":"the path of a folder","examples":["/var/cache/tensorrt"]},"trt_force_timing_cache":{"title":"Foreign timing cache","type":"boolean","examples":[true]},"trt_builder_optimization_level":{"title":"Builder optimization level","type":"integer","minimum":0,"maximum":5,"examples":[3]},"trt_auxiliary_streams":{"title":"Auxiliary streams","type":"integer","minimum":-1,"examples":[0]},"trt_build_heuristics_enable":{"title":"Build heuristics","type":"boolean","examples":[true]},"trt_sparsity_enable":{"title":"Sparsity","type":"boolean","examples":[true]},"trt_tactic_sources":{"title":"Tactic sources","type":"string","pattern":"^[+-][A-Z_]+(,[+-][A-Z_]+)*$","patternErrorMessage":"names with + or -, such as '-CUDNN,+CUBLAS'","examples":["-CUDNN,+CUBLAS"]},"trt_extra_plugin_lib_paths":{"title":"Plug-ins","type":"string","pattern":"\\S","patternErrorMessage":"paths of shared libraries","examples":["/opt/plugins/libmine.so"]},"trt_context_memory_sharing_enable":{"title":"Shared memory","type":"boolean","examples":[true]},"trt_force_sequential_engine_build":{"title":"One build at a time","type":"boolean","examples":[true]},"trt_detailed_build_log":{"title":"Build log","type":"boolean","examples":[true]},"trt_profile_min_shapes":{"title":"Smallest shapes","type":"string","pattern":"^[^:,\\s]+:\\d+(x\\d+)*(,[^:,\\s]+:\\d+(x\\d+)*)*$","patternErrorMessage":"shapes by input, such as 'input_ids:1x16,attention_mask:1x16'","examples":["input_ids:1x16,attention_mask:1x16"]},"trt_profile_opt_shapes":{"title":"Usual shapes","type":"string","pattern":"^[^:,\\s]+:\\d+(x\\d+)*(,[^:,\\s]+:\\d+(x\\d+)*)*$","patternErrorMessage":"shapes by input, such as 'input_ids:1x16,attention_mask:1x16'","examples":["input_ids:1x16,attention_mask:1x16"]},"trt_profile_max_shapes":{"title":"Largest shapes","type":"string","pattern":"^[^:,\\s]+:\\d+(x\\d+)*(,[^:,\\s]+:\\d+(x\\d+)*)*$","patternErrorMessage":"shapes by input, such as 'input_ids:1x16,attention_mask:1x16'","examples":["input_ids:1x16,attention_mask:1x16"]},"gpu_mem_limit":{"title":"Memory limit","type":"integer","minimum":1,"examples":[4294967296]},"arena_extend_strategy":{"title":"Growth of memory","type":"string","enum":["kNextPowerOfTwo","kSameAsRequested"],"examples":["kSameAsRequested"]},"cudnn_conv_algo_search":{"title":"Search for convolutions","type":"string","enum":["EXHAUSTIVE","HEURISTIC","DEFAULT"],"examples":["HEURISTIC"]},"cudnn_conv_use_max_workspace":{"title":"Workspace of convolutions","type":"integer","minimum":0,"maximum":1,"examples":[1]},"do_copy_in_default_stream":{"title":"Copies in the default stream","type":"boolean","examples":[true]},"use_ep_level_unified_stream":{"title":"One stream","type":"boolean","examples":[true]},"use_tf32":{"title":"TF32","type":"boolean","examples":[false]},"prefer_nhwc":{"title":"Channels last","type":"boolean","examples":[true]},"tunable_op_enable":{"title":"Tunable operators","type":"boolean","examples":[true]},"tunable_op_tuning_enable":{"title":"Tuning","type":"boolean","examples":[true]},"enable_skip_layer_norm_strict_mode":{"title":"Exact layer normalisation","type":"boolean","examples":[true]}}},"Precision":{"title":"Precision","type":"string","enum":["fp32","fp16","bf16","fp8","int8","int8-dynamic","int8-weight","int4-weight","auto"],"examples":["int8-dynamic"]},"EngineOptions":{"title":"Engine options","type":"object","additionalProperties":false,"examples":[{"workspaceMiB":4096,"builderOptimizationLevel":4}],"properties":{"workspaceMiB":{"title":"Workspace","type":"integer","minimum":1,"examples":[4096]},"builderOptimizationLevel":{"title":"Builder optimization level","type":"integer","minimum":0,"maximum":5,"examples":[3]},"maxAuxStreams":{"title":"Auxiliary streams","type":"integer","minimum":0,"examples":[0]},"tilingOptimizationLevel":{"title":"Tiling optimization level","type":"integer","minimum":0,"maximum":3,"examples":[1]},"hardwareCompatibility":{"title":"Hardware compatibility","type":"string","enum":["none","ampere+","sameComputeCapability"],"examples":["ampere+"]},"versionCompatible":{"title":"Version compatible","type":"boolean","examples":[true]},"excludeLeanRuntime":{"title":"Exclude lean runtime","type":"boolean","examples":[true]},"stripWeights":{"title":"Strip weights","type":"boolean","examples":[true]},"refit":{"title":"Refit","type":"boolean","examples":[true]},"sparsity":{"title":"Sparsity","type":"string","enum":["disable","enable","force"],"examples":["enable"]},"tf32":{"title":"TF32","type":"boolean","examples":[true]},"cudaGraphs":{"title":"CUDA graphs","type":"boolean","examples":[false]},"timingCache":{"title":"Timing cache","type":"string","pattern":"\\S","patternErrorMessage":"the path of a file","examples":["./h100.timing-cache"]},"plugins":{"title":"Plug-ins","type":"array","items":{"type":"string","pattern":"\\S","patternErrorMessage":"the path of a shared library"},"examples":[["./libmine.so"]]},"profiles":{"title":"Optimization profiles","type":"array","items":{"$ref":"#/definitions/EngineProfile"},"minItems":1,"examples":[[{"batch":[1,1,1],"sequence":[1,32,128]}]]},"timeoutMinutes":{"title":"Time-out","type":"number","exclusiveMinimum":0,"examples":[120]}}},"EngineProfile":{"title":"Optimization profile","type":"object","required":["batch","sequence"],"additionalProperties":false,"examples":[{"batch":[1,1,1],"sequence":[1,32,128]}],"properties":{"batch":{"title":"Sizes","type":"array","items":{"type":"integer","minimum":0},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"sequence":{"title":"Sizes","type":"array","items":{"type":"integer","minimum":0},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"past":{"title":"Sizes","type":"array","items":{"type":"integer","minimum":0},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"dimensions":{"title":"Dimensions","type":"object","additionalProperties":{"$ref":"#/definitions/Sizes"},"examples":[{"frames":[1,100,3000]}]}}},"Sizes":{"title":"Sizes","type":"array","items":{"type":"integer","minimum":0},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"Triton":{"title":"Triton","type":"object","additionalProperties":false,"examples":[{"repository":"triton","maxBatchSize":32,"dynamicBatching":true}],"properties":{"repository":{"title":"Repository","type":"string","pattern":"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$","patternErrorMessage":"a path inside outDir, without ..","examples":["triton"]},"joinTargets":{"title":"Targets that are one model","type":"object","propertyNames":{"$ref":"#/definitions/Name"},"additionalProperties":{"title":"Targets","type":"array","items":{"type":"string","pattern":"\\S","patternErrorMessage":"the name of a target"},"minItems":2,"uniqueItems":true,"examples":[["a100","h100"]]},"examples":[{"gpus":["a100","h100"]}]},"maxBatchSize":{"title":"Largest batch","type":"integer","minimum":0,"examples":[32]},"dynamicBatching":{"title":"Dynamic batching","type":["boolean","object"],"additionalProperties":false,"properties":{"maxQueueDelayMicroseconds":{"title":"Queue delay","type":"integer","minimum":0,"examples":[200]},"preferredBatchSizes":{"title":"Preferred batch sizes","type":"array","items":{"type":"integer","minimum":1},"uniqueItems":true,"examples":[[8,16]]},"preserveOrdering":{"title":"Order","type":"boolean","examples":[true]},"priorityLevels":{"title":"Priority levels","type":"integer","minimum":1,"examples":[2]},"defaultPriorityLevel":{"title":"Usual priority","type":"integer","minimum":1,"examples":[2]},"queuePolicy":{"title":"Queue policy","type":"object","additionalProperties":false,"properties":{"timeoutMicroseconds":{"title":"Time-out","type":"integer","minimum":0,"examples":[500000]},"timeoutAction":{"title":"After the time-out","type":"string","enum":["reject","delay"],"examples":["reject"]},"allowTimeoutOverride":{"title":"Time-outs of requests","type":"boolean","examples":[true]},"maxSize":{"title":"Longest queue","type":"integer","minimum":0,"examples":[512]}},"examples":[{"timeoutMicroseconds":500000,"maxSize":512}]},"priorityQueuePolicies":{"title":"Queue policies by priority","type":"object","additionalProperties":{"title":"Queue policy","type":"object","additionalProperties":false,"properties":{"timeoutMicroseconds":{"title":"Time-out","type":"integer","minimum":0,"examples":[500000]},"timeoutAction":{"title":"After the time-out","type":"string","enum":["reject","delay"],"examples":["reject"]},"allowTimeoutOverride":{"title":"Time-outs of requests","type":"boolean","examples":[true]},"maxSize":{"title":"Longest queue","type":"integer","minimum":0,"examples":[512]}},"examples":[{"timeoutMicroseconds":500000,"maxSize":512}]},"propertyNames":{"pattern":"^[1-9][0-9]*$"},"examples":[{"1":{"maxSize":16}}]}},"examples":[true,{"maxQueueDelayMicroseconds":200}]},"compat":{"title":"Compatibility","type":"string","enum":["none","els-rd"],"examples":["els-rd"]},"instances":{"title":"Instances of networks","type":"object","additionalProperties":false,"properties":{"count":{"title":"Count","type":"integer","minimum":1,"examples":[2]},"kind":{"title":"Kind","type":"string","enum":["auto","cpu","gpu"],"examples":["gpu"]},"gpus":{"title":"GPUs","type":"array","items":{"type":"integer","minimum":0},"uniqueItems":true,"examples":[[0,1]]},"profiles":{"title":"Optimization profiles","type":"array","items":{"type":"integer","minimum":0},"uniqueItems":true,"examples":[[0,1]]},"rateLimiter":{"title":"Rate limiter","type":"object","additionalProperties":false,"properties":{"resources":{"title":"Resources","type":"array","items":{"type":"object","additionalProperties":false,"required":["name","count"],"properties":{"name":{"title":"Name","type":"string","pattern":"^[A-Za-z0-9_.-]+$","patternErrorMessage":"letters, digits, _ . -","examples":["gpu-memory"]},"count":{"title":"Count","type":"integer","minimum":1,"examples":[4]},"global":{"title":"Global","type":"boolean","examples":[true]}},"examples":[{"name":"gpu-memory","count":4}]},"examples":[[{"name":"gpu-memory","count":4}]]},"priority":{"title":"Priority","type":"integer","minimum":1,"examples":[2]}},"examples":[{"resources":[{"name":"gpu-memory","count":4}],"priority":1}]}},"examples":[{"count":2,"gpus":[0,1]}]},"pythonInstances":{"title":"Instances of Python models","type":"integer","minimum":1,"examples":[2]},"threads":{"title":"Threads","type":"object","additionalProperties":false,"properties":{"intraOp":{"title":"Within an operator","type":"integer","minimum":0,"examples":[4]},"interOp":{"title":"Between operators","type":"integer","minimum":0,"examples":[1]},"parallel":{"title":"Parallel execution","type":"boolean","examples":[false]}},"examples":[{"intraOp":4}]},"responseCache":{"title":"Response cache","type":"boolean","examples":[true]},"versionPolicy":{"title":"Version policy","type":"object","additionalProperties":false,"minProperties":1,"maxProperties":1,"properties":{"latest":{"title":"Newest","type":"integer","minimum":1,"examples":[2]},"all":{"title":"All","type":"boolean","enum":[true],"examples":[true]},"specific":{"title":"Listed","type":"array","minItems":1,"items":{"type":"integer","minimum":1},"uniqueItems":true,"examples":[[1]]}},"examples":[{"latest":1}]},"accelerators":{"title":"Execution accelerators","type":"object","additionalProperties":false,"properties":{"gpu":{"title":"On GPUs","type":"array","items":{"type":"object","additionalProperties":false,"required":["name"],"properties":{"name":{"title":"Name","type":"string","enum":["tensorrt","cuda"],"examples":["tensorrt"]},"parameters":{"title":"Parameters","type":"object","additionalProperties":{"type":"string"},"examples":[{"precision_mode":"FP16"}]}},"examples":[{"name":"tensorrt"}]},"examples":[[{"name":"tensorrt"}]]},"cpu":{"title":"On CPUs","type":"array","items":{"type":"object","additionalProperties":false,"required":["name"],"properties":{"name":{"title":"Name","type":"string","enum":["openvino"],"examples":["openvino"]},"parameters":{"title":"Parameters","type":"object","additionalProperties":{"type":"string"},"examples":[{}]}},"examples":[{"name":"openvino"}]},"examples":[[{"name":"openvino"}]]}},"examples":[{"gpu":[{"name":"tensorrt","parameters":{"precision_mode":"FP16"}}]}]},"checksum":{"title":"Checksums","type":"boolean","examples":[true]},"backend":{"title":"Backend of language models","type":"string","enum":["onnx","vllm","tensorrt-llm"],"examples":["vllm"]},"backendOptions":{"title":"Options of that backend","type":"object","additionalProperties":{"title":"Option","type":["string","number","boolean","array","object"],"items":{"title":"Element","type":["string","number","boolean"],"examples":[8]},"additionalProperties":{"title":"Member","type":["string","number","boolean","array"],"items":{"title":"Element","type":["string","number","boolean"],"examples":[8]},"examples":[4096]},"examples":[0.9,{"max_tokens":4096}]},"examples":[{"gpu_memory_utilization":0.9}]}}},"Benchmark":{"title":"Benchmark","type":"object","additionalProperties":false,"examples":[{"shapes":[[1,16],[1,128],[8,128]]}],"properties":{"shapes":{"title":"Shapes","type":"array","items":{"type":"array","items":{"type":"integer","minimum":1},"minItems":2,"maxItems":2},"minItems":1,"examples":[[[1,16],[1,128],[8,128]]]},"warmup":{"title":"Warm-up","type":"integer","minimum":0,"examples":[5]},"runs":{"title":"Runs","type":"integer","minimum":1,"examples":[50]},"minSeconds":{"title":"Least duration","type":"number","minimum":0,"maximum":3600,"examples":[1]},"threads":{"title":"Threads","type":"integer","minimum":1,"examples":[2]}}},"Validation":{"title":"Validation","type":"object","additionalProperties":false,"examples":[{"samples":64,"seed":0}],"properties":{"samples":{"title":"Samples","type":"integer","minimum":1,"examples":[64]},"seed":{"title":"Seed","type":"integer","minimum":0,"examples":[0]}}},"Auto":{"title":"Auto","type":"object","additionalProperties":false,"examples":[{"maxMinutes":10}],"properties":{"maxMinutes":{"title":"Longest search","type":"number","exclusiveMinimum":0,"maximum":1440,"examples":[10]}}},"Cache":{"title":"Cache","type":"object","additionalProperties":false,"examples":[{"directory":"~/.cache/transformer-deploy","maxSize":"50 GB"}],"properties":{"directory":{"title":"Directory","type":"string","pattern":".","patternErrorMessage":"the path of a folder","examples":["~/.cache/transformer-deploy"]},"maxSize":{"title":"Largest size","type":"string","pattern":"^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$","patternErrorMessage":"a size such as '50 GB' (MB, GB or TB)","examples":["50 GB"]},"remote":{"title":"Remote cache","type":"object","required":["url"],"additionalProperties":false,"properties":{"url":{"title":"Address","type":"string","writeOnly":true,"pattern":"^https?://[^\\s@]+$","patternErrorMessage":"an http or https address without user or password","examples":["https://cache.example.com/transformer-deploy"]},"token":{"title":"Token","type":"object","required":["env"],"additionalProperties":false,"properties":{"env":{"title":"Variable","type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_]*$","patternErrorMessage":"the name of an environment variable","examples":["TD_CACHE_TOKEN"]}},"examples":[{"env":"TD_CACHE_TOKEN"}],"writeOnly":true}},"examples":[{"url":"https://cache.example.com/td","token":{"env":"TD_CACHE_TOKEN"}}]}}},"EnvironmentReference":{"title":"Environment variable","type":"object","required":["env"],"additionalProperties":false,"properties":{"env":{"title":"Variable","type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_]*$","patternErrorMessage":"the name of an environment variable","examples":["TD_CACHE_TOKEN"]}},"examples":[{"env":"TD_CACHE_TOKEN"}]}}};
const schema12 = {"title":"Name","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_-]*$","patternErrorMessage":"letters, digits, _ and -, beginning with a letter or digit (a dot would make Triton look for a backend)","examples":["intents"]};
const schema36 = {"title":"Benchmark","type":"object","additionalProperties":false,"examples":[{"shapes":[[1,16],[1,128],[8,128]]}],"properties":{"shapes":{"title":"Shapes","type":"array","items":{"type":"array","items":{"type":"integer","minimum":1},"minItems":2,"maxItems":2},"minItems":1,"examples":[[[1,16],[1,128],[8,128]]]},"warmup":{"title":"Warm-up","type":"integer","minimum":0,"examples":[5]},"runs":{"title":"Runs","type":"integer","minimum":1,"examples":[50]},"minSeconds":{"title":"Least duration","type":"number","minimum":0,"maximum":3600,"examples":[1]},"threads":{"title":"Threads","type":"integer","minimum":1,"examples":[2]}}};
const schema37 = {"title":"Validation","type":"object","additionalProperties":false,"examples":[{"samples":64,"seed":0}],"properties":{"samples":{"title":"Samples","type":"integer","minimum":1,"examples":[64]},"seed":{"title":"Seed","type":"integer","minimum":0,"examples":[0]}}};
const schema38 = {"title":"Auto","type":"object","additionalProperties":false,"examples":[{"maxMinutes":10}],"properties":{"maxMinutes":{"title":"Longest search","type":"number","exclusiveMinimum":0,"maximum":1440,"examples":[10]}}};
const schema39 = {"title":"Cache","type":"object","additionalProperties":false,"examples":[{"directory":"~/.cache/transformer-deploy","maxSize":"50 GB"}],"properties":{"directory":{"title":"Directory","type":"string","pattern":".","patternErrorMessage":"the path of a folder","examples":["~/.cache/transformer-deploy"]},"maxSize":{"title":"Largest size","type":"string","pattern":"^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$","patternErrorMessage":"a size such as '50 GB' (MB, GB or TB)","examples":["50 GB"]},"remote":{"title":"Remote cache","type":"object","required":["url"],"additionalProperties":false,"properties":{"url":{"title":"Address","type":"string","writeOnly":true,"pattern":"^https?://[^\\s@]+$","patternErrorMessage":"an http or https address without user or password","examples":["https://cache.example.com/transformer-deploy"]},"token":{"title":"Token","type":"object","required":["env"],"additionalProperties":false,"properties":{"env":{"title":"Variable","type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_]*$","patternErrorMessage":"the name of an environment variable","examples":["TD_CACHE_TOKEN"]}},"examples":[{"env":"TD_CACHE_TOKEN"}],"writeOnly":true}},"examples":[{"url":"https://cache.example.com/td","token":{"env":"TD_CACHE_TOKEN"}}]}}};
const func2 = Object.prototype.hasOwnProperty;
const pattern0 = new RegExp("^[A-Za-z0-9][A-Za-z0-9_-]*$", "u");
const pattern5 = new RegExp(".", "u");
const pattern29 = new RegExp("^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$", "u");
const pattern30 = new RegExp("^https?://[^\\s@]+$", "u");
const pattern31 = new RegExp("^[A-Za-z_][A-Za-z0-9_]*$", "u");
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

const schema29 = {"title":"Target","type":"object","required":["engine","precisions"],"additionalProperties":false,"examples":[{"engine":"onnxruntime","device":"cpu","precisions":["fp32","int8-dynamic"]},{"engine":"tensorrt","gpu":"sm_90","precisions":["fp16"],"image":"nvcr.io/nvidia/tritonserver:26.06-py3"}],"properties":{"engine":{"title":"Engine","type":"string","enum":["onnxruntime","tensorrt"],"examples":["onnxruntime"]},"device":{"title":"Device","type":"string","enum":["cpu","cuda","webgpu"],"examples":["cpu"]},"provider":{"title":"Execution provider","type":"string","enum":["cuda","tensorrt"],"examples":["tensorrt"]},"providerOptions":{"$ref":"#/definitions/ProviderOptions"},"gpu":{"title":"GPU","type":"string","pattern":"^sm_[1-9][0-9]{1,2}$","patternErrorMessage":"sm_ and the compute capability without its dot, such as 'sm_90' for 9.0","examples":["sm_90"]},"precisions":{"title":"Precisions","type":"array","items":{"title":"Precision","type":"string","enum":["fp32","fp16","bf16","fp8","int8","int8-dynamic","int8-weight","int4-weight","auto"],"examples":["int8-dynamic"]},"minItems":1,"uniqueItems":true,"examples":[["fp32","int8-dynamic"]]},"image":{"title":"Image","type":"string","pattern":"^\\S+$","patternErrorMessage":"the name of a container image","examples":["nvcr.io/nvidia/tritonserver:26.06-py3"]},"trtexec":{"title":"Path of trtexec","type":"string","pattern":"\\S","patternErrorMessage":"the path of a file","examples":["/usr/src/tensorrt/bin/trtexec"]},"command":{"title":"Command","type":"array","items":{"type":"string","pattern":"\\S","patternErrorMessage":"a word of a command line"},"minItems":1,"examples":[["./on-gpu-node.sh","{program}"]]},"engineOptions":{"$ref":"#/definitions/EngineOptions"}}};
const schema30 = {"title":"Provider options","type":"object","additionalProperties":false,"examples":[{"trt_engine_cache_enable":true,"trt_engine_cache_path":"/var/cache/tensorrt"}],"properties":{"trt_max_workspace_size":{"title":"Workspace","type":"integer","minimum":1,"examples":[4294967296]},"trt_max_partition_iterations":{"title":"Partition iterations","type":"integer","minimum":1,"examples":[1000]},"trt_min_subgraph_size":{"title":"Smallest part","type":"integer","minimum":1,"examples":[5]},"trt_engine_cache_enable":{"title":"Engine cache","type":"boolean","examples":[true]},"trt_engine_cache_path":{"title":"Folder of the engine cache","type":"string","pattern":"\\S","patternErrorMessage":"the path of a folder","examples":["/var/cache/tensorrt"]},"trt_engine_cache_prefix":{"title":"Prefix in the engine cache","type":"string","pattern":"\\S","patternErrorMessage":"a part of a file name","examples":["intents"]},"trt_timing_cache_enable":{"title":"Timing cache","type":"boolean","examples":[true]},"trt_timing_cache_path":{"title":"Folder of the timing cache","type":"string","pattern":"\\S","patternErrorMessage":"the path of a folder","examples":["/var/cache/tensorrt"]},"trt_force_timing_cache":{"title":"Foreign timing cache","type":"boolean","examples":[true]},"trt_builder_optimization_level":{"title":"Builder optimization level","type":"integer","minimum":0,"maximum":5,"examples":[3]},"trt_auxiliary_streams":{"title":"Auxiliary streams","type":"integer","minimum":-1,"examples":[0]},"trt_build_heuristics_enable":{"title":"Build heuristics","type":"boolean","examples":[true]},"trt_sparsity_enable":{"title":"Sparsity","type":"boolean","examples":[true]},"trt_tactic_sources":{"title":"Tactic sources","type":"string","pattern":"^[+-][A-Z_]+(,[+-][A-Z_]+)*$","patternErrorMessage":"names with + or -, such as '-CUDNN,+CUBLAS'","examples":["-CUDNN,+CUBLAS"]},"trt_extra_plugin_lib_paths":{"title":"Plug-ins","type":"string","pattern":"\\S","patternErrorMessage":"paths of shared libraries","examples":["/opt/plugins/libmine.so"]},"trt_context_memory_sharing_enable":{"title":"Shared memory","type":"boolean","examples":[true]},"trt_force_sequential_engine_build":{"title":"One build at a time","type":"boolean","examples":[true]},"trt_detailed_build_log":{"title":"Build log","type":"boolean","examples":[true]},"trt_profile_min_shapes":{"title":"Smallest shapes","type":"string","pattern":"^[^:,\\s]+:\\d+(x\\d+)*(,[^:,\\s]+:\\d+(x\\d+)*)*$","patternErrorMessage":"shapes by input, such as 'input_ids:1x16,attention_mask:1x16'","examples":["input_ids:1x16,attention_mask:1x16"]},"trt_profile_opt_shapes":{"title":"Usual shapes","type":"string","pattern":"^[^:,\\s]+:\\d+(x\\d+)*(,[^:,\\s]+:\\d+(x\\d+)*)*$","patternErrorMessage":"shapes by input, such as 'input_ids:1x16,attention_mask:1x16'","examples":["input_ids:1x16,attention_mask:1x16"]},"trt_profile_max_shapes":{"title":"Largest shapes","type":"string","pattern":"^[^:,\\s]+:\\d+(x\\d+)*(,[^:,\\s]+:\\d+(x\\d+)*)*$","patternErrorMessage":"shapes by input, such as 'input_ids:1x16,attention_mask:1x16'","examples":["input_ids:1x16,attention_mask:1x16"]},"gpu_mem_limit":{"title":"Memory limit","type":"integer","minimum":1,"examples":[4294967296]},"arena_extend_strategy":{"title":"Growth of memory","type":"string","enum":["kNextPowerOfTwo","kSameAsRequested"],"examples":["kSameAsRequested"]},"cudnn_conv_algo_search":{"title":"Search for convolutions","type":"string","enum":["EXHAUSTIVE","HEURISTIC","DEFAULT"],"examples":["HEURISTIC"]},"cudnn_conv_use_max_workspace":{"title":"Workspace of convolutions","type":"integer","minimum":0,"maximum":1,"examples":[1]},"do_copy_in_default_stream":{"title":"Copies in the default stream","type":"boolean","examples":[true]},"use_ep_level_unified_stream":{"title":"One stream","type":"boolean","examples":[true]},"use_tf32":{"title":"TF32","type":"boolean","examples":[false]},"prefer_nhwc":{"title":"Channels last","type":"boolean","examples":[true]},"tunable_op_enable":{"title":"Tunable operators","type":"boolean","examples":[true]},"tunable_op_tuning_enable":{"title":"Tuning","type":"boolean","examples":[true]},"enable_skip_layer_norm_strict_mode":{"title":"Exact layer normalisation","type":"boolean","examples":[true]}}};
const pattern9 = new RegExp("\\S", "u");
const pattern12 = new RegExp("^[+-][A-Z_]+(,[+-][A-Z_]+)*$", "u");
const pattern14 = new RegExp("^[^:,\\s]+:\\d+(x\\d+)*(,[^:,\\s]+:\\d+(x\\d+)*)*$", "u");
const pattern17 = new RegExp("^sm_[1-9][0-9]{1,2}$", "u");
const pattern18 = new RegExp("^\\S+$", "u");
const schema31 = {"title":"Engine options","type":"object","additionalProperties":false,"examples":[{"workspaceMiB":4096,"builderOptimizationLevel":4}],"properties":{"workspaceMiB":{"title":"Workspace","type":"integer","minimum":1,"examples":[4096]},"builderOptimizationLevel":{"title":"Builder optimization level","type":"integer","minimum":0,"maximum":5,"examples":[3]},"maxAuxStreams":{"title":"Auxiliary streams","type":"integer","minimum":0,"examples":[0]},"tilingOptimizationLevel":{"title":"Tiling optimization level","type":"integer","minimum":0,"maximum":3,"examples":[1]},"hardwareCompatibility":{"title":"Hardware compatibility","type":"string","enum":["none","ampere+","sameComputeCapability"],"examples":["ampere+"]},"versionCompatible":{"title":"Version compatible","type":"boolean","examples":[true]},"excludeLeanRuntime":{"title":"Exclude lean runtime","type":"boolean","examples":[true]},"stripWeights":{"title":"Strip weights","type":"boolean","examples":[true]},"refit":{"title":"Refit","type":"boolean","examples":[true]},"sparsity":{"title":"Sparsity","type":"string","enum":["disable","enable","force"],"examples":["enable"]},"tf32":{"title":"TF32","type":"boolean","examples":[true]},"cudaGraphs":{"title":"CUDA graphs","type":"boolean","examples":[false]},"timingCache":{"title":"Timing cache","type":"string","pattern":"\\S","patternErrorMessage":"the path of a file","examples":["./h100.timing-cache"]},"plugins":{"title":"Plug-ins","type":"array","items":{"type":"string","pattern":"\\S","patternErrorMessage":"the path of a shared library"},"examples":[["./libmine.so"]]},"profiles":{"title":"Optimization profiles","type":"array","items":{"$ref":"#/definitions/EngineProfile"},"minItems":1,"examples":[[{"batch":[1,1,1],"sequence":[1,32,128]}]]},"timeoutMinutes":{"title":"Time-out","type":"number","exclusiveMinimum":0,"examples":[120]}}};
const schema32 = {"title":"Optimization profile","type":"object","required":["batch","sequence"],"additionalProperties":false,"examples":[{"batch":[1,1,1],"sequence":[1,32,128]}],"properties":{"batch":{"title":"Sizes","type":"array","items":{"type":"integer","minimum":0},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"sequence":{"title":"Sizes","type":"array","items":{"type":"integer","minimum":0},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"past":{"title":"Sizes","type":"array","items":{"type":"integer","minimum":0},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"dimensions":{"title":"Dimensions","type":"object","additionalProperties":{"$ref":"#/definitions/Sizes"},"examples":[{"frames":[1,100,3000]}]}}};
const schema33 = {"title":"Sizes","type":"array","items":{"type":"integer","minimum":0},"minItems":3,"maxItems":3,"examples":[[1,8,32]]};

function validate17(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.batch === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "batch"},message:"must have required property '"+"batch"+"'",schema:schema32.required,parentSchema:schema32,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.sequence === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "sequence"},message:"must have required property '"+"sequence"+"'",schema:schema32.required,parentSchema:schema32,data};
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
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema32,data};
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
const err3 = {instancePath:instancePath+"/batch",schemaPath:"#/properties/batch/maxItems",keyword:"maxItems",params:{limit: 3},message:"must NOT have more than 3 items",schema:3,parentSchema:schema32.properties.batch,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(data0.length < 3){
const err4 = {instancePath:instancePath+"/batch",schemaPath:"#/properties/batch/minItems",keyword:"minItems",params:{limit: 3},message:"must NOT have fewer than 3 items",schema:3,parentSchema:schema32.properties.batch,data:data0};
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
const err5 = {instancePath:instancePath+"/batch/" + i0,schemaPath:"#/properties/batch/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema32.properties.batch.items.type,parentSchema:schema32.properties.batch.items,data:data1};
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
const err6 = {instancePath:instancePath+"/batch/" + i0,schemaPath:"#/properties/batch/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema32.properties.batch.items,data:data1};
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
const err7 = {instancePath:instancePath+"/batch",schemaPath:"#/properties/batch/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema32.properties.batch.type,parentSchema:schema32.properties.batch,data:data0};
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
const err8 = {instancePath:instancePath+"/sequence",schemaPath:"#/properties/sequence/maxItems",keyword:"maxItems",params:{limit: 3},message:"must NOT have more than 3 items",schema:3,parentSchema:schema32.properties.sequence,data:data2};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if(data2.length < 3){
const err9 = {instancePath:instancePath+"/sequence",schemaPath:"#/properties/sequence/minItems",keyword:"minItems",params:{limit: 3},message:"must NOT have fewer than 3 items",schema:3,parentSchema:schema32.properties.sequence,data:data2};
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
const err10 = {instancePath:instancePath+"/sequence/" + i1,schemaPath:"#/properties/sequence/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema32.properties.sequence.items.type,parentSchema:schema32.properties.sequence.items,data:data3};
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
const err11 = {instancePath:instancePath+"/sequence/" + i1,schemaPath:"#/properties/sequence/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema32.properties.sequence.items,data:data3};
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
const err12 = {instancePath:instancePath+"/sequence",schemaPath:"#/properties/sequence/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema32.properties.sequence.type,parentSchema:schema32.properties.sequence,data:data2};
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
const err13 = {instancePath:instancePath+"/past",schemaPath:"#/properties/past/maxItems",keyword:"maxItems",params:{limit: 3},message:"must NOT have more than 3 items",schema:3,parentSchema:schema32.properties.past,data:data4};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
if(data4.length < 3){
const err14 = {instancePath:instancePath+"/past",schemaPath:"#/properties/past/minItems",keyword:"minItems",params:{limit: 3},message:"must NOT have fewer than 3 items",schema:3,parentSchema:schema32.properties.past,data:data4};
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
const err15 = {instancePath:instancePath+"/past/" + i2,schemaPath:"#/properties/past/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema32.properties.past.items.type,parentSchema:schema32.properties.past.items,data:data5};
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
const err16 = {instancePath:instancePath+"/past/" + i2,schemaPath:"#/properties/past/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema32.properties.past.items,data:data5};
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
const err17 = {instancePath:instancePath+"/past",schemaPath:"#/properties/past/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema32.properties.past.type,parentSchema:schema32.properties.past,data:data4};
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
const err18 = {instancePath:instancePath+"/dimensions/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/Sizes/maxItems",keyword:"maxItems",params:{limit: 3},message:"must NOT have more than 3 items",schema:3,parentSchema:schema33,data:data7};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
if(data7.length < 3){
const err19 = {instancePath:instancePath+"/dimensions/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/Sizes/minItems",keyword:"minItems",params:{limit: 3},message:"must NOT have fewer than 3 items",schema:3,parentSchema:schema33,data:data7};
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
const err20 = {instancePath:instancePath+"/dimensions/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + i3,schemaPath:"#/definitions/Sizes/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.items.type,parentSchema:schema33.items,data:data8};
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
const err21 = {instancePath:instancePath+"/dimensions/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + i3,schemaPath:"#/definitions/Sizes/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema33.items,data:data8};
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
const err22 = {instancePath:instancePath+"/dimensions/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/Sizes/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema33.type,parentSchema:schema33,data:data7};
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
const err23 = {instancePath:instancePath+"/dimensions",schemaPath:"#/properties/dimensions/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema32.properties.dimensions.type,parentSchema:schema32.properties.dimensions,data:data6};
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
const err24 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema32.type,parentSchema:schema32,data};
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
if(!(func2.call(schema31.properties, key0))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema31,data};
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
const err1 = {instancePath:instancePath+"/workspaceMiB",schemaPath:"#/properties/workspaceMiB/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.workspaceMiB.type,parentSchema:schema31.properties.workspaceMiB,data:data0};
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
const err2 = {instancePath:instancePath+"/workspaceMiB",schemaPath:"#/properties/workspaceMiB/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema31.properties.workspaceMiB,data:data0};
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
const err3 = {instancePath:instancePath+"/builderOptimizationLevel",schemaPath:"#/properties/builderOptimizationLevel/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.builderOptimizationLevel.type,parentSchema:schema31.properties.builderOptimizationLevel,data:data1};
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
const err4 = {instancePath:instancePath+"/builderOptimizationLevel",schemaPath:"#/properties/builderOptimizationLevel/maximum",keyword:"maximum",params:{comparison: "<=", limit: 5},message:"must be <= 5",schema:5,parentSchema:schema31.properties.builderOptimizationLevel,data:data1};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if(data1 < 0 || isNaN(data1)){
const err5 = {instancePath:instancePath+"/builderOptimizationLevel",schemaPath:"#/properties/builderOptimizationLevel/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.builderOptimizationLevel,data:data1};
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
const err6 = {instancePath:instancePath+"/maxAuxStreams",schemaPath:"#/properties/maxAuxStreams/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.maxAuxStreams.type,parentSchema:schema31.properties.maxAuxStreams,data:data2};
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
const err7 = {instancePath:instancePath+"/maxAuxStreams",schemaPath:"#/properties/maxAuxStreams/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.maxAuxStreams,data:data2};
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
const err8 = {instancePath:instancePath+"/tilingOptimizationLevel",schemaPath:"#/properties/tilingOptimizationLevel/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema31.properties.tilingOptimizationLevel.type,parentSchema:schema31.properties.tilingOptimizationLevel,data:data3};
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
const err9 = {instancePath:instancePath+"/tilingOptimizationLevel",schemaPath:"#/properties/tilingOptimizationLevel/maximum",keyword:"maximum",params:{comparison: "<=", limit: 3},message:"must be <= 3",schema:3,parentSchema:schema31.properties.tilingOptimizationLevel,data:data3};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if(data3 < 0 || isNaN(data3)){
const err10 = {instancePath:instancePath+"/tilingOptimizationLevel",schemaPath:"#/properties/tilingOptimizationLevel/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema31.properties.tilingOptimizationLevel,data:data3};
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
const err11 = {instancePath:instancePath+"/hardwareCompatibility",schemaPath:"#/properties/hardwareCompatibility/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.hardwareCompatibility.type,parentSchema:schema31.properties.hardwareCompatibility,data:data4};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
if(!(((data4 === "none") || (data4 === "ampere+")) || (data4 === "sameComputeCapability"))){
const err12 = {instancePath:instancePath+"/hardwareCompatibility",schemaPath:"#/properties/hardwareCompatibility/enum",keyword:"enum",params:{allowedValues: schema31.properties.hardwareCompatibility.enum},message:"must be equal to one of the allowed values",schema:schema31.properties.hardwareCompatibility.enum,parentSchema:schema31.properties.hardwareCompatibility,data:data4};
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
const err13 = {instancePath:instancePath+"/versionCompatible",schemaPath:"#/properties/versionCompatible/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema31.properties.versionCompatible.type,parentSchema:schema31.properties.versionCompatible,data:data5};
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
const err14 = {instancePath:instancePath+"/excludeLeanRuntime",schemaPath:"#/properties/excludeLeanRuntime/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema31.properties.excludeLeanRuntime.type,parentSchema:schema31.properties.excludeLeanRuntime,data:data6};
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
const err15 = {instancePath:instancePath+"/stripWeights",schemaPath:"#/properties/stripWeights/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema31.properties.stripWeights.type,parentSchema:schema31.properties.stripWeights,data:data7};
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
const err16 = {instancePath:instancePath+"/refit",schemaPath:"#/properties/refit/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema31.properties.refit.type,parentSchema:schema31.properties.refit,data:data8};
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
const err17 = {instancePath:instancePath+"/sparsity",schemaPath:"#/properties/sparsity/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.sparsity.type,parentSchema:schema31.properties.sparsity,data:data9};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if(!(((data9 === "disable") || (data9 === "enable")) || (data9 === "force"))){
const err18 = {instancePath:instancePath+"/sparsity",schemaPath:"#/properties/sparsity/enum",keyword:"enum",params:{allowedValues: schema31.properties.sparsity.enum},message:"must be equal to one of the allowed values",schema:schema31.properties.sparsity.enum,parentSchema:schema31.properties.sparsity,data:data9};
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
const err19 = {instancePath:instancePath+"/tf32",schemaPath:"#/properties/tf32/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema31.properties.tf32.type,parentSchema:schema31.properties.tf32,data:data10};
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
const err20 = {instancePath:instancePath+"/cudaGraphs",schemaPath:"#/properties/cudaGraphs/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema31.properties.cudaGraphs.type,parentSchema:schema31.properties.cudaGraphs,data:data11};
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
if(!pattern9.test(data12)){
const err21 = {instancePath:instancePath+"/timingCache",schemaPath:"#/properties/timingCache/pattern",keyword:"pattern",params:{pattern: "\\S"},message:"must match pattern \""+"\\S"+"\"",schema:"\\S",parentSchema:schema31.properties.timingCache,data:data12};
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
const err22 = {instancePath:instancePath+"/timingCache",schemaPath:"#/properties/timingCache/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.timingCache.type,parentSchema:schema31.properties.timingCache,data:data12};
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
if(!pattern9.test(data14)){
const err23 = {instancePath:instancePath+"/plugins/" + i0,schemaPath:"#/properties/plugins/items/pattern",keyword:"pattern",params:{pattern: "\\S"},message:"must match pattern \""+"\\S"+"\"",schema:"\\S",parentSchema:schema31.properties.plugins.items,data:data14};
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
const err24 = {instancePath:instancePath+"/plugins/" + i0,schemaPath:"#/properties/plugins/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.plugins.items.type,parentSchema:schema31.properties.plugins.items,data:data14};
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
const err25 = {instancePath:instancePath+"/plugins",schemaPath:"#/properties/plugins/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema31.properties.plugins.type,parentSchema:schema31.properties.plugins,data:data13};
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
const err26 = {instancePath:instancePath+"/profiles",schemaPath:"#/properties/profiles/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema31.properties.profiles,data:data15};
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
const err27 = {instancePath:instancePath+"/profiles",schemaPath:"#/properties/profiles/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema31.properties.profiles.type,parentSchema:schema31.properties.profiles,data:data15};
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
const err28 = {instancePath:instancePath+"/timeoutMinutes",schemaPath:"#/properties/timeoutMinutes/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema31.properties.timeoutMinutes,data:data17};
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
const err29 = {instancePath:instancePath+"/timeoutMinutes",schemaPath:"#/properties/timeoutMinutes/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema31.properties.timeoutMinutes.type,parentSchema:schema31.properties.timeoutMinutes,data:data17};
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
const err30 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.type,parentSchema:schema31,data};
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
if(!(func2.call(schema29.properties, key0))){
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
if(data.provider !== undefined){
let data2 = data.provider;
if(typeof data2 !== "string"){
const err7 = {instancePath:instancePath+"/provider",schemaPath:"#/properties/provider/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.provider.type,parentSchema:schema29.properties.provider,data:data2};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
if(!((data2 === "cuda") || (data2 === "tensorrt"))){
const err8 = {instancePath:instancePath+"/provider",schemaPath:"#/properties/provider/enum",keyword:"enum",params:{allowedValues: schema29.properties.provider.enum},message:"must be equal to one of the allowed values",schema:schema29.properties.provider.enum,parentSchema:schema29.properties.provider,data:data2};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.providerOptions !== undefined){
let data3 = data.providerOptions;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
for(const key1 in data3){
if(!(func2.call(schema30.properties, key1))){
const err9 = {instancePath:instancePath+"/providerOptions",schemaPath:"#/definitions/ProviderOptions/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema30,data:data3};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data3.trt_max_workspace_size !== undefined){
let data4 = data3.trt_max_workspace_size;
if(!(((typeof data4 == "number") && (!(data4 % 1) && !isNaN(data4))) && (isFinite(data4)))){
const err10 = {instancePath:instancePath+"/providerOptions/trt_max_workspace_size",schemaPath:"#/definitions/ProviderOptions/properties/trt_max_workspace_size/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema30.properties.trt_max_workspace_size.type,parentSchema:schema30.properties.trt_max_workspace_size,data:data4};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
if((typeof data4 == "number") && (isFinite(data4))){
if(data4 < 1 || isNaN(data4)){
const err11 = {instancePath:instancePath+"/providerOptions/trt_max_workspace_size",schemaPath:"#/definitions/ProviderOptions/properties/trt_max_workspace_size/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema30.properties.trt_max_workspace_size,data:data4};
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
if(data3.trt_max_partition_iterations !== undefined){
let data5 = data3.trt_max_partition_iterations;
if(!(((typeof data5 == "number") && (!(data5 % 1) && !isNaN(data5))) && (isFinite(data5)))){
const err12 = {instancePath:instancePath+"/providerOptions/trt_max_partition_iterations",schemaPath:"#/definitions/ProviderOptions/properties/trt_max_partition_iterations/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema30.properties.trt_max_partition_iterations.type,parentSchema:schema30.properties.trt_max_partition_iterations,data:data5};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
if((typeof data5 == "number") && (isFinite(data5))){
if(data5 < 1 || isNaN(data5)){
const err13 = {instancePath:instancePath+"/providerOptions/trt_max_partition_iterations",schemaPath:"#/definitions/ProviderOptions/properties/trt_max_partition_iterations/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema30.properties.trt_max_partition_iterations,data:data5};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
}
if(data3.trt_min_subgraph_size !== undefined){
let data6 = data3.trt_min_subgraph_size;
if(!(((typeof data6 == "number") && (!(data6 % 1) && !isNaN(data6))) && (isFinite(data6)))){
const err14 = {instancePath:instancePath+"/providerOptions/trt_min_subgraph_size",schemaPath:"#/definitions/ProviderOptions/properties/trt_min_subgraph_size/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema30.properties.trt_min_subgraph_size.type,parentSchema:schema30.properties.trt_min_subgraph_size,data:data6};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
if((typeof data6 == "number") && (isFinite(data6))){
if(data6 < 1 || isNaN(data6)){
const err15 = {instancePath:instancePath+"/providerOptions/trt_min_subgraph_size",schemaPath:"#/definitions/ProviderOptions/properties/trt_min_subgraph_size/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema30.properties.trt_min_subgraph_size,data:data6};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
}
if(data3.trt_engine_cache_enable !== undefined){
let data7 = data3.trt_engine_cache_enable;
if(typeof data7 !== "boolean"){
const err16 = {instancePath:instancePath+"/providerOptions/trt_engine_cache_enable",schemaPath:"#/definitions/ProviderOptions/properties/trt_engine_cache_enable/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.trt_engine_cache_enable.type,parentSchema:schema30.properties.trt_engine_cache_enable,data:data7};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data3.trt_engine_cache_path !== undefined){
let data8 = data3.trt_engine_cache_path;
if(typeof data8 === "string"){
if(!pattern9.test(data8)){
const err17 = {instancePath:instancePath+"/providerOptions/trt_engine_cache_path",schemaPath:"#/definitions/ProviderOptions/properties/trt_engine_cache_path/pattern",keyword:"pattern",params:{pattern: "\\S"},message:"must match pattern \""+"\\S"+"\"",schema:"\\S",parentSchema:schema30.properties.trt_engine_cache_path,data:data8};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
else {
const err18 = {instancePath:instancePath+"/providerOptions/trt_engine_cache_path",schemaPath:"#/definitions/ProviderOptions/properties/trt_engine_cache_path/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema30.properties.trt_engine_cache_path.type,parentSchema:schema30.properties.trt_engine_cache_path,data:data8};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
if(data3.trt_engine_cache_prefix !== undefined){
let data9 = data3.trt_engine_cache_prefix;
if(typeof data9 === "string"){
if(!pattern9.test(data9)){
const err19 = {instancePath:instancePath+"/providerOptions/trt_engine_cache_prefix",schemaPath:"#/definitions/ProviderOptions/properties/trt_engine_cache_prefix/pattern",keyword:"pattern",params:{pattern: "\\S"},message:"must match pattern \""+"\\S"+"\"",schema:"\\S",parentSchema:schema30.properties.trt_engine_cache_prefix,data:data9};
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
const err20 = {instancePath:instancePath+"/providerOptions/trt_engine_cache_prefix",schemaPath:"#/definitions/ProviderOptions/properties/trt_engine_cache_prefix/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema30.properties.trt_engine_cache_prefix.type,parentSchema:schema30.properties.trt_engine_cache_prefix,data:data9};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
if(data3.trt_timing_cache_enable !== undefined){
let data10 = data3.trt_timing_cache_enable;
if(typeof data10 !== "boolean"){
const err21 = {instancePath:instancePath+"/providerOptions/trt_timing_cache_enable",schemaPath:"#/definitions/ProviderOptions/properties/trt_timing_cache_enable/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.trt_timing_cache_enable.type,parentSchema:schema30.properties.trt_timing_cache_enable,data:data10};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data3.trt_timing_cache_path !== undefined){
let data11 = data3.trt_timing_cache_path;
if(typeof data11 === "string"){
if(!pattern9.test(data11)){
const err22 = {instancePath:instancePath+"/providerOptions/trt_timing_cache_path",schemaPath:"#/definitions/ProviderOptions/properties/trt_timing_cache_path/pattern",keyword:"pattern",params:{pattern: "\\S"},message:"must match pattern \""+"\\S"+"\"",schema:"\\S",parentSchema:schema30.properties.trt_timing_cache_path,data:data11};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
else {
const err23 = {instancePath:instancePath+"/providerOptions/trt_timing_cache_path",schemaPath:"#/definitions/ProviderOptions/properties/trt_timing_cache_path/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema30.properties.trt_timing_cache_path.type,parentSchema:schema30.properties.trt_timing_cache_path,data:data11};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
if(data3.trt_force_timing_cache !== undefined){
let data12 = data3.trt_force_timing_cache;
if(typeof data12 !== "boolean"){
const err24 = {instancePath:instancePath+"/providerOptions/trt_force_timing_cache",schemaPath:"#/definitions/ProviderOptions/properties/trt_force_timing_cache/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.trt_force_timing_cache.type,parentSchema:schema30.properties.trt_force_timing_cache,data:data12};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
if(data3.trt_builder_optimization_level !== undefined){
let data13 = data3.trt_builder_optimization_level;
if(!(((typeof data13 == "number") && (!(data13 % 1) && !isNaN(data13))) && (isFinite(data13)))){
const err25 = {instancePath:instancePath+"/providerOptions/trt_builder_optimization_level",schemaPath:"#/definitions/ProviderOptions/properties/trt_builder_optimization_level/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema30.properties.trt_builder_optimization_level.type,parentSchema:schema30.properties.trt_builder_optimization_level,data:data13};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
if((typeof data13 == "number") && (isFinite(data13))){
if(data13 > 5 || isNaN(data13)){
const err26 = {instancePath:instancePath+"/providerOptions/trt_builder_optimization_level",schemaPath:"#/definitions/ProviderOptions/properties/trt_builder_optimization_level/maximum",keyword:"maximum",params:{comparison: "<=", limit: 5},message:"must be <= 5",schema:5,parentSchema:schema30.properties.trt_builder_optimization_level,data:data13};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
if(data13 < 0 || isNaN(data13)){
const err27 = {instancePath:instancePath+"/providerOptions/trt_builder_optimization_level",schemaPath:"#/definitions/ProviderOptions/properties/trt_builder_optimization_level/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema30.properties.trt_builder_optimization_level,data:data13};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
}
if(data3.trt_auxiliary_streams !== undefined){
let data14 = data3.trt_auxiliary_streams;
if(!(((typeof data14 == "number") && (!(data14 % 1) && !isNaN(data14))) && (isFinite(data14)))){
const err28 = {instancePath:instancePath+"/providerOptions/trt_auxiliary_streams",schemaPath:"#/definitions/ProviderOptions/properties/trt_auxiliary_streams/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema30.properties.trt_auxiliary_streams.type,parentSchema:schema30.properties.trt_auxiliary_streams,data:data14};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
if((typeof data14 == "number") && (isFinite(data14))){
if(data14 < -1 || isNaN(data14)){
const err29 = {instancePath:instancePath+"/providerOptions/trt_auxiliary_streams",schemaPath:"#/definitions/ProviderOptions/properties/trt_auxiliary_streams/minimum",keyword:"minimum",params:{comparison: ">=", limit: -1},message:"must be >= -1",schema:-1,parentSchema:schema30.properties.trt_auxiliary_streams,data:data14};
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
if(data3.trt_build_heuristics_enable !== undefined){
let data15 = data3.trt_build_heuristics_enable;
if(typeof data15 !== "boolean"){
const err30 = {instancePath:instancePath+"/providerOptions/trt_build_heuristics_enable",schemaPath:"#/definitions/ProviderOptions/properties/trt_build_heuristics_enable/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.trt_build_heuristics_enable.type,parentSchema:schema30.properties.trt_build_heuristics_enable,data:data15};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
if(data3.trt_sparsity_enable !== undefined){
let data16 = data3.trt_sparsity_enable;
if(typeof data16 !== "boolean"){
const err31 = {instancePath:instancePath+"/providerOptions/trt_sparsity_enable",schemaPath:"#/definitions/ProviderOptions/properties/trt_sparsity_enable/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.trt_sparsity_enable.type,parentSchema:schema30.properties.trt_sparsity_enable,data:data16};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data3.trt_tactic_sources !== undefined){
let data17 = data3.trt_tactic_sources;
if(typeof data17 === "string"){
if(!pattern12.test(data17)){
const err32 = {instancePath:instancePath+"/providerOptions/trt_tactic_sources",schemaPath:"#/definitions/ProviderOptions/properties/trt_tactic_sources/pattern",keyword:"pattern",params:{pattern: "^[+-][A-Z_]+(,[+-][A-Z_]+)*$"},message:"must match pattern \""+"^[+-][A-Z_]+(,[+-][A-Z_]+)*$"+"\"",schema:"^[+-][A-Z_]+(,[+-][A-Z_]+)*$",parentSchema:schema30.properties.trt_tactic_sources,data:data17};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
else {
const err33 = {instancePath:instancePath+"/providerOptions/trt_tactic_sources",schemaPath:"#/definitions/ProviderOptions/properties/trt_tactic_sources/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema30.properties.trt_tactic_sources.type,parentSchema:schema30.properties.trt_tactic_sources,data:data17};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
if(data3.trt_extra_plugin_lib_paths !== undefined){
let data18 = data3.trt_extra_plugin_lib_paths;
if(typeof data18 === "string"){
if(!pattern9.test(data18)){
const err34 = {instancePath:instancePath+"/providerOptions/trt_extra_plugin_lib_paths",schemaPath:"#/definitions/ProviderOptions/properties/trt_extra_plugin_lib_paths/pattern",keyword:"pattern",params:{pattern: "\\S"},message:"must match pattern \""+"\\S"+"\"",schema:"\\S",parentSchema:schema30.properties.trt_extra_plugin_lib_paths,data:data18};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
else {
const err35 = {instancePath:instancePath+"/providerOptions/trt_extra_plugin_lib_paths",schemaPath:"#/definitions/ProviderOptions/properties/trt_extra_plugin_lib_paths/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema30.properties.trt_extra_plugin_lib_paths.type,parentSchema:schema30.properties.trt_extra_plugin_lib_paths,data:data18};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
if(data3.trt_context_memory_sharing_enable !== undefined){
let data19 = data3.trt_context_memory_sharing_enable;
if(typeof data19 !== "boolean"){
const err36 = {instancePath:instancePath+"/providerOptions/trt_context_memory_sharing_enable",schemaPath:"#/definitions/ProviderOptions/properties/trt_context_memory_sharing_enable/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.trt_context_memory_sharing_enable.type,parentSchema:schema30.properties.trt_context_memory_sharing_enable,data:data19};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
if(data3.trt_force_sequential_engine_build !== undefined){
let data20 = data3.trt_force_sequential_engine_build;
if(typeof data20 !== "boolean"){
const err37 = {instancePath:instancePath+"/providerOptions/trt_force_sequential_engine_build",schemaPath:"#/definitions/ProviderOptions/properties/trt_force_sequential_engine_build/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.trt_force_sequential_engine_build.type,parentSchema:schema30.properties.trt_force_sequential_engine_build,data:data20};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data3.trt_detailed_build_log !== undefined){
let data21 = data3.trt_detailed_build_log;
if(typeof data21 !== "boolean"){
const err38 = {instancePath:instancePath+"/providerOptions/trt_detailed_build_log",schemaPath:"#/definitions/ProviderOptions/properties/trt_detailed_build_log/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.trt_detailed_build_log.type,parentSchema:schema30.properties.trt_detailed_build_log,data:data21};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
if(data3.trt_profile_min_shapes !== undefined){
let data22 = data3.trt_profile_min_shapes;
if(typeof data22 === "string"){
if(!pattern14.test(data22)){
const err39 = {instancePath:instancePath+"/providerOptions/trt_profile_min_shapes",schemaPath:"#/definitions/ProviderOptions/properties/trt_profile_min_shapes/pattern",keyword:"pattern",params:{pattern: "^[^:,\\s]+:\\d+(x\\d+)*(,[^:,\\s]+:\\d+(x\\d+)*)*$"},message:"must match pattern \""+"^[^:,\\s]+:\\d+(x\\d+)*(,[^:,\\s]+:\\d+(x\\d+)*)*$"+"\"",schema:"^[^:,\\s]+:\\d+(x\\d+)*(,[^:,\\s]+:\\d+(x\\d+)*)*$",parentSchema:schema30.properties.trt_profile_min_shapes,data:data22};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
}
else {
const err40 = {instancePath:instancePath+"/providerOptions/trt_profile_min_shapes",schemaPath:"#/definitions/ProviderOptions/properties/trt_profile_min_shapes/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema30.properties.trt_profile_min_shapes.type,parentSchema:schema30.properties.trt_profile_min_shapes,data:data22};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
}
if(data3.trt_profile_opt_shapes !== undefined){
let data23 = data3.trt_profile_opt_shapes;
if(typeof data23 === "string"){
if(!pattern14.test(data23)){
const err41 = {instancePath:instancePath+"/providerOptions/trt_profile_opt_shapes",schemaPath:"#/definitions/ProviderOptions/properties/trt_profile_opt_shapes/pattern",keyword:"pattern",params:{pattern: "^[^:,\\s]+:\\d+(x\\d+)*(,[^:,\\s]+:\\d+(x\\d+)*)*$"},message:"must match pattern \""+"^[^:,\\s]+:\\d+(x\\d+)*(,[^:,\\s]+:\\d+(x\\d+)*)*$"+"\"",schema:"^[^:,\\s]+:\\d+(x\\d+)*(,[^:,\\s]+:\\d+(x\\d+)*)*$",parentSchema:schema30.properties.trt_profile_opt_shapes,data:data23};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
else {
const err42 = {instancePath:instancePath+"/providerOptions/trt_profile_opt_shapes",schemaPath:"#/definitions/ProviderOptions/properties/trt_profile_opt_shapes/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema30.properties.trt_profile_opt_shapes.type,parentSchema:schema30.properties.trt_profile_opt_shapes,data:data23};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
if(data3.trt_profile_max_shapes !== undefined){
let data24 = data3.trt_profile_max_shapes;
if(typeof data24 === "string"){
if(!pattern14.test(data24)){
const err43 = {instancePath:instancePath+"/providerOptions/trt_profile_max_shapes",schemaPath:"#/definitions/ProviderOptions/properties/trt_profile_max_shapes/pattern",keyword:"pattern",params:{pattern: "^[^:,\\s]+:\\d+(x\\d+)*(,[^:,\\s]+:\\d+(x\\d+)*)*$"},message:"must match pattern \""+"^[^:,\\s]+:\\d+(x\\d+)*(,[^:,\\s]+:\\d+(x\\d+)*)*$"+"\"",schema:"^[^:,\\s]+:\\d+(x\\d+)*(,[^:,\\s]+:\\d+(x\\d+)*)*$",parentSchema:schema30.properties.trt_profile_max_shapes,data:data24};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
else {
const err44 = {instancePath:instancePath+"/providerOptions/trt_profile_max_shapes",schemaPath:"#/definitions/ProviderOptions/properties/trt_profile_max_shapes/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema30.properties.trt_profile_max_shapes.type,parentSchema:schema30.properties.trt_profile_max_shapes,data:data24};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
}
if(data3.gpu_mem_limit !== undefined){
let data25 = data3.gpu_mem_limit;
if(!(((typeof data25 == "number") && (!(data25 % 1) && !isNaN(data25))) && (isFinite(data25)))){
const err45 = {instancePath:instancePath+"/providerOptions/gpu_mem_limit",schemaPath:"#/definitions/ProviderOptions/properties/gpu_mem_limit/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema30.properties.gpu_mem_limit.type,parentSchema:schema30.properties.gpu_mem_limit,data:data25};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
if((typeof data25 == "number") && (isFinite(data25))){
if(data25 < 1 || isNaN(data25)){
const err46 = {instancePath:instancePath+"/providerOptions/gpu_mem_limit",schemaPath:"#/definitions/ProviderOptions/properties/gpu_mem_limit/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema30.properties.gpu_mem_limit,data:data25};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
}
if(data3.arena_extend_strategy !== undefined){
let data26 = data3.arena_extend_strategy;
if(typeof data26 !== "string"){
const err47 = {instancePath:instancePath+"/providerOptions/arena_extend_strategy",schemaPath:"#/definitions/ProviderOptions/properties/arena_extend_strategy/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema30.properties.arena_extend_strategy.type,parentSchema:schema30.properties.arena_extend_strategy,data:data26};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
if(!((data26 === "kNextPowerOfTwo") || (data26 === "kSameAsRequested"))){
const err48 = {instancePath:instancePath+"/providerOptions/arena_extend_strategy",schemaPath:"#/definitions/ProviderOptions/properties/arena_extend_strategy/enum",keyword:"enum",params:{allowedValues: schema30.properties.arena_extend_strategy.enum},message:"must be equal to one of the allowed values",schema:schema30.properties.arena_extend_strategy.enum,parentSchema:schema30.properties.arena_extend_strategy,data:data26};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
if(data3.cudnn_conv_algo_search !== undefined){
let data27 = data3.cudnn_conv_algo_search;
if(typeof data27 !== "string"){
const err49 = {instancePath:instancePath+"/providerOptions/cudnn_conv_algo_search",schemaPath:"#/definitions/ProviderOptions/properties/cudnn_conv_algo_search/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema30.properties.cudnn_conv_algo_search.type,parentSchema:schema30.properties.cudnn_conv_algo_search,data:data27};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
if(!(((data27 === "EXHAUSTIVE") || (data27 === "HEURISTIC")) || (data27 === "DEFAULT"))){
const err50 = {instancePath:instancePath+"/providerOptions/cudnn_conv_algo_search",schemaPath:"#/definitions/ProviderOptions/properties/cudnn_conv_algo_search/enum",keyword:"enum",params:{allowedValues: schema30.properties.cudnn_conv_algo_search.enum},message:"must be equal to one of the allowed values",schema:schema30.properties.cudnn_conv_algo_search.enum,parentSchema:schema30.properties.cudnn_conv_algo_search,data:data27};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
if(data3.cudnn_conv_use_max_workspace !== undefined){
let data28 = data3.cudnn_conv_use_max_workspace;
if(!(((typeof data28 == "number") && (!(data28 % 1) && !isNaN(data28))) && (isFinite(data28)))){
const err51 = {instancePath:instancePath+"/providerOptions/cudnn_conv_use_max_workspace",schemaPath:"#/definitions/ProviderOptions/properties/cudnn_conv_use_max_workspace/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema30.properties.cudnn_conv_use_max_workspace.type,parentSchema:schema30.properties.cudnn_conv_use_max_workspace,data:data28};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
if((typeof data28 == "number") && (isFinite(data28))){
if(data28 > 1 || isNaN(data28)){
const err52 = {instancePath:instancePath+"/providerOptions/cudnn_conv_use_max_workspace",schemaPath:"#/definitions/ProviderOptions/properties/cudnn_conv_use_max_workspace/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1},message:"must be <= 1",schema:1,parentSchema:schema30.properties.cudnn_conv_use_max_workspace,data:data28};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
if(data28 < 0 || isNaN(data28)){
const err53 = {instancePath:instancePath+"/providerOptions/cudnn_conv_use_max_workspace",schemaPath:"#/definitions/ProviderOptions/properties/cudnn_conv_use_max_workspace/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema30.properties.cudnn_conv_use_max_workspace,data:data28};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
}
if(data3.do_copy_in_default_stream !== undefined){
let data29 = data3.do_copy_in_default_stream;
if(typeof data29 !== "boolean"){
const err54 = {instancePath:instancePath+"/providerOptions/do_copy_in_default_stream",schemaPath:"#/definitions/ProviderOptions/properties/do_copy_in_default_stream/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.do_copy_in_default_stream.type,parentSchema:schema30.properties.do_copy_in_default_stream,data:data29};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
if(data3.use_ep_level_unified_stream !== undefined){
let data30 = data3.use_ep_level_unified_stream;
if(typeof data30 !== "boolean"){
const err55 = {instancePath:instancePath+"/providerOptions/use_ep_level_unified_stream",schemaPath:"#/definitions/ProviderOptions/properties/use_ep_level_unified_stream/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.use_ep_level_unified_stream.type,parentSchema:schema30.properties.use_ep_level_unified_stream,data:data30};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
}
if(data3.use_tf32 !== undefined){
let data31 = data3.use_tf32;
if(typeof data31 !== "boolean"){
const err56 = {instancePath:instancePath+"/providerOptions/use_tf32",schemaPath:"#/definitions/ProviderOptions/properties/use_tf32/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.use_tf32.type,parentSchema:schema30.properties.use_tf32,data:data31};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
}
if(data3.prefer_nhwc !== undefined){
let data32 = data3.prefer_nhwc;
if(typeof data32 !== "boolean"){
const err57 = {instancePath:instancePath+"/providerOptions/prefer_nhwc",schemaPath:"#/definitions/ProviderOptions/properties/prefer_nhwc/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.prefer_nhwc.type,parentSchema:schema30.properties.prefer_nhwc,data:data32};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
if(data3.tunable_op_enable !== undefined){
let data33 = data3.tunable_op_enable;
if(typeof data33 !== "boolean"){
const err58 = {instancePath:instancePath+"/providerOptions/tunable_op_enable",schemaPath:"#/definitions/ProviderOptions/properties/tunable_op_enable/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.tunable_op_enable.type,parentSchema:schema30.properties.tunable_op_enable,data:data33};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
if(data3.tunable_op_tuning_enable !== undefined){
let data34 = data3.tunable_op_tuning_enable;
if(typeof data34 !== "boolean"){
const err59 = {instancePath:instancePath+"/providerOptions/tunable_op_tuning_enable",schemaPath:"#/definitions/ProviderOptions/properties/tunable_op_tuning_enable/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.tunable_op_tuning_enable.type,parentSchema:schema30.properties.tunable_op_tuning_enable,data:data34};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
if(data3.enable_skip_layer_norm_strict_mode !== undefined){
let data35 = data3.enable_skip_layer_norm_strict_mode;
if(typeof data35 !== "boolean"){
const err60 = {instancePath:instancePath+"/providerOptions/enable_skip_layer_norm_strict_mode",schemaPath:"#/definitions/ProviderOptions/properties/enable_skip_layer_norm_strict_mode/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema30.properties.enable_skip_layer_norm_strict_mode.type,parentSchema:schema30.properties.enable_skip_layer_norm_strict_mode,data:data35};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
}
else {
const err61 = {instancePath:instancePath+"/providerOptions",schemaPath:"#/definitions/ProviderOptions/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema30.type,parentSchema:schema30,data:data3};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
if(data.gpu !== undefined){
let data36 = data.gpu;
if(typeof data36 === "string"){
if(!pattern17.test(data36)){
const err62 = {instancePath:instancePath+"/gpu",schemaPath:"#/properties/gpu/pattern",keyword:"pattern",params:{pattern: "^sm_[1-9][0-9]{1,2}$"},message:"must match pattern \""+"^sm_[1-9][0-9]{1,2}$"+"\"",schema:"^sm_[1-9][0-9]{1,2}$",parentSchema:schema29.properties.gpu,data:data36};
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
const err63 = {instancePath:instancePath+"/gpu",schemaPath:"#/properties/gpu/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.gpu.type,parentSchema:schema29.properties.gpu,data:data36};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
}
if(data.precisions !== undefined){
let data37 = data.precisions;
if(Array.isArray(data37)){
if(data37.length < 1){
const err64 = {instancePath:instancePath+"/precisions",schemaPath:"#/properties/precisions/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema29.properties.precisions,data:data37};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
const len0 = data37.length;
for(let i0=0; i0<len0; i0++){
let data38 = data37[i0];
if(typeof data38 !== "string"){
const err65 = {instancePath:instancePath+"/precisions/" + i0,schemaPath:"#/properties/precisions/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.precisions.items.type,parentSchema:schema29.properties.precisions.items,data:data38};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
if(!(((((((((data38 === "fp32") || (data38 === "fp16")) || (data38 === "bf16")) || (data38 === "fp8")) || (data38 === "int8")) || (data38 === "int8-dynamic")) || (data38 === "int8-weight")) || (data38 === "int4-weight")) || (data38 === "auto"))){
const err66 = {instancePath:instancePath+"/precisions/" + i0,schemaPath:"#/properties/precisions/items/enum",keyword:"enum",params:{allowedValues: schema29.properties.precisions.items.enum},message:"must be equal to one of the allowed values",schema:schema29.properties.precisions.items.enum,parentSchema:schema29.properties.precisions.items,data:data38};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
}
let i1 = data37.length;
let j0;
if(i1 > 1){
const indices0 = {};
for(;i1--;){
let item0 = data37[i1];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
const err67 = {instancePath:instancePath+"/precisions",schemaPath:"#/properties/precisions/uniqueItems",keyword:"uniqueItems",params:{i: i1, j: j0},message:"must NOT have duplicate items (items ## "+j0+" and "+i1+" are identical)",schema:true,parentSchema:schema29.properties.precisions,data:data37};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
break;
}
indices0[item0] = i1;
}
}
}
else {
const err68 = {instancePath:instancePath+"/precisions",schemaPath:"#/properties/precisions/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema29.properties.precisions.type,parentSchema:schema29.properties.precisions,data:data37};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
}
if(data.image !== undefined){
let data39 = data.image;
if(typeof data39 === "string"){
if(!pattern18.test(data39)){
const err69 = {instancePath:instancePath+"/image",schemaPath:"#/properties/image/pattern",keyword:"pattern",params:{pattern: "^\\S+$"},message:"must match pattern \""+"^\\S+$"+"\"",schema:"^\\S+$",parentSchema:schema29.properties.image,data:data39};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
}
else {
const err70 = {instancePath:instancePath+"/image",schemaPath:"#/properties/image/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.image.type,parentSchema:schema29.properties.image,data:data39};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
}
if(data.trtexec !== undefined){
let data40 = data.trtexec;
if(typeof data40 === "string"){
if(!pattern9.test(data40)){
const err71 = {instancePath:instancePath+"/trtexec",schemaPath:"#/properties/trtexec/pattern",keyword:"pattern",params:{pattern: "\\S"},message:"must match pattern \""+"\\S"+"\"",schema:"\\S",parentSchema:schema29.properties.trtexec,data:data40};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
else {
const err72 = {instancePath:instancePath+"/trtexec",schemaPath:"#/properties/trtexec/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.trtexec.type,parentSchema:schema29.properties.trtexec,data:data40};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
}
if(data.command !== undefined){
let data41 = data.command;
if(Array.isArray(data41)){
if(data41.length < 1){
const err73 = {instancePath:instancePath+"/command",schemaPath:"#/properties/command/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema29.properties.command,data:data41};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
const len1 = data41.length;
for(let i2=0; i2<len1; i2++){
let data42 = data41[i2];
if(typeof data42 === "string"){
if(!pattern9.test(data42)){
const err74 = {instancePath:instancePath+"/command/" + i2,schemaPath:"#/properties/command/items/pattern",keyword:"pattern",params:{pattern: "\\S"},message:"must match pattern \""+"\\S"+"\"",schema:"\\S",parentSchema:schema29.properties.command.items,data:data42};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
}
else {
const err75 = {instancePath:instancePath+"/command/" + i2,schemaPath:"#/properties/command/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema29.properties.command.items.type,parentSchema:schema29.properties.command.items,data:data42};
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
else {
const err76 = {instancePath:instancePath+"/command",schemaPath:"#/properties/command/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema29.properties.command.type,parentSchema:schema29.properties.command,data:data41};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
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
const err77 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema29.type,parentSchema:schema29,data};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
validate15.errors = vErrors;
return errors === 0;
}

const schema34 = {"title":"Triton","type":"object","additionalProperties":false,"examples":[{"repository":"triton","maxBatchSize":32,"dynamicBatching":true}],"properties":{"repository":{"title":"Repository","type":"string","pattern":"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$","patternErrorMessage":"a path inside outDir, without ..","examples":["triton"]},"joinTargets":{"title":"Targets that are one model","type":"object","propertyNames":{"$ref":"#/definitions/Name"},"additionalProperties":{"title":"Targets","type":"array","items":{"type":"string","pattern":"\\S","patternErrorMessage":"the name of a target"},"minItems":2,"uniqueItems":true,"examples":[["a100","h100"]]},"examples":[{"gpus":["a100","h100"]}]},"maxBatchSize":{"title":"Largest batch","type":"integer","minimum":0,"examples":[32]},"dynamicBatching":{"title":"Dynamic batching","type":["boolean","object"],"additionalProperties":false,"properties":{"maxQueueDelayMicroseconds":{"title":"Queue delay","type":"integer","minimum":0,"examples":[200]},"preferredBatchSizes":{"title":"Preferred batch sizes","type":"array","items":{"type":"integer","minimum":1},"uniqueItems":true,"examples":[[8,16]]},"preserveOrdering":{"title":"Order","type":"boolean","examples":[true]},"priorityLevels":{"title":"Priority levels","type":"integer","minimum":1,"examples":[2]},"defaultPriorityLevel":{"title":"Usual priority","type":"integer","minimum":1,"examples":[2]},"queuePolicy":{"title":"Queue policy","type":"object","additionalProperties":false,"properties":{"timeoutMicroseconds":{"title":"Time-out","type":"integer","minimum":0,"examples":[500000]},"timeoutAction":{"title":"After the time-out","type":"string","enum":["reject","delay"],"examples":["reject"]},"allowTimeoutOverride":{"title":"Time-outs of requests","type":"boolean","examples":[true]},"maxSize":{"title":"Longest queue","type":"integer","minimum":0,"examples":[512]}},"examples":[{"timeoutMicroseconds":500000,"maxSize":512}]},"priorityQueuePolicies":{"title":"Queue policies by priority","type":"object","additionalProperties":{"title":"Queue policy","type":"object","additionalProperties":false,"properties":{"timeoutMicroseconds":{"title":"Time-out","type":"integer","minimum":0,"examples":[500000]},"timeoutAction":{"title":"After the time-out","type":"string","enum":["reject","delay"],"examples":["reject"]},"allowTimeoutOverride":{"title":"Time-outs of requests","type":"boolean","examples":[true]},"maxSize":{"title":"Longest queue","type":"integer","minimum":0,"examples":[512]}},"examples":[{"timeoutMicroseconds":500000,"maxSize":512}]},"propertyNames":{"pattern":"^[1-9][0-9]*$"},"examples":[{"1":{"maxSize":16}}]}},"examples":[true,{"maxQueueDelayMicroseconds":200}]},"compat":{"title":"Compatibility","type":"string","enum":["none","els-rd"],"examples":["els-rd"]},"instances":{"title":"Instances of networks","type":"object","additionalProperties":false,"properties":{"count":{"title":"Count","type":"integer","minimum":1,"examples":[2]},"kind":{"title":"Kind","type":"string","enum":["auto","cpu","gpu"],"examples":["gpu"]},"gpus":{"title":"GPUs","type":"array","items":{"type":"integer","minimum":0},"uniqueItems":true,"examples":[[0,1]]},"profiles":{"title":"Optimization profiles","type":"array","items":{"type":"integer","minimum":0},"uniqueItems":true,"examples":[[0,1]]},"rateLimiter":{"title":"Rate limiter","type":"object","additionalProperties":false,"properties":{"resources":{"title":"Resources","type":"array","items":{"type":"object","additionalProperties":false,"required":["name","count"],"properties":{"name":{"title":"Name","type":"string","pattern":"^[A-Za-z0-9_.-]+$","patternErrorMessage":"letters, digits, _ . -","examples":["gpu-memory"]},"count":{"title":"Count","type":"integer","minimum":1,"examples":[4]},"global":{"title":"Global","type":"boolean","examples":[true]}},"examples":[{"name":"gpu-memory","count":4}]},"examples":[[{"name":"gpu-memory","count":4}]]},"priority":{"title":"Priority","type":"integer","minimum":1,"examples":[2]}},"examples":[{"resources":[{"name":"gpu-memory","count":4}],"priority":1}]}},"examples":[{"count":2,"gpus":[0,1]}]},"pythonInstances":{"title":"Instances of Python models","type":"integer","minimum":1,"examples":[2]},"threads":{"title":"Threads","type":"object","additionalProperties":false,"properties":{"intraOp":{"title":"Within an operator","type":"integer","minimum":0,"examples":[4]},"interOp":{"title":"Between operators","type":"integer","minimum":0,"examples":[1]},"parallel":{"title":"Parallel execution","type":"boolean","examples":[false]}},"examples":[{"intraOp":4}]},"responseCache":{"title":"Response cache","type":"boolean","examples":[true]},"versionPolicy":{"title":"Version policy","type":"object","additionalProperties":false,"minProperties":1,"maxProperties":1,"properties":{"latest":{"title":"Newest","type":"integer","minimum":1,"examples":[2]},"all":{"title":"All","type":"boolean","enum":[true],"examples":[true]},"specific":{"title":"Listed","type":"array","minItems":1,"items":{"type":"integer","minimum":1},"uniqueItems":true,"examples":[[1]]}},"examples":[{"latest":1}]},"accelerators":{"title":"Execution accelerators","type":"object","additionalProperties":false,"properties":{"gpu":{"title":"On GPUs","type":"array","items":{"type":"object","additionalProperties":false,"required":["name"],"properties":{"name":{"title":"Name","type":"string","enum":["tensorrt","cuda"],"examples":["tensorrt"]},"parameters":{"title":"Parameters","type":"object","additionalProperties":{"type":"string"},"examples":[{"precision_mode":"FP16"}]}},"examples":[{"name":"tensorrt"}]},"examples":[[{"name":"tensorrt"}]]},"cpu":{"title":"On CPUs","type":"array","items":{"type":"object","additionalProperties":false,"required":["name"],"properties":{"name":{"title":"Name","type":"string","enum":["openvino"],"examples":["openvino"]},"parameters":{"title":"Parameters","type":"object","additionalProperties":{"type":"string"},"examples":[{}]}},"examples":[{"name":"openvino"}]},"examples":[[{"name":"openvino"}]]}},"examples":[{"gpu":[{"name":"tensorrt","parameters":{"precision_mode":"FP16"}}]}]},"checksum":{"title":"Checksums","type":"boolean","examples":[true]},"backend":{"title":"Backend of language models","type":"string","enum":["onnx","vllm","tensorrt-llm"],"examples":["vllm"]},"backendOptions":{"title":"Options of that backend","type":"object","additionalProperties":{"title":"Option","type":["string","number","boolean","array","object"],"items":{"title":"Element","type":["string","number","boolean"],"examples":[8]},"additionalProperties":{"title":"Member","type":["string","number","boolean","array"],"items":{"title":"Element","type":["string","number","boolean"],"examples":[8]},"examples":[4096]},"examples":[0.9,{"max_tokens":4096}]},"examples":[{"gpu_memory_utilization":0.9}]}}};
const pattern23 = new RegExp("^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$", "u");
const pattern26 = new RegExp("^[1-9][0-9]*$", "u");
const pattern27 = new RegExp("^[A-Za-z0-9_.-]+$", "u");

function validate21(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(func2.call(schema34.properties, key0))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema34,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.repository !== undefined){
let data0 = data.repository;
if(typeof data0 === "string"){
if(!pattern23.test(data0)){
const err1 = {instancePath:instancePath+"/repository",schemaPath:"#/properties/repository/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$"},message:"must match pattern \""+"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$"+"\"",schema:"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$",parentSchema:schema34.properties.repository,data:data0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
else {
const err2 = {instancePath:instancePath+"/repository",schemaPath:"#/properties/repository/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.properties.repository.type,parentSchema:schema34.properties.repository,data:data0};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.joinTargets !== undefined){
let data1 = data.joinTargets;
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
for(const key1 in data1){
const _errs6 = errors;
if(typeof key1 === "string"){
if(!pattern0.test(key1)){
const err3 = {instancePath:instancePath+"/joinTargets",schemaPath:"#/definitions/Name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9_-]*$"},message:"must match pattern \""+"^[A-Za-z0-9][A-Za-z0-9_-]*$"+"\"",schema:"^[A-Za-z0-9][A-Za-z0-9_-]*$",parentSchema:schema12,data:key1,propertyName:key1};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
else {
const err4 = {instancePath:instancePath+"/joinTargets",schemaPath:"#/definitions/Name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:key1,propertyName:key1};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
var valid1 = _errs6 === errors;
if(!valid1){
const err5 = {instancePath:instancePath+"/joinTargets",schemaPath:"#/properties/joinTargets/propertyNames",keyword:"propertyNames",params:{propertyName: key1},message:"property name must be valid",schema:schema34.properties.joinTargets.propertyNames,parentSchema:schema34.properties.joinTargets,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
for(const key2 in data1){
let data2 = data1[key2];
if(Array.isArray(data2)){
if(data2.length < 2){
const err6 = {instancePath:instancePath+"/joinTargets/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/joinTargets/additionalProperties/minItems",keyword:"minItems",params:{limit: 2},message:"must NOT have fewer than 2 items",schema:2,parentSchema:schema34.properties.joinTargets.additionalProperties,data:data2};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
let data3 = data2[i0];
if(typeof data3 === "string"){
if(!pattern9.test(data3)){
const err7 = {instancePath:instancePath+"/joinTargets/" + key2.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + i0,schemaPath:"#/properties/joinTargets/additionalProperties/items/pattern",keyword:"pattern",params:{pattern: "\\S"},message:"must match pattern \""+"\\S"+"\"",schema:"\\S",parentSchema:schema34.properties.joinTargets.additionalProperties.items,data:data3};
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
const err8 = {instancePath:instancePath+"/joinTargets/" + key2.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + i0,schemaPath:"#/properties/joinTargets/additionalProperties/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.properties.joinTargets.additionalProperties.items.type,parentSchema:schema34.properties.joinTargets.additionalProperties.items,data:data3};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
let i1 = data2.length;
let j0;
if(i1 > 1){
const indices0 = {};
for(;i1--;){
let item0 = data2[i1];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
const err9 = {instancePath:instancePath+"/joinTargets/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/joinTargets/additionalProperties/uniqueItems",keyword:"uniqueItems",params:{i: i1, j: j0},message:"must NOT have duplicate items (items ## "+j0+" and "+i1+" are identical)",schema:true,parentSchema:schema34.properties.joinTargets.additionalProperties,data:data2};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
break;
}
indices0[item0] = i1;
}
}
}
else {
const err10 = {instancePath:instancePath+"/joinTargets/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/joinTargets/additionalProperties/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema34.properties.joinTargets.additionalProperties.type,parentSchema:schema34.properties.joinTargets.additionalProperties,data:data2};
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
else {
const err11 = {instancePath:instancePath+"/joinTargets",schemaPath:"#/properties/joinTargets/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema34.properties.joinTargets.type,parentSchema:schema34.properties.joinTargets,data:data1};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data.maxBatchSize !== undefined){
let data4 = data.maxBatchSize;
if(!(((typeof data4 == "number") && (!(data4 % 1) && !isNaN(data4))) && (isFinite(data4)))){
const err12 = {instancePath:instancePath+"/maxBatchSize",schemaPath:"#/properties/maxBatchSize/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.maxBatchSize.type,parentSchema:schema34.properties.maxBatchSize,data:data4};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
if((typeof data4 == "number") && (isFinite(data4))){
if(data4 < 0 || isNaN(data4)){
const err13 = {instancePath:instancePath+"/maxBatchSize",schemaPath:"#/properties/maxBatchSize/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema34.properties.maxBatchSize,data:data4};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
}
if(data.dynamicBatching !== undefined){
let data5 = data.dynamicBatching;
if((typeof data5 !== "boolean") && (!(data5 && typeof data5 == "object" && !Array.isArray(data5)))){
const err14 = {instancePath:instancePath+"/dynamicBatching",schemaPath:"#/properties/dynamicBatching/type",keyword:"type",params:{type: schema34.properties.dynamicBatching.type},message:"must be boolean,object",schema:schema34.properties.dynamicBatching.type,parentSchema:schema34.properties.dynamicBatching,data:data5};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
for(const key3 in data5){
if(!(((((((key3 === "maxQueueDelayMicroseconds") || (key3 === "preferredBatchSizes")) || (key3 === "preserveOrdering")) || (key3 === "priorityLevels")) || (key3 === "defaultPriorityLevel")) || (key3 === "queuePolicy")) || (key3 === "priorityQueuePolicies"))){
const err15 = {instancePath:instancePath+"/dynamicBatching",schemaPath:"#/properties/dynamicBatching/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties",schema:false,parentSchema:schema34.properties.dynamicBatching,data:data5};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data5.maxQueueDelayMicroseconds !== undefined){
let data6 = data5.maxQueueDelayMicroseconds;
if(!(((typeof data6 == "number") && (!(data6 % 1) && !isNaN(data6))) && (isFinite(data6)))){
const err16 = {instancePath:instancePath+"/dynamicBatching/maxQueueDelayMicroseconds",schemaPath:"#/properties/dynamicBatching/properties/maxQueueDelayMicroseconds/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.dynamicBatching.properties.maxQueueDelayMicroseconds.type,parentSchema:schema34.properties.dynamicBatching.properties.maxQueueDelayMicroseconds,data:data6};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
if((typeof data6 == "number") && (isFinite(data6))){
if(data6 < 0 || isNaN(data6)){
const err17 = {instancePath:instancePath+"/dynamicBatching/maxQueueDelayMicroseconds",schemaPath:"#/properties/dynamicBatching/properties/maxQueueDelayMicroseconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema34.properties.dynamicBatching.properties.maxQueueDelayMicroseconds,data:data6};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
}
if(data5.preferredBatchSizes !== undefined){
let data7 = data5.preferredBatchSizes;
if(Array.isArray(data7)){
const len1 = data7.length;
for(let i2=0; i2<len1; i2++){
let data8 = data7[i2];
if(!(((typeof data8 == "number") && (!(data8 % 1) && !isNaN(data8))) && (isFinite(data8)))){
const err18 = {instancePath:instancePath+"/dynamicBatching/preferredBatchSizes/" + i2,schemaPath:"#/properties/dynamicBatching/properties/preferredBatchSizes/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.dynamicBatching.properties.preferredBatchSizes.items.type,parentSchema:schema34.properties.dynamicBatching.properties.preferredBatchSizes.items,data:data8};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
if((typeof data8 == "number") && (isFinite(data8))){
if(data8 < 1 || isNaN(data8)){
const err19 = {instancePath:instancePath+"/dynamicBatching/preferredBatchSizes/" + i2,schemaPath:"#/properties/dynamicBatching/properties/preferredBatchSizes/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema34.properties.dynamicBatching.properties.preferredBatchSizes.items,data:data8};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
}
let i3 = data7.length;
let j1;
if(i3 > 1){
const indices1 = {};
for(;i3--;){
let item1 = data7[i3];
if(!(((typeof item1 == "number") && (!(item1 % 1) && !isNaN(item1))) && (isFinite(item1)))){
continue;
}
if(typeof indices1[item1] == "number"){
j1 = indices1[item1];
const err20 = {instancePath:instancePath+"/dynamicBatching/preferredBatchSizes",schemaPath:"#/properties/dynamicBatching/properties/preferredBatchSizes/uniqueItems",keyword:"uniqueItems",params:{i: i3, j: j1},message:"must NOT have duplicate items (items ## "+j1+" and "+i3+" are identical)",schema:true,parentSchema:schema34.properties.dynamicBatching.properties.preferredBatchSizes,data:data7};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
break;
}
indices1[item1] = i3;
}
}
}
else {
const err21 = {instancePath:instancePath+"/dynamicBatching/preferredBatchSizes",schemaPath:"#/properties/dynamicBatching/properties/preferredBatchSizes/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema34.properties.dynamicBatching.properties.preferredBatchSizes.type,parentSchema:schema34.properties.dynamicBatching.properties.preferredBatchSizes,data:data7};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data5.preserveOrdering !== undefined){
let data9 = data5.preserveOrdering;
if(typeof data9 !== "boolean"){
const err22 = {instancePath:instancePath+"/dynamicBatching/preserveOrdering",schemaPath:"#/properties/dynamicBatching/properties/preserveOrdering/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema34.properties.dynamicBatching.properties.preserveOrdering.type,parentSchema:schema34.properties.dynamicBatching.properties.preserveOrdering,data:data9};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data5.priorityLevels !== undefined){
let data10 = data5.priorityLevels;
if(!(((typeof data10 == "number") && (!(data10 % 1) && !isNaN(data10))) && (isFinite(data10)))){
const err23 = {instancePath:instancePath+"/dynamicBatching/priorityLevels",schemaPath:"#/properties/dynamicBatching/properties/priorityLevels/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.dynamicBatching.properties.priorityLevels.type,parentSchema:schema34.properties.dynamicBatching.properties.priorityLevels,data:data10};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
if((typeof data10 == "number") && (isFinite(data10))){
if(data10 < 1 || isNaN(data10)){
const err24 = {instancePath:instancePath+"/dynamicBatching/priorityLevels",schemaPath:"#/properties/dynamicBatching/properties/priorityLevels/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema34.properties.dynamicBatching.properties.priorityLevels,data:data10};
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
if(data5.defaultPriorityLevel !== undefined){
let data11 = data5.defaultPriorityLevel;
if(!(((typeof data11 == "number") && (!(data11 % 1) && !isNaN(data11))) && (isFinite(data11)))){
const err25 = {instancePath:instancePath+"/dynamicBatching/defaultPriorityLevel",schemaPath:"#/properties/dynamicBatching/properties/defaultPriorityLevel/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.dynamicBatching.properties.defaultPriorityLevel.type,parentSchema:schema34.properties.dynamicBatching.properties.defaultPriorityLevel,data:data11};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
if((typeof data11 == "number") && (isFinite(data11))){
if(data11 < 1 || isNaN(data11)){
const err26 = {instancePath:instancePath+"/dynamicBatching/defaultPriorityLevel",schemaPath:"#/properties/dynamicBatching/properties/defaultPriorityLevel/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema34.properties.dynamicBatching.properties.defaultPriorityLevel,data:data11};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
}
if(data5.queuePolicy !== undefined){
let data12 = data5.queuePolicy;
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
for(const key4 in data12){
if(!((((key4 === "timeoutMicroseconds") || (key4 === "timeoutAction")) || (key4 === "allowTimeoutOverride")) || (key4 === "maxSize"))){
const err27 = {instancePath:instancePath+"/dynamicBatching/queuePolicy",schemaPath:"#/properties/dynamicBatching/properties/queuePolicy/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties",schema:false,parentSchema:schema34.properties.dynamicBatching.properties.queuePolicy,data:data12};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
if(data12.timeoutMicroseconds !== undefined){
let data13 = data12.timeoutMicroseconds;
if(!(((typeof data13 == "number") && (!(data13 % 1) && !isNaN(data13))) && (isFinite(data13)))){
const err28 = {instancePath:instancePath+"/dynamicBatching/queuePolicy/timeoutMicroseconds",schemaPath:"#/properties/dynamicBatching/properties/queuePolicy/properties/timeoutMicroseconds/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.dynamicBatching.properties.queuePolicy.properties.timeoutMicroseconds.type,parentSchema:schema34.properties.dynamicBatching.properties.queuePolicy.properties.timeoutMicroseconds,data:data13};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
if((typeof data13 == "number") && (isFinite(data13))){
if(data13 < 0 || isNaN(data13)){
const err29 = {instancePath:instancePath+"/dynamicBatching/queuePolicy/timeoutMicroseconds",schemaPath:"#/properties/dynamicBatching/properties/queuePolicy/properties/timeoutMicroseconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema34.properties.dynamicBatching.properties.queuePolicy.properties.timeoutMicroseconds,data:data13};
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
if(data12.timeoutAction !== undefined){
let data14 = data12.timeoutAction;
if(typeof data14 !== "string"){
const err30 = {instancePath:instancePath+"/dynamicBatching/queuePolicy/timeoutAction",schemaPath:"#/properties/dynamicBatching/properties/queuePolicy/properties/timeoutAction/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.properties.dynamicBatching.properties.queuePolicy.properties.timeoutAction.type,parentSchema:schema34.properties.dynamicBatching.properties.queuePolicy.properties.timeoutAction,data:data14};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
if(!((data14 === "reject") || (data14 === "delay"))){
const err31 = {instancePath:instancePath+"/dynamicBatching/queuePolicy/timeoutAction",schemaPath:"#/properties/dynamicBatching/properties/queuePolicy/properties/timeoutAction/enum",keyword:"enum",params:{allowedValues: schema34.properties.dynamicBatching.properties.queuePolicy.properties.timeoutAction.enum},message:"must be equal to one of the allowed values",schema:schema34.properties.dynamicBatching.properties.queuePolicy.properties.timeoutAction.enum,parentSchema:schema34.properties.dynamicBatching.properties.queuePolicy.properties.timeoutAction,data:data14};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data12.allowTimeoutOverride !== undefined){
let data15 = data12.allowTimeoutOverride;
if(typeof data15 !== "boolean"){
const err32 = {instancePath:instancePath+"/dynamicBatching/queuePolicy/allowTimeoutOverride",schemaPath:"#/properties/dynamicBatching/properties/queuePolicy/properties/allowTimeoutOverride/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema34.properties.dynamicBatching.properties.queuePolicy.properties.allowTimeoutOverride.type,parentSchema:schema34.properties.dynamicBatching.properties.queuePolicy.properties.allowTimeoutOverride,data:data15};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
if(data12.maxSize !== undefined){
let data16 = data12.maxSize;
if(!(((typeof data16 == "number") && (!(data16 % 1) && !isNaN(data16))) && (isFinite(data16)))){
const err33 = {instancePath:instancePath+"/dynamicBatching/queuePolicy/maxSize",schemaPath:"#/properties/dynamicBatching/properties/queuePolicy/properties/maxSize/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.dynamicBatching.properties.queuePolicy.properties.maxSize.type,parentSchema:schema34.properties.dynamicBatching.properties.queuePolicy.properties.maxSize,data:data16};
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
const err34 = {instancePath:instancePath+"/dynamicBatching/queuePolicy/maxSize",schemaPath:"#/properties/dynamicBatching/properties/queuePolicy/properties/maxSize/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema34.properties.dynamicBatching.properties.queuePolicy.properties.maxSize,data:data16};
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
}
else {
const err35 = {instancePath:instancePath+"/dynamicBatching/queuePolicy",schemaPath:"#/properties/dynamicBatching/properties/queuePolicy/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema34.properties.dynamicBatching.properties.queuePolicy.type,parentSchema:schema34.properties.dynamicBatching.properties.queuePolicy,data:data12};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
if(data5.priorityQueuePolicies !== undefined){
let data17 = data5.priorityQueuePolicies;
if(data17 && typeof data17 == "object" && !Array.isArray(data17)){
for(const key5 in data17){
const _errs44 = errors;
if(typeof key5 === "string"){
if(!pattern26.test(key5)){
const err36 = {instancePath:instancePath+"/dynamicBatching/priorityQueuePolicies",schemaPath:"#/properties/dynamicBatching/properties/priorityQueuePolicies/propertyNames/pattern",keyword:"pattern",params:{pattern: "^[1-9][0-9]*$"},message:"must match pattern \""+"^[1-9][0-9]*$"+"\"",schema:"^[1-9][0-9]*$",parentSchema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.propertyNames,data:key5,propertyName:key5};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
var valid12 = _errs44 === errors;
if(!valid12){
const err37 = {instancePath:instancePath+"/dynamicBatching/priorityQueuePolicies",schemaPath:"#/properties/dynamicBatching/properties/priorityQueuePolicies/propertyNames",keyword:"propertyNames",params:{propertyName: key5},message:"property name must be valid",schema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.propertyNames,parentSchema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies,data:data17};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
for(const key6 in data17){
let data18 = data17[key6];
if(data18 && typeof data18 == "object" && !Array.isArray(data18)){
for(const key7 in data18){
if(!((((key7 === "timeoutMicroseconds") || (key7 === "timeoutAction")) || (key7 === "allowTimeoutOverride")) || (key7 === "maxSize"))){
const err38 = {instancePath:instancePath+"/dynamicBatching/priorityQueuePolicies/" + key6.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key7},message:"must NOT have additional properties",schema:false,parentSchema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties,data:data18};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
if(data18.timeoutMicroseconds !== undefined){
let data19 = data18.timeoutMicroseconds;
if(!(((typeof data19 == "number") && (!(data19 % 1) && !isNaN(data19))) && (isFinite(data19)))){
const err39 = {instancePath:instancePath+"/dynamicBatching/priorityQueuePolicies/" + key6.replace(/~/g, "~0").replace(/\//g, "~1")+"/timeoutMicroseconds",schemaPath:"#/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/properties/timeoutMicroseconds/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.timeoutMicroseconds.type,parentSchema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.timeoutMicroseconds,data:data19};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
if((typeof data19 == "number") && (isFinite(data19))){
if(data19 < 0 || isNaN(data19)){
const err40 = {instancePath:instancePath+"/dynamicBatching/priorityQueuePolicies/" + key6.replace(/~/g, "~0").replace(/\//g, "~1")+"/timeoutMicroseconds",schemaPath:"#/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/properties/timeoutMicroseconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.timeoutMicroseconds,data:data19};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
}
}
if(data18.timeoutAction !== undefined){
let data20 = data18.timeoutAction;
if(typeof data20 !== "string"){
const err41 = {instancePath:instancePath+"/dynamicBatching/priorityQueuePolicies/" + key6.replace(/~/g, "~0").replace(/\//g, "~1")+"/timeoutAction",schemaPath:"#/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/properties/timeoutAction/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.timeoutAction.type,parentSchema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.timeoutAction,data:data20};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
if(!((data20 === "reject") || (data20 === "delay"))){
const err42 = {instancePath:instancePath+"/dynamicBatching/priorityQueuePolicies/" + key6.replace(/~/g, "~0").replace(/\//g, "~1")+"/timeoutAction",schemaPath:"#/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/properties/timeoutAction/enum",keyword:"enum",params:{allowedValues: schema34.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.timeoutAction.enum},message:"must be equal to one of the allowed values",schema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.timeoutAction.enum,parentSchema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.timeoutAction,data:data20};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
if(data18.allowTimeoutOverride !== undefined){
let data21 = data18.allowTimeoutOverride;
if(typeof data21 !== "boolean"){
const err43 = {instancePath:instancePath+"/dynamicBatching/priorityQueuePolicies/" + key6.replace(/~/g, "~0").replace(/\//g, "~1")+"/allowTimeoutOverride",schemaPath:"#/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/properties/allowTimeoutOverride/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.allowTimeoutOverride.type,parentSchema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.allowTimeoutOverride,data:data21};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
if(data18.maxSize !== undefined){
let data22 = data18.maxSize;
if(!(((typeof data22 == "number") && (!(data22 % 1) && !isNaN(data22))) && (isFinite(data22)))){
const err44 = {instancePath:instancePath+"/dynamicBatching/priorityQueuePolicies/" + key6.replace(/~/g, "~0").replace(/\//g, "~1")+"/maxSize",schemaPath:"#/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/properties/maxSize/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.maxSize.type,parentSchema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.maxSize,data:data22};
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
const err45 = {instancePath:instancePath+"/dynamicBatching/priorityQueuePolicies/" + key6.replace(/~/g, "~0").replace(/\//g, "~1")+"/maxSize",schemaPath:"#/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/properties/maxSize/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.properties.maxSize,data:data22};
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
}
else {
const err46 = {instancePath:instancePath+"/dynamicBatching/priorityQueuePolicies/" + key6.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/dynamicBatching/properties/priorityQueuePolicies/additionalProperties/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties.type,parentSchema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.additionalProperties,data:data18};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
}
else {
const err47 = {instancePath:instancePath+"/dynamicBatching/priorityQueuePolicies",schemaPath:"#/properties/dynamicBatching/properties/priorityQueuePolicies/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies.type,parentSchema:schema34.properties.dynamicBatching.properties.priorityQueuePolicies,data:data17};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
}
}
if(data.compat !== undefined){
let data23 = data.compat;
if(typeof data23 !== "string"){
const err48 = {instancePath:instancePath+"/compat",schemaPath:"#/properties/compat/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.properties.compat.type,parentSchema:schema34.properties.compat,data:data23};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
if(!((data23 === "none") || (data23 === "els-rd"))){
const err49 = {instancePath:instancePath+"/compat",schemaPath:"#/properties/compat/enum",keyword:"enum",params:{allowedValues: schema34.properties.compat.enum},message:"must be equal to one of the allowed values",schema:schema34.properties.compat.enum,parentSchema:schema34.properties.compat,data:data23};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
if(data.instances !== undefined){
let data24 = data.instances;
if(data24 && typeof data24 == "object" && !Array.isArray(data24)){
for(const key8 in data24){
if(!(((((key8 === "count") || (key8 === "kind")) || (key8 === "gpus")) || (key8 === "profiles")) || (key8 === "rateLimiter"))){
const err50 = {instancePath:instancePath+"/instances",schemaPath:"#/properties/instances/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key8},message:"must NOT have additional properties",schema:false,parentSchema:schema34.properties.instances,data:data24};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
if(data24.count !== undefined){
let data25 = data24.count;
if(!(((typeof data25 == "number") && (!(data25 % 1) && !isNaN(data25))) && (isFinite(data25)))){
const err51 = {instancePath:instancePath+"/instances/count",schemaPath:"#/properties/instances/properties/count/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.instances.properties.count.type,parentSchema:schema34.properties.instances.properties.count,data:data25};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
if((typeof data25 == "number") && (isFinite(data25))){
if(data25 < 1 || isNaN(data25)){
const err52 = {instancePath:instancePath+"/instances/count",schemaPath:"#/properties/instances/properties/count/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema34.properties.instances.properties.count,data:data25};
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
if(data24.kind !== undefined){
let data26 = data24.kind;
if(typeof data26 !== "string"){
const err53 = {instancePath:instancePath+"/instances/kind",schemaPath:"#/properties/instances/properties/kind/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.properties.instances.properties.kind.type,parentSchema:schema34.properties.instances.properties.kind,data:data26};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
if(!(((data26 === "auto") || (data26 === "cpu")) || (data26 === "gpu"))){
const err54 = {instancePath:instancePath+"/instances/kind",schemaPath:"#/properties/instances/properties/kind/enum",keyword:"enum",params:{allowedValues: schema34.properties.instances.properties.kind.enum},message:"must be equal to one of the allowed values",schema:schema34.properties.instances.properties.kind.enum,parentSchema:schema34.properties.instances.properties.kind,data:data26};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
if(data24.gpus !== undefined){
let data27 = data24.gpus;
if(Array.isArray(data27)){
const len2 = data27.length;
for(let i4=0; i4<len2; i4++){
let data28 = data27[i4];
if(!(((typeof data28 == "number") && (!(data28 % 1) && !isNaN(data28))) && (isFinite(data28)))){
const err55 = {instancePath:instancePath+"/instances/gpus/" + i4,schemaPath:"#/properties/instances/properties/gpus/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.instances.properties.gpus.items.type,parentSchema:schema34.properties.instances.properties.gpus.items,data:data28};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
if((typeof data28 == "number") && (isFinite(data28))){
if(data28 < 0 || isNaN(data28)){
const err56 = {instancePath:instancePath+"/instances/gpus/" + i4,schemaPath:"#/properties/instances/properties/gpus/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema34.properties.instances.properties.gpus.items,data:data28};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
}
}
let i5 = data27.length;
let j2;
if(i5 > 1){
const indices2 = {};
for(;i5--;){
let item2 = data27[i5];
if(!(((typeof item2 == "number") && (!(item2 % 1) && !isNaN(item2))) && (isFinite(item2)))){
continue;
}
if(typeof indices2[item2] == "number"){
j2 = indices2[item2];
const err57 = {instancePath:instancePath+"/instances/gpus",schemaPath:"#/properties/instances/properties/gpus/uniqueItems",keyword:"uniqueItems",params:{i: i5, j: j2},message:"must NOT have duplicate items (items ## "+j2+" and "+i5+" are identical)",schema:true,parentSchema:schema34.properties.instances.properties.gpus,data:data27};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
break;
}
indices2[item2] = i5;
}
}
}
else {
const err58 = {instancePath:instancePath+"/instances/gpus",schemaPath:"#/properties/instances/properties/gpus/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema34.properties.instances.properties.gpus.type,parentSchema:schema34.properties.instances.properties.gpus,data:data27};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
if(data24.profiles !== undefined){
let data29 = data24.profiles;
if(Array.isArray(data29)){
const len3 = data29.length;
for(let i6=0; i6<len3; i6++){
let data30 = data29[i6];
if(!(((typeof data30 == "number") && (!(data30 % 1) && !isNaN(data30))) && (isFinite(data30)))){
const err59 = {instancePath:instancePath+"/instances/profiles/" + i6,schemaPath:"#/properties/instances/properties/profiles/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.instances.properties.profiles.items.type,parentSchema:schema34.properties.instances.properties.profiles.items,data:data30};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
if((typeof data30 == "number") && (isFinite(data30))){
if(data30 < 0 || isNaN(data30)){
const err60 = {instancePath:instancePath+"/instances/profiles/" + i6,schemaPath:"#/properties/instances/properties/profiles/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema34.properties.instances.properties.profiles.items,data:data30};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
}
let i7 = data29.length;
let j3;
if(i7 > 1){
const indices3 = {};
for(;i7--;){
let item3 = data29[i7];
if(!(((typeof item3 == "number") && (!(item3 % 1) && !isNaN(item3))) && (isFinite(item3)))){
continue;
}
if(typeof indices3[item3] == "number"){
j3 = indices3[item3];
const err61 = {instancePath:instancePath+"/instances/profiles",schemaPath:"#/properties/instances/properties/profiles/uniqueItems",keyword:"uniqueItems",params:{i: i7, j: j3},message:"must NOT have duplicate items (items ## "+j3+" and "+i7+" are identical)",schema:true,parentSchema:schema34.properties.instances.properties.profiles,data:data29};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
break;
}
indices3[item3] = i7;
}
}
}
else {
const err62 = {instancePath:instancePath+"/instances/profiles",schemaPath:"#/properties/instances/properties/profiles/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema34.properties.instances.properties.profiles.type,parentSchema:schema34.properties.instances.properties.profiles,data:data29};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
if(data24.rateLimiter !== undefined){
let data31 = data24.rateLimiter;
if(data31 && typeof data31 == "object" && !Array.isArray(data31)){
for(const key9 in data31){
if(!((key9 === "resources") || (key9 === "priority"))){
const err63 = {instancePath:instancePath+"/instances/rateLimiter",schemaPath:"#/properties/instances/properties/rateLimiter/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key9},message:"must NOT have additional properties",schema:false,parentSchema:schema34.properties.instances.properties.rateLimiter,data:data31};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
}
if(data31.resources !== undefined){
let data32 = data31.resources;
if(Array.isArray(data32)){
const len4 = data32.length;
for(let i8=0; i8<len4; i8++){
let data33 = data32[i8];
if(data33 && typeof data33 == "object" && !Array.isArray(data33)){
if(data33.name === undefined){
const err64 = {instancePath:instancePath+"/instances/rateLimiter/resources/" + i8,schemaPath:"#/properties/instances/properties/rateLimiter/properties/resources/items/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'",schema:schema34.properties.instances.properties.rateLimiter.properties.resources.items.required,parentSchema:schema34.properties.instances.properties.rateLimiter.properties.resources.items,data:data33};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
if(data33.count === undefined){
const err65 = {instancePath:instancePath+"/instances/rateLimiter/resources/" + i8,schemaPath:"#/properties/instances/properties/rateLimiter/properties/resources/items/required",keyword:"required",params:{missingProperty: "count"},message:"must have required property '"+"count"+"'",schema:schema34.properties.instances.properties.rateLimiter.properties.resources.items.required,parentSchema:schema34.properties.instances.properties.rateLimiter.properties.resources.items,data:data33};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
for(const key10 in data33){
if(!(((key10 === "name") || (key10 === "count")) || (key10 === "global"))){
const err66 = {instancePath:instancePath+"/instances/rateLimiter/resources/" + i8,schemaPath:"#/properties/instances/properties/rateLimiter/properties/resources/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key10},message:"must NOT have additional properties",schema:false,parentSchema:schema34.properties.instances.properties.rateLimiter.properties.resources.items,data:data33};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
}
if(data33.name !== undefined){
let data34 = data33.name;
if(typeof data34 === "string"){
if(!pattern27.test(data34)){
const err67 = {instancePath:instancePath+"/instances/rateLimiter/resources/" + i8+"/name",schemaPath:"#/properties/instances/properties/rateLimiter/properties/resources/items/properties/name/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9_.-]+$"},message:"must match pattern \""+"^[A-Za-z0-9_.-]+$"+"\"",schema:"^[A-Za-z0-9_.-]+$",parentSchema:schema34.properties.instances.properties.rateLimiter.properties.resources.items.properties.name,data:data34};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
}
else {
const err68 = {instancePath:instancePath+"/instances/rateLimiter/resources/" + i8+"/name",schemaPath:"#/properties/instances/properties/rateLimiter/properties/resources/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.properties.instances.properties.rateLimiter.properties.resources.items.properties.name.type,parentSchema:schema34.properties.instances.properties.rateLimiter.properties.resources.items.properties.name,data:data34};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
}
if(data33.count !== undefined){
let data35 = data33.count;
if(!(((typeof data35 == "number") && (!(data35 % 1) && !isNaN(data35))) && (isFinite(data35)))){
const err69 = {instancePath:instancePath+"/instances/rateLimiter/resources/" + i8+"/count",schemaPath:"#/properties/instances/properties/rateLimiter/properties/resources/items/properties/count/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.instances.properties.rateLimiter.properties.resources.items.properties.count.type,parentSchema:schema34.properties.instances.properties.rateLimiter.properties.resources.items.properties.count,data:data35};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
if((typeof data35 == "number") && (isFinite(data35))){
if(data35 < 1 || isNaN(data35)){
const err70 = {instancePath:instancePath+"/instances/rateLimiter/resources/" + i8+"/count",schemaPath:"#/properties/instances/properties/rateLimiter/properties/resources/items/properties/count/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema34.properties.instances.properties.rateLimiter.properties.resources.items.properties.count,data:data35};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
}
}
if(data33.global !== undefined){
let data36 = data33.global;
if(typeof data36 !== "boolean"){
const err71 = {instancePath:instancePath+"/instances/rateLimiter/resources/" + i8+"/global",schemaPath:"#/properties/instances/properties/rateLimiter/properties/resources/items/properties/global/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema34.properties.instances.properties.rateLimiter.properties.resources.items.properties.global.type,parentSchema:schema34.properties.instances.properties.rateLimiter.properties.resources.items.properties.global,data:data36};
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
const err72 = {instancePath:instancePath+"/instances/rateLimiter/resources/" + i8,schemaPath:"#/properties/instances/properties/rateLimiter/properties/resources/items/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema34.properties.instances.properties.rateLimiter.properties.resources.items.type,parentSchema:schema34.properties.instances.properties.rateLimiter.properties.resources.items,data:data33};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
}
}
else {
const err73 = {instancePath:instancePath+"/instances/rateLimiter/resources",schemaPath:"#/properties/instances/properties/rateLimiter/properties/resources/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema34.properties.instances.properties.rateLimiter.properties.resources.type,parentSchema:schema34.properties.instances.properties.rateLimiter.properties.resources,data:data32};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
}
if(data31.priority !== undefined){
let data37 = data31.priority;
if(!(((typeof data37 == "number") && (!(data37 % 1) && !isNaN(data37))) && (isFinite(data37)))){
const err74 = {instancePath:instancePath+"/instances/rateLimiter/priority",schemaPath:"#/properties/instances/properties/rateLimiter/properties/priority/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.instances.properties.rateLimiter.properties.priority.type,parentSchema:schema34.properties.instances.properties.rateLimiter.properties.priority,data:data37};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
if((typeof data37 == "number") && (isFinite(data37))){
if(data37 < 1 || isNaN(data37)){
const err75 = {instancePath:instancePath+"/instances/rateLimiter/priority",schemaPath:"#/properties/instances/properties/rateLimiter/properties/priority/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema34.properties.instances.properties.rateLimiter.properties.priority,data:data37};
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
}
else {
const err76 = {instancePath:instancePath+"/instances/rateLimiter",schemaPath:"#/properties/instances/properties/rateLimiter/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema34.properties.instances.properties.rateLimiter.type,parentSchema:schema34.properties.instances.properties.rateLimiter,data:data31};
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
const err77 = {instancePath:instancePath+"/instances",schemaPath:"#/properties/instances/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema34.properties.instances.type,parentSchema:schema34.properties.instances,data:data24};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
}
if(data.pythonInstances !== undefined){
let data38 = data.pythonInstances;
if(!(((typeof data38 == "number") && (!(data38 % 1) && !isNaN(data38))) && (isFinite(data38)))){
const err78 = {instancePath:instancePath+"/pythonInstances",schemaPath:"#/properties/pythonInstances/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.pythonInstances.type,parentSchema:schema34.properties.pythonInstances,data:data38};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
if((typeof data38 == "number") && (isFinite(data38))){
if(data38 < 1 || isNaN(data38)){
const err79 = {instancePath:instancePath+"/pythonInstances",schemaPath:"#/properties/pythonInstances/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema34.properties.pythonInstances,data:data38};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
}
}
if(data.threads !== undefined){
let data39 = data.threads;
if(data39 && typeof data39 == "object" && !Array.isArray(data39)){
for(const key11 in data39){
if(!(((key11 === "intraOp") || (key11 === "interOp")) || (key11 === "parallel"))){
const err80 = {instancePath:instancePath+"/threads",schemaPath:"#/properties/threads/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key11},message:"must NOT have additional properties",schema:false,parentSchema:schema34.properties.threads,data:data39};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
}
if(data39.intraOp !== undefined){
let data40 = data39.intraOp;
if(!(((typeof data40 == "number") && (!(data40 % 1) && !isNaN(data40))) && (isFinite(data40)))){
const err81 = {instancePath:instancePath+"/threads/intraOp",schemaPath:"#/properties/threads/properties/intraOp/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.threads.properties.intraOp.type,parentSchema:schema34.properties.threads.properties.intraOp,data:data40};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
if((typeof data40 == "number") && (isFinite(data40))){
if(data40 < 0 || isNaN(data40)){
const err82 = {instancePath:instancePath+"/threads/intraOp",schemaPath:"#/properties/threads/properties/intraOp/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema34.properties.threads.properties.intraOp,data:data40};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
}
}
if(data39.interOp !== undefined){
let data41 = data39.interOp;
if(!(((typeof data41 == "number") && (!(data41 % 1) && !isNaN(data41))) && (isFinite(data41)))){
const err83 = {instancePath:instancePath+"/threads/interOp",schemaPath:"#/properties/threads/properties/interOp/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.threads.properties.interOp.type,parentSchema:schema34.properties.threads.properties.interOp,data:data41};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
if((typeof data41 == "number") && (isFinite(data41))){
if(data41 < 0 || isNaN(data41)){
const err84 = {instancePath:instancePath+"/threads/interOp",schemaPath:"#/properties/threads/properties/interOp/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema34.properties.threads.properties.interOp,data:data41};
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
if(data39.parallel !== undefined){
let data42 = data39.parallel;
if(typeof data42 !== "boolean"){
const err85 = {instancePath:instancePath+"/threads/parallel",schemaPath:"#/properties/threads/properties/parallel/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema34.properties.threads.properties.parallel.type,parentSchema:schema34.properties.threads.properties.parallel,data:data42};
if(vErrors === null){
vErrors = [err85];
}
else {
vErrors.push(err85);
}
errors++;
}
}
}
else {
const err86 = {instancePath:instancePath+"/threads",schemaPath:"#/properties/threads/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema34.properties.threads.type,parentSchema:schema34.properties.threads,data:data39};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
}
if(data.responseCache !== undefined){
let data43 = data.responseCache;
if(typeof data43 !== "boolean"){
const err87 = {instancePath:instancePath+"/responseCache",schemaPath:"#/properties/responseCache/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema34.properties.responseCache.type,parentSchema:schema34.properties.responseCache,data:data43};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
}
if(data.versionPolicy !== undefined){
let data44 = data.versionPolicy;
if(data44 && typeof data44 == "object" && !Array.isArray(data44)){
if(Object.keys(data44).length > 1){
const err88 = {instancePath:instancePath+"/versionPolicy",schemaPath:"#/properties/versionPolicy/maxProperties",keyword:"maxProperties",params:{limit: 1},message:"must NOT have more than 1 properties",schema:1,parentSchema:schema34.properties.versionPolicy,data:data44};
if(vErrors === null){
vErrors = [err88];
}
else {
vErrors.push(err88);
}
errors++;
}
if(Object.keys(data44).length < 1){
const err89 = {instancePath:instancePath+"/versionPolicy",schemaPath:"#/properties/versionPolicy/minProperties",keyword:"minProperties",params:{limit: 1},message:"must NOT have fewer than 1 properties",schema:1,parentSchema:schema34.properties.versionPolicy,data:data44};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
}
for(const key12 in data44){
if(!(((key12 === "latest") || (key12 === "all")) || (key12 === "specific"))){
const err90 = {instancePath:instancePath+"/versionPolicy",schemaPath:"#/properties/versionPolicy/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key12},message:"must NOT have additional properties",schema:false,parentSchema:schema34.properties.versionPolicy,data:data44};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
}
if(data44.latest !== undefined){
let data45 = data44.latest;
if(!(((typeof data45 == "number") && (!(data45 % 1) && !isNaN(data45))) && (isFinite(data45)))){
const err91 = {instancePath:instancePath+"/versionPolicy/latest",schemaPath:"#/properties/versionPolicy/properties/latest/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.versionPolicy.properties.latest.type,parentSchema:schema34.properties.versionPolicy.properties.latest,data:data45};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
if((typeof data45 == "number") && (isFinite(data45))){
if(data45 < 1 || isNaN(data45)){
const err92 = {instancePath:instancePath+"/versionPolicy/latest",schemaPath:"#/properties/versionPolicy/properties/latest/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema34.properties.versionPolicy.properties.latest,data:data45};
if(vErrors === null){
vErrors = [err92];
}
else {
vErrors.push(err92);
}
errors++;
}
}
}
if(data44.all !== undefined){
let data46 = data44.all;
if(typeof data46 !== "boolean"){
const err93 = {instancePath:instancePath+"/versionPolicy/all",schemaPath:"#/properties/versionPolicy/properties/all/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema34.properties.versionPolicy.properties.all.type,parentSchema:schema34.properties.versionPolicy.properties.all,data:data46};
if(vErrors === null){
vErrors = [err93];
}
else {
vErrors.push(err93);
}
errors++;
}
if(!(data46 === true)){
const err94 = {instancePath:instancePath+"/versionPolicy/all",schemaPath:"#/properties/versionPolicy/properties/all/enum",keyword:"enum",params:{allowedValues: schema34.properties.versionPolicy.properties.all.enum},message:"must be equal to one of the allowed values",schema:schema34.properties.versionPolicy.properties.all.enum,parentSchema:schema34.properties.versionPolicy.properties.all,data:data46};
if(vErrors === null){
vErrors = [err94];
}
else {
vErrors.push(err94);
}
errors++;
}
}
if(data44.specific !== undefined){
let data47 = data44.specific;
if(Array.isArray(data47)){
if(data47.length < 1){
const err95 = {instancePath:instancePath+"/versionPolicy/specific",schemaPath:"#/properties/versionPolicy/properties/specific/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema34.properties.versionPolicy.properties.specific,data:data47};
if(vErrors === null){
vErrors = [err95];
}
else {
vErrors.push(err95);
}
errors++;
}
const len5 = data47.length;
for(let i9=0; i9<len5; i9++){
let data48 = data47[i9];
if(!(((typeof data48 == "number") && (!(data48 % 1) && !isNaN(data48))) && (isFinite(data48)))){
const err96 = {instancePath:instancePath+"/versionPolicy/specific/" + i9,schemaPath:"#/properties/versionPolicy/properties/specific/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema34.properties.versionPolicy.properties.specific.items.type,parentSchema:schema34.properties.versionPolicy.properties.specific.items,data:data48};
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
const err97 = {instancePath:instancePath+"/versionPolicy/specific/" + i9,schemaPath:"#/properties/versionPolicy/properties/specific/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema34.properties.versionPolicy.properties.specific.items,data:data48};
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
let i10 = data47.length;
let j4;
if(i10 > 1){
const indices4 = {};
for(;i10--;){
let item4 = data47[i10];
if(!(((typeof item4 == "number") && (!(item4 % 1) && !isNaN(item4))) && (isFinite(item4)))){
continue;
}
if(typeof indices4[item4] == "number"){
j4 = indices4[item4];
const err98 = {instancePath:instancePath+"/versionPolicy/specific",schemaPath:"#/properties/versionPolicy/properties/specific/uniqueItems",keyword:"uniqueItems",params:{i: i10, j: j4},message:"must NOT have duplicate items (items ## "+j4+" and "+i10+" are identical)",schema:true,parentSchema:schema34.properties.versionPolicy.properties.specific,data:data47};
if(vErrors === null){
vErrors = [err98];
}
else {
vErrors.push(err98);
}
errors++;
break;
}
indices4[item4] = i10;
}
}
}
else {
const err99 = {instancePath:instancePath+"/versionPolicy/specific",schemaPath:"#/properties/versionPolicy/properties/specific/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema34.properties.versionPolicy.properties.specific.type,parentSchema:schema34.properties.versionPolicy.properties.specific,data:data47};
if(vErrors === null){
vErrors = [err99];
}
else {
vErrors.push(err99);
}
errors++;
}
}
}
else {
const err100 = {instancePath:instancePath+"/versionPolicy",schemaPath:"#/properties/versionPolicy/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema34.properties.versionPolicy.type,parentSchema:schema34.properties.versionPolicy,data:data44};
if(vErrors === null){
vErrors = [err100];
}
else {
vErrors.push(err100);
}
errors++;
}
}
if(data.accelerators !== undefined){
let data49 = data.accelerators;
if(data49 && typeof data49 == "object" && !Array.isArray(data49)){
for(const key13 in data49){
if(!((key13 === "gpu") || (key13 === "cpu"))){
const err101 = {instancePath:instancePath+"/accelerators",schemaPath:"#/properties/accelerators/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key13},message:"must NOT have additional properties",schema:false,parentSchema:schema34.properties.accelerators,data:data49};
if(vErrors === null){
vErrors = [err101];
}
else {
vErrors.push(err101);
}
errors++;
}
}
if(data49.gpu !== undefined){
let data50 = data49.gpu;
if(Array.isArray(data50)){
const len6 = data50.length;
for(let i11=0; i11<len6; i11++){
let data51 = data50[i11];
if(data51 && typeof data51 == "object" && !Array.isArray(data51)){
if(data51.name === undefined){
const err102 = {instancePath:instancePath+"/accelerators/gpu/" + i11,schemaPath:"#/properties/accelerators/properties/gpu/items/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'",schema:schema34.properties.accelerators.properties.gpu.items.required,parentSchema:schema34.properties.accelerators.properties.gpu.items,data:data51};
if(vErrors === null){
vErrors = [err102];
}
else {
vErrors.push(err102);
}
errors++;
}
for(const key14 in data51){
if(!((key14 === "name") || (key14 === "parameters"))){
const err103 = {instancePath:instancePath+"/accelerators/gpu/" + i11,schemaPath:"#/properties/accelerators/properties/gpu/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key14},message:"must NOT have additional properties",schema:false,parentSchema:schema34.properties.accelerators.properties.gpu.items,data:data51};
if(vErrors === null){
vErrors = [err103];
}
else {
vErrors.push(err103);
}
errors++;
}
}
if(data51.name !== undefined){
let data52 = data51.name;
if(typeof data52 !== "string"){
const err104 = {instancePath:instancePath+"/accelerators/gpu/" + i11+"/name",schemaPath:"#/properties/accelerators/properties/gpu/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.properties.accelerators.properties.gpu.items.properties.name.type,parentSchema:schema34.properties.accelerators.properties.gpu.items.properties.name,data:data52};
if(vErrors === null){
vErrors = [err104];
}
else {
vErrors.push(err104);
}
errors++;
}
if(!((data52 === "tensorrt") || (data52 === "cuda"))){
const err105 = {instancePath:instancePath+"/accelerators/gpu/" + i11+"/name",schemaPath:"#/properties/accelerators/properties/gpu/items/properties/name/enum",keyword:"enum",params:{allowedValues: schema34.properties.accelerators.properties.gpu.items.properties.name.enum},message:"must be equal to one of the allowed values",schema:schema34.properties.accelerators.properties.gpu.items.properties.name.enum,parentSchema:schema34.properties.accelerators.properties.gpu.items.properties.name,data:data52};
if(vErrors === null){
vErrors = [err105];
}
else {
vErrors.push(err105);
}
errors++;
}
}
if(data51.parameters !== undefined){
let data53 = data51.parameters;
if(data53 && typeof data53 == "object" && !Array.isArray(data53)){
for(const key15 in data53){
let data54 = data53[key15];
if(typeof data54 !== "string"){
const err106 = {instancePath:instancePath+"/accelerators/gpu/" + i11+"/parameters/" + key15.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/accelerators/properties/gpu/items/properties/parameters/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.properties.accelerators.properties.gpu.items.properties.parameters.additionalProperties.type,parentSchema:schema34.properties.accelerators.properties.gpu.items.properties.parameters.additionalProperties,data:data54};
if(vErrors === null){
vErrors = [err106];
}
else {
vErrors.push(err106);
}
errors++;
}
}
}
else {
const err107 = {instancePath:instancePath+"/accelerators/gpu/" + i11+"/parameters",schemaPath:"#/properties/accelerators/properties/gpu/items/properties/parameters/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema34.properties.accelerators.properties.gpu.items.properties.parameters.type,parentSchema:schema34.properties.accelerators.properties.gpu.items.properties.parameters,data:data53};
if(vErrors === null){
vErrors = [err107];
}
else {
vErrors.push(err107);
}
errors++;
}
}
}
else {
const err108 = {instancePath:instancePath+"/accelerators/gpu/" + i11,schemaPath:"#/properties/accelerators/properties/gpu/items/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema34.properties.accelerators.properties.gpu.items.type,parentSchema:schema34.properties.accelerators.properties.gpu.items,data:data51};
if(vErrors === null){
vErrors = [err108];
}
else {
vErrors.push(err108);
}
errors++;
}
}
}
else {
const err109 = {instancePath:instancePath+"/accelerators/gpu",schemaPath:"#/properties/accelerators/properties/gpu/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema34.properties.accelerators.properties.gpu.type,parentSchema:schema34.properties.accelerators.properties.gpu,data:data50};
if(vErrors === null){
vErrors = [err109];
}
else {
vErrors.push(err109);
}
errors++;
}
}
if(data49.cpu !== undefined){
let data55 = data49.cpu;
if(Array.isArray(data55)){
const len7 = data55.length;
for(let i12=0; i12<len7; i12++){
let data56 = data55[i12];
if(data56 && typeof data56 == "object" && !Array.isArray(data56)){
if(data56.name === undefined){
const err110 = {instancePath:instancePath+"/accelerators/cpu/" + i12,schemaPath:"#/properties/accelerators/properties/cpu/items/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'",schema:schema34.properties.accelerators.properties.cpu.items.required,parentSchema:schema34.properties.accelerators.properties.cpu.items,data:data56};
if(vErrors === null){
vErrors = [err110];
}
else {
vErrors.push(err110);
}
errors++;
}
for(const key16 in data56){
if(!((key16 === "name") || (key16 === "parameters"))){
const err111 = {instancePath:instancePath+"/accelerators/cpu/" + i12,schemaPath:"#/properties/accelerators/properties/cpu/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key16},message:"must NOT have additional properties",schema:false,parentSchema:schema34.properties.accelerators.properties.cpu.items,data:data56};
if(vErrors === null){
vErrors = [err111];
}
else {
vErrors.push(err111);
}
errors++;
}
}
if(data56.name !== undefined){
let data57 = data56.name;
if(typeof data57 !== "string"){
const err112 = {instancePath:instancePath+"/accelerators/cpu/" + i12+"/name",schemaPath:"#/properties/accelerators/properties/cpu/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.properties.accelerators.properties.cpu.items.properties.name.type,parentSchema:schema34.properties.accelerators.properties.cpu.items.properties.name,data:data57};
if(vErrors === null){
vErrors = [err112];
}
else {
vErrors.push(err112);
}
errors++;
}
if(!(data57 === "openvino")){
const err113 = {instancePath:instancePath+"/accelerators/cpu/" + i12+"/name",schemaPath:"#/properties/accelerators/properties/cpu/items/properties/name/enum",keyword:"enum",params:{allowedValues: schema34.properties.accelerators.properties.cpu.items.properties.name.enum},message:"must be equal to one of the allowed values",schema:schema34.properties.accelerators.properties.cpu.items.properties.name.enum,parentSchema:schema34.properties.accelerators.properties.cpu.items.properties.name,data:data57};
if(vErrors === null){
vErrors = [err113];
}
else {
vErrors.push(err113);
}
errors++;
}
}
if(data56.parameters !== undefined){
let data58 = data56.parameters;
if(data58 && typeof data58 == "object" && !Array.isArray(data58)){
for(const key17 in data58){
let data59 = data58[key17];
if(typeof data59 !== "string"){
const err114 = {instancePath:instancePath+"/accelerators/cpu/" + i12+"/parameters/" + key17.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/accelerators/properties/cpu/items/properties/parameters/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.properties.accelerators.properties.cpu.items.properties.parameters.additionalProperties.type,parentSchema:schema34.properties.accelerators.properties.cpu.items.properties.parameters.additionalProperties,data:data59};
if(vErrors === null){
vErrors = [err114];
}
else {
vErrors.push(err114);
}
errors++;
}
}
}
else {
const err115 = {instancePath:instancePath+"/accelerators/cpu/" + i12+"/parameters",schemaPath:"#/properties/accelerators/properties/cpu/items/properties/parameters/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema34.properties.accelerators.properties.cpu.items.properties.parameters.type,parentSchema:schema34.properties.accelerators.properties.cpu.items.properties.parameters,data:data58};
if(vErrors === null){
vErrors = [err115];
}
else {
vErrors.push(err115);
}
errors++;
}
}
}
else {
const err116 = {instancePath:instancePath+"/accelerators/cpu/" + i12,schemaPath:"#/properties/accelerators/properties/cpu/items/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema34.properties.accelerators.properties.cpu.items.type,parentSchema:schema34.properties.accelerators.properties.cpu.items,data:data56};
if(vErrors === null){
vErrors = [err116];
}
else {
vErrors.push(err116);
}
errors++;
}
}
}
else {
const err117 = {instancePath:instancePath+"/accelerators/cpu",schemaPath:"#/properties/accelerators/properties/cpu/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema34.properties.accelerators.properties.cpu.type,parentSchema:schema34.properties.accelerators.properties.cpu,data:data55};
if(vErrors === null){
vErrors = [err117];
}
else {
vErrors.push(err117);
}
errors++;
}
}
}
else {
const err118 = {instancePath:instancePath+"/accelerators",schemaPath:"#/properties/accelerators/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema34.properties.accelerators.type,parentSchema:schema34.properties.accelerators,data:data49};
if(vErrors === null){
vErrors = [err118];
}
else {
vErrors.push(err118);
}
errors++;
}
}
if(data.checksum !== undefined){
let data60 = data.checksum;
if(typeof data60 !== "boolean"){
const err119 = {instancePath:instancePath+"/checksum",schemaPath:"#/properties/checksum/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema34.properties.checksum.type,parentSchema:schema34.properties.checksum,data:data60};
if(vErrors === null){
vErrors = [err119];
}
else {
vErrors.push(err119);
}
errors++;
}
}
if(data.backend !== undefined){
let data61 = data.backend;
if(typeof data61 !== "string"){
const err120 = {instancePath:instancePath+"/backend",schemaPath:"#/properties/backend/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema34.properties.backend.type,parentSchema:schema34.properties.backend,data:data61};
if(vErrors === null){
vErrors = [err120];
}
else {
vErrors.push(err120);
}
errors++;
}
if(!(((data61 === "onnx") || (data61 === "vllm")) || (data61 === "tensorrt-llm"))){
const err121 = {instancePath:instancePath+"/backend",schemaPath:"#/properties/backend/enum",keyword:"enum",params:{allowedValues: schema34.properties.backend.enum},message:"must be equal to one of the allowed values",schema:schema34.properties.backend.enum,parentSchema:schema34.properties.backend,data:data61};
if(vErrors === null){
vErrors = [err121];
}
else {
vErrors.push(err121);
}
errors++;
}
}
if(data.backendOptions !== undefined){
let data62 = data.backendOptions;
if(data62 && typeof data62 == "object" && !Array.isArray(data62)){
for(const key18 in data62){
let data63 = data62[key18];
if((((!data63 || typeof data63 != "object") && (typeof data63 !== "string")) && (!((typeof data63 == "number") && (isFinite(data63))))) && (typeof data63 !== "boolean")){
const err122 = {instancePath:instancePath+"/backendOptions/" + key18.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/backendOptions/additionalProperties/type",keyword:"type",params:{type: schema34.properties.backendOptions.additionalProperties.type},message:"must be string,number,boolean,array,object",schema:schema34.properties.backendOptions.additionalProperties.type,parentSchema:schema34.properties.backendOptions.additionalProperties,data:data63};
if(vErrors === null){
vErrors = [err122];
}
else {
vErrors.push(err122);
}
errors++;
}
if(Array.isArray(data63)){
const len8 = data63.length;
for(let i13=0; i13<len8; i13++){
let data64 = data63[i13];
if(((typeof data64 !== "string") && (!((typeof data64 == "number") && (isFinite(data64))))) && (typeof data64 !== "boolean")){
const err123 = {instancePath:instancePath+"/backendOptions/" + key18.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + i13,schemaPath:"#/properties/backendOptions/additionalProperties/items/type",keyword:"type",params:{type: schema34.properties.backendOptions.additionalProperties.items.type},message:"must be string,number,boolean",schema:schema34.properties.backendOptions.additionalProperties.items.type,parentSchema:schema34.properties.backendOptions.additionalProperties.items,data:data64};
if(vErrors === null){
vErrors = [err123];
}
else {
vErrors.push(err123);
}
errors++;
}
}
}
if(data63 && typeof data63 == "object" && !Array.isArray(data63)){
for(const key19 in data63){
let data65 = data63[key19];
if((((typeof data65 !== "string") && (!((typeof data65 == "number") && (isFinite(data65))))) && (typeof data65 !== "boolean")) && (!(Array.isArray(data65)))){
const err124 = {instancePath:instancePath+"/backendOptions/" + key18.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + key19.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/backendOptions/additionalProperties/additionalProperties/type",keyword:"type",params:{type: schema34.properties.backendOptions.additionalProperties.additionalProperties.type},message:"must be string,number,boolean,array",schema:schema34.properties.backendOptions.additionalProperties.additionalProperties.type,parentSchema:schema34.properties.backendOptions.additionalProperties.additionalProperties,data:data65};
if(vErrors === null){
vErrors = [err124];
}
else {
vErrors.push(err124);
}
errors++;
}
if(Array.isArray(data65)){
const len9 = data65.length;
for(let i14=0; i14<len9; i14++){
let data66 = data65[i14];
if(((typeof data66 !== "string") && (!((typeof data66 == "number") && (isFinite(data66))))) && (typeof data66 !== "boolean")){
const err125 = {instancePath:instancePath+"/backendOptions/" + key18.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + key19.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + i14,schemaPath:"#/properties/backendOptions/additionalProperties/additionalProperties/items/type",keyword:"type",params:{type: schema34.properties.backendOptions.additionalProperties.additionalProperties.items.type},message:"must be string,number,boolean",schema:schema34.properties.backendOptions.additionalProperties.additionalProperties.items.type,parentSchema:schema34.properties.backendOptions.additionalProperties.additionalProperties.items,data:data66};
if(vErrors === null){
vErrors = [err125];
}
else {
vErrors.push(err125);
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
const err126 = {instancePath:instancePath+"/backendOptions",schemaPath:"#/properties/backendOptions/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema34.properties.backendOptions.type,parentSchema:schema34.properties.backendOptions,data:data62};
if(vErrors === null){
vErrors = [err126];
}
else {
vErrors.push(err126);
}
errors++;
}
}
}
else {
const err127 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema34.type,parentSchema:schema34,data};
if(vErrors === null){
vErrors = [err127];
}
else {
vErrors.push(err127);
}
errors++;
}
validate21.errors = vErrors;
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
if(!(validate21(data.triton, {instancePath:instancePath+"/triton",parentData:data,parentDataProperty:"triton",rootData}))){
vErrors = vErrors === null ? validate21.errors : vErrors.concat(validate21.errors);
errors = vErrors.length;
}
}
if(data.benchmark !== undefined){
let data6 = data.benchmark;
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
for(const key5 in data6){
if(!(((((key5 === "shapes") || (key5 === "warmup")) || (key5 === "runs")) || (key5 === "minSeconds")) || (key5 === "threads"))){
const err14 = {instancePath:instancePath+"/benchmark",schemaPath:"#/definitions/Benchmark/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties",schema:false,parentSchema:schema36,data:data6};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
if(data6.shapes !== undefined){
let data7 = data6.shapes;
if(Array.isArray(data7)){
if(data7.length < 1){
const err15 = {instancePath:instancePath+"/benchmark/shapes",schemaPath:"#/definitions/Benchmark/properties/shapes/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema36.properties.shapes,data:data7};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
const len0 = data7.length;
for(let i0=0; i0<len0; i0++){
let data8 = data7[i0];
if(Array.isArray(data8)){
if(data8.length > 2){
const err16 = {instancePath:instancePath+"/benchmark/shapes/" + i0,schemaPath:"#/definitions/Benchmark/properties/shapes/items/maxItems",keyword:"maxItems",params:{limit: 2},message:"must NOT have more than 2 items",schema:2,parentSchema:schema36.properties.shapes.items,data:data8};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
if(data8.length < 2){
const err17 = {instancePath:instancePath+"/benchmark/shapes/" + i0,schemaPath:"#/definitions/Benchmark/properties/shapes/items/minItems",keyword:"minItems",params:{limit: 2},message:"must NOT have fewer than 2 items",schema:2,parentSchema:schema36.properties.shapes.items,data:data8};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
const len1 = data8.length;
for(let i1=0; i1<len1; i1++){
let data9 = data8[i1];
if(!(((typeof data9 == "number") && (!(data9 % 1) && !isNaN(data9))) && (isFinite(data9)))){
const err18 = {instancePath:instancePath+"/benchmark/shapes/" + i0+"/" + i1,schemaPath:"#/definitions/Benchmark/properties/shapes/items/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema36.properties.shapes.items.items.type,parentSchema:schema36.properties.shapes.items.items,data:data9};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
if((typeof data9 == "number") && (isFinite(data9))){
if(data9 < 1 || isNaN(data9)){
const err19 = {instancePath:instancePath+"/benchmark/shapes/" + i0+"/" + i1,schemaPath:"#/definitions/Benchmark/properties/shapes/items/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema36.properties.shapes.items.items,data:data9};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
}
}
else {
const err20 = {instancePath:instancePath+"/benchmark/shapes/" + i0,schemaPath:"#/definitions/Benchmark/properties/shapes/items/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema36.properties.shapes.items.type,parentSchema:schema36.properties.shapes.items,data:data8};
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
const err21 = {instancePath:instancePath+"/benchmark/shapes",schemaPath:"#/definitions/Benchmark/properties/shapes/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema36.properties.shapes.type,parentSchema:schema36.properties.shapes,data:data7};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data6.warmup !== undefined){
let data10 = data6.warmup;
if(!(((typeof data10 == "number") && (!(data10 % 1) && !isNaN(data10))) && (isFinite(data10)))){
const err22 = {instancePath:instancePath+"/benchmark/warmup",schemaPath:"#/definitions/Benchmark/properties/warmup/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema36.properties.warmup.type,parentSchema:schema36.properties.warmup,data:data10};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
if((typeof data10 == "number") && (isFinite(data10))){
if(data10 < 0 || isNaN(data10)){
const err23 = {instancePath:instancePath+"/benchmark/warmup",schemaPath:"#/definitions/Benchmark/properties/warmup/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema36.properties.warmup,data:data10};
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
if(data6.runs !== undefined){
let data11 = data6.runs;
if(!(((typeof data11 == "number") && (!(data11 % 1) && !isNaN(data11))) && (isFinite(data11)))){
const err24 = {instancePath:instancePath+"/benchmark/runs",schemaPath:"#/definitions/Benchmark/properties/runs/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema36.properties.runs.type,parentSchema:schema36.properties.runs,data:data11};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
if((typeof data11 == "number") && (isFinite(data11))){
if(data11 < 1 || isNaN(data11)){
const err25 = {instancePath:instancePath+"/benchmark/runs",schemaPath:"#/definitions/Benchmark/properties/runs/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema36.properties.runs,data:data11};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
}
if(data6.minSeconds !== undefined){
let data12 = data6.minSeconds;
if((typeof data12 == "number") && (isFinite(data12))){
if(data12 > 3600 || isNaN(data12)){
const err26 = {instancePath:instancePath+"/benchmark/minSeconds",schemaPath:"#/definitions/Benchmark/properties/minSeconds/maximum",keyword:"maximum",params:{comparison: "<=", limit: 3600},message:"must be <= 3600",schema:3600,parentSchema:schema36.properties.minSeconds,data:data12};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
if(data12 < 0 || isNaN(data12)){
const err27 = {instancePath:instancePath+"/benchmark/minSeconds",schemaPath:"#/definitions/Benchmark/properties/minSeconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema36.properties.minSeconds,data:data12};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
else {
const err28 = {instancePath:instancePath+"/benchmark/minSeconds",schemaPath:"#/definitions/Benchmark/properties/minSeconds/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema36.properties.minSeconds.type,parentSchema:schema36.properties.minSeconds,data:data12};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
if(data6.threads !== undefined){
let data13 = data6.threads;
if(!(((typeof data13 == "number") && (!(data13 % 1) && !isNaN(data13))) && (isFinite(data13)))){
const err29 = {instancePath:instancePath+"/benchmark/threads",schemaPath:"#/definitions/Benchmark/properties/threads/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema36.properties.threads.type,parentSchema:schema36.properties.threads,data:data13};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
if((typeof data13 == "number") && (isFinite(data13))){
if(data13 < 1 || isNaN(data13)){
const err30 = {instancePath:instancePath+"/benchmark/threads",schemaPath:"#/definitions/Benchmark/properties/threads/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema36.properties.threads,data:data13};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
}
}
else {
const err31 = {instancePath:instancePath+"/benchmark",schemaPath:"#/definitions/Benchmark/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema36.type,parentSchema:schema36,data:data6};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data.validation !== undefined){
let data14 = data.validation;
if(data14 && typeof data14 == "object" && !Array.isArray(data14)){
for(const key6 in data14){
if(!((key6 === "samples") || (key6 === "seed"))){
const err32 = {instancePath:instancePath+"/validation",schemaPath:"#/definitions/Validation/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties",schema:false,parentSchema:schema37,data:data14};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
if(data14.samples !== undefined){
let data15 = data14.samples;
if(!(((typeof data15 == "number") && (!(data15 % 1) && !isNaN(data15))) && (isFinite(data15)))){
const err33 = {instancePath:instancePath+"/validation/samples",schemaPath:"#/definitions/Validation/properties/samples/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema37.properties.samples.type,parentSchema:schema37.properties.samples,data:data15};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
if((typeof data15 == "number") && (isFinite(data15))){
if(data15 < 1 || isNaN(data15)){
const err34 = {instancePath:instancePath+"/validation/samples",schemaPath:"#/definitions/Validation/properties/samples/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema37.properties.samples,data:data15};
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
if(data14.seed !== undefined){
let data16 = data14.seed;
if(!(((typeof data16 == "number") && (!(data16 % 1) && !isNaN(data16))) && (isFinite(data16)))){
const err35 = {instancePath:instancePath+"/validation/seed",schemaPath:"#/definitions/Validation/properties/seed/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema37.properties.seed.type,parentSchema:schema37.properties.seed,data:data16};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
if((typeof data16 == "number") && (isFinite(data16))){
if(data16 < 0 || isNaN(data16)){
const err36 = {instancePath:instancePath+"/validation/seed",schemaPath:"#/definitions/Validation/properties/seed/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema37.properties.seed,data:data16};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
}
}
else {
const err37 = {instancePath:instancePath+"/validation",schemaPath:"#/definitions/Validation/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema37.type,parentSchema:schema37,data:data14};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data.auto !== undefined){
let data17 = data.auto;
if(data17 && typeof data17 == "object" && !Array.isArray(data17)){
for(const key7 in data17){
if(!(key7 === "maxMinutes")){
const err38 = {instancePath:instancePath+"/auto",schemaPath:"#/definitions/Auto/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key7},message:"must NOT have additional properties",schema:false,parentSchema:schema38,data:data17};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
if(data17.maxMinutes !== undefined){
let data18 = data17.maxMinutes;
if((typeof data18 == "number") && (isFinite(data18))){
if(data18 > 1440 || isNaN(data18)){
const err39 = {instancePath:instancePath+"/auto/maxMinutes",schemaPath:"#/definitions/Auto/properties/maxMinutes/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1440},message:"must be <= 1440",schema:1440,parentSchema:schema38.properties.maxMinutes,data:data18};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
if(data18 <= 0 || isNaN(data18)){
const err40 = {instancePath:instancePath+"/auto/maxMinutes",schemaPath:"#/definitions/Auto/properties/maxMinutes/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema38.properties.maxMinutes,data:data18};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
}
else {
const err41 = {instancePath:instancePath+"/auto/maxMinutes",schemaPath:"#/definitions/Auto/properties/maxMinutes/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema38.properties.maxMinutes.type,parentSchema:schema38.properties.maxMinutes,data:data18};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
}
else {
const err42 = {instancePath:instancePath+"/auto",schemaPath:"#/definitions/Auto/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema38.type,parentSchema:schema38,data:data17};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
if(data.cache !== undefined){
let data19 = data.cache;
if(data19 && typeof data19 == "object" && !Array.isArray(data19)){
for(const key8 in data19){
if(!(((key8 === "directory") || (key8 === "maxSize")) || (key8 === "remote"))){
const err43 = {instancePath:instancePath+"/cache",schemaPath:"#/definitions/Cache/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key8},message:"must NOT have additional properties",schema:false,parentSchema:schema39,data:data19};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
if(data19.directory !== undefined){
let data20 = data19.directory;
if(typeof data20 === "string"){
if(!pattern5.test(data20)){
const err44 = {instancePath:instancePath+"/cache/directory",schemaPath:"#/definitions/Cache/properties/directory/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\"",schema:".",parentSchema:schema39.properties.directory,data:data20};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
}
else {
const err45 = {instancePath:instancePath+"/cache/directory",schemaPath:"#/definitions/Cache/properties/directory/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema39.properties.directory.type,parentSchema:schema39.properties.directory,data:data20};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
if(data19.maxSize !== undefined){
let data21 = data19.maxSize;
if(typeof data21 === "string"){
if(!pattern29.test(data21)){
const err46 = {instancePath:instancePath+"/cache/maxSize",schemaPath:"#/definitions/Cache/properties/maxSize/pattern",keyword:"pattern",params:{pattern: "^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$"},message:"must match pattern \""+"^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$"+"\"",schema:"^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$",parentSchema:schema39.properties.maxSize,data:data21};
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
const err47 = {instancePath:instancePath+"/cache/maxSize",schemaPath:"#/definitions/Cache/properties/maxSize/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema39.properties.maxSize.type,parentSchema:schema39.properties.maxSize,data:data21};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data19.remote !== undefined){
let data22 = data19.remote;
if(data22 && typeof data22 == "object" && !Array.isArray(data22)){
if(data22.url === undefined){
const err48 = {instancePath:instancePath+"/cache/remote",schemaPath:"#/definitions/Cache/properties/remote/required",keyword:"required",params:{missingProperty: "url"},message:"must have required property '"+"url"+"'",schema:schema39.properties.remote.required,parentSchema:schema39.properties.remote,data:data22};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
for(const key9 in data22){
if(!((key9 === "url") || (key9 === "token"))){
const err49 = {instancePath:instancePath+"/cache/remote",schemaPath:"#/definitions/Cache/properties/remote/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key9},message:"must NOT have additional properties",schema:false,parentSchema:schema39.properties.remote,data:data22};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
if(data22.url !== undefined){
let data23 = data22.url;
if(typeof data23 === "string"){
if(!pattern30.test(data23)){
const err50 = {instancePath:instancePath+"/cache/remote/url",schemaPath:"#/definitions/Cache/properties/remote/properties/url/pattern",keyword:"pattern",params:{pattern: "^https?://[^\\s@]+$"},message:"must match pattern \""+"^https?://[^\\s@]+$"+"\"",schema:"^https?://[^\\s@]+$",parentSchema:schema39.properties.remote.properties.url,data:data23};
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
const err51 = {instancePath:instancePath+"/cache/remote/url",schemaPath:"#/definitions/Cache/properties/remote/properties/url/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema39.properties.remote.properties.url.type,parentSchema:schema39.properties.remote.properties.url,data:data23};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
}
if(data22.token !== undefined){
let data24 = data22.token;
if(data24 && typeof data24 == "object" && !Array.isArray(data24)){
if(data24.env === undefined){
const err52 = {instancePath:instancePath+"/cache/remote/token",schemaPath:"#/definitions/Cache/properties/remote/properties/token/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema39.properties.remote.properties.token.required,parentSchema:schema39.properties.remote.properties.token,data:data24};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
for(const key10 in data24){
if(!(key10 === "env")){
const err53 = {instancePath:instancePath+"/cache/remote/token",schemaPath:"#/definitions/Cache/properties/remote/properties/token/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key10},message:"must NOT have additional properties",schema:false,parentSchema:schema39.properties.remote.properties.token,data:data24};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
if(data24.env !== undefined){
let data25 = data24.env;
if(typeof data25 === "string"){
if(!pattern31.test(data25)){
const err54 = {instancePath:instancePath+"/cache/remote/token/env",schemaPath:"#/definitions/Cache/properties/remote/properties/token/properties/env/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z_][A-Za-z0-9_]*$"},message:"must match pattern \""+"^[A-Za-z_][A-Za-z0-9_]*$"+"\"",schema:"^[A-Za-z_][A-Za-z0-9_]*$",parentSchema:schema39.properties.remote.properties.token.properties.env,data:data25};
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
const err55 = {instancePath:instancePath+"/cache/remote/token/env",schemaPath:"#/definitions/Cache/properties/remote/properties/token/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema39.properties.remote.properties.token.properties.env.type,parentSchema:schema39.properties.remote.properties.token.properties.env,data:data25};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
}
}
else {
const err56 = {instancePath:instancePath+"/cache/remote/token",schemaPath:"#/definitions/Cache/properties/remote/properties/token/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema39.properties.remote.properties.token.type,parentSchema:schema39.properties.remote.properties.token,data:data24};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
}
}
else {
const err57 = {instancePath:instancePath+"/cache/remote",schemaPath:"#/definitions/Cache/properties/remote/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema39.properties.remote.type,parentSchema:schema39.properties.remote,data:data22};
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
else {
const err58 = {instancePath:instancePath+"/cache",schemaPath:"#/definitions/Cache/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema39.type,parentSchema:schema39,data:data19};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
if(data.architectures !== undefined){
let data26 = data.architectures;
if(Array.isArray(data26)){
const len2 = data26.length;
for(let i2=0; i2<len2; i2++){
let data27 = data26[i2];
if(typeof data27 === "string"){
if(!pattern5.test(data27)){
const err59 = {instancePath:instancePath+"/architectures/" + i2,schemaPath:"#/properties/architectures/items/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\"",schema:".",parentSchema:schema11.properties.architectures.items,data:data27};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
else {
const err60 = {instancePath:instancePath+"/architectures/" + i2,schemaPath:"#/properties/architectures/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema11.properties.architectures.items.type,parentSchema:schema11.properties.architectures.items,data:data27};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
}
let i3 = data26.length;
let j0;
if(i3 > 1){
const indices0 = {};
for(;i3--;){
let item0 = data26[i3];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
const err61 = {instancePath:instancePath+"/architectures",schemaPath:"#/properties/architectures/uniqueItems",keyword:"uniqueItems",params:{i: i3, j: j0},message:"must NOT have duplicate items (items ## "+j0+" and "+i3+" are identical)",schema:true,parentSchema:schema11.properties.architectures,data:data26};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
break;
}
indices0[item0] = i3;
}
}
}
else {
const err62 = {instancePath:instancePath+"/architectures",schemaPath:"#/properties/architectures/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema11.properties.architectures.type,parentSchema:schema11.properties.architectures,data:data26};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
if(data.outDir !== undefined){
let data28 = data.outDir;
if(typeof data28 === "string"){
if(!pattern5.test(data28)){
const err63 = {instancePath:instancePath+"/outDir",schemaPath:"#/properties/outDir/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\"",schema:".",parentSchema:schema11.properties.outDir,data:data28};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
}
else {
const err64 = {instancePath:instancePath+"/outDir",schemaPath:"#/properties/outDir/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema11.properties.outDir.type,parentSchema:schema11.properties.outDir,data:data28};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
}
}
else {
const err65 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema11.type,parentSchema:schema11,data};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
validate10.errors = vErrors;
return errors === 0;
}
