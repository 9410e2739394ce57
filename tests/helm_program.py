"""A program called helm that prints what a test gives it."""

import os
from pathlib import Path

import pytest
import yaml

CONFIG = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "tiergate-config"}}
FILTER = {"kind": "EnvoyFilter", "apiVersion": "networking.istio.io/v1alpha3", "metadata": {}}
ROUTE = {"kind": "HTTPRoute", "apiVersion": "gateway.networking.k8s.io/v1", "metadata": {}}
POLICY = {"kind": "NetworkPolicy", "apiVersion": "networking.k8s.io/v1", "metadata": {}}


def helm(folder: Path, patch: pytest.MonkeyPatch, *manifests: object, script: str = "") -> None:
    """A program of that name that prints the manifests, and then does what `script` says."""
    printed = folder / "printed.yaml"
    printed.write_text(yaml.safe_dump_all(manifests))
    program = folder / "helm"
    program.write_text(f'#!/bin/sh\necho "$@" > {folder}/asked\ncat {printed}\n{script}\n')
    program.chmod(0o755)
    patch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
