{{/* The config document: what the chart derives, with `config` laid over it. */}}
{{- define "tiergate.document" -}}
{{- $router := .Values.router -}}
{{- $server := dict "listen" "0.0.0.0:9002" "services" "0.0.0.0:9004" "admin" "0.0.0.0:9003" "transport" $router.transport "workers" (int $router.workers) "drain_seconds" $router.drainSeconds -}}
{{- $first := first .Values.tiers -}}
{{- $document := dict "tiers" (include "tiergate.tierSections" . | fromYamlArray) "default_tier" $first.name "server" $server "models" (dict "aliases" (list "auto" "tiergate/auto")) -}}
{{- if not (hasKey .Values.config "policy") -}}
{{-   $shipped := .Files.Get "files/default.yaml" | fromYaml -}}
{{-   $document = mustMergeOverwrite $document (pick $shipped "policy" "signals") -}}
{{- end -}}
{{- $redis := include "tiergate.redis.url" . -}}
{{- if $redis }}{{ $_ := set $document "state" (dict "redis" (include "tiergate.redis.section" . | fromYaml)) }}{{ end -}}
{{- if hasKey .Values.config "fleet" -}}
{{-   $services := dict -}}
{{-   range include "tiergate.tiers" . | fromYamlArray }}{{ $_ := set $services .name .service }}{{ end -}}
{{-   $_ := set $document "fleet" (dict "kubernetes" (dict "services" $services)) -}}
{{- end -}}
{{- toYaml (mustMergeOverwrite $document (deepCopy .Values.config)) -}}
{{- end }}

{{/* What a running router cannot take up: a change of it starts new pods, any other is read again. */}}
{{- define "tiergate.checksum" -}}
{{- omit (include "tiergate.document" . | fromYaml) "policy" "signals" "models" | toJson | sha256sum -}}
{{- end }}

{{/* Where the router takes health and access logs: its one port, unless it has others besides. */}}
{{- define "tiergate.servicesPort" -}}
{{- if and (eq .Values.router.transport "grpc") (eq (int .Values.router.workers) 1) }}9002{{ else }}9004{{ end -}}
{{- end }}

{{- define "tiergate.redis.url" -}}
{{- if .Values.redis.enabled -}}
{{ empty .Values.redis.tls.existingSecret | ternary "redis" "rediss" }}://{{ include "tiergate.host" (dict "root" . "name" (printf "%s-redis" .Release.Name)) }}:6379/0
{{- else -}}
{{ .Values.redis.external.url }}
{{- end -}}
{{- end }}

{{- define "tiergate.redis.section" -}}
url: {{ include "tiergate.redis.url" . | quote }}
{{- end }}

{{/* The secret with Redis' password as `name` and `key`, or nothing. */}}
{{- define "tiergate.redis.secret" -}}
{{- $redis := .Values.redis -}}
{{- if $redis.enabled -}}
name: {{ $redis.auth.existingSecret }}
key: {{ $redis.auth.key }}
{{- else if $redis.external.existingSecret -}}
name: {{ $redis.external.existingSecret }}
key: {{ $redis.external.key }}
{{- end -}}
{{- end }}

{{/* The secret with the certificate to believe of Redis, or nothing. */}}
{{- define "tiergate.redis.ca" -}}
{{- .Values.redis.enabled | ternary .Values.redis.tls.existingSecret .Values.redis.external.caSecret -}}
{{- end }}
