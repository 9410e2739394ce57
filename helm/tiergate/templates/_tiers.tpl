{{/*
The tiers with their defaults and what follows from them, as a list of dicts with, besides the
values: `server` (the tier whose pods answer), `owns` (whether these are its own), `service` and
`host` (of those pods), `source` (what is downloaded) and `loaded` (what vLLM loads).
*/}}
{{- define "tiergate.tiers" -}}
{{- $root := . -}}
{{- $named := dict -}}
{{- range .Values.tiers -}}
{{-   if hasKey $named .name }}{{ fail (printf "tiers: %s stands twice: each tier needs a name of its own" .name) }}{{ end -}}
{{-   $_ := set $named .name (mustMergeOverwrite (deepCopy $root.Values.tierDefaults) (deepCopy .)) -}}
{{- end -}}
{{- $tiers := list -}}
{{- range .Values.tiers -}}
{{-   $tier := get $named .name -}}
{{-   $server := $tier.sharesServerOf | default .name -}}
{{-   $owner := get $named $server | default (dict "sharesServerOf" "nobody") -}}
{{-   if $owner.sharesServerOf }}{{ if $tier.sharesServerOf }}{{ fail (printf "tiers: %s has sharesServerOf: %s, which is no tier with a server of its own" .name $server) }}{{ end }}{{ end -}}
{{-   $_ := set $tier "owns" (eq $server .name) -}}
{{-   $_ := set $tier "server" $server -}}
{{-   $_ := set $tier "service" (printf "%s-%s" $root.Release.Name $server) -}}
{{-   $_ := set $tier "host" (include "tiergate.host" (dict "root" $root "name" $tier.service)) -}}
{{-   $_ := set $tier "source" ($owner.config.weights | default $owner.model) -}}
{{-   if and (eq $owner.engine "vllm") (ne $owner.storage.type "engine") -}}
{{-     $folder := has $owner.storage.type (list "claim" "fsx") | ternary ($owner.storage.path | default $owner.model) $server -}}
{{-     $_ := set $tier "loaded" (printf "/models/%s" $folder) -}}
{{-   else -}}
{{-     $_ := set $tier "loaded" $tier.source -}}
{{-   end -}}
{{-   $tiers = append $tiers $tier -}}
{{- end -}}
{{- toYaml $tiers -}}
{{- end }}

{{/* The tiers' part of the config document. */}}
{{- define "tiergate.tierSections" -}}
{{- $sections := list -}}
{{- range include "tiergate.tiers" . | fromYamlArray -}}
{{-   $own := dict "name" .name "model" .model "endpoints" (list (printf "%s:8000" .host)) -}}
{{-   if ne .loaded .model }}{{ $_ := set $own "weights" .loaded }}{{ end -}}
{{-   $sections = append $sections (mustMergeOverwrite (deepCopy .config) $own) -}}
{{- end -}}
{{- toYaml $sections -}}
{{- end }}
