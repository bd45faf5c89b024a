FROM node:26-slim AS packages
WORKDIR /opt/passerelle
COPY package.json package-lock.json ./
# The image has Node, so the packages that bring it go again; other optional ones are wanted (the decoder of photos). No
# package runs a script.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM node:26-slim AS bundle
WORKDIR /opt/passerelle
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund && node deploy/bundle.ts

FROM node:26-slim
ENV NODE_ENV=production \
    PASSERELLE_REGION=/opt/passerelle/docker/region.yaml \
    PASSERELLE_STORE=file:/data/store \
    NODE_COMPILE_CACHE=/data/compiled
WORKDIR /opt/passerelle
COPY --from=packages /opt/passerelle/node_modules node_modules
COPY . .
COPY --from=bundle /opt/passerelle/dist dist
RUN mkdir --mode=0700 /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080 2575
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["docker/entrypoint.sh"]
CMD ["start"]
