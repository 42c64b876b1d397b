global
  maxconn {{ .haproxy.maxConnections }}
  nbthread {{ .haproxy.threads }}
  log stdout format raw local0 notice
  # When it is stopped (SIGUSR1) it takes connections for a while yet, as not everybody knows at once; then it keeps those that it has.
  grace {{ .grace }}s
  hard-stop-after {{ .haproxy.stopTimeout }}

defaults
  mode http
  log global
  retries 3
  # A gateway that has just gone is no reason to refuse a client.
  option redispatch 1
  timeout connect 2s
  timeout queue 5s
  timeout http-request 10s
  timeout http-keep-alive 75s
  # Longer than the longest poll (spec.gateway.pollTimeout) and the longest time between two pings (spec.gateway.heartbeat): gateways and clients find dead peers themselves.
  timeout client 11m
  timeout server 11m
  timeout tunnel 1h
  timeout client-fin 30s
  timeout server-fin 30s

resolvers cluster
  parse-resolv-conf
  accepted_payload_size 8192
  resolve_retries 3
  timeout resolve 1s
  timeout retry 1s
  hold valid 1s
  # Answers of two servers may differ for a moment, and one that doesn't answer takes no gateway away: that is for the health check.
  hold obsolete 10s
  hold nx 10s
  hold timeout 24h
  hold refused 24h
  hold other 24h

frontend clients
  bind :8080
{{- range .backends }}
{{- with .path }}
  # Where its own gateways answer nobody, the others do.
  use_backend longpoll if { path {{ . }} } { nbsrv(longpoll) gt 0 }
{{- end }}
{{- end }}
  default_backend gateways
{{- range .backends }}

backend {{ .name }}
{{- if eq $.algorithm "RoundRobin" }}
  balance roundrobin
{{- else if eq $.algorithm "LeastConnections" }}
  balance leastconn
{{- else }}
  # By what clients send of their session. A gateway that comes or goes changes only the keys that it wins or loses, and none gets further above the mean than maxSkew.
  balance url_param session
  hash-type consistent sdbm avalanche
  hash-balance-factor {{ add 100 $.maxSkew }}
  default-server weight 32
  # By address, several proxies place the same key alike. Older ones number the gateways as they find them, each in its own way.
  .if version_atleast(3.0)
  default-server hash-key addr
  .endif
{{- end }}
  # A client that polls stays where it is, as long as it may.
  option prefer-last-server
  option abortonclose
  # A gateway that is cordoned or drained isn't ready: it gets no new connection, and keeps those that it has.
  option httpchk GET /readyz
  http-check expect status 200
  timeout check 2s
  default-server check port 9090 inter 500ms fastinter 250ms rise 1 fall 2
  .if version_atleast(3.1)
  default-server init-state down
  .endif
  server-template gateway 1-{{ $.haproxy.maxGateways }} {{ .gateways }}:8080 resolvers cluster resolve-prefer ipv4 init-addr none
{{- end }}

frontend status
  bind :8404
  monitor-uri /readyz
  monitor fail if { stopping } || { nbsrv(gateways) lt 1 }
  http-request use-service prometheus-exporter if { path /metrics }
  http-request return status 200 if { path /healthz }
  http-request return status 404
