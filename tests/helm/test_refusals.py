"""Wrong values are refused, with a sentence that says what to write."""

import pytest
from charts import CHART, DEFAULT, RefusedError, helm, rendered

BY_SCHEMA = {
    "a misspelt key": ("{router: {replicaz: 2}}", "additional properties 'replicaz' not allowed"),
    "a wrong type": ("{router: {replicas: two}}", "got string, want integer"),
    "no tiers": ("{tiers: []}", "minItems: got 0, want 1"),
    "a tier without a model": ("{tiers: [{name: fast}]}", "missing property 'model'"),
    "a tier's bad name": ("{tiers: [{name: Fast, model: m}]}", "does not match pattern"),
    "a tier's name that no service may have": (
        "{tiers: [{name: fast-, model: m}]}",
        "does not match pattern",
    ),
    "an unknown engine": ("{tierDefaults: {engine: llama}}", "'vllm', 'sim'"),
    "the tag latest": ("{image: {tag: latest}}", "'not' failed"),
    "half a digest": ("{image: {digest: 'sha256:abc'}}", "does not match pattern"),
    "a password in a URL": (
        "{redis: {external: {url: 'redis://:secret@host:6379'}}}",
        "does not match pattern",
    ),
    "two policies": (
        "{config: {policy: {fixed: fast, threshold: {}}}}",
        "maxProperties: got 2, want 1",
    ),
    "an empty section": ("{router: null}", "missing property 'router'"),
    "an empty list": ("{tiers: null}", "missing property 'tiers'"),
    "an empty section within one": ("{istio: {gateway: null}}", "missing property 'gateway'"),
    "a section that the document has not": (
        "{config: {memo: {}}}",
        "additional properties 'memo' not allowed",
    ),
    "a wrong type in the document": (
        "{config: {gateway: {message_timeout_seconds: soon}}}",
        "got string, want number",
    ),
    "a misspelt key of vLLM's": (
        "{tierDefaults: {config: {vllm: {max_num_seq: 8}}}}",
        "additional properties 'max_num_seq' not allowed",
    ),
    "a label of the chart's": (
        "{commonLabels: {app.kubernetes.io/name: mine}}",
        "invalid propertyName 'app.kubernetes.io/name'",
    ),
    "a host that is an address": (
        "{istio: {gateway: {hosts: ['https://llm.example.org']}}}",
        "does not match pattern",
    ),
    "a host twice": (
        "{istio: {gateway: {hosts: [llm.example.org, llm.example.org]}}}",
        "are equal",
    ),
    "a token of nobody": ("{istio: {jwt: [{issuer: me}]}}", "oneOf"),
}
BY_CHART = {
    "tiers of one name": (
        "{tiers: [{name: fast, model: a}, {name: fast, model: b}]}",
        "fast stands twice: each tier needs a name of its own",
    ),
    "a tier called as a part": (
        "{tiers: [{name: router, model: a}], config: {policy: {fixed: router}}}",
        "call the tier something else",
    ),
    "a tier whose policy would replace the deny": (
        "{tiers: [{name: deny, model: a}], config: {policy: {fixed: deny}}}",
        "call the tier something else",
    ),
    "a tier called as the proxies that Istio starts": (
        "{tiers: [{name: gateway-istio, model: a}], config: {policy: {fixed: gateway-istio}}}",
        "call the tier something else",
    ),
    "a server that is not there": (
        "{tiers: [{name: a, model: a, sharesServerOf: b}], config: {policy: {fixed: a}}}",
        "a has sharesServerOf: b, which is no tier with a server of its own",
    ),
    "a claim without a name": (
        "{tierDefaults: {storage: {type: claim}}}",
        "write storage.claim",
    ),
    "a file system without a name": (
        "{tierDefaults: {storage: {type: fsx}}}",
        "write storage.fsx.fileSystemId, dnsName and mountName",
    ),
    "cards that are not used": (
        "{tierDefaults: {gpus: 2}}",
        "2 gpus and tensor_parallel_size 1: write the same for both",
    ),
    "other weights on one server": (
        (
            "{tiers: [{name: fast, model: a, config: {weights: w}},"
            " {name: reasoning, model: b, sharesServerOf: fast, config: {weights: x}}]}"
        ),
        "leave config.weights to that tier",
    ),
    "another model in the document": (
        "{tierDefaults: {config: {model: other}}}",
        "fast has config.model, which follows from model: leave it out of config",
    ),
    "another Redis in the document": (
        "{config: {state: {redis: {url: 'redis://host:6379'}}}}",
        "write redis.external.url",
    ),
    "settings of no Redis": (
        "{config: {state: {redis: {deadline_seconds: 0.1}}}}",
        "there is no Redis: write redis.external.url, or redis.enabled: true",
    ),
    "keys that are none": (
        "{istio: {jwt: [{issuer: me, jwks: nonsense}]}}",
        'jwks of me is no key set: write {"keys": […]} as JSON, or jwksUri',
    ),
    "one port for two protocols": (
        "{istio: {gateway: {port: 443, tls: {secretName: s, httpToo: true}}}}",
        "write another port beside it, or tls.httpToo: false",
    ),
    "a pool behind a VirtualService": (
        "{tierDefaults: {inferencePool: {enabled: true, endpointPicker: {name: e}}}}",
        "write istio.api: gateway",
    ),
    "a pool without a picker": (
        "{istio: {api: gateway}, tierDefaults: {inferencePool: {enabled: true}}}",
        "write inferencePool.endpointPicker.name",
    ),
    "an address of the chart's": (
        "{config: {server: {listen: '0.0.0.0:1'}}}",
        "config.server.listen follows from the Service: leave it out of config",
    ),
    "a number of the chart's": (
        "{config: {server: {workers: 2}}}",
        "config.server.workers follows from router.workers",
    ),
    "tiers in the document": ("{config: {tiers: []}}", "write them under tiers"),
    "an unknown default": (
        "{config: {default_tier: slow}}",
        "no tier is called slow; there are: fast, reasoning",
    ),
    "the shipped policy for other tiers": (
        "{tiers: [{name: a, model: a}]}",
        "the shipped policy asks for tiers called fast and reasoning",
    ),
    "bounds the wrong way round": (
        "{router: {autoscaling: {minReplicas: 5, maxReplicas: 2}}}",
        "router.autoscaling: minReplicas 5 is above maxReplicas 2",
    ),
    "two kinds of Redis": (
        "{redis: {enabled: true, auth: {existingSecret: s}, external: {url: 'redis://h:1'}}}",
        "write one of them",
    ),
    "a Redis without a password": ("{redis: {enabled: true}}", "write redis.auth.existingSecret"),
    "a store without a name": (
        "{externalSecrets: {enabled: true}}",
        "write storeRef.name",
    ),
    "mTLS without sidecars": (
        "{istio: {injection: false}}",
        "write istio.injection: true, or istio.mtls: false",
    ),
    "an image without a tag": (
        "{vllmImage: {tag: ''}}",
        "the image vllm/vllm-openai has no tag: write one, or a digest",
    ),
}
REFUSED = {**BY_SCHEMA, **BY_CHART}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_values_are_refused(case: str) -> None:
    """By the schema where it can say so, or else by the chart's own checks."""
    values, sentence = REFUSED[case]

    with pytest.raises(RefusedError) as caught:
        rendered(more=values)
    assert sentence in " ".join(str(caught.value).split())


def test_the_same_values_are_good_without_the_mistake() -> None:
    """What is refused above is not refused for something else."""
    assert rendered(DEFAULT)


def test_names_too_long_for_kubernetes_are_refused() -> None:
    """A StatefulSet's pods have a label of its name and eleven letters, of 63."""
    with pytest.raises(RefusedError, match="call the release or the tier something shorter"):
        helm("template", "a" * 43, CHART)
    assert helm("template", "a" * 42, CHART)


def test_an_older_kubernetes_is_refused() -> None:
    """The chart says which it is for."""
    with pytest.raises(RefusedError, match="incompatible with Kubernetes"):
        rendered(version="1.30")
