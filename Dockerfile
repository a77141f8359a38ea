# syntax=docker/dockerfile:1
# The relay on the official Node image: nothing but production dependencies, no shell needed, no root.

FROM docker.io/library/node:26-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The packaged Node of the optional dependencies is for machines without Node 26; the image has it.
RUN npm ci --ignore-scripts --omit=dev --omit=optional --no-audit --no-fund

FROM docker.io/library/node:26-bookworm-slim
ENV NODE_ENV=production \
    LANG=C.UTF-8 \
    MALLOC_TRIM_THRESHOLD_=131072 \
    RELAY_STORAGE__PATH=/var/lib/relay
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY docker/healthcheck.mjs ./docker/
COPY plugins ./plugins
COPY storage ./storage
COPY src ./src
RUN mkdir -p /var/lib/relay /etc/relay && chown 10001:10001 /var/lib/relay && chmod 0700 /var/lib/relay
USER 10001:10001
VOLUME /var/lib/relay
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["node", "docker/healthcheck.mjs"]
STOPSIGNAL SIGTERM
# The flags of scripts/node-flags.json, and above the variables of scripts/node-environment.json.
ENTRYPOINT ["node", "--disable-proto=delete", "--max-semi-space-size=4", "--max-inlined-bytecode-size-cumulative=3000", "src/main.ts"]
CMD ["serve"]
