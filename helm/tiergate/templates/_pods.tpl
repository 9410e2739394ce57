{{/* What every pod of the chart has in common: the restricted Pod Security Standard. */}}

{{- define "tiergate.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "tiergate.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* Annotations by which the mesh takes a pod in; `port` is where it has metrics, `drain` the seconds that it needs to end. */}}
{{- define "tiergate.meshAnnotations" -}}
{{- if and .root.Values.istio.enabled .root.Values.istio.injection -}}
# Metrics come through the sidecar's agent, since only it speaks without mTLS.
prometheus.io/scrape: "true"
prometheus.io/port: {{ .port | quote }}
prometheus.io/path: /metrics
# As a container that outlives the others and is there before the init containers.
sidecar.istio.io/nativeSidecar: "true"
proxy.istio.io/config: {{ dict "holdApplicationUntilProxyStarts" true "terminationDrainDuration" (printf "%ds" (int .drain)) | toJson | quote }}
{{- end -}}
{{- end }}

{{/* The end of a PodMonitor: through the sidecar's agent where there is one. */}}
{{- define "tiergate.metricsEndpoint" -}}
{{- if and .root.Values.istio.enabled .root.Values.istio.injection -}}
- portNumber: 15020
  path: /stats/prometheus
{{- else -}}
- port: {{ .port }}
  path: /metrics
{{- end }}
  interval: {{ .root.Values.monitoring.podMonitors.interval }}
{{- end }}
