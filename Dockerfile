# Postern as a container: compiled JavaScript, production dependencies, no shell needed at run time, not root.
# scripts/prove-dockerfile.ts carries these steps out one by one in a clean directory, where no container engine is at hand.

FROM node:26-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Only the development dependency `node` has an install script, and this image has its own Node.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/build.ts ./scripts/
COPY src ./src
RUN node scripts/build.ts
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
RUN mkdir state

FROM node:26-slim
ENV NODE_ENV=production
WORKDIR /opt/postern
COPY package.json LICENSE ./
COPY bin ./bin
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
# Sessions and generated secrets; mount a volume here so that they outlive the container.
COPY --from=build --chown=node:node /build/state /var/lib/postern
ENV STATE_DIRECTORY=/var/lib/postern
USER node
EXPOSE 443
STOPSIGNAL SIGTERM
# Asks where `health_check_addr` listens unless it is moved; move it with HEALTH_CHECK_ADDR, so that both know.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["node", "-e", "fetch('http://' + (process.env.HEALTH_CHECK_ADDR ?? '127.0.0.1:28080') + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/opt/postern/bin/postern"]
CMD ["run", "--config", "/etc/postern/config.yaml"]
