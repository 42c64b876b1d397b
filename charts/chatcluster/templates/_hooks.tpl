{{/* The start of each hook's annotations. Usage: include "chatcluster.hook" (list "pre-upgrade" "-10") */}}
{{- define "chatcluster.hook" -}}
helm.sh/hook: {{ index . 0 }}
helm.sh/hook-weight: {{ index . 1 | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{/* The Pod of a hook's Job. Usage: include "chatcluster.hookPod" (dict "root" . "name" … "args" (list …) "configMap" …) */}}
{{- define "chatcluster.hookPod" -}}
metadata:
  labels:
    {{- include "chatcluster.labels" (list .root "hook") | nindent 4 }}
spec:
  restartPolicy: Never
  serviceAccountName: {{ .name }}
  automountServiceAccountToken: true
  enableServiceLinks: false
  {{- with .root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.operator.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.operator.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- include "chatcluster.podSecurity" .root | nindent 4 }}
  containers:
    - name: hook
      image: {{ include "chatcluster.image" .root }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      command: [node, bin/chart-hooks.js]
      args:
        {{- toYaml .args | nindent 8 }}
      resources:
        requests:
          cpu: 50m
          memory: 64Mi
        limits:
          memory: 256Mi
      securityContext:
        {{- include "chatcluster.containerSecurity" .root | nindent 8 }}
      {{- with .configMap }}
      volumeMounts:
        - name: files
          mountPath: /files
          readOnly: true
      {{- end }}
  {{- with .configMap }}
  volumes:
    - name: files
      configMap:
        name: {{ . }}
  {{- end }}
{{- end }}
