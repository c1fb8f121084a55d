# One image for every app and the banyan command; what runs is said by the arguments:
#
#   docker build -t banyan:0.1.0 .
#   docker run banyan:0.1.0 apps/new-api/dist/main.js
#   docker run --entrypoint banyan banyan:0.1.0 --help
#
# Where npm needs a registry of your own: docker build --secret id=npmrc,src=$HOME/.npmrc …

ARG APPS="apps/new-api apps/v2-projector apps/legacy-porter apps/legacy-api-proxy apps/cli"

FROM node:24-bookworm-slim AS node
WORKDIR /banyan

# Of each workspace the package.json alone: as long as none of them changes, both `npm ci` come from the cache.
FROM node AS manifests
COPY . .
ARG APPS
RUN mkdir /everything \
  && find . -name package.json -exec cp --parents {} /everything \; \
  && cp package-lock.json .npmrc /everything \
  && node tools/production-tree.mjs manifests /apps $APPS \
  && node tools/production-tree.mjs manifests /legacy examples/legacy-northwind

FROM node AS build
COPY --from=manifests /everything ./
RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --ignore-scripts
COPY . .
ARG APPS
RUN TURBO_TELEMETRY_DISABLED=1 npx turbo run build --filter='./apps/*' --filter=./examples/legacy-northwind \
  && node tools/production-tree.mjs built /apps $APPS \
  && node tools/production-tree.mjs built /legacy examples/legacy-northwind

# Node loads neither types nor source maps of packages; they are half of the bytes.
FROM node AS app-packages
COPY --from=manifests /apps ./
RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --ignore-scripts \
  && rm package-lock.json .npmrc \
  && find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' \) -delete

FROM node AS legacy-packages
COPY --from=manifests /legacy ./
RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --ignore-scripts \
  && rm package-lock.json .npmrc

# The same Debian with node and nothing else of that image: npm, yarn and headers have no business in production.
FROM debian:bookworm-slim AS runtime
COPY --from=node /usr/local/bin/node /usr/local/bin/node
RUN groupadd --gid 1000 banyan \
  && useradd --uid 1000 --gid 1000 --home-dir /banyan --no-create-home --shell /usr/sbin/nologin banyan \
  && install --directory --owner=1000 --group=1000 /var/lib/banyan \
  && ln -s /banyan/apps/cli/bin/banyan.mjs /usr/local/bin/banyan
ENV NODE_ENV=production
WORKDIR /banyan
COPY LICENSE ./
# A number, so that Kubernetes can see that it is not root. Nothing below /banyan is theirs to write.
USER 1000:1000
# The apps drain on it, and exit with 0 within 10 s. They handle it themselves, so that node may be process 1.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "--enable-source-maps"]

# The example of a legacy system, for docker-compose.yml: no part of Banyan's image.
FROM runtime AS legacy-northwind
COPY --from=legacy-packages /banyan ./
COPY --from=build /legacy ./
CMD ["examples/legacy-northwind/dist/main.js"]

# The last one is what `docker build` makes. Packages first: they change less often than code.
FROM runtime AS apps
COPY --from=app-packages /banyan ./
COPY --from=build /apps ./
CMD ["apps/cli/bin/banyan.mjs", "--help"]
