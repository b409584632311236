// @ts-nocheck
// biome-ignore-all format: generated
// biome-ignore-all lint: generated
// biome-ignore-all assist: generated
// Generated from deploy.config.schema.json by `npm run generate`.

export const validate = validate10;

const schema11 = {"title":"DeployConfig","type":"object","required":["models","targets"],"additionalProperties":false,"properties":{"$schema":{"title":"Schema","type":"string","examples":["./node_modules/transformer-deploy/deploy.config.schema.json"]},"models":{"title":"Models","type":"object","minProperties":1,"propertyNames":{"$ref":"#/definitions/Name"},"additionalProperties":{"$ref":"#/definitions/Model"},"examples":[{"intents":{"source":"./models/support-intents"}}]},"targets":{"title":"Targets","type":"object","minProperties":1,"propertyNames":{"$ref":"#/definitions/Name"},"additionalProperties":{"$ref":"#/definitions/Target"},"examples":[{"cpu":{"engine":"onnxruntime","precisions":["fp32","int8-dynamic"]}}]},"triton":{"$ref":"#/definitions/Triton"},"benchmark":{"$ref":"#/definitions/Benchmark"},"validation":{"$ref":"#/definitions/Validation"},"cache":{"$ref":"#/definitions/Cache"},"architectures":{"title":"Architecture plug-ins","type":"array","items":{"type":"string","pattern":".","patternErrorMessage":"the path of a module"},"uniqueItems":true,"examples":[["./my-architecture.ts"]]},"outDir":{"title":"Output folder","type":"string","pattern":".","patternErrorMessage":"the path of a folder","examples":["dist"]}},"definitions":{"Name":{"title":"Name","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_-]*$","patternErrorMessage":"letters, digits, _ and -, beginning with a letter or digit (a dot would make Triton look for a backend)","examples":["intents"]},"Model":{"title":"Model","type":"object","required":["source"],"additionalProperties":false,"examples":[{"source":"./models/support-intents","task":"text-classification"}],"properties":{"source":{"title":"Source","type":["string","object"],"pattern":"^(hub:[^/@\\s]+(/[^/@\\s]+)?(@\\S+)?|(?!hub:|https?://)[\\s\\S]+)$","patternErrorMessage":"a folder, 'hub:org/name@revision' or { onnx: path }","required":["onnx"],"additionalProperties":false,"properties":{"onnx":{"title":"ONNX file","type":"string","pattern":"\\.onnx$","patternErrorMessage":"the path of a file that ends in .onnx","examples":["./model.onnx"]}},"examples":["./models/support-intents","hub:google-bert/bert-base-uncased@main",{"onnx":"./model.onnx"}]},"tokenizer":{"title":"Tokenizer","type":"string","pattern":"^(?!hub:|https?://)[\\s\\S]+$","patternErrorMessage":"a folder","examples":["./models/support-intents"]},"task":{"$ref":"#/definitions/Task"},"shapes":{"title":"Shapes","type":"object","additionalProperties":false,"properties":{"batch":{"title":"Batch","type":"array","items":{"type":"integer","minimum":1},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"sequence":{"title":"Sequence","type":"array","items":{"type":"integer","minimum":1},"minItems":3,"maxItems":3,"examples":[[16,64,128]]}},"examples":[{"batch":[1,8,32],"sequence":[16,64,128]}]},"calibration":{"$ref":"#/definitions/Calibration"},"evaluation":{"$ref":"#/definitions/Evaluation"},"tolerance":{"title":"Tolerance","type":"object","additionalProperties":false,"properties":{"fp32":{"$ref":"#/definitions/Difference"},"fp16":{"$ref":"#/definitions/Difference"},"bf16":{"$ref":"#/definitions/Difference"},"int8":{"$ref":"#/definitions/Difference"},"int8-dynamic":{"$ref":"#/definitions/Difference"},"int8-weight":{"$ref":"#/definitions/Difference"},"int4-weight":{"$ref":"#/definitions/Difference"},"auto":{"$ref":"#/definitions/Difference"}},"examples":[{"fp32":0.0001,"fp16":0.02}]},"labels":{"title":"Labels","type":"array","items":{"type":"string","pattern":".","patternErrorMessage":"a name"},"minItems":1,"uniqueItems":true,"examples":[["negative","positive"]]},"exporter":{"title":"Exporter","type":"string","enum":["td","torch"],"examples":["td"]}}},"Task":{"title":"Task","type":"string","enum":["text-classification","token-classification","question-answering","fill-mask","feature-extraction","sentence-similarity","text-ranking","text-generation","text2text-generation","zero-shot-classification","image-classification","automatic-speech-recognition"],"examples":["text-classification"]},"Range":{"title":"Range","type":"array","items":{"type":"integer","minimum":1},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"Calibration":{"title":"Calibration","type":"object","required":["data"],"additionalProperties":false,"examples":[{"data":"./data/calibration.jsonl","samples":256,"method":"percentile"}],"properties":{"data":{"title":"Data","type":"string","pattern":"\\.jsonl$","patternErrorMessage":"the path of a .jsonl file","examples":["./data/calibration.jsonl"]},"samples":{"title":"Samples","type":"integer","minimum":1,"examples":[256]},"method":{"title":"Method","type":"string","enum":["min-max","moving-average","percentile","entropy","mse"],"examples":["percentile"]}}},"Evaluation":{"title":"Evaluation","type":"object","required":["data"],"additionalProperties":false,"examples":[{"data":"./data/eval.jsonl","metric":"accuracy","maxDrop":0.01}],"properties":{"data":{"title":"Data","type":"string","pattern":"\\.jsonl$","patternErrorMessage":"the path of a .jsonl file","examples":["./data/eval.jsonl"]},"metric":{"$ref":"#/definitions/Metric"},"maxDrop":{"title":"Largest drop","type":"number","minimum":0,"maximum":1,"examples":[0.01]}}},"Metric":{"title":"Metric","type":"string","enum":["accuracy","f1-macro","f1","exact-match","recall@1","mrr","spearman","ndcg@10","perplexity"],"examples":["accuracy"]},"Difference":{"title":"Difference","type":"number","exclusiveMinimum":0,"examples":[0.001]},"Target":{"title":"Target","type":"object","required":["engine","precisions"],"additionalProperties":false,"examples":[{"engine":"onnxruntime","device":"cpu","precisions":["fp32","int8-dynamic"]},{"engine":"tensorrt","gpu":"sm_90","precisions":["fp16"],"image":"nvcr.io/nvidia/tritonserver:26.06-py3"}],"properties":{"engine":{"title":"Engine","type":"string","enum":["onnxruntime","tensorrt"],"examples":["onnxruntime"]},"device":{"title":"Device","type":"string","enum":["cpu","cuda","webgpu"],"examples":["cpu"]},"gpu":{"title":"GPU","type":"string","pattern":"^sm_[1-9][0-9]{1,2}$","patternErrorMessage":"sm_ and the compute capability without its dot, such as 'sm_90' for 9.0","examples":["sm_90"]},"precisions":{"title":"Precisions","type":"array","items":{"title":"Precision","type":"string","enum":["fp32","fp16","bf16","int8","int8-dynamic","int8-weight","int4-weight","auto"],"examples":["int8-dynamic"]},"minItems":1,"uniqueItems":true,"examples":[["fp32","int8-dynamic"]]},"image":{"title":"Image","type":"string","pattern":"^\\S+$","patternErrorMessage":"the name of a container image","examples":["nvcr.io/nvidia/tritonserver:26.06-py3"]}}},"Precision":{"title":"Precision","type":"string","enum":["fp32","fp16","bf16","int8","int8-dynamic","int8-weight","int4-weight","auto"],"examples":["int8-dynamic"]},"Triton":{"title":"Triton","type":"object","additionalProperties":false,"examples":[{"repository":"triton","maxBatchSize":32,"dynamicBatching":true}],"properties":{"repository":{"title":"Repository","type":"string","pattern":"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$","patternErrorMessage":"a path inside outDir, without ..","examples":["triton"]},"maxBatchSize":{"title":"Largest batch","type":"integer","minimum":0,"examples":[32]},"dynamicBatching":{"title":"Dynamic batching","type":["boolean","object"],"additionalProperties":false,"properties":{"maxQueueDelayMicroseconds":{"title":"Queue delay","type":"integer","minimum":0,"examples":[200]},"preferredBatchSizes":{"title":"Preferred batch sizes","type":"array","items":{"type":"integer","minimum":1},"uniqueItems":true,"examples":[[8,16]]}},"examples":[true,{"maxQueueDelayMicroseconds":200}]},"compat":{"title":"Compatibility","type":"string","enum":["none","els-rd"],"examples":["els-rd"]}}},"Benchmark":{"title":"Benchmark","type":"object","additionalProperties":false,"examples":[{"shapes":[[1,16],[1,128],[8,128]]}],"properties":{"shapes":{"title":"Shapes","type":"array","items":{"type":"array","items":{"type":"integer","minimum":1},"minItems":2,"maxItems":2},"minItems":1,"examples":[[[1,16],[1,128],[8,128]]]},"warmup":{"title":"Warm-up","type":"integer","minimum":0,"examples":[5]},"runs":{"title":"Runs","type":"integer","minimum":1,"examples":[50]},"minSeconds":{"title":"Least duration","type":"number","minimum":0,"maximum":3600,"examples":[1]},"threads":{"title":"Threads","type":"integer","minimum":1,"examples":[2]}}},"Validation":{"title":"Validation","type":"object","additionalProperties":false,"examples":[{"samples":64,"seed":0}],"properties":{"samples":{"title":"Samples","type":"integer","minimum":1,"examples":[64]},"seed":{"title":"Seed","type":"integer","minimum":0,"examples":[0]}}},"Cache":{"title":"Cache","type":"object","additionalProperties":false,"examples":[{"directory":"~/.cache/transformer-deploy","maxSize":"50 GB"}],"properties":{"directory":{"title":"Directory","type":"string","pattern":".","patternErrorMessage":"the path of a folder","examples":["~/.cache/transformer-deploy"]},"maxSize":{"title":"Largest size","type":"string","pattern":"^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$","patternErrorMessage":"a size such as '50 GB' (MB, GB or TB)","examples":["50 GB"]},"remote":{"title":"Remote cache","type":"object","required":["url"],"additionalProperties":false,"properties":{"url":{"title":"Address","type":"string","writeOnly":true,"pattern":"^https?://[^\\s@]+$","patternErrorMessage":"an http or https address without user or password","examples":["https://cache.example.com/transformer-deploy"]},"token":{"title":"Token","type":"object","required":["env"],"additionalProperties":false,"properties":{"env":{"title":"Variable","type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_]*$","patternErrorMessage":"the name of an environment variable","examples":["TD_CACHE_TOKEN"]}},"examples":[{"env":"TD_CACHE_TOKEN"}],"writeOnly":true}},"examples":[{"url":"https://cache.example.com/td","token":{"env":"TD_CACHE_TOKEN"}}]}}},"EnvironmentReference":{"title":"Environment variable","type":"object","required":["env"],"additionalProperties":false,"properties":{"env":{"title":"Variable","type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_]*$","patternErrorMessage":"the name of an environment variable","examples":["TD_CACHE_TOKEN"]}},"examples":[{"env":"TD_CACHE_TOKEN"}]}}};
const schema12 = {"title":"Name","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9_-]*$","patternErrorMessage":"letters, digits, _ and -, beginning with a letter or digit (a dot would make Triton look for a backend)","examples":["intents"]};
const schema27 = {"title":"Target","type":"object","required":["engine","precisions"],"additionalProperties":false,"examples":[{"engine":"onnxruntime","device":"cpu","precisions":["fp32","int8-dynamic"]},{"engine":"tensorrt","gpu":"sm_90","precisions":["fp16"],"image":"nvcr.io/nvidia/tritonserver:26.06-py3"}],"properties":{"engine":{"title":"Engine","type":"string","enum":["onnxruntime","tensorrt"],"examples":["onnxruntime"]},"device":{"title":"Device","type":"string","enum":["cpu","cuda","webgpu"],"examples":["cpu"]},"gpu":{"title":"GPU","type":"string","pattern":"^sm_[1-9][0-9]{1,2}$","patternErrorMessage":"sm_ and the compute capability without its dot, such as 'sm_90' for 9.0","examples":["sm_90"]},"precisions":{"title":"Precisions","type":"array","items":{"title":"Precision","type":"string","enum":["fp32","fp16","bf16","int8","int8-dynamic","int8-weight","int4-weight","auto"],"examples":["int8-dynamic"]},"minItems":1,"uniqueItems":true,"examples":[["fp32","int8-dynamic"]]},"image":{"title":"Image","type":"string","pattern":"^\\S+$","patternErrorMessage":"the name of a container image","examples":["nvcr.io/nvidia/tritonserver:26.06-py3"]}}};
const schema28 = {"title":"Triton","type":"object","additionalProperties":false,"examples":[{"repository":"triton","maxBatchSize":32,"dynamicBatching":true}],"properties":{"repository":{"title":"Repository","type":"string","pattern":"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$","patternErrorMessage":"a path inside outDir, without ..","examples":["triton"]},"maxBatchSize":{"title":"Largest batch","type":"integer","minimum":0,"examples":[32]},"dynamicBatching":{"title":"Dynamic batching","type":["boolean","object"],"additionalProperties":false,"properties":{"maxQueueDelayMicroseconds":{"title":"Queue delay","type":"integer","minimum":0,"examples":[200]},"preferredBatchSizes":{"title":"Preferred batch sizes","type":"array","items":{"type":"integer","minimum":1},"uniqueItems":true,"examples":[[8,16]]}},"examples":[true,{"maxQueueDelayMicroseconds":200}]},"compat":{"title":"Compatibility","type":"string","enum":["none","els-rd"],"examples":["els-rd"]}}};
const schema29 = {"title":"Benchmark","type":"object","additionalProperties":false,"examples":[{"shapes":[[1,16],[1,128],[8,128]]}],"properties":{"shapes":{"title":"Shapes","type":"array","items":{"type":"array","items":{"type":"integer","minimum":1},"minItems":2,"maxItems":2},"minItems":1,"examples":[[[1,16],[1,128],[8,128]]]},"warmup":{"title":"Warm-up","type":"integer","minimum":0,"examples":[5]},"runs":{"title":"Runs","type":"integer","minimum":1,"examples":[50]},"minSeconds":{"title":"Least duration","type":"number","minimum":0,"maximum":3600,"examples":[1]},"threads":{"title":"Threads","type":"integer","minimum":1,"examples":[2]}}};
const schema30 = {"title":"Validation","type":"object","additionalProperties":false,"examples":[{"samples":64,"seed":0}],"properties":{"samples":{"title":"Samples","type":"integer","minimum":1,"examples":[64]},"seed":{"title":"Seed","type":"integer","minimum":0,"examples":[0]}}};
const schema31 = {"title":"Cache","type":"object","additionalProperties":false,"examples":[{"directory":"~/.cache/transformer-deploy","maxSize":"50 GB"}],"properties":{"directory":{"title":"Directory","type":"string","pattern":".","patternErrorMessage":"the path of a folder","examples":["~/.cache/transformer-deploy"]},"maxSize":{"title":"Largest size","type":"string","pattern":"^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$","patternErrorMessage":"a size such as '50 GB' (MB, GB or TB)","examples":["50 GB"]},"remote":{"title":"Remote cache","type":"object","required":["url"],"additionalProperties":false,"properties":{"url":{"title":"Address","type":"string","writeOnly":true,"pattern":"^https?://[^\\s@]+$","patternErrorMessage":"an http or https address without user or password","examples":["https://cache.example.com/transformer-deploy"]},"token":{"title":"Token","type":"object","required":["env"],"additionalProperties":false,"properties":{"env":{"title":"Variable","type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_]*$","patternErrorMessage":"the name of an environment variable","examples":["TD_CACHE_TOKEN"]}},"examples":[{"env":"TD_CACHE_TOKEN"}],"writeOnly":true}},"examples":[{"url":"https://cache.example.com/td","token":{"env":"TD_CACHE_TOKEN"}}]}}};
const func2 = Object.prototype.hasOwnProperty;
const pattern0 = new RegExp("^[A-Za-z0-9][A-Za-z0-9_-]*$", "u");
const pattern8 = new RegExp("^sm_[1-9][0-9]{1,2}$", "u");
const pattern9 = new RegExp("^\\S+$", "u");
const pattern10 = new RegExp("^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$", "u");
const pattern6 = new RegExp(".", "u");
const pattern12 = new RegExp("^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$", "u");
const pattern13 = new RegExp("^https?://[^\\s@]+$", "u");
const pattern14 = new RegExp("^[A-Za-z_][A-Za-z0-9_]*$", "u");
const schema13 = {"title":"Model","type":"object","required":["source"],"additionalProperties":false,"examples":[{"source":"./models/support-intents","task":"text-classification"}],"properties":{"source":{"title":"Source","type":["string","object"],"pattern":"^(hub:[^/@\\s]+(/[^/@\\s]+)?(@\\S+)?|(?!hub:|https?://)[\\s\\S]+)$","patternErrorMessage":"a folder, 'hub:org/name@revision' or { onnx: path }","required":["onnx"],"additionalProperties":false,"properties":{"onnx":{"title":"ONNX file","type":"string","pattern":"\\.onnx$","patternErrorMessage":"the path of a file that ends in .onnx","examples":["./model.onnx"]}},"examples":["./models/support-intents","hub:google-bert/bert-base-uncased@main",{"onnx":"./model.onnx"}]},"tokenizer":{"title":"Tokenizer","type":"string","pattern":"^(?!hub:|https?://)[\\s\\S]+$","patternErrorMessage":"a folder","examples":["./models/support-intents"]},"task":{"$ref":"#/definitions/Task"},"shapes":{"title":"Shapes","type":"object","additionalProperties":false,"properties":{"batch":{"title":"Batch","type":"array","items":{"type":"integer","minimum":1},"minItems":3,"maxItems":3,"examples":[[1,8,32]]},"sequence":{"title":"Sequence","type":"array","items":{"type":"integer","minimum":1},"minItems":3,"maxItems":3,"examples":[[16,64,128]]}},"examples":[{"batch":[1,8,32],"sequence":[16,64,128]}]},"calibration":{"$ref":"#/definitions/Calibration"},"evaluation":{"$ref":"#/definitions/Evaluation"},"tolerance":{"title":"Tolerance","type":"object","additionalProperties":false,"properties":{"fp32":{"$ref":"#/definitions/Difference"},"fp16":{"$ref":"#/definitions/Difference"},"bf16":{"$ref":"#/definitions/Difference"},"int8":{"$ref":"#/definitions/Difference"},"int8-dynamic":{"$ref":"#/definitions/Difference"},"int8-weight":{"$ref":"#/definitions/Difference"},"int4-weight":{"$ref":"#/definitions/Difference"},"auto":{"$ref":"#/definitions/Difference"}},"examples":[{"fp32":0.0001,"fp16":0.02}]},"labels":{"title":"Labels","type":"array","items":{"type":"string","pattern":".","patternErrorMessage":"a name"},"minItems":1,"uniqueItems":true,"examples":[["negative","positive"]]},"exporter":{"title":"Exporter","type":"string","enum":["td","torch"],"examples":["td"]}}};
const schema14 = {"title":"Task","type":"string","enum":["text-classification","token-classification","question-answering","fill-mask","feature-extraction","sentence-similarity","text-ranking","text-generation","text2text-generation","zero-shot-classification","image-classification","automatic-speech-recognition"],"examples":["text-classification"]};
const schema15 = {"title":"Calibration","type":"object","required":["data"],"additionalProperties":false,"examples":[{"data":"./data/calibration.jsonl","samples":256,"method":"percentile"}],"properties":{"data":{"title":"Data","type":"string","pattern":"\\.jsonl$","patternErrorMessage":"the path of a .jsonl file","examples":["./data/calibration.jsonl"]},"samples":{"title":"Samples","type":"integer","minimum":1,"examples":[256]},"method":{"title":"Method","type":"string","enum":["min-max","moving-average","percentile","entropy","mse"],"examples":["percentile"]}}};
const schema18 = {"title":"Difference","type":"number","exclusiveMinimum":0,"examples":[0.001]};
const pattern1 = new RegExp("^(hub:[^/@\\s]+(/[^/@\\s]+)?(@\\S+)?|(?!hub:|https?://)[\\s\\S]+)$", "u");
const pattern2 = new RegExp("\\.onnx$", "u");
const pattern3 = new RegExp("^(?!hub:|https?://)[\\s\\S]+$", "u");
const pattern4 = new RegExp("\\.jsonl$", "u");
const schema16 = {"title":"Evaluation","type":"object","required":["data"],"additionalProperties":false,"examples":[{"data":"./data/eval.jsonl","metric":"accuracy","maxDrop":0.01}],"properties":{"data":{"title":"Data","type":"string","pattern":"\\.jsonl$","patternErrorMessage":"the path of a .jsonl file","examples":["./data/eval.jsonl"]},"metric":{"$ref":"#/definitions/Metric"},"maxDrop":{"title":"Largest drop","type":"number","minimum":0,"maximum":1,"examples":[0.01]}}};
const schema17 = {"title":"Metric","type":"string","enum":["accuracy","f1-macro","f1","exact-match","recall@1","mrr","spearman","ndcg@10","perplexity"],"examples":["accuracy"]};

function validate12(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.data === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "data"},message:"must have required property '"+"data"+"'",schema:schema16.required,parentSchema:schema16,data};
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
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema16,data};
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
const err2 = {instancePath:instancePath+"/data",schemaPath:"#/properties/data/pattern",keyword:"pattern",params:{pattern: "\\.jsonl$"},message:"must match pattern \""+"\\.jsonl$"+"\"",schema:"\\.jsonl$",parentSchema:schema16.properties.data,data:data0};
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
const err3 = {instancePath:instancePath+"/data",schemaPath:"#/properties/data/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema16.properties.data.type,parentSchema:schema16.properties.data,data:data0};
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
const err4 = {instancePath:instancePath+"/metric",schemaPath:"#/definitions/Metric/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema17.type,parentSchema:schema17,data:data1};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if(!(((((((((data1 === "accuracy") || (data1 === "f1-macro")) || (data1 === "f1")) || (data1 === "exact-match")) || (data1 === "recall@1")) || (data1 === "mrr")) || (data1 === "spearman")) || (data1 === "ndcg@10")) || (data1 === "perplexity"))){
const err5 = {instancePath:instancePath+"/metric",schemaPath:"#/definitions/Metric/enum",keyword:"enum",params:{allowedValues: schema17.enum},message:"must be equal to one of the allowed values",schema:schema17.enum,parentSchema:schema17,data:data1};
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
const err6 = {instancePath:instancePath+"/maxDrop",schemaPath:"#/properties/maxDrop/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1},message:"must be <= 1",schema:1,parentSchema:schema16.properties.maxDrop,data:data2};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(data2 < 0 || isNaN(data2)){
const err7 = {instancePath:instancePath+"/maxDrop",schemaPath:"#/properties/maxDrop/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema16.properties.maxDrop,data:data2};
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
const err8 = {instancePath:instancePath+"/maxDrop",schemaPath:"#/properties/maxDrop/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema16.properties.maxDrop.type,parentSchema:schema16.properties.maxDrop,data:data2};
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
const err9 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema16.type,parentSchema:schema16,data};
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
if(!(((((data12 === "min-max") || (data12 === "moving-average")) || (data12 === "percentile")) || (data12 === "entropy")) || (data12 === "mse"))){
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
if(data.evaluation !== undefined){
if(!(validate12(data.evaluation, {instancePath:instancePath+"/evaluation",parentData:data,parentDataProperty:"evaluation",rootData}))){
vErrors = vErrors === null ? validate12.errors : vErrors.concat(validate12.errors);
errors = vErrors.length;
}
}
if(data.tolerance !== undefined){
let data14 = data.tolerance;
if(data14 && typeof data14 == "object" && !Array.isArray(data14)){
for(const key4 in data14){
if(!((((((((key4 === "fp32") || (key4 === "fp16")) || (key4 === "bf16")) || (key4 === "int8")) || (key4 === "int8-dynamic")) || (key4 === "int8-weight")) || (key4 === "int4-weight")) || (key4 === "auto"))){
const err33 = {instancePath:instancePath+"/tolerance",schemaPath:"#/properties/tolerance/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties",schema:false,parentSchema:schema13.properties.tolerance,data:data14};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
if(data14.fp32 !== undefined){
let data15 = data14.fp32;
if((typeof data15 == "number") && (isFinite(data15))){
if(data15 <= 0 || isNaN(data15)){
const err34 = {instancePath:instancePath+"/tolerance/fp32",schemaPath:"#/definitions/Difference/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema18,data:data15};
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
const err35 = {instancePath:instancePath+"/tolerance/fp32",schemaPath:"#/definitions/Difference/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema18.type,parentSchema:schema18,data:data15};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
if(data14.fp16 !== undefined){
let data16 = data14.fp16;
if((typeof data16 == "number") && (isFinite(data16))){
if(data16 <= 0 || isNaN(data16)){
const err36 = {instancePath:instancePath+"/tolerance/fp16",schemaPath:"#/definitions/Difference/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema18,data:data16};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
else {
const err37 = {instancePath:instancePath+"/tolerance/fp16",schemaPath:"#/definitions/Difference/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema18.type,parentSchema:schema18,data:data16};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data14.bf16 !== undefined){
let data17 = data14.bf16;
if((typeof data17 == "number") && (isFinite(data17))){
if(data17 <= 0 || isNaN(data17)){
const err38 = {instancePath:instancePath+"/tolerance/bf16",schemaPath:"#/definitions/Difference/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema18,data:data17};
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
const err39 = {instancePath:instancePath+"/tolerance/bf16",schemaPath:"#/definitions/Difference/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema18.type,parentSchema:schema18,data:data17};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
}
if(data14.int8 !== undefined){
let data18 = data14.int8;
if((typeof data18 == "number") && (isFinite(data18))){
if(data18 <= 0 || isNaN(data18)){
const err40 = {instancePath:instancePath+"/tolerance/int8",schemaPath:"#/definitions/Difference/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema18,data:data18};
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
const err41 = {instancePath:instancePath+"/tolerance/int8",schemaPath:"#/definitions/Difference/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema18.type,parentSchema:schema18,data:data18};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
if(data14["int8-dynamic"] !== undefined){
let data19 = data14["int8-dynamic"];
if((typeof data19 == "number") && (isFinite(data19))){
if(data19 <= 0 || isNaN(data19)){
const err42 = {instancePath:instancePath+"/tolerance/int8-dynamic",schemaPath:"#/definitions/Difference/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema18,data:data19};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
else {
const err43 = {instancePath:instancePath+"/tolerance/int8-dynamic",schemaPath:"#/definitions/Difference/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema18.type,parentSchema:schema18,data:data19};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
if(data14["int8-weight"] !== undefined){
let data20 = data14["int8-weight"];
if((typeof data20 == "number") && (isFinite(data20))){
if(data20 <= 0 || isNaN(data20)){
const err44 = {instancePath:instancePath+"/tolerance/int8-weight",schemaPath:"#/definitions/Difference/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema18,data:data20};
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
const err45 = {instancePath:instancePath+"/tolerance/int8-weight",schemaPath:"#/definitions/Difference/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema18.type,parentSchema:schema18,data:data20};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
if(data14["int4-weight"] !== undefined){
let data21 = data14["int4-weight"];
if((typeof data21 == "number") && (isFinite(data21))){
if(data21 <= 0 || isNaN(data21)){
const err46 = {instancePath:instancePath+"/tolerance/int4-weight",schemaPath:"#/definitions/Difference/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema18,data:data21};
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
const err47 = {instancePath:instancePath+"/tolerance/int4-weight",schemaPath:"#/definitions/Difference/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema18.type,parentSchema:schema18,data:data21};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data14.auto !== undefined){
let data22 = data14.auto;
if((typeof data22 == "number") && (isFinite(data22))){
if(data22 <= 0 || isNaN(data22)){
const err48 = {instancePath:instancePath+"/tolerance/auto",schemaPath:"#/definitions/Difference/exclusiveMinimum",keyword:"exclusiveMinimum",params:{comparison: ">", limit: 0},message:"must be > 0",schema:0,parentSchema:schema18,data:data22};
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
const err49 = {instancePath:instancePath+"/tolerance/auto",schemaPath:"#/definitions/Difference/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema18.type,parentSchema:schema18,data:data22};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
}
else {
const err50 = {instancePath:instancePath+"/tolerance",schemaPath:"#/properties/tolerance/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema13.properties.tolerance.type,parentSchema:schema13.properties.tolerance,data:data14};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
if(data.labels !== undefined){
let data23 = data.labels;
if(Array.isArray(data23)){
if(data23.length < 1){
const err51 = {instancePath:instancePath+"/labels",schemaPath:"#/properties/labels/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema13.properties.labels,data:data23};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
const len2 = data23.length;
for(let i2=0; i2<len2; i2++){
let data24 = data23[i2];
if(typeof data24 === "string"){
if(!pattern6.test(data24)){
const err52 = {instancePath:instancePath+"/labels/" + i2,schemaPath:"#/properties/labels/items/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\"",schema:".",parentSchema:schema13.properties.labels.items,data:data24};
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
const err53 = {instancePath:instancePath+"/labels/" + i2,schemaPath:"#/properties/labels/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema13.properties.labels.items.type,parentSchema:schema13.properties.labels.items,data:data24};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
let i3 = data23.length;
let j0;
if(i3 > 1){
const indices0 = {};
for(;i3--;){
let item0 = data23[i3];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
const err54 = {instancePath:instancePath+"/labels",schemaPath:"#/properties/labels/uniqueItems",keyword:"uniqueItems",params:{i: i3, j: j0},message:"must NOT have duplicate items (items ## "+j0+" and "+i3+" are identical)",schema:true,parentSchema:schema13.properties.labels,data:data23};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
break;
}
indices0[item0] = i3;
}
}
}
else {
const err55 = {instancePath:instancePath+"/labels",schemaPath:"#/properties/labels/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema13.properties.labels.type,parentSchema:schema13.properties.labels,data:data23};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
}
if(data.exporter !== undefined){
let data25 = data.exporter;
if(typeof data25 !== "string"){
const err56 = {instancePath:instancePath+"/exporter",schemaPath:"#/properties/exporter/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema13.properties.exporter.type,parentSchema:schema13.properties.exporter,data:data25};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
if(!((data25 === "td") || (data25 === "torch"))){
const err57 = {instancePath:instancePath+"/exporter",schemaPath:"#/properties/exporter/enum",keyword:"enum",params:{allowedValues: schema13.properties.exporter.enum},message:"must be equal to one of the allowed values",schema:schema13.properties.exporter.enum,parentSchema:schema13.properties.exporter,data:data25};
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
const err58 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema13.type,parentSchema:schema13,data};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
validate11.errors = vErrors;
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
let data4 = data3[key4];
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
if(data4.engine === undefined){
const err13 = {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/Target/required",keyword:"required",params:{missingProperty: "engine"},message:"must have required property '"+"engine"+"'",schema:schema27.required,parentSchema:schema27,data:data4};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
if(data4.precisions === undefined){
const err14 = {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/Target/required",keyword:"required",params:{missingProperty: "precisions"},message:"must have required property '"+"precisions"+"'",schema:schema27.required,parentSchema:schema27,data:data4};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
for(const key5 in data4){
if(!(((((key5 === "engine") || (key5 === "device")) || (key5 === "gpu")) || (key5 === "precisions")) || (key5 === "image"))){
const err15 = {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/Target/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties",schema:false,parentSchema:schema27,data:data4};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data4.engine !== undefined){
let data5 = data4.engine;
if(typeof data5 !== "string"){
const err16 = {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1")+"/engine",schemaPath:"#/definitions/Target/properties/engine/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema27.properties.engine.type,parentSchema:schema27.properties.engine,data:data5};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
if(!((data5 === "onnxruntime") || (data5 === "tensorrt"))){
const err17 = {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1")+"/engine",schemaPath:"#/definitions/Target/properties/engine/enum",keyword:"enum",params:{allowedValues: schema27.properties.engine.enum},message:"must be equal to one of the allowed values",schema:schema27.properties.engine.enum,parentSchema:schema27.properties.engine,data:data5};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
if(data4.device !== undefined){
let data6 = data4.device;
if(typeof data6 !== "string"){
const err18 = {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1")+"/device",schemaPath:"#/definitions/Target/properties/device/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema27.properties.device.type,parentSchema:schema27.properties.device,data:data6};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
if(!(((data6 === "cpu") || (data6 === "cuda")) || (data6 === "webgpu"))){
const err19 = {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1")+"/device",schemaPath:"#/definitions/Target/properties/device/enum",keyword:"enum",params:{allowedValues: schema27.properties.device.enum},message:"must be equal to one of the allowed values",schema:schema27.properties.device.enum,parentSchema:schema27.properties.device,data:data6};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
if(data4.gpu !== undefined){
let data7 = data4.gpu;
if(typeof data7 === "string"){
if(!pattern8.test(data7)){
const err20 = {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1")+"/gpu",schemaPath:"#/definitions/Target/properties/gpu/pattern",keyword:"pattern",params:{pattern: "^sm_[1-9][0-9]{1,2}$"},message:"must match pattern \""+"^sm_[1-9][0-9]{1,2}$"+"\"",schema:"^sm_[1-9][0-9]{1,2}$",parentSchema:schema27.properties.gpu,data:data7};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
else {
const err21 = {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1")+"/gpu",schemaPath:"#/definitions/Target/properties/gpu/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema27.properties.gpu.type,parentSchema:schema27.properties.gpu,data:data7};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data4.precisions !== undefined){
let data8 = data4.precisions;
if(Array.isArray(data8)){
if(data8.length < 1){
const err22 = {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1")+"/precisions",schemaPath:"#/definitions/Target/properties/precisions/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema27.properties.precisions,data:data8};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
const len0 = data8.length;
for(let i0=0; i0<len0; i0++){
let data9 = data8[i0];
if(typeof data9 !== "string"){
const err23 = {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1")+"/precisions/" + i0,schemaPath:"#/definitions/Target/properties/precisions/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema27.properties.precisions.items.type,parentSchema:schema27.properties.precisions.items,data:data9};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
if(!((((((((data9 === "fp32") || (data9 === "fp16")) || (data9 === "bf16")) || (data9 === "int8")) || (data9 === "int8-dynamic")) || (data9 === "int8-weight")) || (data9 === "int4-weight")) || (data9 === "auto"))){
const err24 = {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1")+"/precisions/" + i0,schemaPath:"#/definitions/Target/properties/precisions/items/enum",keyword:"enum",params:{allowedValues: schema27.properties.precisions.items.enum},message:"must be equal to one of the allowed values",schema:schema27.properties.precisions.items.enum,parentSchema:schema27.properties.precisions.items,data:data9};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
let i1 = data8.length;
let j0;
if(i1 > 1){
const indices0 = {};
for(;i1--;){
let item0 = data8[i1];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
const err25 = {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1")+"/precisions",schemaPath:"#/definitions/Target/properties/precisions/uniqueItems",keyword:"uniqueItems",params:{i: i1, j: j0},message:"must NOT have duplicate items (items ## "+j0+" and "+i1+" are identical)",schema:true,parentSchema:schema27.properties.precisions,data:data8};
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
const err26 = {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1")+"/precisions",schemaPath:"#/definitions/Target/properties/precisions/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema27.properties.precisions.type,parentSchema:schema27.properties.precisions,data:data8};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
if(data4.image !== undefined){
let data10 = data4.image;
if(typeof data10 === "string"){
if(!pattern9.test(data10)){
const err27 = {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1")+"/image",schemaPath:"#/definitions/Target/properties/image/pattern",keyword:"pattern",params:{pattern: "^\\S+$"},message:"must match pattern \""+"^\\S+$"+"\"",schema:"^\\S+$",parentSchema:schema27.properties.image,data:data10};
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
const err28 = {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1")+"/image",schemaPath:"#/definitions/Target/properties/image/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema27.properties.image.type,parentSchema:schema27.properties.image,data:data10};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
}
else {
const err29 = {instancePath:instancePath+"/targets/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/Target/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema27.type,parentSchema:schema27,data:data4};
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
const err30 = {instancePath:instancePath+"/targets",schemaPath:"#/properties/targets/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema11.properties.targets.type,parentSchema:schema11.properties.targets,data:data3};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
if(data.triton !== undefined){
let data11 = data.triton;
if(data11 && typeof data11 == "object" && !Array.isArray(data11)){
for(const key6 in data11){
if(!((((key6 === "repository") || (key6 === "maxBatchSize")) || (key6 === "dynamicBatching")) || (key6 === "compat"))){
const err31 = {instancePath:instancePath+"/triton",schemaPath:"#/definitions/Triton/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties",schema:false,parentSchema:schema28,data:data11};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data11.repository !== undefined){
let data12 = data11.repository;
if(typeof data12 === "string"){
if(!pattern10.test(data12)){
const err32 = {instancePath:instancePath+"/triton/repository",schemaPath:"#/definitions/Triton/properties/repository/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$"},message:"must match pattern \""+"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$"+"\"",schema:"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$",parentSchema:schema28.properties.repository,data:data12};
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
const err33 = {instancePath:instancePath+"/triton/repository",schemaPath:"#/definitions/Triton/properties/repository/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema28.properties.repository.type,parentSchema:schema28.properties.repository,data:data12};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
}
if(data11.maxBatchSize !== undefined){
let data13 = data11.maxBatchSize;
if(!(((typeof data13 == "number") && (!(data13 % 1) && !isNaN(data13))) && (isFinite(data13)))){
const err34 = {instancePath:instancePath+"/triton/maxBatchSize",schemaPath:"#/definitions/Triton/properties/maxBatchSize/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema28.properties.maxBatchSize.type,parentSchema:schema28.properties.maxBatchSize,data:data13};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
if((typeof data13 == "number") && (isFinite(data13))){
if(data13 < 0 || isNaN(data13)){
const err35 = {instancePath:instancePath+"/triton/maxBatchSize",schemaPath:"#/definitions/Triton/properties/maxBatchSize/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema28.properties.maxBatchSize,data:data13};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
}
if(data11.dynamicBatching !== undefined){
let data14 = data11.dynamicBatching;
if((typeof data14 !== "boolean") && (!(data14 && typeof data14 == "object" && !Array.isArray(data14)))){
const err36 = {instancePath:instancePath+"/triton/dynamicBatching",schemaPath:"#/definitions/Triton/properties/dynamicBatching/type",keyword:"type",params:{type: schema28.properties.dynamicBatching.type},message:"must be boolean,object",schema:schema28.properties.dynamicBatching.type,parentSchema:schema28.properties.dynamicBatching,data:data14};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
if(data14 && typeof data14 == "object" && !Array.isArray(data14)){
for(const key7 in data14){
if(!((key7 === "maxQueueDelayMicroseconds") || (key7 === "preferredBatchSizes"))){
const err37 = {instancePath:instancePath+"/triton/dynamicBatching",schemaPath:"#/definitions/Triton/properties/dynamicBatching/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key7},message:"must NOT have additional properties",schema:false,parentSchema:schema28.properties.dynamicBatching,data:data14};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data14.maxQueueDelayMicroseconds !== undefined){
let data15 = data14.maxQueueDelayMicroseconds;
if(!(((typeof data15 == "number") && (!(data15 % 1) && !isNaN(data15))) && (isFinite(data15)))){
const err38 = {instancePath:instancePath+"/triton/dynamicBatching/maxQueueDelayMicroseconds",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/maxQueueDelayMicroseconds/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema28.properties.dynamicBatching.properties.maxQueueDelayMicroseconds.type,parentSchema:schema28.properties.dynamicBatching.properties.maxQueueDelayMicroseconds,data:data15};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
if((typeof data15 == "number") && (isFinite(data15))){
if(data15 < 0 || isNaN(data15)){
const err39 = {instancePath:instancePath+"/triton/dynamicBatching/maxQueueDelayMicroseconds",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/maxQueueDelayMicroseconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema28.properties.dynamicBatching.properties.maxQueueDelayMicroseconds,data:data15};
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
if(data14.preferredBatchSizes !== undefined){
let data16 = data14.preferredBatchSizes;
if(Array.isArray(data16)){
const len1 = data16.length;
for(let i2=0; i2<len1; i2++){
let data17 = data16[i2];
if(!(((typeof data17 == "number") && (!(data17 % 1) && !isNaN(data17))) && (isFinite(data17)))){
const err40 = {instancePath:instancePath+"/triton/dynamicBatching/preferredBatchSizes/" + i2,schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/preferredBatchSizes/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema28.properties.dynamicBatching.properties.preferredBatchSizes.items.type,parentSchema:schema28.properties.dynamicBatching.properties.preferredBatchSizes.items,data:data17};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
if((typeof data17 == "number") && (isFinite(data17))){
if(data17 < 1 || isNaN(data17)){
const err41 = {instancePath:instancePath+"/triton/dynamicBatching/preferredBatchSizes/" + i2,schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/preferredBatchSizes/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema28.properties.dynamicBatching.properties.preferredBatchSizes.items,data:data17};
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
let i3 = data16.length;
let j1;
if(i3 > 1){
const indices1 = {};
for(;i3--;){
let item1 = data16[i3];
if(!(((typeof item1 == "number") && (!(item1 % 1) && !isNaN(item1))) && (isFinite(item1)))){
continue;
}
if(typeof indices1[item1] == "number"){
j1 = indices1[item1];
const err42 = {instancePath:instancePath+"/triton/dynamicBatching/preferredBatchSizes",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/preferredBatchSizes/uniqueItems",keyword:"uniqueItems",params:{i: i3, j: j1},message:"must NOT have duplicate items (items ## "+j1+" and "+i3+" are identical)",schema:true,parentSchema:schema28.properties.dynamicBatching.properties.preferredBatchSizes,data:data16};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
break;
}
indices1[item1] = i3;
}
}
}
else {
const err43 = {instancePath:instancePath+"/triton/dynamicBatching/preferredBatchSizes",schemaPath:"#/definitions/Triton/properties/dynamicBatching/properties/preferredBatchSizes/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema28.properties.dynamicBatching.properties.preferredBatchSizes.type,parentSchema:schema28.properties.dynamicBatching.properties.preferredBatchSizes,data:data16};
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
}
if(data11.compat !== undefined){
let data18 = data11.compat;
if(typeof data18 !== "string"){
const err44 = {instancePath:instancePath+"/triton/compat",schemaPath:"#/definitions/Triton/properties/compat/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema28.properties.compat.type,parentSchema:schema28.properties.compat,data:data18};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
if(!((data18 === "none") || (data18 === "els-rd"))){
const err45 = {instancePath:instancePath+"/triton/compat",schemaPath:"#/definitions/Triton/properties/compat/enum",keyword:"enum",params:{allowedValues: schema28.properties.compat.enum},message:"must be equal to one of the allowed values",schema:schema28.properties.compat.enum,parentSchema:schema28.properties.compat,data:data18};
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
else {
const err46 = {instancePath:instancePath+"/triton",schemaPath:"#/definitions/Triton/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema28.type,parentSchema:schema28,data:data11};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
if(data.benchmark !== undefined){
let data19 = data.benchmark;
if(data19 && typeof data19 == "object" && !Array.isArray(data19)){
for(const key8 in data19){
if(!(((((key8 === "shapes") || (key8 === "warmup")) || (key8 === "runs")) || (key8 === "minSeconds")) || (key8 === "threads"))){
const err47 = {instancePath:instancePath+"/benchmark",schemaPath:"#/definitions/Benchmark/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key8},message:"must NOT have additional properties",schema:false,parentSchema:schema29,data:data19};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data19.shapes !== undefined){
let data20 = data19.shapes;
if(Array.isArray(data20)){
if(data20.length < 1){
const err48 = {instancePath:instancePath+"/benchmark/shapes",schemaPath:"#/definitions/Benchmark/properties/shapes/minItems",keyword:"minItems",params:{limit: 1},message:"must NOT have fewer than 1 items",schema:1,parentSchema:schema29.properties.shapes,data:data20};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
const len2 = data20.length;
for(let i4=0; i4<len2; i4++){
let data21 = data20[i4];
if(Array.isArray(data21)){
if(data21.length > 2){
const err49 = {instancePath:instancePath+"/benchmark/shapes/" + i4,schemaPath:"#/definitions/Benchmark/properties/shapes/items/maxItems",keyword:"maxItems",params:{limit: 2},message:"must NOT have more than 2 items",schema:2,parentSchema:schema29.properties.shapes.items,data:data21};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
if(data21.length < 2){
const err50 = {instancePath:instancePath+"/benchmark/shapes/" + i4,schemaPath:"#/definitions/Benchmark/properties/shapes/items/minItems",keyword:"minItems",params:{limit: 2},message:"must NOT have fewer than 2 items",schema:2,parentSchema:schema29.properties.shapes.items,data:data21};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
const len3 = data21.length;
for(let i5=0; i5<len3; i5++){
let data22 = data21[i5];
if(!(((typeof data22 == "number") && (!(data22 % 1) && !isNaN(data22))) && (isFinite(data22)))){
const err51 = {instancePath:instancePath+"/benchmark/shapes/" + i4+"/" + i5,schemaPath:"#/definitions/Benchmark/properties/shapes/items/items/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema29.properties.shapes.items.items.type,parentSchema:schema29.properties.shapes.items.items,data:data22};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
if((typeof data22 == "number") && (isFinite(data22))){
if(data22 < 1 || isNaN(data22)){
const err52 = {instancePath:instancePath+"/benchmark/shapes/" + i4+"/" + i5,schemaPath:"#/definitions/Benchmark/properties/shapes/items/items/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema29.properties.shapes.items.items,data:data22};
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
else {
const err53 = {instancePath:instancePath+"/benchmark/shapes/" + i4,schemaPath:"#/definitions/Benchmark/properties/shapes/items/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema29.properties.shapes.items.type,parentSchema:schema29.properties.shapes.items,data:data21};
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
else {
const err54 = {instancePath:instancePath+"/benchmark/shapes",schemaPath:"#/definitions/Benchmark/properties/shapes/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema29.properties.shapes.type,parentSchema:schema29.properties.shapes,data:data20};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
if(data19.warmup !== undefined){
let data23 = data19.warmup;
if(!(((typeof data23 == "number") && (!(data23 % 1) && !isNaN(data23))) && (isFinite(data23)))){
const err55 = {instancePath:instancePath+"/benchmark/warmup",schemaPath:"#/definitions/Benchmark/properties/warmup/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema29.properties.warmup.type,parentSchema:schema29.properties.warmup,data:data23};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
if((typeof data23 == "number") && (isFinite(data23))){
if(data23 < 0 || isNaN(data23)){
const err56 = {instancePath:instancePath+"/benchmark/warmup",schemaPath:"#/definitions/Benchmark/properties/warmup/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema29.properties.warmup,data:data23};
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
if(data19.runs !== undefined){
let data24 = data19.runs;
if(!(((typeof data24 == "number") && (!(data24 % 1) && !isNaN(data24))) && (isFinite(data24)))){
const err57 = {instancePath:instancePath+"/benchmark/runs",schemaPath:"#/definitions/Benchmark/properties/runs/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema29.properties.runs.type,parentSchema:schema29.properties.runs,data:data24};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
if((typeof data24 == "number") && (isFinite(data24))){
if(data24 < 1 || isNaN(data24)){
const err58 = {instancePath:instancePath+"/benchmark/runs",schemaPath:"#/definitions/Benchmark/properties/runs/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema29.properties.runs,data:data24};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
}
if(data19.minSeconds !== undefined){
let data25 = data19.minSeconds;
if((typeof data25 == "number") && (isFinite(data25))){
if(data25 > 3600 || isNaN(data25)){
const err59 = {instancePath:instancePath+"/benchmark/minSeconds",schemaPath:"#/definitions/Benchmark/properties/minSeconds/maximum",keyword:"maximum",params:{comparison: "<=", limit: 3600},message:"must be <= 3600",schema:3600,parentSchema:schema29.properties.minSeconds,data:data25};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
if(data25 < 0 || isNaN(data25)){
const err60 = {instancePath:instancePath+"/benchmark/minSeconds",schemaPath:"#/definitions/Benchmark/properties/minSeconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema29.properties.minSeconds,data:data25};
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
const err61 = {instancePath:instancePath+"/benchmark/minSeconds",schemaPath:"#/definitions/Benchmark/properties/minSeconds/type",keyword:"type",params:{type: "number"},message:"must be number",schema:schema29.properties.minSeconds.type,parentSchema:schema29.properties.minSeconds,data:data25};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
if(data19.threads !== undefined){
let data26 = data19.threads;
if(!(((typeof data26 == "number") && (!(data26 % 1) && !isNaN(data26))) && (isFinite(data26)))){
const err62 = {instancePath:instancePath+"/benchmark/threads",schemaPath:"#/definitions/Benchmark/properties/threads/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema29.properties.threads.type,parentSchema:schema29.properties.threads,data:data26};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
if((typeof data26 == "number") && (isFinite(data26))){
if(data26 < 1 || isNaN(data26)){
const err63 = {instancePath:instancePath+"/benchmark/threads",schemaPath:"#/definitions/Benchmark/properties/threads/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema29.properties.threads,data:data26};
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
}
else {
const err64 = {instancePath:instancePath+"/benchmark",schemaPath:"#/definitions/Benchmark/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema29.type,parentSchema:schema29,data:data19};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
}
if(data.validation !== undefined){
let data27 = data.validation;
if(data27 && typeof data27 == "object" && !Array.isArray(data27)){
for(const key9 in data27){
if(!((key9 === "samples") || (key9 === "seed"))){
const err65 = {instancePath:instancePath+"/validation",schemaPath:"#/definitions/Validation/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key9},message:"must NOT have additional properties",schema:false,parentSchema:schema30,data:data27};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
}
if(data27.samples !== undefined){
let data28 = data27.samples;
if(!(((typeof data28 == "number") && (!(data28 % 1) && !isNaN(data28))) && (isFinite(data28)))){
const err66 = {instancePath:instancePath+"/validation/samples",schemaPath:"#/definitions/Validation/properties/samples/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema30.properties.samples.type,parentSchema:schema30.properties.samples,data:data28};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
if((typeof data28 == "number") && (isFinite(data28))){
if(data28 < 1 || isNaN(data28)){
const err67 = {instancePath:instancePath+"/validation/samples",schemaPath:"#/definitions/Validation/properties/samples/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema30.properties.samples,data:data28};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
}
}
if(data27.seed !== undefined){
let data29 = data27.seed;
if(!(((typeof data29 == "number") && (!(data29 % 1) && !isNaN(data29))) && (isFinite(data29)))){
const err68 = {instancePath:instancePath+"/validation/seed",schemaPath:"#/definitions/Validation/properties/seed/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema30.properties.seed.type,parentSchema:schema30.properties.seed,data:data29};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
if((typeof data29 == "number") && (isFinite(data29))){
if(data29 < 0 || isNaN(data29)){
const err69 = {instancePath:instancePath+"/validation/seed",schemaPath:"#/definitions/Validation/properties/seed/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema30.properties.seed,data:data29};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
}
}
}
else {
const err70 = {instancePath:instancePath+"/validation",schemaPath:"#/definitions/Validation/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema30.type,parentSchema:schema30,data:data27};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
}
if(data.cache !== undefined){
let data30 = data.cache;
if(data30 && typeof data30 == "object" && !Array.isArray(data30)){
for(const key10 in data30){
if(!(((key10 === "directory") || (key10 === "maxSize")) || (key10 === "remote"))){
const err71 = {instancePath:instancePath+"/cache",schemaPath:"#/definitions/Cache/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key10},message:"must NOT have additional properties",schema:false,parentSchema:schema31,data:data30};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
if(data30.directory !== undefined){
let data31 = data30.directory;
if(typeof data31 === "string"){
if(!pattern6.test(data31)){
const err72 = {instancePath:instancePath+"/cache/directory",schemaPath:"#/definitions/Cache/properties/directory/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\"",schema:".",parentSchema:schema31.properties.directory,data:data31};
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
const err73 = {instancePath:instancePath+"/cache/directory",schemaPath:"#/definitions/Cache/properties/directory/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.directory.type,parentSchema:schema31.properties.directory,data:data31};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
}
if(data30.maxSize !== undefined){
let data32 = data30.maxSize;
if(typeof data32 === "string"){
if(!pattern12.test(data32)){
const err74 = {instancePath:instancePath+"/cache/maxSize",schemaPath:"#/definitions/Cache/properties/maxSize/pattern",keyword:"pattern",params:{pattern: "^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$"},message:"must match pattern \""+"^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$"+"\"",schema:"^[0-9]+(\\.[0-9]+)? ?(MB|GB|TB)$",parentSchema:schema31.properties.maxSize,data:data32};
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
const err75 = {instancePath:instancePath+"/cache/maxSize",schemaPath:"#/definitions/Cache/properties/maxSize/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.maxSize.type,parentSchema:schema31.properties.maxSize,data:data32};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
}
if(data30.remote !== undefined){
let data33 = data30.remote;
if(data33 && typeof data33 == "object" && !Array.isArray(data33)){
if(data33.url === undefined){
const err76 = {instancePath:instancePath+"/cache/remote",schemaPath:"#/definitions/Cache/properties/remote/required",keyword:"required",params:{missingProperty: "url"},message:"must have required property '"+"url"+"'",schema:schema31.properties.remote.required,parentSchema:schema31.properties.remote,data:data33};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
for(const key11 in data33){
if(!((key11 === "url") || (key11 === "token"))){
const err77 = {instancePath:instancePath+"/cache/remote",schemaPath:"#/definitions/Cache/properties/remote/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key11},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.remote,data:data33};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
}
if(data33.url !== undefined){
let data34 = data33.url;
if(typeof data34 === "string"){
if(!pattern13.test(data34)){
const err78 = {instancePath:instancePath+"/cache/remote/url",schemaPath:"#/definitions/Cache/properties/remote/properties/url/pattern",keyword:"pattern",params:{pattern: "^https?://[^\\s@]+$"},message:"must match pattern \""+"^https?://[^\\s@]+$"+"\"",schema:"^https?://[^\\s@]+$",parentSchema:schema31.properties.remote.properties.url,data:data34};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
}
else {
const err79 = {instancePath:instancePath+"/cache/remote/url",schemaPath:"#/definitions/Cache/properties/remote/properties/url/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.remote.properties.url.type,parentSchema:schema31.properties.remote.properties.url,data:data34};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
}
if(data33.token !== undefined){
let data35 = data33.token;
if(data35 && typeof data35 == "object" && !Array.isArray(data35)){
if(data35.env === undefined){
const err80 = {instancePath:instancePath+"/cache/remote/token",schemaPath:"#/definitions/Cache/properties/remote/properties/token/required",keyword:"required",params:{missingProperty: "env"},message:"must have required property '"+"env"+"'",schema:schema31.properties.remote.properties.token.required,parentSchema:schema31.properties.remote.properties.token,data:data35};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
for(const key12 in data35){
if(!(key12 === "env")){
const err81 = {instancePath:instancePath+"/cache/remote/token",schemaPath:"#/definitions/Cache/properties/remote/properties/token/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key12},message:"must NOT have additional properties",schema:false,parentSchema:schema31.properties.remote.properties.token,data:data35};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
}
if(data35.env !== undefined){
let data36 = data35.env;
if(typeof data36 === "string"){
if(!pattern14.test(data36)){
const err82 = {instancePath:instancePath+"/cache/remote/token/env",schemaPath:"#/definitions/Cache/properties/remote/properties/token/properties/env/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z_][A-Za-z0-9_]*$"},message:"must match pattern \""+"^[A-Za-z_][A-Za-z0-9_]*$"+"\"",schema:"^[A-Za-z_][A-Za-z0-9_]*$",parentSchema:schema31.properties.remote.properties.token.properties.env,data:data36};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
}
else {
const err83 = {instancePath:instancePath+"/cache/remote/token/env",schemaPath:"#/definitions/Cache/properties/remote/properties/token/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.properties.remote.properties.token.properties.env.type,parentSchema:schema31.properties.remote.properties.token.properties.env,data:data36};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
}
}
else {
const err84 = {instancePath:instancePath+"/cache/remote/token",schemaPath:"#/definitions/Cache/properties/remote/properties/token/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.remote.properties.token.type,parentSchema:schema31.properties.remote.properties.token,data:data35};
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
else {
const err85 = {instancePath:instancePath+"/cache/remote",schemaPath:"#/definitions/Cache/properties/remote/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.properties.remote.type,parentSchema:schema31.properties.remote,data:data33};
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
const err86 = {instancePath:instancePath+"/cache",schemaPath:"#/definitions/Cache/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.type,parentSchema:schema31,data:data30};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
}
if(data.architectures !== undefined){
let data37 = data.architectures;
if(Array.isArray(data37)){
const len4 = data37.length;
for(let i6=0; i6<len4; i6++){
let data38 = data37[i6];
if(typeof data38 === "string"){
if(!pattern6.test(data38)){
const err87 = {instancePath:instancePath+"/architectures/" + i6,schemaPath:"#/properties/architectures/items/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\"",schema:".",parentSchema:schema11.properties.architectures.items,data:data38};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
}
else {
const err88 = {instancePath:instancePath+"/architectures/" + i6,schemaPath:"#/properties/architectures/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema11.properties.architectures.items.type,parentSchema:schema11.properties.architectures.items,data:data38};
if(vErrors === null){
vErrors = [err88];
}
else {
vErrors.push(err88);
}
errors++;
}
}
let i7 = data37.length;
let j2;
if(i7 > 1){
const indices2 = {};
for(;i7--;){
let item2 = data37[i7];
if(typeof item2 !== "string"){
continue;
}
if(typeof indices2[item2] == "number"){
j2 = indices2[item2];
const err89 = {instancePath:instancePath+"/architectures",schemaPath:"#/properties/architectures/uniqueItems",keyword:"uniqueItems",params:{i: i7, j: j2},message:"must NOT have duplicate items (items ## "+j2+" and "+i7+" are identical)",schema:true,parentSchema:schema11.properties.architectures,data:data37};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
break;
}
indices2[item2] = i7;
}
}
}
else {
const err90 = {instancePath:instancePath+"/architectures",schemaPath:"#/properties/architectures/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema11.properties.architectures.type,parentSchema:schema11.properties.architectures,data:data37};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
}
if(data.outDir !== undefined){
let data39 = data.outDir;
if(typeof data39 === "string"){
if(!pattern6.test(data39)){
const err91 = {instancePath:instancePath+"/outDir",schemaPath:"#/properties/outDir/pattern",keyword:"pattern",params:{pattern: "."},message:"must match pattern \""+"."+"\"",schema:".",parentSchema:schema11.properties.outDir,data:data39};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
}
else {
const err92 = {instancePath:instancePath+"/outDir",schemaPath:"#/properties/outDir/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema11.properties.outDir.type,parentSchema:schema11.properties.outDir,data:data39};
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
else {
const err93 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema11.type,parentSchema:schema11,data};
if(vErrors === null){
vErrors = [err93];
}
else {
vErrors.push(err93);
}
errors++;
}
validate10.errors = vErrors;
return errors === 0;
}
