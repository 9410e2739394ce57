{{/* Names and labels. A dict of `root` (the chart's context) and `component` goes in where both are needed. */}}

{{- define "tiergate.labels" -}}
app.kubernetes.io/name: tiergate
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: tiergate
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "tiergate.selector" -}}
app.kubernetes.io/name: tiergate
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* A pod's labels: nothing that a new release of the chart changes, or every model would be loaded again. */}}
{{- define "tiergate.podLabels" -}}
{{ include "tiergate.selector" . }}
app.kubernetes.io/part-of: tiergate
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- if and .root.Values.istio.enabled .root.Values.istio.injection }}
sidecar.istio.io/inject: "true"
{{- end }}
{{- end }}

{{- define "tiergate.metadata" -}}
name: {{ .name | default (printf "%s-%s" .root.Release.Name .component) }}
namespace: {{ .namespace | default .root.Release.Namespace }}
labels:
  {{- include "tiergate.labels" . | nindent 2 }}
{{- end }}

{{/* `repository@digest` or `repository:tag`; of a dict of `image` and the `tag` to fall back on. */}}
{{- define "tiergate.image" -}}
{{- $tag := .image.tag | default .tag -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else if eq $tag "latest" -}}
{{- fail (printf "the image %s has the tag latest, which names another one every day: write a release, or a digest" .image.repository) -}}
{{- else -}}
{{ .image.repository }}:{{ required (printf "the image %s has no tag: write one, or a digest" .image.repository) $tag }}
{{- end -}}
{{- end }}

{{- define "tiergate.host" -}}
{{ .name }}.{{ .root.Release.Namespace }}.svc.{{ .root.Values.clusterDomain }}
{{- end }}

{{/* Istio's name of the cluster for a port of a host. */}}
{{- define "tiergate.cluster" -}}
outbound|{{ .port }}||{{ .host }}
{{- end }}
