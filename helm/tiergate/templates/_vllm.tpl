{{/* How vLLM is started: the same words as `tiergate render vllm`, which a test compares. */}}

{{- define "tiergate.hardware" -}}
t4: {dtype: half, memory: "0.9", max_num_seqs: 64, max_num_batched_tokens: 2048}
gpu: {dtype: auto, memory: "0.9", max_num_seqs: 256}
cpu: {dtype: half, kv: "1073741824", max_num_seqs: 16, eager: true}
{{- end }}

{{/* The names that a server answers to: the models of its tiers, then the aliases. */}}
{{- define "tiergate.servedNames" -}}
{{- $names := list -}}
{{- range include "tiergate.tiers" .root | fromYamlArray }}{{ if eq .server $.tier.name }}{{ $names = append $names .model }}{{ end }}{{ end -}}
{{- if not (eq (toString .tier.config.serves_aliases) "false") -}}
{{-   $names = concat $names (include "tiergate.document" .root | fromYaml).models.aliases -}}
{{- end -}}
{{- toYaml $names -}}
{{- end }}

{{- define "tiergate.vllmArgs" -}}
{{- $own := .tier.config.vllm | default dict -}}
{{- $kind := get (include "tiergate.hardware" . | fromYaml) .tier.hardware -}}
{{- $args := concat (list "--model" .tier.loaded "--served-model-name") (include "tiergate.servedNames" . | fromYamlArray) -}}
{{- $args = concat $args (list "--host" "0.0.0.0" "--port" "8000") -}}
{{- $args = concat $args (list "--max-model-len" (.tier.config.max_model_len | default 32768 | int | toString)) -}}
{{- $args = concat $args (list "--dtype" ($own.dtype | default $kind.dtype)) -}}
{{- if $own.kv_cache_gib -}}
{{-   $args = concat $args (list "--kv-cache-memory-bytes" (mulf $own.kv_cache_gib 1073741824 | int64 | toString)) -}}
{{- else if $own.gpu_memory_utilization -}}
{{-   $args = concat $args (list "--gpu-memory-utilization" (toString $own.gpu_memory_utilization)) -}}
{{- else if $kind.kv -}}
{{-   $args = concat $args (list "--kv-cache-memory-bytes" $kind.kv) -}}
{{- else -}}
{{-   $args = concat $args (list "--gpu-memory-utilization" $kind.memory) -}}
{{- end -}}
{{- $args = concat $args (list "--max-num-seqs" ($own.max_num_seqs | default $kind.max_num_seqs | int | toString)) -}}
{{- with $own.max_num_batched_tokens | default $kind.max_num_batched_tokens }}{{ $args = concat $args (list "--max-num-batched-tokens" (int . | toString)) }}{{ end -}}
{{- with $own.max_num_queued_reqs }}{{ $args = concat $args (list "--max-num-queued-reqs" (int . | toString)) }}{{ end -}}
{{- if gt (int ($own.tensor_parallel_size | default 1)) 1 }}{{ $args = concat $args (list "--tensor-parallel-size" (int $own.tensor_parallel_size | toString)) }}{{ end -}}
{{- $args = concat $args (list "--enable-force-include-usage" "--enable-prompt-tokens-details" "--enable-prefix-caching" "--disable-uvicorn-access-log" "--no-enable-log-requests") -}}
{{- with $own.tool_call_parser }}{{ $args = concat $args (list "--enable-auto-tool-choice" "--tool-call-parser" .) }}{{ end -}}
{{- with $own.reasoning_parser }}{{ $args = concat $args (list "--reasoning-parser" .) }}{{ end -}}
{{- with $own.chat_template }}{{ $args = concat $args (list "--chat-template" .) }}{{ end -}}
{{- if $kind.eager }}{{ $args = append $args "--enforce-eager" }}{{ end -}}
{{- range $name, $value := $own.flags | default dict -}}
{{-   $whole := and (kindIs "float64" $value) (eq (toString $value) (int64 $value | float64 | toString)) -}}
{{-   if kindIs "bool" $value }}{{ $args = append $args (printf "--%s%s" ($value | ternary "" "no-") $name) }}{{ else }}{{ $args = concat $args (list (printf "--%s" $name) ($whole | ternary (int64 $value) $value | toString)) }}{{ end -}}
{{- end -}}
{{- toYaml $args -}}
{{- end }}

{{- define "tiergate.simArgs" -}}
{{- $args := concat (list "sim" "--host" "0.0.0.0" "--port" "8000" "--served-model-name") (include "tiergate.servedNames" . | fromYamlArray) -}}
{{- $args = concat $args (list "--profile" (.tier.config.profile | default "instant")) -}}
{{- $args = concat $args (list "--max-model-len" (.tier.config.max_model_len | default 32768 | int | toString) "--enable-force-include-usage") -}}
{{- toYaml $args -}}
{{- end }}

{{/* Folders that vLLM and its libraries write to: the root file system is read-only. */}}
{{- define "tiergate.vllmEnv" -}}
- {name: VLLM_NO_USAGE_STATS, value: "1"}
- {name: DO_NOT_TRACK, value: "1"}
{{- range $name, $value := (.tier.config.vllm | default dict).env | default dict }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
- {name: HOME, value: /cache}
- {name: XDG_CACHE_HOME, value: /cache}
- {name: TRITON_CACHE_DIR, value: /cache/triton}
- {name: TORCHINDUCTOR_CACHE_DIR, value: /cache/inductor}
# Libraries ask who runs them, and the user has no entry in the image.
- {name: USER, value: tiergate}
{{- end }}
