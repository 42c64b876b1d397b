# syntax=docker/dockerfile:1
# What is built does not depend on the processor, so only the last stage is made for each.
# One image for operator and gateways: `docker run IMAGE operator`, `docker run IMAGE gateway`, `docker run IMAGE --help`.
ARG NODE=24

FROM --platform=$BUILDPLATFORM node:${NODE}-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-fund --no-audit
COPY . .
RUN npm run build

FROM --platform=$BUILDPLATFORM node:${NODE}-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts --no-fund --no-audit

# Node and what it needs, and nothing else: no shell, no package manager.
FROM gcr.io/distroless/nodejs${NODE}-debian12:nonroot
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ChatCluster" \
      org.opencontainers.image.description="Autoscaling for live chat that no user notices." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# `node` is found by its name, here and in the commands of Pods.
ENV PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin \
    NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/bin ./bin
COPY --from=build /app/package.json /app/LICENSE ./
# Numeric, so that Kubernetes can see that it isn't root.
USER 65532:65532
# 8080 clients, 9090 a gateway's admin port, 9091 the operator's health and metrics.
EXPOSE 8080 9090 9091
# Node itself is process 1, without a shell between, so that SIGTERM reaches it.
ENTRYPOINT ["node", "/app/bin/chatcluster.js"]
CMD ["--help"]
