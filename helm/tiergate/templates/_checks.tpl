{{/* What the schema cannot say: values that contradict each other, each with what to write. */}}
{{- define "tiergate.checks" -}}
{{- $values := .Values -}}
{{- $names := list -}}
{{- range include "tiergate.tiers" . | fromYamlArray -}}
{{-   $names = append $names .name -}}
{{-   if has .name (list "router" "router-workers" "redis" "config" "gateway" "test" "deny" (printf "gateway-%s" $values.istio.gateway.className)) }}{{ fail (printf "tiers: %s is the name of another part of the release: call the tier something else" .name) }}{{ end -}}
{{-   if gt (len .service) 52 }}{{ fail (printf "tiers: %s is too long a name for Kubernetes: call the release or the tier something shorter, 52 letters in all" .service) }}{{ end -}}
{{-   if and .autoscaling.enabled (gt (int .autoscaling.minReplicas) (int .autoscaling.maxReplicas)) }}{{ fail (printf "tiers: %s has autoscaling.minReplicas above maxReplicas" .name) }}{{ end -}}
{{-   if and .owns (eq .engine "vllm") -}}
{{-     if and (eq .storage.type "claim") (not .storage.claim) }}{{ fail (printf "tiers: %s has storage.type claim and no claim: write storage.claim" .name) }}{{ end -}}
{{-     if and (eq .storage.type "fsx") (not (and .storage.fsx.fileSystemId .storage.fsx.dnsName .storage.fsx.mountName)) }}{{ fail (printf "tiers: %s has storage.type fsx: write storage.fsx.fileSystemId, dnsName and mountName" .name) }}{{ end -}}
{{-     if ne (int .gpus) (int ((.config.vllm | default dict).tensor_parallel_size | default 1)) -}}
{{-       if ne .hardware "cpu" }}{{ fail (printf "tiers: %s has %d gpus and tensor_parallel_size %d: write the same for both" .name (int .gpus) (int ((.config.vllm | default dict).tensor_parallel_size | default 1))) }}{{ end -}}
{{-     end -}}
{{-   end -}}
{{-   if and .sharesServerOf .config.weights (ne .config.weights .source) }}{{ fail (printf "tiers: %s shares the server of %s and has other weights: leave config.weights to that tier" .name .sharesServerOf) }}{{ end -}}
{{-   $tier := . -}}
{{-   range $key, $where := dict "name" "name" "model" "model" "endpoints" "the Service" -}}
{{-     if hasKey $tier.config $key }}{{ fail (printf "tiers: %s has config.%s, which follows from %s: leave it out of config" $tier.name $key $where) }}{{ end -}}
{{-   end -}}
{{-   if .inferencePool.enabled -}}
{{-     if ne $values.istio.api "gateway" }}{{ fail (printf "tiers: %s has an inferencePool, which a VirtualService cannot lead to: write istio.api: gateway" .name) }}{{ end -}}
{{-     if not .inferencePool.endpointPicker.name }}{{ fail (printf "tiers: %s has an inferencePool and nobody to pick: write inferencePool.endpointPicker.name, the picker's service" .name) }}{{ end -}}
{{-   end -}}
{{- end -}}
{{- range list "server" "tiers" "gateway" -}}
{{-   if hasKey $values.config . -}}
{{-     if eq . "tiers" }}{{ fail "config.tiers: tiers are the chart's: write them under tiers, and more of a tier's section under tiers[].config" }}{{ end -}}
{{-     if eq . "server" -}}
{{-       range $key, $where := dict "listen" "the Service" "services" "the Service" "admin" "the Service" "transport" "router.transport" "workers" "router.workers" "drain_seconds" "router.drainSeconds" -}}
{{-         if hasKey $values.config.server $key }}{{ fail (printf "config.server.%s follows from %s: leave it out of config" $key $where) }}{{ end -}}
{{-       end -}}
{{-     end -}}
{{-   end -}}
{{- end -}}
{{- if and $values.config.default_tier (not (has $values.config.default_tier $names)) }}{{ fail (printf "config.default_tier: no tier is called %s; there are: %s" $values.config.default_tier (join ", " $names)) }}{{ end -}}
{{- if not (hasKey $values.config "policy") -}}
{{-   if not (and (has "fast" $names) (has "reasoning" $names)) }}{{ fail (printf "config.policy: the shipped policy asks for tiers called fast and reasoning, and there are: %s; write a policy (docs/policies.md)" (join ", " $names)) }}{{ end -}}
{{- end -}}
{{- with $values.router.autoscaling }}{{ if gt (int .minReplicas) (int .maxReplicas) }}{{ fail (printf "router.autoscaling: minReplicas %d is above maxReplicas %d" (int .minReplicas) (int .maxReplicas)) }}{{ end }}{{ end -}}
{{- if and $values.redis.enabled $values.redis.external.url }}{{ fail "redis: enabled and external.url are both set: write one of them" }}{{ end -}}
{{- if and $values.redis.enabled (not $values.redis.auth.existingSecret) }}{{ fail "redis: the chart's own Redis needs a password: write redis.auth.existingSecret, a secret with the key redis.auth.key" }}{{ end -}}
{{- with ($values.config.state | default dict).redis -}}
{{-   if hasKey . "url" }}{{ fail "config.state.redis.url follows from redis, as do the password and the network policy: write redis.external.url" }}{{ end -}}
{{-   if not (include "tiergate.redis.url" $) }}{{ fail "config.state.redis: there is no Redis: write redis.external.url, or redis.enabled: true" }}{{ end -}}
{{- end -}}
{{- if and $values.externalSecrets.enabled (not $values.externalSecrets.storeRef.name) }}{{ fail "externalSecrets: write storeRef.name, the store that secrets come from" }}{{ end -}}
{{- with $values.config.tenants }}{{ if and $values.istio.enabled .jwt }}{{ if not .jwt.jwks_url }}{{ fail "config.tenants.jwt: the mesh's proxies have no files of yours: write jwks_url" }}{{ end }}{{ end }}{{ end -}}
{{- range $values.istio.jwt }}{{ if .jwks }}{{ if not (hasKey (fromJson .jwks) "keys") }}{{ fail (printf "istio.jwt: jwks of %s is no key set: write {\"keys\": […]} as JSON, or jwksUri" .issuer) }}{{ end }}{{ end }}{{ end -}}
{{- with $values.istio.gateway }}{{ if and .tls.secretName .tls.httpToo (eq (int .port) 443) }}{{ fail "istio.gateway: port 443 is that of TLS: write another port beside it, or tls.httpToo: false" }}{{ end }}{{ end -}}
{{- if and $values.istio.enabled $values.istio.mtls (not $values.istio.injection) }}{{ fail "istio: mtls needs sidecars in the pods: write istio.injection: true, or istio.mtls: false" }}{{ end -}}
{{- end }}
