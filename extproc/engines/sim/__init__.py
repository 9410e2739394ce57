"""A stand-in for one vLLM replica: its HTTP API, its scheduler and its metrics, without weights.

Everything a gateway can observe of a replica is modelled: which name answers, how the bytes of a
response are framed, how long a token takes under load, what /metrics says and how it fails. The
package knows nothing of the gateway in front of it.
"""
