{{- define "chatcluster.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* At most 40 characters: what is put behind it must leave a DNS label. */}}
{{- define "chatcluster.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "chatcluster.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "chatcluster.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "chatcluster.operator" -}}
{{ include "chatcluster.fullname" . }}-operator
{{- end }}

{{/* Of objects that aren't in a namespace: two releases of the same name may stand in two namespaces. */}}
{{- define "chatcluster.clusterWide" -}}
{{ .Release.Namespace }}-{{ include "chatcluster.operator" . }}
{{- end }}

{{- define "chatcluster.valkey" -}}
{{ include "chatcluster.fullname" . }}-valkey
{{- end }}

{{- define "chatcluster.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ default (include "chatcluster.operator" .) .Values.serviceAccount.name }}
{{- else -}}
{{ required "serviceAccount.name: with serviceAccount.create false, name the ServiceAccount that the operator runs as" .Values.serviceAccount.name }}
{{- end -}}
{{- end }}

{{/* Usage: include "chatcluster.labels" (list . "operator") */}}
{{- define "chatcluster.labels" -}}
{{- $root := index . 0 -}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "chatcluster.selectorLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/part-of: chatcluster
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "chatcluster.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "chatcluster.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "chatcluster.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* What every container of ours may: nothing. */}}
{{- define "chatcluster.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "chatcluster.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* Namespaces that Roles and NetworkPolicies are for, as a JSON list: those watched, or where all are watched the given ones and the release's own. */}}
{{- define "chatcluster.gatewayNamespaces" -}}
{{- if .Values.watch.namespaces -}}
{{ .Values.watch.namespaces | uniq | toJson }}
{{- else -}}
{{ append .Values.networkPolicy.gatewayNamespaces .Release.Namespace | uniq | toJson }}
{{- end -}}
{{- end }}

{{/* Whole seconds of "90s", "10m" or "1h". */}}
{{- define "chatcluster.seconds" -}}
{{- $factors := dict "s" 1 "m" 60 "h" 3600 -}}
{{- $unit := . | trunc -1 -}}
{{ mul (trimSuffix $unit . | int) (get $factors $unit) }}
{{- end }}
