{{/* Everything that Envoy is told comes from envoy/envoy.yaml, which `tiergate up` runs and the tests prove. */}}

{{- define "tiergate.gatewayNamespace" -}}
{{- eq .Values.istio.api "classic" | ternary .Values.istio.gateway.namespace .Release.Namespace -}}
{{- end }}

{{/* Which proxies an EnvoyFilter is for. */}}
{{- define "tiergate.gatewayWorkload" -}}
{{- if eq .Values.istio.api "classic" -}}
workloadSelector:
  labels:
    {{- toYaml .Values.istio.gateway.selector | nindent 4 }}
{{- else -}}
{{ include "tiergate.gatewayTarget" . }}
{{- end -}}
{{- end }}

{{- define "tiergate.gatewayTarget" -}}
targetRefs:
  - {group: gateway.networking.k8s.io, kind: Gateway, name: {{ .Release.Name }}-gateway}
{{- end }}

{{/* The same for policies of security. */}}
{{- define "tiergate.gatewaySelector" -}}
{{- if eq .Values.istio.api "classic" -}}
selector:
  matchLabels:
    {{- toYaml .Values.istio.gateway.selector | nindent 4 }}
{{- else -}}
{{ include "tiergate.gatewayTarget" . }}
{{- end -}}
{{- end }}

{{/* Whom router and tiers take requests from. */}}
{{- define "tiergate.gatewayPrincipal" -}}
{{- $account := eq .Values.istio.api "classic" | ternary .Values.istio.gateway.serviceAccount (printf "%s-gateway-%s" .Release.Name .Values.istio.gateway.className) -}}
{{ .Values.istio.trustDomain }}/ns/{{ include "tiergate.gatewayNamespace" . }}/sa/{{ $account }}
{{- end }}

{{- define "tiergate.routerPrincipal" -}}
{{ .Values.istio.trustDomain }}/ns/{{ .Release.Namespace }}/sa/{{ .Release.Name }}-router
{{- end }}

{{- define "tiergate.seconds" -}}
{{ . }}s
{{- end }}

{{/* The clusters of the router: of its pods, or with several workers of all of these. */}}
{{- define "tiergate.routerCluster" -}}
{{- $host := include "tiergate.host" (dict "root" . "name" (printf "%s-router" .Release.Name)) -}}
{{- if gt (int .Values.router.workers) 1 }}{{ $host = printf "workers.%s" $host }}{{ end -}}
{{- include "tiergate.cluster" (dict "port" "9002" "host" $host) -}}
{{- end }}

{{- define "tiergate.servicesCluster" -}}
{{- $host := include "tiergate.host" (dict "root" . "name" (printf "%s-router" .Release.Name)) -}}
{{- include "tiergate.cluster" (dict "port" (include "tiergate.servicesPort" .) "host" $host) -}}
{{- end }}

{{/* Text of YAML with the static bootstrap's clusters under Istio's names. */}}
{{- define "tiergate.inMesh" -}}
{{- .text | replace "cluster_name: tiergate_router" (printf "cluster_name: %s" (include "tiergate.routerCluster" .root | quote)) | replace "cluster_name: tiergate_services" (printf "cluster_name: %s" (include "tiergate.servicesCluster" .root | quote)) -}}
{{- end }}

{{- define "tiergate.maxBody" -}}
{{- (include "tiergate.document" . | fromYaml).server.max_body_bytes | default 8388608 | int64 -}}
{{- end }}

{{/* The tiers that may stand in for one, as a list of names: none without the aliases, none on the same server. */}}
{{- define "tiergate.standIns" -}}
{{- $tier := .tier -}}
{{- $others := list -}}
{{- if and (eq .root.Values.istio.failover "composite") (not $tier.inferencePool.enabled) (not (eq (toString $tier.config.serves_aliases) "false")) -}}
{{-   range include "tiergate.tiers" .root | fromYamlArray -}}
{{-     if and (ne .server $tier.server) (not .inferencePool.enabled) (not (eq (toString .config.serves_aliases) "false")) }}{{ $others = append $others .name }}{{ end -}}
{{-   end -}}
{{- end -}}
{{- toYaml $others -}}
{{- end }}

{{/* What the renderer adds for sections that a document may leave out. */}}
{{- define "tiergate.optional" -}}
{{- .Files.Get "files/optional.yaml" -}}
{{- end }}

{{/*
The routes that the proxy answers itself. With tenants nobody passes unchecked, so a request without a
verdict leads nowhere.
*/}}
{{- define "tiergate.answered" -}}
{{- $static := (include "tiergate.virtualHost" . | fromYaml).routes -}}
{{- $routes := list -}}
{{- if .Values.config.tenants -}}
{{-   $routes = append $routes (mustMergeOverwrite (omit (include "tiergate.named" (dict "among" $static "name" "default") | fromYaml) "route") (dict "direct_response" (dict "status" 503))) -}}
{{- end -}}
{{- range $static }}{{ if .direct_response }}{{ $routes = append $routes . }}{{ end }}{{ end -}}
{{- toYaml $routes -}}
{{- end }}

{{/* The tiers' routes in the order of matching: `name`, `tier`, `headers` (to match exactly), `standIns`. */}}
{{- define "tiergate.routes" -}}
{{- $root := . -}}
{{- $routes := list -}}
{{- $tiers := include "tiergate.tiers" . | fromYamlArray -}}
{{- $default := (include "tiergate.document" . | fromYaml).default_tier -}}
{{- range $tiers -}}
{{-   $others := include "tiergate.standIns" (dict "root" $root "tier" .) | fromYamlArray -}}
{{-   $routes = append $routes (dict "name" (printf "pinned-%s" .name) "tier" . "headers" (dict "x-tiergate-tier" .name "x-tiergate-pinned" "true") "standIns" list) -}}
{{-   $routes = append $routes (dict "name" .name "tier" . "headers" (dict "x-tiergate-tier" .name) "standIns" $others) -}}
{{- end -}}
{{- range $tiers -}}
{{-   if and (eq .name $default) (not $root.Values.config.tenants) }}{{ $routes = append $routes (dict "name" "default" "tier" . "headers" dict "standIns" (include "tiergate.standIns" (dict "root" $root "tier" .) | fromYamlArray)) }}{{ end -}}
{{- end -}}
{{- toYaml $routes -}}
{{- end }}

{{/*
The tier whose pod answered: the mesh writes `workload;namespace;…` at every endpoint. Where two tiers
have the same pods it is the one that was decided on.
*/}}
{{- define "tiergate.servedBy" -}}
{{- $tiers := include "tiergate.tiers" . | fromYamlArray -}}
{{- $decided := "metadata.filter_metadata['tiergate']['tier']" -}}
{{- $says := "'unknown'" -}}
{{- range $tiers -}}
{{-   if .owns -}}
{{-     $server := .name -}}
{{-     $names := list -}}
{{-     range $tiers }}{{ if eq .server $server }}{{ $names = append $names .name }}{{ end }}{{ end -}}
{{-     $who := printf "'%s'" .name -}}
{{-     if gt (len $names) 1 }}{{ $who = printf "(%s in ['%s'] ? %s : %s)" $decided (join "', '" $names) $decided $who }}{{ end -}}
{{-     $says = printf "xds.upstream_host_metadata.filter_metadata['istio']['workload'].startsWith('%s;') ? %s : %s" .service $who $says -}}
{{-   end -}}
{{- end -}}
%CEL({{ $says }})%
{{- end }}

{{/* The one of the static bootstrap's routes or clusters that has this name. */}}
{{- define "tiergate.named" -}}
{{- range .among }}{{ if eq .name $.name }}{{ toYaml . }}{{ end }}{{ end -}}
{{- end }}

{{- define "tiergate.virtualHost" -}}
{{- $listener := first (.Files.Get "files/envoy.yaml" | fromYaml).static_resources.listeners -}}
{{- toYaml (first (first (first $listener.filter_chains).filters).typed_config.route_config.virtual_hosts) -}}
{{- end }}
