# The router, and the simulator that stands for a tier. The tiers' own image is vLLM's.
#
#   buildah bud -t tiergate .      (or docker build)

ARG BASE=docker.io/library/python:3.11.13-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
# Locked by hash, wheels only: nothing is compiled, and no pip goes along.
COPY requirements-image.lock ./
RUN python3 -m venv --without-pip /app \
 && python3 -m pip --python /app/bin/python3 install --no-cache-dir --disable-pip-version-check \
      --require-hashes --only-binary=:all: --requirement requirements-image.lock
COPY pyproject.toml README.md LICENSE ./
COPY envoy/ envoy/
COPY extproc/ extproc/
RUN python3 -m pip --python /app/bin/python3 install --no-cache-dir --disable-pip-version-check \
      --no-deps --no-build-isolation . \
 && python3 -m pip --python /app/bin/python3 uninstall --yes --quiet \
      editables hatchling pathspec pluggy tomlkit trove-classifiers

FROM ${BASE}
LABEL org.opencontainers.image.title="tiergate" \
      org.opencontainers.image.description="An LLM gateway that decides, request by request, which tier answers." \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
# A number, which Kubernetes can tell from root; it owns nothing and writes nowhere but to /tmp.
USER 10001:10001
WORKDIR /tmp
EXPOSE 9002 9003 9004
ENTRYPOINT ["tiergate"]
CMD ["serve"]
